package neighbors_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/neighbors"
	"example.com/mlapi/model/vector"
)

// grow sorts points into a tree of full levels, by the median of the widest feature.
func grow(p vector.Samples, levels int, ball bool, m func(a, b []float64) float64) *neighbors.Tree {
	n, nodes := p.Len(), 1<<levels-1
	t := &neighbors.Tree{Ball: ball, Starts: make([]int64, nodes), Ends: make([]int64, nodes), Leaf: make([]bool, nodes), Radius: make([]float64, nodes)}
	for i := range n {
		t.Order = append(t.Order, int64(i))
	}
	low, high, centers := make([]float64, nodes*p.Width), make([]float64, nodes*p.Width), make([]float64, nodes*p.Width)
	row := func(i int64) []float64 { return p.Values[int(i)*p.Width : (int(i)+1)*p.Width] }
	var split func(node int, from, to int64)
	split = func(node int, from, to int64) {
		t.Starts[node], t.Ends[node], t.Leaf[node] = from, to, 2*node+2 >= nodes
		own := t.Order[from:to]
		widest, width := 0, -1.0
		for f := range p.Width {
			a, b, sum := math.Inf(1), math.Inf(-1), 0.0
			for _, i := range own {
				a, b, sum = min(a, row(i)[f]), max(b, row(i)[f]), sum+row(i)[f]
			}
			low[node*p.Width+f], high[node*p.Width+f], centers[node*p.Width+f] = a, b, sum/float64(len(own))
			if b-a > width {
				widest, width = f, b-a
			}
		}
		for _, i := range own {
			t.Radius[node] = max(t.Radius[node], m(row(i), centers[node*p.Width:(node+1)*p.Width]))
		}
		if t.Leaf[node] {
			return
		}
		slices.SortFunc(own, func(i, j int64) int {
			if row(i)[widest] < row(j)[widest] {
				return -1
			}
			return 1
		})
		middle := (from + to) / 2
		split(2*node+1, from, middle)
		split(2*node+2, middle, to)
	}
	split(0, 0, int64(n))
	if t.Bounds = append(low, high...); ball {
		t.Bounds = centers
	}
	return t
}

func randomPoints(rng *rand.Rand, n, width int) vector.Samples {
	p := vector.Samples{Width: width, Values: make([]float64, n*width)}
	for i := range p.Values {
		p.Values[i] = rng.NormFloat64()
	}
	return p
}

// TestTreeFindsWhatLookingAtAllFinds compares trees of both kinds with no tree, by all
// metrics that a tree may have.
func TestTreeFindsWhatLookingAtAllFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"euclidean", "manhattan", "chebyshev", "minkowski"} {
		o := neighbors.MetricOptions{P: 3}
		m := metric(t, name, o)
		for _, ball := range []bool{false, true} {
			p := randomPoints(rng, 200, 3)
			far := func(a, b []float64) float64 {
				sum, most := 0.0, 0.0
				for i, v := range a {
					d := math.Abs(v - b[i])
					most = max(most, d)
					sum += math.Pow(d, map[string]float64{"euclidean": 2, "manhattan": 1, "minkowski": 3, "chebyshev": 1}[name])
				}
				if name == "chebyshev" {
					return most
				}
				return math.Pow(sum, map[string]float64{"euclidean": 0.5, "manhattan": 1, "minkowski": 1. / 3}[name])
			}
			values := make([]float64, p.Len())
			for i := range values {
				values[i] = float64(i * i)
			}
			queries := randomPoints(rng, 100, 3)
			for _, vote := range []neighbors.Vote{{Neighbors: 7, ByDistance: true}, {Neighbors: 200}, {Radius: 2.5}} {
				var answers [2]*mlapi.Scores
				for k, tree := range []*neighbors.Tree{nil, grow(p, 5, ball, far)} {
					r, err := neighbors.NewRegressor(info(mlapi.Regressor, 3, 0, 1), index(t, p, m, tree, false), vote, values)
					if err != nil {
						t.Fatal(err)
					}
					answers[k] = ask(t, r, queries.Len(), clamp(queries.Values))
				}
				for i, want := range answers[0].Values {
					if got := answers[1].Values[i]; math.Abs(got-want) > 1e-9*math.Abs(want) {
						t.Errorf("%s, ball %v, %+v: query %d is %v with a tree and %v without", name, ball, vote, i, got, want)
						break
					}
				}
			}
		}
	}
}

// clamp keeps queries where they have neighbours.
func clamp(values []float64) []float64 {
	for i, v := range values {
		values[i] = min(max(v, -1), 1)
	}
	return values
}

