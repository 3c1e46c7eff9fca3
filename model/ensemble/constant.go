package ensemble

import (
	"context"
	"errors"

	"example.com/mlapi"
)

// Constant answers the same for every row.
type Constant struct {
	info   *mlapi.Info
	class  []int32
	values []float64
}

// NewConstant returns a model that answers class (of a classifier of several
// outputs one for each) and values: the scores of a classifier or the numbers of a
// regressor (scikit-learn's DummyClassifier and DummyRegressor). It takes whatever
// is in the rows.
func NewConstant(info *mlapi.Info, class []int32, values []float64) (*Constant, error) {
	c := &Constant{info, class, values}
	outputs := 0
	if info.Task == mlapi.Classifier {
		outputs = max(1, info.Outputs)
	}
	if len(class) != outputs || len(values) != valuesOf(c) {
		return nil, errors.New("the constant has another number of outputs or classes")
	}
	for _, k := range class {
		if k < 0 || int(k) >= len(info.Classes) {
			return nil, errors.New("the constant is no class")
		}
	}
	return c, finite("the constant", values)
}

// Info describes the model.
func (c *Constant) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *Constant) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	if err := mlapi.Cancelled(ctx); err != nil {
		return err
	}
	switch {
	case len(c.class) > 1:
		dst.ResizeOutputs(m.Samples(), len(c.class))
	case len(c.class) == 1:
		shape(dst, m.Samples(), len(c.values))
	default:
		dst.Resize(m.Samples(), false, len(c.values))
	}
	for i := range dst.Class {
		dst.Class[i] = c.class[i%len(c.class)]
	}
	for i := range dst.Values {
		dst.Values[i] = c.values[i%len(c.values)]
	}
	return nil
}
