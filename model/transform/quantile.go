package transform

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"

	"example.com/mlapi"
)

// Quantiles maps each feature to its place among the values of training (scikit-learn's
// QuantileTransformer).
type Quantiles struct {
	columnwise
	values   [][]float64 // of each feature, ascending
	places   []float64   // 0 to 1
	normal   bool
	tolerant bool
	negative bool
}

// quantileEdge is how near to the first and the last value counts as one of them
// (sklearn/preprocessing/_data.py: BOUNDS_THRESHOLD).
const quantileEdge = 1e-7

// NewQuantiles returns a transformer of features of which values have as many quantiles
// as there are places, each ascending, or all NaN, which gives NaN. The result is uniform, between 0 and 1, or with
// normal as far from 0 as that share of a normal distribution. With tolerant a value that
// is nearly at an end counts as there, and the result is never quite 0 or 1, as up to
// scikit-learn 0.20; so it is with normal.
func NewQuantiles(values [][]float64, places []float64, normal, tolerant bool) (*Quantiles, error) {
	if len(values) == 0 || len(places) == 0 {
		return nil, errors.New("there are no quantiles")
	}
	for i, list := range append([][]float64{places}, values...) {
		if len(list) != len(places) {
			return nil, fmt.Errorf("feature %d has %d quantiles, want %d", i-1, len(list), len(places))
		}
		// In files of scikit-learn 0.20 rounding made some of them descend by a last digit, so
		// their order is not asked for: a search in another one finds a wrong place and ends.
		for _, v := range list {
			if math.IsInf(v, 0) || math.IsNaN(v) != math.IsNaN(list[0]) {
				return nil, errors.New("quantiles are infinite, or some of a feature are no numbers")
			}
		}
	}
	return &Quantiles{columnwise{len(values)}, values, places, normal, normal || tolerant, false}, nil
}

// AllowNegative makes the transformer take negative values in sparse matrices too, in
// which otherwise none may be (ignore_implicit_zeros=True).
func (q *Quantiles) AllowNegative() { q.negative = true }

// Transform finds the places, in a sparse matrix those of the values that are stored. NaN
// stays NaN; an infinity is an Invalid *mlapi.Error.
func (q *Quantiles) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, true); err != nil {
		return err
	}
	if src.Sparse() && !q.negative {
		for at, v := range src.Data {
			if v < 0 {
				row, column := place(src, at)
				return mlapi.Cellf("negative_value", row, column, "the value is negative, which this model does not take.")
			}
		}
	}
	least, most := normalPlace(quantileEdge-spacing), normalPlace(1-(quantileEdge-spacing))
	eachEntry(dst, src, func(column int, v float64) float64 {
		v = q.place(q.values[column], v)
		switch {
		case q.normal:
			v = min(max(normalPlace(v), least), most) // both give NaN for NaN
		case q.tolerant:
			v = min(max(v, quantileEdge-spacing), 1-(quantileEdge-spacing))
		}
		return v
	})
	return nil
}

// spacing is the distance from 1 to the next float.
const spacing = 0x1p-52

// place returns where v is among values: the mean of both ends where it is repeated.
func (q *Quantiles) place(values []float64, v float64) float64 {
	first, last := values[0], values[len(values)-1]
	edge := 0.0
	if q.tolerant {
		edge = quantileEdge
	}
	switch {
	case v != v || first != first:
		return math.NaN()
	case v == first && !q.tolerant || v-edge < first && q.tolerant:
		return 0
	case v == last && !q.tolerant || v+edge > last && q.tolerant:
		return 1
	}
	return 0.5 * (interpolate(values, q.places, v) - interpolateDown(values, q.places, v))
}

// interpolate is numpy's interp: of equal values it takes the last.
func interpolate(x, y []float64, v float64) float64 {
	n := len(x)
	j := sort.Search(n, func(i int) bool { return x[i] > v }) - 1
	switch {
	case j < 0:
		return y[0]
	case j >= n-1:
		return y[n-1]
	case x[j] == v:
		return y[j]
	}
	slope := (y[j+1] - y[j]) / (x[j+1] - x[j])
	return float64(slope*(v-x[j])) + y[j]
}

// interpolateDown is numpy's interp of everything negated, from the other end: of equal
// values it takes the first.
func interpolateDown(x, y []float64, v float64) float64 {
	n := len(x)
	j := sort.Search(n, func(i int) bool { return x[i] >= v }) // the last of the turned values that is not above -v
	switch {
	case j >= n:
		return -y[n-1]
	case j == 0:
		return -y[0]
	case x[j] == v:
		return -y[j]
	}
	slope := (y[j] - y[j-1]) / (x[j] - x[j-1])
	return float64(slope*(x[j]-v)) - y[j]
}

// normalPlace is the inverse of the normal distribution function.
func normalPlace(p float64) float64 {
	switch {
	case p != p || p < 0 || p > 1:
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	}
	tail := min(p, 1-p)
	z := -math.Sqrt2 * math.Erfcinv(2*tail)
	for range 2 { // Newton's step, for what Erfcinv loses where the tail is thin
		density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		z -= (0.5*math.Erfc(-z/math.Sqrt2) - tail) / density
	}
	if p > 0.5 {
		return -z
	}
	return z
}
