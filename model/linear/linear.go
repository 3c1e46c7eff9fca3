// Package linear predicts with models that weigh features and add them up: linear
// and logistic regression.
//
// A reader gives the coefficients as they are stored, one row per output, and the
// intercepts:
//
//	w := linear.Weights{Coef: []float64{0.5, -2}, Intercept: []float64{1}}
//	m, err := linear.NewRegressor(info, w)
//
// [NewClassifier] takes a [Link] beside them, which says how decision values become
// probabilities. Labels never depend on it: they come from the decision values,
// as in scikit-learn.
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
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return errors.New("a coefficient is not a finite number")
			}
		}
	}
	return nil
}

// outputs returns the number of values per sample.
func (w Weights) outputs() int { return len(w.Intercept) }

// apply writes intercept + coefficients x row for every output to dst, and reports
// whether all of them are finite.
func (w Weights) apply(dst, row []float64) bool {
	coef, finite := w.Coef, true
	for k, intercept := range w.Intercept {
		dst[k] = dot(coef[:len(row)], row) + intercept
		finite = finite && dst[k]-dst[k] == 0
		coef = coef[len(row):]
	}
	return finite
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
func each(ctx context.Context, m *mlapi.Matrix, do func(i int, row []float64) bool) error {
	var scratch []float64
	if m.Sparse() {
		scratch = make([]float64, m.Width())
	}
	for i := range m.Samples() {
		if i%blockRows == 0 {
			if err := ctx.Err(); err != nil {
				return &mlapi.Error{Kind: mlapi.Unavailable, Code: "cancelled", Detail: "The request was cancelled.", Cause: err}
			}
		}
		row := m.DenseRow(i, scratch)
		for column, v := range row {
			if v-v != 0 { // NaN or infinite
				return unfit(v, m.Number(i), column)
			}
		}
		if !do(i, row) {
			return mlapi.Cellf("value_too_large", m.Number(i), -1, "the values are too large for this model.")
		}
	}
	return nil
}

func unfit(v float64, row, column int) error {
	if math.IsNaN(v) {
		return mlapi.MissingValue(row, column)
	}
	return mlapi.ValueTooLarge(row, column)
}

// Regressor answers with weighted sums.
type Regressor struct {
	info    *mlapi.Info
	weights Weights
}

// NewRegressor returns a regressor of info.Outputs weighted sums (scikit-learn's
// LinearRegression).
func NewRegressor(info *mlapi.Info, w Weights) (*Regressor, error) {
	if err := w.check(len(info.Features), info.Outputs); err != nil {
		return nil, err
	}
	return &Regressor{info, w}, nil
}

// Info describes the model.
func (r *Regressor) Info() *mlapi.Info { return r.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or
// infinite value, or values so large that a sum overflows, are an Invalid
// *mlapi.Error.
func (r *Regressor) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, r.weights.outputs())
	return each(ctx, m, func(i int, row []float64) bool { return r.weights.apply(dst.Row(i), row) })
}
