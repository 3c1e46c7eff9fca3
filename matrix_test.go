package mlapi_test

import (
	"testing"

	"example.com/mlapi"
	"github.com/google/go-cmp/cmp"
)

func TestSparseMatrix(t *testing.T) {
	var m mlapi.Matrix
	m.Reset(7)
	m.ResizeSparse(4)
	m.Append(1, 5)
	m.Append(3, 6)
	m.EndSample()
	m.EndSample()
	m.Append(0, 7)
	m.EndSample()
	if !m.Sparse() || m.Samples() != 3 || m.Width() != 4 || m.Number(2) != 9 {
		t.Fatalf("sparse %v, %d x %d, last row %d", m.Sparse(), m.Samples(), m.Width(), m.Number(2))
	}
	scratch := []float64{9, 9, 9, 9}
	for i, want := range [][]float64{{0, 5, 0, 6}, {0, 0, 0, 0}, {7, 0, 0, 0}} {
		if got := m.DenseRow(i, scratch); !cmp.Equal(got, want) {
			t.Errorf("row %d is %v, want %v", i, got, want)
		}
	}
	var c mlapi.Matrix
	c.Copy(&m)
	if columns, values := c.Entries(2); !cmp.Equal(columns, []int32{0}) || !cmp.Equal(values, []float64{7}) {
		t.Errorf("the copy has %v, %v", columns, values)
	}
	m.Resize(1, 2)
	if m.Sparse() || len(m.Row(0)) != 2 {
		t.Error("still sparse")
	}
}

// TestMatrixTexts: texts are stored once, and a matrix that borrows them leaves
// them whole.
func TestMatrixTexts(t *testing.T) {
	var m, other mlapi.Matrix
	m.Reset(0)
	for i, text := range []string{"a", "b", "a", ""} {
		if got, want := m.Text([]byte(text)), []float64{0, 1, 0, 2}[i]; got != want {
			t.Errorf("%q is text %v, want %v", text, got, want)
		}
	}
	other.Like(&m)
	if !cmp.Equal(other.Texts, []string{"a", "b", ""}) {
		t.Errorf("the borrowed texts are %q", other.Texts)
	}
	other.Reset(0)
	other.Text([]byte("c"))
	if !cmp.Equal(m.Texts, []string{"a", "b", ""}) || !cmp.Equal(other.Texts, []string{"c"}) {
		t.Errorf("the texts are %q and %q", m.Texts, other.Texts)
	}
	m.Reset(0)
	if got := m.Text([]byte("b")); got != 0 || len(m.Texts) != 1 {
		t.Errorf("after Reset b is text %v of %q", got, m.Texts)
	}
}

// TestMatrixView: a slice of a matrix shares its values, and giving it new ones
// leaves the matrix whole.
func TestMatrixView(t *testing.T) {
	var m, view mlapi.Matrix
	m.Reset(5)
	m.Resize(3, 2)
	copy(m.Data, []float64{1, 2, 3, 4, 5, 6})
	for name, renew := range map[string]func(){
		"Reset":        func() { view.Reset(0); view.Resize(2, 2) },
		"Resize":       func() { view.Resize(2, 2) },
		"ResizeSparse": func() { view.ResizeSparse(2); view.Append(0, 9) },
	} {
		view.Slice(&m, 1, 3)
		if view.Number(0) != 6 || view.Samples() != 2 || !cmp.Equal(view.Row(1), []float64{5, 6}) {
			t.Errorf("the slice is %v from row %d", view.Data, view.Number(0))
		}
		renew()
		for i := range view.Data {
			view.Data[i] = -1
		}
		if !cmp.Equal(m.Data, []float64{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%s wrote to the matrix: %v", name, m.Data)
		}
	}
}
