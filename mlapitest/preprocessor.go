package mlapitest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"example.com/mlapi"
)

// RowsCase is a block of rows and what a preprocessor is to make of it.
type RowsCase struct {
	Name string
	// Rows are the rows as sent. A cell is nil, a bool, an int, a float64 or a
	// string.
	Rows [][]any
	// Want is the matrix wanted; nil takes any that keeps the contract. In a text
	// column it has indexes into Texts, NaN being a missing text.
	Want  [][]float64
	Texts []string
	// TextColumns are the columns of the matrix whose cells are indexes into
	// Matrix.Texts.
	TextColumns []int
	// Code is the code of the error wanted; "" means that the rows are accepted.
	Code string
}

// Preprocessor checks p against the contract of [mlapi.Preprocessor]. At least one
// case must be accepted.
func Preprocessor(t testing.TB, p mlapi.Preprocessor, cases ...RowsCase) {
	t.Helper()
	sound := 0
	for n, c := range cases {
		name := caseName(c.Name, n)
		r := &rowsCase{part: p, RowsCase: c}
		s := &suite{
			samples: len(c.Rows), sample: "row", given: "rows", got: "matrices", firsts: []int{0, 1000},
			call: r.call, wanted: r.wanted(), shown: whole,
		}
		s.hostile = check{"hostile cells", func() error { return r.hostile(len(s.want[0])) }}
		if c.Code != "" {
			run(t, name, []check{{"the error", func() error { return s.refused(c.Code) }}})
			continue
		}
		sound++
		s.check(t, name)
	}
	accepted(t, sound)
}

// rowsCase is a preprocessor and a case of it.
type rowsCase struct {
	RowsCase
	part mlapi.Preprocessor
}

// wanted returns the matrix wanted, texts in place of their indexes.
func (r *rowsCase) wanted() [][]any {
	var want [][]any
	for _, row := range r.Want {
		var values []any
		for j, v := range row {
			if slices.Contains(r.TextColumns, j) && !math.IsNaN(v) {
				values = append(values, r.Texts[int(v)])
				continue
			}
			values = append(values, v)
		}
		want = append(want, values)
	}
	return want
}

func (r *rowsCase) call() *call {
	rows, dst := new(mlapi.Rows), new(mlapi.Matrix)
	n := 0
	return &call{
		fill: func(first, from, to int) {
			n = to - from
			fillRows(rows, first, r.Rows[from:to])
		},
		run:    func() error { return r.into(dst, rows) },
		values: func() ([][]any, error) { return r.values(dst, n) },
		soil: func() {
			dst.Resize(len(r.Rows)+3, len(r.Rows[0])+3)
			dst.Text([]byte("earlier"))
			dst.Text([]byte("another"))
			spoil(dst)
		},
		spoil:   func() { spoilRows(rows) },
		respoil: func() { spoil(dst) },
	}
}

// fillRows makes rows hold block, beginning at row number first of the request.
func fillRows(rows *mlapi.Rows, first int, block [][]any) {
	rows.Reset(0)
	rows.Reset(first)
	for _, row := range block {
		for _, cell := range row {
			switch v := cell.(type) {
			case nil:
				rows.AppendNull()
			case bool:
				rows.AppendBool(v)
			case int:
				rows.AppendNumber(float64(v))
			case float64:
				rows.AppendNumber(v)
			case string:
				rows.AppendText([]byte(v))
			default:
				panic(fmt.Sprintf("mlapitest: a cell of type %T", cell))
			}
		}
		if err := rows.EndRow(); err != nil {
			panic(fmt.Sprintf("mlapitest: the rows of a case are ragged or empty: %v", err))
		}
	}
}

// into runs the part as a pipeline does.
func (r *rowsCase) into(dst *mlapi.Matrix, rows *mlapi.Rows) error {
	dst.Reset(rows.Number(0))
	return caught(func() error { return r.part.Preprocess(context.Background(), dst, rows) })
}

