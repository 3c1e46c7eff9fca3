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
	reconstruct, scalar := "cnumpy.core.multiarray\n_reconstruct\n", "cnumpy.core.multiarray\nscalar\n"
	buffer := func(rest string) string { return "cnumpy._core.numeric\n_frombuffer\n(C\x0812345678" + rest + "tR." }
	one, objects := "K\x01\x85", numpyNamed("O8")
	for _, c := range []struct{ program, want string }{
		{numpyBuilt("K\x02\x85", numpyF8, "\x89", "C\x0f"+strings.Repeat("x", 15)), "has 15 bytes, its shape and dtype ask for 16"},
		{numpyBuilt("K\x02\x85", numpyF8, "\x89", "C\x11"+strings.Repeat("x", 17)), "has 17 bytes, its shape and dtype ask for 16"},
		{numpyBuilt("K\x02\x85", numpyF8, "\x89", "N"), "None stands where bytes belong"},
		{numpyBuilt(one, numpyF8, "\x89", "X\x03\x00\x00\x00\xe2\x82\xac"), "characters beyond latin-1"},
		{numpyBuilt(one, "N", "\x89", "C\x00"), "the dtype of an array is None"},
		{numpyBuilt("N", numpyF8, "\x89", "C\x00"), "the shape of an array is None"},
		{numpyBuilt("]", numpyF8, "\x89", "C\x00"), "the shape of an array is a list"},
		{numpyBuilt("U\x01a\x85", numpyF8, "\x89", "C\x00"), "a dimension of an array is no count"},
		{numpyBuilt("J\xff\xff\xff\xff\x85", numpyF8, "\x89", "C\x00"), "a dimension of an array is no count"},
		{numpyBuilt("K\x00\x85", numpyF8, "N", "C\x00"), "an array has an unknown state"},
		{numpyBuilt("K\x02\x85", objects, "\x89", "]Na"), "does not have the 2 objects of its shape"},
		{numpyBuilt("K\x02\x85", objects, "\x89", "C\x00"), "does not have the 2 objects of its shape"},
		{numpyArray + "NNN\x87b.", "an array has an unknown state"},
		{numpyArray + "(NNNNNNtb.", "an array has an unknown state"},
		{numpyArray + "Nb.", "an array has an unknown state"},
		{numpyArray + ".", "an array is announced that never comes"},
		{numpyArray + "(K\x01K\x00\x85" + numpyF8 + "\x89C\x00tb(K\x01K\x00\x85" + numpyF8 + "\x89C\x00tb.", "gives a state to a numpy array"},
		{reconstruct + ")R.", "_reconstruct has 0 arguments"},
		{scalar + numpyF8 + "C\x071234567\x86R.", "has 7 bytes, its dtype asks for 8"},
		{scalar + "NC\x00\x86R.", "the dtype of an array is None"},
		{scalar + ")R.", "a numpy scalar has 0 arguments"},
		{buffer(numpyF8 + "K\x02\x85U\x01C"), "has 8 bytes, its shape and dtype ask for 16"},
		{buffer(objects + one + "U\x01C"), "an array has 8 bytes"},
		{buffer(numpyF8 + one + "U\x01K"), "unknown order of its axes"},
		{buffer(numpyF8 + one + "N"), "unknown order of its axes"},
		{buffer(numpyF8 + one), "_frombuffer has 3 arguments"},
		{buffer(numpyF8 + one + "U\x01CNN"), "_frombuffer has 6 arguments"},
		{buffer(numpyF8 + "K\x01K\x01\x86U\x01KK\x00K\x00\x86"), "unknown order of its axes"},
		{buffer(numpyF8 + one + "U\x01KK\x01\x85"), "unknown order of its axes"},
		{buffer(numpyF8 + one + "U\x01KK\x00K\x00\x86"), "unknown order of its axes"},
		{buffer(numpyF8 + one + "U\x01K)"), "unknown order of its axes"},

		{"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81Nb.", "a joblib array has an unknown state"},
		{wrapped(one, "N") + "12345678.", "the dtype of an array is None"},
		{strings.Replace(wrapped(one, numpyF8), "orderU\x01C", "orderU\x01A", 1) + "12345678.", "unknown order of its axes"},
		{strings.Replace(wrapped(one, numpyF8), "cnumpy\nndarray\n", "cshop\nCart\n", 1) + "12345678.", "an array of a class of its own"},
		{strings.Replace(wrapped(one, numpyF8), "U\x08subclass", "U\x08other   ", 1) + "12345678.", "an array of a class of its own"},
		{wrapped("K\x02\x85", objects) + numpyBuilt(one, objects, "\x89", "]Na") + ".", "an array of 2 objects is stored as something else"},
		{wrapped(one, objects) + numpyBuilt(one, numpyF8, "\x89", "C\x0812345678") + ".", "an array of 1 objects is stored as something else"},
		{wrapped(one, objects) + "N..", "an array of 1 objects is stored as something else"},
		{wrapped(one, objects) + "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81...", "holds an array stored the way of joblib"},
		{padded("K\x10", "\x11"+strings.Repeat("\xff", 17)), "the padding of a joblib array has 17 bytes"},
		{padded("K\x10", "\x02\xff\xfe"), "the padding of a joblib array is not what it should be"},
		{padded("M\x00\x04", "\x01\xff"), "unknown alignment"},
		{padded("K\x00", "\x00"), "unknown alignment"},
		{padded("U\x0216", "\x00"), "unknown alignment"},
	} {
		v, err := read(c.program)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, %v; want %q", c.program, v, err, c.want)
		}
	}
}

