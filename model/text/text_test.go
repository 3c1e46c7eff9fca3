package text_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/text"
	"example.com/mlapi/model/transform"
)

// texts returns a matrix of one column of texts; nil is a missing one.
func texts(of ...any) *mlapi.Matrix {
	m := new(mlapi.Matrix)
	m.Reset(10)
	m.Resize(len(of), 1)
	for i, t := range of {
		if m.Row(i)[0] = math.NaN(); t != nil {
			m.Row(i)[0] = m.Text([]byte(t.(string)))
		}
	}
	return m
}

// run returns what t makes of src, densely.
func run(t *testing.T, step transform.Transformer, src *mlapi.Matrix) [][]float64 {
	t.Helper()
	var dst mlapi.Matrix
	dst.Like(src)
	if err := step.Transform(context.Background(), &dst, src); err != nil {
		t.Fatal(err)
	}
	rows := make([][]float64, dst.Samples())
	for i := range rows {
		rows[i] = append(rows[i], dst.DenseRow(i, make([]float64, dst.Width()))...)
	}
	return rows
}

// terms returns the terms that an analysis finds in a text, as far as they are among
// those that are asked about, with their counts.
func terms(t *testing.T, o text.Options, of string, ask ...string) map[string]float64 {
	t.Helper()
	a, err := text.NewAnalysis(o)
	if err != nil {
		t.Fatal(err)
	}
	vocabulary := map[string]int{}
	for i, term := range ask {
		vocabulary[term] = i
	}
	c, err := text.NewCounter(a, vocabulary, len(ask), text.Weights{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for i, n := range run(t, c, texts(of))[0] {
		if n != 0 {
			found[ask[i]] = n
		}
	}
	return found
}

func words(pattern string) text.Options { return text.Options{Pattern: pattern, MinN: 1, MaxN: 1} }

// What CPython's re.findall gives for these patterns and texts.
func TestTokenPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          map[string]float64
	}{
		{text.DefaultPattern, "a bb _c café d", map[string]float64{"bb": 1, "_c": 1, "café": 1}},
		{`\b\w\w+\b`, "你好 привет x1", map[string]float64{"你好": 1, "привет": 1, "x1": 1}},
		{`(?a)\b\w\w+\b`, "caféine ab", map[string]float64{"caf": 1, "ine": 1, "ab": 1}},
		{`(?a)[^\W\d]+`, "aé1b", map[string]float64{"a": 1, "b": 1}},
		{`\w+`, "e\u0301a", map[string]float64{"e": 1, "a": 1}}, // a combining character is no word character
		{`\S+`, "a\u00a0b\u2003c-d\x1ce", map[string]float64{"a": 1, "b": 1, "c-d": 1, "e": 1}},
		{`\d{2,}`, "1 22 ٣٤ 5", map[string]float64{"22": 1, "٣٤": 1}},
		{`\b[a-z]+\b`, "ab cd1 éf", map[string]float64{"ab": 1}}, // é is a letter, so no boundary before f
		{`\w+|\$[\d\.]+|\S+`, "cost $3.50 é!", map[string]float64{"cost": 1, "$3.50": 1, "é": 1, "!": 1}},
		{`a|ab`, "ab", map[string]float64{"a": 1}}, // the first that fits, not the longest
		{`ab|a`, "ab a", map[string]float64{"ab": 1, "a": 1}},
		{`\w+?\b`, "abc de", map[string]float64{"abc": 1, "de": 1}},
		{`(?u)\b(\w\w)\w*\b`, "abcd ef", map[string]float64{"ab": 1, "ef": 1}},
		{`(?P<n>[A-Z])\w+`, "Abc De", map[string]float64{"A": 1, "D": 1}},
		{`(a)?b`, "ab b", map[string]float64{"a": 1, "": 1}},
		{`^\w+`, "ab cd", map[string]float64{"ab": 1}},
		{`\w+\Z`, "ab cd", map[string]float64{"cd": 1}},
		{`\B\w`, "abc", map[string]float64{"b": 1, "c": 1}},
		{`[]a-]+`, "]-ab", map[string]float64{"]-a": 1}},
		{`[\u0400-\u04FF]{3}`, "привет", map[string]float64{"при": 1, "вет": 1}},
		{`\x61\.`, "a.b", map[string]float64{"a.": 1}},
		{`a{2}`, "aaaaa", map[string]float64{"aa": 2}},
		{`.b`, "\nb ab", map[string]float64{" a": 0, "ab": 1}},
	} {
		var ask []string
		for term := range c.want {
			ask = append(ask, term)
		}
		// Whatever else a wrong matcher could find.
		ask = append(ask, strings.Fields(c.text)...)
		ask = append(ask, c.text, c.text+"?")
		seen, unique := map[string]bool{}, ask[:0]
		for _, term := range ask {
			if !seen[term] {
				seen[term] = true
				unique = append(unique, term)
			}
		}
		want := map[string]float64{}
		for term, n := range c.want {
			if n != 0 {
				want[term] = n
			}
		}
		if got := terms(t, words(c.pattern), c.text, unique...); !reflect.DeepEqual(got, want) {
			t.Errorf("%s on %q: %v, want %v", c.pattern, c.text, got, want)
		}
	}
}

