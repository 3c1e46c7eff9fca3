package transform

import (
	"context"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Function applies a function to every value (scikit-learn's FunctionTransformer over a
// plain function of numpy).
type Function struct {
	columnwise
	apply    func(float64) float64
	zero     bool // it gives 0 for 0, so a sparse matrix stays sparse
	validate bool // a missing or infinite value is refused
}

// Functions are the functions of numpy that are applied to values, by their names.
var functions = map[string]func(float64) float64{
	"log": math.Log, "log1p": math.Log1p, "log2": math.Log2, "log10": math.Log10,
	"exp": math.Exp, "expm1": math.Expm1, "exp2": math.Exp2,
	"sqrt": math.Sqrt, "cbrt": math.Cbrt, "square": func(v float64) float64 { return v * v },
	"absolute": math.Abs, "fabs": math.Abs, "abs": math.Abs,
	"sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "arcsin": math.Asin, "arccos": math.Acos, "arctan": math.Atan,
	"sinh": math.Sinh, "cosh": math.Cosh, "tanh": math.Tanh, "arcsinh": math.Asinh, "arccosh": math.Acosh, "arctanh": math.Atanh,
	"floor": math.Floor, "ceil": math.Ceil, "trunc": math.Trunc, "rint": math.RoundToEven,
	"negative": func(v float64) float64 { return -v }, "positive": func(v float64) float64 { return v },
	"reciprocal": func(v float64) float64 { return 1 / v },
	"sign":       sign, "isnan": isNaN,
	"deg2rad": radians, "radians": radians, "rad2deg": degrees, "degrees": degrees,
	"nan_to_num": nanToNumber,
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return v // 0 and NaN
}

func isNaN(v float64) float64 {
	if v != v {
		return 1
	}
	return 0
}

func radians(v float64) float64 { return v * (math.Pi / 180) }

func degrees(v float64) float64 { return v * (180 / math.Pi) }

func nanToNumber(v float64) float64 {
	switch {
	case v != v:
		return 0
	case math.IsInf(v, 0):
		return math.Copysign(math.MaxFloat64, v)
	}
	return v
}

// NewFunction returns the transformer of numpy's function of that name on so many
// features, 0 for however many there are. With validate a missing or infinite value is
// refused.
func NewFunction(features int, name string, validate bool) (*Function, error) {
	apply, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("the function numpy.%s is not known", name)
	}
	return &Function{columnwise{features}, apply, apply(0) == 0, validate}, nil
}

// NewRound returns the transformer of numpy.round to so many decimals.
func NewRound(features, decimals int, validate bool) *Function {
	scale := math.Pow(10, math.Abs(float64(decimals)))
	round := func(v float64) float64 {
		switch {
		case v-v != 0:
			return v
		case decimals < 0:
			return math.RoundToEven(v/scale) * scale
		}
		return math.RoundToEven(v*scale) / scale
	}
	return &Function{columnwise{features}, round, true, validate}
}

// NewClip returns the transformer of numpy.clip: values are held inside low..high.
func NewClip(features int, low, high float64, validate bool) (*Function, error) {
	if !(low <= high) {
		return nil, fmt.Errorf("the range %v to %v is none", low, high)
	}
	clip := func(v float64) float64 { return min(max(v, low), high) } // both give NaN for NaN
	return &Function{columnwise{features}, clip, clip(0) == 0, validate}, nil
}

// Transform applies the function. What it makes of a value out of its domain is NaN,
// which the next step refuses or takes as missing.
func (f *Function) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if f.validate {
		if err := finite(src, false); err != nil {
			return err
		}
	}
	value := func(_ int, v float64) float64 { return f.apply(v) }
	if src.Sparse() && !f.zero {
		return eachRow(dst, src, src.Width(), func(_ int, to, from []float64) error {
			for k, v := range from {
				to[k] = f.apply(v)
			}
			return nil
		})
	}
	eachEntry(dst, src, value)
	return nil
}
