package sklearn

import (
	"example.com/mlapi/model/linear"
	"example.com/mlapi/model/pickle"
)

// weights reads coef_ (features, or outputs x features, also sparse) and intercept_
// (a number, or one per output).
func (a *attrs) weights() (w linear.Weights, features int) {
	coef, shape := a.matrix("coef_")
	intercept, _ := a.floats("intercept_")
	if a.err != nil {
		return w, 0
	}
	outputs := 1
	switch len(shape) {
	case 0:
		features = 1 // squeezed by orthogonal matching pursuit
	case 1:
		features = shape[0]
	case 2:
		outputs, features = shape[0], shape[1]
	}
	if outputs < 1 || features < 1 || outputs*features != len(coef) {
		a.broken("coef_ has the shape %v", shape)
		return w, 0
	}
	if outputs > 1 && !a.charge(8*int64(len(coef)+outputs)) { // turned around by the evaluator
		return w, 0
	}
	if len(intercept) == 1 {
		// fit_intercept=False stores a single zero.
		for range outputs - 1 {
			intercept = append(intercept, intercept[0])
		}
	}
	return linear.Weights{Coef: coef, Intercept: intercept}, features
}

// matrix returns an attribute that is an array of numbers or a sparse matrix of
// scipy, row-major, and its shape.
func (a *attrs) matrix(name string) (values []float64, shape []int) {
	s := a.sparse(name)
	if s == nil {
		return a.floats(name)
	}
	// The product of two numbers below 1<<31 is no overflow.
	if a.err != nil || !a.charge(8*int64(s.Rows)*int64(s.Columns)) {
		return nil, nil
	}
	values = make([]float64, s.Rows*s.Columns)
	for i := range s.Rows {
		for k := s.Indptr[i]; k < s.Indptr[i+1]; k++ {
			values[i*s.Columns+s.Indices[k]] += s.Data[k]
		}
	}
	return values, []int{s.Rows, s.Columns}
}

// sparse returns an attribute that is a sparse matrix of scipy, nil where it is
// something else.
func (a *attrs) sparse(name string) *pickle.Sparse {
	v := a.value(name)
	o, ok := v.(*pickle.Object)
	if a.err != nil || !ok {
		return nil
	}
	const entry, row = 32, 16
	for _, part := range [...]struct {
		name string
		size int64
	}{{"data", entry}, {"indptr", row}} {
		inside, _ := o.Attr(part.name)
		if array, ok := inside.(*pickle.Array); ok && !a.charge(part.size*int64(array.Len())) {
			return &pickle.Sparse{}
		}
	}
	s, err := pickle.CSR(oneRow(o))
	if err != nil {
		a.broken("attribute %s: %v", name, err)
		return &pickle.Sparse{}
	}
	if s.Rows < 1 || s.Columns < 1 {
		a.broken("attribute %s has the shape (%d, %d)", name, s.Rows, s.Columns)
	}
	a.charge(row * int64(s.Rows))
	return s
}

// oneRow returns a sparse array of one dimension, as scipy has them since 1.13, as a
// matrix of one row; anything else as it is.
func oneRow(o *pickle.Object) *pickle.Object {
	shape, _ := o.Attr("_shape")
	t, ok := shape.(*pickle.Tuple)
	d, dict := o.State.(*pickle.Dict)
	if !ok || !dict || len(t.Items) != 1 {
		return o
	}
	row := new(pickle.Dict)
	for i, k := range d.Keys {
		row.Set(k, d.Values[i])
	}
	row.Set("_shape", &pickle.Tuple{Items: []pickle.Value{int64(1), t.Items[0]}})
	return &pickle.Object{Class: o.Class, State: row}
}

// first returns the first of the named attributes that there is, and the first name
// of all where there is none.
func (a *attrs) first(names ...string) string {
	for _, name := range names {
		if a.has(name) {
			return name
		}
	}
	return names[0]
}
