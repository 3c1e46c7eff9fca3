package pickle

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
)

// npy is an .npy file of version 1 with a header and data.
func npy(header, data string) string {
	return npyMagic + "\x01\x00" + le(uint64(len(header)), 2) + header + data
}

const floatsHeader = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }   \n"

// folder is an Opener of files in memory.
func folder(files map[string]string) Opener {
	return func(base string) (io.ReadCloser, int64, error) {
		text, ok := files[base]
		if !ok {
			return nil, 0, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(text)), int64(len(text)), nil
	}
}

// refers is a pickle of an array in another file.
func refers(base string) string {
	return "cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}(U\x08subclasscnumpy\nndarray\nU\x08filenameU" + le(uint64(len(base)), 1) + base + "U\x0aallow_mmap\x88ub"
}

// refersRaw is the same for the bytes of an array, which is described.
func refersRaw(base, shape, dtype string) string {
	return "cjoblib.numpy_pickle\nZNDArrayWrapper\n)\x81}(U\x08filenameU" + le(uint64(len(base)), 1) + base +
		"U\x09init_argscnumpy\nndarray\nK\x00\x85C\x01b\x87U\x05state(K\x01" + shape + dtype + "\x89tub"
}

func readBeside(program string, files map[string]string) (Document, error) {
	return Read(strings.NewReader(program), Options{Allow: allowed, Limits: testLimits, Sibling: folder(files)})
}

// TestSiblings reads arrays from the files beside a file.
func TestSiblings(t *testing.T) {
	one := "\x00\x00\x00\x00\x00\x00\xf0\x3f"
	for program, content := range map[string]string{
		refers("m.pkl_01.npy"):                            npy(floatsHeader, one),
		refersRaw("m.pkl_01.npy.z", "K\x01\x85", numpyF8): one,
		refers("py2.npy"):                                 npy("{\"descr\":'<f8','fortran_order':True,'shape':(1L)}", one),
	} {
		d, err := readBeside(program+".", map[string]string{"m.pkl_01.npy": content, "m.pkl_01.npy.z": content, "py2.npy": content})
		if err != nil {
			t.Errorf("%q: %v", program, err)
			continue
		}
		a, ok := d.Value.(*Array)
		if !ok || !d.Joblib {
			t.Errorf("%q: %T, joblib %v", program, d.Value, d.Joblib)
			continue
		}
		if v, err := a.Float64s(); err != nil || !slices.Equal(v, []float64{1}) {
			t.Errorf("%q: %v, %v", program, v, err)
		}
	}
}

