package text

import (
	"context"
	"errors"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/transform"
)

// Weigher weighs what was counted before (scikit-learn's TfidfTransformer).
type Weigher struct {
	features int
	weights  Weights
	pool     sync.Pool // of *work
}

// NewWeigher returns a transformer of so many features, of any number where that is 0.
func NewWeigher(features int, w Weights) (*Weigher, error) {
	if features < 0 || features == 0 && w.IDF != nil {
		return nil, errors.New("there are weights for no features")
	}
	if err := w.check(features); err != nil {
		return nil, err
	}
	t := &Weigher{features: features, weights: w}
	t.pool.New = func() any { return new(work) }
	return t, nil
}

// Width returns how many columns it takes and gives.
func (t *Weigher) Width() (in, out int) { return t.features, t.features }

// Columns returns nil: numbers only.
func (*Weigher) Columns([]transform.Column) []transform.Column { return nil }

// Origin returns column.
func (*Weigher) Origin(column int) int { return column }

// Transform weighs the counts of every row. A missing value, or one that is infinite or
// becomes so, is an Invalid *mlapi.Error.
func (t *Weigher) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	w := t.pool.Get().(*work)
	defer t.pool.Put(w)
	dst.ResizeSparse(src.Width())
	for i := range src.Samples() {
		w.entries(src, i)
		if k := finite(w.values); k >= 0 {
			if v := w.values[k]; v != v {
				return mlapi.MissingValue(src.Number(i), int(w.columns[k]))
			}
			return mlapi.ValueTooLarge(src.Number(i), int(w.columns[k]))
		}
		t.weights.apply(w.columns, w.values)
		if k := finite(w.values); k >= 0 {
			return mlapi.Cellf("value_out_of_range", src.Number(i), int(w.columns[k]), "the value cannot be weighed by this model.")
		}
		for k, column := range w.columns {
			dst.Append(int(column), w.values[k])
		}
		dst.EndSample()
	}
	return nil
}

// entries makes columns and values of what is not 0 in sample i of m.
func (w *work) entries(m *mlapi.Matrix, i int) {
	w.columns, w.values = w.columns[:0], w.values[:0]
	if m.Sparse() {
		columns, values := m.Entries(i)
		for k, v := range values {
			if v != 0 {
				w.columns, w.values = append(w.columns, columns[k]), append(w.values, v)
			}
		}
		return
	}
	for k, v := range m.Row(i) {
		if v != 0 {
			w.columns, w.values = append(w.columns, int32(k)), append(w.values, v)
		}
	}
}
