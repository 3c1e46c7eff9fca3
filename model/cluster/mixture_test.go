package cluster_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/cluster"
)

func TestGroups(t *testing.T) {
	c, err := cluster.New([]float64{0, 10, 20}, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := cluster.NewGroups(info(2, 1), c, []int32{1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	mlapitest.Model(t, m, mlapitest.SamplesCase{Samples: [][]float64{{1}, {9}, {16}, {15}}, Want: []any{1, 0, 1, 0}})
	for name, groups := range map[string][]int32{"few": {0, 1}, "no such group": {0, 1, 2}, "a negative group": {0, 1, -1}} {
		if _, err := cluster.NewGroups(info(2, 1), c, groups); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := cluster.NewGroups(info(2, 2), c, []int32{0, 1, 1}); err == nil {
		t.Error("another number of features: accepted")
	}
}

func mixture(features int) *mlapi.Info {
	i := info(2, features)
	i.Scores = mlapi.Probability
	return i
}

// TestMixture has two distributions, of which the second is twice as narrow. The densities
// are those of the definition.
func TestMixture(t *testing.T) {
	log := math.Log
	density := func(x, mean, root, weight float64) float64 {
		return weight * root / math.Sqrt(2*math.Pi) * math.Exp(-(x-mean)*(x-mean)*root*root/2)
	}
	c := -0.5 * log(2*math.Pi)
	m, err := cluster.NewMixture(mixture(1), []cluster.Component{
		{Mean: []float64{0}, Root: []float64{1}, Constant: c + log(0.75)},
		{Mean: []float64{3}, Root: []float64{2}, Constant: c + log(2) + log(0.25)},
	})
	if err != nil {
		t.Fatal(err)
	}
	mlapitest.Model(t, m,
		mlapitest.SamplesCase{Samples: [][]float64{{0}, {3}, {1.9}, {-1000}}, Want: []any{0, 1, 0, 0}},
		mlapitest.SamplesCase{Name: "missing", Samples: [][]float64{{math.NaN()}}, Code: "missing_value"},
		mlapitest.SamplesCase{Name: "too large", Samples: [][]float64{{1e300}}, Code: "value_too_large"},
	)
	var x mlapi.Matrix
	x.Resize(1, 1)
	x.Data[0] = 1.9
	s := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	if err := m.Predict(context.Background(), &s, &x); err != nil {
		t.Fatal(err)
	}
	a, b := density(1.9, 0, 1, 0.75), density(1.9, 3, 2, 0.25)
	if got, want := s.Values[0], a/(a+b); math.Abs(got-want) > 1e-14 {
		t.Errorf("the probability is %v, want %v", got, want)
	}
	// Of two features that depend on each other: (x - 0) times the root is (2x, x + 3y).
	m, err = cluster.NewMixture(mixture(2), []cluster.Component{
		{Mean: []float64{0, 0}, Root: []float64{2, 1, 0, 3}},
		{Mean: []float64{0, 0}, Root: []float64{1, 1}, Constant: -6.3},
	})
	if err != nil {
		t.Fatal(err)
	}
	// -(4+16)/2 = -10 against -(1+1)/2 - 6.3, and -(4+4)/2 = -4 against -(1+1)/2 - 6.3.
	mlapitest.Model(t, m, mlapitest.SamplesCase{Samples: [][]float64{{1, 1}, {1, -1}}, Want: []any{1, 0}})
}

func TestBadMixtures(t *testing.T) {
	good := func() []cluster.Component {
		return []cluster.Component{{Mean: []float64{0}, Root: []float64{1}}, {Mean: []float64{1}, Root: []float64{1}}}
	}
	for name, spoil := range map[string]func(i *mlapi.Info, c []cluster.Component) []cluster.Component{
		"none":              func(*mlapi.Info, []cluster.Component) []cluster.Component { return nil },
		"one less":          func(_ *mlapi.Info, c []cluster.Component) []cluster.Component { return c[1:] },
		"no features":       func(i *mlapi.Info, c []cluster.Component) []cluster.Component { i.Features = nil; return c },
		"no scores":         func(i *mlapi.Info, c []cluster.Component) []cluster.Component { i.Scores = mlapi.NoScores; return c },
		"no mean":           func(_ *mlapi.Info, c []cluster.Component) []cluster.Component { c[1].Mean = nil; return c },
		"half a root":       func(_ *mlapi.Info, c []cluster.Component) []cluster.Component { c[1].Root = []float64{1, 2}; return c },
		"an infinite mean":  func(_ *mlapi.Info, c []cluster.Component) []cluster.Component { c[0].Mean[0] = math.Inf(1); return c },
		"a root of NaN":     func(_ *mlapi.Info, c []cluster.Component) []cluster.Component { c[0].Root[0] = math.NaN(); return c },
		"a constant of NaN": func(_ *mlapi.Info, c []cluster.Component) []cluster.Component { c[0].Constant = math.NaN(); return c },
	} {
		i, c := mixture(1), good()
		if _, err := cluster.NewMixture(i, c); err != nil {
			t.Fatal(err)
		}
		c = spoil(i, c)
		if _, err := cluster.NewMixture(i, c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
