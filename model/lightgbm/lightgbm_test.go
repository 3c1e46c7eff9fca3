package lightgbm_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
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

// Raw scores are equal bit for bit.
func TestRawScoresEqualLightGBM(t *testing.T) {
	for _, path := range fixtures(t) {
		var want fixture
		if err := json.Unmarshal(unzip(t, strings.TrimSuffix(path, ".txt.gz")+".json.gz"), &want); err != nil {
			t.Fatal(err)
		}
		data := unzip(t, path)
		b, err := lightgbm.Parse(data, model.DefaultLimits(int64(len(data))))
		if err != nil {
			t.Fatal(err)
		}
		sums, err := b.Margins(lightgbm.Use{})
		if err != nil {
			t.Fatal(err)
		}
		rows := matrix(want.Rows)
		got := make([]float64, rows.Samples()*b.Outputs())
		if err := sums.Margins(context.Background(), got, rows); err != nil {
			t.Fatal(err)
		}
		for i, expected := range flat(want.Raw) {
			if got[i] != expected {
				t.Fatalf("%s: raw score %d is %v, want %v", path, i, got[i], expected)
			}
		}
	}
}

func TestModelsKeepTheContract(t *testing.T) {
	for _, name := range []string{"4.6.0/binary_nan", "4.6.0/multiclass", "4.6.0/linear", "4.6.0/categories_nan", "3.3.5/poisson", "4.6.0/binary_rf"} {
		t.Run(name, func(t *testing.T) {
			var want fixture
			if err := json.Unmarshal(unzip(t, "testdata/"+name+".json.gz"), &want); err != nil {
				t.Fatal(err)
			}
			rows := matrix(want.Rows)
			c := mlapitest.SamplesCase{Name: "rows"}
			for i := range rows.Samples() {
				c.Samples = append(c.Samples, rows.Row(i))
			}
			mlapitest.Model(t, open(t, "testdata/"+name+".txt.gz"), c)
		})
	}
	t.Run("texts", func(t *testing.T) {
		m := open(t, "testdata/4.6.0/pandas.txt.gz")
		mlapitest.Model(t, m, mlapitest.SamplesCase{Name: "rows", Texts: []string{"Oslo", "Nowhere"},
			Samples: [][]float64{{1, 0, 1999, 1, 0.5}, {1, 1, 7, 0, 0.5}, {1, math.NaN(), math.NaN(), math.NaN(), 2}}})
	})
}

