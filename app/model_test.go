package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
)

const fixtures = "../model/sklearn/testdata/"

// TestOpenModel: one file, a part of one, or several in order.
func TestOpenModel(t *testing.T) {
	formats := []model.Format{sklearn.Format()}
	odd := filepath.Join(t.TempDir(), "a,b#$.c.joblib")
	raw, err := os.ReadFile(fixtures + "1.5.2/forest_binary.joblib")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(odd, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	for paths, want := range map[string]string{
		"":                                      "RandomForestClassifier",
		fixtures + "1.5.2/forest_binary.joblib": "RandomForestClassifier",
		fixtures + "1.5.2/forest_binary.joblib#$": "RandomForestClassifier",
		odd: "RandomForestClassifier",
	} {
		m, err := openModel(paths, formats)
		if err != nil {
			t.Errorf("%q: %v", paths, err)
			continue
		}
		if got := m.Info().Estimator; got != want {
			t.Errorf("%q is %s, want %s", paths, got, want)
		}
	}
	for paths, want := range map[string]string{
		"missing.joblib": "there is no such file",
		fixtures + "1.5.2/forest_binary.joblib#$.a":                                      `nothing at "$.a"`,
		fixtures + "1.5.2/forest_binary.joblib," + fixtures + "1.5.2/tree_binary.joblib": "both predict",
		fixtures + "1.5.2/tree_binary.joblib,":                                           "",
	} {
		_, err := openModel(paths, formats)
		if want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v, want %q", paths, err, want)
		}
	}
}
