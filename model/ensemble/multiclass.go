package ensemble

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// OneVsRest is a classifier made of one for each class.
type OneVsRest struct {
	info   *mlapi.Info
	scores *table
	how    Rest
}

// Rest says how a OneVsRest chooses.
type Rest struct {
	// Threshold is what the score of one column of two classes, or of each of several
	// labels, has to be above.
	Threshold float64
	// LastOfEqual says that the last of equal greatest scores is chosen.
	LastOfEqual bool
	// Labels says that each column is a label of its own, there or not: the answer has
	// an output for each, of the classes 0 and 1.
	Labels bool
}

// NewOneVsRest returns a classifier by one score for each class, or one score for
// two classes (scikit-learn's OneVsRestClassifier). With mlapi.Decision it answers
// the scores as they are, with mlapi.Probability divided by their sum. Columns
// take Last.
func NewOneVsRest(info *mlapi.Info, columns []Column, how Rest) (*OneVsRest, error) {
	t, err := newTable(len(info.Features), columns)
	if err != nil {
		return nil, err
	}
	wide := len(info.Classes) == t.width && t.width > 1
	switch {
	case how.Labels && (t.width != max(1, info.Outputs) || len(info.Classes) != 2 || info.Scores != mlapi.NoScores):
		return nil, fmt.Errorf("%d scores for %d labels", t.width, info.Outputs)
	case !how.Labels && !wide && (t.width != 1 || len(info.Classes) != 2):
		return nil, fmt.Errorf("%d scores for %d classes", t.width, len(info.Classes))
	case math.IsNaN(how.Threshold):
		return nil, errors.New("the threshold is no number")
	}
	return &OneVsRest{info, t, how}, nil
}

// Info describes the model.
func (o *OneVsRest) Info() *mlapi.Info { return o.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (o *OneVsRest) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := false
	if o.how.Labels && o.info.Outputs > 1 {
		dst.ResizeOutputs(m.Samples(), o.info.Outputs)
	} else {
		scores = shape(dst, m.Samples(), valuesOf(o))
	}
	return o.scores.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		for i := range part.Samples() {
			row := o.scores.row(w, i)
			switch {
			case o.how.Labels:
				for k, v := range row {
					dst.Class[(first+i)*len(row)+k] = above(v, o.how.Threshold)
				}
			case len(row) == 1:
				dst.Class[first+i] = above(row[0], o.how.Threshold)
			case o.how.LastOfEqual:
				dst.Class[first+i] = lastMax(row)
			default:
				dst.Class[first+i] = vector.ArgMax(row)
			}
			if scores {
				o.values(dst.Row(first+i), row)
			}
		}
		return nil
	})
}

// values writes the scores of one sample to dst.
func (o *OneVsRest) values(dst, row []float64) {
	switch {
	case o.info.Scores == mlapi.Decision:
		copy(dst, row)
		return
	case len(row) == 1:
		dst[0], dst[1] = 1-row[0], row[0]
	default:
		copy(dst, row)
	}
	sum := 0.0
	for _, v := range dst {
		sum += v
	}
	if sum == 0 {
		return
	}
	for k := range dst {
		dst[k] /= sum
	}
}

func above(v, threshold float64) int32 {
	if v > threshold {
		return 1
	}
	return 0
}

// lastMax returns the index of the last of the greatest values.
func lastMax(values []float64) int32 {
	best := 0
	for k, v := range values {
		if v >= values[best] {
			best = k
		}
	}
	return int32(best)
}

// OneVsOne is a classifier made of one for each pair of classes.
type OneVsOne struct {
	info      *mlapi.Info
	pairs     *table // of each pair what it says, then how sure it is
	threshold float64
	members   []mlapi.Model
}

// NewOneVsOne returns a classifier by the votes of one classifier for each pair of
// classes, (0, 1), (0, 2), ... (1, 2), ..., ties being broken by how sure they are
// (scikit-learn's OneVsOneClassifier). The members have two classes, or one number,
// and answer one score (Take Last). Of two classes the second is chosen where its
// sum of votes is above threshold; NaN means where it is the greater of the two.
func NewOneVsOne(info *mlapi.Info, members []mlapi.Model, threshold float64) (*OneVsOne, error) {
	n := len(info.Classes)
	if n < 2 || len(members) != n*(n-1)/2 || info.Scores != mlapi.Decision {
		return nil, fmt.Errorf("%d members for the pairs of %d classes", len(members), n)
	}
	columns := make([]Column, len(members))
	for i, m := range members {
		if k := len(m.Info().Classes); m.Info().Task == mlapi.Classifier && k != 2 {
			return nil, fmt.Errorf("member %d has %d classes, want 2", i, k)
		}
		columns[i] = Column{Model: m, Take: Last}
	}
	t, err := newTable(len(info.Features), columns)
	if err != nil {
		return nil, err
	}
	return &OneVsOne{info: info, pairs: t, threshold: threshold, members: members}, nil
}