// TestTreeOrder checks what scikit-learn answers where distances are equal: the samples
// that its tree has first stay.
func TestTreeOrder(t *testing.T) {
	p := vector.Samples{Width: 1, Values: []float64{5, 5, 5, 5}}
	tree := &neighbors.Tree{Order: []int64{2, 3, 0, 1}, Starts: []int64{0}, Ends: []int64{4}, Leaf: []bool{true}, Radius: []float64{0}, Bounds: []float64{5, 5}}
	m := metric(t, "euclidean", neighbors.MetricOptions{})
	labels := []int64{0, 1, 2, 3}
	if s := ask(t, classifier(t, index(t, p, m, tree, false), neighbors.Vote{Neighbors: 1}, labels...), 1, []float64{4}); s.Class[0] != 2 {
		t.Errorf("the class is %d, want that of the first sample of the tree, 2", s.Class[0])
	}
	x := index(t, p, m, nil, false)
	if s := ask(t, classifier(t, x, neighbors.Vote{Neighbors: 1}, labels...), 1, []float64{4}); s.Class[0] != 0 {
		t.Errorf("the class is %d, want that of the first sample, 0", s.Class[0])
	}
	// Six of twenty: those that numpy's argpartition takes.
	p = vector.Samples{Width: 1, Values: make([]float64, 20)}
	values := make([]float64, 20)
	for i := range values {
		values[i] = float64(i)
	}
	for partitioned, want := range map[bool]float64{false: (0 + 1 + 2 + 3 + 4 + 5) / 6., true: (11 + 13 + 14 + 15 + 16 + 17) / 6.} {
		x := index(t, p, m, nil, true)
		if partitioned {
			x.Partitioned()
		}
		r, err := neighbors.NewRegressor(info(mlapi.Regressor, 1, 0, 1), x, neighbors.Vote{Neighbors: 6}, values)
		if err != nil {
			t.Fatal(err)
		}
		if s := ask(t, r, 1, []float64{0}); math.Abs(s.Values[0]-want) > 1e-12 {
			t.Errorf("partitioned %v: the mean is %v, want %v", partitioned, s.Values[0], want)
		}
	}
}

// TestSparse compares sparse samples, asked and stored, with dense ones.
func TestSparse(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	dense := vector.Samples{Width: 12}
	sparse := vector.Samples{Width: 12, Starts: []int{0}}
	for range 60 {
		for c := range 12 {
			v := 0.0
			if rng.IntN(4) == 0 {
				v = rng.NormFloat64()
				sparse.Values, sparse.Columns = append(sparse.Values, v), append(sparse.Columns, int32(c))
			}
			dense.Values = append(dense.Values, v)
		}
		sparse.Starts = append(sparse.Starts, len(sparse.Values))
	}
	labels := make([]int64, 60)
	for i := range labels {
		labels[i] = int64(i % 5)
	}
	for _, name := range []string{"euclidean", "sqeuclidean", "cosine", "manhattan"} {
		m := metric(t, name, neighbors.MetricOptions{})
		vote := neighbors.Vote{Neighbors: 6, ByDistance: true}
		queries := clamp(randomPoints(rng, 30, 12).Values)
		for i := range queries {
			if rng.IntN(3) > 0 {
				queries[i] = 0
			}
		}
		clone := func(p vector.Samples) vector.Samples { p.Values = slices.Clone(p.Values); return p }
		want := ask(t, classifier(t, index(t, clone(dense), m, nil, true), vote, labels...), 30, queries)
		model := classifier(t, index(t, clone(sparse), m, nil, true), vote, labels...)
		x := mlapitest.Sparse(mlapitest.Matrix(0, 12, queries[:30*12]...))
		got := &mlapi.Scores{Want: mlapi.WantScores, Info: model.Info()}
		if err := model.Predict(t.Context(), got, x); err != nil {
			t.Fatal(err)
		}
		for i, v := range want.Values {
			if math.Abs(got.Values[i]-v) > 1e-9 {
				t.Errorf("%s: share %d is %v of sparse samples and %v of dense ones", name, i, got.Values[i], v)
				break
			}
		}
	}
}

