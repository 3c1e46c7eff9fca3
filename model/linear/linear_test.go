package linear_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/linear"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func classes(features, n int) *mlapi.Info {
	info := &mlapi.Info{Task: mlapi.Classifier, Features: make([]mlapi.Feature, features), Scores: mlapi.Probability}
	for k := range n {
		info.Classes = append(info.Classes, mlapi.IntLabel(int64(k)))
	}
	return info
}

var near = cmpopts.EquateApprox(0, 1e-15)

func TestRegressor(t *testing.T) {
	info := &mlapi.Info{Task: mlapi.Regressor, Features: make([]mlapi.Feature, 6), Outputs: 2}
	model, err := linear.NewRegressor(info, linear.Weights{
		Coef: []float64{1, 2, 3, 4, 5, 6, -1, 0, 0, 0, 0, 0.5}, Intercept: []float64{10, 0}})
	if err != nil {
		t.Fatal(err)
	}
	if model.Info() != info {
		t.Error("Info is another pointer")
	}
	var dst mlapi.Scores
	if err := model.Predict(context.Background(), &dst, mlapitest.Matrix(0, 6, 1, 1, 1, 1, 1, 1, 1, 0, 2, 0, 3, 4)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{31, -0.5, 56, 1}, dst.Values); d != "" || dst.Width != 2 || len(dst.Class) != 0 {
		t.Errorf("width %d, %d classes: %s", dst.Width, len(dst.Class), d)
	}
}

func TestClassifier(t *testing.T) {
	e := math.Exp
	tests := []struct {
		name      string
		classes   int
		link      linear.Link
		intercept []float64
		x         float64
		class     int32
		want      []float64
	}{
		{"binary", 2, linear.Sigmoid, []float64{0}, 1, 1, []float64{1 - 1/(1+e(-1)), 1 / (1 + e(-1))}},
		{"binary, zero is the first", 2, linear.Sigmoid, []float64{0}, 0, 0, []float64{0.5, 0.5}},
		{"binary, far below", 2, linear.Sigmoid, []float64{0}, -800, 0, []float64{1, 0}},
		{"binary, far above", 2, linear.Sigmoid, []float64{0}, 800, 1, []float64{0, 1}},
		{"binary softmax", 2, linear.Softmax, []float64{0}, 1, 1, []float64{e(-1) / (e(-1) + e(1)), e(1) / (e(-1) + e(1))}},
		{"one against the rest", 3, linear.Sigmoid, []float64{0, 1, -800}, 0, 1, []float64{0.5 / (0.5 + 1/(1+e(-1))), (1 / (1 + e(-1))) / (0.5 + 1/(1+e(-1))), 0}},
		{"all zero", 3, linear.Sigmoid, []float64{0, 0, 0}, -800, 0, []float64{1. / 3, 1. / 3, 1. / 3}},
		{"softmax", 3, linear.Softmax, []float64{0, 1, 2}, 0, 2, []float64{1 / (1 + e(1) + e(2)), e(1) / (1 + e(1) + e(2)), e(2) / (1 + e(1) + e(2))}},
		{"softmax, great values", 3, linear.Softmax, []float64{0, 0, 0}, 5000, 0, []float64{1. / 3, 1. / 3, 1. / 3}},
		{"first of equals", 3, linear.Softmax, []float64{0, 1, 1}, 0, 1, []float64{1 / (1 + 2*e(1)), e(1) / (1 + 2*e(1)), e(1) / (1 + 2*e(1))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			coef := make([]float64, len(test.intercept))
			for k := range coef {
				coef[k] = 1
			}
			model, err := linear.NewClassifier(classes(1, test.classes), linear.Weights{Coef: coef, Intercept: test.intercept}, test.link)
			if err != nil {
				t.Fatal(err)
			}
			dst := mlapi.Scores{Want: mlapi.WantScores}
			if err := model.Predict(context.Background(), &dst, mlapitest.Matrix(0, 1, test.x)); err != nil {
				t.Fatal(err)
			}
			if dst.Class[0] != test.class {
				t.Errorf("class %d, want %d", dst.Class[0], test.class)
			}
			if d := cmp.Diff(test.want, dst.Values, near); d != "" {
				t.Error(d)
			}
			dst.Want = mlapi.WantPredictions
			if err := model.Predict(context.Background(), &dst, mlapitest.Matrix(0, 1, test.x)); err != nil {
				t.Fatal(err)
			}
			if dst.Class[0] != test.class || len(dst.Values) != 0 {
				t.Errorf("without scores: class %d, values %v", dst.Class[0], dst.Values)
			}
		})
	}
}

