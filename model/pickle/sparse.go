package pickle

import (
	"errors"
	"fmt"
)

// mostUnbacked is how many rows a sparse matrix may have beyond what its own arrays
// vouch for.
const mostUnbacked = 1 << 20

// Sparse is a matrix in compressed rows: row i has the columns Indices[k] and the values
// Data[k] for k from Indptr[i] to Indptr[i+1]. Columns of a row may be in any order and,
// as in scipy, occur twice, which means their sum.
type Sparse struct {
	Rows, Columns int
	Indptr        []int
	Indices       []int
	Data          []float64
}

// CSR returns a sparse matrix or array of scipy (csr, csc or coo, of any scipy) in
// compressed rows. The arrays are checked: they agree in length, Indptr ascends from 0
// to their length, and every column is in range. Anything else is an error.
func CSR(v Value) (*Sparse, error) {
	o, ok := v.(*Object)
	if !ok {
		return nil, fmt.Errorf("%s is no sparse matrix", typeName(v))
	}
	rows, columns, err := sparseShape(o)
	if err != nil {
		return nil, err
	}
	data, err := sparseFloats(o, "data")
	if err != nil {
		return nil, err
	}
	switch o.Class.Name {
	case "csr_matrix", "csr_array":
		return compressed(o, rows, columns, data)
	case "csc_matrix", "csc_array":
		// Compressed columns are the compressed rows of the matrix turned around.
		turned, err := compressed(o, columns, rows, data)
		if err != nil {
			return nil, err
		}
		of := make([]int, len(data))
		for i := range turned.Rows {
			for k := turned.Indptr[i]; k < turned.Indptr[i+1]; k++ {
				of[k] = i
			}
		}
		return byRow(rows, columns, turned.Indices, of, data)
	case "coo_matrix", "coo_array":
		row, column, err := coordinates(o)
		if err != nil {
			return nil, err
		}
		return byRow(rows, columns, row, column, data)
	}
	return nil, fmt.Errorf("%s is no sparse matrix in rows, columns or coordinates", typeName(v))
}

func sparseShape(o *Object) (rows, columns int, err error) {
	v, ok := o.Attr("_shape")
	if !ok {
		v, _ = o.Attr("shape")
	}
	items := itemsOf(v)
	if len(items) != 2 {
		return 0, 0, errors.New("a sparse matrix has no shape of two dimensions")
	}
	r, isRows := AsInt(items[0])
	c, isColumns := AsInt(items[1])
	if !isRows || !isColumns || r < 0 || c < 0 || r > 1<<31-1 || c > 1<<31-1 {
		return 0, 0, errors.New("a sparse matrix has a shape out of range")
	}
	return int(r), int(c), nil
}

func sparseFloats(o *Object, name string) ([]float64, error) {
	v, _ := o.Attr(name)
	a, ok := v.(*Array)
	if !ok || len(a.Shape) != 1 {
		return nil, fmt.Errorf("attribute %s of a sparse matrix is no array of numbers", name)
	}
	return a.Float64s()
}

func sparseInts(o *Object, name string) ([]int, error) {
	v, _ := o.Attr(name)
	return indices(v, name)
}

func indices(v Value, name string) ([]int, error) {
	a, ok := v.(*Array)
	if !ok || len(a.Shape) != 1 {
		return nil, fmt.Errorf("attribute %s of a sparse matrix is no array of whole numbers", name)
	}
	values, err := a.Int64s()
	if err != nil {
		return nil, fmt.Errorf("attribute %s of a sparse matrix: %w", name, err)
	}
	out := make([]int, len(values))
	for i, n := range values {
		out[i] = int(n)
	}
	return out, nil
}

// compressed returns the matrix whose rows are compressed in the attributes indptr and
// indices.
func compressed(o *Object, rows, columns int, data []float64) (*Sparse, error) {
	indptr, err := sparseInts(o, "indptr")
	if err != nil {
		return nil, err
	}
	of, err := sparseInts(o, "indices")
	if err != nil {
		return nil, err
	}
	if len(indptr) != rows+1 || len(of) != len(data) {
		return nil, errors.New("the arrays of a sparse matrix do not agree in length")
	}
	if indptr[0] != 0 || indptr[rows] != len(data) {
		return nil, errors.New("the rows of a sparse matrix are not all there")
	}
	for i := range rows {
		if indptr[i] > indptr[i+1] {
			return nil, errors.New("the rows of a sparse matrix do not follow each other")
		}
	}
	for _, c := range of {
		if c < 0 || c >= columns {
			return nil, fmt.Errorf("a sparse matrix of %d columns has a value in column %d", columns, c)
		}
	}
	return &Sparse{Rows: rows, Columns: columns, Indptr: indptr, Indices: of, Data: data}, nil
}

// coordinates returns the rows and columns of a coo matrix: attributes row and col, or
// coords since scipy 1.13.
func coordinates(o *Object) (row, column []int, err error) {
	if both, ok := o.Attr("coords"); ok {
		items := itemsOf(both)
		if len(items) != 2 {
			return nil, nil, errors.New("a sparse matrix has no two coordinates")
		}
		if row, err = indices(items[0], "coords"); err == nil {
			column, err = indices(items[1], "coords")
		}
		return row, column, err
	}
	if row, err = sparseInts(o, "row"); err == nil {
		column, err = sparseInts(o, "col")
	}
	return row, column, err
}

// byRow returns the matrix of values at rows and columns, in the order of the rows.
func byRow(rows, columns int, row, column []int, data []float64) (*Sparse, error) {
	if len(row) != len(data) || len(column) != len(data) {
		return nil, errors.New("the arrays of a sparse matrix do not agree in length")
	}
	if rows > mostUnbacked+16*len(data) {
		return nil, fmt.Errorf("a sparse matrix of %d values has %d rows", len(data), rows)
	}
	s := &Sparse{Rows: rows, Columns: columns, Indptr: make([]int, rows+1), Indices: make([]int, len(data)), Data: make([]float64, len(data))}
	for k, r := range row {
		if r < 0 || r >= rows || column[k] < 0 || column[k] >= columns {
			return nil, fmt.Errorf("a sparse matrix of %d rows and %d columns has a value in row %d, column %d", rows, columns, r, column[k])
		}
		s.Indptr[r+1]++
	}
	for i := range rows {
		s.Indptr[i+1] += s.Indptr[i]
	}
	next := append([]int(nil), s.Indptr...)
	for k, r := range row {
		s.Indices[next[r]], s.Data[next[r]] = column[k], data[k]
		next[r]++
	}
	return s, nil
}
