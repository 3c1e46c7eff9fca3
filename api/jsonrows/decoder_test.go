package jsonrows_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

var roomy = jsonrows.Limits{Rows: 1000, Columns: 100, Text: 1000, BlockRows: 16, BlockBytes: 1 << 16}

// decode reads all of r and writes the cells down, a row a line.
func decode(r io.Reader, limits jsonrows.Limits) (string, error) {
	return decodeNamed(r, nil, limits)
}

// decodeNamed is decode of rows that may call their values by name.
func decodeNamed(r io.Reader, names *jsonrows.Names, limits jsonrows.Limits) (string, error) {
	d := jsonrows.New(r, names, limits)
	var rows mlapi.Rows
	var b strings.Builder
	for more := true; more; {
		var err error
		if more, err = d.Next(&rows); err != nil {
			return "", err
		}
		if rows.Len() == 0 {
			return "", errors.New("an empty block")
		}
		for i := range rows.Len() {
			for j, c := range rows.Row(i) {
				if j > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(cell(&rows, i, j, c))
			}
			b.WriteByte('\n')
		}
	}
	return b.String(), nil
}

func cell(rows *mlapi.Rows, i, j int, c mlapi.Cell) string {
	switch c.Kind() {
	case mlapi.TextCell:
		return fmt.Sprintf("%q", rows.Text(c))
	case mlapi.BoolCell:
		v, _ := rows.Float(i, j)
		return fmt.Sprint(v == 1)
	case mlapi.NullCell:
		return "null"
	}
	v, err := rows.Float(i, j)
	if err != nil {
		return "infinite"
	}
	return fmt.Sprint(v)
}

func TestAccepted(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"numbers", `[[1,-2.5],[3e2,0]]`, "1 -2.5\n300 0\n"},
		{"one cell", `[[7]]`, "7\n"},
		{"all kinds", `[["a",true,false,null,1]]`, "\"a\" true false null 1\n"},
		{"names and numbers mixed", `[["TCP","S0"],["TCP",3],[0,"S0"],[0,3]]`, "\"TCP\" \"S0\"\n\"TCP\" 3\n0 \"S0\"\n0 3\n"},
		{"white space everywhere", " \t\r\n[ [ 1 , 2 ] , [ 3 , 4 ] ] \n", "1 2\n3 4\n"},
		{"byte order mark", "\xef\xbb\xbf[[1]]", "1\n"},
		{"line comments", "// first\n[ // é\r\n[1, // one\n2] // row\n] // last", "1 2\n"},
		{"comment at the very end", "[[1]]//", "1\n"},
		{"slashes in a text", `[["a//b","c/*d*/"]]`, "\"a//b\" \"c/*d*/\"\n"},
		{"bare words", `[[NaN,Infinity,-Infinity]]`, "NaN infinite infinite\n"},
		{"escapes", `[["\"\\\/\b\f\n\r\t\u0041\u00e9\u0000"]]`, "\"\\\"\\\\/\\b\\f\\n\\r\\tAé\\x00\"\n"},
		{"surrogate pair", `[["\ud83d\ude00"]]`, "\"😀\"\n"},
		{"raw UTF-8", `[["é😀"]]`, "\"é😀\"\n"},
		{"delete is no control character", "[[\"\x7f\"]]", "\"\\x7f\"\n"},
		{"empty text", `[[""]]`, "\"\"\n"},
		{"escaped quote at the end", `[["a\""],["b"]]`, "\"a\\\"\"\n\"b\"\n"},
		{"negative zero", `[[-0]]`, "-0\n"},
		{"too small", `[[1e-400]]`, "0\n"},
		{"largest", `[[1.7976931348623157e308]]`, "1.7976931348623157e+308\n"},
		{"long zeros", `[[0.` + strings.Repeat("0", 400) + `1e401]]`, "1\n"},
		{"big exponent made up for", `[[` + strings.Repeat("1", 300) + `e-299]]`, "1.1111111111111112\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range readers(tt.body) {
				got, err := decode(r, roomy)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s: (-want +got)\n%s", name, diff)
				}
			}
		})
	}
}

