package pickle

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// numpyBuilt is an array with a state, given as programs.
func numpyBuilt(shape, dtype, fortran, data string) string {
	return numpyArray + "(K\x01" + shape + dtype + fortran + data + "tb."
}

// TestBrokenArrays checks that what an array says of itself must agree.
func TestBrokenArrays(t *testing.T) {
	const v12 = "cnumpy\ndtype\nU\x03V12K\x00K\x01\x87R"
	state := func(rest string) string { return v12 + "(K\x03U\x01|" + rest + "tb" }
	tail := "J\x0c\x00\x00\x00K\x01K\x10"
	for what, program := range map[string]string{
		"too few bytes":         numpyBuilt("K\x02\x85", numpyF8, "\x89", "C\x0f"+strings.Repeat("x", 15)),
		"too many bytes":        numpyBuilt("K\x02\x85", numpyF8, "\x89", "C\x11"+strings.Repeat("x", 17)),
		"no bytes":              numpyBuilt("K\x02\x85", numpyF8, "\x89", "N"),
		"text beyond latin-1":   numpyBuilt("K\x01\x85", numpyF8, "\x89", "X\x03\x00\x00\x00\xe2\x82\xac"),
		"a dtype that is none":  numpyBuilt("K\x01\x85", "N", "\x89", "C\x00"),
		"a shape that is none":  numpyBuilt("N", numpyF8, "\x89", "C\x00"),
		"a dimension of text":   numpyBuilt("U\x01a\x85", numpyF8, "\x89", "C\x00"),
		"an order that is none": numpyBuilt("K\x00\x85", numpyF8, "N", "C\x00"),
		"too few objects":       numpyBuilt("K\x02\x85", numpyNamed("O8"), "\x89", "]Na"),
		"objects as bytes":      numpyBuilt("K\x02\x85", numpyNamed("O8"), "\x89", "C\x00"),
		"a state of 3":          numpyArray + "NNN\x87b.",
		"no state":              numpyArray + ".",
		"two states":            numpyArray + "(K\x01K\x00\x85" + numpyF8 + "\x89C\x00tb(K\x01K\x00\x85" + numpyF8 + "\x89C\x00tb.",
		"no arguments":          "cnumpy.core.multiarray\n_reconstruct\n)R.",
		"a scalar of 7 bytes":   "cnumpy.core.multiarray\nscalar\n" + numpyF8 + "C\x071234567\x86R.",
		"a scalar of nothing":   "cnumpy.core.multiarray\nscalar\n)R.",
		"a buffer of 7 bytes":   "cnumpy.core.numeric\n_frombuffer\n(C\x071234567" + numpyF8 + "K\x01\x85U\x01CtR.",
		"a buffer of objects":   "cnumpy.core.numeric\n_frombuffer\n(C\x0812345678" + numpyNamed("O8") + "K\x01\x85U\x01CtR.",
		"an unknown order":      "cnumpy.core.numeric\n_frombuffer\n(C\x0812345678" + numpyF8 + "K\x01\x85U\x01KtR.",
		"an axis twice":         "cnumpy._core.numeric\n_frombuffer\n(C\x0812345678" + numpyF8 + "K\x01K\x01\x86U\x01KK\x00K\x00\x86tR.",
		"an axis too many":      "cnumpy._core.numeric\n_frombuffer\n(C\x0812345678" + numpyF8 + "K\x01\x85U\x01KK\x01\x85tR.",

		"a dtype of no name":      "cnumpy\ndtype\n)R.",
		"a dtype of a number":     "cnumpy\ndtype\nK\x01\x85R.",
		"an unknown dtype":        numpyNamed("q8") + ".",
		"a float of 3 bytes":      numpyNamed("f3") + ".",
		"a boolean of 2 bytes":    numpyNamed("b2") + ".",
		"a negative size":         numpyNamed("S-1") + ".",
		"an empty dtype":          numpyNamed("") + ".",
		"an unknown byte order":   numpyNamed("f8") + "(K\x03U\x01?NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb.",
		"a dtype's short state":   numpyNamed("f8") + "K\x03\x85b.",
		"fields of a float":       numpyNamed("f8") + "(K\x03U\x01<NU\x01a\x85}J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb.",
		"a huge element":          state("NNN\x8a\x05\x00\x00\x00\x00\x01K\x01K\x10"),
		"fields not described":    state("NU\x01a\x85}" + tail),
		"no dict of fields":       state("NU\x01a\x85N" + tail),
		"a field without a name":  state("NK\x01\x85}" + tail),
		"a field outside":         state("NU\x01a\x85}U\x01a" + numpyF8 + "K\x05\x86s" + tail),
		"a field before":          state("NU\x01a\x85}U\x01a" + numpyF8 + "J\xff\xff\xff\xff\x86s" + tail),
		"a field of objects":      state("NU\x01a\x85}U\x01a" + numpyNamed("O8") + "K\x00\x86s" + tail),
		"a sub-array too large":   state(numpyF8 + "K\x02\x85\x86NN" + tail),
		"a sub-array of objects":  state(numpyNamed("O8") + "K\x01\x85\x86NN" + tail),
		"an array of sub-arrays":  numpyBuilt("K\x01\x85", state(numpyNamed("f4")+"K\x03\x85\x86NN"+tail), "\x89", "C\x0c123456789abc"),
		"joblib: no state":        "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81Nb.",
		"joblib: no dtype":        wrapped("K\x01\x85", "N") + "12345678.",
		"joblib: unknown order":   strings.Replace(wrapped("K\x01\x85", numpyF8), "orderU\x01C", "orderU\x01A", 1) + "12345678.",
		"joblib: other objects":   wrapped("K\x02\x85", numpyNamed("O8")) + numpyBuilt("K\x01\x85", numpyNamed("O8"), "\x89", "]Na") + ".",
		"joblib: no objects":      wrapped("K\x01\x85", numpyNamed("O8")) + numpyBuilt("K\x01\x85", numpyF8, "\x89", "C\x0812345678") + ".",
		"joblib: long padding":    padded("K\x10", "\x11"+strings.Repeat("\xff", 17)),
		"joblib: odd padding":     padded("K\x10", "\x02\xff\xfe"),
		"joblib: odd alignment":   padded("M\x00\x04", "\x01\xff"),
		"joblib: alignment of 0":  padded("K\x00", "\x00"),
		"joblib: alignment a str": padded("U\x0216", "\x00"),
	} {
		v, err := read(program)
		if err == nil {
			t.Errorf("%s: read as %v", what, v)
		}
	}
	for _, padding := range []string{"\x01\xff", "\x10" + strings.Repeat("\xff", 16), "\x00"} {
		if v, err := read(padded("K\x10", padding)); err != nil || string(v.(*Array).Data) != "12345678" {
			t.Errorf("padding %q: %v, %v", padding, v, err)
		}
	}
}

