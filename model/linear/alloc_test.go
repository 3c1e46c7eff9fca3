//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package linear_test

import (
	"context"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/linear"
)

func TestPredictDoesNotAllocate(t *testing.T) {
	model, err := linear.NewClassifier(classes(3, 3), linear.Weights{Coef: make([]float64, 9), Intercept: make([]float64, 3)}, linear.Softmax)
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{1, 1000} {
		m := mlapitest.Matrix(0, 3, make([]float64, 3*rows)...)
		dst := mlapi.Scores{Want: mlapi.WantScores}
		if n := testing.AllocsPerRun(100, func() {
			if err := model.Predict(context.Background(), &dst, m); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%d rows: %v allocations", rows, n)
		}
	}
}

func TestSparsePredictDoesNotAllocate(t *testing.T) {
	m := mlapitest.Sparse(mlapitest.Matrix(0, 3, 1, 2, 3, 0, 0, 0, -1, 0.5, 0, 0, 0, 2))
	for name, model := range models(t) {
		dst := mlapi.Scores{Want: mlapi.WantScores, Info: model.Info()}
		if n := testing.AllocsPerRun(100, func() {
			if err := model.Predict(context.Background(), &dst, m); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
