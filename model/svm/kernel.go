package svm

import (
	"errors"
	"fmt"
	"math"

	"example.com/mlapi/model/vector"
)

// Kind is a kernel's name.
type Kind uint8

const (
	// Linear is the inner product x.y.
	Linear Kind = iota + 1
	// Poly is (gamma x.y + coef0) to the power of degree.
	Poly
	// RBF is exp(-gamma |x-y|^2).
	RBF
	// Sigmoid is tanh(gamma x.y + coef0).
	Sigmoid
	// Laplacian is exp(-gamma |x-y|), with the sum of the distances in each feature.
	Laplacian
	// Cosine is the inner product of x and y, each divided by its length.
	Cosine
	// AdditiveChi2 is minus the sum of (x-y)^2/(x+y); its features are never negative.
	AdditiveChi2
	// Chi2 is exp(gamma AdditiveChi2).
	Chi2
)

// Kernel compares two vectors.
type Kernel struct {
	Kind   Kind
	Gamma  float64 // of Poly, RBF, Sigmoid, Laplacian and Chi2
	Coef0  float64 // of Poly and Sigmoid
	Degree float64 // of Poly
}

func (k Kernel) check() error {
	if k.Kind < Linear || k.Kind > Chi2 {
		return fmt.Errorf("unknown kernel %d", k.Kind)
	}
	for _, v := range [...]float64{k.Gamma, k.Coef0, k.Degree} {
		if v-v != 0 {
			return errors.New("a parameter of the kernel is not a finite number")
		}
	}
	return nil
}

// usesDot reports whether the kernel is a function of the inner product and of the
// two lengths.
func (k Kernel) usesDot() bool { return k.Kind <= Poly || k.Kind == Sigmoid || k.Kind == Cosine }

// ofDot returns the value for an inner product and the squared lengths.
func (k Kernel) ofDot(dot, xx, yy float64) float64 {
	switch k.Kind {
	case Poly:
		return power(k.Gamma*dot+k.Coef0, k.Degree)
	case RBF:
		return math.Exp(-k.Gamma * max(xx+yy-2*dot, 0))
	case Sigmoid:
		return math.Tanh(k.Gamma*dot + k.Coef0)
	case Cosine:
		// sklearn/preprocessing: normalize leaves what has no length.
		length := 1.0
		if xx > 0 {
			length = math.Sqrt(xx)
		}
		if yy > 0 {
			length *= math.Sqrt(yy)
		}
		return dot / length
	}
	return dot
}

// power returns base to the power of exponent: of a small whole one by squaring, as
// libsvm does.
func power(base, exponent float64) float64 {
	const most = 64
	n := int(exponent)
	if exponent < 0 || exponent > most || float64(n) != exponent {
		return math.Pow(base, exponent)
	}
	result := 1.0
	for square := base; n > 0; n /= 2 {
		if n%2 == 1 {
			result *= square
		}
		square *= square
	}
	return result
}

// ofDense returns the value for two dense vectors of one length.
func (k Kernel) ofDense(x, y []float64) float64 {
	y = y[:len(x)]
	switch k.Kind {
	case RBF:
		return math.Exp(-k.Gamma * squaredDistance(x, y))
	case Laplacian:
		sum := 0.0
		for j, v := range x {
			sum += math.Abs(v - y[j])
		}
		return math.Exp(-k.Gamma * sum)
	case AdditiveChi2:
		return chi2(x, y)
	case Chi2:
		return math.Exp(k.Gamma * chi2(x, y))
	case Cosine:
		return k.ofDot(vector.Dot(x, y), vector.Dot(x, x), vector.Dot(y, y))
	}
	return k.ofDot(vector.Dot(x, y), 0, 0)
}

// chi2 returns minus the sum of (x-y)^2/(x+y) over the features where not both are 0.
func chi2(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		if both := v + y[j]; both != 0 {
			d := v - y[j]
			sum -= d * d / both
		}
	}
	return sum
}

func squaredDistance(a, b []float64) float64 {
	var s, t, u, v float64
	b = b[:len(a)]
	for len(a) >= 4 {
		d0, d1, d2, d3 := a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		s += d0 * d0
		t += d1 * d1
		u += d2 * d2
		v += d3 * d3
		a, b = a[4:], b[4:]
	}
	for i := range a {
		d := a[i] - b[i]
		s += d * d
	}
	return (s + t) + (u + v)
}

// ofSparse returns the value for x and a sparse vector of kernels that are sums over
// the features: what the vector does not store is 0.
func (k Kernel) ofSparse(x []float64, columns []int32, values []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Abs(v) // what a feature adds where the vector has 0
	}
	for n, j := range columns {
		v, y := x[j], values[n]
		sum -= math.Abs(v)
		switch {
		case k.Kind == Laplacian:
			sum += math.Abs(v - y)
		case v+y != 0:
			sum += (v - y) * (v - y) / (v + y)
		}
	}
	switch k.Kind {
	case AdditiveChi2:
		return -sum
	}
	return math.Exp(-k.Gamma * sum)
}
