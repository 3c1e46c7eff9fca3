package ensemble

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
)

// Transformer makes a matrix of another one, as those of package transform do: dst is
// empty and has been told by Matrix.Like what src is.
type Transformer interface {
	Transform(ctx context.Context, dst, src *mlapi.Matrix) error
}

// Inverse turns a predicted number of one output into what it stands for.
type Inverse func(output int, v float64) float64

// Transform applies f to every value.
func (f Inverse) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	dst.Resize(src.Samples(), src.Width())
	for i := range src.Samples() {
		to := dst.Row(i)
		for k, v := range src.Row(i) {
			to[k] = f(k, v)
		}
	}
	return nil
}

// Target is a regressor of a transformed target.
type Target struct {
	info  *mlapi.Info
	model mlapi.Model
	steps []Transformer
	pool  sync.Pool // of *work
}

// NewTarget returns a regressor that puts what model predicts, samples x outputs,
// through steps, one after the other (scikit-learn's TransformedTargetRegressor). A
// result that is no finite number is an Invalid *mlapi.Error at prediction.
func NewTarget(info *mlapi.Info, model mlapi.Model, steps []Transformer) (*Target, error) {
	i := model.Info()
	if i.Task != mlapi.Regressor || i.Outputs != info.Outputs || len(i.Features) != len(info.Features) {
		return nil, fmt.Errorf("the regressor has %d outputs, want %d", i.Outputs, info.Outputs)
	}
	for _, s := range steps {
		if s == nil {
			return nil, errors.New("a step is missing")
		}
	}
	t := &Target{info: info, model: model, steps: steps}
	t.pool.New = func() any { return new(work) }
	return t, nil
}

// Info describes the model.
func (t *Target) Info() *mlapi.Info { return t.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (t *Target) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	w := t.pool.Get().(*work)
	defer t.pool.Put(w)
	if err := ask(ctx, t.model, &w.scores, mlapi.WantPredictions, m); err != nil {
		return err
	}
	from, to := &w.part, &w.other
	from.Reset(m.Number(0))
	from.Resize(m.Samples(), t.info.Outputs)
	copy(from.Data, w.scores.Values)
	for _, s := range t.steps {
		to.Like(from)
		if err := s.Transform(ctx, to, from); err != nil {
			return ofTarget(err, m)
		}
		from, to = to, from
	}
	dst.Resize(m.Samples(), false, t.info.Outputs)
	if from.Width() != t.info.Outputs || from.Sparse() {
		return mlapi.Internalf("ensemble: %d targets became %d", t.info.Outputs, from.Width())
	}
	for i := range m.Samples() {
		for _, v := range from.Row(i) {
			if v-v != 0 {
				return overflow(m, i)
			}
		}
		copy(dst.Row(i), from.Row(i))
	}
	return nil
}

// ofTarget returns err, about a column of the target, with the column of the greatest
// value of its sample.
func ofTarget(err error, m *mlapi.Matrix) error {
	var e *mlapi.Error
	if !errors.As(err, &e) {
		return err
	}
	row, known := e.Row()
	if row -= m.Number(0); !known || row < 0 || row >= m.Samples() {
		return err
	}
	return e.InColumn(largest(m, row), "")
}

// Threshold is a classifier of two classes by a threshold of its own.
type Threshold struct {
	info     *mlapi.Info
	model    mlapi.Model
	score    *table
	limit    float64
	positive int32
}

// NewThreshold returns a classifier that chooses the class positive (0 or 1) where
// its score in model is at least limit, and the other one elsewhere (scikit-learn's
// FixedThresholdClassifier and TunedThresholdClassifierCV). The scores that it
// answers are those of model.
func NewThreshold(info *mlapi.Info, model mlapi.Model, limit float64, positive int32) (*Threshold, error) {
	i := model.Info()
	if len(i.Classes) != 2 || len(info.Classes) != 2 || i.Scores != info.Scores || positive < 0 || positive > 1 || math.IsNaN(limit) {
		return nil, errors.New("the classifier has not two classes, or there is no threshold")
	}
	t, err := newTable(len(info.Features), []Column{{Model: model}})
	if err != nil {
		return nil, err
	}
	return &Threshold{info, model, t, limit, positive}, nil
}

// Info describes the model.
func (t *Threshold) Info() *mlapi.Info { return t.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (t *Threshold) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := shape(dst, m.Samples(), t.score.width)
	return t.score.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		for i := range part.Samples() {
			row := t.score.row(w, i)
			if scores {
				copy(dst.Row(first+i), row)
			}
			score := row[len(row)-1]
			if t.positive == 0 && len(row) == 2 {
				score = row[0]
			} else if t.positive == 0 {
				score = -score
			}
			dst.Class[first+i] = 1 - t.positive
			if score >= t.limit {
				dst.Class[first+i] = t.positive
			}
		}
		return nil
	})
}
