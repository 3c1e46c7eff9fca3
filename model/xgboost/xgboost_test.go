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
	"slices"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
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

func TestModelsKeepTheContract(t *testing.T) {
	for _, name := range []string{"3.4.1/binary_nan.ubj", "2.0.3/softprob.json", "1.7.6/categories.ubj", "1.0.2/poisson.json", "0.90/linear.bin",
		"3.4.1/wrapper_classes.json", "3.4.1/wrapper_stopped.json", "2.0.3/vectors.ubj", "1.3.3/wrapper_missing.json"} {
		t.Run(name, func(t *testing.T) {
			stem, _, _ := strings.Cut(strings.TrimPrefix(name, name[:strings.Index(name, "/")]), ".")
			f := readFixture(t, "testdata/"+name[:strings.Index(name, "/")]+stem+".expected.gz")
			rows := matrix(f.Rows)
			c := mlapitest.SamplesCase{Name: "rows"}
			for i := range rows.Samples() {
				c.Samples = append(c.Samples, rows.Row(i))
			}
			mlapitest.Model(t, open(t, "testdata/"+name+".gz"), c)
		})
	}
	t.Run("texts", func(t *testing.T) {
		mlapitest.Model(t, open(t, "testdata/3.4.1/named.ubj.gz"),
			mlapitest.SamplesCase{Name: "rows", Texts: []string{"Oslo", "Rome"}, Samples: [][]float64{{1, 0, 1999, 3, 0.5}, {1, 1, 2024, 200, 0.5}, {1, math.NaN(), math.NaN(), math.NaN(), 2}}},
			mlapitest.SamplesCase{Name: "unknown text", Texts: []string{"Nowhere"}, Samples: [][]float64{{1, 0, 1999, 3, 0.5}}, Code: "unknown_category"},
			mlapitest.SamplesCase{Name: "unknown number", Texts: []string{"Oslo"}, Samples: [][]float64{{1, 0, 1998, 3, 0.5}}, Code: "unknown_category"})
	})
}

func TestInfo(t *testing.T) {
	for _, test := range []struct {
		path, estimator, writer string
		task                    mlapi.Task
		scores                  mlapi.ScoreKind
		outputs, classes, notes int
	}{
		{"3.4.1/binary.ubj", "Booster", "XGBoost 3.4.1", mlapi.Scorer, mlapi.Probability, 1, 0, 0},
		{"0.90/softprob.bin", "Booster", "XGBoost before 1.0", mlapi.Scorer, mlapi.Probability, 3, 0, 0},
		{"1.0.2/hinge.json", "Booster", "XGBoost 1.0.2", mlapi.Scorer, mlapi.Decision, 1, 0, 0},
		{"2.0.3/poisson.ubj", "Booster", "XGBoost 2.0.3", mlapi.Regressor, mlapi.NoScores, 1, 0, 0},
		{"2.0.3/targets.ubj", "Booster", "XGBoost 2.0.3", mlapi.Regressor, mlapi.NoScores, 3, 0, 0},
		{"2.0.3/labels.ubj", "Booster", "XGBoost 2.0.3", mlapi.Regressor, mlapi.NoScores, 2, 0, 1},
		{"1.7.6/categories.ubj", "Booster", "XGBoost 1.7.6", mlapi.Regressor, mlapi.NoScores, 1, 0, 1},
		{"3.4.1/named.ubj", "Booster", "XGBoost 3.4.1", mlapi.Regressor, mlapi.NoScores, 1, 0, 0},
		{"3.4.1/wrapper_classes.json", "XGBClassifier", "XGBoost 3.4.1", mlapi.Classifier, mlapi.Probability, 0, 3, 0},
		{"1.5.2/wrapper_texts.json", "XGBClassifier", "XGBoost 1.5.2", mlapi.Classifier, mlapi.Probability, 0, 3, 0},
		{"1.3.3/wrapper_forest.json", "XGBRFClassifier", "XGBoost 1.3.3", mlapi.Classifier, mlapi.Probability, 0, 2, 0},
		{"1.7.6/wrapper_missing.json", "XGBRegressor", "XGBoost 1.7.6", mlapi.Regressor, mlapi.NoScores, 1, 0, 0},
	} {
		info := open(t, "testdata/"+test.path+".gz").Info()
		if info.Estimator != test.estimator || info.Writer != test.writer || info.Task != test.task || info.Scores != test.scores ||
			info.Outputs != test.outputs || len(info.Classes) != test.classes || len(info.Notes) != test.notes || info.Format != "xgboost" {
			t.Errorf("%s: %+v", test.path, info)
		}
	}
	features := open(t, "testdata/3.4.1/named.json.gz").Info().Features
	if features[1].Type != mlapi.TextFeature || len(features[1].Categories) != 5 || features[2].Type != mlapi.NumberFeature || features[4].Name != "other" {
		t.Errorf("%+v", features)
	}
	if name := open(t, "testdata/3.4.1/binary.ubj.gz").Info().Features[5].Name; name != "x5" {
		t.Errorf("the feature without a name is %s", name)
	}
}

