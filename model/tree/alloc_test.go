//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package tree_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
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

func TestMarginsDoNotAllocate(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	plain := shape{options: tree.BoostOptions{Features: 9, Outputs: 2, Missing: true}, kinds: true}
	special := plain
	special.categories, special.linear = true, true
	for _, s := range []shape{plain, special} {
		b, err := tree.PackBoosted(randomBoosted(random, s, 20, 6), s.options)
		if err != nil {
			t.Fatal(err)
		}
		m, err := tree.NewBoostedModel(info(9, 2), tree.NewCoded(b, []tree.Codes{{Feature: 1, Numbers: []float64{1, 0}}}),
			tree.Answer{Width: 2, Link: func(dst, margins []float64) { copy(dst, margins) }})
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range []int{1, 1000} {
			for _, want := range []mlapi.Want{mlapi.WantPredictions, mlapi.WantScores} {
				m, x, dst := m, boostRowsOf(random, rows, 9), mlapi.Scores{Want: want}
				if n := testing.AllocsPerRun(50, func() {
					if err := m.Predict(context.Background(), &dst, x); err != nil {
						t.Fatal(err)
					}
				}); n != 0 {
					t.Errorf("%d rows, want %d: %v allocations", rows, want, n)
				}
			}
		}
	}
}
