package sklearn

import (
	"fmt"

	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func splineClasses() []class {
	scipy := []string{"scipy.interpolate._bsplines", "scipy.interpolate.bsplines"}
	return []class{
		{name: "SplineTransformer", modules: []string{"sklearn.preprocessing._polynomial"}, transformer: splines},
		{name: "BSpline", modules: scipy},
		{name: "_BSpline", modules: scipy},
	}
}

// splines follows sklearn/preprocessing/_polynomial.py: transform.
func splines(a *attrs) transform.Transformer {
	beyond, ok := map[string]transform.Beyond{
		"constant": transform.BeyondConstant, "linear": transform.BeyondLinear, "continue": transform.BeyondContinue,
		"periodic": transform.BeyondPeriodic, "error": transform.BeyondError,
	}[a.text("extrapolation")]
	if !ok {
		a.unsupported(hintServed, "extrapolation=%q is unknown", a.text("extrapolation"))
	}
	bias, zeros := a.bool("include_bias"), a.text("handle_missing") == "zeros"
	list := a.list("bsplines_")
	parts := make([]transform.Spline, 0, len(list))
	for i, v := range list {
		parts = append(parts, a.spline(fmt.Sprintf("bsplines_[%d]", i), v))
	}
	if a.err != nil {
		return nil
	}
	t, err := transform.NewSplines(parts, beyond, bias, zeros)
	a.wrap(err)
	return t
}

// spline reads a BSpline of scipy, whose state since 1.17 is another one and an array of
// its kind.
func (a *attrs) spline(what string, v pickle.Value) transform.Spline {
	if o, ok := v.(*pickle.Object); ok {
		if state, ok := o.State.(*pickle.Tuple); ok && len(state.Items) == 2 {
			v = state.Items[0]
		}
	}
	b := a.inside(what, v, "BSpline", "_BSpline")
	if a.err != nil {
		return transform.Spline{}
	}
	knots, _ := b.floats("t")
	coef, shape := b.floats("c")
	degree := b.int("k")
	if b.err == nil && len(shape) != 2 {
		b.broken("attribute c has the shape %v", shape)
	}
	// The values and the slopes at both ends, and the coefficients of the slope.
	if b.err != nil || !b.charge(8*int64(len(coef))+32*int64(shape[1])) {
		a.err = b.err
		return transform.Spline{}
	}
	return transform.Spline{Knots: knots, Coef: coef, Degree: degree, Count: shape[1]}
}
