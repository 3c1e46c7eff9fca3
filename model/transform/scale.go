package transform

import (
	"context"
	"fmt"
	"math"

	"example.com/mlapi"
)

// StandardScaler subtracts a mean from each feature and divides by a scale
// (scikit-learn's StandardScaler). Either may be nil: then that half is left out.
type StandardScaler struct {
	columnwise
	mean, scale []float64
}

// NewStandardScaler returns a scaler of so many features.
func NewStandardScaler(features int, mean, scale []float64) (*StandardScaler, error) {
	if err := fit("means", mean, features, true); err != nil {
		return nil, err
	}
	if err := fit("scales", scale, features, true); err != nil {
		return nil, err
	}
	return &StandardScaler{columnwise{features}, mean, scale}, nil
}

// fit returns an error unless values has a finite value per feature, or is nil
// where that is allowed.
func fit(what string, values []float64, features int, optional bool) error {
	if values == nil && optional {
		return nil
	}
	if len(values) != features {
		return fmt.Errorf("%d %s, want one for each of %d features", len(values), what, features)
	}
	for i, v := range values {
		// NaN is what scikit-learn fits to a column of nothing but missing values.
		if math.IsInf(v, 0) {
			return fmt.Errorf("%s: number %d is infinite", what, i)
		}
	}
	return nil
}

// Transform scales src. NaN stays NaN; an infinity is an Invalid *mlapi.Error.
func (s *StandardScaler) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, true); err != nil {
		return err
	}
	if src.Sparse() && s.mean == nil {
		eachEntry(dst, src, func(column int, v float64) float64 {
			if s.scale != nil {
				v /= s.scale[column]
			}
			return v
		})
		return nil
	}
	return eachRow(dst, src, src.Width(), func(_ int, to, from []float64) error {
		copy(to, from)
		for k, v := range s.mean {
			to[k] -= v
		}
		for k, v := range s.scale {
			to[k] /= v
		}
		return nil
	})
}

// MinMaxScaler multiplies each feature and adds to it, so that the training data
// fill a range (scikit-learn's MinMaxScaler).
type MinMaxScaler struct {
	columnwise
	scale, add []float64
	clip       bool
	low, high  float64
}

// NewMinMaxScaler returns a scaler of so many features: scale to multiply by, then
// add to add (scikit-learn's scale_ and min_).
func NewMinMaxScaler(features int, scale, add []float64) (*MinMaxScaler, error) {
	if err := fit("scales", scale, features, false); err != nil {
		return nil, err
	}
	if err := fit("minima", add, features, false); err != nil {
		return nil, err
	}
	return &MinMaxScaler{columnwise: columnwise{features}, scale: scale, add: add}, nil
}

// Clip makes the scaler hold its results inside low..high (clip=True).
func (s *MinMaxScaler) Clip(low, high float64) error {
	if !(low <= high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		return fmt.Errorf("the range %v to %v is none", low, high)
	}
	s.clip, s.low, s.high = true, low, high
	return nil
}

// Transform scales src. NaN stays NaN; an infinity is an Invalid *mlapi.Error.
func (s *MinMaxScaler) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, true); err != nil {
		return err
	}
	return eachRow(dst, src, src.Width(), func(_ int, to, from []float64) error {
		for k, v := range from {
			// The conversion keeps the compiler from fusing the two operations, which
			// would round once where scikit-learn rounds twice.
			to[k] = float64(v*s.scale[k]) + s.add[k]
			if s.clip {
				to[k] = min(max(to[k], s.low), s.high) // both give NaN for NaN
			}
		}
		return nil
	})
}

// MaxAbsScaler divides each feature by its greatest absolute value in training
// (scikit-learn's MaxAbsScaler). RobustScaler, which subtracts a median first, is a
// StandardScaler of other numbers.
type MaxAbsScaler struct {
	columnwise
	scale []float64
	clip  bool
}

// NewMaxAbsScaler returns a scaler of so many features. With clip results are held
// inside -1..1.
func NewMaxAbsScaler(features int, scale []float64, clip bool) (*MaxAbsScaler, error) {
	if err := fit("scales", scale, features, false); err != nil {
		return nil, err
	}
	return &MaxAbsScaler{columnwise{features}, scale, clip}, nil
}

// Transform scales src; a sparse matrix stays sparse. NaN stays NaN; an infinity is an
// Invalid *mlapi.Error.
func (s *MaxAbsScaler) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, true); err != nil {
		return err
	}
	eachEntry(dst, src, func(column int, v float64) float64 {
		v /= s.scale[column]
		if s.clip {
			v = min(max(v, -1), 1)
		}
		return v
	})
	return nil
}
