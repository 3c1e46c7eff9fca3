package linear

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Outside says what an isotonic function is outside of its thresholds.
type Outside uint8

const (
	// Clip continues it with its first and its last value.
	Clip Outside = iota + 1
	// Missing: it is NaN.
	Missing
	// Refuse: there it is not defined.
	Refuse
)

// Isotonic is a function of one number: straight lines between thresholds
// (scikit-learn's IsotonicRegression, also as a calibrator of probabilities).
type Isotonic struct {
	x, y    []float64
	outside Outside
	single  bool
}

// NewIsotonic returns the function that is y[i] at x[i] and straight in between. x
// ascends. single says that all is calculated in float32, as scikit-learn does with
// thresholds that are stored so; the last bit there depends on the release of scipy.
func NewIsotonic(x, y []float64, outside Outside, single bool) (*Isotonic, error) {
	switch {
	case len(x) == 0 || len(x) != len(y):
		return nil, fmt.Errorf("%d thresholds have %d values", len(x), len(y))
	case outside < Clip || outside > Refuse:
		return nil, errors.New("it does not say what is outside of the thresholds")
	case !slices.IsSorted(x):
		return nil, errors.New("the thresholds do not ascend")
	}
	if !vector.Finite(x...) || !vector.Finite(y...) {
		return nil, errors.New("a threshold or its value is not a finite number")
	}
	return &Isotonic{x, y, outside, single}, nil
}

// At returns the function's value at v, which is a number. It is NaN where v lies
// outside of the thresholds, unless it is continued there. A function of one
// threshold is the same everywhere.
func (f *Isotonic) At(v float64) float64 {
	last := len(f.x) - 1
	if f.single {
		v = float64(float32(v))
	}
	switch {
	case last == 0:
		return f.y[0]
	case v < f.x[0] || v > f.x[last]:
		if f.outside != Clip {
			return math.NaN()
		}
		v = min(max(v, f.x[0]), f.x[last])
	}
	// The first threshold that is not below v.
	k, exact := slices.BinarySearch(f.x, v)
	if f.single {
		// scipy's interp1d takes the line to the left of a threshold, too.
		k = max(k, 1)
		return float64(between(float32(v), float32(f.x[k-1]), float32(f.x[k]), float32(f.y[k-1]), float32(f.y[k])))
	}
	if exact {
		return f.y[k]
	}
	return between(v, f.x[k-1], f.x[k], f.y[k-1], f.y[k])
}

// between returns what lies at v on the line from (x0, y0) to (x1, y1), in the order
// of numpy.interp.
func between[T float32 | float64](v, x0, x1, y0, y1 T) T {
	slope := (y1 - y0) / (x1 - x0)
	step := slope * (v - x0)
	return step + y0
}

// IsotonicRegressor answers with an isotonic function of its one feature.
type IsotonicRegressor struct {
	info *mlapi.Info
	f    *Isotonic
}

// NewIsotonicRegressor returns a regressor of one feature and one output.
func NewIsotonicRegressor(info *mlapi.Info, f *Isotonic) (*IsotonicRegressor, error) {
	if len(info.Features) != 1 || info.Outputs != 1 {
		return nil, fmt.Errorf("%d features and %d outputs, want 1 of each", len(info.Features), info.Outputs)
	}
	return &IsotonicRegressor{info, f}, nil
}

// Info describes the model.
func (r *IsotonicRegressor) Info() *mlapi.Info { return r.info }

// Predict fills dst as mlapi.Model says. It does not change m. A value outside of
// the thresholds, where the function is not continued, is an Invalid *mlapi.Error:
// there is no number to answer.
func (r *IsotonicRegressor) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, 1)
	return vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
		v := 0.0
		if len(s.Values) > 0 { // of a sparse sample a zero is not stored
			v = s.Values[0]
		}
		dst.Values[i] = r.f.At(v)
		if math.IsNaN(dst.Values[i]) {
			return mlapi.Cellf("out_of_range", m.Number(i), 0, "the value lies outside of what this model was trained with, %v to %v.", r.f.x[0], r.f.x[len(r.f.x)-1])
		}
		return nil
	})
}
