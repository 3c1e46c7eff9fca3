package transform

import (
	"context"
	"fmt"
	"sync"

	"example.com/mlapi"
)

// Answers makes features of the numbers that a model answers (scikit-learn's KernelPCA,
// whose features are weighted sums of kernels).
type Answers struct {
	numeric
	model mlapi.Model
	add   []float64
	room  sync.Pool // of *mlapi.Scores
}

// NewAnswers returns a transformer to the numbers of m, a regressor, plus those in add.
func NewAnswers(m mlapi.Model, add []float64) (*Answers, error) {
	if m == nil || m.Info().Task != mlapi.Regressor || m.Info().Outputs < 1 || len(add) != m.Info().Outputs {
		return nil, fmt.Errorf("%d numbers to add are not one for each that a model answers", len(add))
	}
	a := &Answers{numeric: numeric{len(m.Info().Features), m.Info().Outputs}, model: m, add: add}
	a.room.New = func() any { return new(mlapi.Scores) }
	return a, nil
}

// Transform asks the model, whose errors it returns.
func (a *Answers) Transform(ctx context.Context, dst, src *mlapi.Matrix) error {
	s := a.room.Get().(*mlapi.Scores)
	defer a.room.Put(s)
	s.Want, s.Info = mlapi.WantPredictions, a.model.Info()
	if err := a.model.Predict(ctx, s, src); err != nil {
		return err
	}
	dst.Resize(src.Samples(), a.out)
	for i := range dst.Data {
		dst.Data[i] = s.Values[i] + a.add[i%a.out]
	}
	return nil
}
