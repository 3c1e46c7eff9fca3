package text

import (
	"fmt"
	"math"
)

// Norm says what the values of a row are divided by.
type Norm uint8

const (
	NoNorm Norm = iota
	L1          // the sum of their sizes
	L2          // the root of the sum of their squares
)

// Weights say what becomes of the counts of a row. The zero value leaves them.
type Weights struct {
	Binary    bool      // a count of any size is 1
	Sublinear bool      // a count n becomes 1+log(n)
	IDF       []float64 // what each feature is multiplied by; nil: nothing
	Norm      Norm
	Float32   bool // every step is rounded to float32
}

// check returns an error unless w is for so many features.
func (w *Weights) check(features int) error {
	if w.Norm > L2 {
		return fmt.Errorf("norm %d is unknown", w.Norm)
	}
	if w.IDF == nil {
		return nil
	}
	if len(w.IDF) != features {
		return fmt.Errorf("%d weights for %d features", len(w.IDF), features)
	}
	for i, v := range w.IDF {
		if math.IsNaN(v) {
			return fmt.Errorf("weight %d is no number", i)
		}
	}
	return nil
}

// apply weighs the values of a row, of those columns.
func (w *Weights) apply(columns []int32, values []float64) {
	for k, v := range values {
		if w.Binary {
			v = 1
		}
		if w.Sublinear {
			v = w.round(w.round(math.Log(v)) + 1)
		}
		if w.IDF != nil {
			v = w.round(v * w.IDF[columns[k]])
		}
		values[k] = v
	}
	if w.Norm == NoNorm {
		return
	}
	sum := 0.0
	for _, v := range values {
		if w.Norm == L1 {
			sum += math.Abs(v)
		} else {
			sum += w.round(v * v)
		}
	}
	if w.Norm == L2 {
		sum = math.Sqrt(sum)
	}
	if sum == 0 {
		return
	}
	for k, v := range values {
		values[k] = w.round(v / sum)
	}
}

// round returns v as what the values are kept in.
func (w *Weights) round(v float64) float64 {
	if w.Float32 {
		return float64(float32(v))
	}
	return v
}

// finite returns the place of the first value that is no finite number, -1 where there
// is none.
func finite(values []float64) int {
	for k, v := range values {
		if v-v != 0 {
			return k
		}
	}
	return -1
}
