package transform_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/transform"
)

// table returns a matrix of rows of numbers, texts and nil for what is missing.
func table(rows ...[]any) *mlapi.Matrix {
	m := new(mlapi.Matrix)
	m.Reset(5)
	m.Resize(len(rows), len(rows[0]))
	for i, row := range rows {
		for k, cell := range row {
			switch v := cell.(type) {
			case nil:
				m.Row(i)[k] = math.NaN()
			case float64:
				m.Row(i)[k] = v
			case string:
				m.Row(i)[k] = m.Text([]byte(v))
			}
		}
	}
	return m
}

// dense returns the rows of what step makes of src, -99 for NaN.
func dense(t *testing.T, step transform.Transformer, src *mlapi.Matrix) [][]float64 {
	t.Helper()
	m, err := apply(step, src)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([][]float64, m.Samples())
	for i := range rows {
		rows[i] = append(rows[i], m.DenseRow(i, make([]float64, m.Width()))...)
		for k, v := range rows[i] {
			if v != v {
				rows[i][k] = -99
			}
		}
	}
	return rows
}

// refuses checks the code and the place of an error.
func refuses(t *testing.T, step transform.Transformer, src *mlapi.Matrix, code string, row, column int) {
	t.Helper()
	_, err := apply(step, src)
	var e *mlapi.Error
	if !errors.As(err, &e) || e.Kind != mlapi.Invalid || e.Code != code {
		t.Errorf("error is %v, want %s", err, code)
		return
	}
	gotRow, _ := e.Row()
	gotColumn, known := e.Column()
	if !known {
		gotColumn = -1
	}
	if gotRow != row || gotColumn != column {
		t.Errorf("%v: row %d, column %d, want %d and %d", err, gotRow, gotColumn, row, column)
	}
}

func colours(t *testing.T) *transform.Categories {
	return must[*transform.Categories](t)(transform.TextCategories([]string{"blue", "red", ""}, 2))
}

func numbers(t *testing.T) *transform.Categories {
	return must[*transform.Categories](t)(transform.NumberCategories([]float64{1, 2.5}))
}

func TestOneHot(t *testing.T) {
	columns := []transform.OneHotColumn{
		{Categories: colours(t), Slots: []int{-1, 0, 1}, Width: 2, Other: 1},
		{Categories: numbers(t), Slots: []int{0, 1}, Width: 2, Other: -1},
	}
	src := table([]any{"blue", 1.}, []any{"red", 2.5}, []any{nil, 7.}, []any{"green", nil})
	want := [][]float64{{0, 0, 1, 0}, {1, 0, 0, 1}, {0, 1, 0, 0}, {0, 1, 0, 0}}
	for _, sparse := range []bool{false, true} {
		o := must[*transform.OneHot](t)(transform.NewOneHot(columns, false, sparse))
		if got := dense(t, o, src); !reflect.DeepEqual(got, want) {
			t.Errorf("sparse %v: %v, want %v", sparse, got, want)
		}
		if m, err := apply(o, src); err != nil || m.Sparse() != sparse {
			t.Errorf("sparse %v, want %v (%v)", m.Sparse(), sparse, err)
		}
		if in, out := o.Width(); in != 2 || out != 4 || o.Origin(1) != 0 || o.Origin(2) != 1 {
			t.Errorf("width %d, %d", in, out)
		}
		wants := o.Columns(nil)
		if wants[0].Kind != transform.Text || !reflect.DeepEqual(wants[0].Categories, []string{"blue", "red"}) || wants[1].Kind != transform.Number {
			t.Errorf("it wants %v", wants)
		}
	}
	o := must[*transform.OneHot](t)(transform.NewOneHot(columns, false, true))
	o.Between(-1, 5)
	if got := dense(t, o, table([]any{"red", 9.})); !reflect.DeepEqual(got, [][]float64{{5, -1, -1, -1}}) {
		t.Errorf("between -1 and 5: %v", got)
	}
}

