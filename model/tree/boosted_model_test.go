package tree_test

import (
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/tree"
)

func TestBoostedModels(t *testing.T) {
	two := boostedStump()
	two.Output, two.Values = tree.AllOutputs, []float64{0, 0, 1, 2, 4, 3}
	b, err := tree.PackBoosted([]tree.BoostedTree{two}, tree.BoostOptions{Features: 1, Outputs: 2})
	if err != nil {
		t.Fatal(err)
	}
	features := []mlapi.Feature{{Name: "a"}}
	labels := []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1)}
	classifier := &mlapi.Info{Estimator: "C", Task: mlapi.Classifier, Classes: labels, Features: features, Scores: mlapi.Decision}
	regressor := &mlapi.Info{Estimator: "R", Task: mlapi.Regressor, Outputs: 2, Features: features}
	half := func(dst, margins []float64) { dst[0], dst[1] = margins[0]/2, margins[1]/2 }
	second := func(_, _ []float64) int32 { return 1 }
	for name, test := range map[string]struct {
		info *mlapi.Info
		how  tree.Answer
		want []any
	}{
		"regressor":  {regressor, tree.Answer{Width: 2}, []any{[]float64{1, 2}, []float64{4, 3}}},
		"link":       {regressor, tree.Answer{Width: 2, Link: half}, []any{[]float64{0.5, 1}, []float64{2, 1.5}}},
		"classifier": {classifier, tree.Answer{Width: 2}, []any{1, 0}},
		"class":      {classifier, tree.Answer{Width: 2, Link: half, Class: second}, []any{1, 1}},
	} {
		m, err := tree.NewBoostedModel(test.info, b, test.how)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mlapitest.Model(t, m, mlapitest.SamplesCase{Name: name, Samples: [][]float64{{0}, {1}}, Want: test.want},
			mlapitest.SamplesCase{Name: name + ", missing", Samples: [][]float64{{math.NaN()}}, Code: "missing_value"})
	}
	for name, test := range map[string]struct {
		info *mlapi.Info
		how  tree.Answer
	}{
		"width":    {regressor, tree.Answer{Width: 1}},
		"no width": {&mlapi.Info{Task: mlapi.Regressor, Features: features}, tree.Answer{}},
		"no link":  {&mlapi.Info{Task: mlapi.Regressor, Features: features, Outputs: 3}, tree.Answer{Width: 3}},
		"features": {&mlapi.Info{Task: mlapi.Regressor, Outputs: 2}, tree.Answer{Width: 2}},
		"task":     {&mlapi.Info{Task: mlapi.OutlierDetector, Features: features, Outputs: 2}, tree.Answer{Width: 2}},
	} {
		if _, err := tree.NewBoostedModel(test.info, b, test.how); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
