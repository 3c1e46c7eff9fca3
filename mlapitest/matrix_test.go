package mlapitest_test

import (
	"slices"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
)

func TestMatrices(t *testing.T) {
	values := []float64{0, 2, 0, 0, 0, 0, 5, 0, -7}
	dense := mlapitest.Matrix(4, 3, values...)
	sparse := mlapitest.Sparse(dense)
	for name, m := range map[string]*mlapi.Matrix{"dense": dense, "sparse": sparse} {
		var got []float64
		for i := range m.Samples() {
			got = append(got, m.DenseRow(i, make([]float64, 3))...)
		}
		if !slices.Equal(got, values) || m.Width() != 3 || m.Number(2) != 6 || m.Sparse() != (name == "sparse") {
			t.Errorf("%s: %v, %d wide, last row %d", name, got, m.Width(), m.Number(2))
		}
	}
	if len(sparse.Data) != 3 {
		t.Errorf("%d values are stored, want 3", len(sparse.Data))
	}
}
