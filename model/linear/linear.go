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
	"errors"
	"fmt"

	"example.com/mlapi/model/vector"
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
	if !vector.Finite(w.Coef...) || !vector.Finite(w.Intercept...) {
		return errors.New("a coefficient is not a finite number")
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

// apply writes intercept + coefficients x sample for every output to dst, and
// reports whether all of them are finite.
func (p *packed) apply(dst []float64, s vector.Sample) bool {
	if len(p.intercept) == 1 {
		d := p.single(s) + p.intercept[0]
		dst[0] = d
		return d-d == 0
	}
	outputs := len(p.intercept)
	dst = dst[:outputs]
	clear(dst)
	for j, v := range s.Values {
		if v == 0 {
			continue
		}
		j = s.Column(j)
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
func (p *packed) single(s vector.Sample) float64 {
	if !s.Sparse {
		return vector.Dot(p.coef, s.Values)
	}
	sum := 0.0
	for k, v := range s.Values {
		sum += v * p.coef[s.Columns[k]]
	}
	return sum
}
