//go:build !race

// The race detector makes sync.Pool forget at random, so memory is counted without it.

package text_test

import (
	"context"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/text"
)

func TestNothingIsAllocatedForATerm(t *testing.T) {
	c := counter(t, text.Weights{Norm: text.L2})
	src := texts(strings.Repeat("a b ccc é ", 100))
	var dst mlapi.Matrix
	if n := testing.AllocsPerRun(20, func() {
		dst.Like(src)
		if err := c.Transform(context.Background(), &dst, src); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for a text of 400 words", n)
	}
}
