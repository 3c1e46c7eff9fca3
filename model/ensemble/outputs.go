package ensemble

import (
	"context"
	"errors"
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Output is the model of one output, a classifier or a regressor.
type Output struct {
	Model mlapi.Model
	// Classes are the classes of the whole that those of Model are.
	Classes []int32
}

// check returns an error unless o can be an output of a model that is described by
// info and hands it so many features.
func (o *Output) check(info *mlapi.Info, features int) error {
	i := o.Model.Info()
	switch {
	case i.Task != info.Task:
		return fmt.Errorf("it is a %s, want a %s", i.Task, info.Task)
	case len(i.Features) != features:
		return fmt.Errorf("it takes %d features, want %d", len(i.Features), features)
	case i.Task == mlapi.Regressor && i.Outputs != 1 || i.Outputs > 1:
		return fmt.Errorf("it has %d outputs of its own", i.Outputs)
	case len(o.Classes) != len(i.Classes):
		return fmt.Errorf("%d of its %d classes are known", len(o.Classes), len(i.Classes))
	}
	for _, c := range o.Classes {
		if c < 0 || int(c) >= len(info.Classes) {
			return fmt.Errorf("it has class %d of %d", c, len(info.Classes))
		}
	}
	return nil
}

// answers gives dst room for the answers of models of so many outputs.
func answers(dst *mlapi.Scores, info *mlapi.Info, samples, outputs int) error {
	switch {
	case info.Task == mlapi.Regressor:
		dst.Resize(samples, false, outputs)
	case outputs > 1:
		dst.ResizeOutputs(samples, outputs)
	default:
		dst.Resize(samples, true, 0)
	}
	return nil
}

// store writes the answers of one output in s, of samples from first on, to dst.
func (o *Output) store(dst, s *mlapi.Scores, first, k, outputs int) {
	for i := range s.Samples() {
		at := (first+i)*outputs + k
		if len(s.Class) > 0 {
			dst.Class[at] = o.Classes[s.Class[i]]
		} else {
			dst.Values[at] = s.Values[i]
		}
	}
}

// Outputs is a model for each output.
type Outputs struct {
	info   *mlapi.Info
	models []Output
	pool   table
}

// NewOutputs returns a classifier or regressor whose outputs are predicted by one
// model each (scikit-learn's MultiOutputClassifier and MultiOutputRegressor). It
// gives no scores.
func NewOutputs(info *mlapi.Info, models []Output) (*Outputs, error) {
	if err := outputs(info, models, func(int) int { return len(info.Features) }); err != nil {
		return nil, err
	}
	o := &Outputs{info: info, models: models}
	o.pool.pool.New = func() any { return new(work) }
	return o, nil
}

// outputs checks models, of which number k is given features(k) features.
func outputs(info *mlapi.Info, models []Output, features func(k int) int) error {
	if len(models) == 0 || len(models) != max(1, info.Outputs) || info.Scores != mlapi.NoScores {
		return fmt.Errorf("%d models for %d outputs", len(models), info.Outputs)
	}
	for k := range models {
		if err := models[k].check(info, features(k)); err != nil {
			return fmt.Errorf("output %d: %w", k, err)
		}
	}
	return nil
}

// Info describes the model.
func (o *Outputs) Info() *mlapi.Info { return o.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (o *Outputs) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	w := o.pool.pool.Get().(*work)
	defer o.pool.pool.Put(w)
	if err := answers(dst, o.info, m.Samples(), len(o.models)); err != nil {
		return err
	}
	for k := range o.models {
		if err := ask(ctx, o.models[k].Model, &w.scores, mlapi.WantPredictions, m); err != nil {
			return err
		}
		o.models[k].store(dst, &w.scores, 0, k, len(o.models))
	}
	return nil
}

// Link is one model of a Chain.
type Link struct {
	Output        // what it answers
	Feed   Column // what the models behind it are given of it
	At     int    // the output that it is
}

// Chain is a model for each output, that is also given what those before it say.
type Chain struct {
	info  *mlapi.Info
	links []Link
	pool  table
}

// NewChain returns a model whose outputs are predicted one after the other, each
// given the features and behind them one number of each model before it
// (scikit-learn's ClassifierChain and RegressorChain). It gives no scores.
func NewChain(info *mlapi.Info, links []Link) (*Chain, error) {
	models, taken := make([]Output, len(links)), make([]bool, len(links))
	for k := range links {
		l := &links[k]
		models[k] = l.Output
		if l.At < 0 || l.At >= len(links) || taken[l.At] {
			return nil, fmt.Errorf("the order of the outputs is none: %d", l.At)
		}
		taken[l.At] = true
	}
	features := func(k int) int { return len(info.Features) + k }
	if err := outputs(info, models, features); err != nil {
		return nil, err
	}
	for k := range links {
		if err := links[k].Feed.check(features(k)); err != nil || links[k].Feed.width() != 1 {
			return nil, errors.Join(fmt.Errorf("output %d gives no number", k), err)
		}
	}
	c := &Chain{info: info, links: links}
	c.pool.pool.New = func() any { return new(work) }
	return c, nil
}

// Info describes the model.
func (c *Chain) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *Chain) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	w := c.pool.pool.Get().(*work)
	defer c.pool.pool.Put(w)
	outputs := len(c.links)
	if err := answers(dst, c.info, m.Samples(), outputs); err != nil {
		return err
	}
	rows := max(1, mostCells/(m.Width()+outputs))
	return parts(w, m, rows, func(first int, part *mlapi.Matrix) error {
		n := part.Samples()
		w.cells = vector.Resize(w.cells, n*outputs)
		defer w.other.Reset(0)
		for k := range c.links {
			l := &c.links[k]
			longer(&w.other, part, w.cells, outputs, k)
			if err := ask(ctx, l.Model, &w.scores, mlapi.WantPredictions, &w.other); err != nil {
				return err
			}
			l.store(dst, &w.scores, first, l.At, outputs)
			if err := l.Feed.read(ctx, &w.scores, w.cells[k:], outputs, &w.other); err != nil {
				return err
			}
		}
		return nil
	})
}

