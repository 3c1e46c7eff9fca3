package jsonrows_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

// namesOf returns the names of number features.
func namesOf(names ...string) *jsonrows.Names {
	features := make([]mlapi.Feature, len(names))
	for i, name := range names {
		features[i].Name = name
	}
	return jsonrows.NewNames(features)
}

func TestRowsByName(t *testing.T) {
	people := namesOf("age", "sex", "né \"x\"\\")
	for _, tt := range []struct{ name, body, want string }{
		{"lists", `[[3,"male",1]]`, "3 \"male\" 1\n"},
		{"objects", `[{"age":3,"sex":"male","né \"x\"\\":1},{"age":4,"sex":null,"né \"x\"\\":true}]`, "3 \"male\" 1\n4 null true\n"},
		{"another order", `[{"sex":"male","né \"x\"\\":1,"age":3},{"sex":"female","né \"x\"\\":2,"age":4}]`, "3 \"male\" 1\n4 \"female\" 2\n"},
		{"an order each", `[{"sex":"a","age":1,"né \"x\"\\":2},{"age":3,"sex":"b","né \"x\"\\":4},{"né \"x\"\\":6,"sex":"c","age":5},{"age":7,"né \"x\"\\":8,"sex":"d"}]`,
			"1 \"a\" 2\n3 \"b\" 4\n5 \"c\" 6\n7 \"d\" 8\n"},
		{"escaped names", `[{"\u0061ge":1,"s\u0065x":2,"n\u00e9 \u0022x\u0022\u005c":3}]`, "1 2 3\n"},
		{"white space and comments", " [ { \"age\" : 1 , // years\n \"sex\"\t:2,\"né \\\"x\\\"\\\\\":\n3 } ] ", "1 2 3\n"},
		{"table", `{"columns":["age","sex","né \"x\"\\"],"data":[[1,2,3],[4,5,6]]}`, "1 2 3\n4 5 6\n"},
		{"table in another order", `{"columns":["né \"x\"\\","age","sex"],"data":[[3,1,2],[6,4,"five"]]}`, "1 2 3\n4 \"five\" 6\n"},
		{"as pandas splits", `{"columns":["sex","age","né \"x\"\\"],"index":[0,"b",[1,{"c":null,"d":[true,false,NaN,1e300]}],{}, []],"data":[["m",1,2]]}`, "1 \"m\" 2\n"},
		{"index first", `{"index":[0],"columns":["age","sex","né \"x\"\\"],"data":[[1,2,3]]}`, "1 2 3\n"},
		{"index last", `{"columns":["age","sex","né \"x\"\\"],"data":[[1,2,3]],"index":["a"]}`, "1 2 3\n"},
		{"table with white space", " { \"columns\" : [ \"age\" , \"sex\" , \"né \\\"x\\\"\\\\\" ] , // c\n \"data\" : [ [ 1 , 2 , 3 ] ] , \"index\" : null } // end", "1 2 3\n"},
		{"escaped members", `{"\u0063olumns":["age","sex","né \"x\"\\"],"d\u0061ta":[[1,2,3]]}`, "1 2 3\n"},
		{"mark", "\xef\xbb\xbf" + `{"columns":["age","sex","né \"x\"\\"],"data":[[1,2,3]]}`, "1 2 3\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range readers(tt.body) {
				got, err := decodeNamed(r, people, roomy)
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

func TestRowsByNameRefused(t *testing.T) {
	const unknown = -1
	ab := namesOf("a", "b")
	many := namesOf("a", "b", "c", "d", "e", "f", "<g>")
	for _, tt := range []struct {
		name        string
		names       *jsonrows.Names
		body, code  string
		row, column int
		detail      string
	}{
		{"unknown", ab, `[{"a":1,"b":2},{"a":1,"<c>\n":2}]`, "unknown_feature", 1, unknown, `Row 1: the model has no feature "<c>\n".`},
		{"unknown first", ab, `[{"c":1}]`, "unknown_feature", 0, unknown, `no feature "c"`},
		{"one more", ab, `[{"a":1,"b":2,"c":3}]`, "unknown_feature", 0, unknown, `no feature "c"`},
		{"other case", ab, `[{"A":1,"b":2}]`, "unknown_feature", 0, unknown, `no feature "A"`},
		{"beginning of a name", namesOf("ab", "c"), `[{"a":1,"c":2}]`, "unknown_feature", 0, unknown, `no feature "a"`},
		{"a name and more", ab, `[{"ab":1,"b":2}]`, "unknown_feature", 0, unknown, `no feature "ab"`},
		{"twice", ab, `[{"a":1,"a":2}]`, "repeated_feature", 0, 0, `Row 0 has the feature "a" twice.`},
		{"twice and all there", ab, `[{"a":1,"b":2},{"a":1,"b":2,"a":3}]`, "repeated_feature", 1, 0, `Row 1 has the feature "a" twice.`},
		{"twice, escaped", ab, `[{"b":1,"\u0062":2}]`, "repeated_feature", 0, 1, `"b" twice`},
		{"missing", ab, `[{"a":1,"b":2},{"a":1}]`, "missing_feature", 1, 1, `Row 1 lacks the feature "b"; a missing value is sent as null.`},
		{"the first missing", ab, `[{"b":1}]`, "missing_feature", 0, 0, `lacks the feature "a";`},
		{"all missing", many, `[{}]`, "missing_feature", 0, 0, `lacks the feature "a", "b", "c", "d", "e" and 2 more;`},
		{"a bad cell, out of order", ab, `[{"b":[1],"a":1}]`, "nested_value", 0, 1, "Row 0, column 1: the value is a list"},
		{"syntax in a cell", ab, `[{"b":x}]`, "not_json", 0, 1, `(row 0, column 1), "x" stands where`},
		{"no colon", ab, `[{"a" 1}]`, "not_json", 0, unknown, "where a colon was expected"},
		{"no name", ab, `[{1:1}]`, "not_json", 0, unknown, "where the name of a feature was expected"},
		{"bare name", ab, `[{a:1}]`, "not_json", 0, unknown, "where the name of a feature was expected"},
		{"comma at the end", ab, `[{"a":1,"b":2,}]`, "not_json", 0, unknown, "where the name of a feature was expected"},
		{"no comma", ab, `[{"a":1 "b":2}]`, "not_json", 0, unknown, "a comma or the closing brace of the row"},
		{"wrong bracket", ab, `[{"a":1,"b":2]]`, "not_json", 0, unknown, "a comma or the closing brace of the row"},
		{"raw quote in a name", namesOf(`a":1,"b`), `[{"a":1,"b":2}]`, "unknown_feature", 0, unknown, `no feature "a"`},
		{"raw control character in a name", namesOf("a\nb"), "[{\"a\nb\":1}]", "not_json", 0, unknown, "a raw control character"},
		{"backslash in a name", namesOf(`a\n`), `[{"a\n":1}]`, "unknown_feature", 0, unknown, `no feature "a\n"`},
		{"invalid UTF-8 in a name", namesOf("\xff"), "[{\"\xff\":1}]", "not_json", 0, unknown, "not valid UTF-8"},
		{"long name", ab, `[{"` + strings.Repeat("a", 1001) + `":1}]`, "text_too_long", 0, unknown, "Row 0: the text is longer"},
		{"cut in a name", ab, `[{"a`, "not_json", 0, unknown, "ends too early"},
		{"cut after a name", ab, `[{"a"`, "not_json", 0, unknown, "ends too early"},
		{"cut after a colon", ab, `[{"a":`, "not_json", 0, 0, "ends too early"},
		{"cut after a value", ab, `[{"a":1`, "not_json", 0, 0, "ends too early"},
		{"cut after a comma", ab, `[{"a":1,`, "not_json", 0, unknown, "ends too early"},
		{"cut in a row", ab, `[{`, "not_json", 0, unknown, "ends too early"},
		{"a list among objects", ab, `[{"a":1,"b":2},[1,2]]`, "not_a_list_of_lists", 1, unknown, "Row 1: the row is a list; the rows before it are objects."},
		{"an object among lists", ab, `[[1,2],{"a":1,"b":2}]`, "not_a_list_of_lists", 1, unknown, "Row 1: the row is an object; the rows before it are lists."},
		{"a number among lists", ab, `[7]`, "not_a_list_of_lists", 0, unknown, "Row 0: the row is a number; each row must be a list of values, such as [[\"some text\"]], or each an object: a single row stands in [ ] too."},
		{"too many rows", ab, `[` + strings.Repeat(`{"a":1,"b":2},`, 1000) + `{"a":1,"b":2}]`, "too_many_rows", unknown, unknown, "more rows"},

		{"no names", nil, `[{"a":1}]`, "not_a_list_of_lists", unknown, unknown, "the rows must be lists"},
		{"no names, a table", nil, `{"columns":["a"],"data":[[1]]}`, "not_a_list_of_lists", unknown, unknown, "the rows must be lists"},
		{"no features", namesOf(), `[{"a":1}]`, "not_a_list_of_lists", unknown, unknown, "the rows must be lists"},
		{"two features of a name", namesOf("a", "b", "a"), `[{"a":1,"b":2}]`, "ambiguous_feature", unknown, unknown, `two features of the name "a"`},
		{"two features of a name, a table", namesOf("a", "a"), `{"columns":["a"],"data":[[1]]}`, "ambiguous_feature", unknown, unknown, `two features of the name "a"`},
		{"two features of no name", namesOf("", ""), `[{"":1}]`, "ambiguous_feature", unknown, unknown, `two features of the name ""`},

		{"another object", ab, `{"instances":[[1,2]]}`, "not_a_list_of_lists", unknown, unknown, `it begins with an object with the member "instances": put it in [ ] if it is a row.`},
		{"empty object", ab, `{}`, "not_a_list_of_lists", unknown, unknown, `it begins with an empty object.`},
		{"unknown member", ab, `{"columns":["a","b"],"dtypes":[],"data":[[1,2]]}`, "not_a_table", unknown, unknown, `the unknown member "dtypes"`},
		{"unknown member behind", ab, `{"columns":["a","b"],"data":[[1,2]],"x":1}`, "not_a_table", unknown, unknown, `the unknown member "x"`},
		{"columns twice", ab, `{"columns":["a","b"],"columns":["a","b"],"data":[[1,2]]}`, "not_a_table", unknown, unknown, `"columns" twice`},
		{"columns twice, behind", ab, `{"columns":["a","b"],"data":[[1,2]],"columns":["a","b"]}`, "not_a_table", unknown, unknown, `"columns" twice`},
		{"data twice", ab, `{"columns":["a","b"],"data":[[1,2]],"data":[[1,2]]}`, "not_a_table", unknown, unknown, `"data" twice`},
		{"index twice", ab, `{"index":[],"index":[],"columns":["a","b"],"data":[[1,2]]}`, "not_a_table", unknown, unknown, `"index" twice`},
		{"data first", ab, `{"data":[[1,2]],"columns":["a","b"]}`, "not_a_table", unknown, unknown, `"columns" must stand before "data"`},
		{"no data", ab, `{"columns":["a","b"]}`, "not_a_table", unknown, unknown, `without the member "data"`},
		{"no columns", ab, `{"index":[0]}`, "not_a_table", unknown, unknown, `without the member "data"`},
		{"columns are none", ab, `{"columns":null,"data":[[1,2]]}`, "not_a_table", unknown, unknown, `"columns" is null`},
		{"columns are numbers", ab, `{"columns":[0,1],"data":[[1,2]]}`, "not_a_table", unknown, unknown, `The name of column 0 is a number`},
		{"columns of columns", ab, `{"columns":["a",["b"]],"data":[[1,2]]}`, "not_a_table", unknown, unknown, `The name of column 1 is a list`},
		{"columns, comma at the end", ab, `{"columns":["a","b",],"data":[[1,2]]}`, "not_json", unknown, unknown, "a JSON value was expected"},
		{"columns, no comma", ab, `{"columns":["a" "b"],"data":[[1,2]]}`, "not_json", unknown, unknown, "a comma or the closing bracket of the columns"},
		{"columns lack one", ab, `{"columns":["b"],"data":[[1]]}`, "missing_feature", unknown, unknown, `The columns lack the feature "a".`},
		{"columns have another", ab, `{"columns":["b","\u0001"],"data":[[1,2]]}`, "unknown_feature", unknown, unknown, `The columns have "\x01",`},
		{"columns have one twice", ab, `{"columns":["b","a","b"],"data":[[1,2,3]]}`, "repeated_feature", unknown, unknown, `The columns have the feature "b" twice.`},
		{"data are none", ab, `{"columns":["a","b"],"data":{"a":1}}`, "not_a_table", unknown, unknown, `"data" is an object`},
		{"data are empty", ab, `{"columns":["a","b"],"data":[]}`, "empty", unknown, unknown, "no rows"},
		{"data are empty and cut", ab, `{"columns":["a","b"],"data":[]`, "not_json", unknown, unknown, "ends too early"},
		{"objects in a table", ab, `{"columns":["a","b"],"data":[{"a":1,"b":2}]}`, "not_a_list_of_lists", 0, unknown, "Row 0: the row is an object; each row of a table must be a list of values."},
		{"too few values", ab, `{"columns":["a","b"],"data":[[1]]}`, "ragged_rows", 0, unknown, "Row 0 has 1 values, and there are 2 columns."},
		{"too many values", ab, `{"columns":["b","a"],"data":[[1,2],[1,2,3]]}`, "ragged_rows", 1, unknown, "Row 1 has 3 values, and there are 2 columns."},
		{"no values", ab, `{"columns":["b","a"],"data":[[]]}`, "ragged_rows", 0, unknown, "Row 0 has 0 values"},
		{"a bad cell in another order", ab, `{"columns":["b","a"],"data":[[1,2],[{},2]]}`, "nested_value", 1, 1, "Row 1, column 1"},
		{"syntax in another order", ab, `{"columns":["b","a"],"data":[[1,x]]}`, "not_json", 0, 0, `(row 0, column 0), "x" stands`},
		{"a bad cell beyond the columns", ab, `{"columns":["b","a"],"data":[[1,2,{}]]}`, "nested_value", 0, 2, "Row 0, column 2"},
		{"table cut", ab, `{"columns":["a","b"],"data":[[1,2]]`, "not_json", unknown, unknown, "ends too early"},
		{"table cut at its beginning", ab, `{`, "not_json", unknown, unknown, "ends too early"},
		{"comma at the table's end", ab, `{"columns":["a","b"],"data":[[1,2]],}`, "not_json", unknown, unknown, "the name of a member"},
		{"comma before the data", ab, `{"columns":["a","b"],}`, "not_json", unknown, unknown, "the name of a member"},
		{"wrong end", ab, `{"columns":["a","b"],"data":[[1,2]]]`, "not_json", unknown, unknown, "the closing brace of the body"},
		{"something behind", ab, `{"columns":["a","b"],"data":[[1,2]]}{}`, "not_json", unknown, unknown, "the end of the body"},
		{"index, comma at the end", ab, `{"index":[1,]}`, "not_json", unknown, unknown, "a JSON value"},
		{"index, comma at an object's end", ab, `{"index":{"a":1,}}`, "not_json", unknown, unknown, "the name of a member"},
		{"index, no name", ab, `{"index":{1:1}}`, "not_json", unknown, unknown, "the name of a member"},
		{"index, no colon", ab, `{"index":{"a"}}`, "not_json", unknown, unknown, "a colon"},
		{"index, wrong bracket", ab, `{"index":[1}}`, "not_json", unknown, unknown, "the end of a list or an object"},
		{"index of nothing", ab, `{"index":}`, "not_json", unknown, unknown, "a JSON value"},
		{"index, nested", ab, `{"index":` + strings.Repeat("[", 17), "not_a_table", unknown, unknown, "nested too deeply"},
		{"index, a number too large", ab, `{"index":[1e400]}`, "number_out_of_range", unknown, unknown, "At byte 10: the number"},
		{"index, a long text", ab, `{"index":["` + strings.Repeat("a", 1001), "text_too_long", unknown, unknown, "At byte 10: the text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range readers(tt.body) {
				_, err := decodeNamed(r, tt.names, roomy)
				var e *mlapi.Error
				if !errors.As(err, &e) || e.Code != tt.code {
					t.Fatalf("%s: %v, want %s", name, err, tt.code)
				}
				row, column := unknown, unknown
				if r, ok := e.Row(); ok {
					row = r
				}
				if c, ok := e.Column(); ok {
					column = c
				}
				detail := tt.detail
				if name == "longer than a buffer" && strings.HasPrefix(detail, "At byte") {
					_, detail, _ = strings.Cut(detail, ":")
				}
				if row != tt.row || column != tt.column || !strings.Contains(e.Detail, detail) {
					t.Errorf("%s: %v\n at row %d, column %d; want %q at %d, %d", name, err, row, column, detail, tt.row, tt.column)
				}
			}
		})
	}
}

// TestWordsOutsideOfRows has the words of JSON where a table's index is passed
// over: they are checked, and mean nothing.
func TestWordsOutsideOfRows(t *testing.T) {
	for _, word := range []string{"true", "false", "null", "NaN", "-Infinity", "-1.5e3", `"\u00e9"`, "[]", "{}", strings.Repeat("[", 16) + strings.Repeat("]", 16)} {
		body := `{"index":` + word + `,"columns":["a"],"data":[[1]]}`
		if got, err := decodeNamed(strings.NewReader(body), namesOf("a"), roomy); err != nil || got != "1\n" {
			t.Errorf("%s: %q, %v", word, got, err)
		}
	}
	for _, word := range []string{"True", "tru", "nul", "01", "+1", ".5", `"\x"`, "[[]"} {
		body := `{"index":` + word + `,"columns":["a"],"data":[[1]]}`
		if _, err := decodeNamed(strings.NewReader(body), namesOf("a"), roomy); mlapi.AsError(err) == nil || mlapi.AsError(err).Code != "not_json" {
			t.Errorf("%s: %v, want not_json", word, err)
		}
	}
}

func TestErrorsOfTheStreamAmongNames(t *testing.T) {
	broken := errors.New("broken")
	for _, full := range []string{
		`{"index":[{"a":[1]}],"columns":["b","a"],"data":[[1,2]]}`, `{"columns":["b","a"],"data":[[1,2]],"index":[true,"\n"]}`,
		`[{"a":1,"b":2},{"b":1,"a":2}]`,
	} {
		for n := range len(full) {
			body := full[:n]
			d := jsonrows.New(iotest.DataErrReader(&failing{strings.NewReader(body), broken}), namesOf("a", "b"), roomy)
			var rows mlapi.Rows
			if more, err := d.Next(&rows); more || !errors.Is(err, broken) {
				t.Errorf("%q: %v, %v", body, more, err)
			}
		}
	}
}

// failing reads r and then fails.
type failing struct {
	r   *strings.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.r.Len() == 0 {
		return 0, f.err
	}
	return f.r.Read(p)
}

// TestNamesOfAnotherModel resets a decoder to other features: nothing of those
// before may be left.
func TestNamesOfAnotherModel(t *testing.T) {
	d := jsonrows.New(strings.NewReader(`[{"b":1,"a":2,"c":3}]`), namesOf("a", "b", "c"), roomy)
	var rows mlapi.Rows
	if _, err := d.Next(&rows); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`[{"y":2,"x":1}]`, `{"columns":["y","x"],"data":[[2,1]]}`, `[[1,2]]`, `[{"x":1,"y":2}]`} {
		d.Reset(strings.NewReader(body), namesOf("x", "y"), roomy)
		if more, err := d.Next(&rows); more || err != nil || rows.Width() != 2 {
			t.Fatalf("%s: %v, %v, %d wide", body, more, err, rows.Width())
		}
		for j, want := range []float64{1, 2} {
			if got, err := rows.Float(0, j); got != want || err != nil {
				t.Errorf("%s: column %d is %v, %v", body, j, got, err)
			}
		}
	}
}

