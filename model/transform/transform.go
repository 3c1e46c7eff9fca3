// Package transform is what a fitted pipeline does to the features before its last
// estimator sees them: scaling, encoding, imputing, selecting, vectorising.
//
// A [Transformer] makes a matrix of another one; [NewChain] makes one of several,
// and [NewPipeline] puts them in front of a model and makes a model of the whole:
//
//	p, err := transform.NewPipeline(info, []transform.Transformer{scaler}, forest)
//
// [NewModel] answers with the features themselves, for a file that holds nothing
// but a transformer.
//
// # Texts
//
// A column of the matrix may be text: then its cells are indexes into the matrix's
// Texts. Which columns have to be text is decided once, from the back to the front
// of a pipeline: a transformer is told what is wanted of the columns that it
// gives and says what it wants of those that it takes ([Transformer].Columns).
//
// # Sparse matrices
//
// Every transformer takes dense and sparse matrices. Those that keep zeros give a
// sparse one for a sparse one; what scikit-learn stores as sparse
// (vectorisers, one-hot encoders) is sparse here.
package transform

import (
	"context"

	"example.com/mlapi"
)

// Kind says what is wanted of the values of a column.
type Kind uint8

const (
	// Number wants numbers; NaN is a missing value. It is the zero value.
	Number Kind = iota
	// Text wants texts; NaN is a missing value here too.
	Text
	// Any takes numbers as well as texts and hands them on.
	Any
	// Contradiction is wanted of a column that one transformer takes as a number and
	// another as text. Nothing can be both, so what asks for it cannot be served.
	Contradiction
)

// Column is what is wanted of a column.
type Column struct {
	Kind       Kind
	Categories []string // of Text: the texts that are known; nil where any is
}

// Transformer makes features of features.
//
// Width returns how many columns it takes and gives; 0, 0 means that it gives as
// many as it takes, however many those are.
//
// Columns returns what it wants of the columns that it takes, given what is wanted
// of those that it gives. Nil stands for numbers only, both ways; the slice it is
// given must not be changed.
//
// Transform fills dst with what it makes of src, which it does not change: dst is
// empty (Matrix.Like has been called) and another matrix than src. An input that
// it cannot take is an Invalid *mlapi.Error of mlapi.Cellf, whose column is one of
// src. Where the values of src are texts and where numbers is as Columns said;
// indexes into src.Texts are valid. Texts of its own it appends to dst.Texts, which
// then is a slice of its own (slices.Clip): those of src keep their places. Transform is called by many goroutines at
// once, each with its own dst and src, and must keep neither.
type Transformer interface {
	Width() (in, out int)
	Columns(next []Column) []Column
	Transform(ctx context.Context, dst, src *mlapi.Matrix) error
}

// Origin is a Transformer whose columns each come from one column that it takes,
// so that an error in a later step can name the column of the request. Origin
// returns -1 for a column that does not.
type Origin interface {
	Origin(column int) int
}

// numeric is embedded by transformers of a fixed width that take numbers only.
type numeric struct{ in, out int }

// Width returns how many columns it takes and gives.
func (n numeric) Width() (in, out int) { return n.in, n.out }

// Columns returns nil: numbers only.
func (numeric) Columns([]Column) []Column { return nil }

// columnwise is embedded by transformers that make of each column of numbers one
// column at the same place.
type columnwise struct{ width int }

// Width returns how many columns it takes and gives; 0 of a transformer that was
// not told.
func (c columnwise) Width() (in, out int) { return c.width, c.width }

// Columns returns nil: numbers only.
func (columnwise) Columns([]Column) []Column { return nil }

// Origin returns column.
func (columnwise) Origin(column int) int { return column }

// Passthrough hands everything on as it is: Features columns, 0 for however many there
// are.
type Passthrough struct{ Features int }

// Width returns how many columns it takes and gives.
func (p Passthrough) Width() (in, out int) { return p.Features, p.Features }

// Columns returns what is wanted next.
func (Passthrough) Columns(next []Column) []Column { return next }

// Origin returns column.
func (Passthrough) Origin(column int) int { return column }

// Transform copies src.
func (Passthrough) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	dst.Copy(src)
	return nil
}

// eachRow fills a dense dst of width columns by calling row for every sample, with
// the sample's features, whether src is dense or sparse, and where its result
// belongs.
func eachRow(dst, src *mlapi.Matrix, width int, row func(i int, to, from []float64) error) error {
	dst.Resize(src.Samples(), width)
	var scratch []float64
	if src.Sparse() {
		scratch = make([]float64, src.Width())
	}
	for i := range src.Samples() {
		if err := row(i, dst.Row(i), src.DenseRow(i, scratch)); err != nil {
			return err
		}
	}
	return nil
}

// eachEntry fills dst with what value makes of every stored value of src: a sparse
// matrix stays sparse, so value must give 0 for 0.
func eachEntry(dst, src *mlapi.Matrix, value func(column int, v float64) float64) {
	dst.Copy(src)
	if !src.Sparse() {
		for i := range dst.Samples() {
			row := dst.Row(i)
			for k, v := range row {
				row[k] = value(k, v)
			}
		}
		return
	}
	for i := range dst.Samples() {
		columns, values := dst.Entries(i)
		for k, v := range values {
			values[k] = value(int(columns[k]), v)
		}
	}
}

// finite returns an Invalid *mlapi.Error at the first infinity in m, and at the
// first missing value unless those are accepted.
func finite(m *mlapi.Matrix, missing bool) error {
	for at, v := range m.Data {
		if v-v == 0 || missing && v != v {
			continue
		}
		row, column := place(m, at)
		if v != v {
			return mlapi.MissingValue(row, column)
		}
		return mlapi.ValueTooLarge(row, column)
	}
	return nil
}

// place returns the row's number in the request and the column of the value at
// m.Data[at].
func place(m *mlapi.Matrix, at int) (row, column int) {
	if !m.Sparse() {
		return m.Number(at / m.Width()), at % m.Width()
	}
	for i := range m.Samples() {
		columns, _ := m.Entries(i)
		if at < len(columns) {
			return m.Number(i), int(columns[at])
		}
		at -= len(columns)
	}
	return m.Number(0), -1
}
