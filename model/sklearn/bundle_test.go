package sklearn

import (
	"context"
	"errors"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
	"github.com/google/go-cmp/cmp"
)

func dict(pairs ...pickle.Value) *pickle.Dict {
	d := new(pickle.Dict)
	for i := 0; i < len(pairs); i += 2 {
		d.Set(pairs[i], pairs[i+1])
	}
	return d
}

func list(items ...pickle.Value) *pickle.List { return &pickle.List{Items: items} }

// TestBundles puts the steps of a real pipeline apart in the ways that people do and
// compares what is made of them with the pipeline itself.
func TestBundles(t *testing.T) {
	whole := document(t, "1.5.2/pipeline_standard_logistic")
	scaler, logistic := step(whole, 0), step(whole, 1)
	names := list("a", "b", "c", "d")
	targets := &pickle.Object{
		Class: pickle.Global{Module: "sklearn.preprocessing._label", Name: "MultiLabelBinarizer"},
		State: dict("_sklearn_version", "1.5.2", "classes_", list("a", "b")),
	}
	for name, c := range map[string]struct {
		bundle pickle.Value
		path   string
		notes  []string
		names  []string
	}{
		"dict":                  {bundle: dict("scaler", scaler, "model", logistic)},
		"model first":           {bundle: dict("model", logistic, "scaler", scaler)},
		"list":                  {bundle: list(scaler, logistic)},
		"model first in a list": {bundle: list(logistic, scaler)},
		"tuple":                 {bundle: &pickle.Tuple{Items: []pickle.Value{scaler, logistic}}},
		"nested":                {bundle: dict("fitted", dict("pre", list(scaler), "model", logistic))},
		"twice":                 {bundle: dict("model", whole, "best", whole)},
		"names":                 {bundle: dict("model", whole, "feature_names", names), names: []string{"a", "b", "c", "d"}},
		"columns":               {bundle: dict("scaler", scaler, "columns", names, "model", logistic), names: []string{"a", "b", "c", "d"}},
		"too many names":        {bundle: dict("model", whole, "columns", list("a", "b", "c", "d", "e")), notes: []string{"$.columns is not used"}},
		"a name twice":          {bundle: dict("model", whole, "columns", list("a", "b", "c", "c")), notes: []string{"$.columns is not used"}},
		"figures":               {bundle: dict("model", whole, "accuracy", 0.9, "my notes", "good"), notes: []string{"$.accuracy is not used", `$["my notes"] is not used`}},
		"binarizer of targets":  {bundle: dict("mlb", targets, "scaler", scaler, "model", logistic), notes: []string{"$.mlb is not used"}},
		"chosen":                {bundle: dict("a", whole, "b", logistic), path: "$.a"},
		"chosen in a list":      {bundle: dict("models", list(logistic, whole)), path: "$.models[1]"},
		"chosen with quote":     {bundle: dict("my model", whole, "b", logistic), path: `$["my model"]`},
		"chosen bundle":         {bundle: dict("a", dict("s", scaler, "m", logistic), "b", logistic), path: "$.a"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := built(c.bundle, c.path)
			if err != nil {
				t.Fatalf("%v\n%s", err, err.(*Error).Hint())
			}
			want, err := built(whole, "")
			if err != nil {
				t.Fatal(err)
			}
			if got, want := answers(t, m), answers(t, want); !cmp.Equal(got, want) {
				t.Errorf("the answers are %v, want %v", got, want)
			}
			if !cmp.Equal(m.Info().Notes, c.notes) {
				t.Errorf("the notes are %q, want %q", m.Info().Notes, c.notes)
			}
			for i, name := range c.names {
				if m.Info().Features[i].Name != name {
					t.Errorf("feature %d is %q, want %q", i, m.Info().Features[i].Name, name)
				}
			}
		})
	}
}

