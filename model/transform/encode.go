package transform

import (
	"fmt"
	"math"

	"example.com/mlapi"
)

// Categories are the values of one column that an encoder knows, numbered from 0:
// texts or numbers, of which one may be "missing". The zero value knows none.
type Categories struct {
	texts   []string // of a column of texts, without missing values
	isText  bool
	byText  places[string]
	byValue places[float64]
	codes   int // the numbers 0 to codes-1, without a list
	size    int
	missing int // the number of the missing value, -1 where it is none of them
}

// TextCategories returns texts as categories, and keeps the list. missing are the places
// in it, in ascending order, that stand for a missing value instead (None and NaN in
// Python); of several the last is what a missing value is taken for.
func TextCategories(texts []string, missing ...int) (*Categories, error) {
	c, err := newCategories(len(texts), missing)
	if err != nil {
		return nil, err
	}
	c.isText, c.texts, c.byText = true, texts, newPlaces(texts, missing)
	if len(missing) > 0 {
		c.texts = make([]string, 0, len(texts)-len(missing))
		next := 0
		for _, i := range append(missing[:len(missing):len(missing)], len(texts)) {
			c.texts = append(c.texts, texts[next:i]...)
			next = i + 1
		}
	}
	return c, nil
}

// NumberCategories returns numbers as categories, and keeps the list; missing is as for
// TextCategories.
func NumberCategories(numbers []float64, missing ...int) (*Categories, error) {
	c, err := newCategories(len(numbers), missing)
	if err != nil {
		return nil, err
	}
	rest := missing
	for i, v := range numbers {
		switch {
		case len(rest) > 0 && rest[0] == i:
			rest = rest[1:]
		case math.IsNaN(v):
			return nil, fmt.Errorf("category %d is no number", i)
		}
	}
	c.byValue = newPlaces(numbers, missing)
	return c, nil
}

// newCategories returns so many categories without their values.
func newCategories(size int, missing []int) (*Categories, error) {
	if size > math.MaxInt32-1 {
		return nil, fmt.Errorf("%d categories are too many", size)
	}
	c := &Categories{size: size, missing: -1}
	for _, i := range missing {
		if i <= c.missing || i >= size {
			return nil, fmt.Errorf("the missing value is category %d of %d", i, size)
		}
		c.missing = i
	}
	return c, nil
}

// CodeCategories returns the numbers 0 to n-1 as categories. A fraction is cut off, as
// scikit-learn's encoders up to 0.21 do.
func CodeCategories(n int) *Categories { return &Categories{codes: n, size: n, missing: -1} }

// Len returns how many categories there are.
func (c *Categories) Len() int { return c.size }

// column returns what an encoder that knows c wants.
func (c *Categories) column() Column {
	if c.isText {
		return Column{Kind: Text, Categories: c.texts}
	}
	return Column{}
}

// index returns the number of the category that v, a cell of src, is, and -1 where it
// is none.
func (c *Categories) index(src *mlapi.Matrix, v float64) int {
	switch {
	case v != v:
		return c.missing
	case c.isText:
		if at := int(v); at >= 0 && at < len(src.Texts) {
			return c.byText.find(src.Texts[at])
		}
	case v > -1 && v < float64(c.codes):
		return int(v)
	default:
		return c.byValue.find(v)
	}
	return -1
}

// known is embedded by encoders: the categories of each of their columns.
type known struct {
	columns []*Categories
	// strict makes a missing value an error even where an unknown one is none.
	strict bool
}

// Columns returns what the categories are of.
func (k *known) Columns([]Column) []Column {
	var columns []Column
	for i, c := range k.columns {
		if !c.isText {
			continue
		}
		if columns == nil {
			columns = make([]Column, len(k.columns))
		}
		columns[i] = c.column()
	}
	return columns
}

// index returns the number of the category that v is, the value of sample i in a column
// of src, or -1. A value that no encoder takes is an Invalid *mlapi.Error.
func (k *known) index(src *mlapi.Matrix, i, column int, v float64) (int, error) {
	c := k.columns[column]
	switch at := c.index(src, v); {
	case at >= 0:
		return at, nil
	case v != v && k.strict:
		return 0, mlapi.MissingValue(src.Number(i), column)
	case c.isText || v != v:
		return -1, nil
	case math.IsInf(v, 0):
		return 0, mlapi.ValueTooLarge(src.Number(i), column)
	case c.codes > 0 && v <= -1:
		return 0, unknownCategory(src, i, column, v, c) // not even where unknown values are ignored
	}
	return -1, nil
}

// unknownCategory returns the error for a value that an encoder does not know.
func unknownCategory(src *mlapi.Matrix, i, column int, v float64, c *Categories) error {
	row := src.Number(i)
	switch {
	case v != v:
		return mlapi.Cellf("unknown_category", row, column, "the value is missing, which is no category that this model knows.")
	case c.isText && int(v) >= 0 && int(v) < len(src.Texts):
		return mlapi.Cellf("unknown_category", row, column, "%s is no category that this model knows.", mlapi.Quote([]byte(src.Texts[int(v)])))
	}
	return mlapi.Cellf("unknown_category", row, column, "%v is no category that this model knows.", v)
}
