//go:build integration

package sklearn_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
		Columns []string
		Rows    json.RawMessage
	}
	Expected struct {
		Predict   []any
		Proba     []any           `json:"predict_proba"`
		Decision  []any           `json:"decision_function"`
		Transform json.RawMessage // rows, or sparse ones
	}
}

// foreign are files that hold classes of somebody's own, or of libraries that are not
// served.
var foreign = []string{
	"explainer.dill", "meta.dill", "segmentation_fn.dill", "inference-pipeline/model.pickle", "ngb.joblib", "cat.joblib",
}

// TestFilesOfOtherProjects reads real files and compares the answers of those that are
// served with scikit-learn's.
func TestFilesOfOtherProjects(t *testing.T) {
	files, served, values, largest := 0, 0, 0, 0.0
	err := filepath.WalkDir(filepath.Join(shared, "models"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".md") {
			return err
		}
		files++
		t.Run(strings.TrimPrefix(path, shared+"/models/"), func(t *testing.T) {
			m, err := model.Open(path, []model.Format{sklearn.Format()})
			if slices.ContainsFunc(foreign, func(name string) bool { return strings.HasSuffix(path, name) }) {
				var e *model.Error
				if !errors.As(err, &e) || e.Kind != model.Unsupported || e.Hint == "" {
					t.Errorf("error is %#v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			served++
			r, err := compareGolden(m, path)
			if err != nil {
				t.Error(err)
			}
			values, largest = values+r.values, max(largest, r.largest)
		})
		return nil
	})
	if err != nil {
		t.Fatal("shared/data/models must lie beside the repository: ", err)
	}
	t.Logf("%d of %d files are served (%.0f %%); of %d values the largest difference is %.2g", served, files, 100*float64(served)/float64(files), values, largest)
}

func compareGolden(m mlapi.Model, path string) (zooResult, error) {
	raw, err := os.ReadFile(path + ".golden.json")
	if err != nil {
		return zooResult{}, nil // nobody could run it
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		return zooResult{}, err
	}
	c := &zooCase{Columns: g.Input.Columns, Estimator: g.Final}
	if info := m.Info(); strings.HasPrefix(g.Final, "XGB") || strings.HasPrefix(info.Estimator, "XGB") {
		c.tolerance = 1e-6
	}
	if m.Info().Estimator != g.Final {
		return zooResult{}, fmt.Errorf("the estimator is %s, want %s", m.Info().Estimator, g.Final)
	}
	b := &zooBlock{Predict: g.Expected.Predict, Proba: g.Expected.Proba, Decision: g.Expected.Decision}
	switch {
	case m.Info().Outputs > 1:
		b.Proba, b.Decision = nil, nil // several outputs have no scores
	case g.Expected.Proba != nil:
		b.Decision = nil // of a model that has both, probabilities are what is given
	}
	if m.Info().Task == mlapi.Transformer {
		if b.Transform, err = goldenRows[*float64](g.Expected.Transform); err != nil {
			return zooResult{}, err
		}
	}
	rows, err := goldenRows[any](g.Input.Rows)
	if err != nil {
		return zooResult{}, err
	}
	for _, row := range rows {
		for k, v := range row {
			if v == "NaN" { // which JSON cannot write as a number
				row[k] = nil
			}
		}
	}
	j := &zooJudge{c: c, m: m, info: m.Info()}
	err = j.compare(b, rows)
	return j.zooResult, err
}

// goldenRows reads rows: a list of lists, a list of texts, or sparse rows.
func goldenRows[T any](raw json.RawMessage) ([][]T, error) {
	var dense [][]T
	if json.Unmarshal(raw, &dense) == nil {
		return dense, nil
	}
	dense = nil // what a list of texts left there
	var flat []T
	if json.Unmarshal(raw, &flat) == nil {
		for i := range flat {
			dense = append(dense, flat[i:i+1])
		}
		return dense, nil
	}
	var sparse struct {
		Shape [2]int
		Rows  []struct {
			I []int
			V []T
		}
	}
	if err := json.Unmarshal(raw, &sparse); err != nil {
		return nil, err
	}
	var zero T
	if err := json.Unmarshal([]byte("0"), &zero); err != nil {
		return nil, err
	}
	for _, entries := range sparse.Rows {
		row := make([]T, sparse.Shape[1])
		for k := range row {
			row[k] = zero
		}
		for k, at := range entries.I {
			row[at] = entries.V[k]
		}
		dense = append(dense, row)
	}
	return dense, nil
}
