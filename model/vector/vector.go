// Package vector has what evaluators share: the walk over the samples of a matrix,
// stored samples to compare with, and the arithmetic of rows of numbers.
//
// A model of weights reads samples as they are, dense or sparse, and pays for the
// values that there are:
//
//	err := vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
//		for k, v := range s.Values {
//			sum += v * coef[s.Column(k)]
//		}
//		...
//	})
//
// One that needs all features takes [EachDense]. Both refuse missing and infinite
// values, naming row and column, and look at the context now and then. [Samples] are
// what a reader has of training samples or support vectors; [Samples.Check] is to be
// called before anything is read of them.
//
// All sums are float64 in an order that is fixed: the same input gives the same bits
// on every machine of one architecture.
package vector

import "math"

// Dot returns the inner product of a and the beginning of b, added up in four sums
// of every fourth product each: about as far from a BLAS library's as that is from
// another one's.
func Dot(a, b []float64) float64 {
	var s, t, u, v float64
	b = b[:len(a)]
	for len(a) >= 4 {
		s += a[0] * b[0]
		t += a[1] * b[1]
		u += a[2] * b[2]
		v += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s += a[i] * b[i]
	}
	return (s + t) + (u + v)
}

// ArgMax returns the index of the first of the greatest values, 0 of none.
func ArgMax(values []float64) int32 {
	best := 0
	for k, v := range values {
		if v > values[best] {
			best = k
		}
	}
	return int32(best)
}

// Largest returns the index of the first of the greatest absolute values, 0 of none:
// the one to name where a sum overflows.
func Largest(values []float64) int {
	best, most := 0, -1.0
	for k, v := range values {
		if v = math.Abs(v); v > most {
			best, most = k, v
		}
	}
	return best
}

// Finite reports whether no value is NaN or infinite.
func Finite(values ...float64) bool {
	for _, v := range values {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// Sigmoid returns 1/(1+exp(-d)).
func Sigmoid(d float64) float64 {
	if d < 0 {
		e := math.Exp(d) // exp(-d) would overflow where the answer is merely small
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-d))
}

// Softmax replaces values by their exponentials divided by the sum of those. It
// subtracts the greatest first, as scikit-learn does (sklearn/utils/extmath.py).
func Softmax(values []float64) {
	greatest, sum := math.Inf(-1), 0.0
	for _, v := range values {
		greatest = max(greatest, v)
	}
	for k, v := range values {
		values[k] = math.Exp(v - greatest)
		sum += values[k]
	}
	for k := range values {
		values[k] /= sum
	}
}

// Normalise divides values by their sum. All zero, they become equal shares, as in
// SGDClassifier and, since 1.9, all of scikit-learn.
func Normalise(values []float64) {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	for k := range values {
		if sum == 0 {
			values[k] = 1 / float64(len(values))
		} else {
			values[k] /= sum
		}
	}
}

// Resize returns list with n elements of no certain value, in its own memory where
// that is enough.
func Resize[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	return list[:n]
}
