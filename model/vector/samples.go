package vector

import (
	"errors"
	"fmt"
	"slices"
)

// Samples are stored samples that others are compared with, such as training samples
// or support vectors: dense (Values is samples x Width) or, where Starts is not nil,
// in compressed sparse rows, whose columns are each named once.
type Samples struct {
	Width   int
	Values  []float64
	Columns []int32 // of each value, where sparse
	Starts  []int   // where sparse: where each sample begins, and the end of the last
}

// Len returns the number of samples; what it says before Check is no promise.
func (p *Samples) Len() int {
	switch {
	case p.Starts != nil:
		return max(len(p.Starts)-1, 0)
	case p.Width < 1:
		return 0
	}
	return len(p.Values) / p.Width
}

// Check returns an error unless the samples have a feature at least, finite values,
// and columns and starts that agree with them.
func (p *Samples) Check() error {
	if p.Width < 1 {
		return errors.New("the samples have no features")
	}
	if !Finite(p.Values...) {
		return errors.New("a sample has a value that is no finite number")
	}
	if p.Starts == nil {
		if len(p.Values)%p.Width != 0 {
			return fmt.Errorf("%d values are no samples of %d features", len(p.Values), p.Width)
		}
		return nil
	}
	return p.checkSparse()
}

func (p *Samples) checkSparse() error {
	if len(p.Starts) == 0 || len(p.Columns) != len(p.Values) || p.Starts[0] != 0 ||
		p.Starts[p.Len()] != len(p.Values) || !slices.IsSorted(p.Starts) {
		return errors.New("the sparse samples contradict themselves")
	}
	seen := make([]int, p.Width) // the last sample plus one that named the column
	for i := range p.Len() {
		columns, _ := p.Entries(i)
		for _, c := range columns {
			if c < 0 || int(c) >= p.Width || seen[c] == i+1 {
				return fmt.Errorf("a sample has a value in column %d of %d, or two", c, p.Width)
			}
			seen[c] = i + 1
		}
	}
	return nil
}

// Row returns sample i of dense samples.
func (p *Samples) Row(i int) []float64 { return p.Values[i*p.Width : (i+1)*p.Width] }

// Entries returns the stored values of sample i and, of sparse samples, their
// columns; of dense ones nil.
func (p *Samples) Entries(i int) (columns []int32, values []float64) {
	if p.Starts == nil {
		return nil, p.Row(i)
	}
	from, to := p.Starts[i], p.Starts[i+1]
	return p.Columns[from:to], p.Values[from:to]
}

// Dot returns the inner product of sample i and x, which has Width values.
func (p *Samples) Dot(i int, x []float64) float64 {
	columns, values := p.Entries(i)
	if p.Starts == nil {
		return Dot(x, values)
	}
	sum := 0.0
	for k, c := range columns {
		sum += values[k] * x[c]
	}
	return sum
}

// Squares returns the squared length of every sample.
func (p *Samples) Squares() []float64 {
	list := make([]float64, p.Len())
	for i := range list {
		_, values := p.Entries(i)
		list[i] = Dot(values, values)
	}
	return list
}
