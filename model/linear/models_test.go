package linear_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/linear"
	"github.com/google/go-cmp/cmp"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func features(n int) []mlapi.Feature { return make([]mlapi.Feature, n) }

func regression(n, outputs int) *mlapi.Info {
	return &mlapi.Info{Estimator: "Regressor", Task: mlapi.Regressor, Features: features(n), Outputs: outputs}
}

func outliers(n int) *mlapi.Info {
	return &mlapi.Info{Estimator: "Detector", Task: mlapi.OutlierDetector, Features: features(n), Scores: mlapi.Anomaly,
		Classes: []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}}
}

func deciding(n, k int) *mlapi.Info {
	info := classes(n, k)
	info.Estimator, info.Scores = "Classifier", mlapi.Decision
	return info
}

func predict(t *testing.T, model mlapi.Model, m *mlapi.Matrix, want mlapi.Want) *mlapi.Scores {
	t.Helper()
	dst := &mlapi.Scores{Want: want, Info: model.Info()}
	if err := model.Predict(context.Background(), dst, m); err != nil {
		t.Fatal(err)
	}
	return dst
}

// models are one of each.
func models(t *testing.T) map[string]mlapi.Model {
	three := linear.Weights{Coef: []float64{1, 0, 2, 0, 1, 0, -1, 0, 0.5}, Intercept: []float64{0, 0.5, 1}}
	one := linear.Weights{Coef: []float64{1, -2, 0.25}, Intercept: []float64{0.125}}
	regressor, classifier := must[*linear.Regressor](t), must[*linear.Classifier](t)
	info := classes(3, 3)
	info.Estimator = "Classifier"
	binary := classes(3, 2)
	binary.Estimator = "Classifier"
	return map[string]mlapi.Model{
		"regressor":            regressor(linear.NewRegressor(regression(3, 1), one)),
		"regressor of outputs": regressor(linear.NewRegressor(regression(3, 3), three)),
		"log regressor":        regressor(linear.NewLogRegressor(regression(3, 1), one)),
		"sigmoid":              classifier(linear.NewClassifier(binary, one, linear.Sigmoid)),
		"softmax":              classifier(linear.NewClassifier(info, three, linear.Softmax)),
		"hinge":                classifier(linear.NewClassifier(info, three, linear.ModifiedHuber)),
		"decisions":            classifier(linear.NewClassifier(deciding(3, 3), three, linear.Identity)),
		"decision":             classifier(linear.NewClassifier(deciding(3, 2), one, linear.Identity)),
		"outliers":             must[*linear.OutlierDetector](t)(linear.NewOutlierDetector(outliers(3), one)),
	}
}

func TestContract(t *testing.T) {
	rows := [][]float64{{1, 2, 3}, {0, 0, 0}, {-1, 0.5, 0}, {0, 0, 2}}
	for name, model := range models(t) {
		mlapitest.Model(t, model,
			mlapitest.SamplesCase{Name: name, Samples: rows},
			mlapitest.SamplesCase{Name: name, Samples: [][]float64{{1, 2, 3}, {1, math.NaN(), 0}}, Code: "missing_value"},
			mlapitest.SamplesCase{Name: name, Samples: [][]float64{{1, 2, math.Inf(1)}}, Code: "value_too_large"},
		)
	}
}

