package preprocess_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/preprocess"
)

var nan = math.NaN()

func TestNumeric(t *testing.T) {
	mlapitest.Preprocessor(t, preprocess.Numeric{},
		mlapitest.RowsCase{
			Rows: [][]any{{1.5, "2", true}, {nil, " -3e2 ", false}, {nan, "0.1", 7}},
			Want: [][]float64{{1.5, 2, 1}, {nan, -300, 0}, {nan, 0.1, 7}},
		},
		mlapitest.RowsCase{Name: "word", Rows: [][]any{{1}, {"TCP"}}, Code: "not_a_number"},
		mlapitest.RowsCase{Name: "infinity", Rows: [][]any{{math.Inf(-1)}}, Code: "infinity"},
		mlapitest.RowsCase{Name: "too large", Rows: [][]any{{"1e999"}}, Code: "infinity"},
	)
}

// mixed are a number, a text, and a text whose known values the model has said.
var mixed = []mlapi.Feature{{Name: "age"}, {Name: "comment", Type: mlapi.TextFeature}, {Name: "sex", Type: mlapi.TextFeature, Categories: []string{"female", "male"}}}

func TestNumericTexts(t *testing.T) {
	mlapitest.Preprocessor(t, preprocess.NewNumeric(mixed),
		mlapitest.RowsCase{
			Name: "texts",
			Rows: [][]any{{1, "good", "male"}, {"2", "3", "unheard of"}, {nil, "", "male"}, {true, "good", " Male "}},
			Want: [][]float64{{1, 0, 1}, {2, 2, 3}, {nan, 4, 1}, {1, 0, 5}}, Texts: []string{"good", "male", "3", "unheard of", "", " Male "},
			TextColumns: []int{1, 2},
		},
		mlapitest.RowsCase{
			Name: "missing texts", Rows: [][]any{{1, nil, nan}, {2, "nan", nil}},
			Want: [][]float64{{1, nan, nan}, {2, 0, nan}}, Texts: []string{"nan"}, TextColumns: []int{1, 2},
		},
		mlapitest.RowsCase{Name: "number", Rows: [][]any{{1, 2, "male"}}, Code: "not_a_text"},
		mlapitest.RowsCase{Name: "number in a column of categories", Rows: [][]any{{1, "good", 0}}, Code: "not_a_text"},
		mlapitest.RowsCase{Name: "boolean", Rows: [][]any{{1, true, "male"}}, Code: "not_a_text"},
		mlapitest.RowsCase{Name: "infinity", Rows: [][]any{{1, math.Inf(1), "male"}}, Code: "not_a_text"},
		mlapitest.RowsCase{Name: "text where a number is wanted", Rows: [][]any{{"good", "good", "male"}}, Code: "not_a_number"},
	)
}

func TestCategoricalTexts(t *testing.T) {
	features := append([]mlapi.Feature{{}, {}}, mixed...)
	part, err := preprocess.NewCategorical(read(t, template), features, "")
	if err != nil {
		t.Fatal(err)
	}
	mlapitest.Preprocessor(t, part,
		mlapitest.RowsCase{
			Rows: [][]any{{"tcp", "S0", 1.5, "TCP", "x"}, {1, nil, nil, nil, "y"}},
			Want: [][]float64{{0, 3, 1.5, 0, 1}, {1, nan, nan, nan, 2}}, Texts: []string{"TCP", "x", "y"}, TextColumns: []int{3, 4},
		},
		mlapitest.RowsCase{Name: "number", Rows: [][]any{{"tcp", "S0", 1.5, "TCP", 1}}, Code: "not_a_text"},
		mlapitest.RowsCase{Name: "text", Rows: [][]any{{"tcp", "S0", "TCP", "TCP", "x"}}, Code: "not_a_number"},
	)
	described := part.Describe(features)
	if described[0].Type != mlapi.CategoryFeature || described[2].Type != mlapi.NumberFeature || described[4].Type != mlapi.TextFeature || len(described[4].Categories) != 2 {
		t.Errorf("described as %v", described)
	}
}

func TestNotATextSaysWhatItIs(t *testing.T) {
	for text, cell := range map[string]func(*mlapi.Rows){
		"Row 0, column 0: the value is a number, and the model takes a text here.":      func(r *mlapi.Rows) { r.AppendNumber(3) },
		"Row 0, column 0: the value is true or false, and the model takes a text here.": func(r *mlapi.Rows) { r.AppendBool(false) },
	} {
		var rows mlapi.Rows
		var m mlapi.Matrix
		cell(&rows)
		if err := rows.EndRow(); err != nil {
			t.Fatal(err)
		}
		e := mlapi.AsError(preprocess.NewNumeric(mixed[1:2]).Preprocess(t.Context(), &m, &rows))
		if e == nil || e.Detail != text {
			t.Errorf("%v, want %s", e, text)
		}
	}
}