// longer fills dst with src and, behind its columns, the first k of the numbers
// that each sample has in cells.
func longer(dst, src *mlapi.Matrix, cells []float64, stride, k int) {
	dst.Like(src)
	width := src.Width()
	if !src.Sparse() {
		dst.Resize(src.Samples(), width+k)
		for i := range src.Samples() {
			row := dst.Row(i)
			copy(row, src.Row(i))
			copy(row[width:], cells[i*stride:i*stride+k])
		}
		return
	}
	dst.ResizeSparse(width + k)
	for i := range src.Samples() {
		columns, values := src.Entries(i)
		for n, c := range columns {
			dst.Append(int(c), values[n])
		}
		for n, v := range cells[i*stride : i*stride+k] {
			dst.Append(width+n, v)
		}
		dst.EndSample()
	}
}

// Shares chooses a class for each output from the numbers of one model.
type Shares struct {
	info    *mlapi.Info
	model   mlapi.Model
	classes [][]int32
	stride  int
	pool    table
}

// NewShares returns a classifier of several outputs: output k is the class of the
// first of the greatest of the numbers k*stride, k*stride+1, ... of model, a
// regressor; classes[k] are the classes of the whole that these are for. So
// predict scikit-learn's trees and forests of several outputs.
func NewShares(info *mlapi.Info, model mlapi.Model, classes [][]int32, stride int) (*Shares, error) {
	i := model.Info()
	if len(classes) != info.Outputs || stride < 1 || i.Task != mlapi.Regressor || i.Outputs != len(classes)*stride || len(i.Features) != len(info.Features) {
		return nil, fmt.Errorf("%d numbers for %d outputs of %d classes", i.Outputs, len(classes), stride)
	}
	for k, list := range classes {
		if len(list) == 0 || len(list) > stride {
			return nil, fmt.Errorf("output %d has %d classes of %d", k, len(list), stride)
		}
		for _, c := range list {
			if c < 0 || int(c) >= len(info.Classes) {
				return nil, fmt.Errorf("output %d has class %d of %d", k, c, len(info.Classes))
			}
		}
	}
	s := &Shares{info: info, model: model, classes: classes, stride: stride}
	s.pool.pool.New = func() any { return new(work) }
	return s, nil
}

// Info describes the model.
func (s *Shares) Info() *mlapi.Info { return s.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (s *Shares) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	w := s.pool.pool.Get().(*work)
	defer s.pool.pool.Put(w)
	outputs := len(s.classes)
	if err := answers(dst, s.info, m.Samples(), outputs); err != nil {
		return err
	}
	return parts(w, m, max(1, mostCells/(outputs*s.stride)), func(first int, part *mlapi.Matrix) error {
		if err := ask(ctx, s.model, &w.scores, mlapi.WantPredictions, part); err != nil {
			return err
		}
		for i := range part.Samples() {
			row := w.scores.Row(i)
			for k, classes := range s.classes {
				from := k * s.stride
				dst.Class[(first+i)*outputs+k] = classes[vector.ArgMax(row[from:from+len(classes)])]
			}
		}
		return nil
	})
}
