package tree

import (
	"context"
	"fmt"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Link turns the margins of one row into what is answered: probabilities, a number.
// It fills dst, whose length is the Answer's Width. It must not change margins and is
// called by many goroutines at once.
type Link func(dst, margins []float64)

// Answer says what a BoostedModel makes of margins.
type Answer struct {
	Width int  // values per row after Link; of a classifier the number of classes
	Link  Link // nil where margins are answered as they are
	// Class returns a classifier's class from a row's values after Link and its
	// margins; nil takes the first of the greatest values.
	Class func(values, margins []float64) int32
}

// BoostedModel answers with boosted trees.
type BoostedModel struct {
	info    *mlapi.Info
	b       Marginal
	how     Answer
	scratch sync.Pool // of *marginScratch
}

// Marginal gives sums per row before any link function: Boosted does, and so may
// something of another kind, such as a linear booster.
type Marginal interface {
	Features() int
	Outputs() int
	Margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error
}

type marginScratch struct{ margins, values []float64 }

// NewBoostedModel returns a model of boosted trees: a Classifier (how.Width is the
// number of classes and of the scores), a Regressor or a Scorer (how.Width is
// info.Outputs).
func NewBoostedModel(info *mlapi.Info, b Marginal, how Answer) (*BoostedModel, error) {
	want := info.Outputs
	switch info.Task {
	case mlapi.Classifier:
		want = len(info.Classes)
	case mlapi.Regressor, mlapi.Scorer:
	default:
		return nil, fmt.Errorf("boosted trees make no %s", info.Task)
	}
	switch {
	case len(info.Features) != b.Features():
		return nil, fmt.Errorf("%d features are described, the trees take %d", len(info.Features), b.Features())
	case how.Width != want || want < 1:
		return nil, fmt.Errorf("the trees answer %d values, want %d", how.Width, want)
	case how.Link == nil && how.Width != b.Outputs():
		return nil, fmt.Errorf("the trees have %d sums, want %d", b.Outputs(), how.Width)
	}
	m := &BoostedModel{info: info, b: b, how: how}
	m.scratch.New = func() any { return new(marginScratch) }
	return m, nil
}

// Info describes the model.
func (b *BoostedModel) Info() *mlapi.Info { return b.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (b *BoostedModel) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	s := b.scratch.Get().(*marginScratch)
	defer b.scratch.Put(s)
	n, outputs, width := m.Samples(), b.b.Outputs(), b.how.Width
	classifier := b.info.Task == mlapi.Classifier
	keep := !classifier || dst.Want == mlapi.WantScores
	if keep {
		dst.Resize(n, classifier, width)
	} else {
		dst.Resize(n, true, 0)
	}
	margins := dst.Values
	if b.how.Link != nil || !keep {
		s.margins = vector.Resize(s.margins, n*outputs)
		margins = s.margins
	}
	if err := b.b.Margins(ctx, margins, m); err != nil {
		return err
	}
	s.values = vector.Resize(s.values, width)
	for i := range n {
		row := margins[i*outputs : (i+1)*outputs]
		values := row
		if b.how.Link != nil {
			if values = s.values; keep {
				values = dst.Row(i)
			}
			b.how.Link(values, row)
		}
		if classifier {
			dst.Class[i] = b.class(values, row)
		}
	}
	return nil
}

func (b *BoostedModel) class(values, margins []float64) int32 {
	if b.how.Class != nil {
		return b.how.Class(values, margins)
	}
	return vector.ArgMax(values)
}
