package transform

import (
	"context"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Norm is a way to measure the length of a sample.
type Norm uint8

const (
	L1  Norm = iota + 1 // the sum of the absolute values
	L2                  // the root of the sum of the squares
	Max                 // the greatest absolute value
)

// length returns the norm of values, 1 where it is 0 so that it can divide.
func (n Norm) length(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		switch n {
		case L1:
			sum += math.Abs(v)
		case L2:
			sum += v * v
		default:
			sum = max(sum, math.Abs(v))
		}
	}
	if n == L2 {
		sum = math.Sqrt(sum)
	}
	if sum == 0 {
		return 1
	}
	return sum
}

// Normalizer divides each sample by its length (scikit-learn's Normalizer).
type Normalizer struct {
	columnwise
	norm Norm
}

// NewNormalizer returns a normalizer of so many features; 0: however many there are.
func NewNormalizer(features int, norm Norm) (*Normalizer, error) {
	if norm < L1 || norm > Max {
		return nil, fmt.Errorf("unknown norm %d", norm)
	}
	return &Normalizer{columnwise{features}, norm}, nil
}

// Transform divides every sample. A missing or infinite value is an Invalid
// *mlapi.Error.
func (n *Normalizer) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, false); err != nil {
		return err
	}
	dst.Copy(src)
	for i := range dst.Samples() {
		var values []float64
		if dst.Sparse() {
			_, values = dst.Entries(i)
		} else {
			values = dst.Row(i)
		}
		length := n.norm.length(values)
		for k := range values {
			values[k] /= length
		}
	}
	return nil
}

// Binarizer gives 1 above a threshold and else 0 (scikit-learn's Binarizer).
type Binarizer struct {
	columnwise
	threshold float64
}

// NewBinarizer returns a binarizer of so many features; 0: however many there are.
func NewBinarizer(features int, threshold float64) (*Binarizer, error) {
	if math.IsNaN(threshold) {
		return nil, fmt.Errorf("the threshold is no number")
	}
	return &Binarizer{columnwise{features}, threshold}, nil
}

// Transform compares every value. A missing or infinite one is an Invalid
// *mlapi.Error.
func (b *Binarizer) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, false); err != nil {
		return err
	}
	above := func(_ int, v float64) float64 {
		if v > b.threshold {
			return 1
		}
		return 0
	}
	if src.Sparse() && b.threshold < 0 { // every 0 becomes 1
		return eachRow(dst, src, src.Width(), func(_ int, to, from []float64) error {
			for k, v := range from {
				to[k] = above(k, v)
			}
			return nil
		})
	}
	eachEntry(dst, src, above)
	return nil
}