// values copies what dst holds, texts in place of their indexes, once its shape is
// found right.
func (r *rowsCase) values(dst *mlapi.Matrix, samples int) ([][]any, error) {
	if dst.Samples() != samples {
		return nil, fmt.Errorf("%d samples for %d rows", dst.Samples(), samples)
	}
	if dst.Sparse() {
		return nil, fmt.Errorf("a sparse matrix, which no model takes from outside")
	}
	if len(dst.Data) != samples*dst.Width() || dst.Width() == 0 {
		return nil, fmt.Errorf("%d values in a matrix of %d x %d", len(dst.Data), samples, dst.Width())
	}
	values := make([][]any, samples)
	for i := range values {
		for j, v := range dst.Row(i) {
			if !slices.Contains(r.TextColumns, j) || math.IsNaN(v) {
				values[i] = append(values[i], v)
				continue
			}
			if v != math.Trunc(v) || v < 0 || v >= float64(len(dst.Texts)) {
				return nil, fmt.Errorf("row %d, column %d is %v, no index into %d texts", i, j, v, len(dst.Texts))
			}
			values[i] = append(values[i], strings.Clone(dst.Texts[int(v)]))
		}
	}
	return values, nil
}

// hostile puts each hostile value into each of the first columns.
func (r *rowsCase) hostile(width int) error {
	const row, columns = 1000, 16
	for j := range min(len(r.Rows[0]), columns) {
		for _, bad := range hostileCells() {
			cells := slices.Clone(r.Rows[0])
			cells[j] = bad
			if err := r.hostileRow(row, cells, width); err != nil {
				return fmt.Errorf("column %d is %s: %w", j, shorten(bad), err)
			}
		}
	}
	return nil
}

// hostileRow runs the part on one row that may be refused, by the rules.
func (r *rowsCase) hostileRow(row int, cells []any, width int) error {
	var rows mlapi.Rows
	var dst mlapi.Matrix
	fillRows(&rows, row, [][]any{cells})
	if err := r.into(&dst, &rows); err != nil {
		return checkInput(err, row, len(cells))
	}
	got, err := r.values(&dst, 1)
	if err == nil && len(got[0]) != width {
		err = fmt.Errorf("%d values, want %d", len(got[0]), width)
	}
	return err
}

// hostileCells are values that no honest caller sends, and some that one does.
func hostileCells() []any {
	cells := []any{
		nil, true, false, 0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.Copysign(0, -1), 1e39, 0.5, 1 << 53,
	}
	for _, text := range hostileTexts() {
		cells = append(cells, text)
	}
	return cells
}

// hostileTexts are texts likewise.
func hostileTexts() []string {
	return []string{
		"", " ", "\x00", "-", ".", "e", "+-1", "1e", "NaN", "inf", "0x10", "1_000", "1e999", "1e-999", " 1 ",
		"-Infinity", "a\nb", "\x1b[31m", "\xff\xfe", "\u202e<script>alert(1)</script>", "İıſKß", `"quoted"`,
		strings.Repeat("9", 1<<12), strings.Repeat("x", 1<<16), strings.Repeat("\U0001F600", 1<<12),
	}
}

// shorten writes a hostile value for a message.
func shorten(v any) string {
	if s, ok := v.(string); ok {
		return mlapi.Quote([]byte(s))
	}
	return fmt.Sprint(v)
}

// spoil overwrites what dst holds.
func spoil(dst *mlapi.Matrix) {
	for k := range dst.Data {
		dst.Data[k] = poison
	}
	for k := range dst.Texts {
		dst.Texts[k] = "poison"
	}
}

// spoilRows overwrites the memory of rows: in small steps, so that all of it is
// written before any of it grows.
func spoilRows(rows *mlapi.Rows) {
	n := max(rows.Len()*rows.Width(), rows.Size())
	rows.Reset(0)
	for range n {
		rows.AppendText([]byte("p"))
	}
}
