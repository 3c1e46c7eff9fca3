package tree_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
	"github.com/google/go-cmp/cmp"
)

// descend is scikit-learn's walk, word for word: float32 features, float64
// thresholds, NaN where the node sends it.
func descend(t *tree.Tree, row []float64) int {
	i := 0
	for t.Left[i] != -1 {
		x := float64(float32(row[t.Feature[i]]))
		if math.IsNaN(x) && t.MissingLeft[i] || x <= t.Threshold[i] {
			i = int(t.Left[i])
		} else {
			i = int(t.Right[i])
		}
	}
	return i
}

// average is what a forest of these trees answers for row.
func average(trees []tree.Tree, row []float64, width int) []float64 {
	sum := make([]float64, width)
	for i := range trees {
		at := descend(&trees[i], row) * width
		for k := range sum {
			sum[k] += trees[i].Values[at+k]
		}
	}
	for k := range sum {
		sum[k] /= float64(len(trees))
	}
	return sum
}

func TestForestEqualsThePlainWalk(t *testing.T) {
	for _, test := range []struct{ trees, depth, features, classes, rows int }{
		{1, 0, 1, 2, 20},
		{1, 3, 2, 1, 9},
		{7, 5, 3, 2, 8},
		{8, 6, 4, 3, 7},
		{9, 4, 5, 4, 17},
		{23, 9, 20, 2, 1100},
		{3, 2, 20_000, 2, 40},
	} {
		t.Run(fmt.Sprintf("%+v", test), func(t *testing.T) {
			random := rand.New(rand.NewPCG(5, uint64(test.rows)))
			trees := make([]tree.Tree, test.trees)
			for i := range trees {
				trees[i] = randomTree(random, test.depth, test.features, test.classes)
			}
			m := randomRows(test.rows, test.features)
			edges(random, m, trees)
			e, err := tree.Pack(trees, tree.Options{Features: test.features, Width: test.classes, Missing: true})
			if err != nil {
				t.Fatal(err)
			}
			model, err := tree.NewForestClassifier(info(test.features, test.classes), e)
			if err != nil {
				t.Fatal(err)
			}
			scores := mlapi.Scores{Want: mlapi.WantScores}
			if err := model.Predict(context.Background(), &scores, m); err != nil {
				t.Fatal(err)
			}
			labels := mlapi.Scores{}
			if err := model.Predict(context.Background(), &labels, m); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(scores.Class, labels.Class); d != "" {
				t.Error("labels differ with and without scores: ", d)
			}
			for i := range m.Samples() {
				if d := cmp.Diff(average(trees, m.Row(i), test.classes), scores.Row(i)); d != "" {
					t.Fatalf("row %d: %s", i, d)
				}
			}
		})
	}
}

// edges puts values on, just below and just above thresholds, and some missing
// ones, into half of the rows.
func edges(random *rand.Rand, m *mlapi.Matrix, trees []tree.Tree) {
	for i := 0; i < m.Samples(); i += 2 {
		row := m.Row(i)
		for range 3 {
			t := trees[random.IntN(len(trees))]
			n := random.IntN(len(t.Left))
			if t.Left[n] == -1 {
				continue
			}
			x := float32(t.Threshold[n])
			switch random.IntN(4) {
			case 0:
				x = math.Nextafter32(x, float32(math.Inf(1)))
			case 1:
				x = math.Nextafter32(x, float32(math.Inf(-1)))
			case 2:
				x = float32(math.NaN())
			}
			row[t.Feature[n]] = float64(x)
		}
	}
}

