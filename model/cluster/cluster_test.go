package cluster_test

import (
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/cluster"
)

func info(clusters, features int) *mlapi.Info {
	i := &mlapi.Info{Estimator: "KMeans", Task: mlapi.Classifier, Features: make([]mlapi.Feature, features)}
	for k := range clusters {
		i.Classes = append(i.Classes, mlapi.IntLabel(int64(k)))
	}
	return i
}

func TestClassifier(t *testing.T) {
	c, err := cluster.New([]float64{0, 0, 4, 0, 0, 4}, 2)
	if err != nil {
		t.Fatal(err)
	}
	m, err := cluster.NewClassifier(info(3, 2), c)
	if err != nil {
		t.Fatal(err)
	}
	mlapitest.Model(t, m,
		mlapitest.SamplesCase{
			Samples: [][]float64{{1, 1}, {3, 1}, {1, 3}, {2, 0}, {9, 9}}, // the last two are as near to one as to the other
			Want:    []any{int64(0), int64(1), int64(2), int64(0), int64(1)},
		},
		mlapitest.SamplesCase{Name: "missing", Samples: [][]float64{{1, math.NaN()}}, Code: "missing_value"},
		mlapitest.SamplesCase{Name: "infinite", Samples: [][]float64{{math.Inf(-1), 1}}, Code: "value_too_large"},
	)
	distances := make([]float64, 3)
	c.Distances(distances, []float64{0, 3})
	for k, want := range []float64{3, 5, 1} {
		if distances[k] != want {
			t.Errorf("the distance from centre %d is %v, want %v", k, distances[k], want)
		}
	}
}

func TestBadCenters(t *testing.T) {
	for name, values := range map[string][]float64{
		"none": nil, "half a centre": {1, 2, 3}, "no number": {1, math.NaN()}, "infinite": {1, math.Inf(1)},
	} {
		if _, err := cluster.New(values, 2); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	c, err := cluster.New([]float64{1, 2}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for name, i := range map[string]*mlapi.Info{"classes": info(2, 2), "features": info(1, 3)} {
		if _, err := cluster.NewClassifier(i, c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