func TestOneHotRefuses(t *testing.T) {
	columns := []transform.OneHotColumn{
		{Categories: must[*transform.Categories](t)(transform.TextCategories([]string{"a"})), Slots: []int{0}, Width: 1, Other: -1},
		{Categories: numbers(t), Slots: []int{0, 1}, Width: 2, Other: -1, Refuse: true},
		{Categories: transform.CodeCategories(3), Slots: []int{0, -1, 1}, Width: 2, Other: -1},
	}
	o := must[*transform.OneHot](t)(transform.NewOneHot(columns, false, false))
	refuses(t, o, table([]any{"a", 1., 0.}, []any{"a", 7., 0.}), "unknown_category", 6, 1)
	refuses(t, o, table([]any{"a", nil, 0.}), "unknown_category", 5, 1)
	refuses(t, o, table([]any{"a", 1., math.Inf(1)}), "value_too_large", 5, 2)
	refuses(t, o, table([]any{"a", 1., -1.}), "unknown_category", 5, 2)
	if got := dense(t, o, table([]any{"zz", 1., 2.9}, []any{nil, 1., -0.5}, []any{"a", 1., 3.}, []any{"a", 1., 1.})); !reflect.DeepEqual(got,
		[][]float64{{0, 1, 0, 0, 1}, {0, 1, 0, 1, 0}, {1, 1, 0, 0, 0}, {1, 1, 0, 0, 0}}) {
		t.Errorf("codes: %v", got)
	}
	strict := must[*transform.OneHot](t)(transform.NewOneHot(columns, true, false))
	refuses(t, strict, table([]any{nil, 1., 0.}), "missing_value", 5, 0)
	columns[0].Refuse = true
	o = must[*transform.OneHot](t)(transform.NewOneHot(columns, false, false))
	_, err := apply(o, table([]any{"<\n\u202e>", 1., 0.}))
	if want := `Row 5, column 0: "<\n\u202e>" is no category that this model knows.`; err == nil || mlapi.AsError(err).Detail != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestWrongEncoders(t *testing.T) {
	c := numbers(t)
	for name, make := range map[string]func() error{
		"slot beyond": func() error {
			_, err := transform.NewOneHot([]transform.OneHotColumn{{Categories: c, Slots: []int{0, 1}, Width: 1}}, false, false)
			return err
		},
		"other beyond": func() error {
			_, err := transform.NewOneHot([]transform.OneHotColumn{{Categories: c, Slots: []int{0, 0}, Width: 1, Other: 1}}, false, false)
			return err
		},
		"slot below": func() error {
			_, err := transform.NewOneHot([]transform.OneHotColumn{{Categories: c, Slots: []int{0, -2}, Width: 1}}, false, false)
			return err
		},
		"too few slots": func() error {
			_, err := transform.NewOneHot([]transform.OneHotColumn{{Categories: c, Slots: []int{0}, Width: 1}}, false, false)
			return err
		},
		"no categories": func() error {
			_, err := transform.NewOneHot([]transform.OneHotColumn{{Width: 1}}, false, false)
			return err
		},
		"no features": func() error {
			_, err := transform.NewOneHot([]transform.OneHotColumn{{Categories: c, Slots: []int{-1, -1}, Other: -1}}, false, false)
			return err
		},
		"no columns": func() error { _, err := transform.NewLookup(nil, 1, false); return err },
		"too few values": func() error {
			_, err := transform.NewLookup([]transform.LookupColumn{{Categories: c, Values: []float64{1}}}, 1, false)
			return err
		},
		"too many others": func() error {
			_, err := transform.NewLookup([]transform.LookupColumn{{Categories: c, Values: []float64{1, 2}, Other: []float64{1, 2}}}, 1, false)
			return err
		},
		"no classes":      func() error { _, err := transform.NewLabelSet(nil, false); return err },
		"missing beyond":  func() error { _, err := transform.TextCategories([]string{"a"}, 1); return err },
		"missing below":   func() error { _, err := transform.NumberCategories([]float64{1}, -1); return err },
		"no number":       func() error { _, err := transform.NumberCategories([]float64{math.NaN()}); return err },
		"dict of nothing": func() error { _, err := transform.NewDict(nil, 1, false); return err },
		"dict beyond":     func() error { _, err := transform.NewDict([]transform.DictColumn{{Number: 1}}, 1, false); return err },
		"dict below": func() error {
			_, err := transform.NewDict([]transform.DictColumn{{Texts: map[string]int{"a": -1}}}, 1, false)
			return err
		},
	} {
		if make() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestLookup(t *testing.T) {
	columns := []transform.LookupColumn{
		{Categories: colours(t), Values: []float64{1, 10, 2, 20, 3, 30}, Other: []float64{-1, math.NaN()}},
		{Categories: numbers(t), Values: []float64{4, 40, 5, 50}},
	}
	l := must[*transform.Lookup](t)(transform.NewLookup(columns, 2, false))
	if got := dense(t, l, table([]any{"red", 2.5}, []any{nil, 1.}, []any{"green", 1.})); !reflect.DeepEqual(got, [][]float64{{2, 20, 5, 50}, {3, 30, 4, 40}, {-1, -99, 4, 40}}) {
		t.Errorf("made %v", got)
	}
	if in, out := l.Width(); in != 2 || out != 4 || l.Origin(1) != 0 || l.Origin(2) != 1 {
		t.Errorf("width %d, %d", in, out)
	}
	refuses(t, l, table([]any{"red", 2.}), "unknown_category", 5, 1)
	strict := must[*transform.Lookup](t)(transform.NewLookup([]transform.LookupColumn{{Categories: numbers(t), Values: []float64{0, 1}, Other: []float64{-1}}}, 1, true))
	refuses(t, strict, table([]any{1.}, []any{nil}), "missing_value", 6, 0)
}

// Of None and NaN among categories, a missing value is the latter.
func TestTwoMissingValues(t *testing.T) {
	c := must[*transform.Categories](t)(transform.TextCategories([]string{"a", "", ""}, 1, 2))
	l := must[*transform.Lookup](t)(transform.NewLookup([]transform.LookupColumn{{Categories: c, Values: []float64{0, 1, 2}, Other: []float64{-1}}}, 1, false))
	if got := dense(t, l, table([]any{nil}, []any{""}, []any{"a"})); !reflect.DeepEqual(got, [][]float64{{2}, {-1}, {0}}) {
		t.Errorf("made %v", got)
	}
}

func TestLabelSet(t *testing.T) {
	c := must[*transform.Categories](t)(transform.TextCategories([]string{"a", "b", "c"}))
	s := must[*transform.LabelSet](t)(transform.NewLabelSet(c, false))
	src := table([]any{"c", "a", nil}, []any{nil, nil, nil}, []any{"b", "b", "z"})
	if got := dense(t, s, src); !reflect.DeepEqual(got, [][]float64{{1, 0, 1}, {0, 0, 0}, {0, 1, 0}}) {
		t.Errorf("made %v", got)
	}
	refuses(t, must[*transform.LabelSet](t)(transform.NewLabelSet(c, true)), src, "unknown_category", 7, 2)
}

func TestDict(t *testing.T) {
	for _, c := range []struct {
		name    string
		columns []transform.DictColumn
		sparse  bool
		want    [][]float64
	}{
		{"in order", []transform.DictColumn{{Texts: map[string]int{"x": 0, "y": 1}}, {Number: 2}}, true, [][]float64{{0, 1, 3}, {0, 0, 0}, {1, 0, 0}}},
		{"out of order", []transform.DictColumn{{Texts: map[string]int{"x": 0, "y": 2}}, {Number: 1}}, true, [][]float64{{0, 3, 1}, {0, 0, 0}, {1, 0, 0}}},
		{"dense", []transform.DictColumn{{Texts: map[string]int{"x": 1, "y": 2}}, {Number: 0}}, false, [][]float64{{3, 0, 1}, {0, 0, 0}, {0, 1, 0}}},
	} {
		d := must[*transform.Dict](t)(transform.NewDict(c.columns, 3, c.sparse))
		if got := dense(t, d, table([]any{"y", 3.}, []any{"z", nil}, []any{"x", 0.})); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if w := d.Columns(nil); w[0].Kind != transform.Text || !reflect.DeepEqual(w[0].Categories, []string{"x", "y"}) || w[1].Kind != transform.Number {
			t.Errorf("%s: it wants %v", c.name, w)
		}
		if at := d.Origin(c.columns[1].Number); at != 1 {
			t.Errorf("%s: the number comes from column %d", c.name, at)
		}
	}
}

// fill puts a text of its own in the place of missing ones.
type fill struct{ transform.Passthrough }

func (fill) Width() (in, out int) { return 1, 1 }

func (fill) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	dst.Copy(src)
	dst.Texts = append(append([]string(nil), src.Texts...), "filled")
	for k, v := range dst.Data {
		if v != v {
			dst.Data[k] = float64(len(dst.Texts) - 1)
		}
	}
	return nil
}

// sum makes one number of all its columns.
type sum struct{ in int }

func (s sum) Width() (in, out int)                        { return s.in, 1 }
func (sum) Columns([]transform.Column) []transform.Column { return nil }
func (s sum) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	dst.Resize(src.Samples(), 1)
	for i := range src.Samples() {
		dst.Row(i)[0] = 0
		for k, v := range src.DenseRow(i, make([]float64, src.Width())) {
			if v < 0 {
				return mlapi.Cellf("below", src.Number(i), k, "it is negative.")
			}
			dst.Row(i)[0] += v
		}
	}
	return nil
}

func hot(t *testing.T, sparse bool) transform.Transformer {
	c := must[*transform.Categories](t)(transform.TextCategories([]string{"a", "b"}))
	return must[*transform.OneHot](t)(transform.NewOneHot([]transform.OneHotColumn{{Categories: c, Slots: []int{0, 1}, Width: 2, Other: -1, Refuse: true}}, false, sparse))
}

func TestColumns(t *testing.T) {
	blocks := []transform.Block{
		{Transformer: hot(t, true), Columns: []int{2}, Weight: 1},
		{Transformer: transform.Passthrough{}, Columns: []int{3, 0}, Weight: 10},
		{Transformer: sum{2}, Columns: []int{0, 3}, Weight: 1},
	}
	src := table([]any{1., "unused", "b", 2.}, []any{0., nil, "a", 4.})
	want := [][]float64{{0, 1, 20, 10, 3}, {1, 0, 40, 0, 4}}
	for mode, sparse := range map[transform.Stacking]bool{transform.StackDense: false, transform.StackSparse: true, transform.StackAsGiven: true} {
		c := must[*transform.Columns](t)(transform.NewColumns(4, blocks, mode))
		if got := dense(t, c, src); !reflect.DeepEqual(got, want) {
			t.Errorf("mode %d: %v, want %v", mode, got, want)
		}
		if m, err := apply(c, src); err != nil || m.Sparse() != sparse {
			t.Errorf("mode %d: sparse %v, want %v (%v)", mode, m.Sparse(), sparse, err)
		}
	}
	c := must[*transform.Columns](t)(transform.NewColumns(4, blocks, transform.StackDense))
	if in, out := c.Width(); in != 4 || out != 5 {
		t.Errorf("width %d, %d", in, out)
	}
	for column, want := range []int{2, 2, 3, 0, -1} {
		if got := c.Origin(column); got != want {
			t.Errorf("feature %d comes from column %d, want %d", column, got, want)
		}
	}
	wants := c.Columns(nil)
	for k, want := range []transform.Kind{transform.Number, transform.Any, transform.Text, transform.Number} {
		if wants[k].Kind != want {
			t.Errorf("column %d is wanted as %d, want %d", k, wants[k].Kind, want)
		}
	}
	refuses(t, c, table([]any{1., nil, "b", 2.}, []any{1., nil, "zz", 2.}), "unknown_category", 6, 2)
	refuses(t, c, table([]any{1., nil, "b", -2.}), "below", 5, 3)
}

func TestColumnsOfASparseMatrix(t *testing.T) {
	src := new(mlapi.Matrix)
	src.ResizeSparse(3)
	src.Append(2, 5)
	src.EndSample()
	c := must[*transform.Columns](t)(transform.NewColumns(3, []transform.Block{{Transformer: transform.Passthrough{}, Columns: []int{2, 1}, Weight: 1}}, transform.StackDense))
	if got := dense(t, c, src); !reflect.DeepEqual(got, [][]float64{{5, 0}}) {
		t.Errorf("made %v", got)
	}
}

func TestUnion(t *testing.T) {
	blocks := []transform.Block{{Transformer: transform.Passthrough{}, Weight: 1}, {Transformer: sum{2}, Weight: 2}}
	u := must[*transform.Columns](t)(transform.NewColumns(0, blocks, transform.StackAsGiven))
	src := table([]any{1., 2.})
	if got := dense(t, u, src); !reflect.DeepEqual(got, [][]float64{{1, 2, 6}}) {
		t.Errorf("made %v", got)
	}
	if m, err := apply(u, src); err != nil || m.Sparse() {
		t.Errorf("dense blocks made a sparse matrix (%v)", err)
	}
}

// What is handed on as text stays that text, also where blocks bring texts along.
func TestColumnsHandTextsOn(t *testing.T) {
	blocks := []transform.Block{
		{Transformer: fill{}, Columns: []int{0}, Weight: 1}, {Transformer: fill{}, Columns: []int{1}, Weight: 1},
		{Transformer: transform.Passthrough{}, Columns: []int{2}, Weight: 1}, {Transformer: sum{1}, Columns: []int{2}, Weight: 1},
	}
	c := must[*transform.Columns](t)(transform.NewColumns(3, blocks, transform.StackDense))
	src := table([]any{"a", nil, 1.}, []any{nil, "b", 2.}, []any{"b", "a", 0.})
	m, err := apply(c, src)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"a", "filled"}, {"filled", "b"}, {"b", "a"}} {
		for k, w := range want {
			if got := m.Texts[int(m.Row(i)[k])]; got != w {
				t.Errorf("row %d, column %d is %q, want %q", i, k, got, w)
			}
		}
		if m.Row(i)[2] != src.Row(i)[2] || m.Row(i)[3] != src.Row(i)[2] {
			t.Errorf("row %d: %v", i, m.Row(i))
		}
	}
	if len(src.Texts) != 2 {
		t.Errorf("the texts of the source are %q", src.Texts)
	}
}

