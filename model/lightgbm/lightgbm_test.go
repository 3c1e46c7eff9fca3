package lightgbm_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/lightgbm"
)

// unzip returns the content of a fixture.
func unzip(tb testing.TB, path string) []byte {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// fixture is what testdata/fixtures.py writes beside a model.
type fixture struct {
	Rows           [][]any
	Raw, Predicted any // a list, or a list of lists
}

// flat returns the numbers of a list or of a list of lists.
func flat(v any) []float64 {
	var all []float64
	for _, item := range v.([]any) {
		if list, ok := item.([]any); ok {
			all = append(all, flat(list)...)
		} else {
			all = append(all, item.(float64))
		}
	}
	return all
}

// matrix returns rows of numbers, texts, booleans and null as a model takes them.
func matrix(rows [][]any) *mlapi.Matrix {
	var m mlapi.Matrix
	m.Resize(len(rows), len(rows[0]))
	for i, row := range rows {
		for j, v := range row {
			switch v := v.(type) {
			case nil:
				m.Row(i)[j] = math.NaN()
			case float64:
				m.Row(i)[j] = v
			case bool:
				m.Row(i)[j] = 0
				if v {
					m.Row(i)[j] = 1
				}
			case string:
				m.Row(i)[j] = m.Text([]byte(v))
			}
		}
	}
	return &m
}

func fixtures(tb testing.TB) []string {
	tb.Helper()
	paths, err := filepath.Glob("testdata/*/*.txt.gz")
	if err != nil || len(paths) < 100 {
		tb.Fatalf("%d fixtures, %v", len(paths), err)
	}
	return paths
}

// open opens a fixture as a server would.
func open(tb testing.TB, path string) mlapi.Model {
	tb.Helper()
	m, err := model.Open(path, []model.Format{lightgbm.Format()})
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func predict(tb testing.TB, m mlapi.Model, rows *mlapi.Matrix) mlapi.Scores {
	tb.Helper()
	s := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	if err := m.Predict(context.Background(), &s, rows); err != nil {
		tb.Fatal(err)
	}
	return s
}

// difference returns how far got is from want, relative to it.
func difference(got, want float64) float64 {
	if got == want {
		return 0
	}
	return math.Abs(got-want) / max(math.Abs(want), math.SmallestNonzeroFloat64)
}

func TestPredictionsEqualLightGBM(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".txt.gz"), func(t *testing.T) {
			var want fixture
			if err := json.Unmarshal(unzip(t, strings.TrimSuffix(path, ".txt.gz")+".json.gz"), &want); err != nil {
				t.Fatal(err)
			}
			rows := matrix(want.Rows)
			got := predict(t, open(t, path), rows)
			expected := flat(want.Predicted)
			if len(got.Values) != len(expected) || rows.Samples() < 200 {
				t.Fatalf("%d values of %d rows, want %d", len(got.Values), rows.Samples(), len(expected))
			}
			for i, v := range got.Values {
				if d := difference(v, expected[i]); !(d <= 1e-12) {
					t.Fatalf("value %d is %v, want %v: row %v", i, v, expected[i], want.Rows[i*rows.Samples()/len(expected)])
				}
			}
		})
	}
}
