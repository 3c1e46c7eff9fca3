package neighbors

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Points are samples: dense (Values is samples x Width) or, where Starts is not nil, in
// compressed sparse rows.
type Points struct {
	Width   int
	Values  []float64
	Columns []int32 // of each value, where sparse
	Starts  []int   // where sparse: where each sample begins, and the end of the last
}

// Len returns the number of samples.
func (p *Points) Len() int {
	switch {
	case p.Starts != nil:
		return len(p.Starts) - 1
	case p.Width < 1:
		return 0
	}
	return len(p.Values) / p.Width
}

// row returns sample i of dense points.
func (p *Points) row(i int) []float64 { return p.Values[i*p.Width : (i+1)*p.Width] }

// entries returns the stored values of sample i and, of sparse points, their columns.
func (p *Points) entries(i int) (columns []int32, values []float64) {
	if p.Starts == nil {
		return nil, p.row(i)
	}
	from, to := p.Starts[i], p.Starts[i+1]
	return p.Columns[from:to], p.Values[from:to]
}

// dot returns the inner product of sample i and x.
func (p *Points) dot(i int, x []float64) float64 {
	if p.Starts == nil {
		return dot(x, p.row(i))
	}
	columns, values := p.entries(i)
	sum := 0.0
	for k, c := range columns {
		sum += values[k] * x[c]
	}
	return sum
}

// lengths returns the squared length of every sample.
func (p *Points) lengths() []float64 {
	list := make([]float64, p.Len())
	for i := range list {
		_, values := p.entries(i)
		list[i] = dot(values, values)
	}
	return list
}

// normalise divides every sample by its length.
func (p *Points) normalise() {
	for i := range p.Len() {
		_, values := p.entries(i)
		normalise(values, values)
	}
}

// normalise writes values divided by their length to dst; of length 0 as they are.
func normalise(dst, values []float64) {
	length := math.Sqrt(dot(values, values))
	if length == 0 {
		length = 1
	}
	for k, v := range values {
		dst[k] = v / length
	}
}

func (p *Points) check() error {
	if p.Width < 1 || p.Len() < 1 || p.Len() > math.MaxInt32 {
		return errors.New("there are no samples to compare with")
	}
	for _, v := range p.Values {
		if v-v != 0 {
			return errors.New("a sample to compare with has a value that is no finite number")
		}
	}
	if p.Starts == nil {
		if len(p.Values)%p.Width != 0 {
			return fmt.Errorf("%d values are no samples of %d features", len(p.Values), p.Width)
		}
		return nil
	}
	if len(p.Columns) != len(p.Values) || p.Starts[0] != 0 || p.Starts[p.Len()] != len(p.Values) || !slices.IsSorted(p.Starts) {
		return errors.New("the sparse samples contradict themselves")
	}
	seen := make([]int, p.Width) // the last sample plus one that named the column
	for i := range p.Len() {
		for _, c := range p.Columns[p.Starts[i]:p.Starts[i+1]] {
			if c < 0 || int(c) >= p.Width || seen[c] == i+1 {
				return fmt.Errorf("a sample has a value in column %d of %d, or two", c, p.Width)
			}
			seen[c] = i + 1
		}
	}
	return nil
}
