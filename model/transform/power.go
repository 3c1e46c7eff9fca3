package transform

import (
	"context"
	"errors"
	"math"

	"example.com/mlapi"
)

// Power raises each feature to a power of its own, so that it looks more normal
// (scikit-learn's PowerTransformer without its scaling).
type Power struct {
	columnwise
	lambdas []float64
	boxCox  bool
}

// NewPower returns a transformer by Yeo and Johnson or, with boxCox, by Box and Cox,
// which takes numbers above 0 only.
func NewPower(lambdas []float64, boxCox bool) (*Power, error) {
	for _, l := range lambdas {
		if math.IsInf(l, 0) {
			return nil, errors.New("a power is infinite")
		}
	}
	if len(lambdas) == 0 {
		return nil, errors.New("there are no powers")
	}
	return &Power{columnwise{len(lambdas)}, lambdas, boxCox}, nil
}

// Transform raises. NaN stays NaN; an infinity, and for Box and Cox a number that is not
// above 0, is an Invalid *mlapi.Error.
func (p *Power) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, true); err != nil {
		return err
	}
	return eachRow(dst, src, len(p.lambdas), func(i int, to, from []float64) error {
		for k, v := range from {
			switch {
			case !p.boxCox:
				to[k] = yeoJohnson(v, p.lambdas[k])
			case v <= 0:
				return mlapi.Cellf("not_positive", src.Number(i), k, "the value is not above 0, and this model takes no other.")
			default:
				to[k] = boxCox(v, p.lambdas[k])
			}
		}
		return nil
	})
}

// yeoJohnson raises what is one above 0, or one below.
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

// boxCox is scipy's boxcox.
func boxCox(v, lambda float64) float64 {
	if math.Abs(lambda) < 1e-19 {
		return math.Log(v)
	}
	return math.Expm1(lambda*math.Log(v)) / lambda
}