func TestCategorical(t *testing.T) {
	mlapitest.Preprocessor(t, categorical(t, template, ""),
		mlapitest.RowsCase{
			Name: "the template's rows",
			Rows: [][]any{{"TCP", "S0"}, {"TCP", 3}, {0, "S0"}, {0, 3}, {"OTHER", "OTHER"}, {"OTHER", 4}, {2, "OTHER"}, {2, 4}},
			Want: [][]float64{{0, 3}, {0, 3}, {0, 3}, {0, 3}, {2, 4}, {2, 4}, {2, 4}, {2, 4}},
		},
		mlapitest.RowsCase{
			Name: "names in any case, numbers as they are, texts as numbers",
			Rows: [][]any{{"tcp", "s0"}, {"uDp", -0.5}, {" 17 ", "1e3"}, {true, false}, {nil, nan}},
			Want: [][]float64{{0, 3}, {1, -0.5}, {17, 1000}, {1, 0}, {nan, nan}},
		},
		mlapitest.RowsCase{
			Name: "columns without a table",
			Rows: [][]any{{"TCP", "SF", "1.5", nil}, {"TCP", "SF", 2, true}},
			Want: [][]float64{{0, 2, 1.5, nan}, {0, 2, 2, 1}},
		},
		mlapitest.RowsCase{Name: "unknown", Rows: [][]any{{"TCP", "S0"}, {"ICMP", "S0"}}, Code: "unknown_category"},
		mlapitest.RowsCase{Name: "untrimmed", Rows: [][]any{{" TCP", "S0"}}, Code: "unknown_category"},
		mlapitest.RowsCase{Name: "empty", Rows: [][]any{{"", "S0"}}, Code: "unknown_category"},
		mlapitest.RowsCase{Name: "looks like a number", Rows: [][]any{{"1e", "S0"}}, Code: "unknown_category"},
		mlapitest.RowsCase{Name: "a number, infinite", Rows: [][]any{{"1e999", "S0"}}, Code: "infinity"},
		mlapitest.RowsCase{Name: "infinity", Rows: [][]any{{math.Inf(1), "S0"}}, Code: "infinity"},
		mlapitest.RowsCase{Name: "a word where numbers are", Rows: [][]any{{"TCP", "S0", "TCP"}}, Code: "not_a_number"},
		mlapitest.RowsCase{Name: "too few", Rows: [][]any{{"TCP"}}, Code: "wrong_feature_count"},
	)
}

func TestCategoricalUnknown(t *testing.T) {
	mlapitest.Preprocessor(t, categorical(t, template, "other"),
		mlapitest.RowsCase{
			Rows: [][]any{{"ICMP", "S9"}, {"TCP", "S0"}, {"", " TCP"}, {"7", 8}, {"--", "1e"}, {strings.Repeat("x", 1000), "\xff"}},
			Want: [][]float64{{2, 4}, {0, 3}, {2, 4}, {7, 8}, {2, 4}, {2, 4}},
		},
		mlapitest.RowsCase{Name: "infinity", Rows: [][]any{{"1e999", "S0"}}, Code: "infinity"},
		mlapitest.RowsCase{Name: "no table", Rows: [][]any{{"ICMP", "S0", "ICMP"}}, Code: "not_a_number"},
	)
}

// TestCategoricalNumbersAsNames has categories that are numbers: the table comes
// before the number that a text would be.
func TestCategoricalNumbersAsNames(t *testing.T) {
	part := categorical(t, "column,category,encoding\n1,80,0\n1,443,1\n1,stra\u00dfe,2\n", "")
	mlapitest.Preprocessor(t, part, mlapitest.RowsCase{
		Rows: [][]any{{1, "80"}, {1, 80}, {1, "443"}, {1, " 443"}, {1, "8080"}, {"1", "STRASSE"}},
		Want: [][]float64{{1, 0}, {1, 80}, {1, 1}, {1, 443}, {1, 8080}, {1, 2}},
	})
}

func TestUnknownCategoryNamesThePlace(t *testing.T) {
	var rows mlapi.Rows
	rows.Reset(0)
	rows.Reset(40)
	for _, text := range []string{"TCP", "S0", "TCP", "<b>\n"} {
		rows.AppendText([]byte(text))
		if rows.Pending() == 2 {
			if err := rows.EndRow(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var m mlapi.Matrix
	err := categorical(t, template, "").Preprocess(t.Context(), &m, &rows)
	var e *mlapi.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want an *mlapi.Error", err)
	}
	const want = `Row 41, column 1 ("state"): "<b>\n" is not a known category.`
	row, _ := e.Row()
	column, _ := e.Column()
	if e.Detail != want || row != 41 || column != 1 {
		t.Errorf("row %d, column %d: %s\nwant row 41, column 1: %s", row, column, e.Detail, want)
	}
}

func TestNewCategoricalRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		enc     *preprocess.Encodings
		unknown string
		want    string
	}{
		"nil":                  {nil, "", "no encodings"},
		"zero":                 {new(preprocess.Encodings), "", "no encodings"},
		"a column without it":  {read(t, "column,name,category,encoding\n0,protocol,OTHER,0\n2,state,SF,0\n"), "OTHER", `column 2 ("state") has no category "OTHER"`},
		"no names in the file": {read(t, "column,category,encoding\n0,SF,0\n"), "OTHER", `column 0 has no category "OTHER"`},
	} {
		part, err := preprocess.NewCategorical(c.enc, nil, c.unknown)
		var e *preprocess.EncodingError
		if part != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || e.Hint() == "" {
			t.Errorf("%s: %v, want an *EncodingError with a hint that says %q", name, err, c.want)
		}
	}
}