func TestNoAllocationByName(t *testing.T) {
	names := namesOf("protocol", "rate", "é", `"q"`)
	for name, body := range map[string]string{
		"objects":       "[" + strings.Repeat(`{"protocol":"tcp","rate":1.5,"é":null,"\"q\"":1},`+"\n", 500) + `{"rate":1,"protocol":"udp","é":1,"\"q\"":2}]`,
		"another order": "[" + strings.Repeat(`{"rate":1,"protocol":"tcp","\"q\"":1,"é":3},`+"\n", 500) + `{"rate":1,"protocol":"udp","é":1,"\"q\"":2}]`,
		"orders in turn": "[" + strings.Repeat(`{"rate":1,"protocol":"tcp","\"q\"":1,"é":3},{"é":3,"rate":1,"protocol":"tcp","\"q\"":1},`, 200) +
			`{"rate":1,"protocol":"udp","é":1,"\"q\"":2}]`,
		"table": `{"columns":["rate","protocol","\"q\"","é"],"index":["a","b"],"data":[` + strings.Repeat(`[1,"tcp",2,3],`, 500) + `[1,"tcp",2,3]]}`,
	} {
		if n := allocations(t, body, names); n > 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

// TestSizeCountsNames keeps a decoder of a wide model out of pools of small ones.
func TestSizeCountsNames(t *testing.T) {
	const features = 100_000
	words := make([]string, features)
	var row strings.Builder
	for i := range words {
		words[i] = strconv.Itoa(i)
		row.WriteString(`,"` + words[i] + `":1`)
	}
	limits := roomy
	limits.Columns = features
	d := jsonrows.New(strings.NewReader("[{"+row.String()[1:]+"}]"), namesOf(words...), limits)
	before := d.Size()
	var rows mlapi.Rows
	if _, err := d.Next(&rows); err != nil || rows.Width() != features {
		t.Fatalf("%d wide, %v", rows.Width(), err)
	}
	if d.Size() < before+16*features {
		t.Errorf("%d bytes, and %d before", d.Size(), before)
	}
}
