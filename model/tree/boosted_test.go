package tree_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
)

// naive walks one row down one boosted tree, asking at each node what the fields of
// BoostedTree say, and returns the leaf.
func naive(t *tree.BoostedTree, o tree.BoostOptions, row []float64) int {
	i := 0
	for t.Left[i] >= 0 {
		x := row[t.Feature[i]]
		if o.Sentinel != nil && x == *o.Sentinel {
			x = math.NaN()
		}
		if o.TinyZero && math.Abs(x) <= float64(float32(1e-35)) {
			x = 0
		}
		left := t.MissingLeft != nil && t.MissingLeft[i]
		kind := tree.NaNMissing
		if t.Kinds != nil {
			kind = t.Kinds[i]
		}
		switch {
		case t.Category != nil && t.Category[i] >= 0:
			left = naiveSet(t.Sets[t.Category[i]], x, left, o.Compare)
		case kind == tree.ZeroMissing && (math.IsNaN(x) || math.Abs(x) <= float64(float32(1e-35))):
		case kind == tree.NothingMissing && math.IsNaN(x):
			left = 0 <= t.Threshold[i]
		case math.IsNaN(x):
		case o.Compare == tree.Float32Below:
			left = float32(x) < float32(t.Threshold[i])
		case o.Compare == tree.Float32AtMost:
			left = float64(float32(x)) <= t.Threshold[i]
		default:
			left = x <= t.Threshold[i]
		}
		if left {
			i = int(t.Left[i])
		} else {
			i = int(t.Right[i])
		}
	}
	return i
}

func naiveSet(s tree.CategorySet, x float64, missingLeft bool, compare tree.Comparison) bool {
	member := func(bits []uint32) bool {
		if compare != tree.Float64AtMost && x < 0 {
			return false
		}
		c := int(x)
		return c >= 0 && c < 32*len(bits) && bits[c/32]>>(c%32)&1 == 1
	}
	if math.IsNaN(x) || s.Known != nil && !member(s.Known) {
		return missingLeft
	}
	return member(s.Bits) == s.Left
}

// naiveMargins is Boosted.Margins for one row.
func naiveMargins(trees []tree.BoostedTree, o tree.BoostOptions, row []float64) []float64 {
	sums := make([]float64, o.Outputs)
	copy(sums, o.Base)
	add := func(k int, v float64) {
		if o.Float32Sums {
			sums[k] = float64(float32(sums[k]) + float32(v))
		} else {
			sums[k] += v
		}
	}
	for i := range trees {
		t := &trees[i]
		leaf := naive(t, o, row)
		if t.Output == tree.AllOutputs {
			for k := range sums {
				add(k, t.Values[leaf*o.Outputs+k])
			}
			continue
		}
		v := t.Values[leaf]
		if t.Linear != nil {
			v = naiveLinear(t.Linear[leaf], row, v)
		}
		add(t.Output, v)
	}
	return sums
}

func naiveLinear(l tree.LinearLeaf, row []float64, otherwise float64) float64 {
	sum := l.Constant
	for k, f := range l.Features {
		if math.IsNaN(row[f]) {
			return otherwise
		}
		sum += l.Coefficients[k] * row[f]
	}
	return sum
}

// shape is what randomBoosted may put into its trees.
type shape struct {
	name       string
	options    tree.BoostOptions
	kinds      bool
	categories bool
	known      bool
	linear     bool
	vectors    bool
}