func TestPatternsThatHaveNoExactEqual(t *testing.T) {
	for pattern, why := range map[string]string{
		`\w+(?=x)`: "look-around", `(?<!a)b`: "look-around", `(a)\1`: "escape", `(a)(b)`: "more than one group", `(?i)abc`: "flags",
		`a$`: `"$"`, `a*`: "matches nothing", `a?|b`: "matches nothing", `\b`: "matches nothing", `a{,3}`: "{", `a{`: "{", `x*+`: "possessive",
		`\p{L}`: "escape", `[a&&b]`: "set operation", `[[:alpha:]]`: "set operation", `[`: "no end", `[z-a]`: "range", `[\w-z]`: "range",
		`a(`: "not served", `\`: "escape", `\xZZ`: "escape", `\u12`: "escape", `\U00110000`: "escape", `[^\s\S]`: "empty", strings.Repeat("a", 301): "longer",
		`(\w{1000}){1000}`: "not served", `(?:\w{9}\w{9}\d\d){60}`: "too large",
	} {
		_, err := text.NewAnalysis(words(pattern))
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want an error with %q", pattern, err, why)
		}
	}
}

// What str.lower of CPython 3.12 gives.
func TestLowerCaseIsPythons(t *testing.T) {
	for from, want := range map[string]string{
		"HeLLo ÀÉ": "hello àé", "İstanbul": "i\u0307stanbul", "ΟΔΟΣ": "οδος", "ΟΔΟΣ.": "οδος.", "ΣΑΣ Σ": "σας σ", "Α'Σ": "α'ς", "ΑΣ'Α": "ασ'α",
		"ẞ": "ß", "ǅ": "ǆ", "Ω": "ω", "1Σ": "1σ",
	} {
		o := text.Options{Unit: text.Chars, Lowercase: true, MinN: 1, MaxN: 50}
		if got := terms(t, o, from, want); got[want] != 1 {
			t.Errorf("%q does not become %q", from, want)
		}
	}
}

// What strip_accents_ascii and strip_accents_unicode of scikit-learn 1.5 (and 0.20, for
// the old way) give.
func TestAccents(t *testing.T) {
	for _, c := range []struct {
		how        text.Accents
		from, want string
	}{
		{text.ASCIIAccents, "café ﬁ ½ éß가x", "cafe fi 12 ex"},
		{text.UnicodeAccents, "café ﬁ ½ é ß", "cafe fi 1⁄2 e ß"},
		{text.UnicodeAccents, "각", "\u1100\u1161\u11a8"},
		{text.UnicodeAccents, "e\u0301", "e"},
		{text.UnicodeAccents, "\u0344a", "a"},
		{text.UnicodeAccentsOld, "e\u0301", "e\u0301"},        // decomposed already
		{text.UnicodeAccentsOld, "e\u0301é", "ee"},            // not all of it
		{text.UnicodeAccentsOld, "e\u0301\u0323", "e"},        // not in order
		{text.UnicodeAccentsOld, "가e\u0301", "\u1100\u1161e"}, // Hangul decomposes
	} {
		o := text.Options{Unit: text.Chars, Accents: c.how, MinN: 1, MaxN: 50}
		if got := terms(t, o, c.from, c.want); got[c.want] != 1 {
			t.Errorf("%d: %q does not become %q", c.how, c.from, c.want)
		}
	}
}

func TestTerms(t *testing.T) {
	for _, c := range []struct {
		name string
		o    text.Options
		text string
		ask  []string
		want map[string]float64
	}{
		{"bigrams", text.Options{Pattern: `\w+`, MinN: 1, MaxN: 2}, "a b  a b", []string{"a", "a b", "b a", "b  a", "a b a"}, map[string]float64{"a": 2, "a b": 2, "b a": 1}},
		{"only trigrams", text.Options{Pattern: `\w+`, MinN: 3, MaxN: 3}, "a b c d", []string{"a", "a b", "a b c", "b c d"}, map[string]float64{"a b c": 1, "b c d": 1}},
		{"stop words go before n-grams", text.Options{Pattern: `\w+`, MinN: 1, MaxN: 2, StopWords: []string{"the"}}, "a the b The", []string{"a b", "the", "The", "b The"}, map[string]float64{"a b": 1, "The": 1, "b The": 1}},
		{"characters", text.Options{Unit: text.Chars, MinN: 2, MaxN: 2}, "a  b\té", []string{"a ", " b", "b\t", "\té", "  ", "b "}, map[string]float64{"a ": 1, " b": 1, "b\t": 1, "\té": 1}},
		{"characters in words", text.Options{Unit: text.CharsInWords, MinN: 3, MaxN: 4}, "ab c", []string{" ab", "ab ", " ab ", " c ", "b c", "b"}, map[string]float64{" ab": 1, "ab ": 1, " ab ": 1, " c ": 1}},
		{"a short word counts once", text.Options{Unit: text.CharsInWords, MinN: 5, MaxN: 7}, "ab", []string{" ab "}, map[string]float64{" ab ": 1}},
		{"nothing", text.Options{Pattern: `\w+`, MinN: 1, MaxN: 2}, "", []string{"a"}, map[string]float64{}},
	} {
		if got := terms(t, c.o, c.text, c.ask...); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestEnglish(t *testing.T) {
	list := text.English()
	if len(list) != 318 || list[0] != "a" || list[317] != "yourselves" {
		t.Errorf("%d words from %s to %s", len(list), list[0], list[len(list)-1])
	}
}

func counter(t *testing.T, w text.Weights) *text.Counter {
	t.Helper()
	a, err := text.NewAnalysis(words(`\w+`))
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.NewCounter(a, map[string]int{"a": 2, "b": 0, "c": 1}, 3, w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWeights(t *testing.T) {
	src := texts("a a b", "zzz", "c")
	for _, c := range []struct {
		w    text.Weights
		want []float64
	}{
		{text.Weights{}, []float64{1, 0, 2}},
		{text.Weights{Binary: true}, []float64{1, 0, 1}},
		{text.Weights{IDF: []float64{3, 5, 2}}, []float64{3, 0, 4}},
		{text.Weights{IDF: []float64{3, 5, 2}, Norm: text.L2}, []float64{0.6, 0, 0.8}},
		{text.Weights{Norm: text.L1}, []float64{1. / 3, 0, 2. / 3}},
		{text.Weights{Norm: text.L1, Float32: true}, []float64{float64(float32(1. / 3)), 0, float64(float32(2. / 3))}},
		{text.Weights{Sublinear: true}, []float64{1, 0, 1 + math.Log(2)}},
	} {
		rows := run(t, counter(t, c.w), src)
		if !reflect.DeepEqual(rows[0], c.want) || !reflect.DeepEqual(rows[1], []float64{0, 0, 0}) {
			t.Errorf("%+v: %v, want %v", c.w, rows, c.want)
		}
	}
}

// What HashingVectorizer of scikit-learn 1.5 gives for "a b a cc" with 8 features.
func TestHasher(t *testing.T) {
	a, err := text.NewAnalysis(words(`\w+`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		signs text.Signs
		want  []float64
	}{
		{text.AlternateSigns, []float64{0, 0, 2, 0, 0, -1, -1, 0}},
		{text.NoSigns, []float64{0, 0, 2, 0, 0, 1, 1, 0}},
		{text.AbsoluteSigns, []float64{0, 0, 2, 0, 0, 1, 1, 0}},
	} {
		h, err := text.NewHasher(a, 8, c.signs, text.Weights{})
		if err != nil {
			t.Fatal(err)
		}
		if got := run(t, h, texts("a b a cc"))[0]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("signs %d: %v, want %v", c.signs, got, c.want)
		}
	}
}

func TestWeigher(t *testing.T) {
	w, err := text.NewWeigher(2, text.Weights{IDF: []float64{2, math.Inf(1)}, Norm: text.L2})
	if err != nil {
		t.Fatal(err)
	}
	dense := new(mlapi.Matrix)
	dense.Resize(2, 2)
	copy(dense.Data, []float64{3, 0, 0, 0})
	want := [][]float64{{1, 0}, {0, 0}}
	if got := run(t, w, dense); !reflect.DeepEqual(got, want) {
		t.Errorf("dense: %v, want %v", got, want)
	}
	sparse := new(mlapi.Matrix)
	sparse.ResizeSparse(2)
	sparse.Append(0, 3)
	sparse.EndSample()
	sparse.EndSample()
	if got := run(t, w, sparse); !reflect.DeepEqual(got, want) {
		t.Errorf("sparse: %v, want %v", got, want)
	}
	for v, code := range map[float64]string{math.NaN(): "missing_value", math.Inf(1): "value_too_large", 1: "value_out_of_range"} {
		dense.Data[3] = v
		refuses(t, w, dense, code, 1, 1)
	}
}

// refuses checks that src is the caller's fault, and where.
func refuses(t *testing.T, step transform.Transformer, src *mlapi.Matrix, code string, row, column int) {
	t.Helper()
	var dst mlapi.Matrix
	dst.Like(src)
	err := step.Transform(context.Background(), &dst, src)
	var e *mlapi.Error
	if !errors.As(err, &e) || e.Kind != mlapi.Invalid || e.Code != code {
		t.Fatalf("error is %v, want %s", err, code)
	}
	gotRow, _ := e.Row()
	gotColumn, _ := e.Column()
	if gotRow != row || gotColumn != column {
		t.Errorf("%v: row %d, column %d, want %d and %d", err, gotRow, gotColumn, row, column)
	}
}

func TestMissingText(t *testing.T) {
	refuses(t, counter(t, text.Weights{}), texts("a", nil), "missing_value", 11, 0)
	refuses(t, counter(t, text.Weights{IDF: []float64{1, math.Inf(1), 1}}), texts("a", "c"), "value_too_large", 11, 0)
}

func TestTextsAreRowsOfTheTable(t *testing.T) {
	src := texts("a")
	src.Data[0] = 7
	var dst mlapi.Matrix
	dst.Like(src)
	if err := counter(t, text.Weights{}).Transform(context.Background(), &dst, src); err == nil || mlapi.AsError(err).Kind != mlapi.Internal {
		t.Errorf("error is %v, want an internal one", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	src := texts("a")
	var dst mlapi.Matrix
	dst.Like(src)
	if err := counter(t, text.Weights{}).Transform(ctx, &dst, src); err == nil || mlapi.AsError(err).Kind != mlapi.Unavailable {
		t.Errorf("error is %v, want a cancellation", err)
	}
}

func TestWrongOptions(t *testing.T) {
	a, err := text.NewAnalysis(words(`\w+`))
	if err != nil {
		t.Fatal(err)
	}
	one := map[string]int{"a": 0}
	for name, make := range map[string]func() error{
		"no n-grams":     func() error { _, err := text.NewAnalysis(text.Options{Unit: text.Chars}); return err },
		"turned n-grams": func() error { _, err := text.NewAnalysis(text.Options{Unit: text.Chars, MinN: 2, MaxN: 1}); return err },
		"long n-grams": func() error {
			_, err := text.NewAnalysis(text.Options{Unit: text.Chars, MinN: 1, MaxN: 1025})
			return err
		},
		"unknown unit":     func() error { _, err := text.NewAnalysis(text.Options{Unit: 9, MinN: 1, MaxN: 1}); return err },
		"empty vocabulary": func() error { _, err := text.NewCounter(a, nil, 1, text.Weights{}); return err },
		"feature beyond":   func() error { _, err := text.NewCounter(a, map[string]int{"a": 1}, 1, text.Weights{}); return err },
		"feature below":    func() error { _, err := text.NewCounter(a, map[string]int{"a": -1}, 1, text.Weights{}); return err },
		"short weights":    func() error { _, err := text.NewCounter(a, one, 1, text.Weights{IDF: []float64{1, 2}}); return err },
		"weight no number": func() error {
			_, err := text.NewCounter(a, one, 1, text.Weights{IDF: []float64{math.NaN()}})
			return err
		},
		"unknown norm":    func() error { _, err := text.NewCounter(a, one, 1, text.Weights{Norm: 9}); return err },
		"no features":     func() error { _, err := text.NewHasher(a, 0, 0, text.Weights{}); return err },
		"unknown signs":   func() error { _, err := text.NewHasher(a, 1, 9, text.Weights{}); return err },
		"weights of none": func() error { _, err := text.NewWeigher(0, text.Weights{IDF: []float64{1}}); return err },
		"too few weights": func() error { _, err := text.NewWeigher(2, text.Weights{IDF: []float64{1}}); return err },
	} {
		if make() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestKinds(t *testing.T) {
	c := counter(t, text.Weights{})
	if in, out := c.Width(); in != 1 || out != 3 {
		t.Errorf("width %d, %d", in, out)
	}
	if got := c.Columns(nil); len(got) != 1 || got[0].Kind != transform.Text || got[0].Categories != nil {
		t.Errorf("it wants %v", got)
	}
}

func BenchmarkWords(b *testing.B) {
	a, err := text.NewAnalysis(text.Options{Lowercase: true, Pattern: text.DefaultPattern, StopWords: text.English(), MinN: 1, MaxN: 2})
	if err != nil {
		b.Fatal(err)
	}
	of := strings.Repeat("Free money now! Call the office about the Project report tomorrow, please. ", 4)
	vocabulary := map[string]int{}
	for _, w := range strings.Fields(strings.ToLower(of)) {
		if _, known := vocabulary[w]; !known {
			vocabulary[w] = len(vocabulary)
		}
	}
	c, err := text.NewCounter(a, vocabulary, len(vocabulary), text.Weights{Norm: text.L2})
	if err != nil {
		b.Fatal(err)
	}
	src := texts(of)
	var dst mlapi.Matrix
	for b.Loop() {
		dst.Like(src)
		if err := c.Transform(context.Background(), &dst, src); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzPattern compiles any pattern and uses it on any text.
func FuzzPattern(f *testing.F) {
	f.Add(text.DefaultPattern, "a bb ccc")
	f.Add(`(a|b)*c+?\b`, "abcabc")
	f.Add(`[^\W\d_]{2,5}|\$`, "é1$")
	f.Fuzz(func(t *testing.T, pattern, of string) {
		a, err := text.NewAnalysis(text.Options{Lowercase: true, Accents: text.KeepAccents, Pattern: pattern, MinN: 1, MaxN: 2})
		if err != nil {
			return
		}
		h, err := text.NewHasher(a, 16, text.AlternateSigns, text.Weights{})
		if err != nil {
			t.Fatal(err)
		}
		run(t, h, texts(of))
	})
}
