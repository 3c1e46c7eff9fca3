package pickle

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// around is expected.json beside the files that testdata/around.py wrote.
type around struct {
	Inert   int
	Strings [][]string
	Floats  [][]string
	Sparse  [][][]string
}

// TestAround reads what stands around models, as four generations of numpy, pandas and
// scipy write it in every protocol, with a list that names pandas alone.
func TestAround(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "around", "*", "p*.[pj]*[lb]"))
	if err != nil || len(files) != 19 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(filepath.ToSlash(file), "testdata/around/"), func(t *testing.T) {
			var want around
			text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "expected.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			v, err := readValue(bytes.NewReader(data), Pandas, testLimits)
			if err != nil {
				t.Fatal(err)
			}
			things := v.(*Dict)
			if got := group(t, things, "inert"); len(got) < want.Inert {
				t.Errorf("%d things, want %d", len(got), want.Inert)
			}
			compareSequences(t, things, &want)
			compareSparse(t, things, &want)
		})
	}
}

func group(t *testing.T, things *Dict, name string) []Value {
	t.Helper()
	v, _ := things.Get(name)
	l, ok := v.(*List)
	if !ok {
		t.Fatalf("%s is %s", name, typeName(v))
	}
	return l.Items
}

func compareSequences(t *testing.T, things *Dict, want *around) {
	t.Helper()
	texts := group(t, things, "strings")
	if len(texts) != len(want.Strings) || len(texts) < 16 {
		t.Fatalf("%d sequences of texts, want %d", len(texts), len(want.Strings))
	}
	for i, v := range texts {
		got, err := Strings(v)
		if err != nil || !slices.Equal(got, want.Strings[i]) {
			t.Errorf("texts %d: %q, %v; want %q", i, got, err, want.Strings[i])
		}
	}
	numbers := group(t, things, "floats")
	if len(numbers) != len(want.Floats) || len(numbers) < 16 {
		t.Fatalf("%d sequences of numbers, want %d", len(numbers), len(want.Floats))
	}
	for i, v := range numbers {
		got, err := Floats(v)
		if err != nil || !slices.Equal(hexFloats(got), want.Floats[i]) {
			t.Errorf("numbers %d: %v, %v; want %q", i, got, err, want.Floats[i])
		}
	}
}

func hexFloats(values []float64) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = hexFloat(v)
	}
	return out
}

func compareSparse(t *testing.T, things *Dict, want *around) {
	t.Helper()
	matrices := group(t, things, "sparse")
	if len(matrices) != len(want.Sparse) || len(matrices) < 6 {
		t.Fatalf("%d sparse matrices, want %d", len(matrices), len(want.Sparse))
	}
	for i, v := range matrices {
		s, err := CSR(v)
		if err != nil {
			t.Errorf("matrix %d: %v", i, err)
			continue
		}
		if len(want.Sparse[i]) != s.Rows {
			t.Errorf("matrix %d has %d rows, want %d", i, s.Rows, len(want.Sparse[i]))
			continue
		}
		for r, row := range want.Sparse[i] {
			dense := make([]float64, s.Columns)
			for k := s.Indptr[r]; k < s.Indptr[r+1]; k++ {
				dense[s.Indices[k]] += s.Data[k]
			}
			if !slices.Equal(hexFloats(dense), row) {
				t.Errorf("matrix %d, row %d: %v, want %q", i, r, dense, row)
			}
		}
	}
}

// vector is an array of whole numbers.
func vector(values ...byte) *Array {
	return &Array{Dtype: Dtype{Kind: 'u', Size: 1}, Shape: []int{len(values)}, Data: values}
}

// sparseOf is a sparse matrix of a class with attributes.
func sparseOf(class string, shape Value, pairs ...Value) *Object {
	return &Object{Class: Global{"scipy.sparse._csr", class}, State: dict(append([]Value{"_shape", shape}, pairs...)...)}
}

