package sklearn

import (
	"context"
	"slices"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// TestBalancedEnsembles makes ensembles of imbalanced-learn of those of scikit-learn, as
// it writes them: under names of its own, without a release. They answer as before, by
// the rules of the release that wrote their members (leaves hold counts up to 1.3).
func TestBalancedEnsembles(t *testing.T) {
	for _, c := range []struct{ file, module, name string }{
		{"1.3.2/forest_3class", "_forest", "BalancedRandomForestClassifier"},
		{"1.5.2/forest_3class", "_forest", "BalancedRandomForestClassifier"},
		{"zoo/1.2.2/ada_samme_r_3class", "_weight_boosting", "RUSBoostClassifier"},
		{"zoo/1.5.2/ada_samme_3class", "_weight_boosting", "RUSBoostClassifier"},
	} {
		o := document(t, c.file)
		want := probabilities(t, o)
		written := get[string](o, "_sklearn_version")
		without(o, "_sklearn_version")
		o.Class = pickle.Global{Module: "imblearn.ensemble." + c.module, Name: c.name}
		if got := probabilities(t, o); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s as %s: %v, want %v", c.file, c.name, got, want)
		}
		m, err := Build(o, "joblib", "", model.DefaultLimits(1<<20), 0)
		if err != nil || m.Info().Estimator != c.name || m.Info().Writer != "scikit-learn "+written {
			t.Errorf("%s: %+v, %v", c.file, m, err)
		}
	}
	o := document(t, "1.5.2/forest_3class")
	o.Class = pickle.Global{Module: "imblearn.ensemble._forest", Name: "BalancedRandomForestClassifier"}
	without(o, "_sklearn_version")
	without(o, "estimators_")
	if _, err := Build(o, "joblib", "", model.DefaultLimits(1<<20), 0); err == nil {
		t.Error("an ensemble without members is accepted")
	}
}

// probabilities returns those of a model for some rows.
func probabilities(t *testing.T, v pickle.Value) []float64 {
	t.Helper()
	m, err := Build(v, "joblib", "", model.DefaultLimits(1<<20), 0)
	if err != nil {
		t.Fatal(err)
	}
	n := len(m.Info().Features)
	x := new(mlapi.Matrix)
	x.Resize(20, n)
	for i := range x.Data {
		x.Data[i] = float64(i*7919%1000)/250 - 2
	}
	scores := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	if err := m.Predict(context.Background(), &scores, x); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(scores.Values)
}
