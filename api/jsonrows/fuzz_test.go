package jsonrows_test

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

var wide = jsonrows.Limits{Rows: 1 << 20, Columns: 1 << 20, Text: 1 << 20, BlockRows: 2, BlockBytes: 64}

// fuzzed are the features that bodies name.
var fuzzed = []string{"a", "b", "c\"\u00e9\\"}

// member is one of an object's, in order.
type member struct {
	name  string
	value any
}

// tree decodes the next JSON value of valid JSON: a list as []any, an object as
// []member.
func tree(d *json.Decoder) any {
	token, err := d.Token()
	if err != nil {
		return err // such as a number out of range
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			list = append(list, tree(d))
		}
		_, _ = d.Token()
		return list
	case json.Delim('{'):
		object := []member{}
		for d.More() {
			name, _ := d.Token()
			object = append(object, member{name.(string), tree(d)})
		}
		_, _ = d.Token()
		return object
	}
	return token
}

// reference decodes body with encoding/json into rows of the features in their
// order. It tells whether body is rows of one width in one of the three forms that
// hold only texts, numbers, booleans and nulls.
func reference(body []byte) ([][]any, bool) {
	if !json.Valid(body) {
		return nil, false
	}
	switch v := tree(json.NewDecoder(bytes.NewReader(body))).(type) {
	case []any:
		return listed(v, nil)
	case []member:
		return tabled(v)
	}
	return nil, false
}

// tabled decodes {"columns": ..., "data": ...}.
func tabled(members []member) ([][]any, bool) {
	var order []int
	var data []any
	var had []string
	for _, m := range members {
		if slices.Contains(had, m.name) || deep(m.value, 0) {
			return nil, false
		}
		had = append(had, m.name)
		list, isList := m.value.([]any)
		switch m.name {
		case "columns":
			if !isList || len(list) != len(fuzzed) {
				return nil, false
			}
			for _, name := range list {
				text, _ := name.(string)
				feature := slices.Index(fuzzed, text)
				if feature < 0 || slices.Contains(order, feature) {
					return nil, false
				}
				order = append(order, feature)
			}
		case "data":
			if !isList || len(list) == 0 || order == nil {
				return nil, false
			}
			data = list
		case "index":
		default:
			return nil, false
		}
	}
	if data == nil {
		return nil, false
	}
	return listed(data, order)
}

// deep tells whether v is a list of lists of ... beyond what is passed over, or has
// a number that is out of range.
func deep(v any, depth int) bool {
	if depth > 16 {
		return true
	}
	switch v := v.(type) {
	case error:
		return true
	case []any:
		return slices.ContainsFunc(v, func(v any) bool { return deep(v, depth+1) })
	case []member:
		return slices.ContainsFunc(v, func(m member) bool { return deep(m.value, depth+1) })
	}
	return false
}

