package preprocess

import (
	"context"

	"example.com/mlapi"
)

// Numeric takes every cell as a number, by the rules of [mlapi.Rows.Float]: true
// and false are 1 and 0, a missing value is NaN, a text counts where it is a plain
// decimal number. It is what a model gets whose columns have no encodings.
//
// It fills the matrix and so stands first. It allocates nothing.
type Numeric struct{}

var (
	_ mlapi.Preprocessor = Numeric{}
	_ mlapi.Describer    = Numeric{}
)

// Describe returns features as they are: callers send what the next stage takes.
func (Numeric) Describe(features []mlapi.Feature) []mlapi.Feature { return features }

// Preprocess fills dst with the cells of rows. A cell that is no number, or is
// infinite, is an Invalid *mlapi.Error ("not_a_number", "infinity") that names row
// and column.
func (Numeric) Preprocess(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
	if err := fillFirst(dst, rows); err != nil {
		return err
	}
	for i := range rows.Len() {
		cells := dst.Row(i)
		for j := range cells {
			v, err := rows.Float(i, j)
			if err != nil {
				return err
			}
			cells[j] = v
		}
	}
	return nil
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
