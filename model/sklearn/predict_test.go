package sklearn_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
	"github.com/google/go-cmp/cmp"
)

var kinds = []string{"tree_3class", "forest_binary", "forest_regressor", "isolation_auto", "logistic_3class", "linear_regression", "pipeline_minmax_forest"}

// rows returns n samples of m's width.
func rows(m mlapi.Model, n int) *mlapi.Matrix {
	x := new(mlapi.Matrix)
	x.Resize(n, len(m.Info().Features))
	for i := range x.Data {
		x.Data[i] = float64(i%97)/10 - 4
	}
	return x
}

func TestPredictConcurrently(t *testing.T) {
	for _, name := range kinds {
		m, err := open("testdata/1.5.2/" + name + ".joblib")
		if err != nil {
			t.Fatal(err)
		}
		x := rows(m, 300)
		want := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
		if err := m.Predict(context.Background(), &want, x); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				got := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
				if err := m.Predict(context.Background(), &got, x); err != nil {
					t.Error(err)
				}
				if !cmp.Equal(want.Values, got.Values) || !cmp.Equal(want.Class, got.Class) {
					t.Errorf("%s: the answers differ", name)
				}
			})
		}
		group.Wait()
	}
}

func BenchmarkPredict(b *testing.B) {
	for _, name := range kinds {
		m, err := open("testdata/1.5.2/" + name + ".joblib")
		if err != nil {
			b.Fatal(err)
		}
		all := rows(m, 1000)
		scores := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
		b.Run(name+"/rows=1", func(b *testing.B) {
			one := rows(m, 1)
			for i := 0; b.Loop(); i++ {
				copy(one.Data, all.Row(i%1000))
				if err := m.Predict(context.Background(), &scores, one); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/rows=1000", func(b *testing.B) {
			for b.Loop() {
				if err := m.Predict(context.Background(), &scores, all); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// FuzzOpen spoils real files: a model that opens all the same must predict without a
// panic and without end.
func FuzzOpen(f *testing.F) {
	for _, path := range []string{
		"0.20.4/forest_one_tree", "0.20.4/isolation_some_features", "0.24.2/tree_strings_object", "1.2.2/pipeline_standard_logistic",
		"1.5.2/tree_single_leaf", "1.5.2/forest_single_leaves", "1.9.1/logistic_binary", "1.9.1/linear_regression", "1.9.1/pipeline_minmax_clip",
	} {
		raw, err := os.ReadFile("testdata/" + path + ".joblib")
		if err != nil {
			f.Fatal(err)
		}
		if z, err := zlib.NewReader(bytes.NewReader(raw)); err == nil {
			if raw, err = io.ReadAll(z); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := model.OpenReader("fuzz", bytes.NewReader(raw), int64(len(raw)), []model.Format{sklearn.Format()})
		if err != nil {
			if strings.Contains(err.Error(), "failed on the file") {
				t.Fatal(err) // OpenReader caught a panic
			}
			return
		}
		info := m.Info()
		for _, n := range []int{1, 9} {
			scores := mlapi.Scores{Want: mlapi.WantScores, Info: info}
			if err := m.Predict(context.Background(), &scores, rows(m, n)); err != nil {
				continue
			}
			if scores.Samples() != n {
				t.Fatalf("%d answers for %d rows", scores.Samples(), n)
			}
			for _, c := range scores.Class {
				if int(c) >= len(info.Classes) || c < 0 {
					t.Fatalf("class %d of %d", c, len(info.Classes))
				}
			}
		}
	})
}