func TestUse(t *testing.T) {
	data := unzip(t, "testdata/3.4.1/wrapper_stopped.json.gz")
	b, err := xgboost.Parse(data, model.DefaultLimits(int64(len(data))))
	if err != nil {
		t.Fatal(err)
	}
	best := b.Best()
	if text, ok := b.Attribute("best_iteration"); !ok || best.Iterations < 1 || best.Iterations >= b.Iterations() || best.Trees != 0 {
		t.Errorf("best iteration %s of %d: %+v", text, b.Iterations(), best)
	}
	old := unzip(t, "testdata/1.5.2/wrapper_forest.json.gz")
	forest, err := xgboost.Parse(old, model.DefaultLimits(int64(len(old))))
	if err != nil {
		t.Fatal(err)
	}
	if use := forest.Best(); use.Trees != 5 || use.Iterations != 0 {
		t.Errorf("a forest of 1.5: %+v", use)
	}
	var rows mlapi.Matrix
	rows.Resize(1, 6)
	clear(rows.Data)
	value := func(u xgboost.Use) float64 {
		m, err := b.Regressor(&mlapi.Info{Task: mlapi.Scorer, Features: b.Features(), Outputs: 1}, u)
		if err != nil {
			t.Fatal(err)
		}
		return predict(t, m, &rows).Values[0]
	}
	zero := 0.0
	all := value(xgboost.Use{})
	if value(best) == all || value(xgboost.Use{Trees: best.Iterations}) != value(best) || value(xgboost.Use{Iterations: 999}) != all ||
		value(xgboost.Use{Trees: 999}) != all || value(xgboost.Use{Missing: &zero}) == all {
		t.Error("the use makes no difference, or a wrong one")
	}
}

// A classifier of multi:softmax answers the class that XGBoost predicts.
func TestSoftmaxClassifier(t *testing.T) {
	f := readFixture(t, "testdata/3.4.1/softmax.expected.gz")
	data := unzip(t, "testdata/3.4.1/softmax.ubj.gz")
	b, err := xgboost.Parse(data, model.DefaultLimits(int64(len(data))))
	if err != nil {
		t.Fatal(err)
	}
	if b.Objective() != "multi:softmax" || b.Outputs() != 3 {
		t.Fatalf("%s, %d", b.Objective(), b.Outputs())
	}
	labels := []mlapi.Label{mlapi.TextLabel("low"), mlapi.TextLabel("mid"), mlapi.TextLabel("high")}
	m, err := b.Classifier(&mlapi.Info{Task: mlapi.Classifier, Scores: mlapi.Probability, Features: b.Features(), Classes: labels}, xgboost.Use{})
	if err != nil {
		t.Fatal(err)
	}
	for i, class := range predict(t, m, matrix(f.Rows)).Class {
		if want := f.Predicted.([]any)[i]; float64(class) != want {
			t.Fatalf("row %d is %d, want %v", i, class, want)
		}
	}
}

// The note of a wrapper is not believed: what does not fit is left aside.
func TestOddNotes(t *testing.T) {
	for note, want := range map[string][]mlapi.Label{
		`{\"type\":\"XGBClassifier\",\"classes_\":[0.5,2]}`:              {mlapi.FloatLabel(0.5), mlapi.IntLabel(2)},
		`{\"type\":\"XGBClassifier\",\"classes_\":[\"no\",\"yes\"]}`:     {mlapi.TextLabel("no"), mlapi.TextLabel("yes")},
		`{\"type\":\"XGBClassifier\",\"classes_\":[1,2,3]}`:              {mlapi.IntLabel(0), mlapi.IntLabel(1)},
		`{\"_estimator_type\":\"classifier\",\"classes_\":\"x\"}`:        {mlapi.IntLabel(0), mlapi.IntLabel(1)},
		`{\"_estimator_type\":\"regressor\",\"best_ntree_limit\":1e300}`: nil,
		`{\"_estimator_type\":\"ranker\",\"missing\":3}`:                 nil,
		`no JSON`: nil,
	} {
		text := replace(`{"best_iteration":"0"}`, `{"best_iteration":"0","scikit_learn":"`+note+`"}`)(small)
		m, err := model.OpenReader("m.json", strings.NewReader(text), int64(len(text)), []model.Format{xgboost.Format()})
		if err != nil {
			t.Fatalf("%s: %v", note, err)
		}
		if got := m.Info().Classes; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", note, got, want)
		}
	}
}

func TestClassifierRefusesOtherObjectives(t *testing.T) {
	for path, want := range map[string]string{"3.4.1/poisson.ubj": "has no probabilities", "3.4.1/labels.ubj": "2 labels", "3.4.1/softprob.ubj": "3 values, want 2"} {
		data := unzip(t, "testdata/"+path+".gz")
		b, err := xgboost.Parse(data, model.DefaultLimits(int64(len(data))))
		if err != nil {
			t.Fatal(err)
		}
		info := &mlapi.Info{Task: mlapi.Classifier, Scores: mlapi.Probability, Features: b.Features(), Classes: []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1)}}
		if _, err := b.Classifier(info, xgboost.Use{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// A sparse row's absent values are missing, as in a scipy matrix given to XGBoost.
func TestSparseRows(t *testing.T) {
	for _, path := range []string{"3.4.1/binary_nan.ubj", "3.4.1/linear.ubj"} {
		m := open(t, "testdata/"+path+".gz")
		f := readFixture(t, "testdata/"+strings.TrimSuffix(path, ".ubj")+".expected.gz")
		dense := matrix(f.Rows)
		var sparse mlapi.Matrix
		sparse.ResizeSparse(dense.Width())
		for i := range dense.Samples() {
			for j, v := range dense.Row(i) {
				if v == v {
					sparse.Append(j, v)
				}
			}
			sparse.EndSample()
		}
		closeTo(t, predict(t, m, &sparse).Values, flat(f.Predicted), 1e-6, f)
	}
}
