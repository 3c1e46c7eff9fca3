package transform

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Extrapolation says what a Splines does with a value outside of the knots.
type Extrapolation uint8

const (
	Constant Extrapolation = iota + 1 // takes the splines at the boundary
	Linear                            // goes on with their slope at the boundary
	Continue                          // evaluates the polynomials as they are
	Periodic                          // takes the place in the period
	Refuse                            // makes it an Invalid *mlapi.Error
)

// SplineBasis says how a Splines evaluates and what it gives.
type SplineBasis struct {
	Degree        int // of the polynomials, 0 to 32
	Extrapolation Extrapolation
	// NoBias leaves the last spline of each feature out: all of them sum to 1.
	NoBias bool
	// Sparse makes the matrices sparse.
	Sparse bool
	// Zeros gives zeros for a missing value, and takes infinities as they come; without it
	// both are errors (handle_missing="zeros", scikit-learn 1.8).
	Zeros bool
	// Single takes the period of equal knots for one of any value, which lies at 0; without
	// it the splines are NaN there (scikit-learn 1.8).
	Single bool
}

const mostDegree = 32

// Splines evaluates at each feature the B-splines over its knots (scikit-learn's
// SplineTransformer).
type Splines struct {
	numeric
	how      SplineBasis
	per      int // splines of a feature
	features []splineFeature
}

// splineFeature is the splines of one feature.
type splineFeature struct {
	knots     []float64
	low, high boundary // of Constant and Linear
}

// boundary is the end of what a feature's splines are evaluated in.
type boundary struct {
	at            float64
	value, slope  []float64 // of all splines there; slope is nil where they stay as they are
	reach, refuse int       // how many splines, from that end, go on beyond it; refuse > 0: none may
}

// NewSplines returns a transformer of a feature for each list of knots, which ascend; all
// lists are equally long. They include as many as the degree before the first and behind
// the last knot of the training data.
func NewSplines(knots [][]float64, how SplineBasis) (*Splines, error) {
	if len(knots) == 0 || how.Degree < 0 || how.Degree > mostDegree {
		return nil, fmt.Errorf("splines of degree %d of %d features, want 0 to %d", how.Degree, len(knots), mostDegree)
	}
	bases := len(knots[0]) - how.Degree - 1
	per := bases
	if how.Extrapolation == Periodic {
		per -= how.Degree
	}
	if bases <= how.Degree || per < 1 || per < how.Degree && how.Extrapolation == Periodic || per == 1 && how.NoBias {
		return nil, fmt.Errorf("%d knots are too few for the degree %d", len(knots[0]), how.Degree)
	}
	if how.Extrapolation == Periodic && how.Sparse && how.Degree == 0 {
		return nil, errors.New("scikit-learn does not evaluate sparse periodic splines of degree 0")
	}
	for i, list := range knots {
		if len(list) != len(knots[0]) {
			return nil, fmt.Errorf("feature %d has %d knots, the first has %d", i, len(list), len(knots[0]))
		}
		for k, v := range list {
			if v-v != 0 || k > 0 && v < list[k-1] {
				return nil, fmt.Errorf("feature %d: the knots do not ascend", i)
			}
		}
	}
	out := per
	if how.NoBias {
		out--
	}
	s := &Splines{numeric: numeric{len(knots), out * len(knots)}, how: how, per: per, features: make([]splineFeature, len(knots))}
	for i, list := range knots {
		s.features[i].knots = list
	}
	return s, s.bound()
}

// bound sets the boundaries of Constant and Linear. scikit-learn
// (sklearn/preprocessing/_polynomial.py: transform) adds 1 to the degree there for each
// feature while it is 0 or 1, and so takes an inner knot for the boundary of all features
// but the first; a model was trained with what that gives.
func (s *Splines) bound() error {
	degree := s.how.Degree
	for i := range s.features {
		f := &s.features[i]
		edge, reach := degree, degree
		switch s.how.Extrapolation {
		case Continue, Periodic, Refuse:
			continue
		case Linear:
			if degree <= 1 {
				degree++
			}
			reach = degree
		case Constant:
		default:
			return fmt.Errorf("unknown extrapolation %d", s.how.Extrapolation)
		}
		if edge >= len(f.knots)-s.how.Degree || reach > s.per {
			return errors.New("there are too few knots to go on beyond them linearly")
		}
		f.low = s.boundary(f, f.knots[edge], reach)
		f.high = s.boundary(f, f.knots[len(f.knots)-1-edge], reach)
		if s.how.Extrapolation == Constant && degree == 0 {
			// Of degree 0 it means to write nothing above the last knot, and writes all there
			// is to a sparse matrix; to a dense one that fails, but for a single spline.
			switch {
			case s.how.Sparse:
				f.high.reach = s.per
			case s.per > 1:
				f.high.refuse = 1
			}
		}
	}
	return nil
}

// boundary returns what is known of the splines of f at a place.
func (s *Splines) boundary(f *splineFeature, at float64, reach int) boundary {
	b := boundary{at: at, value: make([]float64, s.per), reach: reach}
	s.evaluate(b.value, f.knots, at, 0)
	if s.how.Extrapolation == Linear {
		b.slope = make([]float64, s.per)
		s.evaluate(b.slope, f.knots, at, 1)
	}
	return b
}

