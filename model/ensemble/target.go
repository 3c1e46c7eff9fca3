package ensemble

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Inverse turns a predicted number of one output into what it stands for.
type Inverse func(output int, v float64) float64

// Target is a regressor of a transformed target.
type Target struct {
	info    *mlapi.Info
	model   mlapi.Model
	inverse []Inverse
}

// NewTarget returns a regressor that puts what model predicts through inverse, one
// after the other (scikit-learn's TransformedTargetRegressor). A result that is no
// finite number is an Invalid *mlapi.Error at prediction.
func NewTarget(info *mlapi.Info, model mlapi.Model, inverse []Inverse) (*Target, error) {
	i := model.Info()
	if i.Task != mlapi.Regressor || i.Outputs != info.Outputs || len(i.Features) != len(info.Features) {
		return nil, fmt.Errorf("the regressor has %d outputs, want %d", i.Outputs, info.Outputs)
	}
	for _, f := range inverse {
		if f == nil {
			return nil, errors.New("a function is missing")
		}
	}
	return &Target{info, model, inverse}, nil
}

// Info describes the model.
func (t *Target) Info() *mlapi.Info { return t.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (t *Target) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	info := dst.Info
	dst.Info = t.model.Info()
	err := t.model.Predict(ctx, dst, m)
	dst.Info = info
	if err != nil {
		return err
	}
	for i := range m.Samples() {
		row := dst.Row(i)
		for k, v := range row {
			for _, f := range t.inverse {
				v = f(k, v)
			}
			if row[k] = v; v-v != 0 {
				return overflow(m, i)
			}
		}
	}
	return nil
}

// Threshold is a classifier of two classes by a threshold of its own.
type Threshold struct {
	info     *mlapi.Info
	model    mlapi.Model
	score    *table
	limit    float64
	positive int32
}

// NewThreshold returns a classifier that chooses the class positive (0 or 1) where
// its score in model is at least limit, and the other one elsewhere (scikit-learn's
// FixedThresholdClassifier and TunedThresholdClassifierCV). The scores that it
// answers are those of model.
func NewThreshold(info *mlapi.Info, model mlapi.Model, limit float64, positive int32) (*Threshold, error) {
	i := model.Info()
	if len(i.Classes) != 2 || len(info.Classes) != 2 || i.Scores != info.Scores || positive < 0 || positive > 1 || math.IsNaN(limit) {
		return nil, errors.New("the classifier has not two classes, or there is no threshold")
	}
	t, err := newTable(len(info.Features), []Column{{Model: model}})
	if err != nil {
		return nil, err
	}
	return &Threshold{info, model, t, limit, positive}, nil
}

// Info describes the model.
func (t *Threshold) Info() *mlapi.Info { return t.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (t *Threshold) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := shape(dst, m.Samples(), t.score.width)
	return t.score.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		for i := range part.Samples() {
			row := t.score.row(w, i)
			if scores {
				copy(dst.Row(first+i), row)
			}
			score := row[len(row)-1]
			if t.positive == 0 && len(row) == 2 {
				score = row[0]
			} else if t.positive == 0 {
				score = -score
			}
			dst.Class[first+i] = 1 - t.positive
			if score >= t.limit {
				dst.Class[first+i] = t.positive
			}
		}
		return nil
	})
}
