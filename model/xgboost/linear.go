package xgboost

import (
	"context"

	"example.com/mlapi"
)

// linear are the sums of the booster gblinear: a weight for each feature and output.
type linear struct {
	features, outputs int
	weights           []float32 // features x outputs, and a bias for each output behind them
	base              []float64
	sentinel          *float64
}

// setWeights takes the weights of gblinear.
func (b *Booster) setWeights(weights []float64) error {
	if len(weights) != (b.features+1)*b.outputs {
		return broken("%d weights for %d features and %d outputs", len(weights), b.features, b.outputs)
	}
	b.weights = make([]float32, len(weights))
	for i, v := range weights {
		if !finite(float64(float32(v))) {
			return broken("the weight %v", v)
		}
		b.weights[i] = float32(v)
	}
	return nil
}

// Features returns the number of columns that a row has.
func (l *linear) Features() int { return l.features }

// Outputs returns the number of sums per row.
func (l *linear) Outputs() int { return l.outputs }

// Margins writes the sums, added as float32 feature by feature as XGBoost does. A
// missing value adds nothing.
func (l *linear) Margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error {
	const often = 512 // rows between two looks at ctx
	if m.Width() != l.features || len(dst) != m.Samples()*l.outputs {
		return mlapi.Internalf("xgboost: %d samples x %d features into %d sums of %d features", m.Samples(), m.Width(), len(dst), l.features)
	}
	for i := range m.Samples() {
		if i%often == 0 {
			if err := mlapi.Cancelled(ctx); err != nil {
				return err
			}
		}
		if err := l.row(dst[i*l.outputs:(i+1)*l.outputs], m, i); err != nil {
			return err
		}
	}
	return nil
}

func (l *linear) row(sums []float64, m *mlapi.Matrix, i int) error {
	bias := l.weights[l.features*l.outputs:]
	for k := range sums {
		sums[k] = float64(bias[k] + float32(l.base[0])) // the first for all, as XGBoost does
	}
	if m.Sparse() {
		columns, values := m.Entries(i)
		for k, column := range columns {
			if err := l.add(sums, m, i, int(column), values[k]); err != nil {
				return err
			}
		}
	} else {
		for column, v := range m.Row(i) {
			if err := l.add(sums, m, i, column, v); err != nil {
				return err
			}
		}
	}
	for _, v := range sums {
		if !finite(v) {
			return mlapi.Cellf("value_too_large", m.Number(i), -1, "the values are too large for this model.")
		}
	}
	return nil
}

// add adds what the value v of a column of sample i weighs.
func (l *linear) add(sums []float64, m *mlapi.Matrix, i, column int, v float64) error {
	x := float32(v)
	switch {
	case v != v, l.sentinel != nil && x == float32(*l.sentinel):
		return nil
	case x-x != 0:
		return mlapi.ValueTooLarge(m.Number(i), column)
	}
	for k, w := range l.weights[column*l.outputs : (column+1)*l.outputs] {
		sums[k] = float64(float32(sums[k]) + float32(x*w))
	}
	return nil
}
