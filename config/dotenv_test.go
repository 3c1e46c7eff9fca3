package config

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestDotenvReadsAsPython holds the reader against testdata/dotenv/cases.json, which
// the real python-dotenv wrote.
func TestDotenvReadsAsPython(t *testing.T) {
	data, err := os.ReadFile("testdata/dotenv/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	type python struct {
		Key   string
		Value *string
		Line  int
		Bad   bool
	}
	var file struct {
		Environ map[string]string
		Cases   []struct {
			Name, Text string
			Statements []python
			Values     map[string]*string
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 100 {
		t.Fatalf("%d cases: too few", len(file.Cases))
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			statements := parseDotenv(c.Text)
			got := []python{}
			for _, s := range statements {
				p := python{Key: s.key, Line: s.line, Bad: s.bad}
				if s.assigned {
					p.Value = &s.value
				}
				got = append(got, p)
			}
			if diff := cmp.Diff(c.Statements, got); diff != "" {
				t.Errorf("statements of %q (-python +mlapi):\n%s", c.Text, diff)
			}
			values, ok := expandAll(statements, file.Environ)
			if !ok {
				t.Fatal("the values are too long")
			}
			if diff := cmp.Diff(c.Values, values); diff != "" {
				t.Errorf("values of %q (-python +mlapi):\n%s", c.Text, diff)
			}
		})
	}
}

func TestDotenvStopsGrowth(t *testing.T) {
	text := "A=" + strings.Repeat("x", 1000) + "\n" + strings.Repeat("A=${A}${A}${A}${A}\n", 100)
	if _, ok := expandAll(parseDotenv(text), nil); ok {
		t.Error("a file that grows fourfold in each of 100 lines was expanded")
	}
	one := "A=" + strings.Repeat("${B}", 1000) + "\n"
	if _, ok := expandAll(parseDotenv(one), map[string]string{"B": strings.Repeat("x", maxExpanded/1000)}); !ok {
		t.Error("a value of just the greatest length was refused")
	}
}

// TestExpandStopsEarly proves that a value over the limit is not built first.
func TestExpandStopsEarly(t *testing.T) {
	calls := 0
	_, ok := expand(strings.Repeat("${A}", 1000), 10, func(string, string) string { calls++; return "xxxx" })
	if ok || calls > 3 {
		t.Errorf("expand = %t after %d calls", ok, calls)
	}
}

// TestExpandIsLinear proves that no file of the allowed size keeps the start waiting:
// were each ${ looked after to the end, these would take minutes.
func TestExpandIsLinear(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("${", maxFile/2), strings.Repeat("${", maxFile/2) + ":x}",
		strings.Repeat("${:", maxFile/3) + "}", strings.Repeat("${a:-", maxFile/5),
	} {
		start := time.Now()
		expand(text, maxExpanded, func(string, string) string { return "" })
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%.20s... took %v", text, d)
		}
	}
}

// FuzzDotenv proves that the reader ends, keeps to the text and loses none of it.
func FuzzDotenv(f *testing.F) {
	for _, seed := range []string{
		"", "A=1", "export A='x' # c\nB=\"\\n\"", "A=${B:-${C}}", "\ufeffA=1\r\nB", "A=\"x\\", "'A'=1\n'=2", "A=\x1c1\n",
		"A=${", "=\n=", "export", "export \n#", "A= #\nB=#", "A='\n\n'\nC D\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r")
		last := 0
		statements := parseDotenv(text)
		for _, s := range statements {
			if s.line <= last || s.line > lines {
				t.Fatalf("line %d after line %d in %d lines", s.line, last, lines)
			}
			last = s.line
			if s.bad != (s.key == "") || !utf8.ValidString(s.value) || s.bad && s.source == "" {
				t.Fatalf("statement %+v", s)
			}
		}
		values, ok := expandAll(statements, map[string]string{"A": "1"})
		for _, s := range statements {
			if v, found := values[s.key]; ok && !s.bad && (!found || !utf8.ValidString(deref(v))) {
				t.Fatalf("key %q is lost or broken", s.key)
			}
		}
	})
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
