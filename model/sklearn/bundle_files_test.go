package sklearn_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
	"example.com/mlapi/model/transform"
)

// bundleCase is what testdata/bundles/make.py says of a file.
type bundleCase struct {
	Rows    [][]any
	Predict []any
	Notes   []string
	Refused string // a part of the error
}

func readBundleCase(t *testing.T, name string) bundleCase {
	t.Helper()
	text, err := os.ReadFile("testdata/bundles/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var c bundleCase
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBundleFiles serves bundles that Python wrote, and compares the answers with
// those of their parts in Python.
func TestBundleFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/bundles/*.pkl")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files (%v)", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".pkl")
		if strings.HasPrefix(name, "file_") || strings.HasPrefix(name, "told_") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c := readBundleCase(t, name)
			m, err := model.Open(path, []model.Format{sklearn.Format()})
			if c.Refused != "" {
				var e *model.Error
				if !errors.As(err, &e) || e.Kind != model.Unsupported || !strings.Contains(e.What, c.Refused) || !strings.Contains(e.Hint, "#$.model") {
					t.Errorf("the error is %v, want %q", err, c.Refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			answersAsPython(t, m, c)
			for _, want := range c.Notes {
				if !strings.Contains(strings.Join(m.Info().Notes, "\n"), want) {
					t.Errorf("the notes are %q, want %q", m.Info().Notes, want)
				}
			}
		})
	}
}

// TestFilesJoined serves several files as one model.
func TestFilesJoined(t *testing.T) {
	for _, c := range []struct {
		files, refused string
	}{
		{files: "file_vectorizer file_text_model"},
		{files: "file_text_model file_vectorizer", refused: "comes after MultinomialNB"},
		{files: "file_best file_model", refused: ""},
		{files: "file_scaler file_model", refused: "takes 2 features and is given 4"},
	} {
		t.Run(c.files, func(t *testing.T) {
			var parts []mlapi.Model
			for _, name := range strings.Fields(c.files) {
				m, err := model.Open("testdata/bundles/"+name+".pkl", []model.Format{sklearn.Format()})
				if err != nil {
					t.Fatal(err)
				}
				parts = append(parts, m)
			}
			m, err := transform.Join(parts)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("the error is %v, want %q", err, c.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(c.files, "text") {
				answersAsPython(t, m, readBundleCase(t, "file_text_model"))
			}
		})
	}
}

// answersAsPython compares what m predicts for the rows of c.
func answersAsPython(t *testing.T, m mlapi.Model, c bundleCase) {
	t.Helper()
	x := new(mlapi.Matrix)
	x.Resize(len(c.Rows), len(c.Rows[0]))
	for i, row := range c.Rows {
		for k, v := range row {
			switch v := v.(type) {
			case float64:
				x.Row(i)[k] = v
			case string:
				x.Row(i)[k] = x.Text([]byte(v))
			}
		}
	}
	info := m.Info()
	if len(info.Features) != x.Width() {
		t.Fatalf("it takes %d features, want %d", len(info.Features), x.Width())
	}
	for k, f := range info.Features {
		if _, isText := c.Rows[0][k].(string); isText != (f.Type == mlapi.TextFeature) {
			t.Errorf("feature %d (%s) is a %s", k, f.Name, f.Type)
		}
	}
	s := mlapi.Scores{Want: mlapi.WantScores, Info: info}
	if err := m.Predict(context.Background(), &s, x); err != nil {
		t.Fatal(err)
	}
	for i, want := range c.Predict {
		if number, ok := want.(float64); ok && info.Task == mlapi.Regressor {
			if got := s.Values[i]; math.Abs(got-number) > 1e-9*math.Abs(number) {
				t.Errorf("row %d: %v, want %v", i, got, number)
			}
			continue
		}
		if got := fmt.Sprint(info.Classes[s.Class[i]]); got != fmt.Sprint(want) {
			t.Errorf("row %d: %s, want %v", i, got, want)
		}
	}
}

// TestBundleTold: inspect tells what each path is used for.
func TestBundleTold(t *testing.T) {
	formats := []model.Format{sklearn.Format()}
	for name, want := range map[string][]string{
		"encoders_flat": {
			`$.le_sex LabelEncoder encodes the feature "sex"`, `$.port_encoder LabelEncoder encodes the feature "port"`,
			"$.clf RandomForestClassifier predicts", "$.target_encoder LabelEncoder names the classes",
		},
		"metrics":         {"$.pipeline Pipeline predicts", "$.metrics dict not used", "$.version str not used"},
		"tuple":           {"$[0] MultinomialNB predicts", "$[1] TfidfVectorizer applied before the model"},
		"tfidf_count":     {"$.tfidf TfidfTransformer applied as number 2 of 2", "$.count CountVectorizer applied as number 1 of 2", "$.clf LogisticRegression predicts"},
		"inside":          {"$.pipeline Pipeline predicts", "$.preprocessor ColumnTransformer applied inside another part"},
		"encoders_scaler": {`$.encoders.sex LabelEncoder encodes the feature "sex"`, `$.encoders.port LabelEncoder encodes the feature "port"`, "$.scaler StandardScaler applied before the model", "$.model LogisticRegression predicts", "$.columns list names the features"},
		"target_scaler":   {"$.model SVR predicts", "$.sc_X StandardScaler applied before the model", "$.sc_y StandardScaler turns predictions back into the units of the target"},
		"scaler_subset":   {"$.model RandomForestClassifier ", "$.scaler StandardScaler "},
		// A part that is not there: the whole is shown, to choose from.
		"label_encoder.pkl#$.nothing": {"$.model RandomForestClassifier ", "$.label_encoder LabelEncoder "},
	} {
		if !strings.Contains(name, "#") {
			name += ".pkl"
		}
		r, _, err := model.Inspect("testdata/bundles/"+name, formats)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range r.Tree {
			got = append(got, n.Name+" "+n.Class+" "+n.Use)
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%s: %s", name, cmp.Diff(want, got))
		}
	}
}
