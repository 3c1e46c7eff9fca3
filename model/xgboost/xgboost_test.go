package xgboost_test

import (
	"bytes"
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
	"example.com/mlapi/model/xgboost"
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

// fixture is what testdata/fixtures.py writes beside a model. The lists of numbers
// may be lists of lists.
type fixture struct {
	Rows                              [][]any
	Margins, Predicted, Probabilities any
	Classes                           []any
}

func readFixture(tb testing.TB, path string) fixture {
	tb.Helper()
	var f fixture
	if err := json.Unmarshal(unzip(tb, path), &f); err != nil {
		tb.Fatal(err)
	}
	if len(f.Rows) < 200 {
		tb.Fatalf("%d rows", len(f.Rows))
	}
	return f
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

// matrix returns rows of numbers, texts and null as a model takes them.
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
			case string:
				m.Row(i)[j] = m.Text([]byte(v))
			}
		}
	}
	return &m
}

// files returns the fixtures, models by the path of what is expected of them.
func files(tb testing.TB) map[string][]string {
	tb.Helper()
	expected, err := filepath.Glob("testdata/*/*.expected.gz")
	if err != nil || len(expected) < 150 {
		tb.Fatalf("%d fixtures, %v", len(expected), err)
	}
	all := make(map[string][]string)
	for _, path := range expected {
		name := strings.TrimSuffix(path, ".expected.gz")
		for _, kind := range []string{"json", "ubj", "bin", "handle"} {
			if file := name + "." + kind + ".gz"; exists(file) {
				all[path] = append(all[path], file)
			}
		}
		if all[path] == nil {
			tb.Fatalf("no models of %s", path)
		}
	}
	return all
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// open opens a fixture as a server would.
func open(tb testing.TB, path string) mlapi.Model {
	tb.Helper()
	m, err := model.Open(path, []model.Format{xgboost.Format()})
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

// closeTo fails unless got is want, within the given part of it.
func closeTo(tb testing.TB, got, want []float64, part float64, f fixture) {
	tb.Helper()
	if len(got) != len(want) {
		tb.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i, v := range got {
		if d := math.Abs(v - want[i]); !(d <= part*math.Abs(want[i])) {
			tb.Fatalf("value %d is %v, want %v: row %v", i, v, want[i], f.Rows[i*len(f.Rows)/len(want)])
		}
	}
}

func TestPredictionsEqualXGBoost(t *testing.T) {
	for expected, models := range files(t) {
		if strings.Contains(expected, "/wrapper_") {
			continue
		}
		f := readFixture(t, expected)
		for _, path := range models {
			t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".gz"), func(t *testing.T) {
				m := open(t, path)
				got, want := predict(t, m, matrix(f.Rows)).Values, flat(f.Predicted)
				if strings.Contains(path, "/softmax.") { // predicts classes
					got = largest(got, m.Info().Outputs)
				}
				closeTo(t, got, want, 1e-6, f)
			})
		}
	}
}

// largest returns the index of the first of the greatest values of each row.
func largest(values []float64, width int) []float64 {
	var all []float64
	for ; len(values) > 0; values = values[width:] {
		best := 0
		for k, v := range values[:width] {
			if v > values[best] {
				best = k
			}
		}
		all = append(all, float64(best))
	}
	return all
}

// Margins of XGBoost since 1.3 are equal bit for bit.
func TestMarginsEqualXGBoost(t *testing.T) {
	for expected, models := range files(t) {
		f := readFixture(t, expected)
		if f.Margins == nil {
			continue
		}
		for _, path := range models {
			t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".gz"), func(t *testing.T) {
				b, err := xgboost.Parse(unzip(t, path), model.DefaultLimits(1<<20))
				if err != nil {
					t.Fatal(err)
				}
				m, err := b.Margins(xgboost.Use{})
				if err != nil {
					t.Fatal(err)
				}
				rows := matrix(f.Rows)
				got := make([]float64, rows.Samples()*b.Outputs())
				if err := m.Margins(context.Background(), got, rows); err != nil {
					t.Fatal(err)
				}
				part := 0.0
				if strings.Contains(path, "/0.90/") || strings.Contains(path, "/1.0.2/") {
					part = 1e-6
				}
				closeTo(t, got, flat(f.Margins), part, f)
			})
		}
	}
}

func TestWrappersFiles(t *testing.T) {
	for expected, models := range files(t) {
		if !strings.Contains(expected, "/wrapper_") {
			continue
		}
		f := readFixture(t, expected)
		t.Run(strings.TrimSuffix(strings.TrimPrefix(expected, "testdata/"), ".expected.gz"), func(t *testing.T) {
			m := open(t, models[0])
			got := predict(t, m, matrix(f.Rows))
			if f.Probabilities == nil {
				closeTo(t, got.Values, flat(f.Predicted), 1e-6, f)
				return
			}
			// Binary probabilities of the first class are 1-p: their error is that of p.
			want := flat(f.Probabilities)
			for i, v := range got.Values {
				if d := math.Abs(v - want[i]); !(d <= 1e-6*math.Abs(want[i]) || d <= 1.2e-7) {
					t.Fatalf("probability %d is %v, want %v", i, v, want[i])
				}
			}
			for i, class := range got.Class {
				label := m.Info().Classes[class].Value()
				if n, ok := label.(int64); ok {
					label = float64(n)
				}
				if want := f.Predicted.([]any)[i]; label != want {
					t.Fatalf("row %d is %v, want %v", i, label, want)
				}
			}
		})
	}
}

func TestFormatsAreToldApart(t *testing.T) {
	for _, models := range files(t) {
		for _, path := range models {
			data := unzip(t, path)
			if !xgboost.Detect(data[:min(len(data), model.HeadLength)]) {
				t.Errorf("%s is not recognised", path)
			}
		}
	}
	for _, text := range []string{"", "{", "{}", `{"a":1}`, `{"learner_x":1}`, "tree\nversion=v4\n", "\x80\x04\x95", "binf", "PK\x03\x04",
		"{L\x00\x00\x00\x00\x00\x00\x00\x07", strings.Repeat("\x00", 4096), "CONFIG", "bs64"} {
		if xgboost.Detect([]byte(text)) {
			t.Errorf("%q is recognised", text)
		}
	}
	if !xgboost.Detect([]byte(" {\n  \"learner\": {")) || !xgboost.Detect(bytes.Repeat([]byte("CONFIG-offset:"), 1)) {
		t.Error("a start of a model is not recognised")
	}
}
