//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package svm_test

import (
	"context"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
)

func TestPredictDoesNotAllocate(t *testing.T) {
	for name, model := range models(t) {
		width := len(model.Info().Features)
		dense := mlapitest.Matrix(0, width, make([]float64, 100*width)...)
		dense.Row(3)[0] = 2
		for _, m := range []*mlapi.Matrix{dense, mlapitest.Sparse(dense)} {
			dst := mlapi.Scores{Want: mlapi.WantScores, Info: model.Info()}
			if n := testing.AllocsPerRun(100, func() {
				if err := model.Predict(context.Background(), &dst, m); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s, sparse %v: %v allocations", name, m.Sparse(), n)
			}
		}
	}
}