// Info describes the model.
func (o *OneVsOne) Info() *mlapi.Info { return o.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (o *OneVsOne) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	n, members := len(o.info.Classes), len(o.members)
	scores := shape(dst, m.Samples(), valuesOf(o))
	w := o.pairs.pool.Get().(*work)
	defer o.pairs.pool.Put(w)
	return parts(w, m, o.pairs.rows, func(first int, part *mlapi.Matrix) error {
		samples := part.Samples()
		w.cells = vector.Resize(w.cells, 2*samples*n)
		clear(w.cells)
		votes, sure := w.cells[:samples*n], w.cells[samples*n:]
		i, j := 0, 1
		for k := range members {
			if err := o.add(ctx, w, part, k, func(s int, says bool, how float64) {
				sure[s*n+i] -= how
				sure[s*n+j] += how
				if says {
					votes[s*n+j]++
				} else {
					votes[s*n+i]++
				}
			}); err != nil {
				return err
			}
			if j++; j == n {
				i++
				j = i + 1
			}
		}
		for s := range samples {
			row := votes[s*n : (s+1)*n]
			for k, v := range sure[s*n : (s+1)*n] {
				row[k] += sureness(v)
			}
			o.answer(dst, first+s, row, scores)
		}
		return nil
	})
}

// sureness brings a sum of scores between -1/3 and 1/3, so that it decides only where
// votes are equal.
func sureness(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.Copysign(1./3, v)
	}
	return v / (3 * (math.Abs(v) + 1))
}

// add asks member k and calls use with what it says of each sample: whether the
// second class of the pair, and how sure it is of that.
func (o *OneVsOne) add(ctx context.Context, w *work, part *mlapi.Matrix, k int, use func(s int, says bool, how float64)) error {
	if err := ask(ctx, o.members[k], &w.scores, mlapi.WantScores, part); err != nil {
		return err
	}
	for s := range part.Samples() {
		how := w.scores.Values[(s+1)*w.scores.Width-1]
		if len(w.scores.Class) == 0 {
			// A regressor's number is a vote only where it is a class.
			use(s, how == 1, how)
			continue
		}
		use(s, w.scores.Class[s] == 1, how)
	}
	return nil
}

func (o *OneVsOne) answer(dst *mlapi.Scores, i int, row []float64, scores bool) {
	if len(row) == 2 && !math.IsNaN(o.threshold) {
		dst.Class[i] = above(row[1], o.threshold)
	} else {
		dst.Class[i] = vector.ArgMax(row)
	}
	if scores {
		values := dst.Row(i)
		copy(values, row[len(row)-len(values):])
	}
}

// Codes is a classifier by a code word for each class.
type Codes struct {
	info *mlapi.Info
	bits *table
	book []float64 // classes x bits
	size []float64 // by class: the square of the word's length
}

// NewCodes returns a classifier that chooses the class whose code word is nearest to
// the members' scores (scikit-learn's OutputCodeClassifier). Book is classes x
// columns, row-major. Columns take Last; it gives no scores.
func NewCodes(info *mlapi.Info, columns []Column, book []float64) (*Codes, error) {
	t, err := newTable(len(info.Features), columns)
	if err != nil {
		return nil, err
	}
	if len(info.Classes) == 0 || len(book) != len(info.Classes)*t.width {
		return nil, fmt.Errorf("a code book of %d numbers for %d classes and %d scores", len(book), len(info.Classes), t.width)
	}
	c := &Codes{info: info, bits: t, book: book}
	for ; len(book) > 0; book = book[t.width:] {
		c.size = append(c.size, dot(book[:t.width], book[:t.width]))
	}
	return c, finite("the code book", c.book)
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for k := range a {
		sum += float64(a[k] * b[k])
	}
	return sum
}

// Info describes the model.
func (c *Codes) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *Codes) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), true, 0)
	return c.bits.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		for i := range part.Samples() {
			row := c.bits.row(w, i)
			best, least := 0, math.Inf(1)
			for k, size := range c.size {
				word := c.book[k*len(row) : (k+1)*len(row)]
				if d := size - 2*dot(row, word); d < least {
					best, least = k, d
				}
			}
			dst.Class[first+i] = int32(best)
		}
		return nil
	})
}