func randomBoosted(random *rand.Rand, s shape, count, depth int) []tree.BoostedTree {
	trees := make([]tree.BoostedTree, count)
	for i := range trees {
		t := &trees[i]
		t.Output = i % s.options.Outputs
		width := 1
		if s.vectors {
			t.Output, width = tree.AllOutputs, s.options.Outputs
		}
		t.Tree = randomTree(random, depth, s.options.Features, width)
		n := len(t.Left)
		t.MissingLeft = make([]bool, n)
		for k := range n {
			t.MissingLeft[k] = random.IntN(2) == 0
			// Many thresholds are values that rows have.
			t.Threshold[k] = float64(float32(random.IntN(9)) / 4)
			if random.IntN(8) == 0 {
				t.Threshold[k] = float64(float32(random.IntN(3)-1) * 1e-37)
			}
			if random.IntN(8) == 0 {
				t.Threshold[k] = math.Inf(1)
			}
			for w := range width {
				t.Values[k*width+w] = float64(float32(random.NormFloat64()))
			}
		}
		if s.kinds {
			t.Kinds = make([]tree.MissingAs, n)
			for k := range n {
				t.Kinds[k] = tree.MissingAs(random.IntN(3))
			}
		}
		if s.categories {
			t.Category = make([]int32, n)
			for k := range n {
				t.Category[k] = -1
				if random.IntN(2) == 0 {
					t.Category[k] = int32(len(t.Sets))
					set := tree.CategorySet{Bits: []uint32{random.Uint32(), random.Uint32()}, Left: random.IntN(2) == 0}
					if s.known {
						set.Known = []uint32{random.Uint32()}
					}
					t.Sets = append(t.Sets, set)
				}
			}
		}
		if s.linear {
			t.Linear = make([]tree.LinearLeaf, n)
			for k := range n {
				l := tree.LinearLeaf{Constant: random.NormFloat64()}
				for range random.IntN(3) {
					l.Features = append(l.Features, int64(random.IntN(s.options.Features)))
					l.Coefficients = append(l.Coefficients, random.NormFloat64())
				}
				t.Linear[k] = l
			}
		}
	}
	return trees
}

// boostRowsOf returns rows whose values lie on thresholds, between them and far away,
// are missing, negative, tiny or a sentinel.
func boostRowsOf(random *rand.Rand, rows, features int) *mlapi.Matrix {
	var m mlapi.Matrix
	m.Resize(rows, features)
	for i := range m.Data {
		switch v := random.Float64(); random.IntN(8) {
		case 0:
			m.Data[i] = math.NaN()
		case 1:
			m.Data[i] = 0
		case 2:
			m.Data[i] = 1e-36 * (v - 0.5)
		case 3:
			m.Data[i] = 3 * (v - 0.5)
		case 4:
			m.Data[i] = float64(random.IntN(70))
		case 5:
			m.Data[i] = -999
		default:
			m.Data[i] = float64(random.IntN(9)) / 4
		}
	}
	return &m
}

func TestBoostedEqualsTheNaiveWalk(t *testing.T) {
	sentinel := -999.0
	xgb := tree.BoostOptions{Features: 7, Outputs: 1, Compare: tree.Float32Below, Missing: true, Float32Sums: true, Base: []float64{0.5}}
	lgb := tree.BoostOptions{Features: 7, Outputs: 3, Missing: true}
	tiny := lgb
	tiny.TinyZero = true
	marked := xgb
	marked.Sentinel = &sentinel
	three := xgb
	three.Outputs, three.Base = 3, []float64{0.25, -1, 2}
	rounded := tree.BoostOptions{Features: 7, Outputs: 2, Compare: tree.Float32AtMost, Missing: true, Base: []float64{0.5, 0.25}}
	for seed, s := range []shape{
		{name: "float32 below", options: xgb},
		{name: "float32 below, three outputs", options: three},
		{name: "float32 below, vectors", options: three, vectors: true},
		{name: "float32 below, sentinel", options: marked},
		{name: "float32 below, categories", options: marked, categories: true},
		{name: "float32 at most", options: rounded},
		{name: "float64", options: lgb},
		{name: "float64, missing kinds", options: lgb, kinds: true},
		{name: "float64, tiny zero", options: tiny},
		{name: "float64, categories", options: lgb, kinds: true, categories: true},
		{name: "float64, known categories", options: lgb, categories: true, known: true},
		{name: "float64, linear", options: lgb, kinds: true, linear: true},
		{name: "float64, vectors", options: lgb, vectors: true},
		{name: "float32 below, vectors, categories", options: three, vectors: true, categories: true},
	} {
		t.Run(s.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(seed), 7))
			trees := randomBoosted(random, s, 21, 7)
			b, err := tree.PackBoosted(trees, s.options)
			if err != nil {
				t.Fatal(err)
			}
			for _, rows := range []int{1, 5, 8, 700} {
				m := boostRowsOf(random, rows, s.options.Features)
				got := make([]float64, rows*s.options.Outputs)
				if err := b.Margins(context.Background(), got, m); err != nil {
					t.Fatal(err)
				}
				for i := range rows {
					for k, want := range naiveMargins(trees, s.options, m.Row(i)) {
						if v := got[i*s.options.Outputs+k]; v != want {
							t.Fatalf("row %d of %d %v, output %d: %v, want %v", i, rows, m.Row(i), k, v, want)
						}
					}
				}
			}
		})
	}
}