func TestDecisionTreeTakesItsClassFromTheCounts(t *testing.T) {
	// Divided by the sum the two greatest weighted counts are the same float64.
	counts := []float64{1.9000000000000004, 1.9000000000000006, 1.75, 1.75}
	share := counts[0] / (counts[0] + counts[1] + counts[2] + counts[3])
	if share != counts[1]/(counts[0]+counts[1]+counts[2]+counts[3]) {
		t.Fatal("the shares do not tie: choose other counts")
	}
	leaf := tree.Tree{Left: []int64{-1}, Right: []int64{-1}, Feature: []int64{-2}, Threshold: []float64{-2}, Values: counts}
	e, err := tree.Pack([]tree.Tree{leaf}, tree.Options{Features: 1, Width: 4, Counts: true, Class: true})
	if err != nil {
		t.Fatal(err)
	}
	model, err := tree.NewDecisionTreeClassifier(info(1, 4), e)
	if err != nil {
		t.Fatal(err)
	}
	scores := mlapi.Scores{Want: mlapi.WantScores}
	if err := model.Predict(context.Background(), &scores, randomRows(9, 1)); err != nil {
		t.Fatal(err)
	}
	for i := range scores.Samples() {
		if scores.Class[i] != 1 || scores.Row(i)[0] != share || scores.Row(i)[1] != share {
			t.Errorf("row %d: class %d, probabilities %v", i, scores.Class[i], scores.Row(i))
		}
	}
}

func TestForestTakesTheFirstOfTheMostProbableClasses(t *testing.T) {
	leaf := tree.Tree{Left: []int64{-1}, Right: []int64{-1}, Feature: []int64{-2}, Threshold: []float64{-2}, Values: []float64{0.2, 0.4, 0.4}}
	e, err := tree.Pack([]tree.Tree{leaf}, tree.Options{Features: 1, Width: 3})
	if err != nil {
		t.Fatal(err)
	}
	model, err := tree.NewForestClassifier(info(1, 3), e)
	if err != nil {
		t.Fatal(err)
	}
	var scores mlapi.Scores
	if err := model.Predict(context.Background(), &scores, randomRows(1, 1)); err != nil {
		t.Fatal(err)
	}
	if scores.Class[0] != 1 {
		t.Errorf("class %d, want 1", scores.Class[0])
	}
}

func TestRegressor(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	trees := []tree.Tree{randomTree(random, 4, 3, 1), randomTree(random, 4, 3, 1), randomTree(random, 4, 3, 1)}
	e, err := tree.Pack(trees, tree.Options{Features: 3, Width: 1})
	if err != nil {
		t.Fatal(err)
	}
	model, err := tree.NewRegressor(&mlapi.Info{Task: mlapi.Regressor, Features: make([]mlapi.Feature, 3), Outputs: 1}, e)
	if err != nil {
		t.Fatal(err)
	}
	m := randomRows(21, 3)
	var dst mlapi.Scores
	if err := model.Predict(context.Background(), &dst, m); err != nil {
		t.Fatal(err)
	}
	if len(dst.Class) != 0 || dst.Width != 1 {
		t.Errorf("%d classes, width %d; want 0 and 1", len(dst.Class), dst.Width)
	}
	for i, got := range dst.Values {
		if want := average(trees, m.Row(i), 1)[0]; got != want {
			t.Errorf("row %d: %v, want %v", i, got, want)
		}
	}
}