// Blocks that take all columns are given the texts that those before them added.
func TestUnionHandsTextsOn(t *testing.T) {
	blocks := []transform.Block{{Transformer: fill{}, Weight: 1}, {Transformer: transform.Passthrough{}, Weight: 1}, {Transformer: fill{}, Weight: 1}}
	c := must[*transform.Columns](t)(transform.NewColumns(1, blocks, transform.StackDense))
	src := table([]any{"a"}, []any{nil}, []any{"b"})
	m, err := apply(c, src)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a", "filled", "b"} {
		row := m.Row(i)
		if first, last := m.Texts[int(row[0])], m.Texts[int(row[2])]; first != want || last != want {
			t.Errorf("row %d is %q and %q, want %q", i, first, last, want)
		}
		if got, was := row[1], src.Row(i)[0]; got != was && !math.IsNaN(was) {
			t.Errorf("row %d is handed on as %v, was %v", i, got, was)
		}
	}
	if len(src.Texts) != 2 {
		t.Errorf("the texts of the source are %q", src.Texts)
	}
}

// forgetful loses the texts that it was given.
type forgetful struct{ transform.Passthrough }

func (forgetful) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	dst.Copy(src)
	dst.Texts = nil
	return nil
}

func TestColumnsKeepTexts(t *testing.T) {
	c := must[*transform.Columns](t)(transform.NewColumns(1, []transform.Block{{Transformer: forgetful{}, Weight: 1}}, transform.StackDense))
	var e *mlapi.Error
	if _, err := apply(c, table([]any{"a"})); !errors.As(err, &e) || e.Kind != mlapi.Internal {
		t.Errorf("%v, want an error of the server", err)
	}
}

