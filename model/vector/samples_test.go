package vector_test

import (
	"math"
	"slices"
	"testing"

	"example.com/mlapi/model/vector"
)

func TestSamples(t *testing.T) {
	x := []float64{2, 3, 5}
	for name, p := range map[string]vector.Samples{
		"dense":  {Width: 3, Values: []float64{1, 0, 4, 0, 0, 0, 0, -2, 0}},
		"sparse": {Width: 3, Values: []float64{1, 4, -2}, Columns: []int32{0, 2, 1}, Starts: []int{0, 2, 2, 3}},
	} {
		if err := p.Check(); err != nil || p.Len() != 3 {
			t.Fatalf("%s: %d samples, %v", name, p.Len(), err)
		}
		if got := []float64{p.Dot(0, x), p.Dot(1, x), p.Dot(2, x)}; !slices.Equal(got, []float64{22, 0, -6}) {
			t.Errorf("%s: products %v", name, got)
		}
		if got := p.Squares(); !slices.Equal(got, []float64{17, 0, 4}) {
			t.Errorf("%s: squared lengths %v", name, got)
		}
	}
}

// TestBadSamplesAreRefused spoils one thing of good samples at a time. Starts that
// descend, or none at all, are refused before anything is read by them.
func TestBadSamplesAreRefused(t *testing.T) {
	good := func() *vector.Samples {
		return &vector.Samples{Width: 2, Values: []float64{1, 2, 3, 4}, Columns: []int32{0, 1, 0, 1}, Starts: []int{0, 2, 3, 4}}
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(p *vector.Samples){
		"no features":       func(p *vector.Samples) { p.Width = 0 },
		"no features dense": func(p *vector.Samples) { p.Width, p.Starts, p.Columns = 0, nil, nil },
		"ragged":            func(p *vector.Samples) { p.Width, p.Starts, p.Columns = 3, nil, nil },
		"NaN":               func(p *vector.Samples) { p.Values[3] = math.NaN() },
		"infinite":          func(p *vector.Samples) { p.Values[0] = math.Inf(1) },
		"column above":      func(p *vector.Samples) { p.Columns[0] = 2 },
		"column below":      func(p *vector.Samples) { p.Columns[0] = -1 },
		"column twice":      func(p *vector.Samples) { p.Columns[0] = 1 },
		"fewer columns":     func(p *vector.Samples) { p.Columns = p.Columns[:3] },
		"no starts":         func(p *vector.Samples) { p.Starts = []int{} },
		"first start":       func(p *vector.Samples) { p.Starts[0] = 1 },
		"last start":        func(p *vector.Samples) { p.Starts[3] = 3 },
		"starts beyond":     func(p *vector.Samples) { p.Starts[3] = 5 },
		"descending starts": func(p *vector.Samples) { p.Starts[1], p.Starts[2] = 3, 2 },
	} {
		p := good()
		spoil(p)
		if err := p.Check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	none := vector.Samples{Width: 2, Starts: []int{}}
	if none.Len() != 0 {
		t.Errorf("%d samples of no starts", none.Len())
	}
}
