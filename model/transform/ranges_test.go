package transform

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"example.com/mlapi"
)

// made returns what t makes of one sample, dense.
func made(t *testing.T, by Transformer, sparse bool, sample ...float64) ([]float64, error) {
	t.Helper()
	var src, dst mlapi.Matrix
	if src.Reset(7); sparse {
		src.ResizeSparse(len(sample))
		for k, v := range sample {
			if v != 0 {
				src.Append(k, v)
			}
		}
		src.EndSample()
	} else {
		src.Resize(1, len(sample))
		copy(src.Data, sample)
	}
	dst.Like(&src)
	if err := by.Transform(context.Background(), &dst, &src); err != nil {
		return nil, err
	}
	_, width := by.Width()
	return slices.Clone(dst.DenseRow(0, make([]float64, width))), nil
}

// near reports whether the numbers are equal to 1e-12 of their size; NaN is equal to NaN.
func near(got, want []float64) bool {
	return slices.EqualFunc(got, want, func(a, b float64) bool {
		return math.Abs(a-b) <= 1e-12*math.Abs(b) || math.IsNaN(a) && math.IsNaN(b)
	})
}

// refused checks that err is what a caller is told of a value in row 7.
func refused(t *testing.T, err error, code string, column int) {
	t.Helper()
	var e *mlapi.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error %v, want the code %s", err, code)
	}
	row, _ := e.Row()
	if c, _ := e.Column(); row != 7 || c != column {
		t.Errorf("row %d, column %d, want row 7, column %d", row, c, column)
	}
}

func TestBins(t *testing.T) {
	edges := [][]float64{{1, 2}, {}, {0.7}}
	for _, c := range []struct {
		coding        BinCoding
		shift, single bool
		sample, want  []float64
	}{
		{BinNumber, false, false, []float64{2, 9, 0.7}, []float64{2, 0, 1}},
		{BinNumber, false, false, []float64{math.Nextafter(1, 0), -9, 0.5}, []float64{0, 0, 0}},
		{BinNumber, true, false, []float64{1 - 5e-6, 0, 0.7 - 1e-6}, []float64{1, 0, 1}},
		{BinNumber, true, false, []float64{0.9999, 0, 0.69}, []float64{0, 0, 0}},
		// 0.7 becomes 0.699999988 in float32.
		{BinNumber, false, true, []float64{1, 0, 0.7}, []float64{1, 0, 0}},
		{BinNumber, true, true, []float64{1, 0, 0.7}, []float64{1, 0, 1}},
		{BinDense, false, false, []float64{1.5, 0, 0}, []float64{0, 1, 0, 1, 1, 0}},
		{BinSparse, false, false, []float64{1.5, 0, 0}, []float64{0, 1, 0, 1, 1, 0}},
	} {
		b, err := NewBins(edges, c.coding, c.shift)
		if err != nil {
			t.Fatal(err)
		}
		if c.single {
			b.Single()
		}
		for _, sparse := range []bool{false, true} {
			if got, err := made(t, b, sparse, c.sample...); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%+v, sparse %t: %v, %v", c, sparse, got, err)
			}
		}
		_, err = made(t, b, false, 1, math.NaN(), 1)
		refused(t, err, "missing_value", 1)
		if _, err = made(t, b, false, 1, 1, 1e39); c.single {
			refused(t, err, "value_too_large", 2)
		} else if err != nil {
			t.Errorf("1e39: %v", err)
		}
	}
}

func TestBinsRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		edges  [][]float64
		coding BinCoding
	}{
		"no features": {nil, BinNumber},
		"no coding":   {[][]float64{{1}}, 0},
		"descending":  {[][]float64{{2, 1}}, BinNumber},
		"no number":   {[][]float64{{math.NaN()}}, BinNumber},
	} {
		if _, err := NewBins(c.edges, c.coding, false); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The numbers of the normal distribution are those of scipy.stats.norm.ppf.
func TestQuantiles(t *testing.T) {
	nan := math.NaN()
	values, places := [][]float64{{0, 2, 2, 2, 4}}, []float64{0, 0.25, 0.5, 0.75, 1}
	for _, c := range []struct {
		normal, tolerant, sparse bool
		v, want                  float64
	}{
		{false, false, false, -1, 0},
		{false, false, false, 0, 0},
		{false, false, false, 2, 0.5}, // the middle of those that are equal
		{false, false, false, 1, 0.125},
		{false, false, false, 3, 0.875},
		{false, false, false, 9, 1},
		{false, false, false, nan, nan},
		{false, true, false, 5e-8, 1e-7 - 0x1p-52},
		{false, true, false, 9, 1 - (1e-7 - 0x1p-52)},
		{true, false, false, 2, 0},
		{true, false, false, 1, -1.1503493803760079},
		{true, false, false, 3, 1.1503493803760079},
		{true, false, false, -1, -5.199337582605575},
		{true, false, false, 9, 5.19933758270342},
		{true, false, false, nan, nan},
		{true, false, true, 0, 0}, // not stored, so not looked at
		{true, false, true, 3, 1.1503493803760079},
	} {
		q, err := NewQuantiles(values, places, c.normal, c.tolerant)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := made(t, q, c.sparse, c.v); err != nil || !near(got, []float64{c.want}) {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	q, _ := NewQuantiles(values, places, false, false)
	_, err := made(t, q, true, -1)
	refused(t, err, "negative_value", 0)
	q.AllowNegative()
	if got, err := made(t, q, true, -1); err != nil || got[0] != 0 {
		t.Errorf("allowed: %v, %v", got, err)
	}
	_, err = made(t, q, false, math.Inf(1))
	refused(t, err, "value_too_large", 0)
}

func TestQuantilesOfOddFiles(t *testing.T) {
	places := []float64{0, 0.5, 1}
	below := math.Nextafter(1, 0)
	q, err := NewQuantiles([][]float64{{0, 1, below}, {math.NaN(), math.NaN(), math.NaN()}}, places, false, false)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := made(t, q, false, 0.5, 1); err != nil || !near(got, []float64{0.25, math.NaN()}) {
		t.Errorf("%v, %v", got, err)
	}
	for name, values := range map[string][][]float64{
		"none":            nil,
		"too few":         {{0, 1}},
		"infinite":        {{0, math.Inf(1), 2}},
		"partly a number": {{0, math.NaN(), 2}},
	} {
		if _, err := NewQuantiles(values, places, false, false); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPower(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		method          PowerMethod
		lambda, v, want float64
	}{
		{BoxCox, 0, math.E, 1},
		{BoxCox, 2, 3, 4},
		{BoxCox, 2, nan, nan},
		{YeoJohnson, 2, 2, 4},
		{YeoJohnson, 0, math.E - 1, 1},
		{YeoJohnson, 2, 1 - math.E, -1},
		{YeoJohnson, 0, -2, -4},
		{YeoJohnson, 0.5, nan, nan},
		{YeoJohnson, 2, 1e-12, 1.0000000000005e-12},
		{YeoJohnsonPowers, 2, 2, 4},
		{YeoJohnsonPowers, 0, math.E - 1, 1},
		{YeoJohnsonPowers, 2, 1 - math.E, -1},
		{YeoJohnsonPowers, 0, -2, -4},
		{YeoJohnsonPowers, 0.5, nan, nan},
		// numpy: (np.power(1e-12 + 1, 2.) - 1) / 2
		{YeoJohnsonPowers, 2, 1e-12, 1.000088900582341e-12},
		{YeoJohnsonPowers, 3, 99, (1e6 - 1) / 3},
	} {
		p, err := NewPower([]float64{c.lambda}, c.method)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := made(t, p, false, c.v); err != nil || !near(got, []float64{c.want}) {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	p, _ := NewPower([]float64{1, 1}, BoxCox)
	_, err := made(t, p, false, 1, 0)
	refused(t, err, "not_positive", 1)
	_, err = made(t, p, false, 1, math.Inf(1))
	refused(t, err, "value_too_large", 1)
	for name, c := range map[string]struct {
		lambdas []float64
		method  PowerMethod
	}{
		"none": {nil, BoxCox}, "no method": {[]float64{1}, 0}, "infinite": {[]float64{math.Inf(-1)}, YeoJohnson},
	} {
		if _, err := NewPower(c.lambdas, c.method); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSplines(t *testing.T) {
	hats, nan := []float64{-1, 0, 1, 2, 3}, math.NaN() // of degree 1: three hats over 0, 1 and 2
	steps := []float64{0, 1, 2}
	for _, c := range []struct {
		how   SplineBasis
		knots []float64
		v     float64
		want  []float64
	}{
		{SplineBasis{Degree: 1, Extrapolation: Constant}, hats, 0.25, []float64{0.75, 0.25, 0}},
		{SplineBasis{Degree: 1, Extrapolation: Constant}, hats, 2, []float64{0, 0, 1}},
		{SplineBasis{Degree: 1, Extrapolation: Constant}, hats, -5, []float64{1, 0, 0}},
		{SplineBasis{Degree: 1, Extrapolation: Constant}, hats, 5, []float64{0, 0, 1}},
		{SplineBasis{Degree: 1, Extrapolation: Constant, NoBias: true}, hats, 0.25, []float64{0.75, 0.25}},
		{SplineBasis{Degree: 1, Extrapolation: Constant, Sparse: true, NoBias: true}, hats, 0.25, []float64{0.75, 0.25}},
		{SplineBasis{Degree: 1, Extrapolation: Constant, Zeros: true}, hats, nan, []float64{0, 0, 0}},
		{SplineBasis{Degree: 1, Extrapolation: Refuse, Zeros: true}, hats, nan, []float64{0, 0, 0}},
		{SplineBasis{Degree: 1, Extrapolation: Constant, Zeros: true}, hats, math.Inf(1), []float64{0, 0, 1}},
		{SplineBasis{Degree: 1, Extrapolation: Linear}, hats, -1, []float64{2, -1, 0}},
		{SplineBasis{Degree: 1, Extrapolation: Linear}, hats, 3, []float64{0, -1, 2}},
		{SplineBasis{Degree: 1, Extrapolation: Continue}, hats, 3, []float64{0, -1, 2}},
		{SplineBasis{Degree: 1, Extrapolation: Refuse}, hats, 1.5, []float64{0, 0.5, 0.5}},
		// The third hat is the first one again.
		{SplineBasis{Degree: 1, Extrapolation: Periodic}, hats, 1.75, []float64{0.75, 0.25}},
		{SplineBasis{Degree: 1, Extrapolation: Periodic}, hats, -0.25, []float64{0.75, 0.25}},
		{SplineBasis{Degree: 1, Extrapolation: Periodic}, make([]float64, 5), 1, []float64{nan, nan}},
		{SplineBasis{Degree: 1, Extrapolation: Periodic, Single: true}, make([]float64, 5), 1, []float64{0, 0}},
		// The parabolas over 0, 1, 2, 3 at 1.5: an eighth, three quarters, an eighth.
		{SplineBasis{Degree: 2, Extrapolation: Constant}, []float64{-1, 0, 1, 2, 3, 4}, 1.5, []float64{0.125, 0.75, 0.125}},
		{SplineBasis{Extrapolation: Continue}, steps, 5, []float64{0, 1}},
		{SplineBasis{Extrapolation: Constant}, steps, -5, []float64{0, 0}},
		{SplineBasis{Extrapolation: Constant, Sparse: true}, steps, 5, []float64{0, 1}},
		{SplineBasis{Extrapolation: Constant}, []float64{0, 1}, 5, []float64{0}},
	} {
		s, err := NewSplines([][]float64{c.knots}, c.how)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if got, err := made(t, s, false, c.v); err != nil || !near(got, c.want) {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

// The numbers are those of scikit-learn 1.9.1: SplineTransformer(3, 1,
// extrapolation="linear") of columns from 0 to 3 and from 1 to 7.
func TestSplinesTakeAnInnerKnotForTheBoundary(t *testing.T) {
	knots := [][]float64{{-1.5, 0, 1.5, 3, 4.5}, {-2, 1, 4, 7, 10}}
	s, err := NewSplines(knots, SplineBasis{Degree: 1, Extrapolation: Linear})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ sample, want []float64 }{
		{[]float64{-1.5, 1}, []float64{2, -1, 0, 0, 2, 0}},
		{[]float64{1.5, 4}, []float64{0, 1, 0, 0, 1, 0}},
	} {
		if got, err := made(t, s, false, c.sample...); err != nil || !near(got, c.want) {
			t.Errorf("%v: %v, %v, want %v", c.sample, got, err, c.want)
		}
	}
}

func TestSplinesRefuse(t *testing.T) {
	hats := [][]float64{{-1, 0, 1, 2, 3}, {-1, 0, 1, 2, 3}}
	strict, _ := NewSplines(hats, SplineBasis{Degree: 1, Extrapolation: Refuse})
	_, err := made(t, strict, false, 0, 2.5)
	refused(t, err, "out_of_range", 1)
	_, err = made(t, strict, false, 0, math.NaN())
	refused(t, err, "missing_value", 1)
	steps, _ := NewSplines([][]float64{{0, 1, 2}}, SplineBasis{Extrapolation: Constant})
	_, err = made(t, steps, false, 2.5)
	refused(t, err, "out_of_range", 0)
	for name, c := range map[string]struct {
		knots [][]float64
		how   SplineBasis
	}{
		"no features":          {nil, SplineBasis{Extrapolation: Constant}},
		"no extrapolation":     {hats, SplineBasis{Degree: 1}},
		"degree below 0":       {hats, SplineBasis{Degree: -1, Extrapolation: Constant}},
		"degree too high":      {[][]float64{make([]float64, 100)}, SplineBasis{Degree: mostDegree + 1, Extrapolation: Constant}},
		"too few knots":        {[][]float64{{0, 1}}, SplineBasis{Degree: 1, Extrapolation: Constant}},
		"half a basis":         {[][]float64{{0, 1, 2}}, SplineBasis{Degree: 1, Extrapolation: Continue}},
		"too short a period":   {[][]float64{{0, 1, 2, 3, 4, 5}}, SplineBasis{Degree: 2, Extrapolation: Periodic}},
		"no feature left":      {[][]float64{{0, 1}}, SplineBasis{NoBias: true, Extrapolation: Constant}},
		"other number":         {[][]float64{{0, 1, 2}, {0, 1}}, SplineBasis{Extrapolation: Constant}},
		"descending":           {[][]float64{{0, 2, 1}}, SplineBasis{Extrapolation: Constant}},
		"infinite":             {[][]float64{{0, 1, math.Inf(1)}}, SplineBasis{Extrapolation: Constant}},
		"sparse periodic step": {[][]float64{{0, 1, 2}}, SplineBasis{Sparse: true, Extrapolation: Periodic}},
		"lines of one step":    {[][]float64{{0, 1}, {0, 1}}, SplineBasis{Extrapolation: Linear}},
	} {
		if _, err := NewSplines(c.knots, c.how); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
