package sklearn

import (
	"fmt"

	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func splineClasses() []class {
	scipy := []string{"scipy.interpolate._bsplines", "scipy.interpolate.bsplines"}
	return []class{
		{name: "SplineTransformer", modules: []string{"sklearn.preprocessing._polynomial"}, transformer: splineTransformer},
		{name: "BSpline", modules: scipy},
		{name: "_BSpline", modules: scipy},
	}
}

func splineTransformer(a *attrs) transform.Transformer {
	how := transform.SplineBasis{Degree: a.int("degree"), NoBias: !a.bool("include_bias")}
	known := map[string]transform.Extrapolation{
		"constant": transform.Constant, "linear": transform.Linear, "continue": transform.Continue,
		"periodic": transform.Periodic, "error": transform.Refuse,
	}
	var ok bool
	if how.Extrapolation, ok = known[a.text("extrapolation")]; !ok {
		a.unsupported(hintServed, "extrapolation=%q is unknown", a.text("extrapolation"))
	}
	how.Sparse = a.has("sparse_output") && a.bool("sparse_output") // since 1.2
	if a.has("handle_missing") {                                   // since 1.8
		how.Single = true
		switch missing := a.text("handle_missing"); missing {
		case "zeros":
			how.Zeros = true
		case "error":
		default:
			a.unsupported(hintServed, "handle_missing=%q is unknown", missing)
		}
	}
	knots := a.splineKnots(how)
	if a.err != nil {
		return nil
	}
	s, err := transform.NewSplines(knots, how)
	a.wrap(err)
	return s
}

// splineKnots reads the knots of bsplines_, a list of scipy's BSpline for each feature.
func (a *attrs) splineKnots(how transform.SplineBasis) [][]float64 {
	list := a.list("bsplines_")
	if a.err == nil && a.has("n_features_in_") && a.int("n_features_in_") != len(list) {
		a.broken("attribute bsplines_ has %d features of %d", len(list), a.int("n_features_in_"))
	}
	var knots [][]float64
	var checked *pickle.Array // features share their coefficients
	for i, v := range list {
		what := fmt.Sprintf("bsplines_[%d]", i)
		b := a.bspline(what, v)
		if b == nil {
			return nil
		}
		names := [2]string{b.first("t", "_t"), b.first("c", "_c")} // the latter in scipy 1.17
		t, shape := b.floats(names[0])
		c := b.array(names[1])
		if k := b.int("k"); b.err == nil && (k != how.Degree || len(shape) != 1) {
			a.broken("%s has the degree %d and knots of the shape %v", what, k, shape)
		}
		if b.err == nil && c != checked {
			b.splineCoefficients(names[1], c, how)
			checked = c
		}
		if b.err == nil && c.Shape[0] != len(t)-how.Degree-1 {
			b.broken("attribute c has the shape %v for %d knots", c.Shape, len(t))
		}
		if a.err == nil {
			a.err = b.err
		}
		if a.err != nil {
			return nil
		}
		if !a.charge(256 + 32*int64(len(t))) { // the values and the slopes at both ends
			return nil
		}
		knots = append(knots, t)
	}
	return knots
}

// bspline opens a BSpline of scipy, whose state since 1.17 is another one and an array of
// its kind.
func (a *attrs) bspline(what string, v pickle.Value) *attrs {
	if o, ok := v.(*pickle.Object); ok {
		if state, ok := o.State.(*pickle.Tuple); ok && len(state.Items) == 2 {
			v = state.Items[0]
		}
	}
	return a.inside(what, v, "BSpline", "_BSpline")
}

// splineCoefficients checks that each coefficient is 1 of one spline, as scikit-learn
// makes them: the identity, behind which that of periodic splines begins again.
func (a *attrs) splineCoefficients(name string, c *pickle.Array, how transform.SplineBasis) {
	values, shape := a.floats(name)
	if a.err != nil {
		return
	}
	again := 0
	if how.Extrapolation == transform.Periodic {
		again = how.Degree
	}
	if len(shape) != 2 || shape[0] < 1 || shape[0] != shape[1]+again {
		a.broken("attribute c has the shape %v", c.Shape)
		return
	}
	for i, v := range values {
		row, column := i/shape[1], i%shape[1]
		if want := row%shape[1] == column; want && v != 1 || !want && v != 0 {
			a.broken("attribute c is not the coefficients of single splines")
			return
		}
	}
}
