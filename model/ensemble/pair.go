package ensemble

import (
	"context"
	"errors"
	"sync"

	"example.com/mlapi"
)

// Pair is a classifier whose labels come from one model and whose scores come from
// another.
type Pair struct {
	info           *mlapi.Info
	labels, scores mlapi.Model
	pool           sync.Pool // of *work
}

// NewPair returns a classifier that predicts the class of labels and the scores of
// scores. Both take the features and have the classes of info.
func NewPair(info *mlapi.Info, labels, scores mlapi.Model) (*Pair, error) {
	for _, m := range [...]mlapi.Model{labels, scores} {
		i := m.Info()
		if i.Task != mlapi.Classifier || i.Outputs > 1 || len(i.Classes) != len(info.Classes) || len(i.Features) != len(info.Features) {
			return nil, errors.New("the two models of a pair have different classes or features")
		}
	}
	if info.Scores != scores.Info().Scores || info.Scores == mlapi.NoScores {
		return nil, errors.New("the second model of a pair gives other scores")
	}
	p := &Pair{info: info, labels: labels, scores: scores}
	p.pool.New = func() any { return new(work) }
	return p, nil
}

// Info describes the model.
func (p *Pair) Info() *mlapi.Info { return p.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (p *Pair) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	info := dst.Info
	defer func() { dst.Info = info }()
	if dst.Want != mlapi.WantScores {
		dst.Info = p.labels.Info()
		return p.labels.Predict(ctx, dst, m)
	}
	w := p.pool.Get().(*work)
	defer p.pool.Put(w)
	if err := ask(ctx, p.labels, &w.scores, mlapi.WantPredictions, m); err != nil {
		return err
	}
	dst.Info = p.scores.Info()
	if err := p.scores.Predict(ctx, dst, m); err != nil {
		return err
	}
	copy(dst.Class, w.scores.Class)
	return nil
}

// Finite is a model behind a check that all values are finite numbers.
type Finite struct{ mlapi.Model }

// NewFinite returns m behind a check that refuses missing and infinite values: an
// estimator that looks at its input before the members do. Texts pass.
func NewFinite(m mlapi.Model) Finite { return Finite{m} }

// Predict fills dst as mlapi.Model says. It does not change m.
func (f Finite) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	for i := range m.Samples() {
		columns, values := []int32(nil), []float64(nil)
		if m.Sparse() {
			columns, values = m.Entries(i)
		} else {
			values = m.Row(i)
		}
		for k, v := range values {
			if v-v == 0 {
				continue
			}
			column := k
			if columns != nil {
				column = int(columns[k])
			}
			if v != v {
				return mlapi.MissingValue(m.Number(i), column)
			}
			return mlapi.ValueTooLarge(m.Number(i), column)
		}
	}
	return f.Model.Predict(ctx, dst, m)
}
