package neighbors

import (
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Vote says which neighbours have a say, and how much.
type Vote struct {
	Neighbors  int     // how many; 0: all within Radius
	Radius     float64 // where Neighbors is 0
	ByDistance bool    // each counts by the inverse of its distance; else all the same
}

func (v Vote) check(x *Index) error {
	switch {
	case x == nil:
		return errors.New("there is no index")
	case v.Neighbors < 0 || v.Neighbors > x.Len():
		return fmt.Errorf("%d neighbours are asked for, of %d samples", v.Neighbors, x.Len())
	case v.Neighbors == 0 && !(v.Radius >= 0):
		return fmt.Errorf("the radius is %v", v.Radius)
	}
	return nil
}

// find fills s with the neighbours of q and what each counts, in s.weights. Sample i of m
// is q.
func (v Vote) find(x *Index, s *search, q []float64, m *mlapi.Matrix, i int) error {
	if v.Neighbors == 0 {
		x.within(s, v.Radius, q)
	} else {
		x.nearest(s, v.Neighbors, q)
		if math.IsInf(s.reduced[v.Neighbors-1], 1) {
			return tooLarge(m, i, q)
		}
	}
	s.weights = vector.Resize(s.weights, len(s.reduced))
	for k := range s.weights {
		s.weights[k] = 1
	}
	if v.ByDistance {
		inverses(s.weights, s.reduced)
	}
	return nil
}

// tooLarge returns the error for sample i of m, q, whose distances overflow.
func tooLarge(m *mlapi.Matrix, i int, q []float64) error {
	return mlapi.ValueTooLarge(m.Number(i), vector.Largest(q))
}

// noNeighbors returns the error for a sample that nothing is known about. It names the
// column of the greatest absolute value, for want of a better.
func noNeighbors(m *mlapi.Matrix, i int, q []float64) error {
	return mlapi.Cellf("no_neighbors", m.Number(i), vector.Largest(q), "no training sample is near enough to this one.")
}

// inverses writes the inverses of distances to dst. Where any is infinite, those count 1
// and the others nothing (sklearn/neighbors/_base.py: _get_weights).
func inverses(dst, distances []float64) {
	same := false
	for k, d := range distances {
		dst[k] = 1 / d
		same = same || math.IsInf(dst[k], 1)
	}
	if !same {
		return
	}
	for k, w := range dst {
		dst[k] = 0
		if math.IsInf(w, 1) {
			dst[k] = 1
		}
	}
}

// pairwise adds up what neighbours count by label, as numpy's sum does of one list per
// label with zeros for the others: in eight sums from eight to 128 elements. sums has the
// room of eight for each label, votes of one.
func pairwise(votes, sums, weights []float64, label func(k int) int32) {
	const lanes, most = 8, 128
	clear(votes)
	n := len(weights)
	if n < lanes || n > most {
		for k, w := range weights {
			votes[label(k)] += w
		}
		return
	}
	clear(sums)
	whole := n - n%lanes
	for k, w := range weights[:whole] {
		sums[int(label(k))*lanes+k%lanes] += w
	}
	for c := range votes {
		r := sums[c*lanes : (c+1)*lanes]
		votes[c] = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
	}
	for k := whole; k < n; k++ {
		votes[label(k)] += weights[k]
	}
}