// TestOrder has parts that fill the matrix behind others: what those did would be
// lost, so that they refuse. The zero Categorical refuses everything.
func TestOrder(t *testing.T) {
	var rows mlapi.Rows
	rows.AppendText([]byte("TCP"))
	rows.AppendText([]byte("SF"))
	if err := rows.EndRow(); err != nil {
		t.Fatal(err)
	}
	var filled mlapi.Matrix
	filled.Resize(1, 2)
	for name, c := range map[string]struct {
		part mlapi.Preprocessor
		dst  *mlapi.Matrix
		want string
	}{
		"numeric":          {preprocess.Numeric{}, &filled, "must stand first"},
		"categorical":      {categorical(t, template, ""), &filled, "must stand first"},
		"zero categorical": {new(preprocess.Categorical), new(mlapi.Matrix), "NewCategorical did not make"},
	} {
		err := c.part.Preprocess(t.Context(), c.dst, &rows)
		if err == nil || mlapi.AsError(err).Kind != mlapi.Internal || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an Internal error that says %q", name, err, c.want)
		}
	}
}

func TestDescribeLeavesItsArgument(t *testing.T) {
	given := []mlapi.Feature{{Name: "x0"}}
	got := categorical(t, template, "").Describe(given) // shorter than the table is wide
	if len(got) != 1 || got[0].Name != "protocol" || given[0].Name != "x0" || given[0].Type != mlapi.NumberFeature {
		t.Errorf("Describe made %v of %v", got, given)
	}
}

// load fills rows with so many rows of the given cells: texts and numbers.
func load(t testing.TB, rows *mlapi.Rows, n int, cells ...any) {
	t.Helper()
	rows.Reset(0)
	for range n {
		for _, cell := range cells {
			switch v := cell.(type) {
			case string:
				rows.AppendText([]byte(v))
			case float64:
				rows.AppendNumber(v)
			}
		}
		if err := rows.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	long := strings.Repeat("x", 128)
	for name, c := range map[string]struct {
		part  mlapi.Preprocessor
		cells []any
	}{
		"numeric":               {preprocess.Numeric{}, []any{1.5, "2.25"}},
		"categorical":           {categorical(t, template, ""), []any{"other", "S0", 1.5, "2.25"}},
		"a number as text":      {categorical(t, template, ""), []any{"17", "-1e3"}},
		"unknown":               {categorical(t, template, "OTHER"), []any{"nothing known", "?"}},
		"unknown and long":      {categorical(t, template, "OTHER"), []any{strings.Repeat("x", 4096), "S0"}},
		"as long as documented": {categorical(t, "column,category,encoding\n0,"+long+",0\n", ""), []any{long}},
	} {
		var rows mlapi.Rows
		var m mlapi.Matrix
		load(t, &rows, 100, c.cells...)
		if n := testing.AllocsPerRun(100, func() { process(t, c.part, &m, &rows) }); n != 0 {
			t.Errorf("%s: %v allocations per block", name, n)
		}
	}
}

// TestTextsAreAllocatedOnce has a block of 100 rows with two different texts.
func TestTextsAreAllocatedOnce(t *testing.T) {
	var rows mlapi.Rows
	var m mlapi.Matrix
	load(t, &rows, 100, 1.5, "good", "male")
	var part mlapi.Preprocessor = preprocess.NewNumeric(mixed)
	if n := testing.AllocsPerRun(100, func() { process(t, part, &m, &rows) }); n > 2 {
		t.Errorf("%v allocations for two texts", n)
	}
}

func process(t testing.TB, part mlapi.Preprocessor, m *mlapi.Matrix, rows *mlapi.Rows) {
	m.Reset(0)
	if err := part.Preprocess(t.Context(), m, rows); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkCategorical(b *testing.B) {
	var rows mlapi.Rows
	var m mlapi.Matrix
	load(b, &rows, 1000, "other", "S0", 1.5, "2.25")
	part := categorical(b, template, "")
	b.ReportAllocs()
	for b.Loop() {
		process(b, part, &m, &rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4000, "ns/cell")
}