// TestBrokenDtypes checks that what a dtype says of itself must agree.
func TestBrokenDtypes(t *testing.T) {
	state := func(rest string) string {
		return numpyNamed("V12") + "(K\x03U\x01|" + rest + "tb."
	}
	fields := func(fields string) string { return state("NU\x01a\x85" + fields + "J\x0c\x00\x00\x00K\x01K\x10") }
	field := func(dtype, offset string) string { return fields("}U\x01a" + dtype + offset + "\x86s") }
	arrays := func(sub string) string { return state(sub + "NNJ\x0c\x00\x00\x00K\x01K\x10") }
	threeFloats := strings.TrimSuffix(arrays(numpyNamed("f4")+"K\x03\x85\x86"), ".")
	plain := func(order, rest string) string {
		return numpyNamed("f8") + "(K\x03" + order + rest + "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb."
	}
	for _, c := range []struct{ program, want string }{
		{"cnumpy\ndtype\n)R.", "a dtype has no name"},
		{"cnumpy\ndtype\nK\x01\x85R.", "a dtype is named by a whole number"},
		{numpyNamed("q8") + ".", "the dtype q8 is not known"},
		{numpyNamed("f3") + ".", "the dtype f3 is not known"},
		{numpyNamed("i5") + ".", "the dtype i5 is not known"},
		{numpyNamed("c4") + ".", "the dtype c4 is not known"},
		{numpyNamed("b2") + ".", "the dtype b2 is not known"},
		{numpyNamed("S-1") + ".", "the dtype S-1 is not known"},
		{numpyNamed("f8x") + ".", "the dtype f8x is not known"},
		{numpyNamed("U1000000000") + ".", "the dtype U1000000000 is not known"},
		{numpyNamed("") + ".", "the dtype  is not known"},
		{numpyNamed("<") + ".", "the dtype < is not known"},
		{plain("U\x01?", "NNN"), "unknown byte order"},
		{plain("N", "NNN"), "unknown byte order"},
		{plain("U\x01<", "NU\x01a\x85}"), "a plain dtype has fields"},
		{numpyNamed("f8") + "K\x03\x85b.", "a dtype has an unknown state"},
		{numpyNamed("f8") + "Nb.", "a dtype has an unknown state"},
		{state("NNN\x8a\x05\x00\x00\x00\x00\x01K\x01K\x10"), "an array element has 4294967296 bytes"},
		{fields("}"), "the field a of a structured dtype is not described"},
		{fields("N"), "a structured dtype has no fields"},
		{state("NK\x01\x85}J\x0c\x00\x00\x00K\x01K\x10"), "a field of a structured dtype has no name"},
		{fields("}U\x01a" + numpyF8 + "\x85s"), "is not described"},
		{field("N", "K\x00"), "is not described"},
		{field(numpyF8, "N"), "is not described"},
		{field(numpyF8, "K\x05"), "the field a of a structured dtype lies outside of it"},
		{field(numpyF8, "J\xff\xff\xff\xff"), "lies outside of it"},
		{field(numpyF8, "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"), "lies outside of it"},
		// A dtype that is a field, or the element, of itself.
		{numpyNamed("V12") + "q\x00(K\x03U\x01|NU\x01a\x85}U\x01ah\x00K\x00\x86sJ\x0c\x00\x00\x00K\x01K\x10tb.", "is not described"},
		{numpyNamed("V12") + "q\x00(K\x03U\x01|h\x00K\x01\x85\x86NNJ\x0c\x00\x00\x00K\x01K\x10tb.", "a dtype of arrays is not described"},
		{arrays(numpyF8 + "K\x02\x85\x86"), "has 12 bytes, its arrays 16"},
		{arrays(numpyF8 + "\x85"), "a dtype has an unknown state"},
		{arrays("NK\x02\x85\x86"), "a dtype of arrays is not described"},
		{arrays(numpyF8 + "N\x86"), "the shape of an array is None"},
		{arrays(numpyNamed("O8") + "K\x01\x85\x86"), "a dtype of arrays is not described"},
		{arrays(threeFloats + "K\x01\x85\x86"), "a dtype of arrays is not described"},
		{strings.Replace(arrays(numpyNamed("f4")+"K\x03\x85\x86"), "U\x03V12", "U\x03S12", 1), "its arrays 12"},
		{numpyBuilt("K\x01\x85", threeFloats, "\x89", "C\x0c123456789abc"), "the dtype of an array is one of arrays"},
	} {
		v, err := read(c.program)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, %v; want %q", c.program, v, err, c.want)
		}
	}
}

