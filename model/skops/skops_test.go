package skops_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
	"example.com/mlapi/model/skops"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var formats = []model.Format{skops.Format(), sklearn.Format()}

// TestSameModels: what skops wrote is the model that joblib wrote.
func TestSameModels(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.skops")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d models in testdata (%v); make them with testdata/make.sh", len(paths), err)
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			got, err := model.Open(path, formats)
			if err != nil {
				t.Fatal(err)
			}
			want, err := model.Open(strings.TrimSuffix(path, ".skops")+".joblib", formats)
			if err != nil {
				t.Fatal(err)
			}
			if got.Info().Format != "skops" {
				t.Errorf("the format is %s", got.Info().Format)
			}
			same := cmp.Options{cmpopts.IgnoreFields(mlapi.Info{}, "Format"), cmp.Comparer(func(a, b mlapi.Label) bool { return a == b })}
			if d := cmp.Diff(want.Info(), got.Info(), same); d != "" {
				t.Error(d)
			}
			a, b := predict(t, got), predict(t, want)
			if !cmp.Equal(a.Class, b.Class) || !cmp.Equal(a.Values, b.Values) {
				t.Errorf("the answers are %v %v, want %v %v", a.Class, a.Values, b.Class, b.Values)
			}
		})
	}
}

func predict(t *testing.T, m mlapi.Model) *mlapi.Scores {
	t.Helper()
	x := new(mlapi.Matrix)
	x.Reset(0)
	x.Resize(9, len(m.Info().Features))
	for i := range x.Data {
		x.Data[i] = float64(i%11)/3 - 2
		if m.Info().Features[i%x.Width()].Type == mlapi.TextFeature {
			x.Data[i] = x.Text([]byte([]string{"good", "bad night", "", "day"}[i%4]))
		}
	}
	s := &mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	if err := m.Predict(context.Background(), s, x); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPartOfAFile(t *testing.T) {
	m, err := model.Open("testdata/0.16.0/bundle.skops#$.model", formats)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Info().Estimator; got != "LogisticRegression" {
		t.Error(got)
	}
}

// FuzzRead spoils real files: what opens all the same must predict without a panic.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*.skops")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(schemaOf(f, raw))
	}
	f.Fuzz(func(t *testing.T, schema []byte) {
		raw := pack(t, map[string][]byte{"schema.json": schema})
		m, err := model.OpenReader("fuzz", bytes.NewReader(raw), int64(len(raw)), formats)
		if err != nil {
			if strings.Contains(err.Error(), "failed on the file") {
				t.Fatal(err) // OpenReader caught a panic
			}
			return
		}
		predict(t, m)
	})
}