// A sparse row answers as the dense one that it stands for: with 0, or with a
// missing value, where nothing is stored.
func TestBoostedTakesSparseRows(t *testing.T) {
	for _, absentMissing := range []bool{false, true} {
		for _, compare := range []tree.Comparison{tree.Float64AtMost, tree.Float32Below} {
			s := shape{options: tree.BoostOptions{Features: 9, Outputs: 2, Compare: compare, Missing: true, AbsentMissing: absentMissing}, kinds: true}
			random := rand.New(rand.NewPCG(3, 9))
			b, err := tree.PackBoosted(randomBoosted(random, s, 12, 6), s.options)
			if err != nil {
				t.Fatal(err)
			}
			dense := boostRowsOf(random, 60, 9)
			var sparse mlapi.Matrix
			sparse.ResizeSparse(9)
			for i := range 60 {
				for column, v := range dense.Row(i) {
					if random.IntN(2) == 0 {
						sparse.Append(column, v)
						continue
					}
					dense.Row(i)[column] = 0
					if absentMissing {
						dense.Row(i)[column] = math.NaN()
					}
				}
				sparse.EndSample()
			}
			want, got := make([]float64, 120), make([]float64, 120)
			if err := errors.Join(b.Margins(context.Background(), want, dense), b.Margins(context.Background(), got, &sparse)); err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("absent missing %t, comparison %d, sample %d: %v, want %v", absentMissing, compare, i/2, got[i], want[i])
				}
			}
		}
	}
}

func TestBoostedRefusesValues(t *testing.T) {
	for _, test := range []struct {
		name    string
		compare tree.Comparison
		missing bool
		value   float64
		code    string
	}{
		{"NaN", tree.Float32AtMost, false, math.NaN(), "missing_value"},
		{"NaN in float64", tree.Float64AtMost, false, math.NaN(), "missing_value"},
		{"too large", tree.Float32AtMost, false, 1e39, "value_too_large"},
		{"too large where NaN is taken", tree.Float32Below, true, 1e39, "value_too_large"},
		{"infinite", tree.Float32Below, true, math.Inf(-1), "value_too_large"},
		{"infinite in float64", tree.Float64AtMost, true, math.Inf(1), ""},
		{"NaN taken", tree.Float32Below, true, math.NaN(), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := tree.BoostOptions{Features: 2, Outputs: 1, Compare: test.compare, Missing: test.missing}
			b, err := tree.PackBoosted([]tree.BoostedTree{boostedStump()}, o)
			if err != nil {
				t.Fatal(err)
			}
			var dense, sparse mlapi.Matrix
			dense.Resize(9, 2)
			clear(dense.Data)
			dense.Row(8)[0] = test.value
			sparse.ResizeSparse(2)
			for range 8 {
				sparse.EndSample()
			}
			sparse.Append(0, test.value)
			sparse.EndSample()
			for name, m := range map[string]*mlapi.Matrix{"dense": &dense, "sparse": &sparse} {
				err = b.Margins(context.Background(), make([]float64, 9), m)
				e := new(mlapi.Error)
				switch {
				case test.code == "" && err != nil:
					t.Errorf("%s: %v", name, err)
				case test.code != "" && (!errors.As(err, &e) || e.Code != test.code):
					t.Errorf("%s: %v, want %s", name, err, test.code)
				case test.code != "":
					if row, _ := e.Row(); row != 8 {
						t.Errorf("%s: row %d, want 8", name, row)
					}
				}
			}
		})
	}
}

// boostedStump is a valid tree: feature 0 at 0.5, two leaves.
func boostedStump() tree.BoostedTree {
	return tree.BoostedTree{Tree: tree.Tree{
		Left: []int64{1, -1, -1}, Right: []int64{2, -1, -1}, Feature: []int64{0, 0, 0},
		Threshold: []float64{0.5, 0, 0}, Values: []float64{0, 1, 2},
	}}
}

