package mlapitest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
)

// numbers is a sound part.
func numbers(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
	dst.Resize(rows.Len(), rows.Width())
	for i := range rows.Len() {
		for j := range rows.Width() {
			v, err := rows.Float(i, j)
			if err != nil {
				return err
			}
			dst.Row(i)[j] = v
		}
	}
	return nil
}

// texts is a sound part for rows of one text: a dictionary column.
func texts(clone func([]byte) string) mlapi.PreprocessFunc {
	return func(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
		dst.Resize(rows.Len(), 1)
		for i := range rows.Len() {
			text := clone(rows.Text(rows.Cell(i, 0)))
			place := slices.Index(dst.Texts, text)
			if place < 0 {
				place = len(dst.Texts)
				dst.Texts = append(dst.Texts, text)
			}
			dst.Row(i)[0] = float64(place)
		}
		return nil
	}
}

// after is numbers with something done after it.
func after(f func(dst *mlapi.Matrix, rows *mlapi.Rows) error) mlapi.PreprocessFunc {
	return func(ctx context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
		if err := numbers(ctx, dst, rows); err != nil {
			return err
		}
		return f(dst, rows)
	}
}

// failing is numbers with another error.
func failing(f func(rows *mlapi.Rows, e *mlapi.Error) error) mlapi.PreprocessFunc {
	return func(ctx context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
		if err := numbers(ctx, dst, rows); err != nil {
			return f(rows, mlapi.AsError(err))
		}
		return nil
	}
}

var numberRows = [][]any{{1.5, 2, true}, {"3", nil, false}, {-1, 0.25, 7}}