func readers(body string) map[string]io.Reader {
	return map[string]io.Reader{
		"whole":                strings.NewReader(body),
		"a byte at a time":     iotest.OneByteReader(strings.NewReader(body)),
		"half at a time":       iotest.HalfReader(strings.NewReader(body)),
		"end with the data":    iotest.DataErrReader(strings.NewReader(body)),
		"end with each byte":   iotest.DataErrReader(iotest.OneByteReader(strings.NewReader(body))),
		"longer than a buffer": strings.NewReader(padded(body)),
	}
}

// padded puts white space in front, so that body lies across the buffer's end.
func padded(body string) string {
	if strings.HasPrefix(body, "\xef\xbb\xbf") {
		return body // a byte order mark stands at the very beginning only
	}
	return strings.Repeat(" ", max(0, 32<<10-len(body)/2-1)) + body
}

func TestRefused(t *testing.T) {
	const unknown = -1
	for _, tt := range []struct {
		name, body, code string
		row, column      int
	}{
		{"no body", ``, "not_json", unknown, unknown},
		{"white space only", " \n", "not_json", unknown, unknown},
		{"comment only", "// [[1]]", "not_json", unknown, unknown},
		{"mark only", "\xef\xbb\xbf", "not_json", unknown, unknown},
		{"half a mark", "\xef\xbb[[1]]", "not_json", unknown, unknown},
		{"two marks", "\xef\xbb\xbf\xef\xbb\xbf[[1]]", "not_json", unknown, unknown},
		{"mark inside", "[\xef\xbb\xbf[1]]", "not_json", unknown, unknown},
		{"UTF-16", "\xff\xfe[\x00[\x001\x00]\x00]\x00", "not_json", unknown, unknown},
		{"words", `hello`, "not_json", unknown, unknown},
		{"empty list", `[]`, "empty", unknown, unknown},
		{"empty list and more", `[] 1`, "not_json", unknown, unknown},
		{"empty row", `[[]]`, "empty_row", 0, unknown},
		{"empty row later", `[[1],[]]`, "ragged_rows", 1, unknown},
		{"ragged", `[[1,2],[1,2],[3]]`, "ragged_rows", 2, unknown},
		{"ragged, wider", `[[1],[1,2]]`, "ragged_rows", 1, unknown},
		{"object", `{"a":1}`, "not_a_list_of_lists", unknown, unknown},
		{"text", `"a"`, "not_a_list_of_lists", unknown, unknown},
		{"number", `1`, "not_a_list_of_lists", unknown, unknown},
		{"null", `null`, "not_a_list_of_lists", unknown, unknown},
		{"list of numbers", `[1,2]`, "not_a_list_of_lists", 0, unknown},
		{"list of objects", `[[1],{"a":1}]`, "not_a_list_of_lists", 1, unknown},
		{"list of true", `[true]`, "not_a_list_of_lists", 0, unknown},
		{"nearly true", `[trap]`, "not_json", unknown, unknown},
		{"nested list", `[[1],[[2]]]`, "nested_value", 1, 0},
		{"nested object", `[[1,{}]]`, "nested_value", 0, 1},
		{"deep", strings.Repeat("[", 100000), "nested_value", 0, 0},
		{"trailing comma in a row", `[[1,]]`, "not_json", 0, 1},
		{"trailing comma in the list", `[[1],]`, "not_json", unknown, unknown},
		{"no comma", `[[1 2]]`, "not_json", 0, 0},
		{"no comma between rows", `[[1][2]]`, "not_json", unknown, unknown},
		{"leading comma", `[,[1]]`, "not_json", unknown, unknown},
		{"block comment", `[[1]/* */]`, "not_json", unknown, unknown},
		{"lone slash", `[[1]]/`, "not_json", unknown, unknown},
		{"hash comment", "[[1]]# a", "not_json", unknown, unknown},
		{"bad UTF-8 in a comment", "// \xff\n[[1]]", "not_json", unknown, unknown},
		{"cut UTF-8 in a comment", "[[1]]// \xc3", "not_json", unknown, unknown},
		{"control character in a comment", "// \x00\n[[1]]", "not_json", unknown, unknown},
		{"plus", `[[+1]]`, "not_json", 0, 0},
		{"no integer", `[[.5]]`, "not_json", 0, 0},
		{"no fraction", `[[1.]]`, "not_json", 0, 0},
		{"no exponent", `[[1e]]`, "not_json", 0, 0},
		{"no exponent's digits", `[[1e+]]`, "not_json", 0, 0},
		{"leading zero", `[[02]]`, "not_json", 0, 0},
		{"negative leading zero", `[[-02]]`, "not_json", 0, 0},
		{"lone minus", `[[-]]`, "not_json", 0, 0},
		{"two minuses", `[[--1]]`, "not_json", 0, 0},
		{"two points", `[[1.2.3]]`, "not_json", 0, 0},
		{"hexadecimal", `[[0x10]]`, "not_json", 0, 0},
		{"underscore", `[[1_000]]`, "not_json", 0, 0},
		{"minus NaN", `[[-NaN]]`, "not_json", 0, 0},
		{"nan", `[[nan]]`, "not_json", 0, 0},
		{"Inf", `[[Inf]]`, "not_json", 0, 0},
		{"NaNs", `[[NaNs]]`, "not_json", 0, 0},
		{"True", `[[True]]`, "not_json", 0, 0},
		{"tru", `[[tru]]`, "not_json", 0, 0},
		{"single quotes", `[['a']]`, "not_json", 0, 0},
		{"raw newline in a text", "[[1,\"a\nb\"]]", "not_json", 0, 1},
		{"raw control character in a text", "[[\"a\x00\"]]", "not_json", 0, 0},
		{"control character after a backslash", "[[\"\\\x01\"]]", "not_json", 0, 0},
		{"invalid UTF-8", "[[\"\xff\"]]", "not_json", 0, 0},
		{"overlong UTF-8", "[[\"\xc0\xaf\"]]", "not_json", 0, 0},
		{"surrogate in UTF-8", "[[\"\xed\xa0\x80\"]]", "not_json", 0, 0},
		{"unknown escape", `[["\x41"]]`, "not_json", 0, 0},
		{"short escape", `[["\u12"]]`, "not_json", 0, 0},
		{"escape with a sign", `[["\u+041"]]`, "not_json", 0, 0},
		{"lone high surrogate", `[["\ud800"]]`, "not_json", 0, 0},
		{"high surrogate, then text", `[["\ud800abcdef"]]`, "not_json", 0, 0},
		{"lone low surrogate", `[["\udc00"]]`, "not_json", 0, 0},
		{"two high surrogates", `[["\ud800\ud800"]]`, "not_json", 0, 0},
		{"text cut", `[["abc`, "not_json", 0, 0},
		{"text cut after a backslash", `[["abc\`, "not_json", 0, 0},
		{"row cut", `[[1`, "not_json", 0, 0},
		{"row cut after a comma", `[[1,`, "not_json", 0, 1},
		{"row cut at its beginning", `[[`, "not_json", 0, unknown},
		{"list cut", `[[1]`, "not_json", unknown, unknown},
		{"list cut after a comma", `[[1],`, "not_json", unknown, unknown},
		{"list cut at its beginning", `[`, "not_json", unknown, unknown},
		{"second list", `[[1]][[2]]`, "not_json", unknown, unknown},
		{"NUL behind", "[[1]]\x00", "not_json", unknown, unknown},
		{"vertical tab", "[[1]]\v", "not_json", unknown, unknown},
		{"no-break space", "[[1]]\u00a0", "not_json", unknown, unknown},
		{"out of range", `[[1,1e400]]`, "number_out_of_range", 0, 1},
		{"out of range below", `[[-1e400]]`, "number_out_of_range", 0, 0},
		{"out of range by exponent", `[[1e99999999999999999999]]`, "number_out_of_range", 0, 0},
		{"long number", `[[1` + strings.Repeat("0", 5000) + `]]`, "number_too_long", 0, 0},
		{"long text", `[["` + strings.Repeat("a", 1001) + `"]]`, "text_too_long", 0, 0},
		{"endless text", `[["` + strings.Repeat("a", 1<<20), "text_too_long", 0, 0},
		{"columns", `[[` + strings.Repeat("1,", 100) + `1]]`, "too_many_columns", 0, unknown},
		{"rows", `[` + strings.Repeat("[1],", 1000) + `[1]]`, "too_many_rows", unknown, unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range readers(tt.body) {
				_, err := decode(r, roomy)
				var e *mlapi.Error
				if !errors.As(err, &e) {
					t.Fatalf("%s: the error is %v, want an *mlapi.Error", name, err)
				}
				row, column := unknown, unknown
				if r, ok := e.Row(); ok {
					row = r
				}
				if c, ok := e.Column(); ok {
					column = c
				}
				if e.Code != tt.code || row != tt.row || column != tt.column {
					t.Errorf("%s: %v\n at row %d, column %d; want %s at %d, %d", name, err, row, column, tt.code, tt.row, tt.column)
				}
				wantKind := mlapi.Invalid
				if tt.code == "too_many_rows" {
					wantKind = mlapi.TooLarge
				}
				if e.Kind != wantKind {
					t.Errorf("%s: kind %d, want %d", name, e.Kind, wantKind)
				}
			}
		})
	}
}

func TestLimitsAreReachable(t *testing.T) {
	body := "[" + strings.Repeat("["+strings.Repeat("1,", 98)+`1,"`+strings.Repeat("a", 1000)+`"],`, 999) +
		"[" + strings.Repeat("1,", 99) + "1" + strings.Repeat("0", 50) + "]]"
	got, err := decode(strings.NewReader(body), roomy)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got, "\n"); n != 1000 {
		t.Errorf("%d rows, want 1000", n)
	}
	if _, err := decode(strings.NewReader(`[[1`+strings.Repeat("0", 4095)+`e-4000]]`), roomy); err == nil {
		t.Error("a number of more than 4,096 bytes was accepted")
	}
	if _, err := decode(strings.NewReader(`[[1`+strings.Repeat("0", 4089)+`e-4000]]`), roomy); err != nil {
		t.Errorf("a number of 4,096 bytes was refused: %v", err)
	}
}

// TestNumbersAreRoundedAsStrconvDoes tries numbers of all lengths, near the limits
// of the fast path and far from them.
func TestNumbersAreRoundedAsStrconvDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		digits := make([]byte, 1+random.IntN(40))
		for i := range digits {
			digits[i] = '0' + byte(random.IntN(10))
		}
		digits[0] = '1' + byte(random.IntN(9))
		text := fmt.Sprintf("%s.%se%d", digits[:len(digits)/2+1], digits, random.IntN(60)-40)
		if random.IntN(2) == 0 {
			text = fmt.Sprintf("%se%d", digits, random.IntN(60)-40)
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(strings.NewReader("[["+text+"]]"), roomy)
		if err != nil || got != fmt.Sprintln(want) {
			t.Fatalf("%s: %s %v, want %v", text, got, err, want)
		}
	}
}

func TestSyntaxErrorsNameTheByte(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{`[[1,2],[3,x]]`, `at byte 10 (row 1, column 1), "x" stands where a JSON value was expected.`},
		{`[[1.]]`, `at byte 3 (row 0, column 0), "." stands where the end of a number was expected.`},
		{`[["ab\q"]]`, `at byte 5 (row 0, column 0), an unknown escape`},
		{"[[\"a\x01\"]]", `at byte 4 (row 0, column 0), a raw control character`},
		{"[[\"a\xff\"]]", `at byte 3 (row 0, column 0), the text is not valid UTF-8`},
		{strings.Repeat(" ", 100000) + `[[1]`, `at byte 100004, the body ends too early.`},
		{``, `at byte 0, the body is empty.`},
		{"[[1]]\xff", `at byte 5, "\xff" stands where the end of the body was expected.`},
	} {
		_, err := decode(strings.NewReader(tt.body), roomy)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.30q: %v\nwant %s", tt.body, err, tt.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	body := `[[1,"abcd"],[2,"abcd"],[3,"abcd"],[4,"abcd"],[5,"abcd"]]`
	for _, tt := range []struct {
		name       string
		rows, size int
		want       []int
	}{
		{"by rows", 2, 1 << 20, []int{2, 2, 1}},
		{"all at once", 5, 1 << 20, []int{5}},
		{"by bytes", 100, 3*16*2 + 1, []int{3, 2}},
		{"at least one", 0, 0, []int{1, 1, 1, 1, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limits := roomy
			limits.BlockRows, limits.BlockBytes = tt.rows, tt.size
			d := jsonrows.New(iotest.OneByteReader(strings.NewReader(body)), nil, limits)
			var rows mlapi.Rows
			var got []int
			first := 0
			for more := true; more; {
				var err error
				if more, err = d.Next(&rows); err != nil {
					t.Fatal(err)
				}
				if rows.Number(0) != first {
					t.Errorf("block %d begins at row %d, want %d", len(got), rows.Number(0), first)
				}
				first += rows.Len()
				got = append(got, rows.Len())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if d.Rows() != 5 {
				t.Errorf("Rows() = %d, want 5", d.Rows())
			}
			if _, err := d.Next(&rows); mlapi.AsError(err) == nil || mlapi.AsError(err).Kind != mlapi.Internal {
				t.Errorf("Next after the end: %v", err)
			}
		})
	}
}

func TestRaggedAcrossBlocks(t *testing.T) {
	limits := roomy
	limits.BlockRows = 1
	_, err := decode(strings.NewReader(`[[1,2],[1,2],[3]]`), limits)
	if e := mlapi.AsError(err); e == nil || e.Code != "ragged_rows" {
		t.Fatalf("%v, want ragged_rows", err)
	}
}

func TestZeroValuesRefuse(t *testing.T) {
	var d jsonrows.Decoder
	var rows mlapi.Rows
	if more, err := d.Next(&rows); more || mlapi.AsError(err) == nil || mlapi.AsError(err).Kind != mlapi.Internal {
		t.Errorf("the zero Decoder: %v, %v", more, err)
	}
	if _, err := decode(strings.NewReader(`[[1]]`), jsonrows.Limits{}); mlapi.AsError(err) == nil || mlapi.AsError(err).Code != "too_many_rows" {
		t.Errorf("zero Limits: %v", err)
	}
}

func TestErrorsOfTheStreamAreGivenOn(t *testing.T) {
	broken := errors.New("broken")
	for _, body := range []string{``, `[`, `[[`, `[[1`, `[["a`, `[["\`, `[[tr`, `[[1]`, `[[1]]`, `[[1]]//`, `[[1]]// é`, "\xef\xbb", "// \xc3"} {
		r := io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken))
		d := jsonrows.New(r, nil, roomy)
		var rows mlapi.Rows
		if more, err := d.Next(&rows); more || !errors.Is(err, broken) {
			t.Errorf("%q: %v, %v", body, more, err)
		}
		if _, err := d.Next(&rows); !errors.Is(err, broken) {
			t.Errorf("%q, again: %v", body, err)
		}
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestReaderWithoutProgressEnds(t *testing.T) {
	if _, err := decode(stuck{}, roomy); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("%v, want io.ErrNoProgress", err)
	}
}

type liar struct{}

func (liar) Read(p []byte) (int, error) { return len(p) + 1, nil }

func TestReaderThatLies(t *testing.T) {
	if _, err := decode(liar{}, roomy); mlapi.AsError(err) == nil || mlapi.AsError(err).Kind != mlapi.Internal {
		t.Errorf("%v, want an Internal error", err)
	}
}

func TestResetForgets(t *testing.T) {
	d := jsonrows.New(strings.NewReader(`[[1,2],[3`), nil, roomy)
	var rows mlapi.Rows
	if _, err := d.Next(&rows); err == nil {
		t.Fatal("accepted")
	}
	d.Reset(strings.NewReader(`[["a"]]`), nil, roomy)
	if more, err := d.Next(&rows); more || err != nil || rows.Len() != 1 || rows.Width() != 1 || rows.Number(0) != 0 {
		t.Errorf("after Reset: %v, %v, %d rows of %d", more, err, rows.Len(), rows.Width())
	}
}

// allocations returns how often memory is allocated while body is decoded by a decoder
// that has seen it before.
func allocations(t *testing.T, body string, names *jsonrows.Names) float64 {
	t.Helper()
	limits := roomy
	limits.BlockRows = 64
	r := strings.NewReader(body)
	d := jsonrows.New(r, names, limits)
	var rows mlapi.Rows
	all := func() {
		r.Reset(body)
		d.Reset(r, names, limits)
		for more := true; more; {
			var err error
			if more, err = d.Next(&rows); err != nil {
				t.Fatal(err)
			}
		}
	}
	all()
	return testing.AllocsPerRun(20, all)
}

func TestNoAllocationPerRowOrCell(t *testing.T) {
	row := `["tcp",1,-2.5,"caf\u00e9",0.1234567890123456789012345678901234567890,3.141592653589793,true,null,NaN,1e-7],` + "\n"
	body := "[" + strings.Repeat(row, 500) + strings.TrimSuffix(row, ",\n") + "]"
	if n := allocations(t, body, nil); n > 0 {
		t.Errorf("%v allocations for 501 rows, want none", n)
	}
}

func TestBufferGrowsForALongTextOnly(t *testing.T) {
	limits := roomy
	limits.Text = 1 << 20
	long := strings.Repeat("é", 1<<18)
	d := jsonrows.New(iotest.HalfReader(strings.NewReader(`[["`+long+`"]]`)), nil, limits)
	before := d.Size()
	var rows mlapi.Rows
	if _, err := d.Next(&rows); err != nil {
		t.Fatal(err)
	}
	if string(rows.Text(rows.Cell(0, 0))) != long {
		t.Error("the text is not what was sent")
	}
	if d.Size() <= before || d.Size() > 4<<20 {
		t.Errorf("the buffer takes %d bytes, from %d", d.Size(), before)
	}
	d.Reset(strings.NewReader("["+strings.Repeat("[1],", 900)+strings.Repeat(" ", 10<<20)+"[1]]"), nil, limits)
	grown := d.Size()
	for more := true; more; {
		var err error
		if more, err = d.Next(&rows); err != nil {
			t.Fatal(err)
		}
	}
	if d.Size() != grown {
		t.Errorf("10 MiB of white space made the buffer grow from %d to %d", grown, d.Size())
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, bm := range []struct{ name, row string }{
		{"8 mixed, by name", `{"protocol":"tcp","service":"http","state":"SF","bytes":215,"packets":45076,"x":0,"y":1,"z":0.05}`},
		{"8 mixed, by name in another order", `{"service":"http","protocol":"tcp","state":"SF","bytes":215,"packets":45076,"x":0,"y":1,"z":0.05}`},
		{"41 numbers", "[" + strings.Repeat("0.25,", 40) + "1]"},
		{"41 long numbers", "[" + strings.Repeat("0.12345678901234567,", 40) + "1]"},
		{"8 mixed", `["tcp","http","SF",215,45076,0,1,0.05]`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			body := "[" + strings.Repeat(bm.row+",", 999) + bm.row + "]"
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			r := strings.NewReader(body)
			limits := jsonrows.Limits{Rows: 1000, Columns: 100, Text: 100, BlockRows: 1024, BlockBytes: 1 << 20}
			names := namesOf("protocol", "service", "state", "bytes", "packets", "x", "y", "z")
			d := jsonrows.New(r, names, limits)
			var rows mlapi.Rows
			for b.Loop() {
				r.Reset(body)
				d.Reset(r, names, limits)
				if _, err := d.Next(&rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func Example() {
	d := jsonrows.New(strings.NewReader(`[["TCP", 3], [0, NaN]] // two rows`),
		nil, jsonrows.Limits{Rows: 10, Columns: 10, Text: 100, BlockRows: 10, BlockBytes: 1000})
	var rows mlapi.Rows
	more, err := d.Next(&rows)
	fmt.Println(rows.Len(), rows.Width(), more, err)
	// Output: 2 2 false <nil>
}
