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
	// Want is the matrix wanted; nil takes any that keeps the contract.
	Want [][]float64
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
	accepted := 0
	for n, c := range cases {
		name := caseName(c.Name, n)
		s := &rowsSuite{part: p, c: c}
		if c.Code != "" {
			run(t, name, []check{{"the error", s.refused}})
			continue
		}
		accepted++
		want, err := s.once(0, c.Rows)
		if err != nil {
			t.Errorf("%s: refused: %v", name, err)
			continue
		}
		s.want = want
		run(t, name, []check{
			{"the answer", s.answer},
			{"a block later in the request", s.later},
			{"a dirty matrix", s.dirty},
			{"nothing kept of the arguments", s.kept},
			{"rows one by one", s.oneByOne},
			{"many goroutines", func() error { return concurrently(s.again) }},
			{"hostile cells", s.hostile},
		})
		var rows mlapi.Rows
		var dst mlapi.Matrix
		s.fill(&rows, 0, c.Rows)
		logAllocations(t, name, func() error { return s.into(&dst, &rows) })
	}
	if accepted == 0 {
		t.Errorf("no case that is accepted: there is nothing to check")
	}
}

// rowsSuite checks a preprocessor with one case.
type rowsSuite struct {
	part mlapi.Preprocessor
	c    RowsCase
	want [][]any // what the part made of the rows the first time
}

// fill makes rows hold block, beginning at row number first of the request.
func (s *rowsSuite) fill(rows *mlapi.Rows, first int, block [][]any) {
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
func (s *rowsSuite) into(dst *mlapi.Matrix, rows *mlapi.Rows) error {
	dst.Reset(rows.Number(0))
	return caught(func() error { return s.part.Preprocess(context.Background(), dst, rows) })
}

// once runs the part on block with fresh memory, which it overwrites afterwards.
func (s *rowsSuite) once(first int, block [][]any) ([][]any, error) {
	var rows mlapi.Rows
	var dst mlapi.Matrix
	s.fill(&rows, first, block)
	defer spoilRows(&rows)
	defer spoil(&dst)
	if err := s.into(&dst, &rows); err != nil {
		return nil, err
	}
	return s.values(&dst, len(block))
}

// values copies what dst holds, texts in place of their indexes, once its shape is
// found right.
func (s *rowsSuite) values(dst *mlapi.Matrix, samples int) ([][]any, error) {
	if dst.Samples() != samples {
		return nil, fmt.Errorf("%d samples for %d rows", dst.Samples(), samples)
	}
	if len(dst.Data) != samples*dst.Width() || dst.Width() == 0 {
		return nil, fmt.Errorf("%d values in a matrix of %d x %d", len(dst.Data), samples, dst.Width())
	}
	values := make([][]any, samples)
	for i := range values {
		for j, v := range dst.Row(i) {
			if !slices.Contains(s.c.TextColumns, j) {
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

func (s *rowsSuite) refused() error {
	for _, first := range []int{0, 1000} {
		_, err := s.once(first, s.c.Rows)
		if err := checkCode(err, s.c.Code); err != nil {
			return err
		}
		if row, known := mlapi.AsError(err).Row(); known && (row < first || row >= first+len(s.c.Rows)) {
			return fmt.Errorf("the error names row %d of a block of %d rows that begins at row %d: %v", row, len(s.c.Rows), first, err)
		}
	}
	return nil
}

func (s *rowsSuite) answer() error {
	if s.c.Want == nil {
		return nil
	}
	want := make([][]any, len(s.c.Want))
	for i, row := range s.c.Want {
		for _, v := range row {
			want[i] = append(want[i], v)
		}
	}
	return compare(s.want, want)
}

func (s *rowsSuite) again() error { return s.repeat(0) }

func (s *rowsSuite) later() error { return s.repeat(1000) }

// repeat runs the part on the case's rows as rows first and following.
func (s *rowsSuite) repeat(first int) error {
	got, err := s.once(first, s.c.Rows)
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// dirty gives the part a matrix that was used before.
func (s *rowsSuite) dirty() error {
	var rows mlapi.Rows
	var dst mlapi.Matrix
	dst.Resize(len(s.c.Rows)+3, len(s.c.Rows[0])+3)
	spoil(&dst)
	dst.Texts = append(dst.Texts, "poison", "poison")
	s.fill(&rows, 0, s.c.Rows)
	if err := s.into(&dst, &rows); err != nil {
		return err
	}
	got, err := s.values(&dst, len(s.c.Rows))
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// kept overwrites the arguments after a call, and looks whether that call's answer
// or the next one changes.
func (s *rowsSuite) kept() error {
	var rows mlapi.Rows
	var dst mlapi.Matrix
	s.fill(&rows, 0, s.c.Rows)
	if err := s.into(&dst, &rows); err != nil {
		return err
	}
	spoilRows(&rows)
	got, err := s.values(&dst, len(s.c.Rows))
	if err != nil {
		return fmt.Errorf("after the rows were reused: %w", err)
	}
	if err := compare(got, s.want); err != nil {
		return fmt.Errorf("after the rows were reused: %w", err)
	}
	spoil(&dst)
	if err := s.again(); err != nil {
		return fmt.Errorf("after the matrix was reused: %w", err)
	}
	return nil
}

func (s *rowsSuite) oneByOne() error {
	for i, row := range s.c.Rows {
		got, err := s.once(i, [][]any{row})
		if err != nil {
			return fmt.Errorf("row %d alone: %w", i, err)
		}
		if err := compare(got, s.want[i:i+1]); err != nil {
			return fmt.Errorf("row %d alone: %w", i, err)
		}
	}
	return nil
}

// hostile puts each hostile value into each of the first columns.
func (s *rowsSuite) hostile() error {
	const row, columns = 1000, 16
	for j := range min(len(s.c.Rows[0]), columns) {
		for _, bad := range hostileCells() {
			cells := slices.Clone(s.c.Rows[0])
			cells[j] = bad
			got, err := s.hostileRow(row, cells)
			if err == nil && len(got[0]) != len(s.want[0]) {
				err = fmt.Errorf("%d values, want %d", len(got[0]), len(s.want[0]))
			}
			if err != nil {
				return fmt.Errorf("column %d is %s: %w", j, shorten(bad), err)
			}
		}
	}
	return nil
}

// hostileRow runs the part on one row that may be refused, by the rules.
func (s *rowsSuite) hostileRow(row int, cells []any) ([][]any, error) {
	var rows mlapi.Rows
	var dst mlapi.Matrix
	s.fill(&rows, row, [][]any{cells})
	if err := s.into(&dst, &rows); err != nil {
		if err := checkInput(err, row, len(cells)); err != nil {
			return nil, err
		}
		return s.want[:1], nil
	}
	return s.values(&dst, 1)
}

// hostileCells are values that no honest caller sends, and some that one does.
func hostileCells() []any {
	return []any{
		nil, true, false, 0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.Copysign(0, -1), 1e39, 0.5, 1 << 53,
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
