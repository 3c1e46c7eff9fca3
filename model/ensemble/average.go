package ensemble

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Member is a model of an Average.
type Member struct {
	Model  mlapi.Model
	Weight float64 // multiplies the answer
	// Features are the columns of the rows that the member is given, in its order;
	// nil means all.
	Features []int32
	// Classes are the classes of the whole that those of Model are, in its order; nil
	// means that they are the same.
	Classes []int32
	// Votes says that the member gives a vote for a class, and not its scores.
	Votes bool
}

// Average is the weighted mean of what its members answer.
type Average struct {
	info    *mlapi.Info
	members []Member
	width   int
	total   float64
	pool    sync.Pool // of *work
}

// NewAverage returns a model that adds up what the members answer, in their order,
// each times its weight, and divides by the sum of the weights: the scores of
// classifiers (info.Scores says which, the class being the first of the most
// probable, or the sign of a single decision value) or the numbers of regressors.
// So predict scikit-learn's VotingClassifier (soft), VotingRegressor,
// BaggingClassifier and BaggingRegressor.
func NewAverage(info *mlapi.Info, members []Member) (*Average, error) {
	a := &Average{info: info, members: members}
	a.pool.New = func() any { return new(work) }
	if a.width = valuesOf(a); a.width < 1 || len(members) == 0 {
		return nil, errors.New("there are no members, or nothing to add up")
	}
	for i := range members {
		a.total += members[i].Weight
		if err := a.check(&members[i]); err != nil {
			return nil, fmt.Errorf("member %d: %w", i, err)
		}
	}
	if err := finite("the sum of the weights", []float64{a.total}); err != nil || a.total == 0 {
		return nil, errors.New("the weights add up to nothing")
	}
	return a, nil
}

// check returns an error unless p fits.
func (a *Average) check(p *Member) error {
	info := p.Model.Info()
	if err := finite("the weight", []float64{p.Weight}); err != nil {
		return err
	}
	if (p.Features == nil && len(info.Features) != len(a.info.Features)) || (p.Features != nil && len(info.Features) != len(p.Features)) {
		return fmt.Errorf("it takes %d features", len(info.Features))
	}
	for _, f := range p.Features {
		if f < 0 || int(f) >= len(a.info.Features) {
			return fmt.Errorf("it takes feature %d of %d", f, len(a.info.Features))
		}
	}
	if (info.Task == mlapi.Classifier) != (a.info.Task == mlapi.Classifier) {
		return fmt.Errorf("it is a %s", info.Task)
	}
	if p.Classes == nil {
		if !p.Votes && valuesOf(p.Model) != a.width || p.Votes && (len(info.Classes) != a.width || info.Outputs > 1) {
			return fmt.Errorf("it answers %d values, want %d", valuesOf(p.Model), a.width)
		}
		return nil
	}
	if len(p.Classes) != len(info.Classes) || a.width != len(a.info.Classes) || !p.Votes && valuesOf(p.Model) != len(p.Classes) {
		return fmt.Errorf("it has %d classes of %d and %d values", len(p.Classes), len(a.info.Classes), valuesOf(p.Model))
	}
	for _, c := range p.Classes {
		if c < 0 || int(c) >= a.width {
			return fmt.Errorf("it has class %d of %d", c, a.width)
		}
	}
	return nil
}

// Info describes the model.
func (a *Average) Info() *mlapi.Info { return a.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (a *Average) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	w := a.pool.Get().(*work)
	defer a.pool.Put(w)
	n := m.Samples()
	classifier := a.info.Task == mlapi.Classifier
	var sums []float64
	if !classifier || dst.Want == mlapi.WantScores {
		dst.Resize(n, classifier, a.width)
		sums = dst.Values
	} else {
		dst.Resize(n, true, 0)
		w.cells = vector.Resize(w.cells, n*a.width)
		sums = w.cells
	}
	clear(sums)
	for i := range a.members {
		if err := a.add(ctx, w, sums, m, &a.members[i]); err != nil {
			return err
		}
	}
	for i := range n {
		row := sums[i*a.width : (i+1)*a.width]
		for k, v := range row {
			row[k] = v / a.total
			if row[k]-row[k] != 0 {
				return overflow(m, i)
			}
		}
		if classifier {
			dst.Class[i] = choose(row)
		}
	}
	return nil
}

// choose returns the class that scores speak for.
func choose(scores []float64) int32 {
	if len(scores) == 1 {
		if scores[0] > 0 {
			return 1
		}
		return 0
	}
	return vector.ArgMax(scores)
}

// add adds the answer of one member to sums.
func (a *Average) add(ctx context.Context, w *work, sums []float64, m *mlapi.Matrix, p *Member) error {
	x := m
	if p.Features != nil {
		w.spare = vector.Resize(w.spare, m.Width())
		pick(&w.other, m, p.Features, w.spare)
		x = &w.other
		defer w.other.Reset(0)
	}
	want := mlapi.WantScores
	if p.Votes {
		want = mlapi.WantPredictions
	}
	if err := ask(ctx, p.Model, &w.scores, want, x); err != nil {
		return back(err, p.Features)
	}
	weight := p.Weight
	for i := range m.Samples() {
		row := sums[i*a.width : (i+1)*a.width]
		switch {
		case p.Votes && p.Classes == nil:
			row[w.scores.Class[i]] += weight
		case p.Votes:
			row[p.Classes[w.scores.Class[i]]] += weight
		case p.Classes == nil:
			for k, v := range w.scores.Row(i) {
				row[k] += float64(v * weight)
			}
		default:
			for k, v := range w.scores.Row(i) {
				row[p.Classes[k]] += float64(v * weight)
			}
		}
	}
	return nil
}

// pick fills dst with the given columns of src, dense or sparse as that is.
func pick(dst, src *mlapi.Matrix, columns []int32, scratch []float64) {
	dst.Like(src)
	if !src.Sparse() {
		dst.Resize(src.Samples(), len(columns))
		for i := range src.Samples() {
			from, to := src.Row(i), dst.Row(i)
			for k, c := range columns {
				to[k] = from[c]
			}
		}
		return
	}
	dst.ResizeSparse(len(columns))
	for i := range src.Samples() {
		row := src.DenseRow(i, scratch)
		for k, c := range columns {
			if v := row[c]; v != 0 {
				dst.Append(k, v)
			}
		}
		dst.EndSample()
	}
}

// back returns err, about a column of those that a member was given, with the
// column of the whole.
func back(err error, columns []int32) error {
	var e *mlapi.Error
	if columns == nil || !errors.As(err, &e) {
		return err
	}
	if c, known := e.Column(); known && c < len(columns) {
		return e.InColumn(int(columns[c]), "")
	}
	return err
}
