package ensemble

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Margins gives sums per row before any link function: boosted trees do.
type Margins interface {
	Features() int
	Outputs() int
	Margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error
}

// Gradient says what a Boosting makes of the margins of a row.
type Gradient struct {
	// Start is a model whose answer the margins are added to; nil for none. It is
	// given the features rounded to float32.
	Start mlapi.Model
	// StartLink turns what Start answers into margins.
	StartLink func(dst, answer []float64)
	// Link turns margins into what is answered; nil where that is the margins.
	Link func(dst, margins []float64)
	// Class returns the class of a row of a classifier.
	Class func(margins []float64) int32
}

// Boosting is gradient boosting of scikit-learn.
type Boosting struct {
	info  *mlapi.Info
	trees Margins
	how   Gradient
	width int       // values that are answered
	pool  sync.Pool // of *work
}

// NewBoosting returns a classifier or regressor of boosted trees (scikit-learn's
// GradientBoosting and HistGradientBoosting estimators).
func NewBoosting(info *mlapi.Info, trees Margins, how Gradient) (*Boosting, error) {
	b := &Boosting{info: info, trees: trees, how: how}
	b.pool.New = func() any { return new(work) }
	b.width = valuesOf(b)
	classifier := info.Task == mlapi.Classifier
	switch {
	case !classifier && info.Task != mlapi.Regressor:
		return nil, fmt.Errorf("boosted trees make no %s", info.Task)
	case len(info.Features) != trees.Features():
		return nil, fmt.Errorf("%d features are described, the trees take %d", len(info.Features), trees.Features())
	case b.width < 1 || how.Link == nil && b.width != trees.Outputs():
		return nil, fmt.Errorf("the trees have %d sums, want %d", trees.Outputs(), b.width)
	case classifier && (how.Class == nil || trees.Outputs() != 1 && trees.Outputs() != len(info.Classes)):
		return nil, fmt.Errorf("the trees have %d sums for %d classes", trees.Outputs(), len(info.Classes))
	case how.Start == nil:
		return b, nil
	case how.StartLink == nil || len(how.Start.Info().Features) != len(info.Features) || valuesOf(how.Start) < 1:
		return nil, errors.New("the estimator that they start from takes other features, or answers nothing")
	}
	return b, nil
}

// Info describes the model.
func (b *Boosting) Info() *mlapi.Info { return b.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (b *Boosting) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	w := b.pool.Get().(*work)
	defer b.pool.Put(w)
	scores, classifier := true, b.info.Task == mlapi.Classifier
	if classifier {
		scores = shape(dst, m.Samples(), b.width)
	} else {
		dst.Resize(m.Samples(), false, b.width)
	}
	outputs := b.trees.Outputs()
	w.cells = vector.Resize(w.cells, m.Samples()*outputs)
	if err := b.trees.Margins(ctx, w.cells, m); err != nil {
		return err
	}
	if b.how.Start != nil {
		if err := b.start(ctx, w, m); err != nil {
			return err
		}
	}
	for i := range m.Samples() {
		row := w.cells[i*outputs : (i+1)*outputs]
		if classifier {
			dst.Class[i] = b.how.Class(row)
		}
		switch {
		case !scores:
		case b.how.Link == nil:
			copy(dst.Row(i), row)
		default:
			b.how.Link(dst.Row(i), row)
		}
	}
	return nil
}

// start adds what the first estimator answers to the margins in w.cells.
func (b *Boosting) start(ctx context.Context, w *work, m *mlapi.Matrix) error {
	w.other.Copy(m)
	defer w.other.Reset(0)
	for k, v := range w.other.Data {
		w.other.Data[k] = float64(float32(v))
	}
	if err := ask(ctx, b.how.Start, &w.scores, mlapi.WantScores, &w.other); err != nil {
		return err
	}
	outputs := b.trees.Outputs()
	w.spare = vector.Resize(w.spare, outputs)
	for i := range m.Samples() {
		b.how.StartLink(w.spare, w.scores.Row(i))
		row := w.cells[i*outputs : (i+1)*outputs]
		for k, v := range w.spare {
			row[k] += v
		}
	}
	return nil
}

// Expit writes the probabilities of two classes that the margin has, times scale.
func Expit(scale float64) func(dst, margins []float64) {
	return func(dst, margins []float64) {
		p := vector.Sigmoid(scale * margins[0])
		dst[0], dst[1] = 1-p, p
	}
}

// Softmax writes the exponentials of the margins, divided by their sum.
func Softmax(dst, margins []float64) {
	copy(dst, margins)
	vector.Softmax(dst)
}

// Choose returns the class that margins speak for: the first of the greatest, or
// the second of two where the one margin is greater than 0.
func Choose(margins []float64) int32 { return choose(margins) }

// ChooseFrom returns the class that margins speak for, the second of two where the
// one margin is 0 or more.
func ChooseFrom(margins []float64) int32 {
	if len(margins) == 1 && margins[0] == 0 {
		return 1
	}
	return choose(margins)
}

// ChooseProbable returns what chooses the second of two classes where Expit(scale)
// makes it the more probable one, and the first of the greatest margins of more.
func ChooseProbable(scale float64) func(margins []float64) int32 {
	return func(margins []float64) int32 {
		if len(margins) > 1 {
			return vector.ArgMax(margins)
		}
		if p := vector.Sigmoid(scale * margins[0]); p > 1-p {
			return 1
		}
		return 0
	}
}
