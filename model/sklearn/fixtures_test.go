package sklearn_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
)

// fixture is what a real scikit-learn said about a model that it saved; see
// testdata/fixtures.py.
type fixture struct {
	Estimator string
	Sklearn   string
	Classes   []any
	Features  []string `json:"feature_names"`
	Edge      int      `json:"edge_rows"`

	Input            [][]*float64
	Predict          []any
	PredictProba     [][]float64 `json:"predict_proba"`
	DecisionFunction []any       `json:"decision_function"`

	NaNAccepted         bool         `json:"nan_accepted"`
	NaNInput            [][]*float64 `json:"nan_input"`
	NaNPredict          []any        `json:"nan_predict"`
	NaNPredictProba     [][]float64  `json:"nan_predict_proba"`
	NaNDecisionFunction []any        `json:"nan_decision_function"`

	Refused string // the class that cannot be served, or the Python type at the top
	Reason  string
}

func readFixture(t *testing.T, path string) fixture {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) tree() bool {
	return strings.Contains(f.Estimator, "Tree") || strings.Contains(f.Estimator, "Forest")
}

// TestAnswersEqualScikitLearn reads every model in testdata and compares every
// answer: labels, tree probabilities and regressions exactly, linear ones and
// isolation scores within their tolerance.
func TestAnswersEqualScikitLearn(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.joblib")
	if err != nil || len(paths) < 500 {
		t.Fatalf("%d models in testdata (%v); make them with testdata/make.sh", len(paths), err)
	}
	exact, close, near := 0, 0, 0
	for _, path := range paths {
		if strings.Contains(path, "refuse_") {
			continue
		}
		t.Run(strings.TrimSuffix(path[len("testdata/"):], ".joblib"), func(t *testing.T) {
			f := readFixture(t, strings.TrimSuffix(path, ".joblib")+".json")
			m, err := open(path)
			if err != nil {
				t.Fatal(err)
			}
			checkInfo(t, &f, m.Info())
			format := "joblib"
			if strings.Contains(path, "codec_pickle") {
				format = "pickle"
			}
			if got := m.Info().Format; got != format {
				t.Errorf("the format is %s, want %s", got, format)
			}
			c := comparison{t: t, f: &f, m: m}
			c.compare(f.Input, f.Predict, f.PredictProba, f.DecisionFunction)
			if f.NaNAccepted {
				c.compare(f.NaNInput, f.NaNPredict, f.NaNPredictProba, f.NaNDecisionFunction)
			} else {
				c.refusesNaN()
			}
			exact, close, near = exact+c.exact, close+c.close, near+c.near
		})
	}
	t.Logf("%d values equal, %d within their tolerance; %d labels of rows within 1e-12 of an offset differ", exact, close, near)
}

func checkInfo(t *testing.T, f *fixture, info *mlapi.Info) {
	t.Helper()
	if info.Estimator != f.Estimator || info.Writer != "scikit-learn "+f.Sklearn {
		t.Errorf("info says %s by %s, want %s by scikit-learn %s", info.Estimator, info.Writer, f.Estimator, f.Sklearn)
	}
	if len(info.Features) != len(f.Input[0]) {
		t.Errorf("%d features, want %d", len(info.Features), len(f.Input[0]))
	}
	for i, want := range f.Features {
		if info.Features[i].Name != want {
			t.Errorf("feature %d is %q, want %q", i, info.Features[i].Name, want)
		}
	}
	if info.Task != mlapi.Classifier {
		return
	}
	if len(info.Classes) != len(f.Classes) {
		t.Fatalf("classes are %v, want %v", info.Classes, f.Classes)
	}
	for i, want := range f.Classes {
		if !same(info.Classes[i], want) {
			t.Errorf("class %d is %v (%T), want %v (%T)", i, info.Classes[i], info.Classes[i].Value(), want, want)
		}
	}
}

// same reports whether a label is the JSON value want.
func same(l mlapi.Label, want any) bool {
	switch v := l.Value().(type) {
	case int64:
		return float64(v) == want
	default:
		return v == want
	}
}

// comparison compares the answers for rows with those that are recorded.
type comparison struct {
	t *testing.T
	f *fixture
	m mlapi.Model

	exact, close, near int // values equal, within tolerance; labels next to an offset
}

func matrix(rows [][]*float64) *mlapi.Matrix {
	m := new(mlapi.Matrix)
	m.Resize(len(rows), len(rows[0]))
	for i, row := range rows {
		for k, v := range row {
			if m.Row(i)[k] = math.NaN(); v != nil {
				m.Row(i)[k] = *v
			}
		}
	}
	return m
}

func (c *comparison) compare(rows [][]*float64, predict []any, proba [][]float64, decision []any) {
	c.t.Helper()
	x := matrix(rows)
	scores := mlapi.Scores{Want: mlapi.WantScores, Info: c.m.Info()}
	if err := c.m.Predict(context.Background(), &scores, x); err != nil {
		c.t.Fatal(err)
	}
	labels := mlapi.Scores{Info: c.m.Info()}
	if err := c.m.Predict(context.Background(), &labels, x); err != nil {
		c.t.Fatal(err)
	}
	for i := range rows {
		switch c.m.Info().Task {
		case mlapi.Regressor:
			c.value(i, scores.Row(i)[0], predict[i].(float64))
			continue
		case mlapi.OutlierDetector:
			c.value(i, scores.Row(i)[0], decision[i].(float64))
		default:
			for k, want := range proba[i] {
				c.value(i, scores.Row(i)[k], want)
			}
		}
		if labels.Class[i] != scores.Class[i] {
			c.t.Errorf("row %d: class %d without scores, %d with", i, labels.Class[i], scores.Class[i])
		}
		if got := c.m.Info().Classes[scores.Class[i]]; !same(got, predict[i]) {
			if c.m.Info().Task == mlapi.OutlierDetector && math.Abs(scores.Row(i)[0]) < 1e-12 {
				c.near++
				continue
			}
			c.t.Errorf("row %d: predicted %v, want %v", i, got, predict[i])
		}
	}
}

// value compares one number of row i.
func (c *comparison) value(i int, got, want float64) {
	c.t.Helper()
	tolerance := 0.0
	switch {
	case c.m.Info().Task == mlapi.OutlierDetector:
		tolerance = 1e-12
	case !c.f.tree():
		tolerance = 1e-9 * math.Abs(want)
	}
	switch difference := math.Abs(got - want); {
	case difference == 0:
		c.exact++
	case difference <= tolerance:
		c.close++
	default:
		c.t.Errorf("row %d: %v, want %v (difference %v)", i, got, want, difference)
	}
}

// refusesNaN checks that a missing value is refused, wherever it stands.
func (c *comparison) refusesNaN() {
	c.t.Helper()
	for column := range c.f.Input[0] {
		x := matrix(c.f.Input[:3])
		x.Row(2)[column] = math.NaN()
		err := c.m.Predict(context.Background(), &mlapi.Scores{Info: c.m.Info()}, x)
		var e *mlapi.Error
		if !errors.As(err, &e) || e.Code != "missing_value" {
			c.t.Errorf("NaN in column %d: error is %v, want missing_value", column, err)
			continue
		}
		row, _ := e.Row()
		at, _ := e.Column()
		if row != 2 || at != column {
			c.t.Errorf("the error names row %d, column %d, want 2, %d", row, at, column)
		}
	}
}

func open(path string) (mlapi.Model, error) {
	return model.Open(path, []model.Format{sklearn.Format()})
}
