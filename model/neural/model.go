package neural

import (
	"context"
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Classifier answers the class with the greatest output.
type Classifier struct {
	info *mlapi.Info
	net  *Network
}

// NewClassifier returns a classifier (scikit-learn's MLPClassifier). Two classes have
// one output, the probability of the second, which is chosen where it is above 0.5;
// more classes have one each, and the first of the greatest is chosen. With
// info.Outputs above 1 each output decides by itself between two classes, the numbers
// 0 and 1 (several labels per sample), and there are no scores.
func NewClassifier(info *mlapi.Info, net *Network) (*Classifier, error) {
	outputs := len(info.Classes)
	switch {
	case info.Outputs > 1:
		if outputs != 2 {
			return nil, fmt.Errorf("several labels per sample are of %d classes, want 2", outputs)
		}
		outputs = info.Outputs
	case outputs <= 2:
		outputs = 1
	}
	if len(info.Classes) < 1 || net.Outputs() != outputs {
		return nil, fmt.Errorf("%d outputs for %d classes", net.Outputs(), len(info.Classes))
	}
	if err := takes(info, net); err != nil {
		return nil, err
	}
	return &Classifier{info, net}, nil
}

func takes(info *mlapi.Info, net *Network) error {
	if len(info.Features) != net.Inputs() {
		return fmt.Errorf("%d features are described, the first layer takes %d", len(info.Features), net.Inputs())
	}
	return nil
}

// Info describes the model.
func (c *Classifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or infinite
// value, or values so large that a sum overflows, are an Invalid *mlapi.Error.
func (c *Classifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	if c.info.Outputs > 1 {
		dst.ResizeOutputs(m.Samples(), c.info.Outputs)
		return c.net.each(ctx, m, func(i int, outputs []float64) {
			class := dst.Class[i*len(outputs):]
			for k, v := range outputs {
				class[k] = second(v)
			}
		})
	}
	width := 0
	if dst.Want == mlapi.WantScores {
		width = len(c.info.Classes)
	}
	dst.Resize(m.Samples(), true, width)
	return c.net.each(ctx, m, func(i int, outputs []float64) {
		if dst.Class[i] = vector.ArgMax(outputs); len(outputs) == 1 {
			dst.Class[i] = min(second(outputs[0]), int32(len(c.info.Classes)-1))
		}
		switch {
		case width == 0:
		case len(outputs) == 1:
			p := outputs[0]
			copy(dst.Row(i), []float64{1 - p, p})
		default:
			copy(dst.Row(i), outputs)
		}
	})
}

// second returns 1 where p is above one half.
func second(p float64) int32 {
	if p > 0.5 {
		return 1
	}
	return 0
}

// Regressor answers the outputs.
type Regressor struct {
	info *mlapi.Info
	net  *Network
}

// NewRegressor returns a regressor of info.Outputs numbers (scikit-learn's
// MLPRegressor).
func NewRegressor(info *mlapi.Info, net *Network) (*Regressor, error) {
	if info.Outputs != net.Outputs() {
		return nil, fmt.Errorf("%d outputs are described, the network has %d", info.Outputs, net.Outputs())
	}
	if err := takes(info, net); err != nil {
		return nil, err
	}
	return &Regressor{info, net}, nil
}

// Info describes the model.
func (r *Regressor) Info() *mlapi.Info { return r.info }

// Predict fills dst as mlapi.Model says; its errors are those of Classifier.Predict.
func (r *Regressor) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, r.net.Outputs())
	return r.net.each(ctx, m, func(i int, outputs []float64) { copy(dst.Row(i), outputs) })
}
