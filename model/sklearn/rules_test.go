package sklearn

import (
	"context"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/linear"
	"example.com/mlapi/model/pickle"
)

// TestLinkOfEveryRelease follows predict_proba in sklearn/linear_model/_logistic.py
// of the releases named.
func TestLinkOfEveryRelease(t *testing.T) {
	tests := []struct {
		version       version
		multi, solver string
		classes       int
		want          linear.Link
	}{
		{version{0, 20}, "warn", "warn", 3, linear.Sigmoid},
		{version{0, 20}, "auto", "lbfgs", 3, linear.Softmax},
		{version{0, 24}, "ovr", "lbfgs", 3, linear.Sigmoid},
		{version{0, 24}, "multinomial", "lbfgs", 2, linear.Softmax},
		{version{0, 24}, "auto", "lbfgs", 2, linear.Sigmoid},
		{version{0, 24}, "auto", "liblinear", 3, linear.Sigmoid},
		{version{1, 1}, "auto", "newton-cholesky", 3, linear.Softmax}, // no such solver yet
		{version{1, 2}, "auto", "newton-cholesky", 3, linear.Sigmoid},
		{version{1, 5}, "deprecated", "newton-cholesky", 3, linear.Sigmoid},
		{version{1, 5}, "deprecated", "lbfgs", 3, linear.Softmax},
		{version{1, 6}, "deprecated", "newton-cholesky", 3, linear.Softmax},
		{version{1, 7}, "deprecated", "liblinear", 3, linear.Sigmoid},
		{version{1, 7}, "", "lbfgs", 2, linear.Sigmoid},
		{version{1, 7}, "multinomial", "lbfgs", 2, linear.Softmax},
		{version{1, 8}, "multinomial", "lbfgs", 2, linear.Sigmoid}, // not looked at any more
		{version{1, 8}, "ovr", "lbfgs", 3, linear.Softmax},
		{version{1, 9}, "", "lbfgs", 3, linear.Softmax},
	}
	for _, test := range tests {
		var d pickle.Dict
		d.Set("solver", test.solver)
		if test.multi != "" {
			d.Set("multi_class", test.multi)
		}
		a := &attrs{object: &pickle.Object{State: &d}, version: test.version}
		if got := a.link(test.classes); got != test.want || a.err != nil {
			t.Errorf("%+v: link %d (%v)", test, got, a.err)
		}
	}
}

// TestMissingValuesOfEveryRelease follows the allow_nan tags in
// sklearn/tree/_classes.py of the releases named.
func TestMissingValuesOfEveryRelease(t *testing.T) {
	tests := []struct {
		class, splitter, criterion string
		constrained                bool
		accepted, refused          []version
	}{
		{"DecisionTreeClassifier", "best", "gini", false, []version{{1, 3}, {1, 5}, {1, 6}, {1, 9}}, []version{{1, 2}, {0, 20}}},
		{"DecisionTreeClassifier", "best", "gini", true, []version{{1, 9}}, []version{{1, 4}, {1, 6}, {1, 8}}},
		{"DecisionTreeClassifier", "random", "entropy", false, []version{{1, 6}, {1, 9}}, []version{{1, 3}, {1, 5}}},
		{"DecisionTreeClassifier", "other", "gini", false, nil, []version{{1, 3}, {1, 6}, {1, 9}}},
		{"DecisionTreeRegressor", "best", "absolute_error", false, []version{{1, 9}}, []version{{1, 3}, {1, 8}}},
		{"DecisionTreeRegressor", "best", "poisson", false, []version{{1, 3}, {1, 9}}, []version{{1, 2}}},
		{"DecisionTreeRegressor", "best", "gini", false, nil, []version{{1, 3}, {1, 6}}},
		{"ExtraTreeClassifier", "random", "gini", false, []version{{1, 6}, {1, 9}}, []version{{1, 5}}},
		{"ExtraTreeClassifier", "best", "gini", false, []version{{1, 3}, {1, 5}}, []version{{1, 2}, {1, 6}, {1, 9}}},
		{"ExtraTreeRegressor", "random", "squared_error", false, []version{{1, 6}, {1, 7}}, []version{{1, 5}}},
		{"ExtraTreeRegressor", "best", "squared_error", false, []version{{1, 5}, {1, 6}}, []version{{1, 7}, {1, 9}}},
	}
	for _, test := range tests {
		var d pickle.Dict
		d.Set("splitter", test.splitter)
		d.Set("criterion", test.criterion)
		d.Set("monotonic_cst", nil)
		if test.constrained {
			d.Set("monotonic_cst", &pickle.List{Items: []pickle.Value{int64(1)}})
		}
		a := &attrs{object: &pickle.Object{State: &d}, class: class{name: test.class}}
		for _, a.version = range test.accepted {
			if !a.treeTakesMissing() {
				t.Errorf("%s, %s, %s of %v refuses", test.class, test.splitter, test.criterion, a.version)
			}
		}
		for _, a.version = range test.refused {
			if a.treeTakesMissing() {
				t.Errorf("%s, %s, %s of %v accepts", test.class, test.splitter, test.criterion, a.version)
			}
		}
	}
}

// TestOneInterceptForAll: liblinear with fit_intercept=False stores a plain 0.0.
func TestOneInterceptForAll(t *testing.T) {
	o := document(t, "1.5.2/logistic_3class")
	set(o, "intercept_", 0.0)
	if _, err := newReader(model.DefaultLimits(1 << 20)).model(o); err != nil {
		t.Error(err)
	}
}

// TestOldBehaviour: with behaviour='old', the default in 0.20 and 0.21, labels come
// from _threshold_ while the decision values stay those of score_samples + 0.5.
func TestOldBehaviour(t *testing.T) {
	predict := func(o *pickle.Object) *mlapi.Scores {
		t.Helper()
		m, err := newReader(model.DefaultLimits(1 << 20)).model(o)
		if err != nil {
			t.Fatal(err)
		}
		x := new(mlapi.Matrix)
		x.Resize(1, len(m.Info().Features))
		clear(x.Data)
		scores := &mlapi.Scores{Want: mlapi.WantScores}
		if err := m.Predict(context.Background(), scores, x); err != nil {
			t.Fatal(err)
		}
		return scores
	}
	o := document(t, "0.20.4/isolation_auto")
	before := predict(o)
	if before.Class[0] != 1 || before.Values[0] <= 0 {
		t.Fatalf("class %d, decision %v: choose another row", before.Class[0], before.Values[0])
	}
	set(o, "behaviour", "old")
	set(o, "_threshold_", before.Values[0]+0.01)
	if after := predict(o); after.Class[0] != 0 || after.Values[0] != before.Values[0] {
		t.Errorf("class %d, decision %v; want 0, %v", after.Class[0], after.Values[0], before.Values[0])
	}
	// In 0.22 the parameter has no effect any more: no threshold changes the class.
	set(o, "_sklearn_version", "0.22.2")
	for _, threshold := range []float64{-10, 10} {
		set(o, "_threshold_", threshold)
		if after := predict(o); (after.Class[0] == 1) != (after.Values[0] >= 0) {
			t.Errorf("0.22 looks at _threshold_ %v", threshold)
		}
	}
}
