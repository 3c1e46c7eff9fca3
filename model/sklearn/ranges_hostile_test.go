package sklearn

import (
	"math"
	"testing"

	"example.com/mlapi/model/pickle"
)

func TestContradictoryBinsAreRefused(t *testing.T) {
	const path = "zoo/1.5.2/scale_bins"
	edges := func(o *pickle.Object) []pickle.Value { return get[*pickle.Array](o, "bin_edges_").Objects }
	refuse(t, []contradiction{
		{"another encoding", path, func(o *pickle.Object) { set(o, "encode", "binary") }, `encode="binary" is unknown`},
		{"a column less", path, func(o *pickle.Object) { resize(o, "n_bins_", 1) }, "bin_edges_"},
		{"edges are no array", path, func(o *pickle.Object) { edges(o)[0] = "x" }, "bin_edges_"},
		{"an edge less", path, func(o *pickle.Object) { edges(o)[0] = floatArray([]int{2}, 0, 1) }, "2 edges around"},
	})
}

func TestContradictoryQuantilesAreRefused(t *testing.T) {
	const path = "zoo/1.5.2/scale_quantile"
	refuse(t, []contradiction{
		{"another distribution", path, func(o *pickle.Object) { set(o, "output_distribution", "cauchy") }, `output_distribution="cauchy" is unknown`},
		{"a quantile less", path, func(o *pickle.Object) { resize(o, "quantiles_", 2) }, "quantiles_ has the shape"},
		{"a list", path, func(o *pickle.Object) { set(o, "quantiles_", floatArray([]int{2}, 0, 1)) }, "quantiles_ has the shape [2]"},
		{"infinite", path, func(o *pickle.Object) {
			set(o, "references_", floatArray([]int{2}, 0, 1))
			set(o, "quantiles_", floatArray([]int{2, 1}, 0, math.Inf(1)))
		}, "infinite"},
	})
}

func TestContradictoryPowersAreRefused(t *testing.T) {
	const path = "zoo/1.5.2/scale_power"
	refuse(t, []contradiction{
		{"another method", path, func(o *pickle.Object) { set(o, "method", "root") }, `method="root" is unknown`},
		{"a power less", path, func(o *pickle.Object) { resize(o, "lambdas_", 1) }, "columns"},
		{"an infinite power", path, func(o *pickle.Object) { set(o, "lambdas_", floatArray([]int{1}, math.Inf(1))) }, "infinite"},
		{"no scaler", path, func(o *pickle.Object) { without(o, "_scaler") }, "_scaler missing"},
		{"scaled by itself", path, func(o *pickle.Object) { set(o, "_scaler", o) }, "inside each other"},
	})
}

func TestContradictorySplinesAreRefused(t *testing.T) {
	const path = "zoo/1.5.2/scale_spline"
	list := func(o *pickle.Object) []pickle.Value { return get[*pickle.List](o, "bsplines_").Items }
	spline := func(o *pickle.Object) *pickle.Object { return list(o)[0].(*pickle.Object) }
	refuse(t, []contradiction{
		{"another extrapolation", path, func(o *pickle.Object) { set(o, "extrapolation", "cubic") }, `extrapolation="cubic" is unknown`},
		{"missing values somehow", path, func(o *pickle.Object) { set(o, "handle_missing", "mean") }, `handle_missing="mean" is unknown`},
		{"a feature less", path, func(o *pickle.Object) { l := get[*pickle.List](o, "bsplines_"); l.Items = l.Items[1:] }, "bsplines_ has"},
		{"no spline", path, func(o *pickle.Object) { list(o)[0] = "x" }, "bsplines_[0]"},
		{"another degree", path, func(o *pickle.Object) { set(spline(o), "k", int64(2)) }, "has the degree 2"},
		{"a knot less", path, func(o *pickle.Object) { resize(spline(o), "t", 5) }, "attribute c has the shape"},
		{"a coefficient less", path, func(o *pickle.Object) { resize(spline(o), "c", 2) }, "attribute c has the shape"},
		{"curves of their own", path, func(o *pickle.Object) {
			c := get[*pickle.Array](spline(o), "c")
			values := make([]float64, c.Shape[0]*c.Shape[1])
			set(spline(o), "c", floatArray(c.Shape, values...))
		}, "not the coefficients of single splines"},
		{"descending", path, func(o *pickle.Object) {
			knots := make([]float64, get[*pickle.Array](spline(o), "t").Shape[0])
			for i := range knots {
				knots[i] = float64(-i)
			}
			set(spline(o), "t", floatArray([]int{len(knots)}, knots...))
		}, "do not ascend"},
	})
}
