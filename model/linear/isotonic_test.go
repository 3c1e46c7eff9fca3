package linear_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/linear"
)

func TestIsotonic(t *testing.T) {
	x, y := []float64{-1, 0, 2}, []float64{1, 3, 4}
	nan := math.NaN()
	for _, test := range []struct {
		outside linear.Outside
		single  bool
		v, want float64
	}{
		{linear.Clip, false, -5, 1}, {linear.Clip, false, -1, 1}, {linear.Clip, false, -0.5, 2}, {linear.Clip, false, 0, 3},
		{linear.Clip, false, 0.5, 3.25}, {linear.Clip, false, 2, 4}, {linear.Clip, false, 5, 4},
		{linear.Missing, false, -1, 1}, {linear.Missing, false, -1.5, nan}, {linear.Missing, false, 2.5, nan},
		{linear.Refuse, false, 2.5, nan}, {linear.Refuse, false, 1, 3.5},
		{linear.Clip, true, -1, 1}, {linear.Clip, true, 2, 4}, {linear.Clip, true, 0.1, float64(float32(3.05))},
		{linear.Missing, true, math.Nextafter(2, 3), 4}, // the nearest float32 is 2
	} {
		f := must[*linear.Isotonic](t)(linear.NewIsotonic(x, y, test.outside, test.single))
		if got := f.At(test.v); got != test.want && !(math.IsNaN(got) && math.IsNaN(test.want)) {
			t.Errorf("outside %d, single %v: %v at %v, want %v", test.outside, test.single, got, test.v, test.want)
		}
	}
	constant := must[*linear.Isotonic](t)(linear.NewIsotonic([]float64{7}, []float64{3}, linear.Missing, false))
	if got := constant.At(-100); got != 3 {
		t.Errorf("a single threshold gives %v, want 3", got)
	}
}

func TestIsotonicIsChecked(t *testing.T) {
	for name, f := range map[string]struct {
		x, y    []float64
		outside linear.Outside
	}{
		"empty":           {nil, nil, linear.Clip},
		"unequal":         {[]float64{1, 2}, []float64{1}, linear.Clip},
		"descending":      {[]float64{2, 1}, []float64{1, 2}, linear.Clip},
		"NaN threshold":   {[]float64{math.NaN()}, []float64{1}, linear.Clip},
		"infinite value":  {[]float64{1}, []float64{math.Inf(1)}, linear.Clip},
		"outside unknown": {[]float64{1}, []float64{1}, 0},
	} {
		if _, err := linear.NewIsotonic(f.x, f.y, f.outside, false); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestIsotonicRegressor(t *testing.T) {
	f := must[*linear.Isotonic](t)(linear.NewIsotonic([]float64{-1, 0, 2}, []float64{1, 3, 4}, linear.Missing, false))
	model := must[*linear.IsotonicRegressor](t)(linear.NewIsotonicRegressor(regression(1, 1), f))
	mlapitest.Model(t, model,
		mlapitest.SamplesCase{Samples: [][]float64{{-1}, {1}, {0}}, Want: []any{1.0, 3.5, 3.0}},
		mlapitest.SamplesCase{Samples: [][]float64{{0}, {2.5}}, Code: "out_of_range"},
		mlapitest.SamplesCase{Samples: [][]float64{{math.NaN()}}, Code: "missing_value"},
	)
	got := predict(t, model, mlapitest.Sparse(mlapitest.Matrix(0, 1, 0, 2)), mlapi.WantPredictions)
	if got.Values[0] != 3 || got.Values[1] != 4 {
		t.Errorf("of sparse rows %v, want 3 and 4", got.Values)
	}
	err := model.Predict(context.Background(), new(mlapi.Scores), mlapitest.Matrix(6, 1, 0, 3))
	if row, _ := mlapi.AsError(err).Row(); row != 7 {
		t.Errorf("row %d, want 7", row)
	}
	if _, err := linear.NewIsotonicRegressor(regression(2, 1), f); err == nil {
		t.Error("two features are accepted")
	}
}
