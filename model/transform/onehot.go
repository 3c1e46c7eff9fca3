package transform

import (
	"context"
	"errors"
	"fmt"

	"example.com/mlapi"
)

// OneHotColumn says what is made of one column.
type OneHotColumn struct {
	Categories *Categories
	// Slots has for each category which of the column's features stands for it, -1
	// where none does (a category that was dropped); several may share one.
	Slots []int
	Width int // how many features are made of the column
	// Other is the slot of a value that is none of the categories, -1 where none of the
	// features stands for it. It counts unless Refuse says that such a value is an error.
	Other  int
	Refuse bool
}

// OneHot makes of each column a feature per category, which is 1 for the samples of
// that category and 0 otherwise (scikit-learn's OneHotEncoder, LabelBinarizer).
type OneHot struct {
	known
	to      []OneHotColumn
	starts  []int // of the features made of each column, and their number
	origin  []int32
	sparse  bool
	off, on float64
}

// NewOneHot returns an encoder. strict makes a missing value that is no category an
// error even of columns that do not refuse unknown ones; sparse makes it give sparse
// matrices.
func NewOneHot(columns []OneHotColumn, strict, sparse bool) (*OneHot, error) {
	o := &OneHot{known: known{strict: strict}, to: columns, starts: make([]int, len(columns)+1), sparse: sparse, on: 1}
	for i, c := range columns {
		if c.Categories == nil || len(c.Slots) != c.Categories.Len() || c.Width < 0 {
			return nil, fmt.Errorf("column %d has no slot for each category", i)
		}
		for _, slot := range append(c.Slots[:len(c.Slots):len(c.Slots)], c.Other) {
			if slot < -1 || slot >= c.Width {
				return nil, fmt.Errorf("column %d: slot %d of %d features", i, slot, c.Width)
			}
		}
		o.known.columns = append(o.known.columns, c.Categories)
		o.starts[i+1] = o.starts[i] + c.Width
		for range c.Width {
			o.origin = append(o.origin, int32(i))
		}
	}
	if len(o.origin) == 0 {
		return nil, errors.New("no features are made")
	}
	return o, nil
}

// Between makes the encoder give off and on instead of 0 and 1. Its matrices are dense
// then.
func (o *OneHot) Between(off, on float64) {
	o.off, o.on, o.sparse = off, on, false
}

// Width returns how many columns it takes and gives.
func (o *OneHot) Width() (in, out int) { return len(o.to), len(o.origin) }

// Origin returns the column that a feature was made of.
func (o *OneHot) Origin(column int) int { return int(o.origin[column]) }

// Transform encodes src. A value that is no category is an Invalid *mlapi.Error, where
// the column refuses it.
func (o *OneHot) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	var scratch []float64
	if src.Sparse() {
		scratch = make([]float64, src.Width())
	}
	if o.sparse {
		dst.ResizeSparse(len(o.origin))
	} else {
		dst.Resize(src.Samples(), len(o.origin))
		for k := range dst.Data {
			dst.Data[k] = o.off
		}
	}
	for i := range src.Samples() {
		for k, v := range src.DenseRow(i, scratch) {
			slot, err := o.slot(src, i, k, v)
			switch {
			case err != nil:
				return err
			case slot < 0:
			case o.sparse:
				dst.Append(o.starts[k]+slot, o.on)
			default:
				dst.Row(i)[o.starts[k]+slot] = o.on
			}
		}
		if o.sparse {
			dst.EndSample()
		}
	}
	return nil
}

// slot returns which of the features made of column k is on for the value v of sample
// i, -1 where none is.
func (o *OneHot) slot(src *mlapi.Matrix, i, k int, v float64) (int, error) {
	at, err := o.index(src, i, k, v)
	switch c := &o.to[k]; {
	case err != nil:
		return 0, err
	case at >= 0:
		return c.Slots[at], nil
	case c.Refuse:
		return 0, unknownCategory(src, i, k, v, c.Categories)
	default:
		return c.Other, nil
	}
}
