package transform

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.com/mlapi"
)

// Stacking says what kind of matrix the blocks of [Columns] are put together in.
type Stacking uint8

const (
	// StackAsGiven: sparse where any block gave a sparse matrix (FeatureUnion).
	StackAsGiven Stacking = iota
	// StackDense: always dense.
	StackDense
	// StackSparse: always sparse.
	StackSparse
)

// Block is a transformer of some of the columns.
type Block struct {
	Transformer Transformer
	Columns     []int   // in the order that the transformer takes them; nil: all
	Weight      float64 // that the features made are multiplied by; 1 does nothing
}

// Columns gives each of its blocks some of the columns and puts the features that they
// make side by side (scikit-learn's ColumnTransformer and FeatureUnion).
type Columns struct {
	in     int
	blocks []Block
	starts []int // of the features of each block, and their number
	mode   Stacking
	pool   sync.Pool // of *stack
}

// stack is the memory for what goes into the blocks and what comes out.
type stack struct {
	in  mlapi.Matrix
	out []mlapi.Matrix
	row []float64
}

// NewColumns returns blocks of so many columns; in may be 0 where some block that takes
// all of them knows.
func NewColumns(in int, blocks []Block, mode Stacking) (*Columns, error) {
	if in < 1 {
		if in = allWidth(blocks); in < 1 {
			return nil, errors.New("none of the parts says how many columns it takes")
		}
	}
	c := &Columns{in: in, blocks: blocks, starts: make([]int, len(blocks)+1), mode: mode}
	c.pool.New = func() any { return &stack{out: make([]mlapi.Matrix, len(blocks))} }
	for i := range blocks {
		takes, gives := blocks[i].width(in)
		if takes < 1 || gives < 0 {
			return nil, fmt.Errorf("part %d makes %d features of %d columns", i, gives, takes)
		}
		if given := blocks[i].given(in); given != takes {
			return nil, fmt.Errorf("part %d takes %d columns and is given %d", i, takes, given)
		}
		for _, k := range blocks[i].Columns {
			if k < 0 || k >= in {
				return nil, fmt.Errorf("part %d takes column %d of %d", i, k, in)
			}
		}
		c.starts[i+1] = c.starts[i] + gives
	}
	if c.starts[len(blocks)] == 0 {
		return nil, errors.New("no features are made")
	}
	return c, nil
}

// allWidth returns how many columns the blocks take that take all, 0 where none knows.
func allWidth(blocks []Block) int {
	for i := range blocks {
		if in, _ := blocks[i].Transformer.Width(); in > 0 && blocks[i].Columns == nil {
			return in
		}
	}
	return 0
}

// given returns how many of in columns the block is given.
func (b *Block) given(in int) int {
	if b.Columns == nil {
		return in
	}
	return len(b.Columns)
}

// width returns how many columns the block takes and gives, of in. What says how many it
// takes, and 0 for what it gives, makes nothing.
func (b *Block) width(in int) (takes, gives int) {
	takes, gives = b.Transformer.Width()
	if takes > 0 {
		return takes, gives
	}
	if takes = b.given(in); gives == 0 {
		gives = takes
	}
	return takes, gives
}

// column returns which column the block's k-th is.
func (b *Block) column(k int) int {
	if b.Columns == nil || k < 0 {
		return k
	}
	return b.Columns[k]
}

// Width returns how many columns it takes and gives.
func (c *Columns) Width() (in, out int) { return c.in, c.starts[len(c.blocks)] }

// Columns puts together what the blocks want; a column that no block takes may be
// Any.
func (c *Columns) Columns(next []Column) []Column {
	columns, taken := make([]Column, c.in), make([]bool, c.in)
	for i := range columns {
		columns[i].Kind = Any
	}
	for i := range c.blocks {
		b := &c.blocks[i]
		var after []Column
		if next != nil {
			after = next[c.starts[i]:c.starts[i+1]]
		}
		wants := b.Transformer.Columns(after)
		for k := range b.given(c.in) {
			want, at := Column{}, b.column(k)
			if wants != nil {
				want = wants[k]
			}
			columns[at] = both(columns[at], want, taken[at])
			taken[at] = true
		}
	}
	return columns
}

// both returns what satisfies two that take the same column.
func both(a, b Column, taken bool) Column {
	switch {
	case !taken || a.Kind == Any:
		return b
	case b.Kind == Any:
		return a
	case a.Kind != b.Kind:
		return Column{Kind: Contradiction}
	case a.Categories == nil || b.Categories != nil && len(b.Categories) < len(a.Categories):
		return b // the texts that are known to both are at most these
	}
	return a
}

