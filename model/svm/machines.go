package svm

import (
	"context"
	"errors"
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Machine is a fitted support vector machine as libsvm keeps it.
type Machine struct {
	Kernel  Kernel
	Vectors vector.Samples
	// Counts is how many vectors each class has; they come class after class. Of a
	// machine without classes it is nil.
	Counts []int
	// Coef is (classes-1) x vectors, row-major: what a vector of class i counts in its
	// pair with class j is in row j-1 where i < j, otherwise in row j. Without classes
	// it is 1 x vectors.
	Coef []float64
	// Intercept has a value per pair of classes, (0,1), (0,2), ..., (1,2), ..., or one.
	Intercept []float64
}

// single returns the sum of a machine without classes.
func (m *Machine) single() (*expansion, error) {
	n := m.Vectors.Len()
	if len(m.Intercept) != 1 || len(m.Coef) != n {
		return nil, fmt.Errorf("%d intercepts and %d coefficients for %d vectors", len(m.Intercept), len(m.Coef), n)
	}
	return newExpansion(m.Kernel, m.Vectors, []group{{to: n, sums: []int32{0}, coef: m.Coef}}, m.Intercept, 0)
}

// Regressor answers with sums over its vectors.
type Regressor struct {
	info *mlapi.Info
	e    *expansion
}

// NewRegressor returns a regressor of one output (scikit-learn's SVR and NuSVR).
func NewRegressor(info *mlapi.Info, m Machine) (*Regressor, error) {
	e, err := m.single()
	if err != nil {
		return nil, err
	}
	return newRegressor(info, e)
}

// NewKernelRidge returns a regressor of info.Outputs outputs without intercepts
// (scikit-learn's KernelRidge). coef is vectors x outputs, row-major.
func NewKernelRidge(info *mlapi.Info, k Kernel, v vector.Samples, coef []float64) (*Regressor, error) {
	if info.Outputs < 1 || len(coef)/info.Outputs != v.Len() {
		return nil, fmt.Errorf("%d coefficients for %d outputs of %d vectors", len(coef), info.Outputs, v.Len())
	}
	g := group{to: v.Len(), coef: coef}
	for s := range info.Outputs {
		g.sums = append(g.sums, int32(s))
	}
	e, err := newExpansion(k, v, []group{g}, make([]float64, info.Outputs), 0)
	if err != nil {
		return nil, err
	}
	return newRegressor(info, e)
}

func newRegressor(info *mlapi.Info, e *expansion) (*Regressor, error) {
	if len(info.Features) != e.vectors.Width || info.Outputs != len(e.intercept) {
		return nil, fmt.Errorf("%d features and %d outputs are described, there are %d and %d", len(info.Features), info.Outputs, e.vectors.Width, len(e.intercept))
	}
	return &Regressor{info, e}, nil
}

// Info describes the model.
func (r *Regressor) Info() *mlapi.Info { return r.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or infinite
// value, or values so large that a sum overflows, are an Invalid *mlapi.Error.
func (r *Regressor) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, len(r.e.intercept))
	return r.e.each(ctx, m, func(i int, room *room) { copy(dst.Row(i), room.sums) })
}

// OutlierDetector calls what lies outside of its region an outlier.
type OutlierDetector struct {
	info *mlapi.Info
	e    *expansion
}

// NewOutlierDetector returns a detector whose anomaly score is the sum over its
// vectors and whose answer is class 1 where that is positive, otherwise class 0
// (scikit-learn's OneClassSVM).
func NewOutlierDetector(info *mlapi.Info, m Machine) (*OutlierDetector, error) {
	e, err := m.single()
	if err != nil {
		return nil, err
	}
	if len(info.Features) != e.vectors.Width || len(info.Classes) != 2 {
		return nil, errors.New("an outlier detector has two classes and the width of its vectors")
	}
	return &OutlierDetector{info, e}, nil
}

// Info describes the model.
func (o *OutlierDetector) Info() *mlapi.Info { return o.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (o *OutlierDetector) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores
	if scores {
		dst.Resize(m.Samples(), true, 1)
	} else {
		dst.Resize(m.Samples(), true, 0)
	}
	return o.e.each(ctx, m, func(i int, room *room) {
		dst.Class[i] = 0
		if room.sums[0] > 0 {
			dst.Class[i] = 1
		}
		if scores {
			dst.Values[i] = room.sums[0]
		}
	})
}