// TestBrokenSparse checks that the arrays of a sparse matrix are not trusted.
func TestBrokenSparse(t *testing.T) {
	shape := tuple(int64(2), int64(3))
	rows := func(shape Value, indptr, of, data Value) *Object {
		return sparseOf("csr_matrix", shape, "indptr", indptr, "indices", of, "data", data)
	}
	coo := func(shape Value, row, column, data Value) *Object {
		return sparseOf("coo_matrix", shape, "row", row, "col", column, "data", data)
	}
	if _, err := CSR(rows(shape, vector(0, 1, 2), vector(0, 2), vector(5, 6))); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		v    Value
		want string
	}{
		"no object":         {int64(5), "no sparse matrix"},
		"another class":     {sparseOf("dia_matrix", shape, "data", vector()), "no sparse matrix in rows"},
		"no shape":          {rows(nil, vector(0, 1, 2), vector(0, 2), vector(5, 6)), "no shape"},
		"a shape of one":    {rows(tuple(int64(2)), vector(0, 1, 2), vector(0, 2), vector(5, 6)), "no shape"},
		"a negative shape":  {rows(tuple(int64(-1), int64(3)), vector(), vector(0, 2), vector(5, 6)), "out of range"},
		"a huge shape":      {rows(tuple(int64(1<<40), int64(3)), vector(), vector(0, 2), vector(5, 6)), "out of range"},
		"no data":           {rows(shape, vector(0, 1, 2), vector(0, 2), nil), "attribute data"},
		"no indices":        {rows(shape, vector(0, 1, 2), nil, vector(5, 6)), "attribute indices"},
		"no indptr":         {rows(shape, nil, vector(0, 2), vector(5, 6)), "attribute indptr"},
		"texts":             {rows(shape, vector(0, 1, 2), &Array{Dtype: Dtype{Kind: 'U', Size: 4}, Shape: []int{1}, Data: []byte("a\x00\x00\x00")}, vector(5)), "no whole numbers"},
		"short indptr":      {rows(shape, vector(0, 2), vector(0, 2), vector(5, 6)), "do not agree"},
		"short indices":     {rows(shape, vector(0, 1, 2), vector(0), vector(5, 6)), "do not agree"},
		"beginning late":    {rows(shape, vector(1, 1, 2), vector(0, 2), vector(5, 6)), "not all there"},
		"ending early":      {rows(shape, vector(0, 1, 1), vector(0, 2), vector(5, 6)), "not all there"},
		"going back":        {rows(tuple(int64(3), int64(3)), vector(0, 3, 1, 2), vector(0, 2), vector(5, 6)), "do not follow"},
		"a column too far":  {rows(shape, vector(0, 1, 2), vector(0, 3), vector(5, 6)), "in column 3"},
		"coo too short":     {coo(shape, vector(0), vector(0, 1), vector(5, 6)), "do not agree"},
		"coo too far":       {coo(shape, vector(0, 2), vector(0, 1), vector(5, 6)), "in row 2"},
		"coo column":        {coo(shape, vector(0, 1), vector(0, 3), vector(5, 6)), "column 3"},
		"coo of many rows":  {coo(tuple(int64(1<<30), int64(3)), vector(0), vector(0), vector(5)), "1073741824 rows"},
		"coo without rows":  {coo(shape, nil, vector(0), vector(5)), "attribute row"},
		"csc of many rows":  {sparseOf("csc_array", tuple(int64(1<<30), int64(1)), "indptr", vector(0, 1), "indices", vector(0), "data", vector(5)), "1073741824 rows"},
		"csc row too far":   {sparseOf("csc_array", tuple(int64(1), int64(1)), "indptr", vector(0, 1), "indices", vector(1), "data", vector(5)), "in column 1"},
		"coords of three":   {sparseOf("coo_array", shape, "coords", tuple(vector(), vector(), vector()), "data", vector()), "no two coordinates"},
		"coords of nothing": {sparseOf("coo_array", shape, "coords", tuple(nil, vector()), "data", vector()), "attribute coords"},
	} {
		s, err := CSR(c.v)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %q", name, s, err, c.want)
		}
	}
	two := &Array{Dtype: Dtype{Kind: 'u', Size: 1}, Shape: []int{1, 2}, Data: []byte{5, 6}}
	if _, err := CSR(rows(shape, vector(0, 1, 2), vector(0, 2), two)); err == nil {
		t.Error("data of two dimensions are taken")
	}
}