// TestSiblingRefusals checks which files are never opened, and what is said of those
// that do not fit.
func TestSiblingRefusals(t *testing.T) {
	files := map[string]string{
		"a.npy": npy(floatsHeader, "12345678"), "short.npy": npy(floatsHeader, "1234567"), "long.npy": npy(floatsHeader, "123456789"),
		"text.npy": "{}", "etc/passwd.npy": npy(floatsHeader, "12345678"), "..\\a.npy": npy(floatsHeader, "12345678"),
		".npy": npy(floatsHeader, "12345678"), "passwd": "root", "raw.npy.z": "1234567", "objects.npy": npy("{'descr':'|O','fortran_order':False,'shape':(1,)}", "cos\nsystem\n."),
	}
	for _, c := range []struct{ program, want string }{
		{refers("b.npy") + ".", "there is no such file beside this one"},
		{refers("passwd") + ".", "not an array beside it: passwd"},
		{refers("etc/passwd.npy") + ".", "not an array beside it: etc/passwd.npy"},
		{refers("..\\a.npy") + ".", "not an array beside it"},
		{refers(".npy") + ".", "not an array beside it"},
		{refers("/a.npy") + ".", "not an array beside it"},
		{refers("c:a.npy") + ".", "not an array beside it"},
		{refers(strings.Repeat("x", 251)+".npy") + ".", ""}, // 255 bytes: looked for
		{refers("a.npy") + refers("a.npy") + "\x86.", "refers twice to the file a.npy"},
		{refers("short.npy") + ".", "ends in the middle, at byte 78 of short.npy"},
		{refers("long.npy") + ".", "something follows the end"},
		{refers("text.npy") + ".", "ends in the middle, at byte 0 of text.npy"},
		{refers("objects.npy") + ".", "os.system is not one of the classes"},
		{strings.Replace(refers("a.npy"), "cnumpy\nndarray\n", "cshop\nCart\n", 1) + ".", "an array of a class of its own"},
		{strings.Replace(refers("a.npy"), "filename", "filenome", 1) + ".", "names no file"},
		{"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81Nb.", "an unknown state"},
		{"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81.", "an array is announced that never comes"},
		{refersRaw("raw.npy.z", "K\x01\x85", numpyF8) + ".", "ends in the middle, at byte 7 of raw.npy.z"},
		{refersRaw("raw.npy.z", "K\x01\x85", numpyNamed("O8")) + ".", "stands for an array of objects"},
		{refersRaw("raw.npy.z", "K\x01\x85", "N") + ".", "the dtype of an array is None"},
		{refersRaw("raw.npy.z", "N", numpyF8) + ".", "the shape of an array is None"},
		{strings.Replace(refersRaw("raw.npy.z", "K\x01\x85", numpyF8), "init_args", "init_argz", 1) + ".", "an array of a class of its own"},
		{strings.Replace(refersRaw("raw.npy.z", "K\x01\x85", numpyF8), "U\x05state", "U\x05stole", 1) + ".", "an unknown state"},
	} {
		d, err := readBeside(c.program, files)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, %v; want %q", c.program, d.Value, err, c.want)
		}
	}
	var refused *RefusedError
	_, err := readBeside(refers("b.npy")+".", files)
	if !errors.As(err, &refused) || !strings.Contains(refused.Hint(), "one folder") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestSiblingsCount checks that the files beside a file are held against its limits:
// each adds what it can give, and no more.
func TestSiblingsCount(t *testing.T) {
	header := "{'descr': '|u1', 'fortran_order': False, 'shape': (20000,)}"
	content := npy(header, strings.Repeat("x", 20000))
	limits := testLimits
	limits.Memory = 4000
	open := func(most int64) Opener {
		return func(string) (io.ReadCloser, int64, error) { return io.NopCloser(strings.NewReader(content)), most, nil }
	}
	for most, want := range map[int64]bool{0: false, 10000: false, 15000: false, int64(len(content)): true} {
		_, err := Read(strings.NewReader(refers("a.npy")+"."), Options{Limits: limits, Sibling: open(most)})
		var over *LimitError
		if (err == nil) != want || err != nil && !errors.As(err, &over) {
			t.Errorf("with at most %d bytes beside it: %v", most, err)
		}
	}
}

