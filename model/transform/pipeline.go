package transform

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.com/mlapi"
)

// mostCells bounds the values that stand between two steps: so many samples at once
// go through a pipeline that they are never more, were they dense.
const mostCells = 1 << 20

// Pipeline is a model behind transformers.
type Pipeline struct {
	info  *mlapi.Info
	chain *Chain
	last  mlapi.Model
	rows  int       // samples that go through at once
	parts sync.Pool // of *part
}

// part is the memory for some of the samples of a large block.
type part struct {
	in     mlapi.Matrix
	scores mlapi.Scores
}

// NewPipeline returns a model that hands what steps make of the features to last.
// info describes the whole: the features that the first step takes ([Features]
// makes them), otherwise what last says.
func NewPipeline(info *mlapi.Info, steps []Transformer, last mlapi.Model) (*Pipeline, error) {
	if info == nil || len(info.Features) == 0 || last == nil {
		return nil, errors.New("a pipeline needs features and a last estimator")
	}
	chain, err := NewChain(len(info.Features), steps)
	if err != nil {
		return nil, err
	}
	if _, out := chain.Width(); out != len(last.Info().Features) {
		return nil, fmt.Errorf("the last step takes %d columns and is given %d", len(last.Info().Features), out)
	}
	p := &Pipeline{info: info, chain: chain, last: last}
	widest := 1
	for _, w := range chain.widths {
		widest = max(widest, w)
	}
	p.rows = max(1, mostCells/widest)
	p.parts.New = func() any { return new(part) }
	return p, nil
}

// Info describes the model.
func (p *Pipeline) Info() *mlapi.Info { return p.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (p *Pipeline) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	if m.Samples() <= p.rows || m.Sparse() {
		return p.predict(ctx, dst, m)
	}
	w := p.parts.Get().(*part)
	defer p.parts.Put(w)
	for from := 0; from < m.Samples(); from += p.rows {
		to := min(from+p.rows, m.Samples())
		w.in.Slice(m, from, to)
		w.scores.Want, w.scores.Info = dst.Want, dst.Info
		if err := p.predict(ctx, &w.scores, &w.in); err != nil {
			return err
		}
		if from == 0 {
			dst.ResizeLike(&w.scores, m.Samples())
		}
		dst.CopyAt(from, &w.scores)
	}
	w.in.Reset(0)
	return nil
}

func (p *Pipeline) predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	return p.chain.run(ctx, m, func(x *mlapi.Matrix) error {
		info := dst.Info
		dst.Info = p.last.Info()
		err := p.last.Predict(ctx, dst, x)
		dst.Info = info
		return err
	})
}