func TestIsolationForest(t *testing.T) {
	// One split: the left leaf has depth 1 and one sample, the right one depth 1 and
	// 255. Of 256 samples the average path length is that of the paper.
	far, near := 1.0, 1+tree.AveragePathLength(255)
	one := tree.Tree{Left: []int64{1, -1, -1}, Right: []int64{2, -1, -1}, Feature: []int64{0, -2, -2},
		Threshold: []float64{0, -2, -2}, Values: []float64{0, far, near}}
	e, err := tree.Pack([]tree.Tree{one, one}, tree.Options{Features: 1, Width: 1})
	if err != nil {
		t.Fatal(err)
	}
	info := &mlapi.Info{Task: mlapi.OutlierDetector, Features: make([]mlapi.Feature, 1)}
	predict := func(how tree.Isolation) ([]int32, []float64) {
		t.Helper()
		model, err := tree.NewIsolationForest(info, e, how)
		if err != nil {
			t.Fatal(err)
		}
		m := new(mlapi.Matrix)
		m.Resize(2, 1)
		m.Data[0], m.Data[1] = -1, 1
		dst := mlapi.Scores{Want: mlapi.WantScores}
		if err := model.Predict(context.Background(), &dst, m); err != nil {
			t.Fatal(err)
		}
		return dst.Class, dst.Values
	}
	denominator := 2 * tree.AveragePathLength(256)
	class, values := predict(tree.Isolation{Denominator: denominator, Offset: -0.5})
	want := []float64{0.5 - math.Pow(2, -2*far/denominator), 0.5 - math.Pow(2, -2*near/denominator)}
	for i := range want {
		if math.Abs(values[i]-want[i]) > 1e-15 {
			t.Errorf("decision %d is %v, want %v", i, values[i], want[i])
		}
	}
	if class[0] != 0 || class[1] != 1 {
		t.Errorf("classes are %v, want outlier, none", class)
	}
	if class, _ := predict(tree.Isolation{Denominator: denominator, Offset: -0.5, Threshold: 0.4}); class[1] != 0 {
		t.Error("the threshold is not used")
	}
	if class, _ := predict(tree.Isolation{Denominator: denominator, Offset: -0.5, Threshold: values[1]}); class[1] != 1 {
		t.Error("a value on the threshold is an outlier")
	}
	if _, values := predict(tree.Isolation{Offset: -0.5}); values[0] != 0 {
		t.Errorf("without training samples the decision is %v, want 0", values[0])
	}
	if _, err := tree.NewIsolationForest(info, e, tree.Isolation{Offset: math.NaN()}); err == nil {
		t.Error("offset NaN: accepted")
	}
}

func TestAveragePathLength(t *testing.T) {
	// scikit-learn's own test: test_iforest_average_path_length.
	for n, want := range map[float64]float64{0: 0, 1: 0, 2: 1, 5: 2*(math.Log(4)+0.57721566490153286) - 8./5, 999: 2*(math.Log(998)+0.57721566490153286) - 1996./999} {
		if got := tree.AveragePathLength(n); math.Abs(got-want) > 1e-15*want {
			t.Errorf("%v samples: %v, want %v", n, got, want)
		}
	}
}

func TestUnfitValuesAreRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	trees := []tree.Tree{randomTree(random, 4, 3, 2)}
	for _, test := range []struct {
		name    string
		missing bool
		value   float64
		code    string
	}{
		{"missing", false, math.NaN(), "missing_value"},
		{"missing accepted", true, math.NaN(), ""},
		{"greatest", false, math.MaxFloat32, ""},
		{"rounds to the greatest", false, math.MaxFloat32 * (1 + 0x1p-26), ""},
		{"too large", false, math.MaxFloat32 * (1 + 0x1p-24), "value_too_large"},
		{"too large where NaN is accepted", true, -1e300, "value_too_large"},
		{"infinite", true, math.Inf(-1), "value_too_large"},
	} {
		e, err := tree.Pack(trees, tree.Options{Features: 3, Width: 2, Missing: test.missing})
		if err != nil {
			t.Fatal(err)
		}
		model, err := tree.NewForestClassifier(info(3, 2), e)
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range []int{1, 9, 600} { // alone, after a full group, in a second block
			m := new(mlapi.Matrix)
			m.Reset(1000)
			m.Resize(rows, 3)
			clear(m.Data)
			for _, at := range []int{rows - 1, rows / 2} {
				m.Row(at)[2] = test.value
				err := model.Predict(context.Background(), new(mlapi.Scores), m)
				m.Row(at)[2] = 0
				if test.code == "" {
					if err != nil {
						t.Errorf("%s: %v", test.name, err)
					}
					continue
				}
				var e *mlapi.Error
				if !errors.As(err, &e) {
					t.Fatalf("%s: error is %v", test.name, err)
				}
				row, _ := e.Row()
				column, _ := e.Column()
				if e.Kind != mlapi.Invalid || e.Code != test.code || row != 1000+at || column != 2 {
					t.Errorf("%s: %v at row %d, column %d; want %s at %d, 2", test.name, e, row, column, test.code, 1000+at)
				}
			}
		}
	}
}

