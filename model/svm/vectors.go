package svm

import (
	"math"

	"example.com/mlapi/model/vector"
)

// addTo adds row i of v times c to dst, of Width, and the absolute values to terms.
func addTo(dst, terms []float64, v *vector.Samples, i int, c float64) {
	columns, values := v.Entries(i)
	for k, x := range values {
		j := k
		if columns != nil {
			j = int(columns[k])
		}
		dst[j] += c * x
		terms[j] += math.Abs(c * x)
	}
}

// compare returns the kernel's value of row i of v and x, whose squared length is xx;
// yy are the squared lengths of sparse rows.
func (k Kernel) compare(v *vector.Samples, i int, x []float64, xx float64, yy []float64) float64 {
	if v.Starts == nil {
		return k.ofDense(x, v.Row(i))
	}
	if k.usesDot() || k.Kind == RBF {
		return k.ofDot(v.Dot(i, x), xx, yy[i])
	}
	columns, values := v.Entries(i)
	return k.ofSparse(x, columns, values)
}
