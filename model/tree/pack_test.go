package tree

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// stump is a valid tree: one split, two leaves.
func stump() Tree {
	return Tree{
		Left: []int64{1, -1, -1}, Right: []int64{2, -1, -1},
		Feature: []int64{0, -2, -2}, Threshold: []float64{0.5, -2, -2},
		Values: []float64{5, 5, 4, 1, 1, 4},
	}
}

func TestPackRefusesHostileTrees(t *testing.T) {
	long := Tree{
		Left: []int64{1, 3, -1, -1, -1}, Right: []int64{2, 4, -1, -1, -1},
		Feature: []int64{0, 0, 0, 0, 0}, Threshold: make([]float64, 5), Values: make([]float64, 10),
	}
	tests := []struct {
		name  string
		spoil func(*Tree)
		want  string
	}{
		{"no nodes", func(t *Tree) { *t = Tree{} }, "no nodes"},
		{"child is itself", func(t *Tree) { t.Left[0] = 0 }, "node 0 of 3 has the child 0"},
		{"cycle", func(t *Tree) { t.Left[1], t.Right[1] = 0, 2 }, "node 1 of 3 has the child 0"},
		{"child before its parent", func(t *Tree) { *t = long; t.Left[1] = 1 }, "node 1 of 5 has the child 1"},
		{"child outside", func(t *Tree) { t.Right[0] = 3 }, "node 0 of 3 has the child 3"},
		{"child far outside", func(t *Tree) { t.Right[0] = math.MaxInt64 }, "has the child"},
		{"child negative", func(t *Tree) { t.Left[0] = -2 }, "has the child -2"},
		{"half a leaf", func(t *Tree) { t.Left[0] = -1 }, "has the child -1"},
		{"same child twice", func(t *Tree) { t.Right[0] = 1 }, "node 1 has two parents"},
		{"two parents", func(t *Tree) { t.Left[1], t.Right[1] = 2, 2 }, "node 2 has two parents"},
		{"feature outside", func(t *Tree) { t.Feature[0] = 2 }, "compares feature 2 of 2"},
		{"feature negative", func(t *Tree) { t.Feature[0] = -1 }, "compares feature -1 of 2"},
		{"threshold NaN", func(t *Tree) { t.Threshold[0] = math.NaN() }, "NaN"},
		{"leaf NaN", func(t *Tree) { t.Values[2] = math.NaN() }, "leaf 1 has the value NaN"},
		{"leaf infinite", func(t *Tree) { t.Values[5] = math.Inf(1) }, "leaf 2 has the value +Inf"},
		{"count negative", func(t *Tree) { t.Values[5] = -1 }, "leaf 2 has the value -1"},
		{"too few values", func(t *Tree) { t.Values = t.Values[:5] }, "values"},
		{"too many values", func(t *Tree) { t.Values = append(t.Values, 0, 0) }, "values"},
		{"short right", func(t *Tree) { t.Right = t.Right[:2] }, "lengths"},
		{"short feature", func(t *Tree) { t.Feature = t.Feature[:2] }, "lengths"},
		{"short threshold", func(t *Tree) { t.Threshold = t.Threshold[:2] }, "lengths"},
		{"short missing", func(t *Tree) { t.MissingLeft = make([]bool, 2) }, "lengths"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := stump()
			test.spoil(&tree)
			_, err := Pack([]Tree{stump(), tree}, Options{Features: 2, Width: 2, Counts: true})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "tree 1: ") {
				t.Errorf("error is %v, want tree 1: ...%s", err, test.want)
			}
		})
	}
	for name, o := range map[string]Options{
		"no features":   {Width: 2},
		"no width":      {Features: 2},
		"features wrap": {Features: math.MaxInt32, Width: 2},
	} {
		if _, err := Pack([]Tree{stump()}, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Pack(nil, Options{Features: 2, Width: 2}); err == nil {
		t.Error("no trees: accepted")
	}
}

func TestRoundDown(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	thresholds := []float64{0, math.Copysign(0, -1), 0.1, 1 + 0x1p-24, 1 - 0x1p-25, -0.1, 0x1p-149, 0x1p-150, -0x1p-150, 0x1p-1074,
		math.MaxFloat32, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1)}
	for range 1000 {
		thresholds = append(thresholds, random.NormFloat64()*math.Pow(10, float64(random.IntN(60)-30)))
	}
	for _, threshold := range thresholds {
		f := roundDown(threshold)
		// The float32 values around the threshold answer alike.
		x := math.Nextafter32(math.Nextafter32(float32(threshold), float32(math.Inf(-1))), float32(math.Inf(-1)))
		for range 5 {
			if !math.IsInf(float64(x), 0) && (x <= f) != (float64(x) <= threshold) {
				t.Fatalf("%v <= %v is %v with %v", x, threshold, x <= f, f)
			}
			x = math.Nextafter32(x, float32(math.Inf(1)))
		}
	}
}

// The sums are those of numpy 1.26 and 2.3: np.add.reduce of 1/1, 1/2, ... 1/n.
func TestPairwiseSum(t *testing.T) {
	for n, want := range pairwiseSums {
		v := make([]float64, n)
		for i := range v {
			v[i] = 1 / float64(i+1)
		}
		if got := pairwiseSum(v); got != want {
			t.Errorf("%d values: %v, want %v", n, got, want)
		}
	}
}

func TestEqualLeavesAreStoredOnce(t *testing.T) {
	e, err := Pack([]Tree{stump(), stump()}, Options{Features: 2, Width: 2, Counts: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.values) != 4 {
		t.Errorf("values are %v, want two vectors", e.values)
	}
}

func TestWideRowsMakeSmallBlocks(t *testing.T) {
	for features, want := range map[int]int{1: 512, 100: 512, 1000: 64, 100_000: 8, maxFeatures: 8} {
		if got := rowsPerBlock(features); got != want {
			t.Errorf("%d features: %d rows, want %d", features, got, want)
		}
	}
}

var pairwiseSums = map[int]float64{
	1:    1.0,
	2:    1.5,
	7:    2.5928571428571425,
	8:    2.7178571428571425,
	9:    2.8289682539682537,
	15:   3.3182289932289937,
	16:   3.3807289932289937,
	100:  5.187377517639621,
	128:  5.433147092589173,
	129:  5.440899030573669,
	200:  5.878030948121444,
	300:  6.282663880299504,
	1000: 7.485470860550345,
}
