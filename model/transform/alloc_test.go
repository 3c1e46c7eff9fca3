//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package transform_test

import (
	"context"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
)

func TestPipelineDoesNotAllocate(t *testing.T) {
	_, p := scaled(t)
	m := mlapitest.Matrix(0, 2, 1, 2, 3, 4)
	var dst mlapi.Scores
	if n := testing.AllocsPerRun(100, func() {
		if err := p.Predict(context.Background(), &dst, m); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a prediction", n)
	}
}
