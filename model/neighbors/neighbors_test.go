package neighbors_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/neighbors"
	"example.com/mlapi/model/vector"
)

func metric(t *testing.T, name string, o neighbors.MetricOptions) neighbors.Metric {
	t.Helper()
	m, err := neighbors.NewMetric(name, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func index(t *testing.T, p vector.Samples, m neighbors.Metric, tree *neighbors.Tree, products bool) *neighbors.Index {
	t.Helper()
	x, err := neighbors.NewIndex(p, m, tree, products)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func info(task mlapi.Task, features, classes, outputs int) *mlapi.Info {
	i := &mlapi.Info{Estimator: "Neighbors", Task: task, Features: make([]mlapi.Feature, features), Outputs: outputs}
	for k := range classes {
		i.Classes = append(i.Classes, mlapi.IntLabel(int64(k)))
	}
	if task == mlapi.Classifier && outputs == 0 {
		i.Scores = mlapi.Probability
	}
	return i
}

// line is the points 0, 1, 2, 4 and 8 on a line.
func line() vector.Samples { return vector.Samples{Width: 1, Values: []float64{0, 1, 2, 4, 8}} }

func classifier(t *testing.T, x *neighbors.Index, v neighbors.Vote, labels ...int64) *neighbors.Classifier {
	t.Helper()
	classes := int(slices.Max(labels)) + 1
	places := make([]int32, classes)
	for k := range places {
		places[k] = int32(k)
	}
	m, err := neighbors.NewClassifier(info(mlapi.Classifier, x.Width(), classes, 0), x, v, []neighbors.Output{{Labels: labels, Classes: places, Outlier: -1}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestClassifier(t *testing.T) {
	euclid := metric(t, "euclidean", neighbors.MetricOptions{})
	for name, products := range map[string]bool{"differences": false, "products": true} {
		t.Run(name, func(t *testing.T) {
			x := index(t, line(), euclid, nil, products)
			check(t, classifier(t, x, neighbors.Vote{Neighbors: 3}, 0, 0, 1, 1, 1), samples{
				Samples: [][]float64{{0.4}, {2.5}, {9}},
				Want:    []any{int64(0), int64(1), int64(1)},
				Scores:  [][]float64{{2. / 3, 1. / 3}, {1. / 3, 2. / 3}, {0, 1}},
			}, samples{Name: "missing", Samples: [][]float64{{math.NaN()}}, Code: "missing_value"},
				samples{Name: "infinite", Samples: [][]float64{{math.Inf(1)}}, Code: "value_too_large"},
				samples{Name: "too large", Samples: [][]float64{{1e300}}, Code: "value_too_large"})
			// Two votes of 1 and 1 against 1/2 and 1/1: by distance the nearer ones count more.
			check(t, classifier(t, x, neighbors.Vote{Neighbors: 4, ByDistance: true}, 0, 1, 1, 0, 1), samples{
				Samples: [][]float64{{3}, {1}},
				Want:    []any{int64(1), int64(1)}, // 1/3 + 1 of class 0 against 1/2 + 1; and at a sample it alone counts
				Scores:  [][]float64{{(1./3 + 1) / (1./3 + 1 + 1./2 + 1), (1./2 + 1) / (1./3 + 1 + 1./2 + 1)}, {0, 1}},
			})
			// One vote each: the first class is chosen.
			check(t, classifier(t, x, neighbors.Vote{Neighbors: 2}, 1, 0, 2, 0, 0), samples{
				Samples: [][]float64{{1.6}}, Want: []any{int64(0)}, Scores: [][]float64{{0.5, 0, 0.5}},
			})
		})
	}
}

func TestClassifierOfSeveralOutputs(t *testing.T) {
	x := index(t, line(), metric(t, "manhattan", neighbors.MetricOptions{}), nil, false)
	m, err := neighbors.NewClassifier(info(mlapi.Classifier, 1, 4, 2), x, neighbors.Vote{Neighbors: 1}, []neighbors.Output{
		{Labels: []int64{0, 0, 1, 1, 1}, Classes: []int32{0, 1}, Outlier: -1},
		{Labels: []int64{1, 0, 1, 0, 1}, Classes: []int32{2, 3}, Outlier: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, samples{
		Samples: [][]float64{{0}, {5}}, Want: []any{[]any{int64(0), int64(3)}, []any{int64(1), int64(2)}},
	})
}

func TestRadius(t *testing.T) {
	x := index(t, line(), metric(t, "euclidean", neighbors.MetricOptions{}), nil, true)
	within := neighbors.Vote{Radius: 2}
	out := []neighbors.Output{{Labels: []int64{0, 1, 1, 0, 0}, Classes: []int32{0, 1}, Outlier: -1}}
	m, err := neighbors.NewClassifier(info(mlapi.Classifier, 1, 2, 0), x, within, out)
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, samples{
		Samples: [][]float64{{0}, {6}}, // 6 is exactly 2 away from 4 and 8
		Want:    []any{int64(1), int64(0)},
		Scores:  [][]float64{{1. / 3, 2. / 3}, {1, 0}},
	}, samples{Name: "nobody", Samples: [][]float64{{11}}, Code: "no_neighbors"})
	out[0].Outlier = 1
	if m, err = neighbors.NewClassifier(info(mlapi.Classifier, 1, 2, 0), x, within, out); err != nil {
		t.Fatal(err)
	}
	check(t, m, samples{Samples: [][]float64{{11}}, Want: []any{int64(1)}, Scores: [][]float64{{0, 1}}})
	r, err := neighbors.NewRegressor(info(mlapi.Regressor, 1, 0, 1), x, within, []float64{1, 2, 6, 7, 9})
	if err != nil {
		t.Fatal(err)
	}
	check(t, r, samples{Samples: [][]float64{{0}, {6}}, Want: []any{3., 8.}},
		samples{Name: "nobody", Samples: [][]float64{{11}}, Code: "no_neighbors"})
}

func TestRegressor(t *testing.T) {
	x := index(t, line(), metric(t, "chebyshev", neighbors.MetricOptions{}), nil, false)
	values := []float64{0, 10, 1, 20, 3, 30, 5, 40, 9, 50}
	for name, c := range map[string]struct {
		byDistance bool
		want       []any
	}{
		"the same":    {false, []any{[]float64{2., 25.}, []float64{4., 35.}}},
		"by distance": {true, []any{[]float64{(1/0.5 + 3/0.5) / 4, (20/0.5 + 30/0.5) / 4}, []float64{5., 40.}}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := neighbors.NewRegressor(info(mlapi.Regressor, 1, 0, 2), x, neighbors.Vote{Neighbors: 2, ByDistance: c.byDistance}, values)
			if err != nil {
				t.Fatal(err)
			}
			check(t, m, samples{Samples: [][]float64{{1.5}, {4}}, Want: c.want})
		})
	}
}

// TestOutlierDetector has a sample between two of four even points, and one far away; the
// expected scores are computed as in the definition.
func TestOutlierDetector(t *testing.T) {
	p := vector.Samples{Width: 1, Values: []float64{0, 1, 2, 3}}
	x := index(t, p, metric(t, "euclidean", neighbors.MetricOptions{}), nil, false)
	density, reach := []float64{0.5, 1, 1, 0.5}, []float64{2, 1, 1, 2}
	i := info(mlapi.OutlierDetector, 1, 0, 0)
	i.Classes, i.Scores = []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}, mlapi.Anomaly
	m, err := neighbors.NewOutlierDetector(i, x, 2, density, reach, -1.5)
	if err != nil {
		t.Fatal(err)
	}
	near := 1/(1.+1e-10) + 1e-10*0 // both neighbours are reached in 1
	check(t, m, samples{
		Samples: [][]float64{{1.5}, {13}},
		Want:    []any{int64(1), int64(-1)},
		Scores:  [][]float64{{-1/near + 1.5}, {-(1+0.5)/2*(10.5+1e-10) + 1.5}},
	})
}

func TestCentroids(t *testing.T) {
	points := vector.Samples{Width: 2, Values: []float64{0, 0, 4, 0}}
	x := index(t, points, metric(t, "euclidean", neighbors.MetricOptions{}), nil, false)
	plain := info(mlapi.Classifier, 2, 2, 0)
	plain.Scores = mlapi.NoScores
	m, err := neighbors.NewCentroids(plain, x)
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, samples{Samples: [][]float64{{1, 9}, {3, 0}, {2, 1}}, Want: []any{int64(0), int64(1), int64(0)}})
	if m, err = neighbors.NewCentroids(info(mlapi.Classifier, 2, 2, 0), x); err != nil {
		t.Fatal(err)
	}
	if err := m.Discriminate([]float64{2, 0}, []float64{0.2, 0.8}); err != nil {
		t.Fatal(err)
	}
	// Halfway the distances are the same, 1 after scaling, and the shares decide: squared.
	check(t, m, samples{Samples: [][]float64{{2, 0}}, Want: []any{int64(1)}, Scores: [][]float64{{0.04 / 0.68, 0.64 / 0.68}}})
	far := index(t, vector.Samples{Width: 2, Values: []float64{1, 0, 0, 3}}, metric(t, "cosine", neighbors.MetricOptions{}), nil, false)
	if m, err = neighbors.NewCentroids(plain, far); err != nil {
		t.Fatal(err)
	}
	check(t, m, samples{Samples: [][]float64{{3, 1}, {1, 2}}, Want: []any{int64(0), int64(1)}})
}

func TestMetrics(t *testing.T) {
	a, b := []float64{1, -2, 3}, []float64{4, 2, 3}
	for _, c := range []struct {
		name string
		o    neighbors.MetricOptions
		want float64
	}{
		{"euclidean", neighbors.MetricOptions{}, 5},
		{"l2", neighbors.MetricOptions{}, 5},
		{"sqeuclidean", neighbors.MetricOptions{}, 25},
		{"manhattan", neighbors.MetricOptions{}, 7},
		{"cityblock", neighbors.MetricOptions{}, 7},
		{"l1", neighbors.MetricOptions{}, 7},
		{"chebyshev", neighbors.MetricOptions{}, 4},
		{"minkowski", neighbors.MetricOptions{P: 1}, 7},
		{"minkowski", neighbors.MetricOptions{P: 2}, 5},
		{"minkowski", neighbors.MetricOptions{P: 3}, math.Cbrt(27 + 64)},
		{"minkowski", neighbors.MetricOptions{P: math.Inf(1)}, 4},
		{"minkowski", neighbors.MetricOptions{P: 1, Weights: []float64{2, 1, 7}}, 10},
		{"seuclidean", neighbors.MetricOptions{Variances: []float64{1, 4, 1}}, math.Sqrt(9 + 4)},
		{"canberra", neighbors.MetricOptions{}, 3./5 + 4./4},
		{"braycurtis", neighbors.MetricOptions{}, 7. / (5 + 4 + 6)},
		{"braycurtis", neighbors.MetricOptions{OfSums: true}, 7. / (5 + 0 + 6)},
		{"hamming", neighbors.MetricOptions{}, 2. / 3},
		{"cosine", neighbors.MetricOptions{}, 1 - 9/math.Sqrt(14*29)},
		// Less their means the samples are 1/3, -8/3, 7/3 and 1, -1, 0.
		{"correlation", neighbors.MetricOptions{}, 1 - 3/math.Sqrt(114./9*2)},
		{"jaccard", neighbors.MetricOptions{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := index(t, vector.Samples{Width: 3, Values: slices.Clone(b)}, metric(t, c.name, c.o), nil, false)
			checkDistance(t, x, a, c.want)
		})
	}
	truth := vector.Samples{Width: 4, Values: []float64{1, 0, 1, 0}} // and 1, 1, 0, 0: one both, two one
	for name, want := range map[string]float64{
		"jaccard": 2. / 3, "dice": 2. / 4, "matching": 0.5, "kulsinski": (2. - 1 + 4) / 6, "rogerstanimoto": 4. / 6, "russellrao": 3. / 4, "sokalmichener": 4. / 6, "sokalsneath": 2 / 2.5,
	} {
		t.Run(name, func(t *testing.T) {
			checkDistance(t, index(t, truth, metric(t, name, neighbors.MetricOptions{}), nil, false), []float64{1, 1, 0, 0}, want)
		})
	}
	globe := vector.Samples{Width: 2, Values: []float64{0, math.Pi / 2}}
	checkDistance(t, index(t, globe, metric(t, "haversine", neighbors.MetricOptions{}), nil, false), []float64{0, 0}, math.Pi/2)
}

// checkDistance checks how far the only point of x is from q, as an outlier detector
// tells: with density 1 and reach 0 its score is -(distance + 1e-10).
func checkDistance(t *testing.T, x *neighbors.Index, q []float64, want float64) {
	t.Helper()
	i := info(mlapi.OutlierDetector, len(q), 0, 0)
	i.Classes, i.Scores = []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}, mlapi.Anomaly
	m, err := neighbors.NewOutlierDetector(i, x, 1, []float64{1}, []float64{0}, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := ask(t, m, 1, q)
	if got := -s.Values[0] - 1e-10; math.Abs(got-want) > 1e-12 {
		t.Errorf("the distance is %v, want %v", got, want)
	}
}

// ask returns what m says of one sample or several.
func ask(t *testing.T, m mlapi.Model, samples int, values []float64) *mlapi.Scores {
	t.Helper()
	var x mlapi.Matrix
	x.Resize(samples, len(values)/samples)
	copy(x.Data, values)
	s := &mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	if err := m.Predict(context.Background(), s, &x); err != nil {
		t.Fatal(err)
	}
	return s
}

// samples is a case of mlapitest.Model with the scores that are wanted, or nil.
type samples struct {
	Name    string
	Samples [][]float64
	Want    []any
	Scores  [][]float64
	Code    string
}

// check checks the contract of a model, its answers and its scores.
func check(t *testing.T, m mlapi.Model, cases ...samples) {
	t.Helper()
	var list []mlapitest.SamplesCase
	for _, c := range cases {
		list = append(list, mlapitest.SamplesCase{Name: c.Name, Samples: c.Samples, Want: c.Want, Code: c.Code})
		if c.Scores == nil {
			continue
		}
		got := ask(t, m, len(c.Samples), slices.Concat(c.Samples...))
		for i, want := range slices.Concat(c.Scores...) {
			if math.Abs(got.Values[i]-want) > 1e-12 {
				t.Errorf("score %d is %v, want %v", i, got.Values[i], want)
			}
		}
	}
	mlapitest.Model(t, m, list...)
}

// TestPartition checks what numpy 1.26's argpartition answers where values are equal.
func TestPartition(t *testing.T) {
	for _, c := range []struct {
		values []float64
		k      int
		want   []int32
	}{
		{[]float64{5, 5, 3, 5, 3, 1, 3, 3}, 3, []int32{2, 4, 5}},
		{make([]float64, 20), 3, []int32{0, 1, 2}},
		{make([]float64, 20), 6, []int32{11, 13, 14, 15, 16, 17}},
		{[]float64{2, 1, 2}, 3, []int32{0, 1, 2}},
		{[]float64{math.NaN(), 1, math.NaN(), 0, 7}, 4, []int32{1, 3, 4}},
	} {
		order := make([]int32, len(c.values))
		for i := range order {
			order[i] = int32(i)
		}
		neighbors.Partition(order, c.values, c.k)
		got := slices.Sorted(slices.Values(order[:c.k]))
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("the %d least of %v are %v, want %v", c.k, c.values, got, c.want)
			}
		}
	}
}

// TestPartitionIsOne checks that the least are in front, of all kinds of values.
func TestPartitionIsOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + rng.IntN(60)
		values, order := make([]float64, n), make([]int32, n)
		for i := range values {
			values[i], order[i] = float64(rng.IntN(1+rng.IntN(30))), int32(i)
		}
		k := 1 + rng.IntN(n)
		neighbors.Partition(order, values, k)
		most := math.Inf(-1)
		for _, i := range order[:k] {
			most = max(most, values[i])
		}
		for _, i := range order[k:] {
			if values[i] < most {
				t.Fatalf("%v by %v: %v is behind the first %d", values, order, values[i], k)
			}
		}
		if slices.Sort(order); order[0] != 0 || int(order[n-1]) != n-1 || len(slices.Compact(order)) != n {
			t.Fatalf("%v are not all places", order)
		}
	}
}
