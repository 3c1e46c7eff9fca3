package sklearn

import (
	"math"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// discriminant is a LinearDiscriminantAnalysis of three features with two directions, of
// which one is kept.
func discriminant(solver string) *pickle.Object {
	state := new(pickle.Dict)
	o := &pickle.Object{Class: pickle.Global{Module: "sklearn.discriminant_analysis", Name: "LinearDiscriminantAnalysis"}, State: state}
	set(o, "_sklearn_version", "1.5.2")
	set(o, "solver", solver)
	set(o, "scalings_", floatArray([]int{3, 2}, 1, 10, 2, 20, 3, 30))
	set(o, "xbar_", floatArray([]int{3}, 1, 1, 2))
	set(o, "_max_components", int64(1))
	return o
}

// TestDiscriminantDirections uses discriminant analysis as a step that makes features.
func TestDiscriminantDirections(t *testing.T) {
	for solver, want := range map[string]float64{
		"svd":   1*(5-1) + 2*(7-1) + 3*(11-2),
		"eigen": 1*5 + 2*7 + 3*11,
	} {
		step, err := directionsOf(discriminant(solver))
		if err != nil {
			t.Fatal(err)
		}
		var in, out mlapi.Matrix
		in.Resize(1, 3)
		copy(in.Data, []float64{5, 7, 11})
		if err := step.Transform(t.Context(), &out, &in); err != nil {
			t.Fatal(err)
		}
		if len(out.Data) != 1 || out.Data[0] != want {
			t.Errorf("%s: %v, want %v", solver, out.Data, want)
		}
	}
}

func TestContradictoryDirectionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*pickle.Object)
		want  string
	}{
		"a solver without":   {func(o *pickle.Object) { set(o, "solver", "lsqr") }, "makes no features"},
		"no directions":      {func(o *pickle.Object) { without(o, "scalings_") }, "scalings_ missing"},
		"a flat list":        {func(o *pickle.Object) { set(o, "scalings_", floatArray([]int{2}, 1, 2)) }, "the shape [2]"},
		"nothing kept":       {func(o *pickle.Object) { set(o, "_max_components", int64(0)) }, "for 0 components"},
		"a mean of two":      {func(o *pickle.Object) { set(o, "xbar_", floatArray([]int{2}, 1, 2)) }, "2 values, want 3"},
		"a direction of NaN": {func(o *pickle.Object) { set(o, "scalings_", floatArray([]int{3, 1}, 1, 2, math.NaN())) }, "not finite"},
	} {
		o := discriminant("svd")
		c.spoil(o)
		if _, err := directionsOf(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q in it", name, err, c.want)
		}
	}
}

// directionsOf builds the transformer of a LinearDiscriminantAnalysis.
func directionsOf(o *pickle.Object) (transform.Transformer, error) {
	a := newReader(model.DefaultLimits(1<<20)).open(o, nil)
	step := a.transformer("a step", o)
	return step, a.err
}

// TestAveragePathLengthOfEveryRelease: by scikit-learn's _average_path_length of 0.18.2,
// 0.19.2, 0.20.4 and 0.21.3.
func TestAveragePathLengthOfEveryRelease(t *testing.T) {
	for _, c := range []struct {
		minor         int
		one, two, ten float64
	}{
		{18, 1, 2*(math.Log(2)+0.5772156649) - 1, 2*(math.Log(10)+0.5772156649) - 1.8},
		{19, 1, 2*euler - 1, 2*(math.Log(9)+euler) - 1.8},
		{20, 1, 2*euler - 1, 2*(math.Log(9)+euler) - 1.8},
		{21, 0, 1, 2*(math.Log(9)+euler) - 1.8},
	} {
		a := &attrs{version: version{0, c.minor}}
		for n, want := range map[float64]float64{1: c.one, 2: c.two, 10: c.ten} {
			if got := a.averagePathLength(n); math.Abs(got-want) > 1e-15*max(1, want)*4 {
				t.Errorf("0.%d: of %v samples %v, want %v", c.minor, n, got, want)
			}
		}
	}
}