// TestBrokenSequences checks that what pandas and pyarrow store is not trusted.
func TestBrokenSequences(t *testing.T) {
	object := func(name string, args ...Value) *Object { return &Object{Class: Global{"pandas", name}, Args: args} }
	index := func(pairs ...Value) *Object { return object("_new_Index", Global{"pandas", "Index"}, dict(pairs...)) }
	span := func(start, stop, step Value) *Object { return index("start", start, "stop", stop, "step", step) }
	category := func(categories Value, codes Value) *Object {
		o := object("Categorical")
		o.State = dict("_codes", codes, "_dtype", object("CategoricalDtype", categories))
		return o
	}
	arrow := func(kind string, length, offset int64, buffers ...Value) *Object {
		for i, b := range buffers {
			if text, ok := b.(string); ok {
				buffers[i] = object("py_buffer", []byte(text))
			}
		}
		return object("_restore_array", tuple(object("type_for_alias", kind), length, int64(0), offset, list(buffers...), list(), nil))
	}
	places := le(0, 4) + le(1, 4) + le(3, 4)
	loop := index()
	loop.Args[1].(*Dict).Set("data", loop)
	series := object("Series")
	series.State = dict("_mgr", object("SingleBlockManager"))
	for name, v := range map[string]Value{
		"a number": int64(5), "a text": "ab", "None": nil, "an object": object("Cart"), "an index in itself": loop, "an index of nothing": index(),
		"an index of one argument": object("_new_Index", dict()), "a range without step": span(int64(0), int64(5), nil), "a range of step 0": span(int64(0), int64(5), int64(0)),
		"a long range": span(int64(0), int64(1<<39), int64(1)), "a longer range": span(int64(0), int64(1<<62), int64(1)), "a series of nothing": series,
		"a code too high": category(list("a"), vector(0, 1)), "codes of nothing": category(list("a"), nil), "categories of nothing": category(nil, vector(0)),
		"codes below -1":   category(list("a"), &Array{Dtype: Dtype{Kind: 'i', Size: 1}, Shape: []int{1}, Data: []byte{0xfe}}),
		"backed by little": object("__pyx_unpickle_NDArrayBacked", Global{"pandas", "Categorical"}), "chunks of nothing": object("chunked_array"),
		"arrow of numbers": arrow("int64", 2, 0, nil, places, "abc"), "arrow cut": arrow("string", 3, 0, nil, places, "abc"), "arrow with offset": arrow("string", 2, 1, nil, places, "abc"),
		"arrow outside": arrow("string", 2, 0, nil, places, "ab"), "arrow backwards": arrow("string", 1, 1, nil, le(3, 4)+le(2, 4)+le(1, 4), "abc"),
		"arrow without map": arrow("string", 2, 0, "", places, "abc"), "arrow of -1": arrow("string", -1, 0, nil, places, "abc"), "arrow at -1": arrow("string", 1, -1, nil, places, "abc"),
		"arrow of two buffers": arrow("string", 2, 0, nil, places), "arrow of nothing": object("_restore_array"), "arrow of a long text": arrow("string", 1<<40, 0, nil, places, ""),
	} {
		if got, err := Elements(v); err == nil {
			t.Errorf("%s gives %v", name, got)
		}
	}
	missing := arrow("string", 2, 0, "\x02", places, "abc")
	if got, err := Elements(object("chunked_array", list(missing), nil)); err != nil || !slices.Equal(got, []Value{nil, "bc"}) {
		t.Errorf("a missing text: %v, %v", got, err)
	}
	if got, err := Elements(category(list("a"), &Array{Dtype: Dtype{Kind: 'i', Size: 1}, Shape: []int{2}, Data: []byte{0xff, 0}})); err != nil || !slices.Equal(got, []Value{nil, "a"}) {
		t.Errorf("a missing category: %v, %v", got, err)
	}
	if got, err := Strings(list("a", int64(1))); err == nil {
		t.Errorf("a number is the text %q", got)
	}
	if got, err := Floats(tuple("a")); err == nil {
		t.Errorf("a text is the number %v", got)
	}
	for _, a := range []*Array{{Dtype: Dtype{Kind: 'b', Size: 1}, Shape: []int{1}, Data: []byte{1}}, {Dtype: Dtype{Kind: 'O', Size: 8}, Shape: []int{1}, Objects: []Value{true}}} {
		if got, err := Elements(a); err != nil || !slices.Equal(got, []Value{true}) {
			t.Errorf("%s: %v, %v", a.Dtype, got, err)
		}
	}
}