func TestBadIndexes(t *testing.T) {
	euclid := metric(t, "euclidean", neighbors.MetricOptions{})
	good := func() *neighbors.Tree {
		return grow(line(), 2, false, func(a, b []float64) float64 { return math.Abs(a[0] - b[0]) })
	}
	if _, err := neighbors.NewIndex(line(), euclid, good(), false); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*neighbors.Tree){
		"no nodes":          func(t *neighbors.Tree) { *t = neighbors.Tree{} },
		"few bounds":        func(t *neighbors.Tree) { t.Bounds = t.Bounds[1:] },
		"few leaves":        func(t *neighbors.Tree) { t.Leaf = t.Leaf[1:] },
		"few ends":          func(t *neighbors.Tree) { t.Ends = t.Ends[1:] },
		"few radii":         func(t *neighbors.Tree) { t.Ball, t.Bounds, t.Radius = true, t.Bounds[3:], nil },
		"few samples":       func(t *neighbors.Tree) { t.Order = t.Order[1:] },
		"a sample twice":    func(t *neighbors.Tree) { t.Order[0] = t.Order[1] },
		"no such sample":    func(t *neighbors.Tree) { t.Order[0] = 5 },
		"a negative sample": func(t *neighbors.Tree) { t.Order[0] = -1 },
		"the root begins":   func(t *neighbors.Tree) { t.Starts[0] = 1 },
		"the root ends":     func(t *neighbors.Tree) { t.Ends[0] = 4 },
		"a gap":             func(t *neighbors.Tree) { t.Starts[2]++ },
		"an overlap":        func(t *neighbors.Tree) { t.Ends[1] = 5 },
		"backwards":         func(t *neighbors.Tree) { t.Ends[1], t.Starts[2] = -1, -1 },
		"beyond":            func(t *neighbors.Tree) { t.Ends[1], t.Starts[2] = 9, 9 },
		"no child":          func(t *neighbors.Tree) { t.Leaf[1] = false },
	} {
		tree := good()
		spoil(tree)
		if _, err := neighbors.NewIndex(line(), euclid, tree, false); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	sparse := func() vector.Samples {
		return vector.Samples{Width: 2, Values: []float64{1, 2, 3}, Columns: []int32{0, 1, 0}, Starts: []int{0, 2, 3}}
	}
	for name, p := range map[string]vector.Samples{
		"no samples":       {Width: 1},
		"no features":      {Values: []float64{1}},
		"half a sample":    {Width: 2, Values: []float64{1, 2, 3}},
		"no number":        {Width: 1, Values: []float64{math.NaN()}},
		"infinite":         {Width: 1, Values: []float64{math.Inf(1)}},
		"few columns":      {Width: 2, Values: []float64{1}, Starts: []int{0, 1}},
		"a column twice":   {Width: 2, Values: []float64{1, 2}, Columns: []int32{1, 1}, Starts: []int{0, 2}},
		"no such column":   {Width: 2, Values: []float64{1}, Columns: []int32{2}, Starts: []int{0, 1}},
		"starts later":     {Width: 2, Values: []float64{1}, Columns: []int32{1}, Starts: []int{1, 1}},
		"ends before":      {Width: 2, Values: []float64{1}, Columns: []int32{1}, Starts: []int{0, 0}},
		"descends":         {Width: 2, Values: []float64{1, 2}, Columns: []int32{1, 0}, Starts: []int{0, 3, 2}},
		"sparse in a tree": sparse(),
	} {
		var tree *neighbors.Tree
		if name == "sparse in a tree" {
			tree = good()
		}
		if _, err := neighbors.NewIndex(p, euclid, tree, false); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := neighbors.NewIndex(sparse(), euclid, nil, false); err != nil {
		t.Error(err)
	}
	for name, m := range map[string]neighbors.Metric{
		"no metric": {}, "cosine": metric(t, "cosine", neighbors.MetricOptions{}), "squares": metric(t, "sqeuclidean", neighbors.MetricOptions{}),
		"canberra": metric(t, "canberra", neighbors.MetricOptions{}), "haversine": metric(t, "haversine", neighbors.MetricOptions{}),
	} {
		if _, err := neighbors.NewIndex(line(), m, good(), false); err == nil {
			t.Errorf("a tree of %s: accepted", name)
		}
	}
}

func TestBadMetrics(t *testing.T) {
	for name, o := range map[string]neighbors.MetricOptions{
		"minkowski": {}, "p": {P: math.NaN()}, "seuclidean": {}, "wminkowski": {P: 2}, "mahalanobis": {}, "": {},
	} {
		if _, err := neighbors.NewMetric(name, o); err == nil {
			t.Errorf("%q: accepted", name)
		}
	}
	for name, o := range map[string]neighbors.MetricOptions{
		"a negative weight": {P: 1, Weights: []float64{-1}}, "an infinite weight": {P: 1, Weights: []float64{math.Inf(1)}}, "no weight": {P: 1, Weights: []float64{}},
		"the greatest weighed": {P: math.Inf(1), Weights: []float64{1}},
	} {
		if _, err := neighbors.NewMetric("minkowski", o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := neighbors.NewMetric("seuclidean", neighbors.MetricOptions{Variances: []float64{0}}); err == nil {
		t.Error("a variance of 0: accepted")
	}
	if err := (neighbors.MetricOptions{Weights: []float64{1, 2}}).Check(3); err == nil {
		t.Error("two weights of three features: accepted")
	}
	if err := (neighbors.MetricOptions{Variances: []float64{1, 2}}).Check(2); err != nil {
		t.Error(err)
	}
}

func TestBadModels(t *testing.T) {
	x := index(t, line(), metric(t, "euclidean", neighbors.MetricOptions{}), nil, false)
	two := func() []neighbors.Output {
		return []neighbors.Output{{Labels: []int64{0, 1, 0, 1, 0}, Classes: []int32{0, 1}, Outlier: -1}}
	}
	for name, c := range map[string]struct {
		info    *mlapi.Info
		x       *neighbors.Index
		v       neighbors.Vote
		outputs []neighbors.Output
	}{
		"no index":          {info(mlapi.Classifier, 1, 2, 0), nil, neighbors.Vote{Neighbors: 1}, two()},
		"too many":          {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Neighbors: 6}, two()},
		"negative":          {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Neighbors: -1}, two()},
		"a negative radius": {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Radius: -1}, two()},
		"no radius":         {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Radius: math.NaN()}, two()},
		"features":          {info(mlapi.Classifier, 2, 2, 0), x, neighbors.Vote{Neighbors: 1}, two()},
		"outputs":           {info(mlapi.Classifier, 1, 2, 2), x, neighbors.Vote{Neighbors: 1}, two()},
		"few labels":        {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Neighbors: 1}, []neighbors.Output{{Labels: []int64{0}, Classes: []int32{0, 1}}}},
		"no such label":     {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Neighbors: 1}, []neighbors.Output{{Labels: []int64{0, 1, 0, 1, 2}, Classes: []int32{0, 1}}}},
		"a negative label":  {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Neighbors: 1}, []neighbors.Output{{Labels: []int64{0, 1, 0, 1, -1}, Classes: []int32{0, 1}}}},
		"no such class":     {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Neighbors: 1}, []neighbors.Output{{Labels: []int64{0, 1, 0, 1, 0}, Classes: []int32{0, 2}}}},
		"no such outlier":   {info(mlapi.Classifier, 1, 2, 0), x, neighbors.Vote{Neighbors: 1}, []neighbors.Output{{Labels: []int64{0, 1, 0, 1, 0}, Classes: []int32{0, 1}, Outlier: 2}}},
		"scores of more":    {info(mlapi.Classifier, 1, 3, 0), x, neighbors.Vote{Neighbors: 1}, two()},
	} {
		if _, err := neighbors.NewClassifier(c.info, c.x, c.v, c.outputs); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	one := neighbors.Vote{Neighbors: 1}
	for name, values := range map[string][]float64{"few values": {1, 2}, "no number": {1, 2, 3, 4, math.NaN()}} {
		if _, err := neighbors.NewRegressor(info(mlapi.Regressor, 1, 0, 1), x, one, values); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	five := []float64{1, 1, 1, 1, 1}
	for name, c := range map[string]struct {
		k              int
		density, reach []float64
		offset         float64
	}{
		"none": {0, five, five, 0}, "too many": {6, five, five, 0}, "few densities": {1, five[1:], five, 0}, "few distances": {1, five, five[1:], 0},
		"no offset": {1, five, five, math.NaN()}, "an infinite density": {1, []float64{1, 1, 1, 1, math.Inf(1)}, five, 0},
	} {
		if _, err := neighbors.NewOutlierDetector(info(mlapi.OutlierDetector, 1, 0, 0), x, c.k, c.density, c.reach, c.offset); err == nil {
			t.Errorf("an outlier detector of %s: accepted", name)
		}
	}
	if _, err := neighbors.NewCentroids(info(mlapi.Classifier, 1, 4, 0), x); err == nil {
		t.Error("five centres of four classes: accepted")
	}
	m, err := neighbors.NewCentroids(info(mlapi.Classifier, 1, 5, 0), x)
	if err != nil {
		t.Fatal(err)
	}
	share := []float64{0.2, 0.2, 0.2, 0.2, 0.2}
	for name, c := range map[string][2][]float64{
		"few scales": {nil, share}, "few shares": {{1}, share[1:]}, "a negative scale": {{-1}, share}, "no share": {{1}, {0.2, 0.2, 0.2, 0.4, 0}},
	} {
		if err := m.Discriminate(c[0], c[1]); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