// listed decodes a list of rows. order has the feature of each value of a table;
// of other bodies it is nil.
func listed(list []any, order []int) ([][]any, bool) {
	var rows [][]any
	for _, v := range list {
		row, isList := v.([]any)
		object, isObject := v.([]member)
		_, objects := list[0].([]member)
		switch {
		case isList && !objects && order == nil:
		case isList && order != nil && len(row) == len(order):
			arranged := make([]any, len(row))
			for k, f := range order {
				arranged[f] = row[k]
			}
			row = arranged
		case isObject && objects && order == nil && len(object) == len(fuzzed):
			row = make([]any, len(fuzzed))
			var had []string
			for _, m := range object {
				f := slices.Index(fuzzed, m.name)
				if f < 0 || slices.Contains(had, m.name) {
					return nil, false
				}
				had, row[f] = append(had, m.name), m.value
			}
		default:
			return nil, false
		}
		if len(row) == 0 || len(rows) > 0 && len(row) != len(rows[0]) || slices.ContainsFunc(row, nested) {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, len(rows) > 0
}

// nested tells whether v is not for a cell.
func nested(v any) bool {
	switch v.(type) {
	case []any, []member, error:
		return true
	}
	return false
}

// beyond tells whether body may hold what encoding/json and this package mean to
// treat differently: the extensions, invalid UTF-8 and lone surrogates.
func beyond(body []byte) bool {
	return bytes.Contains(body, []byte("//")) || bytes.Contains(body, []byte("NaN")) ||
		bytes.Contains(body, []byte("Infinity")) || bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) ||
		!utf8.Valid(body) || bytes.Contains(bytes.ToLower(body), []byte(`\ud`))
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`[[1,2],[3,4]]`, `[["a","\u00e9\n"],[null,true]]`, `[[-0.5e-3]]`, `[]`, `[[]]`, `[[1],[1,2]]`, `{"a":1}`,
		`[[1e400]]`, `[["\ud83d\ude00"]]`, `[[02]]`, `[[1,]]`, "\xef\xbb\xbf[[1]]", "// c\n[[NaN,-Infinity]]", `null`,
		`[null]`, `[["\ud800"]]`, "[[\"\xff\"]]", `[[1.7976931348623159e308]]`, `[[12345678901234567890123]]`,
		`[[2.2250738585072011e-308,9007199254740993,0.1]]`, " [ [ \"a\" ] ] ", `[[1]]x`, `[["\`, "[[1]]//",
		`[[1,2],[3,4],[5,6],`,
		`[{"a":1,"b":2,"c\"\u00e9\\":3},{"b":"x","c\"é\\":null,"a":true}]`, `[{"a":1,"b":2}]`, `[{"a":1,"a":2,"b":3}]`, `[{}]`,
		`{"columns":["b","a","c\"\u00e9\\"],"index":[0,[1,{"x":null}]],"data":[[1,2,3],[4,5,"6"]]}`, `{"columns":["a"],"data":[[1]]}`,
		`{"data":[[1]],"columns":["a"]}`, `[{"a":1,"b":2,"c\"é\\":3},[1,2,3]]`, `{"columns":["a","b","c\"é\\"],"data":[[1,2,3]],"index":{"a":[1e400]}}`,
		`[{"d":1}]`, `{"a":1}`, `{}`, `{"columns":["a","b","c\"é\\"],"data":[[1,2,3],]}`,
	} {
		f.Add([]byte(seed))
	}
	names := namesOf(fuzzed...)
	f.Fuzz(func(t *testing.T, body []byte) {
		var rows, slow mlapi.Rows
		d := jsonrows.New(bytes.NewReader(body), names, wide)
		s := jsonrows.New(iotest.OneByteReader(bytes.NewReader(body)), names, wide)
		want, plain := reference(body)
		for more := true; more; {
			var err error
			more, err = d.Next(&rows)
			slowMore, slowErr := s.Next(&slow)
			if more != slowMore || (err == nil) != (slowErr == nil) || err != nil && err.Error() != slowErr.Error() {
				t.Fatalf("whole: %v, %v; a byte at a time: %v, %v", more, err, slowMore, slowErr)
			}
			if err != nil {
				if plain && !beyond(body) && mlapi.AsError(err).Code != "number_too_long" {
					t.Fatalf("encoding/json accepts what is refused here: %v", err)
				}
				return
			}
			if !more && !plain && !beyond(body) {
				t.Fatal("encoding/json refuses what is accepted here")
			}
			if plain && !beyond(body) {
				compare(t, &rows, want)
			}
		}
		if plain && !beyond(body) && d.Rows() != len(want) {
			t.Fatalf("%d rows, encoding/json finds %d", d.Rows(), len(want))
		}
	})
}

func compare(t *testing.T, rows *mlapi.Rows, want [][]any) {
	for i := range rows.Len() {
		for j, c := range rows.Row(i) {
			same := false
			switch v := want[rows.Number(i)][j].(type) {
			case nil:
				same = c.Kind() == mlapi.NullCell
			case string:
				same = c.Kind() == mlapi.TextCell && string(rows.Text(c)) == v
			case bool:
				got, _ := rows.Float(i, j)
				same = c.Kind() == mlapi.BoolCell && (got == 1) == v
			case float64:
				got, err := rows.Float(i, j)
				same = c.Kind() == mlapi.NumberCell && err == nil && math.Float64bits(got) == math.Float64bits(v)
			}
			if !same {
				t.Fatalf("row %d, column %d is not %v", rows.Number(i), j, want[rows.Number(i)][j])
			}
		}
	}
}

// FuzzNumber compares every number that JSON can spell with strconv, bit for bit.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "1", "0.1", "1e22", "1e23", "123456789012345678", "9007199254740993", "9007199254740992.5",
		"4.9e-324", "2.4703282292062327e-324", "1.7976931348623158e308", "1.797693134862315808e308",
		"0.000000000000000000000000000000000000000000001", "100000000000000000000000000000000000000000000e-44",
		"1.00000000000000011102230246251565404236316680908203125", "1.00000000000000011102230246251565404236316680908203124",
		"1.00000000000000011102230246251565404236316680908203126", "0.500000000000000166533453693773481063544750213623046875",
		"12345678901234567890123456789012345678901234567890e-30", "-7.0000000000000000000000000000000000000001E+5",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !json.Valid([]byte(s)) || strings.ContainsAny(s, " \t\r\n\"[{tfn") || len(s) > 4000 {
			return
		}
		want, rangeErr := strconv.ParseFloat(s, 64)
		d := jsonrows.New(strings.NewReader("[["+s+"]]"), nil, wide)
		var rows mlapi.Rows
		_, err := d.Next(&rows)
		if rangeErr != nil {
			if mlapi.AsError(err) == nil || mlapi.AsError(err).Code != "number_out_of_range" {
				t.Fatalf("%s: %v, want number_out_of_range", s, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if got, _ := rows.Float(0, 0); math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s: %v, strconv gives %v", s, got, want)
		}
	})
}
