package transform

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"

	"example.com/mlapi"
)

// Spline is piecewise polynomials of one feature, as scipy's BSpline has them: for the
// knots t, n of the basis splines of a degree, of which Count functions are sums.
type Spline struct {
	Knots  []float64
	Coef   []float64 // n x Count
	Degree int
	Count  int
}

// maxDegree bounds the work for a value.
const maxDegree = 32

// basis returns how many basis splines there are.
func (s *Spline) basis() int { return len(s.Knots) - s.Degree - 1 }

func (s *Spline) check() error {
	if s.Degree < 0 || s.Degree > maxDegree || s.Count < 1 || s.basis() < s.Degree+1 || len(s.Coef) != s.basis()*s.Count {
		return fmt.Errorf("%d knots and %d coefficients are no %d splines of degree %d", len(s.Knots), len(s.Coef), s.Count, s.Degree)
	}
	for i, v := range s.Knots {
		if v-v != 0 || i > 0 && v < s.Knots[i-1] {
			return errors.New("the knots of a spline do not ascend")
		}
	}
	for _, v := range s.Coef {
		if v-v != 0 {
			return errors.New("a coefficient of a spline is not a finite number")
		}
	}
	return nil
}

// at writes the value of each function at x to dst; beyond the knots the outermost
// polynomials go on.
func (s *Spline) at(dst []float64, x float64) {
	n, k := s.basis(), s.Degree
	// The interval i with t[i] <= x < t[i+1], from k to n-1.
	i := sort.Search(n-1-k, func(i int) bool { return s.Knots[k+i+1] > x }) + k
	var room [2][maxDegree + 1]float64
	h, before := room[0][:k+1], room[1][:k+1]
	h[0] = 1
	for degree := 1; degree <= k; degree++ {
		copy(before, h[:degree])
		h[0] = 0
		for j := 1; j <= degree; j++ {
			above, below := s.Knots[i+j], s.Knots[i+j-degree]
			if h[j] = 0; above == below {
				continue
			}
			w := before[j-1] / (above - below)
			h[j-1] += w * (above - x)
			h[j] = w * (x - below)
		}
	}
	clear(dst)
	for j, v := range h {
		for f, c := range s.Coef[(i-k+j)*s.Count : (i-k+j+1)*s.Count] {
			dst[f] += v * c
		}
	}
}

// slope returns the derivative.
func (s *Spline) slope() *Spline {
	n, k := s.basis(), s.Degree
	if k == 0 {
		return &Spline{Knots: s.Knots, Coef: make([]float64, len(s.Coef)), Count: s.Count}
	}
	d := &Spline{Knots: s.Knots[1 : len(s.Knots)-1], Coef: make([]float64, (n-1)*s.Count), Degree: k - 1, Count: s.Count}
	for i := range n - 1 {
		if width := s.Knots[i+k+1] - s.Knots[i+1]; width > 0 {
			for f := range s.Count {
				d.Coef[i*s.Count+f] = float64(k) * (s.Coef[(i+1)*s.Count+f] - s.Coef[i*s.Count+f]) / width
			}
		}
	}
	return d
}

// Beyond says what a feature made by a spline is beyond the knots.
type Beyond uint8

const (
	BeyondConstant Beyond = iota + 1 // what it is at the end
	BeyondLinear                     // a straight line
	BeyondContinue                   // the outermost polynomial
	BeyondPeriodic                   // what it is one period before
	BeyondError                      // an error
)

// Splines makes features of each feature by splines (scikit-learn's SplineTransformer).
type Splines struct {
	numeric
	parts  []splinePart
	beyond Beyond
	bias   bool
	zeros  bool
}

// splinePart is the splines of one feature.
type splinePart struct {
	Spline
	low, high float64
	ends      [2]splineEnd
}

// splineEnd is how the functions go on below or above.
type splineEnd struct{ value, slope []float64 }