// padded is a joblib array of one element with a padding.
func padded(alignment, padding string) string {
	s := strings.TrimSuffix(wrapped("K\x01\x85", numpyF8), "ub")
	return s + "U\x1bnumpy_array_alignment_bytes" + alignment + "ub" + padding + "12345678."
}

// TestSubarrayField reads a structured dtype whose field is an array.
func TestSubarrayField(t *testing.T) {
	sub := "cnumpy\ndtype\nU\x02V8K\x00K\x01\x87R(K\x03U\x01|" + numpyNamed("f4") + "K\x02\x85\x86NNK\x08K\x04K\x00tb"
	outer := "cnumpy\ndtype\nU\x02V9K\x00K\x01\x87R(K\x03U\x01|NU\x01pU\x01q\x86}U\x01p" + sub + "K\x01\x86sU\x01q" +
		numpyNamed("u1") + "K\x00\x86sK\x09K\x01K\x10tb"
	v, err := read(numpyBuilt("K\x01\x85", outer, "\x89", "C\x09\x07abcdefgh"))
	if err != nil {
		t.Fatal(err)
	}
	a := v.(*Array)
	if f := a.Dtype.Fields[0]; f.Name != "p" || !slices.Equal(f.Shape, []int{2}) || f.Dtype.String() != "<f4" || f.Offset != 1 {
		t.Errorf("the field is %+v", f)
	}
	if _, err := a.Field("p"); err == nil {
		t.Error("a field of arrays is given as a column")
	}
	if _, err := a.Field("r"); err == nil {
		t.Error("a field that is not there is given")
	}
	c, err := a.Field("q")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := c.Int64s(); err != nil || !slices.Equal(n, []int64{7}) || c.Len() != 1 {
		t.Errorf("q is %v, %v", n, err)
	}
}

// TestConversionErrors checks that no element is read as what it is not.
func TestConversionErrors(t *testing.T) {
	for _, dtype := range []Dtype{
		{Kind: 'c', Size: 16}, {Kind: 'M', Size: 8}, {Kind: 'V', Size: 16}, {Kind: 'U', Size: 16}, {Kind: 'S', Size: 16}, {Kind: 'f', Size: 16},
	} {
		a := &Array{Dtype: dtype, Shape: []int{1}, Data: make([]byte, 16)}
		if v, err := a.Float64s(); err == nil {
			t.Errorf("%s gives the floats %v", dtype, v)
		}
		if v, err := a.Int64s(); err == nil {
			t.Errorf("%s gives the whole numbers %v", dtype, v)
		}
	}
	floats := &Array{Dtype: Dtype{Kind: 'f', Size: 8}, Shape: []int{1}, Data: make([]byte, 8)}
	if v, err := floats.Int64s(); err == nil {
		t.Errorf("floats give the whole numbers %v", v)
	}
	if v, err := floats.Strings(); err == nil {
		t.Errorf("floats give the texts %q", v)
	}
	large := &Array{Dtype: Dtype{Kind: 'u', Size: 8}, Shape: []int{1}, Data: []byte("\x00\x00\x00\x00\x00\x00\x00\x80")}
	if v, err := large.Int64s(); err == nil {
		t.Errorf("2^63 gives %v", v)
	}
	if v, err := large.Float64s(); err != nil || v[0] != math.Ldexp(1, 63) {
		t.Errorf("2^63 gives %v, %v", v, err)
	}
	wrong := &Array{Dtype: Dtype{Kind: 'U', Size: 4}, Shape: []int{1}, Data: []byte("\x00\x00\x11\x00")}
	if v, err := wrong.Strings(); err == nil {
		t.Errorf("0x110000 gives the text %q", v)
	}
	objects := &Array{Dtype: Dtype{Kind: 'O', Size: 8}, Shape: []int{2}, Objects: []Value{int64(1), "a"}}
	if v, err := objects.Float64s(); err == nil {
		t.Errorf("a text gives %v", v)
	}
	if v, err := objects.Strings(); err == nil {
		t.Errorf("a number gives %v", v)
	}
}

