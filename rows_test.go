package mlapi_test

import (
	"math"
	"testing"

	"example.com/mlapi"
)

// TestRowsFloat checks which texts count as numbers.
func TestRowsFloat(t *testing.T) {
	for text, want := range map[string]float64{
		"3": 3, " 3 ": 3, "\t-2.5\n": -2.5, "+1": 1, ".5": 0.5, "5.": 5, "1e3": 1000, "1E-2": 0.01, "02": 2,
		"0.1": 0.1, "-0": math.Copysign(0, -1),
	} {
		got, err := floatOf(text)
		if err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for text, code := range map[string]string{
		"": "not_a_number", " ": "not_a_number", "x": "not_a_number", "1x": "not_a_number", "0x10": "not_a_number", "1_000": "not_a_number",
		"inf": "not_a_number", "Infinity": "not_a_number", "nan": "not_a_number", "e5": "not_a_number", "1e": "not_a_number", "1 2": "not_a_number",
		"+": "not_a_number", ".": "not_a_number", "--1": "not_a_number", "\u00a01": "not_a_number", "１": "not_a_number", "1p3": "not_a_number",
		"1e999": "infinity", "-1e999": "infinity",
	} {
		_, err := floatOf(text)
		e := mlapi.AsError(err)
		if e == nil || e.Kind != mlapi.Invalid || e.Code != code {
			t.Errorf("%q: %v, want %s", text, err, code)
			continue
		}
		row, _ := e.Row()
		column, _ := e.Column()
		if row != 41 || column != 1 {
			t.Errorf("%q: blamed on row %d, column %d; want 41, 1", text, row, column)
		}
	}
}

// floatOf reads text as the second cell of row 41.
func floatOf(text string) (float64, error) {
	var r mlapi.Rows
	r.Reset(41)
	r.AppendNull()
	r.AppendText([]byte(text))
	if err := r.EndRow(); err != nil {
		return 0, err
	}
	return r.Float(0, 1)
}

func TestRowsFloatOfOtherCells(t *testing.T) {
	var r mlapi.Rows
	r.Reset(0)
	r.AppendNull()
	r.AppendBool(true)
	r.AppendBool(false)
	r.AppendNumber(-7.25)
	r.AppendNumber(math.Inf(1))
	if err := r.EndRow(); err != nil {
		t.Fatal(err)
	}
	if v, err := r.Float(0, 0); err != nil || !math.IsNaN(v) {
		t.Errorf("null: %v, %v", v, err)
	}
	for j, want := range map[int]float64{1: 1, 2: 0, 3: -7.25} {
		if v, err := r.Float(0, j); err != nil || v != want {
			t.Errorf("cell %d: %v, %v; want %v", j, v, err, want)
		}
	}
	if _, err := r.Float(0, 4); mlapi.AsError(err) == nil || mlapi.AsError(err).Code != "infinity" {
		t.Errorf("infinity: %v", err)
	}
}

func TestRowsShape(t *testing.T) {
	var r mlapi.Rows
	r.Reset(0)
	if e := mlapi.AsError(r.EndRow()); e == nil || e.Code != "empty_row" {
		t.Errorf("an empty row: %v", e)
	}
	r.AppendNumber(1)
	r.AppendNumber(2)
	if err := r.EndRow(); err != nil {
		t.Fatal(err)
	}
	r.Reset(10) // the next block of the same request keeps the width
	r.AppendNumber(1)
	e := mlapi.AsError(r.EndRow())
	if e == nil || e.Code != "ragged_rows" {
		t.Fatalf("a short row: %v", e)
	}
	if row, known := e.Row(); !known || row != 10 {
		t.Errorf("blamed on row %d, want 10", row)
	}
	r.Reset(0) // another request may have another
	r.AppendNumber(1)
	if err := r.EndRow(); err != nil || r.Width() != 1 || r.Len() != 1 {
		t.Errorf("another request: %v, %d x %d", err, r.Len(), r.Width())
	}
}

func TestQuoteKeepsMessagesClean(t *testing.T) {
	for text, want := range map[string]string{
		"S0": `"S0"`, "a\nb": `"a\nb"`, `a"b`: `"a\"b"`, "<b>": `"<b>"`, "\x1b[31m": `"\x1b[31m"`, "é": `"\u00e9"`, "\xff": `"\xff"`,
	} {
		if got := mlapi.Quote([]byte(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if long := mlapi.Quote(make([]byte, 1000)); len(long) > 300 {
		t.Errorf("%d bytes for a long text", len(long))
	}
}

func TestErrorPlaces(t *testing.T) {
	e := mlapi.Invalidf("code", "detail")
	if _, known := e.Row(); known {
		t.Error("a new error knows a row")
	}
	if row, known := e.At(0, -1).Row(); row != 0 || !known {
		t.Errorf("row %d, %v; want 0, known", row, known)
	}
	if _, known := e.Column(); known {
		t.Error("column -1 counts as known")
	}
	if new(mlapi.Error).Kind != mlapi.Internal {
		t.Error("the zero error is blamed on the caller")
	}
}

func TestRowsArrange(t *testing.T) {
	var r mlapi.Rows
	r.Reset(0)
	for i, places := range [][]int{{2, 0, 1}, {0, 1, 2}, {1, 0, 2}} {
		r.AppendNumber(7)
		r.AppendText([]byte("eight"))
		r.AppendNull()
		r.Arrange(places)
		if err := r.EndRow(); err != nil {
			t.Fatal(err)
		}
		if v, err := r.Float(i, places[0]); err != nil || v != 7 {
			t.Errorf("%v: the first value is %v, %v", places, v, err)
		}
		if text := r.Text(r.Cell(i, places[1])); string(text) != "eight" {
			t.Errorf("%v: the second value is %q", places, text)
		}
		if kind := r.Cell(i, places[2]).Kind(); kind != mlapi.NullCell {
			t.Errorf("%v: the third value is of kind %d", places, kind)
		}
	}
}