// TestDtypes reads dtypes as numpy and people write them.
func TestDtypes(t *testing.T) {
	for name, want := range map[string]string{
		"<f8": "<f8", ">f8": ">f8", "=i4": "<i4", "|b1": "|b1", "?": "|b1", "a5": "|S5", "U3": "<U3", ">U3": ">U3", "O": "|O8", "M8": "<M8", "V7": "|V7",
	} {
		v, err := read(numpyNamed(name) + ".")
		if d, ok := v.(*Dtype); err != nil || !ok || d.String() != want {
			t.Errorf("%s: %v, %v; want %s", name, v, err, want)
		}
	}
	// The state has the size where the name has none.
	v, err := read(numpyNamed("S") + "(K\x03U\x01|NNNK\x05K\x01K\x00tb.")
	if d, ok := v.(*Dtype); err != nil || !ok || d.String() != "|S5" {
		t.Errorf("%v, %v", v, err)
	}
}

// TestShapes reads shapes that are no plain tuples of numbers.
func TestShapes(t *testing.T) {
	for _, program := range []string{
		numpyBuilt("K\x01", numpyF8, "\x89", "C\x0812345678"),
		numpyBuilt("]K\x01a", numpyF8, "\x89", "C\x0812345678"),
		numpyArray + "(K\x01\x85" + numpyF8 + "\x89C\x0812345678tb.", // without a version
		"cnumpy._core.numeric\n_frombuffer\n(C\x0812345678" + numpyF8 + "K\x01\x85U\x01KNtR.",
	} {
		v, err := read(program)
		if a, ok := v.(*Array); err != nil || !ok || !slices.Equal(a.Shape, []int{1}) || a.Len() != 1 {
			t.Errorf("%q: %v, %v", program, v, err)
		}
	}
	v, err := read("cnumpy.core.multiarray\nscalar\n" + numpyNamed("O8") + "N\x86R.")
	if a, ok := v.(*Array); err != nil || !ok || len(a.Objects) != 1 || a.Objects[0] != nil {
		t.Errorf("a scalar of an object: %v, %v", v, err)
	}
	empty := &Array{Dtype: Dtype{Kind: 'i', Size: 1}, Shape: []int{3, 0}, Fortran: true, Data: []byte{}}
	if n, err := empty.Int64s(); err != nil || len(n) != 0 {
		t.Errorf("an empty array: %v, %v", n, err)
	}
	walk([]int{2, 0}, []int{1, 2}, func(int) { t.Error("an array without elements is walked through") })
}

// TestPadding reads what joblib puts before the bytes of an array.
func TestPadding(t *testing.T) {
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
		{Kind: 'c', Size: 16}, {Kind: 'M', Size: 8}, {Kind: 'V', Size: 16}, {Kind: 'U', Size: 16}, {Kind: 'S', Size: 16}, {Kind: 'f', Size: 16, BigEndian: true},
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
	a.Objects[2] = int64(-1)
	if v, err := a.Int64s(); err != nil || !slices.Equal(v, []int64{2, 1, -1}) {
		t.Errorf("got %v, %v", v, err)
	}
	a.Objects = []Value{"a", "", "b"}
	if v, err := a.Strings(); err != nil || !slices.Equal(v, []string{"a", "", "b"}) {
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
		"XG\xdd\x17\x8c": false, "TG\xdd\x17\x0c": false, "(XG\xdd\x17\x0c": true,
	} {
		if got := Detect([]byte(head)); got != want {
			t.Errorf("Detect(%q) is %v", head, got)
		}
	}
}
