//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package tree_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
)

func TestPredictDoesNotAllocate(t *testing.T) {
	forest := randomForest(t, 20, 8, 20)
	for _, rows := range []int{1, 1000} {
		for _, want := range []mlapi.Want{mlapi.WantPredictions, mlapi.WantScores} {
			m := randomRows(rows, 20)
			m.Row(0)[3] = math.NaN()
			dst := mlapi.Scores{Want: want}
			if n := testing.AllocsPerRun(100, func() {
				if err := forest.Predict(context.Background(), &dst, m); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%d rows, want %d: %v allocations", rows, want, n)
			}
		}
	}
}
