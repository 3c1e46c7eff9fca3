package preprocess

import (
	"context"
	"fmt"
	"slices"

	"example.com/mlapi"
)

// Categorical gives the model the numbers of categories. In a column that has
// encodings
//
//   - a text of the table (after case folding, untrimmed) gives its number;
//   - any other text that is a plain decimal number counts as that number;
//   - a finite number is taken as it is, true and false are 1 and 0, a missing value
//     stays missing (NaN);
//   - any other text is the unknown category's number, where one is configured.
//
// All other columns are taken as [Numeric] takes them.
//
// It fills the matrix and so stands first. It allocates nothing where names are
// ASCII and at most 128 bytes long, but for texts of text features. Its zero value
// refuses all rows.
type Categorical struct {
	tables []*table            // by column; nil where a column has no encodings
	others []float64           // by column: the unknown category's number; nil where unknown texts are refused
	types  []mlapi.FeatureType // by column, as Numeric has them
}

var (
	_ mlapi.Preprocessor = (*Categorical)(nil)
	_ mlapi.Describer    = (*Categorical)(nil)
)

// NewCategorical returns a Categorical by enc for a model of these features, which
// enc was checked against. With unknown set, the category of that name stands for
// all names that a column's table does not have; a column whose table lacks it is an
// *EncodingError. Otherwise such names are refused.
func NewCategorical(enc *Encodings, features []mlapi.Feature, unknown string) (*Categorical, error) {
	if enc == nil || len(enc.tables) == 0 {
		return nil, &EncodingError{Text: "there are no encodings", Todo: "set API_CATEGORICAL_ENCODING_FILEPATH, or take categorical out of API_PREPROCESS"}
	}
	c := &Categorical{tables: enc.tables, types: otherTypes(features)}
	if unknown == "" {
		return c, nil
	}
	c.others = make([]float64, len(c.tables))
	for j, t := range c.tables {
		if t == nil {
			continue
		}
		code, known := t.code([]byte(unknown))
		if !known {
			return nil, &EncodingError{
				Text: fmt.Sprintf("column %d%s has no category %s to stand for unknown ones", j, t.inBrackets(), mlapi.Quote([]byte(unknown))),
				Todo: "add that category to the column's encodings, or let API_UNKNOWN_CATEGORY name one that every encoded column has",
			}
		}
		c.others[j] = code
	}
	return c, nil
}

// Preprocess fills dst with the numbers of the cells of rows. Beside the errors of
// [Numeric], a text that is neither a category nor a number is an Invalid
// *mlapi.Error ("unknown_category") that names row and column.
func (c *Categorical) Preprocess(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
	if len(c.tables) == 0 {
		return mlapi.Internalf("preprocess: a Categorical that NewCategorical did not make")
	}
	if rows.Width() < len(c.tables) && rows.Len() > 0 {
		return mlapi.Invalidf("wrong_feature_count", "The rows have %d values each, too few: column %d is a category.", rows.Width(), len(c.tables)-1)
	}
	if err := fillFirst(dst, rows); err != nil {
		return err
	}
	for i := range rows.Len() {
		cells := dst.Row(i)
		for j := range cells {
			v, err := c.number(dst, rows, i, j)
			if err != nil {
				return err
			}
			cells[j] = v
		}
	}
	return nil
}

// number returns the number of the cell at row i of the block and column j.
func (c *Categorical) number(dst *mlapi.Matrix, rows *mlapi.Rows, i, j int) (float64, error) {
	if j >= len(c.tables) || c.tables[j] == nil {
		return plain(dst, rows, i, j, c.types)
	}
	cell := rows.Cell(i, j)
	if cell.Kind() != mlapi.TextCell {
		return rows.Float(i, j)
	}
	t, text := c.tables[j], rows.Text(cell)
	if code, known := t.code(text); known {
		return code, nil
	}
	if mayBeNumber(text) {
		v, err := rows.Float(i, j)
		if err == nil || mlapi.AsError(err).Code != "not_a_number" {
			return v, err
		}
	}
	if c.others != nil {
		return c.others[j], nil
	}
	e := mlapi.Cellf("unknown_category", rows.Number(i), j, "%s is not a known category.", mlapi.Quote(text))
	return 0, e.InColumn(j, t.name)
}

// mayBeNumber reports whether text holds nothing but what plain decimal numbers
// are made of: it spares most unknown categories the making of an error.
func mayBeNumber(text []byte) bool {
	for _, b := range text {
		switch {
		case b >= '0' && b <= '9', b >= '\t' && b <= '\r':
		case b == ' ', b == '+', b == '-', b == '.', b == 'e', b == 'E':
		default:
			return false
		}
	}
	return true
}

// Describe makes category features of the columns that have encodings, named as
// the encodings name them.
func (c *Categorical) Describe(features []mlapi.Feature) []mlapi.Feature {
	described := slices.Clone(features)
	for j, t := range c.tables {
		if t == nil || j >= len(described) {
			continue
		}
		if t.name != "" {
			described[j].Name = t.name
		}
		described[j].Type, described[j].Categories = mlapi.CategoryFeature, t.names()
	}
	return described
}

// inBrackets returns the feature's name for a message: ` ("state")`.
func (t *table) inBrackets() string {
	if t.name == "" {
		return ""
	}
	return " (" + mlapi.Quote([]byte(t.name)) + ")"
}
