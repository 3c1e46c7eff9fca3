package linear

import (
	"context"
	"errors"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Regressor answers with weighted sums, or with their exponentials.
type Regressor struct {
	info    *mlapi.Info
	weights packed
	exp     bool
}

// NewRegressor returns a regressor of info.Outputs weighted sums (scikit-learn's
// LinearRegression, Ridge, Lasso and all others whose link is the identity).
func NewRegressor(info *mlapi.Info, w Weights) (*Regressor, error) {
	p, err := w.pack(len(info.Features), info.Outputs)
	if err != nil {
		return nil, err
	}
	return &Regressor{info: info, weights: p}, nil
}

// NewLogRegressor returns a regressor whose weighted sums are logarithms: it answers
// their exponentials (scikit-learn's PoissonRegressor, GammaRegressor and
// TweedieRegressor with the logarithm as link).
func NewLogRegressor(info *mlapi.Info, w Weights) (*Regressor, error) {
	r, err := NewRegressor(info, w)
	if err != nil {
		return nil, err
	}
	r.exp = true
	return r, nil
}

// Info describes the model.
func (r *Regressor) Info() *mlapi.Info { return r.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or
// infinite value, or values so large that a sum overflows, are an Invalid
// *mlapi.Error.
func (r *Regressor) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, r.weights.outputs())
	return vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
		row := dst.Row(i)
		finite := r.weights.apply(row, s)
		if r.exp {
			for k, v := range row {
				row[k] = math.Exp(v)
				finite = finite && !math.IsInf(row[k], 0)
			}
		}
		if !finite {
			return s.TooLarge(m.Number(i))
		}
		return nil
	})
}

// OutlierDetector calls what lies on the negative side of a plane an outlier.
type OutlierDetector struct {
	info    *mlapi.Info
	weights packed
}

// NewOutlierDetector returns a detector whose anomaly score is the weighted sum and
// whose answer is class 1 where that is 0 or more, otherwise class 0 (scikit-learn's
// SGDOneClassSVM; the intercept is -offset_).
func NewOutlierDetector(info *mlapi.Info, w Weights) (*OutlierDetector, error) {
	p, err := w.pack(len(info.Features), 1)
	if err != nil {
		return nil, err
	}
	return &OutlierDetector{info, p}, nil
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
	return vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
		d := o.weights.single(s) + o.weights.intercept[0]
		dst.Class[i] = 0
		if d >= 0 {
			dst.Class[i] = 1
		}
		if scores {
			dst.Values[i] = d
		}
		if d-d != 0 {
			return s.TooLarge(m.Number(i))
		}
		return nil
	})
}

// Multilabel answers several yes-or-no questions about a sample.
type Multilabel struct {
	info    *mlapi.Info
	weights packed
	scratch scratch
}

// NewMultilabel returns a classifier of info.Outputs outputs, each of class 1 where
// its weighted sum is positive and otherwise of class 0 (scikit-learn's
// RidgeClassifier trained with a table of labels).
func NewMultilabel(info *mlapi.Info, w Weights) (*Multilabel, error) {
	p, err := w.pack(len(info.Features), info.Outputs)
	if err != nil {
		return nil, err
	}
	if len(info.Classes) != 2 {
		return nil, errors.New("the outputs of a multilabel classifier have two classes")
	}
	return &Multilabel{info: info, weights: p, scratch: newScratch(info.Outputs)}, nil
}

// Info describes the model.
func (c *Multilabel) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *Multilabel) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	outputs := c.weights.outputs()
	dst.ResizeOutputs(m.Samples(), outputs)
	room := c.scratch.pool.Get().(*[]float64)
	defer c.scratch.pool.Put(room)
	decision := *room
	return vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
		if !c.weights.apply(decision, s) {
			return s.TooLarge(m.Number(i))
		}
		for k, d := range decision {
			dst.Class[i*outputs+k] = 0
			if d > 0 {
				dst.Class[i*outputs+k] = 1
			}
		}
		return nil
	})
}
