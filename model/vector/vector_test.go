package vector_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/vector"
)

func TestDot(t *testing.T) {
	// Powers of two add up exactly: a product that is left out, or counted twice, shows.
	a, b := make([]float64, 11), make([]float64, 13)
	for n := range a {
		a[n], b[n] = math.Ldexp(1, n), math.Ldexp(1, n)
		if got, want := vector.Dot(a[:n+1], b), (math.Ldexp(1, 2*n+2)-1)/3; got != want {
			t.Errorf("%d products are %v, want %v", n+1, got, want)
		}
	}
	if got := vector.Dot(nil, b); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		values       []float64
		most, widest int
	}{
		{[]float64{1, 3, 3, -4}, 1, 3},
		{[]float64{-5, 5, 2}, 1, 0},
		{[]float64{0, math.Inf(-1), math.NaN()}, 0, 1},
		{[]float64{math.Copysign(0, -1), 0}, 0, 0},
		{nil, 0, 0},
	} {
		if got := vector.ArgMax(c.values); got != int32(c.most) {
			t.Errorf("ArgMax(%v) is %d, want %d", c.values, got, c.most)
		}
		if got := vector.Largest(c.values); got != c.widest {
			t.Errorf("Largest(%v) is %d, want %d", c.values, got, c.widest)
		}
	}
}

func TestLinks(t *testing.T) {
	for _, d := range []float64{0, 1.5, -1.5, 800, -800} {
		if p, q := vector.Sigmoid(d), vector.Sigmoid(-d); math.Abs(p+q-1) > 1e-16 || math.IsNaN(p) {
			t.Errorf("Sigmoid(%v) is %v, of the other sign %v", d, p, q)
		}
	}
	if got := vector.Sigmoid(-700); got != math.Exp(-700) {
		t.Errorf("a small probability is %v", got)
	}
	for name, c := range map[string]struct {
		of           func([]float64)
		values, want []float64
	}{
		"softmax":                 {vector.Softmax, []float64{0, math.Log(3)}, []float64{0.25, 0.75}},
		"softmax of great ones":   {vector.Softmax, []float64{1e6, 1e6, -1e6}, []float64{0.5, 0.5, 0}},
		"shares":                  {vector.Normalise, []float64{1, 3}, []float64{0.25, 0.75}},
		"shares of nothing":       {vector.Normalise, []float64{0, 0, 0, 0}, []float64{0.25, 0.25, 0.25, 0.25}},
		"shares of no values":     {vector.Normalise, nil, nil},
		"softmax of no values":    {vector.Softmax, nil, nil},
		"softmax, one impossible": {vector.Softmax, []float64{0, math.Inf(-1)}, []float64{1, 0}},
	} {
		got := slices.Clone(c.values)
		c.of(got)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-15 }) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestFinite(t *testing.T) {
	if !vector.Finite() || !vector.Finite(0, -math.MaxFloat64) {
		t.Error("numbers are not finite")
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if vector.Finite(1, bad, 2) {
			t.Errorf("%v is finite", bad)
		}
	}
}

func TestResize(t *testing.T) {
	list := []int{1, 2, 3}
	if got := vector.Resize(list[:0], 3); &got[0] != &list[0] || len(got) != 3 {
		t.Error("memory is not used again")
	}
	if got := vector.Resize(list, 4); len(got) != 4 {
		t.Errorf("%d elements, want 4", len(got))
	}
}

// dense returns a matrix of rows 7 and following of a request.
func dense(width int, values ...float64) *mlapi.Matrix {
	return mlapitest.Matrix(7, width, values...)
}

// sparse is dense in compressed sparse rows.
func sparse(width int, values ...float64) *mlapi.Matrix {
	return mlapitest.Sparse(dense(width, values...))
}

func TestEach(t *testing.T) {
	values := []float64{1, 0, -3, 0, 0, 0, 0, 5, 4}
	for name, m := range map[string]*mlapi.Matrix{"dense": dense(3, values...), "sparse": sparse(3, values...)} {
		var got, rows []float64
		var largest []int
		err := vector.Each(t.Context(), m, 2, func(i int, s vector.Sample) error {
			row := make([]float64, 3)
			for k, v := range s.Values {
				row[s.Column(k)] = v
			}
			got, largest = append(got, row...), append(largest, s.Largest())
			if s.Sparse != m.Sparse() || i != len(largest)-1 {
				t.Errorf("%s: sample %d, sparse %v", name, i, s.Sparse)
			}
			return nil
		})
		if err != nil || !slices.Equal(got, values) || !slices.Equal(largest, []int{2, 0, 1}) {
			t.Errorf("%s: %v, %v, %v", name, got, largest, err)
		}
		err = vector.EachDense(t.Context(), m, 2, make([]float64, 3), func(_ int, row []float64) error {
			rows = append(rows, row...)
			return nil
		})
		if err != nil || !slices.Equal(rows, values) {
			t.Errorf("%s: all features: %v, %v", name, rows, err)
		}
	}
}

// walks are both ways over a matrix, which count the samples that they come to.
func walks(ctx context.Context, m *mlapi.Matrix, block int, do func(i int) error) map[string]func() error {
	return map[string]func() error{
		"each": func() error {
			return vector.Each(ctx, m, block, func(i int, _ vector.Sample) error { return do(i) })
		},
		"all features": func() error {
			return vector.EachDense(ctx, m, block, make([]float64, m.Width()), func(i int, _ []float64) error { return do(i) })
		},
	}
}

func TestEachRefuses(t *testing.T) {
	for code, bad := range map[string]float64{"missing_value": math.NaN(), "value_too_large": math.Inf(-1)} {
		values := []float64{1, 2, 0, 0, bad, 0}
		for name, m := range map[string]*mlapi.Matrix{"dense": dense(2, values...), "sparse": sparse(2, values...)} {
			for way, walk := range walks(t.Context(), m, 100, func(int) error { return nil }) {
				var e *mlapi.Error
				if err := walk(); !errors.As(err, &e) || e.Code != code {
					t.Errorf("%s, %s: %v, want %s", name, way, err, code)
					continue
				}
				row, _ := e.Row()
				if column, _ := e.Column(); row != 9 || column != 0 {
					t.Errorf("%s, %s: row %d, column %d, want 9 and 0", name, way, row, column)
				}
			}
		}
	}
}

func TestEachStops(t *testing.T) {
	m, enough := dense(1, 1, 2, 3, 4, 5), errors.New("enough")
	for way, walk := range walks(t.Context(), m, 2, func(i int) error {
		if i == 3 {
			return enough
		}
		return nil
	}) {
		if err := walk(); err != enough {
			t.Errorf("%s: %v, want what the function returned", way, err)
		}
	}
	for _, way := range []string{"each", "all features"} {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		err := walks(ctx, m, 2, func(int) error {
			seen++
			cancel()
			return nil
		})[way]()
		var e *mlapi.Error
		if !errors.As(err, &e) || e.Code != "cancelled" || seen != 2 {
			t.Errorf("%s: %v after %d samples, want cancelled after a block of 2", way, err, seen)
		}
	}
}

func TestTooLarge(t *testing.T) {
	s := vector.Of(sparse(4, 0, 1, 0, -9), 0)
	var e *mlapi.Error
	if err := s.TooLarge(12); !errors.As(err, &e) || e.Code != "value_too_large" {
		t.Fatalf("%v, want value_too_large", err)
	}
	row, _ := e.Row()
	if column, _ := e.Column(); row != 12 || column != 3 {
		t.Errorf("row %d, column %d, want 12 and 3", row, column)
	}
}
