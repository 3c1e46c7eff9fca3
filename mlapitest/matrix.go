package mlapitest

import "example.com/mlapi"

// Matrix returns a dense matrix of the given width with values, row-major, whose first
// sample is row number first of the request.
func Matrix(first, width int, values ...float64) *mlapi.Matrix {
	m := new(mlapi.Matrix)
	m.Reset(first)
	m.Resize(len(values)/width, width)
	copy(m.Data, values)
	return m
}

// Sparse returns the values of a dense matrix in compressed sparse rows, without the
// zeros. [Model] gives a model dense samples only; one that may stand behind
// transformers is to answer the same for both.
func Sparse(m *mlapi.Matrix) *mlapi.Matrix {
	s := new(mlapi.Matrix)
	s.Reset(m.Number(0))
	s.ResizeSparse(m.Width())
	for i := range m.Samples() {
		for column, v := range m.Row(i) {
			if v != 0 {
				s.Append(column, v)
			}
		}
		s.EndSample()
	}
	return s
}