func TestSparseRowsAnswerTheSame(t *testing.T) {
	dense := mlapitest.Matrix(3, 3, 1, 2, 3, 0, 0, 0, -1, 0.5, 0, 0, 0, 2)
	for name, model := range models(t) {
		for _, want := range []mlapi.Want{mlapi.WantPredictions, mlapi.WantScores} {
			a, b := predict(t, model, dense, want), predict(t, model, mlapitest.Sparse(dense), want)
			if d := cmp.Diff(a.Values, b.Values, near) + cmp.Diff(a.Class, b.Class); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
		empty := predict(t, model, mlapitest.Sparse(mlapitest.Matrix(0, 3, 0, 0, 0)), mlapi.WantScores) // not one value stored
		if d := cmp.Diff(predict(t, model, mlapitest.Matrix(0, 3, 0, 0, 0), mlapi.WantScores).Values, empty.Values, near); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestSparseValuesAreChecked(t *testing.T) {
	for name, model := range models(t) {
		err := model.Predict(context.Background(), new(mlapi.Scores), mlapitest.Sparse(mlapitest.Matrix(7, 3, 1, 0, 0, 0, 0, math.NaN())))
		e := mlapi.AsError(err)
		if e == nil || e.Code != "missing_value" {
			t.Fatalf("%s: error is %v", name, err)
		}
		row, _ := e.Row()
		column, _ := e.Column()
		if row != 8 || column != 2 {
			t.Errorf("%s: row %d, column %d, want 8, 2", name, row, column)
		}
	}
}

func TestLogRegressor(t *testing.T) {
	model := must[*linear.Regressor](t)(linear.NewLogRegressor(regression(1, 1), linear.Weights{Coef: []float64{2}, Intercept: []float64{1}}))
	got := predict(t, model, mlapitest.Matrix(0, 1, 0, 1, -3), mlapi.WantPredictions)
	if d := cmp.Diff([]float64{math.E, math.Exp(3), math.Exp(-5)}, got.Values, near); d != "" {
		t.Error(d)
	}
	err := model.Predict(context.Background(), new(mlapi.Scores), mlapitest.Matrix(5, 1, 1000))
	if e := mlapi.AsError(err); e == nil || e.Code != "value_too_large" {
		t.Errorf("an exponential that overflows: %v", err)
	}
}

func TestDecisions(t *testing.T) {
	binary := must[*linear.Classifier](t)(linear.NewClassifier(deciding(1, 2), linear.Weights{Coef: []float64{2}, Intercept: []float64{-1}}, linear.Identity))
	got := predict(t, binary, mlapitest.Matrix(0, 1, 0, 0.5, 1), mlapi.WantScores)
	if d := cmp.Diff([]float64{-1, 0, 1}, got.Values) + cmp.Diff([]int32{0, 0, 1}, got.Class); d != "" || got.Width != 1 {
		t.Error(got.Width, d)
	}
	w := linear.Weights{Coef: []float64{1, 0, -1}, Intercept: []float64{0, 0, 0}}
	three := must[*linear.Classifier](t)(linear.NewClassifier(deciding(1, 3), w, linear.Identity))
	got = predict(t, three, mlapitest.Matrix(0, 1, 0, -2), mlapi.WantScores)
	if d := cmp.Diff([]float64{0, 0, 0, -2, 0, 2}, got.Values) + cmp.Diff([]int32{0, 2}, got.Class); d != "" || got.Width != 3 {
		t.Error(got.Width, d)
	}
}

func TestModifiedHuber(t *testing.T) {
	binary := must[*linear.Classifier](t)(linear.NewClassifier(classes(1, 2), linear.Weights{Coef: []float64{1}, Intercept: []float64{0}}, linear.ModifiedHuber))
	got := predict(t, binary, mlapitest.Matrix(0, 1, 0.5, -3, 3), mlapi.WantScores)
	if d := cmp.Diff([]float64{0.25, 0.75, 1, 0, 0, 1}, got.Values); d != "" {
		t.Error(d)
	}
	w := linear.Weights{Coef: []float64{1, -1, 0}, Intercept: []float64{0, 0, -1}}
	three := must[*linear.Classifier](t)(linear.NewClassifier(classes(1, 3), w, linear.ModifiedHuber))
	got = predict(t, three, mlapitest.Matrix(0, 1, 0, 0.5), mlapi.WantScores)
	if d := cmp.Diff([]float64{0.5, 0.5, 0, 0.75, 0.25, 0}, got.Values, near); d != "" {
		t.Error(d)
	}
	w.Intercept = []float64{-2, -2, -2}
	none := must[*linear.Classifier](t)(linear.NewClassifier(classes(1, 3), w, linear.ModifiedHuber))
	got = predict(t, none, mlapitest.Matrix(0, 1, 0), mlapi.WantScores)
	if d := cmp.Diff([]float64{1. / 3, 1. / 3, 1. / 3}, got.Values, near); d != "" {
		t.Error(d)
	}
}

func TestMultilabel(t *testing.T) {
	info := classes(1, 2)
	info.Outputs, info.Scores = 3, mlapi.NoScores
	w := linear.Weights{Coef: []float64{1, -1, 0}, Intercept: []float64{0, 0, 1}}
	model := must[*linear.Multilabel](t)(linear.NewMultilabel(info, w))
	for _, m := range []*mlapi.Matrix{mlapitest.Matrix(0, 1, 2, 0, -2), mlapitest.Sparse(mlapitest.Matrix(0, 1, 2, 0, -2))} {
		got := predict(t, model, m, mlapi.WantScores)
		if d := cmp.Diff([]int32{1, 0, 1, 0, 0, 1, 0, 1, 1}, got.Class); d != "" || got.Samples() != 3 || got.Width != 0 {
			t.Errorf("%d samples of %d values: %s", got.Samples(), got.Width, d)
		}
	}
	if _, err := linear.NewMultilabel(classes(1, 3), w); err == nil {
		t.Error("three classes are accepted")
	}
	info.Outputs = 2
	if _, err := linear.NewMultilabel(info, w); err == nil {
		t.Error("too few outputs are accepted")
	}
}

func TestOutlierDetector(t *testing.T) {
	w := linear.Weights{Coef: []float64{2}, Intercept: []float64{-1}}
	model := must[*linear.OutlierDetector](t)(linear.NewOutlierDetector(outliers(1), w))
	got := predict(t, model, mlapitest.Matrix(0, 1, 0, 0.5, 1), mlapi.WantScores)
	if d := cmp.Diff([]float64{-1, 0, 1}, got.Values) + cmp.Diff([]int32{0, 1, 1}, got.Class); d != "" {
		t.Error(d)
	}
	if _, err := linear.NewOutlierDetector(outliers(2), w); err == nil {
		t.Error("another number of features is accepted")
	}
}

func TestIdentityNeedsDecisions(t *testing.T) {
	w := linear.Weights{Coef: []float64{1}, Intercept: []float64{0}}
	if _, err := linear.NewClassifier(classes(1, 2), w, linear.Identity); err == nil {
		t.Error("probabilities without a link are accepted")
	}
	if _, err := linear.NewClassifier(deciding(1, 2), w, linear.Sigmoid); err == nil {
		t.Error("decision values with a link are accepted")
	}
}