func TestUnfitValuesAreRefused(t *testing.T) {
	model, err := linear.NewClassifier(classes(2, 2), linear.Weights{Coef: []float64{1, 1}, Intercept: []float64{0}}, linear.Sigmoid)
	if err != nil {
		t.Fatal(err)
	}
	for code, v := range map[string]float64{"missing_value": math.NaN(), "value_too_large": math.Inf(-1)} {
		var e *mlapi.Error
		err := model.Predict(context.Background(), new(mlapi.Scores), mlapitest.Matrix(7, 2, 0, 0, 0, v))
		if !errors.As(err, &e) {
			t.Fatalf("error is %v", err)
		}
		row, _ := e.Row()
		column, _ := e.Column()
		if e.Kind != mlapi.Invalid || e.Code != code || row != 8 || column != 1 {
			t.Errorf("%v at row %d, column %d; want %s at 8, 1", e, row, column, code)
		}
	}
}

func TestOverflowIsRefused(t *testing.T) {
	w := linear.Weights{Coef: []float64{1e10, 1}, Intercept: []float64{0}}
	classifier, err := linear.NewClassifier(classes(2, 2), w, linear.Softmax)
	if err != nil {
		t.Fatal(err)
	}
	regressor, err := linear.NewRegressor(&mlapi.Info{Task: mlapi.Regressor, Features: make([]mlapi.Feature, 2), Outputs: 1}, w)
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range []mlapi.Model{classifier, regressor} {
		err := model.Predict(context.Background(), new(mlapi.Scores), mlapitest.Matrix(7, 2, 0, 0, 1e300, 0))
		e := mlapi.AsError(err)
		if e == nil || e.Kind != mlapi.Invalid || e.Code != "value_too_large" {
			t.Fatalf("%T: error is %v", model, err)
		}
		if row, _ := e.Row(); row != 8 {
			t.Errorf("%T: row %d, want 8", model, row)
		}
	}
}

func TestPredictStops(t *testing.T) {
	model, err := linear.NewClassifier(classes(1, 2), linear.Weights{Coef: []float64{1}, Intercept: []float64{0}}, linear.Sigmoid)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := model.Predict(ctx, new(mlapi.Scores), mlapitest.Matrix(0, 1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want cancelled", err)
	}
}

func TestBadWeightsAreRefused(t *testing.T) {
	one := []float64{1}
	regressor := func(features, outputs int, w linear.Weights) error {
		_, err := linear.NewRegressor(&mlapi.Info{Features: make([]mlapi.Feature, features), Outputs: outputs}, w)
		return err
	}
	classifier := func(n int, link linear.Link, w linear.Weights) error {
		_, err := linear.NewClassifier(classes(1, n), w, link)
		return err
	}
	if err := regressor(1, 1, linear.Weights{Coef: one, Intercept: one}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"no outputs":          regressor(1, 0, linear.Weights{}),
		"too few features":    regressor(2, 1, linear.Weights{Coef: one, Intercept: one}),
		"too few intercepts":  regressor(1, 2, linear.Weights{Coef: []float64{1, 1}, Intercept: one}),
		"NaN":                 regressor(1, 1, linear.Weights{Coef: []float64{math.NaN()}, Intercept: one}),
		"infinite intercept":  regressor(1, 1, linear.Weights{Coef: one, Intercept: []float64{math.Inf(1)}}),
		"one class":           classifier(1, linear.Sigmoid, linear.Weights{Coef: one, Intercept: one}),
		"two outputs for two": classifier(2, linear.Sigmoid, linear.Weights{Coef: []float64{1, 1}, Intercept: []float64{1, 1}}),
		"no link":             classifier(2, 0, linear.Weights{Coef: one, Intercept: one}),
		"unknown link":        classifier(2, 5, linear.Weights{Coef: one, Intercept: one}),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