// TestObjectNumbers reads arrays of objects as what the objects are.
func TestObjectNumbers(t *testing.T) {
	scalar := &Array{Dtype: Dtype{Kind: 'f', Size: 4}, Data: []byte("\x00\x00\xc0\x3f")}
	a := &Array{Dtype: Dtype{Kind: 'O', Size: 8}, Shape: []int{3}, Objects: []Value{int64(2), true, scalar}}
	if v, err := a.Float64s(); err != nil || !slices.Equal(v, []float64{2, 1, 1.5}) {
		t.Errorf("got %v, %v", v, err)
	}
}

// TestAs checks what counts as a number, a text and a truth value.
func TestAs(t *testing.T) {
	i4 := &Array{Dtype: Dtype{Kind: 'i', Size: 4, BigEndian: true}, Data: []byte("\xff\xff\xff\xfe")}
	f8 := &Array{Dtype: Dtype{Kind: 'f', Size: 8}, Data: []byte("\x00\x00\x00\x00\x00\x00\xf8\x3f")}
	b1 := &Array{Dtype: Dtype{Kind: 'b', Size: 1}, Data: []byte{1}}
	u2 := &Array{Dtype: Dtype{Kind: 'U', Size: 8}, Data: []byte("a\x00\x00\x00\x00\x00\x00\x00")}
	row := &Array{Dtype: Dtype{Kind: 'b', Size: 1}, Shape: []int{1}, Data: []byte{1}}
	loop := &Array{Dtype: Dtype{Kind: 'O', Size: 8}}
	loop.Objects = []Value{loop}
	none := "none"
	for _, c := range []struct {
		v                              Value
		asInt, asFloat, asText, asBool any
	}{
		{int64(3), int64(3), 3.0, none, none},
		{true, int64(1), 1.0, none, true},
		{false, int64(0), 0.0, none, false},
		{1.5, none, 1.5, none, none},
		{"a", none, none, "a", none},
		{nil, none, none, none, none},
		{[]byte("a"), none, none, none, none},
		{i4, int64(-2), -2.0, none, none},
		{f8, none, 1.5, none, none},
		{b1, int64(1), 1.0, none, true},
		{u2, none, none, "a", none},
		{row, none, none, none, none},
		{loop, none, none, none, none},
	} {
		check := func(what string, got any, ok bool, want any) {
			t.Helper()
			if ok != (want != any(none)) || ok && got != want {
				t.Errorf("%s(%v) is %v, %v; want %v", what, c.v, got, ok, want)
			}
		}
		i, ok := AsInt(c.v)
		check("AsInt", i, ok, c.asInt)
		f, ok := AsFloat(c.v)
		check("AsFloat", f, ok, c.asFloat)
		s, ok := AsString(c.v)
		check("AsString", s, ok, c.asText)
		b, ok := AsBool(c.v)
		check("AsBool", b, ok, c.asBool)
	}
}

// TestDetect checks what is taken for a pickle and what is not.
func TestDetect(t *testing.T) {
	for head, want := range map[string]bool{
		"\x80\x02}q\x00.": true, "\x80\x05\x95": true, "\x80\x06N.": false, "\x80": false, "": false,
		"ccopy_reg\n_reconstructor\np0\n(csklearn": true, "(dp0\nS'a'\np1\nI1\ns.": true, "]q\x00(K\x01K\x02e.": true,
		"(lp0\nI1\naI2": true, "Infinity": false, "I am a text\n": false, "tree\nversion=v3\n": false, "{\"learner\": 1}": false,
		"[[1,2]]": false, "CBM1....": false, "N.x": false, ".": false, "Some notes\n": false, "}x": false,
		"column,category,encoding\n0,TCP,1\n": false, "(comment)\n": false,
		"X\xff\xff\x00\x00abc": true, "U\x05ab": true, "U\x02abz": false,
	} {
		if got := Detect([]byte(head)); got != want {
			t.Errorf("Detect(%q) is %v", head, got)
		}
	}
}
