package vector

import (
	"context"

	"example.com/mlapi"
)

// Sample is the features of one row: all of them, or of a sparse matrix those that
// are stored.
type Sample struct {
	Values  []float64
	Columns []int32 // of Values, ascending; nil of a dense sample
	Sparse  bool
}

// Of returns sample i of m.
func Of(m *mlapi.Matrix, i int) Sample {
	if m.Sparse() {
		columns, values := m.Entries(i)
		return Sample{values, columns, true}
	}
	return Sample{Values: m.Row(i)}
}

// Column returns the column of value k.
func (s *Sample) Column(k int) int {
	if s.Sparse {
		return int(s.Columns[k])
	}
	return k
}

// Largest returns the column of the first of the greatest absolute values, 0 where
// there is none: the one to name where a sum overflows.
func (s *Sample) Largest() int {
	k := Largest(s.Values)
	if s.Sparse && len(s.Columns) > 0 {
		return int(s.Columns[k])
	}
	return k
}

// Check returns an Invalid *mlapi.Error at the first value that is missing or
// infinite. number is the row's in the request.
func (s *Sample) Check(number int) error {
	for k, v := range s.Values {
		if v-v == 0 {
			continue
		}
		if v != v {
			return mlapi.MissingValue(number, s.Column(k))
		}
		return mlapi.ValueTooLarge(number, s.Column(k))
	}
	return nil
}

// TooLarge returns the error for a sample whose answer is no finite number. It names
// the column of the greatest absolute value. number is the row's in the request.
func (s *Sample) TooLarge(number int) error { return mlapi.ValueTooLarge(number, s.Largest()) }

// Each calls do with every sample of m, checked to be finite, until that returns an
// error. It looks at ctx before every so many samples as block says.
func Each(ctx context.Context, m *mlapi.Matrix, block int, do func(i int, s Sample) error) error {
	sparse := m.Sparse()
	for first, end := 0, 0; first < m.Samples(); first = end {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		end = min(first+block, m.Samples())
		for i := first; i < end; i++ {
			var columns []int32
			var values []float64
			if sparse {
				columns, values = m.Entries(i)
			} else {
				values = m.Row(i)
			}
			if !Finite(values...) {
				s := Of(m, i)
				return s.Check(m.Number(i))
			}
			if err := do(i, Sample{values, columns, sparse}); err != nil {
				return err
			}
		}
	}
	return nil
}

// EachDense is Each with all features of every sample; a sparse one is written to
// scratch, which has room for m.Width() values. A row must not be changed.
func EachDense(ctx context.Context, m *mlapi.Matrix, block int, scratch []float64, do func(i int, row []float64) error) error {
	for first, end := 0, 0; first < m.Samples(); first = end {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		end = min(first+block, m.Samples())
		for i := first; i < end; i++ {
			row := m.DenseRow(i, scratch)
			if !Finite(row...) {
				s := Sample{Values: row}
				return s.Check(m.Number(i))
			}
			if err := do(i, row); err != nil {
				return err
			}
		}
	}
	return nil
}