// NewSplines returns a transformer of a feature for each of splines, all of one degree and
// count. Without bias the last function of each is left out; with zeros those of a missing
// value are 0, otherwise it is an error.
func NewSplines(splines []Spline, beyond Beyond, bias, zeros bool) (*Splines, error) {
	if len(splines) == 0 || beyond < BeyondConstant || beyond > BeyondError {
		return nil, errors.New("there are no splines, or nothing beyond them")
	}
	t := &Splines{parts: make([]splinePart, len(splines)), beyond: beyond, bias: bias, zeros: zeros}
	degree := splines[0].Degree
	for i := range splines {
		p := &t.parts[i]
		p.Spline = splines[i]
		if err := p.check(); err != nil {
			return nil, err
		}
		if p.Count != splines[0].Count || p.Degree != splines[0].Degree {
			return nil, errors.New("the features have splines of several kinds")
		}
		p.low, p.high = p.Knots[p.Degree], p.Knots[p.basis()]
		if beyond == BeyondConstant || beyond == BeyondLinear {
			degree = t.end(p, degree)
		}
	}
	t.in, t.out = len(splines), len(splines)*t.count()
	if t.out == 0 {
		return nil, errors.New("no feature is made")
	}
	return t, nil
}

// count returns how many features are made of each.
func (t *Splines) count() int {
	if t.bias {
		return t.parts[0].Count
	}
	return t.parts[0].Count - 1
}

// end fits what lies beyond the ends of p. scikit-learn raises a degree below 2 from
// feature to feature where lines go on, and looks for the ends by the raised one; so does
// this (sklearn/preprocessing/_polynomial.py: transform). It returns the degree for the
// next feature.
func (t *Splines) end(p *splinePart, degree int) int {
	if degree < len(p.Knots)-degree-1 {
		p.low, p.high = p.Knots[degree], p.Knots[len(p.Knots)-degree-1]
	}
	slope := p.slope()
	for e, x := range [...]float64{p.low, p.high} {
		value, rise := make([]float64, p.Count), make([]float64, p.Count)
		p.at(value, x)
		if t.beyond == BeyondLinear {
			slope.at(rise, x)
		}
		p.ends[e] = splineEnd{value, rise}
	}
	if t.beyond == BeyondLinear && degree <= 1 {
		degree++
	}
	for f := range p.Count {
		if f >= degree {
			p.ends[0].value[f], p.ends[0].slope[f] = 0, 0
		}
		if f < p.Count-degree {
			p.ends[1].value[f], p.ends[1].slope[f] = 0, 0
		}
	}
	return degree
}

// Origin returns the column that a feature was made of.
func (t *Splines) Origin(column int) int { return column / t.count() }

// Transform evaluates the splines. An infinity is an Invalid *mlapi.Error, and so is a
// missing value, unless it is 0 everywhere.
func (t *Splines) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, t.zeros); err != nil {
		return err
	}
	room := make([]float64, t.parts[0].Count)
	count := t.count()
	return eachRow(dst, src, t.out, func(i int, to, from []float64) error {
		for k, v := range from {
			p := &t.parts[k]
			if t.beyond == BeyondError && (v < p.low || v > p.high) {
				return mlapi.Cellf("out_of_range", src.Number(i), k, "the value is not between %v and %v, as those of the training data are.", p.low, p.high)
			}
			t.fill(p, room, v)
			copy(to[k*count:(k+1)*count], room)
		}
		return nil
	})
}

// fill writes what the splines of a feature make of v to dst.
func (t *Splines) fill(p *splinePart, dst []float64, v float64) {
	var end *splineEnd
	at := p.low
	switch ends := t.beyond == BeyondConstant || t.beyond == BeyondLinear; {
	case v != v:
		clear(dst)
		return
	case t.beyond == BeyondPeriodic:
		period := p.high - p.low
		if period > 0 {
			if v = math.Mod(v-p.low, period); v < 0 {
				v += period
			}
			v += p.low
		} else {
			v = 0
		}
	case ends && v < p.low:
		end = &p.ends[0]
	case ends && v > p.high:
		end, at = &p.ends[1], p.high
	}
	if end == nil {
		p.at(dst, v)
		return
	}
	for f := range dst {
		dst[f] = end.value[f] + (v-at)*end.slope[f]
	}
}
