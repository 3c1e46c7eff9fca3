package preprocess

import (
	"context"
	"math"

	"example.com/mlapi"
)

// Numeric takes each value as the model's feature wants it. It is what a model gets
// whose columns have no encodings.
//
//   - A number feature takes numbers by the rules of [mlapi.Rows.Float]: true and
//     false are 1 and 0, a missing value is NaN, a text counts where it is a plain
//     decimal number.
//   - A text feature takes texts, any of them: which are known is the model's
//     business. A missing value, and the number NaN, is a missing text (NaN).
//   - A feature that takes anything takes numbers as above; whatever else it is sent is 0,
//     for nothing looks at it.
//
// It fills the matrix and so stands first. It allocates nothing but the texts that
// a block has for the first time. Its zero value takes every column as numbers.
type Numeric struct {
	types []mlapi.FeatureType // by column; what is beyond them is numbers
}

var (
	_ mlapi.Preprocessor = Numeric{}
	_ mlapi.Describer    = Numeric{}
)

// NewNumeric returns a Numeric for a model of these features.
func NewNumeric(features []mlapi.Feature) Numeric { return Numeric{types: otherTypes(features)} }

// otherTypes returns the types of the features; nil where all take numbers.
func otherTypes(features []mlapi.Feature) []mlapi.FeatureType {
	var types []mlapi.FeatureType
	for j, f := range features {
		if f.Type != mlapi.TextFeature && f.Type != mlapi.AnyFeature {
			continue
		}
		if types == nil {
			types = make([]mlapi.FeatureType, len(features))
		}
		types[j] = f.Type
	}
	return types
}

// Describe returns features as they are: callers send what the next stage takes.
func (Numeric) Describe(features []mlapi.Feature) []mlapi.Feature { return features }

// Preprocess fills dst with the cells of rows. A cell that is not what its feature
// wants is an Invalid *mlapi.Error ("not_a_number", "infinity", "not_a_text") that
// names row and column.
func (p Numeric) Preprocess(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
	if err := fillFirst(dst, rows); err != nil {
		return err
	}
	for i := range rows.Len() {
		cells := dst.Row(i)
		for j := range cells {
			v, err := plain(dst, rows, i, j, p.types)
			if err != nil {
				return err
			}
			cells[j] = v
		}
	}
	return nil
}

// plain returns the value of the cell at row i of the block and column j, which has
// no encodings: a number, or, where types says so, the index of a text of dst.
func plain(dst *mlapi.Matrix, rows *mlapi.Rows, i, j int, types []mlapi.FeatureType) (float64, error) {
	if j >= len(types) || types[j] == mlapi.NumberFeature {
		return rows.Float(i, j)
	}
	cell := rows.Cell(i, j)
	if types[j] == mlapi.AnyFeature {
		if v, err := rows.Float(i, j); err == nil {
			return v, nil
		}
		return 0, nil
	}
	what := "a number"
	switch cell.Kind() {
	case mlapi.TextCell:
		return dst.Text(rows.Text(cell)), nil
	case mlapi.NullCell:
		return math.NaN(), nil
	case mlapi.BoolCell:
		what = "true or false"
	default:
		if v, err := rows.Float(i, j); err == nil && math.IsNaN(v) {
			return v, nil
		}
	}
	return 0, mlapi.Cellf("not_a_text", rows.Number(i), j, "the value is %s, and the model takes a text here.", what)
}

// fillFirst gives dst the shape of rows, for a part that fills it. Where an
// earlier part has filled it already the order of the parts is wrong, which must
// not pass for an answer.
func fillFirst(dst *mlapi.Matrix, rows *mlapi.Rows) error {
	if dst.Samples() != 0 {
		return mlapi.Internalf("preprocess: numeric and categorical fill the matrix and so must stand first in API_PREPROCESS")
	}
	dst.Resize(rows.Len(), rows.Width())
	return nil
}
