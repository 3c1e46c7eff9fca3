// Package linear predicts with models that weigh features and add them up: linear
// regression and its kin, logistic regression and other linear classifiers.
//
// A reader gives the coefficients as they are stored, one row per output, and the
// intercepts:
//
//	w := linear.Weights{Coef: []float64{0.5, -2}, Intercept: []float64{1}}
//	m, err := linear.NewRegressor(info, w)
//
// [NewClassifier] takes a [Link] beside them, which says how decision values become
// probabilities. Labels never depend on it: they come from the decision values,
// as in scikit-learn. [NewLogRegressor] is for models of the logarithm,
// [NewMultilabel] for classifiers of several outputs, [NewOutlierDetector] for
// one-class machines, and [NewIsotonic] is a function of one feature that only rises
// or only falls.
//
// A sparse matrix costs as much as it has values, however many columns it has.
//
// Sums are float64 in another order than a BLAS library's, so values agree with
// scikit-learn to about 1e-15 of the largest term and labels agree unless a
// decision value is 0 (or two are equal) to that precision.
package linear

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Weights are the coefficients (outputs x features, row-major) and the intercepts
// (one per output) of a linear model.
type Weights struct {
	Coef      []float64
	Intercept []float64
}

// blockRows is how many samples are answered between two looks at the context.
const blockRows = 1024

// check returns an error unless w has the given shape and only finite numbers.
func (w Weights) check(features, outputs int) error {
	if outputs < 1 || len(w.Intercept) != outputs {
		return fmt.Errorf("%d intercepts, want %d", len(w.Intercept), outputs)
	}
	if len(w.Coef)%outputs != 0 || len(w.Coef)/outputs != features {
		return fmt.Errorf("%d coefficients, want %d for each of %d features", len(w.Coef), outputs, features)
	}
	for _, list := range [...][]float64{w.Coef, w.Intercept} {
		for _, v := range list {
			if v-v != 0 { // NaN or infinite
				return errors.New("a coefficient is not a finite number")
			}
		}
	}
	return nil
}

// packed are weights as they are used.
type packed struct {
	coef      []float64 // of one output; of several features x outputs, so that a value meets its coefficients side by side
	intercept []float64
}

// pack checks w and returns it as it is used.
func (w Weights) pack(features, outputs int) (packed, error) {
	if err := w.check(features, outputs); err != nil {
		return packed{}, err
	}
	p := packed{w.Coef, w.Intercept}
	if outputs > 1 {
		p.coef = make([]float64, len(w.Coef))
		for at, v := range w.Coef {
			p.coef[at%features*outputs+at/features] = v
		}
	}
	return p, nil
}

// outputs returns the number of values per sample.
func (p *packed) outputs() int { return len(p.intercept) }

// sample is the features of one row: all of them, or of a sparse one those that are
// stored.
type sample struct {
	values  []float64
	columns []int32 // of a sparse row
	sparse  bool
}

// apply writes intercept + coefficients x sample for every output to dst, and
// reports whether all of them are finite.
func (p *packed) apply(dst []float64, s sample) bool {
	if len(p.intercept) == 1 {
		d := p.single(s) + p.intercept[0]
		dst[0] = d
		return d-d == 0
	}
	outputs := len(p.intercept)
	dst = dst[:outputs]
	clear(dst)
	for j, v := range s.values {
		if v == 0 {
			continue
		}
		if s.sparse {
			j = int(s.columns[j])
		}
		for k, c := range p.coef[j*outputs : (j+1)*outputs] {
			dst[k] += v * c
		}
	}
	finite := true
	for k, intercept := range p.intercept {
		dst[k] += intercept
		finite = finite && dst[k]-dst[k] == 0
	}
	return finite
}

// single returns coefficients x sample of the one output.
func (p *packed) single(s sample) float64 {
	if !s.sparse {
		return dot(p.coef, s.values)
	}
	sum := 0.0
	for k, v := range s.values {
		sum += v * p.coef[s.columns[k]]
	}
	return sum
}

// dot returns the inner product of a and b, which are equally long.
func dot(a, b []float64) float64 {
	var s, t, u, v float64
	b = b[:len(a)]
	for len(a) >= 4 {
		s += a[0] * b[0]
		t += a[1] * b[1]
		u += a[2] * b[2]
		v += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s += a[i] * b[i]
	}
	return (s + t) + (u + v)
}

// each calls do with every sample of m, checked to be finite, and looks at ctx now
// and then. Where do reports false the sums overflowed.
func each(ctx context.Context, m *mlapi.Matrix, do func(i int, s sample) bool) error {
	sparse := m.Sparse()
	for i := range m.Samples() {
		if i%blockRows == 0 {
			if err := ctx.Err(); err != nil {
				return &mlapi.Error{Kind: mlapi.Unavailable, Code: "cancelled", Detail: "The request was cancelled.", Cause: err}
			}
		}
		s := sample{sparse: sparse}
		if sparse {
			s.columns, s.values = m.Entries(i)
		} else {
			s.values = m.Row(i)
		}
		for column, v := range s.values {
			if v-v == 0 {
				continue
			}
			if sparse {
				column = int(s.columns[column])
			}
			return unfit(v, m.Number(i), column)
		}
		if !do(i, s) {
			return mlapi.ValueTooLarge(m.Number(i), s.largest())
		}
	}
	return nil
}

// largest returns the column of the greatest absolute value, which is the one to name
// where a sum overflows.
func (s sample) largest() int {
	best, most := 0, -1.0
	for k, v := range s.values {
		if v = math.Abs(v); v > most {
			best, most = k, v
		}
	}
	if s.sparse && len(s.columns) > 0 {
		return int(s.columns[best])
	}
	return best
}

func unfit(v float64, row, column int) error {
	if math.IsNaN(v) {
		return mlapi.MissingValue(row, column)
	}
	return mlapi.ValueTooLarge(row, column)
}
