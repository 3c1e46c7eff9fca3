//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package bayes_test

import (
	"context"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
)

func TestPredictDoesNotAllocate(t *testing.T) {
	dense := mlapitest.Matrix(0, 2, make([]float64, 200)...)
	dense.Row(3)[0] = 1
	for name, model := range models(t) {
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
