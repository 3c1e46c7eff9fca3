package preprocess_test

import (
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi"
	"example.com/mlapi/preprocess"
)

// template has the shape of the encodings that the template's users have.
const template = `column,name,category,encoding
0,protocol,TCP,0
0,protocol,UDP,1
0,protocol,OTHER,2
1,state,REJ,0
1,state,RSTR,1
1,state,SF,2
1,state,S0,3
1,state,OTHER,4
`

func read(t testing.TB, text string) *preprocess.Encodings {
	t.Helper()
	enc, err := preprocess.ReadEncodings(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

func categorical(t testing.TB, text, unknown string) *preprocess.Categorical {
	t.Helper()
	part, err := preprocess.NewCategorical(read(t, text), nil, unknown)
	if err != nil {
		t.Fatal(err)
	}
	return part
}

// describe returns the features that a model of so many features gets by text.
func describe(t *testing.T, text string, features int) []mlapi.Feature {
	t.Helper()
	given := make([]mlapi.Feature, features)
	for j := range given {
		given[j].Name = "x"
	}
	return categorical(t, text, "").Describe(given)
}

func TestReadEncodings(t *testing.T) {
	protocol := []mlapi.Feature{{Name: "protocol", Type: mlapi.CategoryFeature, Categories: []string{"TCP", "UDP"}}, {Name: "x"}}
	for name, c := range map[string]struct {
		text string
		want []mlapi.Feature
	}{
		"template's": {template, []mlapi.Feature{
			{Name: "protocol", Type: mlapi.CategoryFeature, Categories: []string{"TCP", "UDP", "OTHER"}},
			{Name: "state", Type: mlapi.CategoryFeature, Categories: []string{"REJ", "RSTR", "SF", "S0", "OTHER"}},
		}},
		"plain":                 {"column,name,category,encoding\n0,protocol,TCP,0\n0,protocol,UDP,1\n", protocol},
		"no last line end":      {"column,name,category,encoding\n0,protocol,TCP,0\n0,protocol,UDP,1", protocol},
		"any order":             {"encoding,category,name,column\n0,TCP,protocol,0\n1,UDP,protocol,0\n", protocol},
		"other columns":         {"id,column,note,name,category,encoding\n7,0,,protocol,TCP,0\n8,0,\"a, b\",protocol,UDP,1\n", protocol},
		"CRLF":                  {"column,name,category,encoding\r\n0,protocol,TCP,0\r\n0,protocol,UDP,1\r\n", protocol},
		"byte order mark":       {"\ufeffcolumn,name,category,encoding\n0,protocol,TCP,0\n0,protocol,UDP,1\n", protocol},
		"quotes":                {"\"column\",\"name\",\"category\",\"encoding\"\n\"0\",\"protocol\",\"TCP\",\"0\"\n0,protocol,UDP,1\n", protocol},
		"empty lines":           {"column,name,category,encoding\n\n0,protocol,TCP,0\n\n0,protocol,UDP,1\n\n", protocol},
		"by number":             {"column,name,category,encoding\n0,protocol,UDP,1\n0,protocol,TCP,-0.5e0\n", protocol},
		"spaces around numbers": {"column,name,category,encoding\n 0 ,protocol,TCP, 0 \n0,protocol,UDP,1\n", protocol},
		"last duplicate":        {"column,name,category,encoding\n0,a,udp,0\n0,protocol,TCP,0.5\n0,,UDP,1\n", protocol},
		"no names": {"column,category,encoding\n1,a,0\n", []mlapi.Feature{{Name: "x"},
			{Name: "x", Type: mlapi.CategoryFeature, Categories: []string{"a"}}}},
		"odd categories": {"column,category,encoding\n0,\"a, \"\"b\"\"\",0\n0,\" a\nb \",1\n0,,2\n0,\u00df,3\n", []mlapi.Feature{
			{Name: "x", Type: mlapi.CategoryFeature, Categories: []string{`a, "b"`, " a\nb ", "", "\u00df"}}}},
		"equal numbers": {"column,category,encoding\n0,c,1\n0,b,0\n0,a,1\n", []mlapi.Feature{
			{Name: "x", Type: mlapi.CategoryFeature, Categories: []string{"b", "c", "a"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, describe(t, c.text, len(c.want))); diff != "" {
				t.Errorf("features (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadEncodingsRefuses(t *testing.T) {
	const header = "column,name,category,encoding\n"
	for name, c := range map[string]struct {
		text         string
		line, column int
		want, hint   string
	}{
		"nothing":         {"", 0, 0, "the file is empty", "column,name,category,encoding"},
		"header only":     {header, 1, 0, "no encodings", "a line per category"},
		"no header":       {"0,protocol,TCP,0\n", 1, 0, `no "column" (it has "0", "protocol", "TCP", "0")`, "first line is the header"},
		"no category":     {"column,encoding\n0,0\n", 1, 0, `no "category"`, "header"},
		"no encoding":     {"column,category\n0,0\n", 1, 0, `no "encoding"`, "header"},
		"other case":      {"Column,category,encoding\n0,a,0\n", 1, 0, `no "column"`, "header"},
		"semicolons":      {"column;category;encoding\n0;a;0\n", 1, 0, `no "column" (it has "column;category;encoding")`, "header"},
		"many columns":    {"a,b,c,d,e,f,g,h,i,j,k\n", 1, 0, `"h", 3 more)`, "header"},
		"twice":           {"column,category,category,encoding\n0,a,b,0\n", 1, 0, `"category" twice`, "header"},
		"name twice":      {"name,column,category,encoding,name\n", 1, 0, `"name" twice`, "header"},
		"short line":      {header + "0,protocol,TCP,0\n0,protocol,UDP\n", 3, 0, "not as many fields", "quotes"},
		"long line":       {header + "0,protocol,TCP,UDP,0\n", 2, 0, "not as many fields", "quotes"},
		"column a word":   {header + "protocol,0,TCP,0\n", 2, 1, `"protocol" is not a valid column`, "from 0"},
		"column negative": {header + "-1,protocol,TCP,0\n", 2, 1, `"-1" is not a valid column`, "from 0"},
		"column a float":  {header + "0.5,protocol,TCP,0\n", 2, 1, `"0.5" is not a valid column`, "from 0"},
		"column huge":     {header + "65536,protocol,TCP,0\n", 2, 1, `"65536" is not a valid column`, "to 65535"},
		"column too huge": {header + "99999999999999999999,protocol,TCP,0\n", 2, 1, "not a valid column", "from 0"},
		"no number":       {header + "0,protocol,TCP,zero\n", 2, 16, `"zero" is not a valid encoding`, "finite"},
		"empty number":    {header + "0,protocol,TCP,\n", 2, 16, `"" is not a valid encoding`, "finite"},
		"not a number":    {header + "0,protocol,TCP,NaN\n", 2, 16, `"NaN" is not a valid encoding`, "finite"},
		"infinite":        {header + "0,protocol,TCP,-inf\n", 2, 16, `"-inf" is not a valid encoding`, "finite"},
		"out of range":    {header + "0,protocol,TCP,1e999\n", 2, 16, `"1e999" is not a valid encoding`, "finite"},
		"hexadecimal":     {header + "0,protocol,TCP,0x10\n", 2, 16, `"0x10" is not a valid encoding`, "finite"},
		"underscore":      {header + "0,protocol,TCP,1_0\n", 2, 16, `"1_0" is not a valid encoding`, "finite"},
		"escaped":         {header + "0,protocol,TCP,\"\x1b[31m\"\n", 2, 16, `"\x1b[31m" is not a valid encoding`, "finite"},
		"bare quote":      {header + "0,protocol,5\" pipe,0\n", 2, 13, "quotes are wrong", `"5"" pipe"`},
		"open quote":      {header + "0,protocol,\"TCP,0\n0,protocol,UDP,1\n", 2, 0, "quotes are wrong", "double"},
		"open header":     {"column,\"name", 1, 13, "quotes are wrong", "double"},
		"latin-1":         {header + "0,protocol,TCP,0\n0,protocol,stra\xdfe,1\n", 3, 0, "not UTF-8", "UTF-8"},
		"UTF-16":          {"\xff\xfec\x00o\x00", 1, 0, "not UTF-8", "UTF-8"},
		"large":           {header + strings.Repeat("0,protocol,TCP,0\n", 1<<20), 0, 0, "larger than 16 MiB", "is this the encoding CSV?"},
	} {
		t.Run(name, func(t *testing.T) {
			enc, err := preprocess.ReadEncodings(strings.NewReader(c.text))
			var e *preprocess.EncodingError
			if enc != nil || !errors.As(err, &e) {
				t.Fatalf("got %v and the error %v (%T), want an *EncodingError", enc, err, err)
			}
			if e.Line != c.line || e.Column != c.column {
				t.Errorf("at line %d, column %d, want %d, %d: %v", e.Line, e.Column, c.line, c.column, err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want it to say %q", err, c.want)
			}
			if !strings.Contains(e.Hint(), c.hint) {
				t.Errorf("hint %q, want it to say %q", e.Hint(), c.hint)
			}
			if strings.ContainsAny(err.Error()+e.Hint(), "\x1b\r\n") {
				t.Errorf("raw control characters in %q", err)
			}
		})
	}
}

func TestEncodingErrorPlace(t *testing.T) {
	for _, c := range []struct {
		e    preprocess.EncodingError
		want string
	}{
		{preprocess.EncodingError{Line: 3, Column: 5, Text: "no"}, "line 3, column 5: no"},
		{preprocess.EncodingError{Line: 3, Text: "no"}, "line 3: no"},
		{preprocess.EncodingError{Text: "no"}, "no"},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("Error() = %q, want %q", got, c.want)
		}
	}
}

func TestReadEncodingsFromAnyReader(t *testing.T) {
	enc, err := preprocess.ReadEncodings(iotest.OneByteReader(strings.NewReader(template)))
	if err != nil || enc.Check(numbers(2)) != nil {
		t.Errorf("byte by byte: %v", err)
	}
	if _, err := preprocess.ReadEncodings(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want the reader's", err)
	}
}

// TestReadEncodingsManyDuplicates has a file that repeats a long table: reading must
// not take the square of its length.
func TestReadEncodingsManyDuplicates(t *testing.T) {
	var b strings.Builder
	b.WriteString("column,category,encoding\n")
	for n := range 200_000 {
		b.WriteString("0,")
		for v := n % 100_000; ; v /= 26 {
			b.WriteByte(byte('a' + v%26))
			if v < 26 {
				break
			}
		}
		b.WriteString(",1\n")
	}
	if got := len(describe(t, b.String(), 1)[0].Categories); got != 100_000 {
		t.Errorf("%d categories, want 100000", got)
	}
}

// numbers returns features that take numbers.
func numbers(n int) []mlapi.Feature { return make([]mlapi.Feature, n) }

func TestCheck(t *testing.T) {
	enc := read(t, template)
	for features, want := range map[int]string{
		0: "takes 0 features", 1: "encodings for column 1, but the model takes 1 features", 2: "", 3: "",
	} {
		err := enc.Check(numbers(features))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Check(%d) = %v, want %q", features, err, want)
		}
	}
	if err := new(preprocess.Encodings).Check(nil); err != nil {
		t.Errorf("no encodings: %v", err)
	}
	features := numbers(3)
	features[2].Type = mlapi.TextFeature
	if err := enc.Check(features); err != nil {
		t.Errorf("a text beside the encodings: %v", err)
	}
	features[1].Type = mlapi.TextFeature
	if err := enc.Check(features); err == nil || !strings.Contains(err.Error(), `encodings for column 1 ("state"), where the model takes texts`) {
		t.Errorf("encodings of a text: %v", err)
	}
}

// FuzzEncodings reads anything without harm; what it accepts it must take again
// from rows, in any case, as the number that the table says.
func TestEncodingsWarnOfOneCategoryWithTwoNumbers(t *testing.T) {
	const text = "column,category,encoding\n0,tcp,0\n0,TCP,2\n0,udp,1\n0,UDP,1\n1,tcp,7\n"
	e, err := preprocess.ReadEncodings(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Warnings(); len(got) != 1 || !strings.Contains(got[0], `"tcp" as 0 and then "TCP" as 2`) {
		t.Errorf("warnings %q, want one of tcp", got)
	}
}

func FuzzEncodings(f *testing.F) {
	for _, seed := range []string{
		template, "\ufeff" + template, strings.ReplaceAll(template, "\n", "\r\n"),
		"column,category,encoding\n0,\"a, \"\"b\"\"\",0.5\n65535,STRA\u00dfE,-1e300\n",
		"column,category,encoding\n0,1,2\n0,2,1\n0, 1 ,0\n", "encoding,column,category\n1,0,\n",
		"column,category,encoding\n0,\"x\n", "column,category,encoding\n0,\xff,1\n", "\xff\xfe", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		enc, err := preprocess.ReadEncodings(strings.NewReader(string(text)))
		if err != nil {
			var e *preprocess.EncodingError
			if !errors.As(err, &e) || e.Text == "" || e.Todo == "" {
				t.Fatalf("an error without text or hint: %#v", err)
			}
			return
		}
		part, err := preprocess.NewCategorical(enc, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		const features = 8
		if enc.Check(numbers(features)) != nil {
			return
		}
		for j, feature := range part.Describe(make([]mlapi.Feature, features)) {
			last := math.Inf(-1)
			for _, name := range feature.Categories {
				v := takes(t, part, features, j, name)
				if v < last || math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("category %q of column %d is %v, after %v", name, j, v, last)
				}
				last = v
			}
			if feature.Type != mlapi.CategoryFeature && feature.Categories != nil {
				t.Errorf("column %d has categories but is no category", j)
			}
		}
	})
}

// takes returns the number that part makes of text in column j of a row of zeros.
func takes(t *testing.T, part mlapi.Preprocessor, width, j int, text string) float64 {
	t.Helper()
	var rows mlapi.Rows
	for k := range width {
		if k == j {
			rows.AppendText([]byte(text))
		} else {
			rows.AppendNumber(0)
		}
	}
	if err := rows.EndRow(); err != nil {
		t.Fatal(err)
	}
	var m mlapi.Matrix
	if err := part.Preprocess(t.Context(), &m, &rows); err != nil {
		t.Fatalf("category %q of column %d: %v", text, j, err)
	}
	if slices.Contains(m.Row(0), math.Inf(1)) {
		t.Fatal("infinity")
	}
	return m.Row(0)[j]
}
