package transform

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"

	"example.com/mlapi"
)

// Bins numbers the intervals that values lie in (scikit-learn's KBinsDiscretizer).
type Bins struct {
	edges  [][]float64 // of each feature, those between its bins
	starts []int       // of the features made of each column, and their number; nil: the numbers themselves
	sparse bool
	shift  bool
	single bool
}

// Single makes values be rounded to float32 first, in which the shift is computed then.
func (b *Bins) Single() { b.single = true }

// BinCoding says what is made of the number of a bin.
type BinCoding uint8

const (
	// BinNumber is the number itself.
	BinNumber BinCoding = iota + 1
	// BinDense is a feature for each bin, 1 for that of the value and otherwise 0.
	BinDense
	// BinSparse is the same as a sparse matrix.
	BinSparse
)

// NewBins returns a transformer to the bins between edges: for each feature those between
// its bins, ascending, an edge belonging to the bin above it. With shift a value that is
// below an edge by no more than 1e-8 and 1e-5 of its size counts as above it, as
// scikit-learn has it up to 1.0.
func NewBins(edges [][]float64, coding BinCoding, shift bool) (*Bins, error) {
	b := &Bins{edges: edges, sparse: coding == BinSparse, shift: shift}
	if len(edges) == 0 || coding < BinNumber || coding > BinSparse {
		return nil, errors.New("there are no features or no coding")
	}
	starts := []int{0}
	for i, list := range edges {
		for k, v := range list {
			if v != v || k > 0 && v < list[k-1] {
				return nil, fmt.Errorf("the edges of feature %d do not ascend", i)
			}
		}
		starts = append(starts, starts[i]+len(list)+1)
	}
	if coding != BinNumber {
		b.starts = starts
	}
	return b, nil
}

// Width returns how many columns it takes and gives.
func (b *Bins) Width() (in, out int) {
	if b.starts == nil {
		return len(b.edges), len(b.edges)
	}
	return len(b.edges), b.starts[len(b.edges)]
}

// Columns returns nil: numbers only.
func (b *Bins) Columns([]Column) []Column { return nil }

// Origin returns the column that a feature was made of.
func (b *Bins) Origin(column int) int {
	if b.starts == nil {
		return column
	}
	return sort.SearchInts(b.starts, column+1) - 1
}

// bin returns the number of the bin of v.
func (b *Bins) bin(feature int, v float64) int {
	const atol, rtol = 1e-8, 1e-5
	switch {
	case b.single && b.shift:
		f := float32(v)
		v = float64(f + (atol + float32(rtol*max(f, -f))))
	case b.single:
		v = float64(float32(v))
	case b.shift:
		v += atol + float64(rtol*math.Abs(v))
	}
	edges := b.edges[feature]
	return sort.Search(len(edges), func(i int) bool { return edges[i] > v })
}

// Transform bins. A missing or infinite value is an Invalid *mlapi.Error.
func (b *Bins) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, false); err != nil {
		return err
	}
	if b.single {
		for at, v := range src.Data {
			if math.IsInf(float64(float32(v)), 0) {
				return mlapi.ValueTooLarge(place(src, at))
			}
		}
	}
	_, out := b.Width()
	if b.sparse {
		dst.ResizeSparse(out)
		scratch := make([]float64, src.Width())
		for i := range src.Samples() {
			for k, v := range src.DenseRow(i, scratch) {
				dst.Append(b.starts[k]+b.bin(k, v), 1)
			}
			dst.EndSample()
		}
		return nil
	}
	return eachRow(dst, src, out, func(_ int, to, from []float64) error {
		clear(to)
		for k, v := range from {
			if b.starts == nil {
				to[k] = float64(b.bin(k, v))
			} else {
				to[b.starts[k]+b.bin(k, v)] = 1
			}
		}
		return nil
	})
}
