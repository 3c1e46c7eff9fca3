package transform_test

import (
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/transform"
	"github.com/google/go-cmp/cmp"
)

func TestProject(t *testing.T) {
	project := must[*transform.Project](t)
	plain := project(transform.NewProject(2, transform.Projection{Components: []float64{1, 2, 3, 4, 5, 6}}))
	for name, c := range map[string]struct {
		step     *transform.Project
		in, want []float64
	}{
		"products":          {plain, []float64{1, 10, 0, 1}, []float64{21, 43, 65, 2, 4, 6}},
		"less a mean":       {project(transform.NewProject(2, transform.Projection{Components: []float64{1, 2, 3, 4}, Center: []float64{1, 2}, Scale: []float64{1, 2}})), []float64{2, 12}, []float64{21, 21.5}},
		"less their offset": {project(transform.NewProject(2, transform.Projection{Components: []float64{1, 2, 3, 4}, Offset: []float64{5, 6}})), []float64{2, 12}, []float64{21, 48}},
	} {
		t.Run(name, func(t *testing.T) {
			dense := mlapitest.Matrix(3, 2, c.in...)
			for _, in := range []*mlapi.Matrix{dense, mlapitest.Sparse(dense)} {
				got, err := apply(c.step, in)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(c.want, got.Data); d != "" {
					t.Errorf("sparse %v: %s", in.Sparse(), d)
				}
			}
			for code, v := range map[string]float64{"missing_value": math.NaN(), "value_too_large": math.Inf(-1)} {
				_, err := apply(c.step, mlapitest.Matrix(3, 2, 0, v))
				wantPlace(t, err, code, 3, 1)
			}
		})
	}
	if in, out := plain.Width(); in != 2 || out != 3 {
		t.Errorf("it makes %d columns of %d", out, in)
	}
}

func TestBadProjections(t *testing.T) {
	one := []float64{1, 1}
	for name, p := range map[string]transform.Projection{
		"no directions":      {},
		"half a direction":   {Components: []float64{1, 2, 3}},
		"a direction of NaN": {Components: []float64{1, math.NaN()}},
		"a short center":     {Components: one, Center: []float64{1}},
		"a long offset":      {Components: one, Offset: one},
		"a long scale":       {Components: one, Scale: one},
		"an infinite center": {Components: one, Center: []float64{1, math.Inf(1)}},
	} {
		if _, err := transform.NewProject(2, p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestInvert(t *testing.T) {
	got, err := transform.Invert([]float64{0, 2, 4, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{-0.125, 0.25, 0.5, 0}, got); d != "" {
		t.Error(d)
	}
	for _, bad := range [][]float64{{1, 2, 2, 4}, {math.NaN(), 1, 1, 1}, {math.Inf(1), 1, 1, 1}} {
		if _, err := transform.Invert(bad, 2); err == nil {
			t.Errorf("%v has an inverse", bad)
		}
	}
}
