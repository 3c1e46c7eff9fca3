//go:build integration

package sklearn_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
)

const shared = "../../../shared/data"

// TestTemplateModel reads the model that the template shipped: protocol TCP is 0 and
// OTHER 2, state S0 is 3 and OTHER 4.
func TestTemplateModel(t *testing.T) {
	m, err := open(filepath.Join(shared, "template", "classification_model.joblib"))
	if err != nil {
		t.Fatal("shared/data/template must lie beside the repository: ", err)
	}
	x := new(mlapi.Matrix)
	x.Resize(2, 2)
	copy(x.Data, []float64{0, 3, 2, 4})
	var scores mlapi.Scores
	if err := m.Predict(context.Background(), &scores, x); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"0", "1"} {
		if got := m.Info().Classes[scores.Class[i]].String(); got != want {
			t.Errorf("row %d: predicted %s, want %s", i, got, want)
		}
	}
}

// golden is what scikit-learn 1.2.1 said about a file of somebody else's project.
type golden struct {
	Estimator string
	Final     string
	Classes   []any
	Versions  []string `json:"source_sklearn_version"`
	Input     struct {
		Kind string
		Rows json.RawMessage
	}
	Expected struct {
		Predict      []any
		PredictProba [][]float64 `json:"predict_proba"`
	}
}

// TestFilesOfOtherProjects reads real files. Those that are served give
// scikit-learn's answers, the others are refused as unsupported, never as broken.
func TestFilesOfOtherProjects(t *testing.T) {
	served, refused := 0, 0
	err := filepath.WalkDir(filepath.Join(shared, "models"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".md") {
			return err
		}
		t.Run(strings.TrimPrefix(path, shared+"/models/"), func(t *testing.T) {
			m, err := model.Open(path, []model.Format{sklearn.Format()})
			if err != nil {
				refused++
				var e *model.Error
				if !errors.As(err, &e) || e.Kind != model.Unsupported || e.Hint == "" {
					t.Errorf("error is %#v", err)
				}
				t.Log(err)
				return
			}
			served++
			compareGolden(t, m, path)
		})
		return nil
	})
	if err != nil {
		t.Fatal("shared/data/models must lie beside the repository: ", err)
	}
	t.Logf("%d served, %d refused", served, refused)
	if served < 8 {
		t.Errorf("only %d files are served", served)
	}
}

func compareGolden(t *testing.T, m mlapi.Model, path string) {
	raw, err := os.ReadFile(path + ".golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	var rows [][]*float64
	if err := json.Unmarshal(g.Input.Rows, &rows); err != nil {
		t.Fatal(err)
	}
	f := fixture{Estimator: g.Final, Sklearn: g.Versions[0], Classes: g.Classes, Input: rows}
	checkInfo(t, &f, m.Info())
	c := comparison{t: t, f: &f, m: m}
	c.compare(rows, g.Expected.Predict, g.Expected.PredictProba, nil)
	t.Logf("%s of scikit-learn %s: %d values equal, %d within their tolerance", g.Final, g.Versions[0], c.exact, c.close)
}
