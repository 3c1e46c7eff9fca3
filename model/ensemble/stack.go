package ensemble

import (
	"context"
	"errors"
	"fmt"

	"example.com/mlapi"
)

// Stack is a model whose features are what other models answer.
type Stack struct {
	info  *mlapi.Info
	base  *table
	pass  bool
	final mlapi.Model
}

// NewStack returns a model that hands the answers of columns, side by side, to
// final, and behind them the features themselves where pass is true (scikit-learn's
// StackingClassifier and StackingRegressor). info has the task, the outputs, the
// scores and as many classes as final.
func NewStack(info *mlapi.Info, columns []Column, pass bool, final mlapi.Model) (*Stack, error) {
	t, err := newTable(len(info.Features), columns)
	if err != nil {
		return nil, err
	}
	width := t.width
	if pass {
		width += len(info.Features)
	}
	last := final.Info()
	switch {
	case len(last.Features) != width:
		return nil, fmt.Errorf("the final estimator takes %d features and is given %d", len(last.Features), width)
	case last.Task != info.Task || last.Scores != info.Scores || len(last.Classes) != len(info.Classes) || last.Outputs != info.Outputs:
		return nil, errors.New("the final estimator answers something else")
	}
	if pass {
		t.rows = max(1, mostCells/width)
	}
	return &Stack{info, t, pass, final}, nil
}

// Info describes the model.
func (s *Stack) Info() *mlapi.Info { return s.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (s *Stack) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	return s.base.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		s.fill(w, part)
		defer w.other.Reset(0)
		if err := ask(ctx, s.final, &w.scores, dst.Want, &w.other); err != nil {
			return s.locate(err, part)
		}
		if first == 0 {
			dst.ResizeLike(&w.scores, m.Samples())
		}
		dst.CopyAt(first, &w.scores)
		return nil
	})
}

// fill writes the features of the final estimator to w.other.
func (s *Stack) fill(w *work, part *mlapi.Matrix) {
	w.other.Like(part)
	width := s.base.width
	if !s.pass {
		w.other.Resize(part.Samples(), width)
		copy(w.other.Data, w.cells)
		return
	}
	if !part.Sparse() {
		w.other.Resize(part.Samples(), width+part.Width())
		for i := range part.Samples() {
			row := w.other.Row(i)
			copy(row, s.base.row(w, i))
			copy(row[width:], part.Row(i))
		}
		return
	}
	w.other.ResizeSparse(width + part.Width())
	for i := range part.Samples() {
		for k, v := range s.base.row(w, i) {
			w.other.Append(k, v)
		}
		columns, values := part.Entries(i)
		for k, c := range columns {
			w.other.Append(width+int(c), values[k])
		}
		w.other.EndSample()
	}
}

// locate returns err, about a feature of the final estimator, with the column that
// it was before; of an answer, with the column of the greatest value of its sample.
func (s *Stack) locate(err error, part *mlapi.Matrix) error {
	var e *mlapi.Error
	if !errors.As(err, &e) {
		return err
	}
	row, known := e.Row()
	if row -= part.Number(0); !known || row < 0 || row >= part.Samples() {
		return err
	}
	if c, known := e.Column(); known && c >= s.base.width {
		return e.InColumn(c-s.base.width, "")
	}
	return e.InColumn(largest(part, row), "")
}
