package transform

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
)

// Guess fills in one column with what a model makes of others.
type Guess struct {
	Column    int     // among the columns that are kept
	From      []int32 // the columns that the model takes, among those that are kept
	Model     mlapi.Model
	Low, High float64 // what it says is held between
}

// Iterative fills in missing values with what models make of the other columns, one
// column after the other and several times round (scikit-learn's IterativeImputer).
type Iterative struct {
	missing   Missing
	first     *Imputer
	steps     []Guess
	indicator []int32
	room      sync.Pool // of *guesses
}

// guesses is the memory that filling in takes.
type guesses struct {
	first, in mlapi.Matrix
	missing   []bool
	rows      []int32
	scores    mlapi.Scores
}

// NewIterative returns an imputer that fills in with first, which has no indicator, and
// then better with each of steps. indicator is as for NewImputer.
func NewIterative(first *Imputer, steps []Guess, indicator []int32) (*Iterative, error) {
	if first == nil || len(first.indicator) > 0 {
		return nil, errors.New("the first imputer is none, or tells what was missing")
	}
	in, width := first.Width()
	if err := within(indicator, in); err != nil {
		return nil, err
	}
	for i, s := range steps {
		if s.Column < 0 || s.Column >= width {
			return nil, fmt.Errorf("step %d fills in column %d of %d", i, s.Column, width)
		}
		if err := within(s.From, width); err != nil {
			return nil, err
		}
		if s.Model == nil || s.Model.Info().Task != mlapi.Regressor || s.Model.Info().Outputs != 1 || len(s.Model.Info().Features) != len(s.From) {
			return nil, fmt.Errorf("the model of step %d does not make one number of %d features", i, len(s.From))
		}
		if math.IsNaN(s.Low) || math.IsNaN(s.High) {
			return nil, fmt.Errorf("the bounds of step %d are no numbers", i)
		}
	}
	t := &Iterative{missing: first.missing, first: first, steps: steps, indicator: indicator}
	t.room.New = func() any { return new(guesses) }
	return t, nil
}

// Width returns how many columns it takes and gives.
func (t *Iterative) Width() (in, out int) {
	in, out = t.first.Width()
	return in, out + len(t.indicator)
}

// Columns returns nil: numbers only.
func (t *Iterative) Columns([]Column) []Column { return nil }

// Origin returns where a column is taken from.
func (t *Iterative) Origin(column int) int {
	if column < len(t.first.kept) {
		return t.first.Origin(column)
	}
	return int(t.indicator[column-len(t.first.kept)])
}

// Transform fills src in. An infinity is an Invalid *mlapi.Error.
func (t *Iterative) Transform(ctx context.Context, dst, src *mlapi.Matrix) error {
	g := t.room.Get().(*guesses)
	defer func() {
		g.first.Reset(0) // drops the borrowed texts
		t.room.Put(g)
	}()
	g.first.Like(src)
	if err := t.first.Transform(ctx, &g.first, src); err != nil {
		return err
	}
	width := g.first.Width()
	g.missing = g.missing[:0]
	_, out := t.Width()
	err := eachRow(dst, src, out, func(_ int, to, from []float64) error {
		for _, i := range t.first.kept {
			g.missing = append(g.missing, t.missing.is(src, false, from[i]))
		}
		for k, i := range t.indicator {
			to[width+k] = 0
			if t.missing.is(src, false, from[i]) {
				to[width+k] = 1
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if g.first.Sparse() {
		return mlapi.Internalf("transform: sparse samples are filled in")
	}
	for k := range t.steps {
		if err := t.guess(ctx, &t.steps[k], g, src); err != nil {
			return err
		}
	}
	for i := range src.Samples() {
		copy(dst.Row(i), g.first.Row(i))
	}
	return nil
}

// guess fills in one column of g.first where it was missing.
func (t *Iterative) guess(ctx context.Context, s *Guess, g *guesses, src *mlapi.Matrix) error {
	width := g.first.Width()
	g.rows = g.rows[:0]
	for i := range src.Samples() {
		if g.missing[i*width+s.Column] {
			g.rows = append(g.rows, int32(i))
		}
	}
	if len(g.rows) == 0 {
		return nil
	}
	g.in.Reset(0)
	g.in.Resize(len(g.rows), len(s.From))
	for k, i := range g.rows {
		to, from := g.in.Row(k), g.first.Row(int(i))
		for j, c := range s.From {
			to[j] = from[c]
		}
	}
	g.scores.Want, g.scores.Info = mlapi.WantPredictions, s.Model.Info()
	if err := s.Model.Predict(ctx, &g.scores, &g.in); err != nil {
		e := mlapi.AsError(err)
		if row, known := e.Row(); known && e.Kind == mlapi.Invalid {
			return mlapi.Cellf(e.Code, src.Number(int(g.rows[row])), -1, "the values are too large for this model.")
		}
		return err
	}
	for k, i := range g.rows {
		g.first.Row(int(i))[s.Column] = min(max(g.scores.Values[k], s.Low), s.High)
	}
	return nil
}
