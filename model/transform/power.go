package transform

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Power raises each feature to a power of its own, so that it looks more normal
// (scikit-learn's PowerTransformer without its scaling).
type Power struct {
	columnwise
	lambdas []float64
	raise   func(v, lambda float64) float64
	boxCox  bool
}

// PowerMethod is a family of power transforms, and how it is computed.
type PowerMethod uint8

const (
	// BoxCox takes numbers above 0 only.
	BoxCox PowerMethod = iota + 1
	// YeoJohnson is computed as scikit-learn 1.9 does, exactly near 0 too.
	YeoJohnson
	// YeoJohnsonPowers is computed as scikit-learn up to 1.8 does, which loses the digits of
	// what lies near 0.
	YeoJohnsonPowers
)

// NewPower returns a transformer with one of lambdas for each feature.
func NewPower(lambdas []float64, method PowerMethod) (*Power, error) {
	raise, ok := map[PowerMethod]func(v, lambda float64) float64{
		BoxCox: boxCox, YeoJohnson: yeoJohnson, YeoJohnsonPowers: yeoJohnsonPowers,
	}[method]
	if !ok {
		return nil, fmt.Errorf("the method %d is unknown", method)
	}
	for _, l := range lambdas {
		if math.IsInf(l, 0) {
			return nil, errors.New("a power is infinite")
		}
	}
	if len(lambdas) == 0 {
		return nil, errors.New("there are no powers")
	}
	return &Power{columnwise{len(lambdas)}, lambdas, raise, method == BoxCox}, nil
}

// Transform raises. NaN stays NaN; an infinity, and for Box and Cox a number that is not
// above 0, is an Invalid *mlapi.Error.
func (p *Power) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, true); err != nil {
		return err
	}
	return eachRow(dst, src, len(p.lambdas), func(i int, to, from []float64) error {
		for k, v := range from {
			if p.boxCox && v <= 0 {
				return mlapi.Cellf("not_positive", src.Number(i), k, "the value is not above 0, and this model takes no other.")
			}
			to[k] = p.raise(v, p.lambdas[k])
		}
		return nil
	})
}

// yeoJohnson raises what is one above 0, or one below, as scipy.stats.yeojohnson does.
func yeoJohnson(v, lambda float64) float64 {
	if v >= 0 {
		if math.Abs(lambda) < spacing {
			return math.Log1p(v)
		}
		return math.Expm1(lambda*math.Log1p(v)) / lambda
	}
	if math.Abs(lambda-2) <= spacing {
		return -math.Log1p(-v)
	}
	return -math.Expm1((2-lambda)*math.Log1p(-v)) / (2 - lambda)
}

// yeoJohnsonPowers is PowerTransformer._yeo_johnson_transform of
// sklearn/preprocessing/_data.py, up to 1.8.
func yeoJohnsonPowers(v, lambda float64) float64 {
	switch {
	case v >= 0 && math.Abs(lambda) >= spacing:
		return (power(v+1, lambda) - 1) / lambda
	case !(v >= 0) && math.Abs(lambda-2) > spacing:
		return -(power(-v+1, 2-lambda) - 1) / (2 - lambda)
	}
	return yeoJohnson(v, lambda) // the logarithm
}

// power returns base to the exponent, of a base from 1 on. Near 1 it is rounded to the
// nearest float, as in C and unlike math.Pow: once 1 is subtracted the last digit counts.
func power(base, exponent float64) float64 {
	if log := exponent * math.Log(base); math.Abs(log) < 1 {
		return 1 + math.Expm1(log)
	}
	return math.Pow(base, exponent)
}

// boxCox is scipy's boxcox.
func boxCox(v, lambda float64) float64 {
	if math.Abs(lambda) < 1e-19 {
		return math.Log(v)
	}
	return math.Expm1(lambda*math.Log(v)) / lambda
}
