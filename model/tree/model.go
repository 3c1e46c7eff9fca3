package tree

import (
	"context"
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// ForestClassifier averages the class shares of its trees.
type ForestClassifier struct {
	info *mlapi.Info
	e    *Ensemble
}

// NewForestClassifier returns a classifier whose probabilities are the mean of the
// trees' leaf vectors and whose class is the first of the most probable ones
// (scikit-learn's RandomForestClassifier and ExtraTreesClassifier). The leaf
// vectors are shares of the classes, in the order of info.Classes.
func NewForestClassifier(info *mlapi.Info, e *Ensemble) (*ForestClassifier, error) {
	if err := agree(info, e, len(info.Classes)); err != nil {
		return nil, err
	}
	return &ForestClassifier{info, e}, nil
}

// Info describes the model.
func (c *ForestClassifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *ForestClassifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	sums := shape(dst, m, c.e.options.Width)
	trees := float64(len(c.e.trees))
	return c.e.blocks(ctx, m, sums, func(first int, sums []float64) {
		width := c.e.options.Width
		for i := range len(sums) / width {
			shares := sums[i*width : (i+1)*width]
			for k := range shares {
				shares[k] /= trees
			}
			dst.Class[first+i] = vector.ArgMax(shares)
		}
	})
}

// shape gives dst room for a class per sample and, where scores are wanted, width
// values, which it returns.
func shape(dst *mlapi.Scores, m *mlapi.Matrix, width int) []float64 {
	if dst.Want != mlapi.WantScores {
		dst.Resize(m.Samples(), true, 0)
		return nil
	}
	dst.Resize(m.Samples(), true, width)
	return dst.Values
}

// agree returns an error unless info has the features of e and e's leaves have
// width values.
func agree(info *mlapi.Info, e *Ensemble, width int) error {
	if len(info.Features) != e.options.Features {
		return fmt.Errorf("%d features are described, the trees take %d", len(info.Features), e.options.Features)
	}
	if e.width != width {
		return fmt.Errorf("the leaves have %d values, want %d", e.width, width)
	}
	return nil
}

// Regressor averages the values of its trees; one tree is a decision tree.
type Regressor struct {
	info *mlapi.Info
	e    *Ensemble
}

// NewRegressor returns a regressor whose prediction is the mean of the trees' leaf
// values (scikit-learn's RandomForestRegressor and ExtraTreesRegressor; with one
// tree, DecisionTreeRegressor).
func NewRegressor(info *mlapi.Info, e *Ensemble) (*Regressor, error) {
	if err := agree(info, e, info.Outputs); err != nil {
		return nil, err
	}
	return &Regressor{info: info, e: e}, nil
}

// Info describes the model.
func (r *Regressor) Info() *mlapi.Info { return r.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (r *Regressor) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, r.e.options.Width)
	trees := float64(len(r.e.trees))
	return r.e.blocks(ctx, m, dst.Values, func(_ int, sums []float64) {
		for i := range sums {
			sums[i] /= trees
		}
	})
}

// DecisionTreeClassifier answers with the leaf of its one tree.
type DecisionTreeClassifier struct {
	info *mlapi.Info
	e    *Ensemble
}

// NewDecisionTreeClassifier returns a classifier of a single tree, packed with
// Options.Class: its probabilities are the leaf's shares, its class the first of
// the greatest values that the file has there (scikit-learn's
// DecisionTreeClassifier and ExtraTreeClassifier). Where those are counts that may
// differ from the most probable class, because dividing can make values equal that
// were not.
func NewDecisionTreeClassifier(info *mlapi.Info, e *Ensemble) (*DecisionTreeClassifier, error) {
	if e.Trees() != 1 || !e.options.Class {
		return nil, fmt.Errorf("%d trees, want 1 packed with Options.Class", e.Trees())
	}
	if err := agree(info, e, len(info.Classes)+1); err != nil {
		return nil, err
	}
	return &DecisionTreeClassifier{info, e}, nil
}

// Info describes the model.
func (c *DecisionTreeClassifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *DecisionTreeClassifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	classes := c.e.options.Width
	scores := shape(dst, m, classes) != nil
	return c.e.blocks(ctx, m, nil, func(first int, sums []float64) {
		for i := range len(sums) / (classes + 1) {
			leaf := sums[i*(classes+1) : (i+1)*(classes+1)]
			dst.Class[first+i] = int32(leaf[classes])
			if scores {
				copy(dst.Row(first+i), leaf)
			}
		}
	})
}
