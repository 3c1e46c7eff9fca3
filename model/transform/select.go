package transform

import (
	"context"
	"fmt"

	"example.com/mlapi"
)

// Select hands on some of the columns, numbers and texts alike (scikit-learn's feature
// selectors).
type Select struct {
	in      int
	kept    []int32
	to      []int32 // by column of the input: its place, or -1
	missing bool
}

// NewSelect returns a transformer of in columns to those at kept, which ascend. Without
// missing a missing value is refused in every column, selected or not.
func NewSelect(in int, kept []int32, missing bool) (*Select, error) {
	if len(kept) == 0 {
		return nil, fmt.Errorf("no column is selected")
	}
	s := &Select{in: in, kept: kept, to: make([]int32, in), missing: missing}
	for i := range s.to {
		s.to[i] = -1
	}
	last := int32(-1)
	for place, c := range kept {
		if c <= last || int(c) >= in {
			return nil, fmt.Errorf("column %d of %d is selected behind column %d", c, in, last)
		}
		s.to[c], last = int32(place), c
	}
	return s, nil
}

// Width returns how many columns it takes and gives.
func (s *Select) Width() (in, out int) { return s.in, len(s.kept) }

// Columns wants of the selected columns what is wanted next, and takes any other.
func (s *Select) Columns(next []Column) []Column {
	if next == nil {
		return nil
	}
	wanted := make([]Column, s.in)
	for i := range wanted {
		wanted[i].Kind = Any
	}
	for place, c := range s.kept {
		wanted[c] = next[place]
	}
	return wanted
}

// Origin returns where a column is taken from.
func (s *Select) Origin(column int) int { return int(s.kept[column]) }

// Transform copies the selected columns. An infinite value is an Invalid *mlapi.Error.
func (s *Select) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, s.missing); err != nil {
		return err
	}
	if !src.Sparse() {
		return eachRow(dst, src, len(s.kept), func(_ int, to, from []float64) error {
			for place, c := range s.kept {
				to[place] = from[c]
			}
			return nil
		})
	}
	dst.ResizeSparse(len(s.kept))
	for i := range src.Samples() {
		columns, values := src.Entries(i)
		for k, c := range columns {
			if to := s.to[c]; to >= 0 {
				dst.Append(int(to), values[k])
			}
		}
		dst.EndSample()
	}
	return nil
}