func TestContradiction(t *testing.T) {
	both := []transform.Block{{Transformer: hot(t, false), Columns: []int{1}, Weight: 1}, {Transformer: sum{2}, Columns: []int{0, 1}, Weight: 1}}
	c := must[*transform.Columns](t)(transform.NewColumns(2, both, transform.StackDense))
	if got := c.Contradicts(); got != 1 {
		t.Errorf("column %d is contradicted, want 1", got)
	}
	both[1].Transformer = transform.Passthrough{}
	c = must[*transform.Columns](t)(transform.NewColumns(2, both, transform.StackDense))
	if got := c.Contradicts(); got != -1 {
		t.Errorf("column %d is contradicted, though what comes next may take text", got)
	}
	if got := c.Columns(nil)[1].Kind; got != transform.Contradiction {
		t.Errorf("a text that is handed on as a number is wanted as %d", got)
	}
}

func TestWrongColumns(t *testing.T) {
	for name, blocks := range map[string][]transform.Block{
		"none":             nil,
		"column beyond":    {{Transformer: sum{1}, Columns: []int{2}}},
		"column below":     {{Transformer: sum{1}, Columns: []int{-1}}},
		"wrong width":      {{Transformer: sum{2}, Columns: []int{0}}},
		"wrong union":      {{Transformer: sum{3}}},
		"block of nothing": {{Transformer: transform.Passthrough{}, Columns: []int{}}},
	} {
		if _, err := transform.NewColumns(2, blocks, transform.StackDense); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := transform.NewColumns(0, []transform.Block{{Transformer: transform.Passthrough{}}}, transform.StackDense); err == nil {
		t.Error("no width: no error")
	}
}
