package transform

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"example.com/mlapi"
)

// Chain is transformers one after the other.
type Chain struct {
	steps   []Transformer
	widths  []int     // of what goes into each step, and of what leaves the last
	scratch sync.Pool // of *mlapi.Matrix
}

// NewChain returns the transformers as one. in is how many columns the first takes,
// 0 where only the steps know.
func NewChain(in int, steps []Transformer) (*Chain, error) {
	c := &Chain{steps: steps, widths: make([]int, len(steps)+1)}
	c.scratch.New = func() any { return new(mlapi.Matrix) }
	c.widths[0] = in
	for i, s := range steps {
		if s == nil {
			return nil, fmt.Errorf("step %d is nil", i)
		}
		takes, gives := s.Width()
		if takes < 0 || gives < 0 || gives == 0 && takes != 0 {
			return nil, fmt.Errorf("step %d makes %d columns of %d", i, gives, takes)
		}
		if takes != 0 {
			if err := c.enter(i, takes); err != nil {
				return nil, err
			}
		}
		if c.widths[i+1] = gives; gives == 0 {
			c.widths[i+1] = c.widths[i]
		}
	}
	return c, nil
}

// enter settles that width columns go into step i: the steps before it that did not
// know their width learn it.
func (c *Chain) enter(i, width int) error {
	if c.widths[i] == width {
		return nil
	}
	if c.widths[i] != 0 {
		return fmt.Errorf("step %d takes %d columns and is given %d", i, width, c.widths[i])
	}
	for k := i; k >= 0 && c.widths[k] == 0; k-- {
		c.widths[k] = width
	}
	return nil
}

// Width returns how many columns the first step takes and the last gives.
func (c *Chain) Width() (in, out int) { return c.widths[0], c.widths[len(c.steps)] }

// Columns asks the steps from the last to the first.
func (c *Chain) Columns(next []Column) []Column {
	for i := len(c.steps) - 1; i >= 0; i-- {
		next = c.steps[i].Columns(next)
	}
	return next
}

// Origin follows a column back through all steps.
func (c *Chain) Origin(column int) int { return c.origin(len(c.steps), column) }

// origin returns the column of the chain's input that column of the input of step k
// comes from, -1 where it comes from several or from nowhere.
func (c *Chain) origin(k, column int) int {
	for k--; k >= 0 && column >= 0; k-- {
		o, ok := c.steps[k].(Origin)
		if !ok {
			return -1
		}
		column = o.Origin(column)
	}
	return column
}

// Transform sends src through all steps.
func (c *Chain) Transform(ctx context.Context, dst, src *mlapi.Matrix) error {
	return c.run(ctx, src, func(last *mlapi.Matrix) error {
		dst.Copy(last)
		return nil
	})
}

// run sends src through all steps and hands the result to use, together with which
// it is valid. Errors are told in columns of src.
func (c *Chain) run(ctx context.Context, src *mlapi.Matrix, use func(*mlapi.Matrix) error) error {
	a, b := c.scratch.Get().(*mlapi.Matrix), c.scratch.Get().(*mlapi.Matrix)
	defer func() {
		a.Reset(0) // drops the borrowed texts
		b.Reset(0)
		c.scratch.Put(a)
		c.scratch.Put(b)
	}()
	from, to := src, a
	for i, s := range c.steps {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		to.Like(from)
		if err := s.Transform(ctx, to, from); err != nil {
			return c.locate(i, err)
		}
		if from, to = to, b; to == from {
			to = a
		}
	}
	if err := use(from); err != nil {
		return c.locate(len(c.steps), err)
	}
	return nil
}

// locate returns err, of step k, with the column of the chain's input.
func (c *Chain) locate(k int, err error) error {
	return inColumn(err, func(column int) int { return c.origin(k, column) })
}

// inColumn returns err with its column, where it has one, replaced by what origin
// says.
func inColumn(err error, origin func(column int) int) error {
	var e *mlapi.Error
	if !errors.As(err, &e) {
		return err
	}
	column, known := e.Column()
	if !known {
		return err
	}
	if to := origin(column); to != column {
		return e.InColumn(to, "")
	}
	return err
}
