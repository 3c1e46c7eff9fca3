package transform

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/mlapi"
)

// Missing says which values an imputer takes for missing.
type Missing struct {
	// Value is the number that is missing; NaN for what is not there at all, in columns
	// of texts too.
	Value float64
	// Text is the text that is missing where IsText is set; then no number is.
	Text   string
	IsText bool
}

// nan reports whether what is not there at all is what is missing.
func (m *Missing) nan() bool { return !m.IsText && m.Value != m.Value }

// is reports whether v, a cell of src in a column of texts or else of numbers, is missing.
func (m *Missing) is(src *mlapi.Matrix, text bool, v float64) bool {
	switch {
	case m.nan():
		return v != v
	case text && m.IsText:
		at := int(v)
		return v == v && at >= 0 && at < len(src.Texts) && src.Texts[at] == m.Text
	}
	return !text && !m.IsText && v == m.Value
}

// check returns an Invalid *mlapi.Error at the first value in a column of numbers that is
// infinite, or NaN where that is not what is missing.
func (m *Missing) check(src *mlapi.Matrix, texts []bool) error {
	missing := m.nan()
	for at, v := range src.Data {
		if v-v == 0 || missing && v != v {
			continue
		}
		row, column := place(src, at)
		switch {
		case column >= 0 && column < len(texts) && texts[column]:
		case v != v:
			return mlapi.MissingValue(row, column)
		default:
			return mlapi.ValueTooLarge(row, column)
		}
	}
	return nil
}

// Filling says what an imputer does with a column.
type Filling struct {
	Drop   bool    // it is left out
	Value  float64 // what is put where a value is missing; NaN leaves it missing
	Text   string  // the same in a column of texts
	IsText bool    // it is a column of texts
}

// Imputer puts a value of each column where one is missing (scikit-learn's SimpleImputer
// and, of old, Imputer), and may tell behind the columns where that was.
type Imputer struct {
	columns   []Filling
	texts     []bool
	missing   Missing
	indicator []int32
	kept      []int32
}

// NewImputer returns an imputer of columns. indicator lists the columns of the input for
// each of which a feature follows that is 1 where a value was missing and otherwise 0.
func NewImputer(columns []Filling, missing Missing, indicator []int32) (*Imputer, error) {
	p := &Imputer{columns: columns, missing: missing, indicator: indicator, texts: make([]bool, len(columns))}
	for i, c := range columns {
		p.texts[i] = c.IsText && !c.Drop
		if !c.Drop {
			p.kept = append(p.kept, int32(i))
		}
	}
	if err := within(indicator, len(columns)); err != nil {
		return nil, err
	}
	if len(p.kept)+len(indicator) == 0 {
		return nil, errors.New("no column is kept")
	}
	return p, nil
}

// within returns an error unless list has columns of n.
func within(list []int32, n int) error {
	for _, c := range list {
		if c < 0 || int(c) >= n {
			return fmt.Errorf("column %d is one of %d", c, n)
		}
	}
	return nil
}

// Width returns how many columns it takes and gives.
func (p *Imputer) Width() (in, out int) { return len(p.columns), len(p.kept) + len(p.indicator) }

// Columns wants texts where a text is filled in, and takes any column that is left out.
func (p *Imputer) Columns(next []Column) []Column {
	columns, plain := make([]Column, len(p.columns)), true
	place := 0
	for i, c := range p.columns {
		if c.Drop {
			columns[i].Kind, plain = Any, false
			continue
		}
		if c.IsText {
			columns[i].Kind, plain = Text, false
			if next != nil && next[place].Kind == Text && next[place].Categories != nil {
				columns[i].Categories = next[place].Categories
				if p.missing.IsText {
					columns[i].Categories = append(slices.Clip(columns[i].Categories), p.missing.Text)
				}
			}
		}
		place++
	}
	if plain {
		return nil
	}
	return columns
}

// Origin returns where a column is taken from.
func (p *Imputer) Origin(column int) int {
	if column < len(p.kept) {
		return int(p.kept[column])
	}
	return int(p.indicator[column-len(p.kept)])
}