func TestInfo(t *testing.T) {
	binary := open(t, "testdata/4.6.0/binary.txt.gz").Info()
	if binary.Task != mlapi.Scorer || binary.Scores != mlapi.Probability || binary.Outputs != 1 || binary.Estimator != "Booster" ||
		binary.Writer != "LightGBM 4" || binary.Format != "lightgbm" || binary.Features[2].Name != "Column_2" {
		t.Errorf("binary: %+v", binary)
	}
	if info := open(t, "testdata/3.3.5/multiclass.txt.gz").Info(); info.Task != mlapi.Scorer || info.Outputs != 3 || info.Writer != "LightGBM 3" {
		t.Errorf("multiclass: %+v", info)
	}
	if info := open(t, "testdata/2.2.3/poisson.txt.gz").Info(); info.Task != mlapi.Regressor || info.Scores != mlapi.NoScores || info.Writer != "LightGBM 2" {
		t.Errorf("poisson: %+v", info)
	}
	if info := open(t, "testdata/4.6.0/custom.txt.gz").Info(); info.Task != mlapi.Regressor || len(info.Notes) != 1 {
		t.Errorf("custom: %+v", info)
	}
	for _, name := range []string{"pandas", "pandas_ordered"} {
		f := open(t, "testdata/4.6.0/"+name+".txt.gz").Info().Features
		if f[1].Name != "city" || f[1].Type != mlapi.TextFeature || len(f[1].Categories) != 6 || f[2].Type != mlapi.NumberFeature {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// Where the file does not say which columns its categories belong to, they take
// codes, and the model says so.
func TestAmbiguousCategories(t *testing.T) {
	for lists, want := range map[string]int{
		`[["x","y","z","u","v","w"]]`:           0, // column b
		`[["x"]]`:                               1, // b has codes to 5
		`[["x"],["y"],["z"]]`:                   1, // three lists, two columns
		`[["x","y"],["x","y","z","u","v","w"]]`: 0, // a is an ordered one
	} {
		b, err := lightgbm.Parse([]byte(replace(":null", ":"+lists)(small)), model.DefaultLimits(1<<10))
		if err != nil {
			t.Fatal(err)
		}
		m, err := b.Model(lightgbm.Use{})
		if err != nil || len(m.Info().Notes) != want {
			t.Errorf("%s: %v, %v", lists, m.Info().Notes, err)
		}
	}
}

func TestClassifier(t *testing.T) {
	labels := []mlapi.Label{mlapi.TextLabel("no"), mlapi.TextLabel("yes"), mlapi.TextLabel("maybe")}
	for name, classes := range map[string]int{"binary_nan": 2, "multiclass": 3} {
		var want fixture
		if err := json.Unmarshal(unzip(t, "testdata/4.6.0/"+name+".json.gz"), &want); err != nil {
			t.Fatal(err)
		}
		data := unzip(t, "testdata/4.6.0/"+name+".txt.gz")
		b, err := lightgbm.Parse(data, model.DefaultLimits(int64(len(data))))
		if err != nil {
			t.Fatal(err)
		}
		info := &mlapi.Info{Estimator: "LGBMClassifier", Task: mlapi.Classifier, Scores: mlapi.Probability, Features: b.Features(), Classes: labels[:classes]}
		m, err := b.Classifier(info, lightgbm.Use{})
		if err != nil {
			t.Fatal(err)
		}
		got, p := predict(t, m, matrix(want.Rows)), flat(want.Predicted)
		for i, class := range got.Class {
			values := got.Row(i)
			if classes == 2 && (values[0] != 1-values[1] || (class == 1) != (values[1] > values[0]) || difference(values[1], p[i]) > 1e-12) {
				t.Fatalf("row %d: class %d, %v, want %v", i, class, values, p[i])
			}
			if classes == 3 && (values[class] < max(values[0], values[1], values[2]) || difference(values[2], p[3*i+2]) > 1e-12) {
				t.Fatalf("row %d: class %d, %v, want %v", i, class, values, p[3*i:3*i+3])
			}
		}
		info.Classes = labels[:1]
		if _, err := b.Classifier(info, lightgbm.Use{}); err == nil {
			t.Errorf("%s: one class is accepted", name)
		}
	}
	b, err := lightgbm.Parse([]byte(replace("binary sigmoid:1", "regression")(small)), model.DefaultLimits(1<<10))
	if err != nil {
		t.Fatal(err)
	}
	var e *lightgbm.Error
	if _, err := b.Classifier(&mlapi.Info{Task: mlapi.Classifier, Features: b.Features(), Classes: labels[:2]}, lightgbm.Use{}); !errors.As(err, &e) || !e.Unsupported() {
		t.Errorf("a regression as classifier: %v", err)
	}
}

func TestIterations(t *testing.T) {
	data := unzip(t, "testdata/4.6.0/multiclass.txt.gz")
	b, err := lightgbm.Parse(data, model.DefaultLimits(int64(len(data))))
	if err != nil {
		t.Fatal(err)
	}
	if b.Iterations() != 4 || b.Outputs() != 3 || b.Objective() != "multiclass" {
		t.Fatalf("%d iterations of %d, %s", b.Iterations(), b.Outputs(), b.Objective())
	}
	var rows mlapi.Matrix
	rows.Resize(1, 6)
	clear(rows.Data)
	seen := make(map[float64]int)
	for n := range 6 {
		m, err := b.Regressor(&mlapi.Info{Task: mlapi.Scorer, Features: b.Features(), Outputs: 3}, lightgbm.Use{Iterations: n})
		if err != nil {
			t.Fatal(err)
		}
		seen[predict(t, m, &rows).Values[0]]++
	}
	if len(seen) != 4 { // 0, 4 and 5 are all of them
		t.Errorf("%v", seen)
	}
}
