package svm

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Vectors are the stored rows that samples are compared with: dense (Values is
// rows x Width) or, where Starts is not nil, in compressed sparse rows. The columns
// of a sparse row are each named once.
type Vectors struct {
	Width   int
	Values  []float64
	Columns []int32 // of each value, where sparse
	Starts  []int   // where sparse: where each row begins, and the end of the last
}

// Len returns the number of rows.
func (v *Vectors) Len() int {
	switch {
	case v.Starts != nil:
		return len(v.Starts) - 1
	case v.Width < 1:
		return 0
	}
	return len(v.Values) / v.Width
}

func (v *Vectors) check() error {
	if v.Width < 1 {
		return errors.New("the vectors have no features")
	}
	for _, x := range v.Values {
		if x-x != 0 {
			return errors.New("a vector has a value that is not a finite number")
		}
	}
	if v.Starts == nil {
		if len(v.Values)%v.Width != 0 {
			return fmt.Errorf("%d values are no rows of %d", len(v.Values), v.Width)
		}
		return nil
	}
	if !slices.IsSorted(v.Starts) {
		return errors.New("the sparse vectors are not in order")
	}
	if len(v.Columns) != len(v.Values) || v.Starts[0] != 0 || v.Starts[v.Len()] != len(v.Values) {
		return errors.New("the sparse vectors contradict themselves")
	}
	seen := make([]int, v.Width) // the last row plus one that named the column
	for i := range v.Len() {
		columns, _ := v.entries(i)
		for _, c := range columns {
			if c < 0 || int(c) >= v.Width || seen[c] == i+1 {
				return fmt.Errorf("a vector has a value in column %d of %d, or two", c, v.Width)
			}
			seen[c] = i + 1
		}
	}
	return nil
}

// dense returns row i of dense vectors.
func (v *Vectors) dense(i int) []float64 { return v.Values[i*v.Width : (i+1)*v.Width] }

// entries returns the values of row i of sparse vectors and their columns.
func (v *Vectors) entries(i int) (columns []int32, values []float64) {
	from, to := v.Starts[i], v.Starts[i+1]
	return v.Columns[from:to], v.Values[from:to]
}

// addTo adds row i times c to dst, of Width, and the absolute values to terms.
func (v *Vectors) addTo(dst, terms []float64, i int, c float64) {
	if v.Starts == nil {
		for j, x := range v.dense(i) {
			dst[j] += c * x
			terms[j] += math.Abs(c * x)
		}
		return
	}
	columns, values := v.entries(i)
	for k, j := range columns {
		dst[j] += c * values[k]
		terms[j] += math.Abs(c * values[k])
	}
}

// squares returns the squared length of each row of sparse vectors.
func (v *Vectors) squares() []float64 {
	list := make([]float64, v.Len())
	for i := range list {
		_, values := v.entries(i)
		list[i] = dot(values, values)
	}
	return list
}

// compare returns the kernel's value of row i and x, whose squared length is xx;
// yy are the squared lengths of sparse rows.
func (v *Vectors) compare(k Kernel, i int, x []float64, xx float64, yy []float64) float64 {
	if v.Starts == nil {
		return k.ofDense(x, v.dense(i))
	}
	columns, values := v.entries(i)
	if k.usesDot() || k.Kind == RBF {
		sum := 0.0
		for n, j := range columns {
			sum += values[n] * x[j]
		}
		return k.ofDot(sum, xx, yy[i])
	}
	return k.ofSparse(x, columns, values)
}