// Transform fills src in. An infinity, or NaN where another value is what is missing, is
// an Invalid *mlapi.Error.
func (p *Imputer) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := p.missing.check(src, p.texts); err != nil {
		return err
	}
	if src.Sparse() && len(p.kept) == len(p.columns) && len(p.indicator) == 0 && !p.missing.is(src, false, 0) {
		eachEntry(dst, src, func(column int, v float64) float64 {
			if p.missing.is(src, false, v) {
				return p.columns[column].Value
			}
			return v
		})
		return nil
	}
	filler := filler{dst: dst, src: src}
	_, out := p.Width()
	return eachRow(dst, src, out, func(_ int, to, from []float64) error {
		for place, i := range p.kept {
			c, v := &p.columns[i], from[i]
			if p.missing.is(src, c.IsText, v) {
				if v = c.Value; c.IsText {
					v = filler.text(c.Text)
				}
			}
			to[place] = v
		}
		for k, i := range p.indicator {
			to[len(p.kept)+k] = 0
			if p.missing.is(src, p.texts[i], from[i]) {
				to[len(p.kept)+k] = 1
			}
		}
		return nil
	})
}

// filler gives a matrix texts that the one before it may not have.
type filler struct{ dst, src *mlapi.Matrix }

// text returns the index of a text in dst, which gets a table of its own where src has no
// such text.
func (f *filler) text(text string) float64 {
	if i := slices.Index(f.dst.Texts[len(f.src.Texts):], text); i >= 0 {
		return float64(len(f.src.Texts) + i)
	}
	if i := slices.Index(f.src.Texts, text); i >= 0 {
		return float64(i)
	}
	f.dst.Texts = append(slices.Clip(f.dst.Texts), text)
	return float64(len(f.dst.Texts) - 1)
}

// Indicator tells where values are missing (scikit-learn's MissingIndicator).
type Indicator struct {
	in      int
	columns []int32
	missing Missing
	strict  []bool // by column: a missing value in it is an error
	out     int
	texts   []bool
}

// NewIndicator returns a transformer of in columns to a feature for each of columns,
// which is 1 where a value is missing. With strict a value missing in another column is
// an Invalid *mlapi.Error. There may be none of columns, where in training nothing was
// missing: it then makes nothing, beside what others make.
func NewIndicator(in int, columns []int32, missing Missing, strict bool) (*Indicator, error) {
	if err := within(columns, in); err != nil {
		return nil, err
	}
	if in < 1 {
		return nil, errors.New("there are no columns")
	}
	t := &Indicator{in: in, columns: columns, missing: missing, out: len(columns), strict: make([]bool, in), texts: make([]bool, in)}
	for i := range t.strict {
		t.strict[i], t.texts[i] = strict, missing.IsText
	}
	for _, c := range columns {
		t.strict[c] = false
	}
	return t, nil
}

// Width returns how many columns it takes and gives.
func (t *Indicator) Width() (in, out int) { return t.in, t.out }

// Columns takes anything, but numbers or texts where one of those is what is missing.
func (t *Indicator) Columns([]Column) []Column {
	columns := make([]Column, t.in)
	for i := range columns {
		switch {
		case t.missing.IsText:
			columns[i].Kind = Text
		case t.missing.nan():
			columns[i].Kind = Any
		}
	}
	return columns
}

// Origin returns the column that a feature tells of.
func (t *Indicator) Origin(column int) int { return int(t.columns[column]) }

// Transform tells where values are missing.
func (t *Indicator) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := t.missing.check(src, t.texts); err != nil {
		return err
	}
	return eachRow(dst, src, t.out, func(i int, to, from []float64) error {
		for column, strict := range t.strict {
			if strict && t.missing.is(src, t.missing.IsText, from[column]) {
				return mlapi.Cellf("missing_value", src.Number(i), column, "the value is missing, and in training none was missing here.")
			}
		}
		for k, c := range t.columns {
			to[k] = 0
			if t.missing.is(src, t.missing.IsText, from[c]) {
				to[k] = 1
			}
		}
		return nil
	})
}