func TestPredictConcurrently(t *testing.T) {
	forest := randomForest(t, 20, 8, 20)
	m := randomRows(700, 20)
	want := mlapi.Scores{Want: mlapi.WantScores}
	if err := forest.Predict(context.Background(), &want, m); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			dst := mlapi.Scores{Want: mlapi.Want(g % 2)}
			for range 5 {
				if err := forest.Predict(context.Background(), &dst, m); err != nil {
					t.Error(err)
				}
				if d := cmp.Diff(want.Class, dst.Class); d != "" {
					t.Error(d)
				}
				if g%2 == 1 && !cmp.Equal(want.Values, dst.Values) {
					t.Error("the probabilities differ")
				}
			}
		})
	}
	group.Wait()
}

// lateContext is cancelled at the second look.
type lateContext struct {
	context.Context
	looks int
}

func (c *lateContext) Err() error {
	if c.looks++; c.looks > 1 {
		return context.Canceled
	}
	return nil
}

func TestPredictStopsBetweenBlocks(t *testing.T) {
	forest := randomForest(t, 2, 3, 20)
	err := forest.Predict(&lateContext{Context: context.Background()}, new(mlapi.Scores), randomRows(2000, 20))
	var e *mlapi.Error
	if !errors.As(err, &e) || e.Kind != mlapi.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want cancelled", err)
	}
}

func TestModelsRefuseWhatDoesNotFit(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	one := []tree.Tree{randomTree(random, 2, 3, 2)}
	plain, err := tree.Pack(one, tree.Options{Features: 3, Width: 2})
	if err != nil {
		t.Fatal(err)
	}
	classed, err := tree.Pack(append(one, one[0]), tree.Options{Features: 3, Width: 2, Class: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() error{
		"features":          func() error { _, err := tree.NewForestClassifier(info(4, 2), plain); return err },
		"classes":           func() error { _, err := tree.NewForestClassifier(info(3, 3), plain); return err },
		"outputs":           func() error { _, err := tree.NewRegressor(info(3, 2), plain); return err },
		"path lengths":      func() error { _, err := tree.NewIsolationForest(info(3, 2), plain, tree.Isolation{}); return err },
		"without class":     func() error { _, err := tree.NewDecisionTreeClassifier(info(3, 2), plain); return err },
		"two trees":         func() error { _, err := tree.NewDecisionTreeClassifier(info(3, 2), classed); return err },
		"forest with class": func() error { _, err := tree.NewForestClassifier(info(3, 2), classed); return err },
	} {
		if try() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestForestTakesSparseRows: the answers are those for the same samples, dense.
func TestForestTakesSparseRows(t *testing.T) {
	e, err := tree.Pack([]tree.Tree{{
		Left: []int64{1, -1, 3, -1, -1}, Right: []int64{2, -1, 4, -1, -1}, Feature: []int64{0, -2, 2, -2, -2},
		Threshold: []float64{0.5, 0, -0.5, 0, 0}, Values: []float64{0, 1, 0, 2, 3},
	}}, tree.Options{Features: 3, Width: 1})
	if err != nil {
		t.Fatal(err)
	}
	m, err := tree.NewRegressor(&mlapi.Info{Features: make([]mlapi.Feature, 3), Outputs: 1}, e)
	if err != nil {
		t.Fatal(err)
	}
	sparse := new(mlapi.Matrix)
	sparse.ResizeSparse(3)
	var want []float64
	for i := range 19 {
		switch i % 3 {
		case 0:
			want = append(want, 1)
		case 1:
			sparse.Append(0, 1)
			want = append(want, 3)
		case 2:
			sparse.Append(0, 2)
			sparse.Append(2, -1)
			want = append(want, 2)
		}
		sparse.EndSample()
	}
	var got mlapi.Scores
	if err := m.Predict(context.Background(), &got, sparse); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Values, want) {
		t.Errorf("%v, want %v", got.Values, want)
	}
}
