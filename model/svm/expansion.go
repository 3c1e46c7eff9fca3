package svm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
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
	vectors   vector.Samples
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
func newExpansion(k Kernel, v vector.Samples, groups []group, intercept []float64, more int) (*expansion, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	if err := v.Check(); err != nil {
		return nil, err
	}
	if !vector.Finite(intercept...) {
		return nil, errors.New("an intercept is not a finite number")
	}
	for _, g := range groups {
		if g.from < 0 || g.to > v.Len() || len(g.coef) != (g.to-g.from)*len(g.sums) {
			return nil, fmt.Errorf("%d coefficients for %d vectors", len(g.coef), g.to-g.from)
		}
		if !vector.Finite(g.coef...) {
			return nil, errors.New("a coefficient is not a finite number")
		}
	}
	e := &expansion{kernel: k, vectors: v, groups: groups, intercept: intercept}
	if k.Kind == Linear && len(intercept)*v.Width <= len(v.Values) {
		e.fold()
	}
	if e.weights == nil && v.Starts != nil {
		e.squares = v.Squares()
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
				addTo(weights[at:at+width], terms[at:at+width], &e.vectors, i, coef[t])
			}
		}
	}
	for at := 0; at < len(weights); at += width {
		if left := largest(weights[at : at+width]); largest(terms[at:at+width]) > most*left {
			return
		}
	}
	e.weights, e.vectors, e.groups = weights, vector.Samples{Width: width}, nil
}

// largest returns the greatest absolute value.
func largest(values []float64) float64 { return math.Abs(values[vector.Largest(values)]) }

// each calls do with the sums of every sample of m, which must be finite, and looks at
// ctx now and then.
func (e *expansion) each(ctx context.Context, m *mlapi.Matrix, do func(i int, r *room)) error {
	r := e.scratch.Get().(*room)
	defer e.scratch.Put(r)
	return vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
		if err := e.fits(s, m.Number(i)); err != nil {
			return err
		}
		if !e.one(s, r) {
			return s.TooLarge(m.Number(i))
		}
		do(i, r)
		return nil
	})
}

// one fills r.sums for a sample, and reports whether all are finite.
func (e *expansion) one(s vector.Sample, r *room) bool {
	clear(r.sums)
	width := e.vectors.Width
	switch {
	case !s.Sparse && e.weights != nil:
		for k := range r.sums {
			r.sums[k] = vector.Dot(e.weights[k*width:(k+1)*width], s.Values)
		}
	case !s.Sparse:
		e.expand(s.Values, vector.Dot(s.Values, s.Values), r.sums)
	case e.weights != nil:
		for k := range r.sums {
			weights := e.weights[k*width:]
			for n, j := range s.Columns {
				r.sums[k] += weights[j] * s.Values[n]
			}
		}
	default:
		e.spread(s.Columns, s.Values, r)
	}
	finite := true
	for k, c := range e.intercept {
		r.sums[k] += c
		finite = finite && r.sums[k]-r.sums[k] == 0
	}
	return finite
}

// spread expands a sparse sample.
func (e *expansion) spread(columns []int32, values []float64, r *room) {
	if r.x == nil {
		r.x = make([]float64, e.vectors.Width)
	}
	for k, j := range columns {
		r.x[j] = values[k]
	}
	e.expand(r.x, vector.Dot(values, values), r.sums)
	for _, j := range columns {
		r.x[j] = 0
	}
}

// fits returns an Invalid error where a finite value cannot be taken.
func (e *expansion) fits(s vector.Sample, row int) error {
	if e.kernel.Kind != Chi2 && e.kernel.Kind != AdditiveChi2 {
		return nil
	}
	for k, v := range s.Values {
		if v < 0 {
			return mlapi.Cellf("negative_value", row, s.Column(k), "the value is negative, and this model takes none that are.")
		}
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
			k := e.kernel.compare(&e.vectors, i, x, xx, e.squares)
			for t, s := range g.sums {
				sums[s] += k * coef[t]
			}
			coef = coef[len(g.sums):]
		}
	}
}
