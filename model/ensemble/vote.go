package ensemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Vote chooses the class that most of its members predict.
type Vote struct {
	info    *mlapi.Info
	votes   *table // of the class that each member predicts
	weights []float64
}

// NewVote returns a classifier that chooses the first of the classes with the
// greatest sum of the weights of the members that predict it (scikit-learn's
// VotingClassifier with voting="hard"). It gives no scores. Columns take Label:
// the index of the class among those of the whole.
func NewVote(info *mlapi.Info, columns []Column, weights []float64) (*Vote, error) {
	t, err := newTable(len(info.Features), columns)
	if err != nil {
		return nil, err
	}
	if len(weights) != len(columns) {
		return nil, fmt.Errorf("%d weights for %d members", len(weights), len(columns))
	}
	for _, c := range columns {
		if c.Take != Label || c.Model == nil {
			return nil, errors.New("a member gives no vote")
		}
		for _, v := range c.Labels {
			if !(v >= 0 && v < float64(len(info.Classes))) || v != float64(int(v)) {
				return nil, fmt.Errorf("a member votes for class %v of %d", v, len(info.Classes))
			}
		}
	}
	return &Vote{info, t, weights}, finite("a weight", weights)
}

// Info describes the model.
func (v *Vote) Info() *mlapi.Info { return v.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (v *Vote) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), true, 0)
	return v.votes.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		w.spare = vector.Resize(w.spare, len(v.info.Classes))
		for i := range part.Samples() {
			clear(w.spare)
			most := 0 // the greatest class that has a vote: none behind it is chosen
			for k, c := range v.votes.row(w, i) {
				w.spare[int(c)] += v.weights[k]
				most = max(most, int(c))
			}
			dst.Class[first+i] = vector.ArgMax(w.spare[:most+1])
		}
		return nil
	})
}

// Median answers with the weighted median of what regressors predict.
type Median struct {
	info    *mlapi.Info
	numbers *table
	weights []float64
}

// NewMedian returns a regressor that answers the first of its members' numbers,
// sorted, at which the sum of the weights reaches half of that of all
// (scikit-learn's AdaBoostRegressor).
func NewMedian(info *mlapi.Info, columns []Column, weights []float64) (*Median, error) {
	t, err := newTable(len(info.Features), columns)
	if err != nil {
		return nil, err
	}
	if len(weights) != t.width || t.width != len(columns) {
		return nil, fmt.Errorf("%d weights for %d members with %d numbers", len(weights), len(columns), t.width)
	}
	for _, weight := range weights {
		if weight < 0 {
			return nil, errors.New("a weight is negative")
		}
	}
	return &Median{info, t, weights}, finite("a weight", weights)
}

// Info describes the model.
func (d *Median) Info() *mlapi.Info { return d.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (d *Median) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, 1)
	return d.numbers.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		for i := range part.Samples() {
			dst.Values[first+i] = d.median(w, d.numbers.row(w, i))
		}
		return nil
	})
}

func (d *Median) median(w *work, numbers []float64) float64 {
	w.order = vector.Resize(w.order, len(numbers))
	for k := range w.order {
		w.order[k] = k
	}
	slices.SortStableFunc(w.order, func(a, b int) int { return cmp.Compare(numbers[a], numbers[b]) })
	w.spare = vector.Resize(w.spare, len(numbers))
	sum := 0.0
	for k, at := range w.order {
		sum += d.weights[at]
		w.spare[k] = sum
	}
	for k, at := range w.order {
		if w.spare[k] >= 0.5*sum {
			return numbers[at]
		}
	}
	return numbers[w.order[0]]
}