// Origin returns the feature that a spline is of.
func (s *Splines) Origin(column int) int { return column / (s.out / s.in) }

// Transform evaluates the splines. A missing or infinite value is an Invalid *mlapi.Error
// unless SplineBasis.Zeros says otherwise, and one that may not be extrapolated.
func (s *Splines) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if !s.how.Zeros {
		if err := finite(src, false); err != nil {
			return err
		}
	}
	values := make([]float64, s.per)
	out := s.out / s.in
	if !s.how.Sparse {
		return eachRow(dst, src, s.out, func(i int, to, from []float64) error {
			for k, v := range from {
				if !s.feature(values, &s.features[k], v) {
					return outside(src, i, k)
				}
				copy(to[k*out:(k+1)*out], values)
			}
			return nil
		})
	}
	var scratch []float64
	if src.Sparse() {
		scratch = make([]float64, src.Width())
	}
	dst.ResizeSparse(s.out)
	for i := range src.Samples() {
		for k, v := range src.DenseRow(i, scratch) {
			if !s.feature(values, &s.features[k], v) {
				return outside(src, i, k)
			}
			for n, value := range values[:out] {
				if value != 0 {
					dst.Append(k*out+n, value)
				}
			}
		}
		dst.EndSample()
	}
	return nil
}

func outside(src *mlapi.Matrix, i, column int) error {
	return mlapi.Cellf("out_of_range", src.Number(i), column, "the value lies outside of the range that this model was trained for.")
}

// feature fills to with the splines of f at v. It reports whether they may be evaluated
// there.
func (s *Splines) feature(to []float64, f *splineFeature, v float64) bool {
	clear(to)
	if v != v {
		return true
	}
	first, last := f.knots[s.how.Degree], f.knots[len(f.knots)-1-s.how.Degree]
	switch s.how.Extrapolation {
	case Refuse:
		if v < first || v > last {
			return false
		}
	case Periodic:
		switch {
		case last > first:
			v = first + modulo(v-first, last-first)
		case s.how.Single:
			v = 0
		default:
			v = math.NaN()
		}
	case Constant, Linear:
		return s.bounded(to, f, v)
	}
	s.evaluate(to, f.knots, v, 0)
	return true
}

// bounded is feature for the extrapolations that have boundaries. Those may have changed
// places (see bound); then a value lies beyond both.
func (s *Splines) bounded(to []float64, f *splineFeature, v float64) bool {
	below, above := v < f.low.at, v > f.high.at
	if !below && !above {
		s.evaluate(to, f.knots, v, 0)
		return true
	}
	if above && f.high.refuse > 0 {
		return false
	}
	for k := range max(f.low.reach, f.high.reach) {
		if below && k < f.low.reach {
			to[k] = f.low.beyond(k, v)
		}
		if n := s.per - 1 - k; above && k < f.high.reach {
			to[n] = f.high.beyond(n, v)
		}
	}
	return true
}

// beyond returns how spline k goes on at v.
func (b *boundary) beyond(k int, v float64) float64 {
	if b.slope == nil {
		return b.value[k]
	}
	return b.value[k] + float64((v-b.at)*b.slope[k])
}

// modulo returns the remainder of v by a positive period, from 0 to it (numpy's %).
func modulo(v, period float64) float64 {
	r := math.Mod(v, period)
	if r < 0 {
		r += period
	}
	return r
}

// evaluate sets to to the splines over the knots at v, or with derivative 1 to their
// slopes (de Boor's recurrence in the order of scipy's _deBoor_D). Of periodic splines
// the last ones are the first ones again.
func (s *Splines) evaluate(to, knots []float64, v float64, derivative int) {
	if v != v {
		for i := range to {
			to[i] = v
		}
		return
	}
	degree := s.how.Degree
	at := interval(knots, degree, v)
	var room, lower [mostDegree + 1]float64
	h, hh := room[:degree+1], lower[:degree+1]
	if derivative <= degree {
		h[0] = 1
	}
	for j := 1; j <= degree; j++ {
		copy(hh[:j], h[:j])
		h[0] = 0
		for n := 1; n <= j; n++ {
			right, left := knots[at+n], knots[at+n-j]
			switch w := hh[n-1] / (right - left); {
			case right == left:
				h[n] = 0
			case j > degree-derivative:
				w *= float64(j)
				h[n-1] -= w
				h[n] = w
			default:
				h[n-1] += float64(w * (right - v))
				h[n] = w * (v - left)
			}
		}
	}
	clear(to)
	for n, value := range h {
		to[(at-degree+n)%s.per] += value
	}
}

// interval returns the greatest i of degree to the number of splines less 1 for which
// knots[i] is not above v, degree where there is none.
func interval(knots []float64, degree int, v float64) int {
	low, high := degree, len(knots)-degree-1 // knots[low] <= v < knots[high], or the ends
	for high-low > 1 {
		if at := (low + high) / 2; knots[at] <= v {
			low = at
		} else {
			high = at
		}
	}
	return low
}
