package tree_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
)

// codesOf catches the rows that a Coded hands on.
type codesOf struct{ rows []float64 }

func (c *codesOf) Features() int { return 3 }
func (c *codesOf) Outputs() int  { return 1 }
func (c *codesOf) Margins(_ context.Context, _ []float64, m *mlapi.Matrix) error {
	var row [3]float64
	for i := range m.Samples() {
		c.rows = append(c.rows, m.DenseRow(i, row[:])...)
	}
	return nil
}

func TestCodesStandForCategories(t *testing.T) {
	got := new(codesOf)
	c := tree.NewCoded(got, []tree.Codes{{Feature: 0, Texts: []string{"blue", "red"}}, {Feature: 2, Numbers: []float64{7, 3}}})
	var dense, sparse mlapi.Matrix
	dense.Resize(3, 3)
	copy(dense.Data, []float64{dense.Text([]byte("red")), 5, 3, dense.Text([]byte("green")), 5, 4, math.NaN(), 5, 7})
	sparse.ResizeSparse(3)
	sparse.Append(0, sparse.Text([]byte("red")))
	sparse.Append(2, 3)
	sparse.EndSample()
	for _, m := range []*mlapi.Matrix{&dense, &sparse} {
		if err := c.Margins(context.Background(), nil, m); err != nil {
			t.Fatal(err)
		}
	}
	nan := math.NaN()
	for i, want := range []float64{1, 5, 1, nan, 5, nan, nan, 5, 0, 1, 0, 1} {
		if v := got.rows[i]; v != want && (v == v || want == want) {
			t.Errorf("rows are %v, cell %d should be %v", got.rows, i, want)
		}
	}
	if dense.Data[2] != 3 {
		t.Error("the matrix was changed")
	}
	strict := tree.NewCoded(got, []tree.Codes{{Feature: 0, Texts: []string{"red"}, Strict: true}, {Feature: 2, Numbers: []float64{3}, Strict: true}})
	var e *mlapi.Error
	if err := strict.Margins(context.Background(), nil, &dense); !errors.As(err, &e) || e.Code != "unknown_category" || !strings.Contains(e.Detail, `Row 1, column 0: the category "green"`) {
		t.Errorf("unknown text: %v", err)
	}
	dense.Row(1)[0] = 0
	if err := strict.Margins(context.Background(), nil, &dense); !errors.As(err, &e) || !strings.Contains(e.Detail, "Row 1, column 2: the category 4 ") {
		t.Errorf("unknown number: %v", err)
	}
	if tree.NewCoded(got, nil) != tree.Marginal(got) {
		t.Error("no codes make a new value")
	}
}
