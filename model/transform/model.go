package transform

import (
	"context"
	"errors"
	"fmt"

	"example.com/mlapi"
)

// Model answers with the features that transformers make: what a file is served as
// that holds only a transformer.
type Model struct {
	info  *mlapi.Info
	chain *Chain
}

// NewModel returns a model of Task Transformer. info has the features that the first
// step takes; Task, Outputs and Scores are set here.
func NewModel(info *mlapi.Info, steps ...Transformer) (*Model, error) {
	if info == nil || len(info.Features) == 0 {
		return nil, errors.New("a transformer needs features")
	}
	chain, err := NewChain(len(info.Features), steps)
	if err != nil {
		return nil, err
	}
	own := *info
	own.Task, own.Scores, own.Classes = mlapi.Transformer, mlapi.NoScores, nil
	if _, own.Outputs = chain.Width(); own.Outputs < 1 {
		return nil, errors.New("the number of features made is not known")
	}
	return &Model{info: &own, chain: chain}, nil
}

// Info describes the model.
func (m *Model) Info() *mlapi.Info { return m.info }

// Chain returns the transformers, for a model that stands in another file.
func (m *Model) Chain() *Chain { return m.chain }

// Predict fills dst with the features made of m, samples x Outputs.
func (m *Model) Predict(ctx context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	dst.Resize(x.Samples(), false, m.info.Outputs)
	return m.chain.run(ctx, x, func(made *mlapi.Matrix) error {
		for i := range made.Samples() {
			row := made.DenseRow(i, dst.Row(i))
			for _, v := range row {
				if v-v != 0 && v == v {
					return mlapi.Cellf("value_too_large", made.Number(i), -1, "the values are too large for this model.")
				}
			}
			copy(dst.Row(i), row) // onto itself where made is sparse
		}
		return nil
	})
}

// Wanted returns what a model wants of its features, for Transformer.Columns.
func Wanted(info *mlapi.Info) []Column {
	var columns []Column
	for i, f := range info.Features {
		if f.Type != mlapi.TextFeature && f.Type != mlapi.AnyFeature {
			continue
		}
		if columns == nil {
			columns = make([]Column, len(info.Features))
		}
		columns[i] = Column{Kind: Text, Categories: f.Categories}
		if f.Type == mlapi.AnyFeature {
			columns[i].Kind = Any
		}
	}
	return columns
}

// Features returns the features that columns ask for, named by names; those without
// a name are x0, x1, ... Columns may be nil, which is numbers only.
func Features(width int, names []string, columns []Column) []mlapi.Feature {
	features := make([]mlapi.Feature, width)
	for i := range features {
		f := &features[i]
		if i < len(names) {
			f.Name = names[i]
		} else {
			f.Name = fmt.Sprintf("x%d", i)
		}
		if i >= len(columns) {
			continue
		}
		switch columns[i].Kind {
		case Text:
			f.Type, f.Categories = mlapi.TextFeature, columns[i].Categories
		case Any:
			f.Type = mlapi.AnyFeature
		}
	}
	return features
}