// TestBundleLabels: numbers that a label encoder or a list of names stands for are
// answered by name.
func TestBundleLabels(t *testing.T) {
	whole := document(t, "1.5.2/forest_binary") // of the classes 0 and 1
	want := []mlapi.Label{mlapi.TextLabel("no"), mlapi.TextLabel("yes")}
	for name, bundle := range map[string]pickle.Value{
		"list":      dict("model", whole, "target_names", list("no", "yes")),
		"by number": dict("model", whole, "labels", dict(int64(1), "yes", int64(0), "no")),
		"by name":   dict("model", whole, "class_to_idx", dict("yes", int64(1), "no", int64(0))),
	} {
		m, err := built(bundle, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !cmp.Equal(m.Info().Classes, want, cmp.Comparer(func(a, b mlapi.Label) bool { return a == b })) {
			t.Errorf("%s: the classes are %v", name, m.Info().Classes)
		}
		answers(t, m)
	}
}

func TestUnclearBundles(t *testing.T) {
	whole := document(t, "1.5.2/pipeline_standard_logistic")
	scaler, logistic := step(whole, 0), step(whole, 1)
	again := *scaler
	for name, c := range map[string]struct {
		bundle     pickle.Value
		path       string
		want, hint string
	}{
		"two models":          {dict("a", whole, "b", logistic), "", "it holds 2 models", "$.a (Pipeline), $.b (LogisticRegression)"},
		"two equal scalers":   {dict("s", scaler, "z", &again, "m", logistic), "", "in which order", "$.s (StandardScaler)"},
		"nothing":             {dict("a", "x", "b", list()), "", "a dict without an estimator", "joblib.dump"},
		"names alone":         {list("a", "b"), "", "a list without an estimator", "joblib.dump"},
		"no such part":        {dict("a", whole), "$.b", `nothing at "$.b"`, "there is $.a"},
		"no such item":        {list(whole), "$[1]", `nothing at "$[1]"`, "there is $[0]"},
		"below an estimator":  {dict("a", whole), "$.a.steps", `nothing at "$.a.steps"`, "nothing below $.a"},
		"no path":             {dict("a", whole), "$a", "is no path", "model.pkl#$"},
		"a dot alone":         {dict("a", whole), "$.", "a name is missing", ""},
		"an open bracket":     {dict("a", whole), "$[1", "neither a number", ""},
		"a negative number":   {list(whole), "$[-1]", "neither a number", ""},
		"a part that is text": {dict("a", "x"), "$.a", "the file holds text", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := built(c.bundle, c.path)
			var e *Error
			if !errors.As(err, &e) || !e.Unsupported() || !strings.Contains(e.Error(), c.want) || !strings.Contains(e.Hint(), c.hint) {
				t.Errorf("error is %v (hint %q), want %q and %q", err, e.Hint(), c.want, c.hint)
			}
		})
	}
}

// TestTargetIsPlain: a scaler is undone behind the model only where nothing else can be
// meant.
func TestTargetIsPlain(t *testing.T) {
	for key, want := range map[string]bool{
		"sc_y": true, "y_scaler": true, "scalerY": true, "Target scaler": true, "scaler2_output": true, "label": true, "y": true,
		"sc_X": false, "scaler": false, "year": false, "scalery": false, "": false, "SCALER": false, "delay": false,
	} {
		if got := ofTarget(key); got != want {
			t.Errorf("ofTarget(%q) is %v", key, got)
		}
	}
	whole := document(t, "1.5.2/pipeline_standard_logistic")
	scaler, logistic := step(whole, 0), step(whole, 1)
	again := *scaler
	_, err := built(dict("model", logistic, "scaler", scaler, "sc_y", &again), "")
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint(), "'model.pkl#$.scaler,model.pkl#$.model'") {
		t.Errorf("behind a classifier, a scaler of four columns: %v", err)
	}
}

// TestTargetApart takes a TransformedTargetRegressor apart and puts it together again.
func TestTargetApart(t *testing.T) {
	whole := document(t, "zoo/1.5.2/target_scaler")
	regressor, scaler := get[*pickle.Object](whole, "regressor_"), get[*pickle.Object](whole, "transformer_")
	again := *scaler
	m, err := built(dict("sc_y", scaler, "model", regressor), "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := built(whole, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := answers(t, m), answers(t, want); !cmp.Equal(got, want) {
		t.Errorf("the answers are %v, want %v", got, want)
	}
	for name, bundle := range map[string]pickle.Value{
		"two of the target":    dict("sc_y", scaler, "target", &again, "model", regressor),
		"undone by the model":  dict("sc_y", &again, "model", whole),
		"not of the target":    dict("scaler", scaler, "model", regressor),
		"of a classifier":      dict("sc_y", scaler, "model", step(document(t, "1.5.2/pipeline_standard_logistic"), 1)),
		"of another dimension": dict("sc_y", step(document(t, "1.5.2/pipeline_standard_logistic"), 0), "model", regressor),
	} {
		if m, err := built(bundle, ""); err == nil && (name != "of another dimension" || len(m.Info().Notes) > 0) {
			t.Errorf("%s: it is served, with the notes %q", name, m.Info().Notes)
		}
	}
}

// TestEndlessBundle: lists can hold themselves.
func TestEndlessBundle(t *testing.T) {
	loop := list()
	for range 50 {
		loop.Items = append(loop.Items, loop)
	}
	if _, err := built(loop, ""); err == nil {
		t.Error("accepted")
	}
}

func built(v pickle.Value, path string) (mlapi.Model, error) {
	root := "$"
	if path != "" {
		var err error
		if v, err = choose(v, path); err != nil {
			return nil, err
		}
		root = path
	}
	return newReader(model.DefaultLimits(1<<20)).build(v, root)
}

func answers(t *testing.T, m mlapi.Model) []float64 {
	t.Helper()
	x := new(mlapi.Matrix)
	x.Resize(3, len(m.Info().Features))
	for i := range x.Data {
		x.Data[i] = float64(i%7) - 3
	}
	scores := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	if err := m.Predict(context.Background(), &scores, x); err != nil {
		t.Fatal(err)
	}
	if scores.Info != m.Info() {
		t.Error("the model changed Info")
	}
	return scores.Values
}
