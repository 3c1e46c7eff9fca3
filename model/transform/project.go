package transform

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Projection says how samples become inner products with some directions.
type Projection struct {
	Components []float64 // directions x features
	Center     []float64 // subtracted from a sample before; nil: nothing
	Offset     []float64 // subtracted from the products; nil: nothing
	Scale      []float64 // the results are divided by it; nil: 1
}

// Project multiplies samples with directions (scikit-learn's PCA, TruncatedSVD, FastICA
// and other linear decompositions).
type Project struct {
	numeric
	weights []float64 // features x directions, so that a value meets all of its weights side by side
	p       Projection
}

// NewProject returns a transformer of so many features to a feature for each direction.
func NewProject(features int, p Projection) (*Project, error) {
	if features < 1 || len(p.Components) == 0 || len(p.Components)%features != 0 {
		return nil, fmt.Errorf("%d values are no directions of %d features", len(p.Components), features)
	}
	out := len(p.Components) / features
	for _, list := range [...]struct {
		values []float64
		want   int
	}{{p.Center, features}, {p.Offset, out}, {p.Scale, out}, {p.Components, out * features}} {
		if list.values != nil && len(list.values) != list.want {
			return nil, fmt.Errorf("%d values, want %d", len(list.values), list.want)
		}
		for _, v := range list.values {
			if v-v != 0 {
				return nil, errors.New("a number of a projection is not finite")
			}
		}
	}
	t := &Project{numeric{features, out}, make([]float64, len(p.Components)), p}
	for at, v := range p.Components {
		t.weights[at%features*out+at/features] = v
	}
	t.p.Components = nil
	return t, nil
}

// Transform multiplies. A missing or infinite value is an Invalid *mlapi.Error.
func (t *Project) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, false); err != nil {
		return err
	}
	if src.Sparse() && t.p.Center == nil {
		dst.Resize(src.Samples(), t.out)
		for i := range src.Samples() {
			to := dst.Row(i)
			clear(to)
			columns, values := src.Entries(i)
			for k, c := range columns {
				t.add(to, int(c), values[k])
			}
			t.finish(to)
		}
		return nil
	}
	return eachRow(dst, src, t.out, func(_ int, to, from []float64) error {
		clear(to)
		for j, v := range from {
			if t.p.Center != nil {
				v -= t.p.Center[j]
			}
			if v != 0 {
				t.add(to, j, v)
			}
		}
		t.finish(to)
		return nil
	})
}

// add adds what the value v of feature j makes to all products.
func (t *Project) add(to []float64, j int, v float64) {
	for k, w := range t.weights[j*t.out : (j+1)*t.out] {
		to[k] += v * w
	}
}

func (t *Project) finish(to []float64) {
	for k, v := range t.p.Offset {
		to[k] -= v
	}
	for k, v := range t.p.Scale {
		to[k] /= v
	}
}

// Invert returns the inverse of a matrix of n x n, by elimination with pivots. A matrix
// that has none is an error.
func Invert(matrix []float64, n int) ([]float64, error) {
	a, inverse := append([]float64(nil), matrix...), make([]float64, n*n)
	for i := range n {
		inverse[i*n+i] = 1
	}
	for i := range n {
		pivot := i
		for r := i + 1; r < n; r++ {
			if math.Abs(a[r*n+i]) > math.Abs(a[pivot*n+i]) {
				pivot = r
			}
		}
		v := a[pivot*n+i]
		if !(math.Abs(v) > 0) || math.IsInf(v, 0) {
			return nil, errors.New("a matrix has no inverse")
		}
		for k := range n {
			a[i*n+k], a[pivot*n+k] = a[pivot*n+k], a[i*n+k]
			inverse[i*n+k], inverse[pivot*n+k] = inverse[pivot*n+k], inverse[i*n+k]
		}
		for k := range n {
			a[i*n+k] /= v
			inverse[i*n+k] /= v
		}
		for r := range n {
			f := a[r*n+i]
			if r == i || f == 0 {
				continue
			}
			for k := range n {
				a[r*n+k] -= f * a[i*n+k]
				inverse[r*n+k] -= f * inverse[i*n+k]
			}
		}
	}
	return inverse, nil
}
