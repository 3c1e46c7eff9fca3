//go:build integration

package main

import "testing"

// TestForkPasses runs all tests of a renamed copy of this repository.
func TestForkPasses(t *testing.T) {
	dir, _ := fork(t)
	run(t, dir, "test", "./...")
}