func TestPackBoostedRefusesHostileTrees(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*tree.BoostedTree, *tree.BoostOptions)
		want  string
	}{
		{"no nodes", func(t *tree.BoostedTree, _ *tree.BoostOptions) { *t = tree.BoostedTree{} }, "tree 0: no nodes"},
		{"child is itself", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Left[0] = 0 }, "node 0 is reached twice"},
		{"same child twice", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Right[0] = 1 }, "node 1 is reached twice"},
		{"cycle", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Left[2], t.Right[2] = 0, 0 }, "node 0 is reached twice"},
		{"child outside", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Right[0] = 3 }, "has the child 3"},
		{"child far outside", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Right[0] = math.MaxInt64 }, "has the child"},
		{"half a leaf", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Left[0] = -1 }, "has the child -1"},
		{"feature outside", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Feature[0] = 2 }, "compares feature 2 of 2"},
		{"feature negative", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Feature[0] = -1 }, "compares feature -1 of 2"},
		{"threshold NaN", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Threshold[0] = math.NaN() }, "NaN"},
		{"leaf NaN", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Values[2] = math.NaN() }, "leaf 2 has the value NaN"},
		{"leaf infinite", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Values[1] = math.Inf(-1) }, "leaf 1 has the value -Inf"},
		{"sums overflow", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Values[1] = math.MaxFloat64 }, "overflow"},
		{"float32 sums overflow", func(t *tree.BoostedTree, o *tree.BoostOptions) { t.Values[1], o.Float32Sums = 3e38, true }, "overflow"},
		{"values", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Values = t.Values[:2] }, "values"},
		{"short right", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Right = t.Right[:2] }, "lengths"},
		{"short missing", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.MissingLeft = make([]bool, 2) }, "lengths"},
		{"short kinds", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Kinds = make([]tree.MissingAs, 2) }, "lengths"},
		{"short category", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Category = make([]int32, 2) }, "lengths"},
		{"short linear", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Linear = make([]tree.LinearLeaf, 2) }, "lengths"},
		{"unknown kind", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Kinds = []tree.MissingAs{9, 0, 0} }, "unknown missing kind"},
		{"set outside", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Category = []int32{0, -1, -1} }, "set 0 of 0"},
		{"output outside", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Output = 1 }, "output 1 of 1"},
		{"output negative", func(t *tree.BoostedTree, _ *tree.BoostOptions) { t.Output = -2 }, "output -2 of 1"},
		{"linear lengths", func(t *tree.BoostedTree, _ *tree.BoostOptions) {
			t.Linear = []tree.LinearLeaf{{}, {Features: []int64{0}}, {}}
		}, "1 features and 0 coefficients"},
		{"linear feature", func(t *tree.BoostedTree, _ *tree.BoostOptions) {
			t.Linear = []tree.LinearLeaf{{}, {Features: []int64{2}, Coefficients: []float64{1}}, {}}
		}, "takes feature 2 of 2"},
		{"linear coefficient", func(t *tree.BoostedTree, _ *tree.BoostOptions) {
			t.Linear = []tree.LinearLeaf{{}, {Features: []int64{1}, Coefficients: []float64{math.NaN()}}, {}}
		}, "coefficient NaN"},
		{"linear constant", func(t *tree.BoostedTree, _ *tree.BoostOptions) {
			t.Linear = []tree.LinearLeaf{{}, {Constant: math.Inf(1)}, {}}
		}, "constant +Inf"},
		{"linear vectors", func(t *tree.BoostedTree, _ *tree.BoostOptions) {
			t.Output, t.Linear = tree.AllOutputs, make([]tree.LinearLeaf, 3)
		}, "linear leaves"},
		{"no features", func(_ *tree.BoostedTree, o *tree.BoostOptions) { o.Features = 0 }, "0 features"},
		{"too many features", func(_ *tree.BoostedTree, o *tree.BoostOptions) { o.Features = math.MaxInt32 }, "features"},
		{"no outputs", func(_ *tree.BoostedTree, o *tree.BoostOptions) { o.Outputs = 0 }, "0 outputs"},
		{"bases", func(_ *tree.BoostedTree, o *tree.BoostOptions) { o.Base = []float64{1, 2} }, "2 base values"},
		{"base NaN", func(_ *tree.BoostedTree, o *tree.BoostOptions) { o.Base = []float64{math.NaN()} }, "base value"},
		{"comparison", func(_ *tree.BoostedTree, o *tree.BoostOptions) { o.Compare = 3 }, "comparison"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stump, o := boostedStump(), tree.BoostOptions{Features: 2, Outputs: 1}
			test.spoil(&stump, &o)
			if _, err := tree.PackBoosted([]tree.BoostedTree{stump}, o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %s", err, test.want)
			}
		})
	}
	mixed := boostedStump()
	mixed.Output = tree.AllOutputs
	if _, err := tree.PackBoosted([]tree.BoostedTree{boostedStump(), mixed}, tree.BoostOptions{Features: 2, Outputs: 1}); err == nil || !strings.Contains(err.Error(), "mixed") {
		t.Errorf("mixed leaves: %v", err)
	}
}

