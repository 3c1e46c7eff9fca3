// Package transform is what a fitted pipeline does to the features before its last
// estimator sees them.
//
// A [Transformer] changes a matrix in place; [NewPipeline] puts some in front of a
// model and makes a model of the whole:
//
//	p, err := transform.NewPipeline(info, []transform.Transformer{scaler}, forest)
//
// The pipeline works on a copy of the matrix it is given, in memory that it
// reuses, so transformers are free to overwrite. Missing values (NaN) pass
// through scalers, as in scikit-learn; whether they are accepted is the last
// estimator's affair.
package transform

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.com/mlapi"
)

// Transformer changes the features of m in place. An input it cannot take is an
// Invalid *mlapi.Error with row and column.
//
// Transform is called by many goroutines at once, each with its own m, which it
// must not keep.
type Transformer interface {
	Transform(ctx context.Context, m *mlapi.Matrix) error
}

// Func makes a Transformer of a function.
type Func func(ctx context.Context, m *mlapi.Matrix) error

// Transform calls f.
func (f Func) Transform(ctx context.Context, m *mlapi.Matrix) error { return f(ctx, m) }

// Pipeline is a model behind transformers.
type Pipeline struct {
	info    *mlapi.Info
	steps   []Transformer
	last    mlapi.Model
	scratch sync.Pool // of *mlapi.Matrix
}

// NewPipeline returns a model that hands what steps make of the features to last.
// info describes the whole: the features that the first step takes, otherwise
// what last says.
func NewPipeline(info *mlapi.Info, steps []Transformer, last mlapi.Model) (*Pipeline, error) {
	if len(info.Features) == 0 || last == nil {
		return nil, errors.New("a pipeline needs features and a last estimator")
	}
	for i, s := range steps {
		if s == nil {
			return nil, fmt.Errorf("step %d is nil", i)
		}
	}
	p := &Pipeline{info: info, steps: steps, last: last}
	p.scratch.New = func() any { return new(mlapi.Matrix) }
	return p, nil
}

// Info describes the model.
func (p *Pipeline) Info() *mlapi.Info { return p.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (p *Pipeline) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	x := p.scratch.Get().(*mlapi.Matrix)
	defer p.scratch.Put(x)
	x.Reset(m.Number(0))
	x.Resize(m.Samples(), m.Width())
	copy(x.Data, m.Data)
	for _, s := range p.steps {
		if err := s.Transform(ctx, x); err != nil {
			return err
		}
	}
	return p.last.Predict(ctx, dst, x)
}
