package tree_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
)

// BenchmarkForest predicts with a forest like the one of the project's notes: 100
// trees of up to 12 levels over 20 features.
func BenchmarkForest(b *testing.B) {
	forest := randomForest(b, 100, 12, 20)
	rows := randomRows(1000, 20)
	b.Run("rows=1", func(b *testing.B) {
		var one mlapi.Matrix
		scores := mlapi.Scores{Want: mlapi.WantScores}
		for i := 0; b.Loop(); i++ {
			one.Resize(1, 20)
			copy(one.Data, rows.Row(i%1000))
			if err := forest.Predict(context.Background(), &scores, &one); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("rows=1000", func(b *testing.B) {
		scores := mlapi.Scores{Want: mlapi.WantScores}
		for b.Loop() {
			if err := forest.Predict(context.Background(), &scores, rows); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "rows/s")
	})
}

func randomForest(tb testing.TB, trees, depth, features int) mlapi.Model {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	list := make([]tree.Tree, trees)
	for i := range list {
		list[i] = randomTree(random, depth, features, 2)
	}
	e, err := tree.Pack(list, tree.Options{Features: features, Width: 2, Missing: true})
	if err != nil {
		tb.Fatal(err)
	}
	m, err := tree.NewForestClassifier(info(features, 2), e)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// randomTree grows a tree whose nodes have children with a probability that leaves
// about a third of a full tree's nodes.
func randomTree(random *rand.Rand, depth, features, classes int) tree.Tree {
	var t tree.Tree
	var grow func(level int) int64
	grow = func(level int) int64 {
		i := int64(len(t.Left))
		t.Left, t.Right = append(t.Left, -1), append(t.Right, -1)
		t.Feature, t.Threshold = append(t.Feature, -2), append(t.Threshold, -2)
		t.MissingLeft = append(t.MissingLeft, random.IntN(2) == 0)
		share := random.Float64()
		for k := range classes {
			if k == classes-1 {
				t.Values = append(t.Values, 1-share)
			} else {
				t.Values = append(t.Values, share/float64(classes-1))
			}
		}
		if level == 0 || level < depth-2 && random.IntN(12) == 0 {
			return i
		}
		t.Feature[i], t.Threshold[i] = int64(random.IntN(features)), random.NormFloat64()
		t.Left[i] = grow(level - 1)
		t.Right[i] = grow(level - 1)
		return i
	}
	grow(depth)
	return t
}

func randomRows(n, width int) *mlapi.Matrix {
	random := rand.New(rand.NewPCG(3, 4))
	m := new(mlapi.Matrix)
	m.Resize(n, width)
	for i := range m.Data {
		m.Data[i] = random.NormFloat64()
	}
	return m
}

func info(features, classes int) *mlapi.Info {
	info := &mlapi.Info{Task: mlapi.Classifier, Features: make([]mlapi.Feature, features), Scores: mlapi.Probability}
	for k := range classes {
		info.Classes = append(info.Classes, mlapi.IntLabel(int64(k)))
	}
	return info
}

// BenchmarkBoosted predicts with trees like those of the project's notes, in the
// comparisons of XGBoost and LightGBM.
func BenchmarkBoosted(b *testing.B) {
	for _, c := range []struct {
		name    string
		trees   int
		options tree.BoostOptions
	}{
		{"float32", 500, tree.BoostOptions{Features: 41, Outputs: 1, Compare: tree.Float32Below, Missing: true, Float32Sums: true}},
		{"float64", 100, tree.BoostOptions{Features: 41, Outputs: 1, Missing: true}},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		trees := make([]tree.BoostedTree, c.trees)
		for i := range trees {
			trees[i].Tree = randomTree(random, 8, 41, 1)
		}
		e, err := tree.PackBoosted(trees, c.options)
		if err != nil {
			b.Fatal(err)
		}
		for _, rows := range []int{1, 1000} {
			b.Run(fmt.Sprintf("%s/rows=%d", c.name, rows), func(b *testing.B) {
				m, dst := randomRows(rows, 41), make([]float64, rows)
				for b.Loop() {
					if err := e.Margins(context.Background(), dst, m); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
