package transform

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/mlapi"
)

// DictColumn says what is made of one entry of a dictionary.
type DictColumn struct {
	// Texts has for each text that is known the feature that is 1 for it; nil where the
	// entry is a number.
	Texts map[string]int
	// Number is the feature that has the entry's number.
	Number int
}

// Dict makes features of the entries of a dictionary, a column each: a number is one
// feature, a text has one for each text that is known (scikit-learn's DictVectorizer).
// What is missing, or a text that is not known, counts for nothing.
type Dict struct {
	columns []DictColumn
	wants   []Column
	origin  []int32
	sparse  bool
	ordered bool // the features of a column lie before those of the next
}

// NewDict returns a vectoriser of so many features.
func NewDict(columns []DictColumn, features int, sparse bool) (*Dict, error) {
	if len(columns) == 0 || features < 1 {
		return nil, errors.New("no features are made")
	}
	d := &Dict{columns: columns, wants: make([]Column, len(columns)), origin: make([]int32, features), sparse: sparse, ordered: true}
	last := -1
	for i, c := range columns {
		low, high := features, -1
		for _, f := range c.features() {
			if f < 0 || f >= features {
				return nil, fmt.Errorf("column %d makes feature %d of %d", i, f, features)
			}
			d.origin[f] = int32(i)
			low, high = min(low, f), max(high, f)
		}
		d.ordered = d.ordered && low > last
		last = max(last, high)
		if c.Texts != nil {
			known := make([]string, 0, len(c.Texts))
			for text := range c.Texts {
				known = append(known, text)
			}
			slices.Sort(known)
			d.wants[i] = Column{Kind: Text, Categories: known}
		}
	}
	return d, nil
}

// features returns the features that are made of the column.
func (c *DictColumn) features() []int {
	if c.Texts == nil {
		return []int{c.Number}
	}
	list := make([]int, 0, len(c.Texts))
	for _, f := range c.Texts {
		list = append(list, f)
	}
	return list
}

// Width returns how many columns it takes and gives.
func (d *Dict) Width() (in, out int) { return len(d.columns), len(d.origin) }

// Columns returns which entries are texts.
func (d *Dict) Columns([]Column) []Column { return d.wants }

// Origin returns the column that a feature is made of.
func (d *Dict) Origin(column int) int { return int(d.origin[column]) }

// Transform makes the features of src.
func (d *Dict) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	var scratch []float64
	if src.Sparse() {
		scratch = make([]float64, src.Width())
	}
	sparse := d.sparse && d.ordered
	if sparse {
		dst.ResizeSparse(len(d.origin))
	} else {
		dst.Resize(src.Samples(), len(d.origin))
		clear(dst.Data)
	}
	for i := range src.Samples() {
		for k, v := range src.DenseRow(i, scratch) {
			feature, value, there := d.columns[k].entry(src, v)
			switch {
			case !there:
			case sparse:
				dst.Append(feature, value)
			default:
				dst.Row(i)[feature] = value
			}
		}
		if sparse {
			dst.EndSample()
		}
	}
	return nil
}

// entry returns the feature that the cell v speaks for, and its value.
func (c *DictColumn) entry(src *mlapi.Matrix, v float64) (feature int, value float64, there bool) {
	switch {
	case v != v:
		return 0, 0, false
	case c.Texts == nil:
		return c.Number, v, true
	case int(v) < 0 || int(v) >= len(src.Texts):
		return 0, 0, false
	}
	feature, there = c.Texts[src.Texts[int(v)]]
	return feature, 1, there
}