// TestReadNPY reads numpy's own format in its versions.
func TestReadNPY(t *testing.T) {
	two := npyMagic + "\x02\x00" + le(uint64(len(floatsHeader)), 4) + floatsHeader + "12345678"
	for content, want := range map[string]string{
		npy(floatsHeader, "12345678"): "<f8",
		two:                           "<f8",
		npy("{'descr': [('a', '<i4'), ('', '|V4'), (('title', 'b'), '>f8', (2,))], 'fortran_order': False, 'shape': ()}", strings.Repeat("x", 24)): "|V24",
		npy("{'descr': [('a', [('b', '|u1')])], 'fortran_order': False, 'shape': (3, 1)}", "abc"):                                                  "|V1",
		npy("{'descr': '<U2', 'fortran_order': True, 'shape': (0, 5)}", ""):                                                                        "<U2",
		npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", numpyBuilt("K\x01\x85", numpyNamed("O8"), "\x89", "]Na")):                    "|O8",
	} {
		a, err := ReadNPY(strings.NewReader(content), nil, testLimits)
		if err != nil || a.Dtype.String() != want {
			t.Errorf("%.80q: %v", content, err)
		}
	}
	header := func(h string) string { return npy(h, "12345678") }
	for _, content := range []string{
		"", "\x93NUMPX\x01\x00", npyMagic + "\x04\x00\x00\x00", npyMagic + "\x00\x00", npyMagic + "\x02\x00\xff\xff\xff\xff", header(""), header("{"), header("[]"),
		header(floatsHeader + "{}"), header("{'descr': '<f8', 'fortran_order': False}"), header("{'descr': '<f8', 'shape': (1,)}"),
		header("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}"), header("{'descr': 'q', 'fortran_order': False, 'shape': (1,)}"),
		header("{'descr': 5, 'fortran_order': False, 'shape': (1,)}"), header("{'descr': [5], 'fortran_order': False, 'shape': (1,)}"),
		header("{'descr': [('a',)], 'fortran_order': False, 'shape': (1,)}"), header("{'descr': [(5, '<f8')], 'fortran_order': False, 'shape': (1,)}"),
		header("{'descr': [('a', '<f8', 'x')], 'fortran_order': False, 'shape': (1,)}"), header("{'descr': [('a', '<f8', (-1,))], 'fortran_order': False, 'shape': (1,)}"),
		header("{'descr': [('a', '|O', (1,))], 'fortran_order': False, 'shape': (1,)}"), header("{'descr': [('a', '<f8', (99999999999,))], 'fortran_order': False, 'shape': (1,)}"),
		header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"), header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}"),
		header("{'descr' '<f8'}"), header("{'descr': }"), header("{'descr': '<f8' 'shape': (1,)}"), header("{'de\\scr': 1}"), header("{'descr"), header("{'descr': (1 2)}"), header("{'descr': x}"),
		header("{'descr': " + strings.Repeat("[", 1000)), header("{(1,): 1}"),
	} {
		if a, err := ReadNPY(strings.NewReader(content), nil, testLimits); err == nil || a != nil {
			t.Errorf("%.80q is accepted", content)
		}
	}
}

// TestObjectFields reads an array of records some of whose fields are objects.
func TestObjectFields(t *testing.T) {
	dtype := "cnumpy\ndtype\nU\x03V16K\x00K\x01\x87R(K\x03U\x01|NU\x01aU\x01b\x86}(U\x01a" + numpyNamed("O8") + "K\x00\x86U\x01b" +
		numpyNamed("i8") + "K\x08\x86uK\x10K\x01K\x10tb"
	v, err := read(numpyBuilt("K\x02\x85", dtype, "\x89", "](U\x01xK\x07\x86U\x01yK\x08\x86e"))
	if err != nil {
		t.Fatal(err)
	}
	a := v.(*Array)
	texts, err := a.Field("a")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := texts.Strings(); err != nil || !slices.Equal(s, []string{"x", "y"}) {
		t.Errorf("%v, %v", s, err)
	}
	whole, err := a.Field("b")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := whole.Int64s(); err != nil || !slices.Equal(n, []int64{7, 8}) {
		t.Errorf("%v, %v", n, err)
	}
	if n, err := whole.Float64s(); err != nil || !slices.Equal(n, []float64{7, 8}) {
		t.Errorf("%v, %v", n, err)
	}
	a.Objects[1] = "no tuple"
	if _, err := a.Field("a"); err == nil {
		t.Error("a field of a text is given")
	}
}

// TestLongDouble reads x86's 80-bit numbers.
func TestLongDouble(t *testing.T) {
	number := func(fraction uint64, top uint16) string { return le(fraction, 8) + le(uint64(top), 2) + "garbag" }
	data := number(1<<63, 16383) + number(3<<62, 0x8000|16384) + number(0, 0) + number(1<<63, 0x7fff) + number(1<<63, 0xffff) +
		number(3<<62, 0x7fff) + number(0xcccccccccccccccd, 16379) + number(1, 0) + number(1<<63|1<<10, 16383)
	a := &Array{Dtype: Dtype{Kind: 'f', Size: 16}, Shape: []int{9}, Data: []byte(data)}
	got, err := a.Float64s()
	want := []float64{1, -3, 0, math.Inf(1), math.Inf(-1), math.NaN(), 0.1, 0, 1}
	if err != nil || len(got) != len(want) {
		t.Fatal(got, err)
	}
	for i := range want {
		if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
			t.Errorf("number %d is %v, want %v", i, got[i], want[i])
		}
	}
}