// Contradicts returns the first column that one block takes as a number and another as
// text whatever comes next, -1 where there is none.
func (c *Columns) Contradicts() int {
	anything := make([]Column, c.starts[len(c.blocks)])
	for i := range anything {
		anything[i].Kind = Any
	}
	for i, column := range c.Columns(anything) {
		if column.Kind == Contradiction {
			return i
		}
	}
	return -1
}

// Origin returns the column that a feature was made of, -1 where it was made of several.
func (c *Columns) Origin(column int) int {
	i := 0
	for column >= c.starts[i+1] {
		i++
	}
	b := &c.blocks[i]
	if o, ok := b.Transformer.(Origin); ok {
		return b.column(o.Origin(column - c.starts[i]))
	}
	if b.given(c.in) == 1 {
		return b.column(0)
	}
	return -1
}

// Transform sends the columns of src through the blocks. Texts that one of them adds (an
// imputer that fills in a text) are in the table that the next is given, so an index
// means the same text in the features of all.
func (c *Columns) Transform(ctx context.Context, dst, src *mlapi.Matrix) error {
	s := c.pool.Get().(*stack)
	defer func() {
		s.in.Reset(0) // drops the borrowed texts
		for i := range s.out {
			s.out[i].Reset(0)
		}
		c.pool.Put(s)
	}()
	sparse, texts := c.mode == StackSparse, src.Texts
	for i := range c.blocks {
		b, in, out := &c.blocks[i], src, &s.out[i]
		switch {
		case b.Columns != nil:
			s.pick(src, b.Columns)
			in = &s.in
		case len(texts) != len(src.Texts):
			s.in.Copy(src)
			in = &s.in
		}
		if in != src {
			in.Texts = texts
		}
		out.Like(in)
		if err := b.Transformer.Transform(ctx, out, in); err != nil {
			return inColumn(err, b.column)
		}
		if out.Width() != c.starts[i+1]-c.starts[i] || out.Samples() != src.Samples() {
			return mlapi.Internalf("part %d (%T) made %d samples of %d features", i, b.Transformer, out.Samples(), out.Width())
		}
		if len(out.Texts) < len(texts) {
			return mlapi.Internalf("part %d (%T) left %d of %d texts", i, b.Transformer, len(out.Texts), len(texts))
		}
		sparse, texts = sparse || c.mode == StackAsGiven && out.Sparse(), out.Texts
	}
	dst.Texts = texts
	if sparse {
		c.stackSparse(dst, src.Samples(), s)
	} else {
		c.stackDense(dst, src.Samples(), s)
	}
	return nil
}

// pick makes s.in of some columns of src.
func (s *stack) pick(src *mlapi.Matrix, columns []int) {
	s.in.Like(src)
	s.in.Resize(src.Samples(), len(columns))
	if src.Sparse() && cap(s.row) < src.Width() {
		s.row = make([]float64, src.Width())
	}
	for i := range src.Samples() {
		from, to := src.DenseRow(i, s.row), s.in.Row(i)
		for k, column := range columns {
			to[k] = from[column]
		}
	}
}

func (c *Columns) stackDense(dst *mlapi.Matrix, samples int, s *stack) {
	dst.Resize(samples, c.starts[len(c.blocks)])
	for b := range c.blocks {
		weight := c.blocks[b].Weight
		for i := range samples {
			to := dst.Row(i)[c.starts[b]:c.starts[b+1]]
			if from := s.out[b].DenseRow(i, to); !s.out[b].Sparse() {
				copy(to, from)
			}
			if weight != 1 {
				for k := range to {
					to[k] *= weight
				}
			}
		}
	}
}

func (c *Columns) stackSparse(dst *mlapi.Matrix, samples int, s *stack) {
	dst.ResizeSparse(c.starts[len(c.blocks)])
	for i := range samples {
		for b := range c.blocks {
			start, weight, out := c.starts[b], c.blocks[b].Weight, &s.out[b]
			if out.Sparse() {
				columns, values := out.Entries(i)
				for k, v := range values {
					dst.Append(start+int(columns[k]), v*weight)
				}
				continue
			}
			for k, v := range out.Row(i) {
				if v != 0 {
					dst.Append(start+k, v*weight)
				}
			}
		}
		dst.EndSample()
	}
}
