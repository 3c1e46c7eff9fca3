package neighbors

import (
	"context"
	"fmt"

	"example.com/mlapi"
)

// Regressor answers the mean of the neighbours' numbers.
type Regressor struct {
	info   *mlapi.Info
	index  *Index
	vote   Vote
	values []float64 // points x outputs
}

// NewRegressor returns a regressor of info.Outputs numbers (scikit-learn's
// KNeighborsRegressor and RadiusNeighborsRegressor); values are those of the points,
// points x outputs. A sample without neighbours is an Invalid *mlapi.Error.
func NewRegressor(info *mlapi.Info, x *Index, v Vote, values []float64) (*Regressor, error) {
	if err := v.check(x); err != nil {
		return nil, err
	}
	if len(info.Features) != x.Width() || info.Outputs < 1 || len(values) != x.Len()*info.Outputs {
		return nil, fmt.Errorf("%d values and %d features do not fit %d samples of %d features", len(values), len(info.Features), x.Len(), x.Width())
	}
	for _, y := range values {
		if y-y != 0 {
			return nil, fmt.Errorf("the value of a sample is %v", y)
		}
	}
	return &Regressor{info, x, v, values}, nil
}

// Info describes the model.
func (r *Regressor) Info() *mlapi.Info { return r.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or infinite
// value is an Invalid *mlapi.Error.
func (r *Regressor) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	outputs := r.info.Outputs
	dst.Resize(m.Samples(), false, outputs)
	return r.index.each(ctx, m, func(s *search, i int, row []float64) error {
		if err := r.vote.find(r.index, s, row, m, i); err != nil {
			return err
		}
		if len(s.points) == 0 {
			return noNeighbors(m, i, row)
		}
		to, sum := dst.Row(i), 0.0
		clear(to)
		for k, w := range s.weights {
			sum += w
			at := int(s.points[k]) * outputs
			for o := range to {
				to[o] += w * r.values[at+o]
			}
		}
		for o := range to {
			if to[o] /= sum; to[o]-to[o] != 0 {
				return tooLarge(m, i, row)
			}
		}
		return nil
	})
}
