package transform

import (
	"context"
	"fmt"

	"example.com/mlapi"
)

// LookupColumn says what is made of one column.
type LookupColumn struct {
	Categories *Categories
	// Values has the numbers for each category, one category after the other.
	Values []float64
	// Other are the numbers for a value that is none of them; nil makes it an error.
	Other []float64
}

// Lookup makes of each column the numbers that belong to its category: scikit-learn's
// OrdinalEncoder and LabelEncoder (its place in a list) and TargetEncoder (the mean of
// the target, of several classes one each).
type Lookup struct {
	known
	to  []LookupColumn
	per int
}

// NewLookup returns an encoder that gives per numbers for each column. strict makes a
// missing value that is no category an error even of columns that take unknown ones.
func NewLookup(columns []LookupColumn, per int, strict bool) (*Lookup, error) {
	l := &Lookup{known: known{strict: strict}, to: columns, per: per}
	if len(columns) == 0 || per < 1 {
		return nil, fmt.Errorf("%d numbers for each of %d columns", per, len(columns))
	}
	for i, c := range columns {
		if c.Categories == nil || len(c.Values) != per*c.Categories.Len() {
			return nil, fmt.Errorf("column %d has not %d numbers for each category", i, per)
		}
		if c.Other != nil && len(c.Other) != per {
			return nil, fmt.Errorf("column %d has %d numbers for an unknown value, want %d", i, len(c.Other), per)
		}
		l.known.columns = append(l.known.columns, c.Categories)
	}
	return l, nil
}

// Width returns how many columns it takes and gives.
func (l *Lookup) Width() (in, out int) { return len(l.to), l.per * len(l.to) }

// Origin returns the column that a number was made of.
func (l *Lookup) Origin(column int) int { return column / l.per }

// Transform encodes src. A value that is no category is an Invalid *mlapi.Error, where
// the column refuses it.
func (l *Lookup) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	return eachRow(dst, src, l.per*len(l.to), func(i int, to, from []float64) error {
		for k, v := range from {
			at, err := l.index(src, i, k, v)
			if err != nil {
				return err
			}
			c := &l.to[k]
			values := c.Other
			if at >= 0 {
				values = c.Values[at*l.per:]
			} else if values == nil {
				return unknownCategory(src, i, k, v, c.Categories)
			}
			copy(to[k*l.per:(k+1)*l.per], values)
		}
		return nil
	})
}
