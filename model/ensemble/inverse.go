package ensemble

import (
	"errors"
	"fmt"
	"math"
)

// Unscale returns what undoes a scaling: v*scale + shift by output. Either may be nil.
func Unscale(scale, shift []float64, outputs int) (Inverse, error) {
	for _, list := range [...][]float64{scale, shift} {
		if list != nil && len(list) != outputs {
			return nil, fmt.Errorf("the target was scaled with %d numbers for %d outputs", len(list), outputs)
		}
		if err := finite("the scale of the target", list); err != nil {
			return nil, err
		}
	}
	return func(k int, v float64) float64 {
		if scale != nil {
			v = float64(v * scale[k])
		}
		if shift != nil {
			v += shift[k]
		}
		return v
	}, nil
}

// Unrange returns what undoes a scaling to a range: (v - low) / scale by output.
func Unrange(scale, low []float64, outputs int) (Inverse, error) {
	if len(scale) != outputs || len(low) != outputs {
		return nil, fmt.Errorf("the target was scaled with %d numbers for %d outputs", len(scale), outputs)
	}
	if err := errors.Join(finite("the scale of the target", scale), finite("the scale of the target", low)); err != nil {
		return nil, err
	}
	return func(k int, v float64) float64 { return (v - low[k]) / scale[k] }, nil
}

// Unpower returns what undoes a power transform with one exponent for each output:
// that of Box and Cox or that of Yeo and Johnson.
func Unpower(lambdas []float64, boxCox bool, outputs int) (Inverse, error) {
	if len(lambdas) != outputs {
		return nil, fmt.Errorf("the target has %d exponents for %d outputs", len(lambdas), outputs)
	}
	if err := finite("an exponent of the target", lambdas); err != nil {
		return nil, err
	}
	if boxCox {
		return func(k int, v float64) float64 { return unBoxCox(v, lambdas[k]) }, nil
	}
	return func(k int, v float64) float64 { return unYeoJohnson(v, lambdas[k]) }, nil
}

func unBoxCox(v, lambda float64) float64 {
	if lambda == 0 {
		return math.Exp(v)
	}
	return math.Exp(math.Log1p(lambda*v) / lambda)
}

func unYeoJohnson(v, lambda float64) float64 {
	const least = 0x1p-52
	switch {
	case v >= 0 && math.Abs(lambda) < least:
		return math.Exp(v) - 1
	case v >= 0:
		return math.Pow(float64(v*lambda)+1, 1/lambda) - 1
	case math.Abs(lambda-2) > least:
		return 1 - math.Pow(float64(-(2-lambda)*v)+1, 1/(2-lambda))
	}
	return 1 - math.Exp(-v)
}

// Unrank returns what undoes a transform to quantiles: the line through the points
// references, quantiles (by output). normal says that the target was made normal,
// otherwise uniform from 0 to 1.
func Unrank(references []float64, quantiles [][]float64, normal bool, outputs int) (Inverse, error) {
	if len(quantiles) != outputs || len(references) == 0 {
		return nil, fmt.Errorf("the target has the quantiles of %d outputs, want %d", len(quantiles), outputs)
	}
	for i := range references {
		if i > 0 && !(references[i-1] <= references[i]) {
			return nil, errors.New("the references of the target's quantiles do not ascend")
		}
	}
	for _, list := range append([][]float64{references}, quantiles...) {
		if len(list) != len(references) {
			return nil, errors.New("the target has another number of quantiles than of references")
		}
		if err := finite("a quantile of the target", list); err != nil {
			return nil, err
		}
	}
	return func(k int, v float64) float64 {
		const near = 1e-7
		q := quantiles[k]
		if normal {
			v = 0.5 * math.Erfc(-v/math.Sqrt2)
			switch {
			case v-near < 0:
				return q[0]
			case v+near > 1:
				return q[len(q)-1]
			}
		}
		return interpolate(v, references, q)
	}, nil
}

// interpolate returns the value at v of the line through the points x, y, which
// ascend in x, as numpy.interp computes it; outside of them it is constant.
func interpolate(v float64, x, y []float64) float64 {
	last := len(x) - 1
	switch {
	case math.IsNaN(v):
		return v
	case v <= x[0]:
		return y[0]
	case v >= x[last]:
		return y[last]
	}
	low, high := 0, last // x[low] <= v < x[high]
	for high-low > 1 {
		if at := (low + high) / 2; x[at] <= v {
			low = at
		} else {
			high = at
		}
	}
	slope := (y[high] - y[low]) / (x[high] - x[low])
	return float64(slope*(v-x[low])) + y[low]
}