func TestPreprocessorReports(t *testing.T) {
	var kept mlapi.Matrix
	var keptRows *mlapi.Rows
	var once, onceRows sync.Once
	var inside, calls atomic.Int32
	for name, c := range map[string]struct {
		part mlapi.PreprocessFunc
		c    mlapitest.RowsCase
		want string
	}{
		"sound": {numbers, mlapitest.RowsCase{Want: [][]float64{{1.5, 2, 1}, {3, math.NaN(), 0}, {-1, 0.25, 7}}}, ""},
		"sound texts": {texts(func(b []byte) string { return string(b) }),
			mlapitest.RowsCase{Rows: [][]any{{"x"}, {"y"}, {"x"}}, TextColumns: []int{0}, Want: nil}, ""},
		"wrong text": {texts(func(b []byte) string { return string(b) }),
			mlapitest.RowsCase{Rows: [][]any{{"x"}, {"y"}}, TextColumns: []int{0}, Want: [][]float64{{0}, {0}}, Texts: []string{"x"}}, "row 1, column 0 is y (string), want x"},
		"sound texts by another index": {texts(func(b []byte) string { return string(b) }),
			mlapitest.RowsCase{Rows: [][]any{{"x"}, {"y"}}, TextColumns: []int{0}, Want: [][]float64{{1}, {0}}, Texts: []string{"y", "x"}}, ""},
		"sound missing text": {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error {
			for k := range dst.Data {
				dst.Data[k] = math.NaN()
			}
			return nil
		}), mlapitest.RowsCase{Rows: [][]any{{nil}}, TextColumns: []int{0}, Want: [][]float64{{math.NaN()}}}, ""},
		"sparse": {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error {
			dst.ResizeSparse(3)
			for range rows.Len() {
				dst.Append(0, 1)
				dst.Append(1, 1)
				dst.Append(2, 1)
				dst.EndSample()
			}
			return nil
		}), mlapitest.RowsCase{}, "a sparse matrix"},
		"wrong answer":     {numbers, mlapitest.RowsCase{Want: [][]float64{{1.5, 2, 1}, {3, 0, 0}, {-1, 0.25, 7}}}, "row 1, column 1"},
		"too few samples":  {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error { dst.Resize(1, 3); return nil }), mlapitest.RowsCase{}, "1 samples for 3 rows"},
		"shape and data":   {after(func(dst *mlapi.Matrix, _ *mlapi.Rows) error { dst.Data = dst.Data[:4]; return nil }), mlapitest.RowsCase{}, "4 values in a matrix"},
		"refuses":          {failing(func(_ *mlapi.Rows, e *mlapi.Error) error { return e }), mlapitest.RowsCase{Rows: [][]any{{"x"}}}, "refused"},
		"accepts":          {numbers, mlapitest.RowsCase{Code: "not_a_number"}, "want the error"},
		"wrong code":       {numbers, mlapitest.RowsCase{Rows: [][]any{{"x"}}, Code: "infinity"}, "want \"infinity\""},
		"nothing accepted": {numbers, mlapitest.RowsCase{Rows: [][]any{{"x"}}, Code: "not_a_number"}, "nothing to check"},
		"counts on a clean matrix": {func(_ context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
			dst.Resize(rows.Len(), rows.Width())
			return nil
		}, mlapitest.RowsCase{Rows: [][]any{{0}}}, "dirty matrices"},
		"keeps the matrix": {func(ctx context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
			once.Do(func() { _ = numbers(ctx, &kept, rows) })
			dst.Resize(rows.Len(), rows.Width())
			if calls.Add(1) <= 2 { // not once there are many goroutines: the race detector would report it first
				dst.Data = kept.Data
				return nil
			}
			return numbers(ctx, dst, rows)
		}, mlapitest.RowsCase{}, "a block later in the request: row 0, column 0 is what the suite wrote"},
		"keeps the rows": {func(ctx context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
			onceRows.Do(func() { keptRows = rows })
			if keptRows.Len() == 0 {
				return errors.New("nothing left of the first rows")
			}
			return numbers(ctx, dst, rows)
		}, mlapitest.RowsCase{}, "nothing left of the first rows"},
		"keeps the texts": {texts(func(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }),
			mlapitest.RowsCase{Rows: [][]any{{"xxxx"}, {"yyyy"}}, TextColumns: []int{0}}, "after the rows were used again"},
		"text index": {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error { return nil }), mlapitest.RowsCase{TextColumns: []int{0}}, "no index into"},
		"looks at other rows": {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error {
			for i := range dst.Samples() {
				dst.Row(i)[0] -= dst.Row(0)[0]
			}
			return nil
		}), mlapitest.RowsCase{Rows: [][]any{{1}, {2}}}, "rows one by one"},
		"looks at the row's number": {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error { dst.Row(0)[0] += float64(rows.Number(0)); return nil }),
			mlapitest.RowsCase{}, "a block later in the request"},
		"one at a time": {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error {
			dst.Row(0)[0] += float64(inside.Add(1) - 1)
			time.Sleep(time.Millisecond)
			inside.Add(-1)
			return nil
		}), mlapitest.RowsCase{Rows: [][]any{{1}}}, "many goroutines"},
		"error of another type": {failing(func(_ *mlapi.Rows, e *mlapi.Error) error { return errors.New(e.Detail) }), mlapitest.RowsCase{}, "hostile cells: column 0 is +Inf: error of type *errors"},
		"blames the server":     {failing(func(_ *mlapi.Rows, e *mlapi.Error) error { return mlapi.Internalf("%w", errors.New(e.Detail)) }), mlapitest.RowsCase{}, "want Invalid"},
		"row of the block": {failing(func(rows *mlapi.Rows, e *mlapi.Error) error {
			row, _ := e.Row()
			column, _ := e.Column()
			return e.At(row-rows.Number(0), column)
		}), mlapitest.RowsCase{}, "names row 0"},
		"row of the block, refused": {failing(func(rows *mlapi.Rows, e *mlapi.Error) error { return e.At(0, 0) }), mlapitest.RowsCase{Rows: [][]any{{"x"}}, Code: "not_a_number"}, "begins at row 1000"},
		"no column": {failing(func(rows *mlapi.Rows, e *mlapi.Error) error {
			row, _ := e.Row()
			return e.At(row, -1)
		}), mlapitest.RowsCase{}, "names column"},
		"raw text in the error": {failing(func(rows *mlapi.Rows, e *mlapi.Error) error {
			row, _ := e.Row()
			return mlapi.Invalidf("bad", "%s is bad", rows.Text(rows.Cell(0, 0))).At(row, 0)
		}), mlapitest.RowsCase{Rows: [][]any{{1}}}, "raw character"},
		"huge text in the error": {failing(func(rows *mlapi.Rows, e *mlapi.Error) error {
			row, _ := e.Row()
			return mlapi.Invalidf("bad", "%s is bad", strings.Map(func(r rune) rune { return 'x' }, string(rows.Text(rows.Cell(0, 0))))).At(row, 0)
		}), mlapitest.RowsCase{Rows: [][]any{{1}}}, "a detail of"},
		"no text in the error": {failing(func(rows *mlapi.Rows, e *mlapi.Error) error {
			row, _ := e.Row()
			return (&mlapi.Error{Kind: mlapi.Invalid}).At(row, 0)
		}), mlapitest.RowsCase{Rows: [][]any{{1}}}, "without code or detail"},
		"panics": {func(ctx context.Context, dst *mlapi.Matrix, rows *mlapi.Rows) error {
			if err := numbers(ctx, dst, rows); err != nil {
				panic(fmt.Sprint("no number: ", err))
			}
			return nil
		}, mlapitest.RowsCase{}, "panic: no number"},
		"another width": {after(func(dst *mlapi.Matrix, rows *mlapi.Rows) error {
			if dst.Row(0)[0] == 1e39 {
				dst.Resize(1, 1)
				dst.Data[0] = 0
			}
			return nil
		}), mlapitest.RowsCase{}, "column 0 is 1e+39: 1 values, want 3"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.c.Rows == nil {
				c.c.Rows = numberRows
			}
			r := &recorder{TB: t}
			mlapitest.Preprocessor(r, c.part, c.c)
			wantReport(t, r, c.want)
			if name == "sound" && (len(r.logs) != 1 || !strings.Contains(r.logs[0], "allocations per warm call")) {
				t.Errorf("logged %q, want the figure of allocations", r.logs)
			}
		})
	}
}
