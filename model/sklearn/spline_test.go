package sklearn

import (
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// TestSplinesOfScipy117 reads splines whose knots and coefficients are called as scipy 1.17
// calls them, beside the function by which it makes arrays.
func TestSplinesOfScipy117(t *testing.T) {
	asarray := pickle.Global{Module: "scipy._lib.array_api_compat.numpy._aliases", Name: "asarray"}
	if !newReader(model.DefaultLimits(1 << 20)).allow(asarray) {
		t.Errorf("%s may not be named", asarray)
	}
	o := document(t, "zoo/1.5.2/scale_spline")
	want := splined(t, o)
	for _, v := range get[*pickle.List](o, "bsplines_").Items {
		b := v.(*pickle.Object)
		if _, done := b.Attr("_t"); done {
			continue // features may share a spline
		}
		set(b, "_t", get[*pickle.Array](b, "t"))
		set(b, "_c", get[*pickle.Array](b, "c"))
		set(b, "_asarray", asarray)
		without(b, "t")
		without(b, "c")
	}
	got := splined(t, o)
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("value %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// splined returns what a SplineTransformer makes of the values 0.5.
func splined(t *testing.T, o *pickle.Object) []float64 {
	t.Helper()
	m, err := newReader(model.DefaultLimits(1 << 20)).model(o)
	if err != nil {
		t.Fatal(err)
	}
	var x mlapi.Matrix
	x.Resize(1, len(m.Info().Features))
	for i := range x.Data {
		x.Data[i] = 0.5
	}
	scores := mlapi.Scores{Info: m.Info()}
	if err := m.Predict(t.Context(), &scores, &x); err != nil {
		t.Fatal(err)
	}
	return scores.Values
}
