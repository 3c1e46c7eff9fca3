package tree

import (
	"context"
	"errors"
	"math"

	"example.com/mlapi"
)

// Isolation is how an isolation forest turns path lengths into labels. A sample's
// decision value is -(2 ** -(sum / Denominator)) - Offset, where sum adds the leaf
// values of all trees; below Threshold it is an outlier.
type Isolation struct {
	// Denominator is the number of trees times the average path length of the
	// samples that each tree was trained on. Where it is 0 the exponent is -1.
	Denominator float64
	Offset      float64
	// Threshold is 0 but for files of scikit-learn 0.20 and 0.21 that ask for the
	// behaviour of before 0.20.
	Threshold float64
}

// IsolationForest finds outliers: samples that few splits tell from all others.
type IsolationForest struct {
	info *mlapi.Info
	e    *Ensemble
	how  Isolation
}

// NewIsolationForest returns an outlier detector that scores like scikit-learn's
// IsolationForest. The leaf values are path lengths (one per leaf): the depth of
// the leaf plus AveragePathLength of the training samples in it.
func NewIsolationForest(info *mlapi.Info, e *Ensemble, how Isolation) (*IsolationForest, error) {
	if err := agree(info, e, 1); err != nil {
		return nil, err
	}
	for _, v := range [...]float64{how.Denominator, how.Offset, how.Threshold} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("the offset, the threshold or the number of samples is not a finite number")
		}
	}
	return &IsolationForest{info, e, how}, nil
}

// Info describes the model.
func (f *IsolationForest) Info() *mlapi.Info { return f.info }

// Predict fills dst as mlapi.Model says: class 0 is an outlier (-1), class 1 is
// none. It does not change m.
func (f *IsolationForest) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := shape(dst, m, 1) != nil
	return f.e.blocks(ctx, m, nil, func(first int, sums []float64) {
		for i, sum := range sums {
			decision := f.decide(sum)
			dst.Class[first+i] = 1
			if decision < f.how.Threshold {
				dst.Class[first+i] = 0
			}
			if scores {
				dst.Values[first+i] = decision
			}
		}
	})
}

func (f *IsolationForest) decide(sum float64) float64 {
	power := 1.0
	if f.how.Denominator != 0 {
		power = sum / f.how.Denominator
	}
	return -math.Exp2(-power) - f.how.Offset
}

// AveragePathLength returns the mean number of splits that isolate one of n
// samples in a random tree (Liu, Ting and Zhou, Isolation Forest, 2008, equation
// 1), as scikit-learn since 0.21 computes it.
func AveragePathLength(n float64) float64 {
	const euler = 0.577215664901532860606512090082402431
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return 1
	}
	return 2*(math.Log(n-1)+euler) - 2*(n-1)/n
}
