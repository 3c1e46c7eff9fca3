package svm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
)

// blockRows is how many samples are answered between two looks at the context.
const blockRows = 64

// group is a run of vectors that count for the same sums.
type group struct {
	from, to int       // vectors
	sums     []int32   // the sums that they count for
	coef     []float64 // vectors x sums
}

// expansion is several sums over stored vectors of a coefficient times the kernel,
// and an intercept.
type expansion struct {
	kernel    Kernel
	vectors   Vectors
	squares   []float64 // squared lengths of sparse vectors
	groups    []group
	intercept []float64
	weights   []float64 // of a linear kernel that was folded: sums x Width, and no vectors
	scratch   sync.Pool // of *room
}

// room is the memory of one goroutine.
type room struct {
	x    []float64 // a sparse sample, spread out; zero in between
	sums []float64
	more []float64 // for what is made of the sums
}

// newExpansion checks everything and folds a linear kernel where that saves memory.
func newExpansion(k Kernel, v Vectors, groups []group, intercept []float64, more int) (*expansion, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	for _, c := range intercept {
		if c-c != 0 {
			return nil, errors.New("an intercept is not a finite number")
		}
	}
	for _, g := range groups {
		if g.from < 0 || g.to > v.Len() || len(g.coef) != (g.to-g.from)*len(g.sums) {
			return nil, fmt.Errorf("%d coefficients for %d vectors", len(g.coef), g.to-g.from)
		}
		for _, c := range g.coef {
			if c-c != 0 {
				return nil, errors.New("a coefficient is not a finite number")
			}
		}
	}
	e := &expansion{kernel: k, vectors: v, groups: groups, intercept: intercept}
	if k.Kind == Linear && len(intercept)*v.Width <= len(v.Values) {
		e.fold()
	}
	if e.weights == nil && v.Starts != nil {
		e.squares = v.squares()
	}
	e.scratch.New = func() any { return &room{sums: make([]float64, len(intercept)), more: make([]float64, more)} }
	return e, nil
}

// fold adds up the vectors of a linear kernel: the sum of inner products is the
// inner product with the sum. It does not where almost all of that cancels out, as in
// NuSVC with huge coefficients: then only libsvm's own order gives its digits.
func (e *expansion) fold() {
	const most = 1e4 // times the terms may be larger than what is left of them
	width := e.vectors.Width
	weights, terms := make([]float64, len(e.intercept)*width), make([]float64, len(e.intercept)*width)
	for _, g := range e.groups {
		for i := g.from; i < g.to; i++ {
			coef := g.coef[(i-g.from)*len(g.sums):]
			for t, s := range g.sums {
				at := int(s) * width
				e.vectors.addTo(weights[at:at+width], terms[at:at+width], i, coef[t])
			}
		}
	}
	for at := 0; at < len(weights); at += width {
		if left := largest(weights[at : at+width]); largest(terms[at:at+width]) > most*left {
			return
		}
	}
	e.weights, e.vectors, e.groups = weights, Vectors{Width: width}, nil
}

// largest returns the greatest absolute value.
func largest(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		most = max(most, math.Abs(v))
	}
	return most
}

// each calls do with the sums of every sample of m, which must be finite, and looks at
// ctx now and then.
func (e *expansion) each(ctx context.Context, m *mlapi.Matrix, do func(i int, r *room)) error {
	r := e.scratch.Get().(*room)
	defer e.scratch.Put(r)
	for i := range m.Samples() {
		if i%blockRows == 0 {
			if err := ctx.Err(); err != nil {
				return &mlapi.Error{Kind: mlapi.Unavailable, Code: "cancelled", Detail: "The request was cancelled.", Cause: err}
			}
		}
		if err := e.one(m, i, r); err != nil {
			return err
		}
		do(i, r)
	}
	return nil
}

// one fills r.sums for sample i of m.
func (e *expansion) one(m *mlapi.Matrix, i int, r *room) error {
	var columns []int32
	var values []float64
	if m.Sparse() {
		columns, values = m.Entries(i)
	} else {
		values = m.Row(i)
	}
	if err := e.fits(values, columns, m.Number(i)); err != nil {
		return err
	}
	clear(r.sums)
	switch {
	case !m.Sparse() && e.weights != nil:
		for s := range r.sums {
			r.sums[s] = dot(e.weights[s*len(values):(s+1)*len(values)], values)
		}
	case !m.Sparse():
		e.expand(values, dot(values, values), r.sums)
	case e.weights != nil:
		for s := range r.sums {
			weights := e.weights[s*e.vectors.Width:]
			for k, j := range columns {
				r.sums[s] += weights[j] * values[k]
			}
		}
	default:
		e.spread(columns, values, r)
	}
	if e.shift(r.sums) {
		return nil
	}
	return mlapi.ValueTooLarge(m.Number(i), widest(columns, values))
}

// spread expands a sparse sample.
func (e *expansion) spread(columns []int32, values []float64, r *room) {
	if r.x == nil {
		r.x = make([]float64, e.vectors.Width)
	}
	for k, j := range columns {
		r.x[j] = values[k]
	}
	e.expand(r.x, dot(values, values), r.sums)
	for _, j := range columns {
		r.x[j] = 0
	}
}

// shift adds the intercepts to the sums, and reports whether all are finite.
func (e *expansion) shift(sums []float64) bool {
	finite := true
	for s, c := range e.intercept {
		sums[s] += c
		finite = finite && sums[s]-sums[s] == 0
	}
	return finite
}

// widest returns the column of the greatest absolute value, which is the one to name
// where a sum overflows. columns is nil of a dense sample.
func widest(columns []int32, values []float64) int {
	best, most := 0, -1.0
	for k, v := range values {
		if v = math.Abs(v); v > most {
			best, most = k, v
		}
	}
	if len(columns) > 0 {
		return int(columns[best])
	}
	return best
}

// fits returns an Invalid error where a value cannot be taken. columns is nil of a
// dense sample.
func (e *expansion) fits(values []float64, columns []int32, row int) error {
	positive := e.kernel.Kind == Chi2 || e.kernel.Kind == AdditiveChi2
	for k, v := range values {
		if v-v == 0 && (v >= 0 || !positive) {
			continue
		}
		if columns != nil {
			k = int(columns[k])
		}
		switch {
		case math.IsNaN(v):
			return mlapi.MissingValue(row, k)
		case math.IsInf(v, 0):
			return mlapi.ValueTooLarge(row, k)
		}
		return mlapi.Cellf("negative_value", row, k, "the value is negative, and this model takes none that are.")
	}
	return nil
}

// expand adds the kernel of x, whose squared length is xx, and each vector to the
// sums.
func (e *expansion) expand(x []float64, xx float64, sums []float64) {
	for n := range e.groups {
		g := &e.groups[n]
		coef := g.coef
		for i := g.from; i < g.to; i++ {
			k := e.vectors.compare(e.kernel, i, x, xx, e.squares)
			for t, s := range g.sums {
				sums[s] += k * coef[t]
			}
			coef = coef[len(g.sums):]
		}
	}
}
