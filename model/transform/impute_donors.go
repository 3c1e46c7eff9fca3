package transform

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
)

// Nearest moves the places of the k least of values to the front of order, which has
// places in values; NaN is greater than all.
type Nearest func(order []int32, values []float64, k int)

// Donors fills in missing values with the mean of those of the nearest training samples
// (scikit-learn's KNNImputer).
type Donors struct {
	missing    Missing
	in         int
	samples    []float64 // samples x in, NaN where missing
	means      []float64 // of each column
	kept       []int32
	zero       []bool // by column: it is kept and always 0
	neighbors  int
	byDistance bool
	indicator  []int32
	nearest    Nearest
	room       sync.Pool // of *donors
}

// donors is the memory that filling in takes.
type donors struct {
	distances []float64 // to each sample
	near      []float64 // the distances of those that have a value
	values    []float64 // those values
	order     []int32
	row       []float64 // the sample, as it is filled in
	from      []float64 // the sample, NaN where missing
}

// NewDonors returns an imputer of samples x in training values, NaN where missing. kept
// are the columns that are given; those of them in which all training values are missing
// are always 0. With byDistance samples count by the inverse of their distance. nearest
// chooses among equally near ones.
func NewDonors(in int, samples []float64, kept []int32, missing Missing, neighbors int, byDistance bool, indicator []int32, nearest Nearest) (*Donors, error) {
	if in < 1 || len(samples) == 0 || len(samples)%in != 0 || neighbors < 1 || len(kept)+len(indicator) == 0 || missing.IsText || nearest == nil {
		return nil, fmt.Errorf("%d values are no samples of %d columns, or no neighbours are asked for, or no column is kept", len(samples), in)
	}
	for _, list := range [...][]int32{kept, indicator} {
		if err := within(list, in); err != nil {
			return nil, err
		}
	}
	t := &Donors{missing: missing, in: in, samples: samples, kept: kept, neighbors: min(neighbors, len(samples)/in), byDistance: byDistance, indicator: indicator, nearest: nearest}
	t.means, t.zero = make([]float64, in), make([]bool, in)
	counts := make([]int, in)
	for at, v := range samples {
		if math.IsInf(v, 0) {
			return nil, errors.New("a training value is infinite")
		}
		if v == v {
			t.means[at%in] += v
			counts[at%in]++
		}
	}
	for i, n := range counts {
		if t.zero[i] = n == 0; n > 0 {
			t.means[i] /= float64(n)
		}
	}
	t.room.New = func() any {
		return &donors{distances: make([]float64, len(samples)/in), row: make([]float64, in), from: make([]float64, in)}
	}
	return t, nil
}

// Width returns how many columns it takes and gives.
func (t *Donors) Width() (in, out int) { return t.in, len(t.kept) + len(t.indicator) }

// Columns returns nil: numbers only.
func (t *Donors) Columns([]Column) []Column { return nil }

// Origin returns where a column is taken from.
func (t *Donors) Origin(column int) int {
	if column < len(t.kept) {
		return int(t.kept[column])
	}
	return int(t.indicator[column-len(t.kept)])
}

// Transform fills src in. An infinity is an Invalid *mlapi.Error.
func (t *Donors) Transform(ctx context.Context, dst, src *mlapi.Matrix) error {
	if err := t.missing.check(src, nil); err != nil {
		return err
	}
	d := t.room.Get().(*donors)
	defer t.room.Put(d)
	return eachRow(dst, src, len(t.kept)+len(t.indicator), func(i int, to, from []float64) error {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		hole := false
		for k, v := range from {
			if t.missing.is(src, false, v) {
				v = math.NaN()
				hole = hole || !t.zero[k]
			}
			d.from[k] = v
		}
		copy(d.row, d.from)
		if hole {
			t.fill(d)
		}
		for k, c := range t.kept {
			if to[k] = d.row[c]; t.zero[c] {
				to[k] = 0
			}
		}
		for k, c := range t.indicator {
			to[len(t.kept)+k] = 0
			if d.from[c] != d.from[c] {
				to[len(t.kept)+k] = 1
			}
		}
		return nil
	})
}

// fill puts the mean of the nearest samples into each hole of d.row.
func (t *Donors) fill(d *donors) {
	for i := range d.distances {
		d.distances[i] = t.distance(d.from, t.samples[i*t.in:(i+1)*t.in])
	}
	for c, v := range d.from {
		if v == v || t.zero[c] {
			continue
		}
		d.near, d.values, d.order = d.near[:0], d.values[:0], d.order[:0]
		common := false
		for i, distance := range d.distances {
			if donor := t.samples[i*t.in+c]; donor == donor {
				d.order = append(d.order, int32(len(d.order)))
				d.near, d.values = append(d.near, distance), append(d.values, donor)
				common = common || distance == distance
			}
		}
		if !common {
			d.row[c] = t.means[c]
			continue
		}
		k := min(t.neighbors, len(d.order))
		t.nearest(d.order, d.near, k)
		d.row[c] = d.mean(d.order[:k], t.byDistance)
	}
}

// distance is scikit-learn's nan_euclidean_distances: over the columns that both have, as
// if the others were as far apart. NaN where they have none in common.
func (t *Donors) distance(a, b []float64) float64 {
	sum, n := 0.0, 0
	for k, v := range a {
		if d := v - b[k]; d == d {
			sum += d * d
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return math.Sqrt(sum / float64(n) * float64(len(a)))
}

// mean returns the mean of some donors, by distance or not. Where the inverse of a
// distance is infinite, those donors alone count; those without a distance never do.
func (d *donors) mean(of []int32, byDistance bool) float64 {
	same := false
	for _, i := range of {
		same = same || byDistance && math.IsInf(1/d.near[i], 1)
	}
	sum, weights := 0.0, 0.0
	for _, i := range of {
		w := 1.0
		if byDistance {
			w = 1 / d.near[i]
		}
		switch {
		case d.near[i] != d.near[i], same && !math.IsInf(w, 1):
			continue
		case same:
			w = 1
		}
		sum += w * d.values[i]
		weights += w
	}
	return sum / weights
}
