package ensemble

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Take says which numbers of a model's answer count.
type Take uint8

const (
	// All takes all values: the numbers of a regressor, the scores of a classifier.
	// It is the zero value.
	All Take = iota
	// ButFirst takes all values but the first, which the others determine.
	ButFirst
	// Last takes the last value: the decision value or the probability of the second
	// of two classes, or the number of a regressor of one output.
	Last
	// Label takes one number that stands for the predicted class.
	Label
)

// Column is one model's part of a table of numbers: a column, or several.
type Column struct {
	Model mlapi.Model // nil for a column of Constant
	Take  Take
	// Labels are the numbers that stand for the classes of Model, for Take Label.
	Labels   []float64
	Constant float64
}

// width returns how many columns c is.
func (c *Column) width() int {
	if c.Model == nil {
		return 1
	}
	switch c.Take {
	case Last, Label:
		return 1
	case ButFirst:
		return valuesOf(c.Model) - 1
	}
	return valuesOf(c.Model)
}

// valuesOf returns how many values per sample m answers to WantScores.
func valuesOf(m mlapi.Model) int {
	info := m.Info()
	switch {
	case info.Task == mlapi.OutlierDetector:
		return 1
	case info.Task != mlapi.Classifier:
		return info.Outputs
	case info.Scores == mlapi.NoScores || info.Outputs > 1:
		return 0
	case info.Scores == mlapi.Decision && len(info.Classes) <= 2:
		return 1
	}
	return len(info.Classes)
}

// check returns an error unless c can be read from rows of so many features.
func (c *Column) check(features int) error {
	if c.Model == nil {
		if math.IsNaN(c.Constant) || math.IsInf(c.Constant, 0) {
			return errors.New("a constant is not a finite number")
		}
		return nil
	}
	info := c.Model.Info()
	switch {
	case len(info.Features) != features:
		return fmt.Errorf("a member takes %d features, want %d", len(info.Features), features)
	case c.Take > Label:
		return fmt.Errorf("unknown take %d", c.Take)
	case c.Take == Label && (len(info.Classes) == 0 || len(c.Labels) != len(info.Classes)):
		return fmt.Errorf("%d numbers for the %d classes of a member", len(c.Labels), len(info.Classes))
	case c.Take == Label && info.Outputs > 1:
		return errors.New("a member predicts several labels")
	case c.Take == Last && (valuesOf(c.Model) < 1 || valuesOf(c.Model) > 2 || valuesOf(c.Model) == 2 && info.Task != mlapi.Classifier):
		return fmt.Errorf("a member answers %d values, want those of two classes or one number", valuesOf(c.Model))
	case c.width() < 1:
		return errors.New("a member gives no scores")
	}
	return nil
}

// ask predicts with m into s, as want says.
func ask(ctx context.Context, m mlapi.Model, s *mlapi.Scores, want mlapi.Want, x *mlapi.Matrix) error {
	s.Want, s.Info = want, m.Info()
	return m.Predict(ctx, s, x)
}

// read writes c's part of the table of the samples of m to dst, whose rows are
// stride long.
func (c *Column) read(ctx context.Context, s *mlapi.Scores, dst []float64, stride int, m *mlapi.Matrix) error {
	if c.Model == nil {
		for i := range m.Samples() {
			dst[i*stride] = c.Constant
		}
		return nil
	}
	want := mlapi.WantScores
	if c.Take == Label {
		want = mlapi.WantPredictions
	}
	if err := ask(ctx, c.Model, s, want, m); err != nil {
		return err
	}
	for i := range m.Samples() {
		to := dst[i*stride:]
		switch c.Take {
		case Label:
			to[0] = c.Labels[s.Class[i]]
		case Last:
			to[0] = s.Values[(i+1)*s.Width-1]
		case ButFirst:
			copy(to, s.Row(i)[1:])
		default:
			copy(to, s.Row(i))
		}
	}
	return nil
}

// table is the columns of several models side by side.
type table struct {
	columns []Column
	width   int
	rows    int       // samples that are answered at once
	pool    sync.Pool // of *work
}

// mostCells bounds the numbers that one table holds at a time.
const mostCells = 1 << 17

// work is the memory of one prediction.
type work struct {
	scores mlapi.Scores
	part   mlapi.Matrix
	other  mlapi.Matrix
	cells  []float64
	spare  []float64
	order  []int
}

// newTable checks columns of rows of so many features.
func newTable(features int, columns []Column) (*table, error) {
	if len(columns) == 0 {
		return nil, errors.New("there are no members")
	}
	t := &table{columns: columns}
	for i := range columns {
		if err := columns[i].check(features); err != nil {
			return nil, fmt.Errorf("member %d: %w", i, err)
		}
		t.width += columns[i].width()
	}
	t.rows = max(1, mostCells/t.width)
	t.pool.New = func() any { return new(work) }
	return t, nil
}

// each calls do for parts of the samples of m, one after the other, with the number
// of the first sample, the table of the part and the part itself.
func (t *table) each(ctx context.Context, m *mlapi.Matrix, do func(w *work, first int, part *mlapi.Matrix) error) error {
	w := t.pool.Get().(*work)
	defer t.pool.Put(w)
	return parts(w, m, t.rows, func(first int, part *mlapi.Matrix) error {
		w.cells = vector.Resize(w.cells, part.Samples()*t.width)
		at := 0
		for i := range t.columns {
			c := &t.columns[i]
			if err := c.read(ctx, &w.scores, w.cells[at:], t.width, part); err != nil {
				return err
			}
			at += c.width()
		}
		return do(w, first, part)
	})
}

// row returns row i of the table of a part.
func (t *table) row(w *work, i int) []float64 { return w.cells[i*t.width : (i+1)*t.width] }

// parts calls do for parts of a dense m of at most rows samples; a sparse one is
// small already.
func parts(w *work, m *mlapi.Matrix, rows int, do func(first int, part *mlapi.Matrix) error) error {
	if m.Sparse() || m.Samples() <= rows {
		return do(0, m)
	}
	defer w.part.Reset(0)
	for first := 0; first < m.Samples(); first += rows {
		w.part.Slice(m, first, min(first+rows, m.Samples()))
		if err := do(first, &w.part); err != nil {
			return err
		}
	}
	return nil
}

// overflow returns the error for a sample whose answer is no finite number. It names
// the column of the greatest value.
func overflow(m *mlapi.Matrix, i int) error {
	return mlapi.Cellf("value_too_large", m.Number(i), largest(m, i), "the value is too large for this model, with the others of the row.")
}

// largest returns the column of the value of sample i that is farthest from 0.
func largest(m *mlapi.Matrix, i int) int {
	s := vector.Of(m, i)
	return s.Largest()
}

// finite returns an error unless all values are finite numbers.
func finite(what string, values []float64) error {
	if !vector.Finite(values...) {
		return fmt.Errorf("%s is not a finite number", what)
	}
	return nil
}

// shape gives dst room for a class per sample and, where scores are wanted, width
// values.
func shape(dst *mlapi.Scores, samples, width int) (scores bool) {
	scores = dst.Want == mlapi.WantScores && width > 0
	if !scores {
		width = 0
	}
	dst.Resize(samples, true, width)
	return scores
}
