//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package sklearn_test

import (
	"context"
	"testing"

	"example.com/mlapi"
)

func TestPredictDoesNotAllocate(t *testing.T) {
	for _, name := range kinds {
		m, err := open("testdata/1.5.2/" + name + ".joblib")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 1000} {
			x := rows(m, n)
			scores := mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
			if allocs := testing.AllocsPerRun(50, func() {
				if err := m.Predict(context.Background(), &scores, x); err != nil {
					t.Fatal(err)
				}
			}); allocs != 0 {
				t.Errorf("%s, %d rows: %v allocations", name, n, allocs)
			}
		}
	}
}
