package batch

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// records splits text as a splitter does, from reads of the given kind.
func records(t *testing.T, r io.Reader, delimiter byte) (got []string, lines []int) {
	t.Helper()
	s := &splitter{r: r, line: 1, delimiter: delimiter}
	var b block
	for {
		err := s.next(&b)
		if err == io.EOF {
			return got, lines
		}
		if err != nil {
			t.Fatal(err)
		}
		line := b.line
		for data := b.data; len(data) > 0; {
			size, found := csvRecord(data, delimiter, true)
			text := string(data[:size])
			if found == brokenQuote {
				text = "broken:" + text
			}
			got, lines = append(got, text), append(lines, line)
			line += strings.Count(string(data[:size]), "\n")
			data = data[size:]
		}
	}
}

func TestRecords(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		want  []string
		lines []int
	}{
		"plain":             {"a,b\nc\n", []string{"a,b\n", "c\n"}, []int{1, 2}},
		"CRLF":              {"a\r\nb\r\n", []string{"a\r\n", "b\r\n"}, []int{1, 2}},
		"no last line end":  {"a\nb", []string{"a\n", "b"}, []int{1, 2}},
		"nothing":           {"", nil, nil},
		"quoted line end":   {"\"a\nb\",c\nd\n", []string{"\"a\nb\",c\n", "d\n"}, []int{1, 3}},
		"quoted CRLF":       {"\"a\r\nb\"\r\nd\r\n", []string{"\"a\r\nb\"\r\n", "d\r\n"}, []int{1, 3}},
		"second field":      {"c,\"a\n\"\nd\n", []string{"c,\"a\n\"\n", "d\n"}, []int{1, 3}},
		"doubled":           {"\"a\"\"\n\"\"b\"\nd\n", []string{"\"a\"\"\n\"\"b\"\n", "d\n"}, []int{1, 3}},
		"ends quoted":       {"\"a\"", []string{"\"a\""}, []int{1}},
		"ends with CR":      {"\"a\"\r", []string{"\"a\"\r"}, []int{1}},
		"inner quote":       {"5\" pipe,b\nc\n", []string{"5\" pipe,b\n", "c\n"}, []int{1, 2}},
		"never closed":      {"\"a\nb\nc", []string{"broken:\"a\n", "b\n", "c"}, []int{1, 2, 3}},
		"closed in a word":  {"\"a\nb\"c\nd\n", []string{"broken:\"a\n", "b\"c\n", "d\n"}, []int{1, 2, 3}},
		"CR in the middle":  {"\"a\"\rb\nc\n", []string{"broken:\"a\"\rb\n", "c\n"}, []int{1, 2}},
		"broken at the end": {"a\n\"b", []string{"a\n", "broken:\"b"}, []int{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			for kind, r := range map[string]io.Reader{
				"at once": strings.NewReader(c.text), "by byte": iotest.OneByteReader(strings.NewReader(c.text)),
				"end with data": iotest.DataErrReader(strings.NewReader(c.text)),
			} {
				got, lines := records(t, r, ',')
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", kind, diff)
				}
				if !slices.Equal(lines, c.lines) {
					t.Errorf("%s: lines %v, want %v", kind, lines, c.lines)
				}
			}
		})
	}
}

// TestOneQuoteDoesNotSwallowTheFile: a quote that never closes costs one line, though
// many blocks follow it.
func TestOneQuoteDoesNotSwallowTheFile(t *testing.T) {
	text := "\"open\n" + strings.Repeat("0123456789,abcdef\n", mostRecord/16)
	got, _ := records(t, strings.NewReader(text), ',')
	if len(got) != mostRecord/16+1 || got[0] != "broken:\"open\n" {
		t.Errorf("%d records, the first %q", len(got), got[0])
	}
}

func TestLineTooLong(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"without an end": iotest.DataErrReader(io.MultiReader(strings.NewReader("a,b\nx"), endless{})),
	} {
		s := &splitter{r: r, line: 1, delimiter: ','}
		var b block
		if err := s.next(&b); err != nil || string(b.data) != "a,b\n" {
			t.Fatalf("%s: first block %q, %v", name, b.data, err)
		}
		err := s.next(&b)
		if e, ok := err.(*InputError); !ok || e.Line != 2 || !strings.Contains(e.Text, "16 MiB") {
			t.Errorf("%s: %v, want an error of line 2", name, err)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// FuzzRecords holds whole records and their fields against encoding/csv, and all
// records together against the text.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{"a,b\n\"c\"\"\",\n", "\"a\r\nb\",c\r\n\"", "\"\"\n\"", "a\"b\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, lines := records(t, iotest.HalfReader(strings.NewReader(text)), ',')
		if all := strings.ReplaceAll(strings.Join(got, "\x00"), "\x00broken:", "\x00"); !strings.Contains(text, "\x00") &&
			strings.ReplaceAll(strings.TrimPrefix(all, "broken:"), "\x00", "") != strings.TrimPrefix(text, "broken:") {
			t.Fatalf("the records of %q are %q", text, got)
		}
		for i, one := range got {
			if strings.HasPrefix(one, "broken:") || strings.Contains(one, "\r") {
				continue // encoding/csv drops carriage returns in quotes
			}
			r := csv.NewReader(strings.NewReader(one))
			r.LazyQuotes = true // a quote inside a plain field
			want, err := r.ReadAll()
			if err != nil || len(want) != 1 {
				continue
			}
			fields, _ := splitFields(nil, nil, trimLine([]byte(one)), ',')
			var texts []string
			for _, field := range fields {
				texts = append(texts, string(field.text))
			}
			if !slices.Equal(texts, want[0]) {
				t.Errorf("line %d, %q: fields %q, want %q", lines[i], one, texts, want[0])
			}
		}
	})
}

func TestSplitFields(t *testing.T) {
	for text, want := range map[string]string{
		``: `[{"" false}]`, `a,,"b"`: `[{"a" false} {"" false} {"b" true}]`, `"",`: `[{"" true} {"" false}]`,
		`"a""b","c,d"`: `[{"a\"b" true} {"c,d" true}]`, `""""`: `[{"\"" true}]`, `a"b,c`: `[{"a\"b" false} {"c" false}]`,
	} {
		fields, _ := splitFields(nil, nil, []byte(text), ',')
		if got := render(fields); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func render(fields []field) string {
	var list []string
	for _, f := range fields {
		list = append(list, fmt.Sprintf("{%q %v}", f.text, f.quoted))
	}
	return "[" + strings.Join(list, " ") + "]"
}