// Nodes may stand in any order and some may be out of use.
func TestBoostedTreeOrder(t *testing.T) {
	odd := tree.BoostedTree{Tree: tree.Tree{
		Left: []int64{4, -1, -1, -1, 1}, Right: []int64{3, -1, -1, -1, 2}, Feature: []int64{0, 99, -5, 0, 1},
		Threshold: []float64{0.5, math.NaN(), 0, 0, 0.5}, Values: []float64{0, 1, 2, 3, 0},
	}}
	unused := boostedStump()
	unused.Left, unused.Right = append(unused.Left, 0), append(unused.Right, 77)
	unused.Feature, unused.Threshold, unused.Values = append(unused.Feature, 9), append(unused.Threshold, 0), append(unused.Values, math.NaN())
	b, err := tree.PackBoosted([]tree.BoostedTree{odd, unused}, tree.BoostOptions{Features: 2, Outputs: 1})
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range map[[2]float64]float64{{0, 0}: 2, {0, 1}: 3, {1, 0}: 5} {
		var m mlapi.Matrix
		m.Resize(1, 2)
		copy(m.Data, row[:])
		got := make([]float64, 1)
		if err := b.Margins(context.Background(), got, &m); err != nil || got[0] != want {
			t.Errorf("%v: %v, %v, want %v", row, got, err, want)
		}
	}
}

func TestLinearLeavesOverflow(t *testing.T) {
	stump := boostedStump()
	stump.Linear = []tree.LinearLeaf{{}, {}, {Features: []int64{0, 1}, Coefficients: []float64{1e10, 1e10}}}
	b, err := tree.PackBoosted([]tree.BoostedTree{stump}, tree.BoostOptions{Features: 2, Outputs: 1})
	if err != nil {
		t.Fatal(err)
	}
	var m mlapi.Matrix
	m.Resize(1, 2)
	m.Data[0], m.Data[1] = 1, -1e300
	e := new(mlapi.Error)
	if err := b.Margins(context.Background(), make([]float64, 1), &m); !errors.As(err, &e) || e.Code != "value_too_large" {
		t.Errorf("error is %v", err)
	} else if column, _ := e.Column(); column != 1 {
		t.Errorf("column %d, want 1", column)
	}
}

func TestBoostedWithoutTrees(t *testing.T) {
	b, err := tree.PackBoosted(nil, tree.BoostOptions{Features: 2, Outputs: 2, Base: []float64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	var m mlapi.Matrix
	m.Resize(9, 2)
	got := make([]float64, 18)
	if err := b.Margins(context.Background(), got, &m); err != nil || got[0] != 1 || got[17] != 2 {
		t.Errorf("%v, %v", got, err)
	}
	var e *mlapi.Error
	if err := b.Margins(context.Background(), got[:17], &m); !errors.As(err, &e) || e.Kind != mlapi.Internal {
		t.Errorf("wrong length: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Margins(ctx, got, &m); !errors.As(err, &e) || e.Code != "cancelled" {
		t.Errorf("cancelled: %v", err)
	}
}
