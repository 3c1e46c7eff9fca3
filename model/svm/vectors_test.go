package svm

import "testing"

// TestDescendingStarts: rows that end before they begin are refused before anything is
// read by them.
func TestDescendingStarts(t *testing.T) {
	v := Vectors{Width: 2, Values: []float64{1, 2}, Columns: []int32{0, 1}, Starts: []int{0, 3, 2}}
	if err := v.check(); err == nil {
		t.Error("accepted")
	}
}
