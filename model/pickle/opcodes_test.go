package pickle

import (
	"bytes"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// allowed is the allow list of these tests.
func allowed(g Global) bool { return g == Global{"shop", "Cart"} || g == Global{"shop", "Item"} }

func read(program string) (Value, error) {
	return readValue(strings.NewReader(program), allowed, testLimits)
}

// readValue reads what r holds.
func readValue(r io.Reader, allow func(Global) bool, limits Limits) (Value, error) {
	d, err := Read(r, Options{Allow: allow, Limits: limits})
	return d.Value, err
}

var cart = Global{"shop", "Cart"}

// equal compares values, big numbers by value.
func equal(a, b Value) string {
	return cmp.Diff(a, b, cmp.Comparer(func(x, y *big.Int) bool { return x.Cmp(y) == 0 }), cmpopts.IgnoreUnexported(Dict{}), cmpopts.EquateEmpty())
}

func list(items ...Value) *List   { return &List{Items: items} }
func tuple(items ...Value) *Tuple { return &Tuple{Items: items} }
func dict(pairs ...Value) *Dict {
	d := &Dict{}
	for i := 0; i < len(pairs); i += 2 {
		d.Set(pairs[i], pairs[i+1])
	}
	return d
}

// TestOpcodes runs every opcode that is run, by hand-made programs.
func TestOpcodes(t *testing.T) {
	huge, _ := new(big.Int).SetString("18446744073709551616", 10)
	minus, _ := new(big.Int).SetString("-9223372036854775809", 10)
	for name, c := range map[string]struct {
		program string
		want    Value
	}{
		"NONE":              {"N.", nil},
		"NEWTRUE":           {"\x88.", true},
		"NEWFALSE":          {"\x89.", false},
		"INT":               {"I-12\n.", int64(-12)},
		"INT true":          {"I01\n.", true},
		"INT false":         {"I00\n.", false},
		"INT large":         {"I18446744073709551616\n.", huge},
		"BININT":            {"J\xfe\xff\xff\xff.", int64(-2)},
		"BININT1":           {"K\xff.", int64(255)},
		"BININT2":           {"M\x00\xff.", int64(65280)},
		"LONG":              {"L-5L\n.", int64(-5)},
		"LONG without L":    {"L5\n.", int64(5)},
		"LONG1":             {"\x8a\x01\xff.", int64(-1)},
		"LONG1 empty":       {"\x8a\x00.", int64(0)},
		"LONG1 of 8 bytes":  {"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", int64(1<<63 - 1)},
		"LONG1 large":       {"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", huge},
		"LONG4 negative":    {"\x8b\x09\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\x7f\xff.", minus},
		"FLOAT":             {"F-1.5e3\n.", -1500.0},
		"BINFLOAT":          {"G\xbf\xf8\x00\x00\x00\x00\x00\x00.", -1.5},
		"STRING":            {"S'a\\'\\x41\\n\\\\\\101\\q'\n.", "a'A\n\\A\\q"},
		"STRING latin-1":    {"S\"\\xe4\xf6\"\n.", "äö"},
		"BINSTRING":         {"T\x02\x00\x00\x00\xe4b.", "äb"},
		"SHORT_BINSTRING":   {"U\x01\xff.", "ÿ"},
		"UNICODE":           {"V\xe4\\u20ac\\U0001f600\\n\\\\u0041\n.", "ä€😀\\n\\\\u0041"},
		"UNICODE lone":      {"V\\ud83d\n.", "\xed\xa0\xbd"},
		"BINUNICODE":        {"X\x02\x00\x00\x00\xc3\xa4.", "ä"},
		"BINUNICODE lone":   {"X\x03\x00\x00\x00\xed\xa0\x80.", "\xed\xa0\x80"},
		"SHORT_BINUNICODE":  {"\x8c\x01x.", "x"},
		"BINUNICODE8":       {"\x8d\x01\x00\x00\x00\x00\x00\x00\x00x.", "x"},
		"BINBYTES":          {"B\x01\x00\x00\x00\xff.", []byte{255}},
		"SHORT_BINBYTES":    {"C\x01\xff.", []byte{255}},
		"BINBYTES8":         {"\x8e\x01\x00\x00\x00\x00\x00\x00\x00\xff.", []byte{255}},
		"BYTEARRAY8":        {"\x96\x01\x00\x00\x00\x00\x00\x00\x00\xff.", []byte{255}},
		"EMPTY_LIST APPEND": {"]Na.", list(nil)},
		"APPENDS":           {"](NK\x01e.", list(nil, int64(1))},
		"LIST":              {"(K\x01K\x02l.", list(int64(1), int64(2))},
		"EMPTY_TUPLE":       {").", tuple()},
		"TUPLE":             {"(K\x01(tt.", tuple(int64(1), tuple())},
		"TUPLE1":            {"N\x85.", tuple(nil)},
		"TUPLE2":            {"NK\x01\x86.", tuple(nil, int64(1))},
		"TUPLE3":            {"NK\x01K\x02\x87.", tuple(nil, int64(1), int64(2))},
		"EMPTY_DICT":        {"}.", dict()},
		"DICT":              {"(U\x01aK\x01d.", dict("a", int64(1))},
		"SETITEM":           {"}K\x07Ns.", dict(int64(7), nil)},
		"SETITEMS last":     {"}(U\x01aK\x01U\x01aK\x02u.", dict("a", int64(2))},
		"EMPTY_SET":         {"\x8f(K\x01K\x02\x90.", &Set{Items: []Value{int64(1), int64(2)}}},
		"FROZENSET":         {"(K\x01\x91.", &Set{Items: []Value{int64(1)}}},
		"POP":               {"NK\x010.", nil},
		"POP of a mark":     {"N(0.", nil},
		"POP_MARK":          {"N(K\x01K\x021.", nil},
		"DUP":               {"K\x012\x86.", tuple(int64(1), int64(1))},
		"PUT GET":           {"K\x05p7\n0g7\n.", int64(5)},
		"BINPUT BINGET":     {"K\x05q\x090h\x09.", int64(5)},
		"LONG_BINPUT":       {"K\x05r\x00\x00\x01\x000j\x00\x00\x01\x00.", int64(5)},
		"MEMOIZE":           {"K\x05\x94K\x06\x9400h\x01.", int64(6)},
		"MEMOIZE with gap":  {"K\x05q\x030K\x06\x940h\x01.", int64(6)}, // numbered by how many there are
		"PROTO FRAME":       {"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", nil},
		"GLOBAL":            {"cshop\nCart\n.", cart},
		"STACK_GLOBAL":      {"\x8c\x04shop\x8c\x04Cart\x93.", cart},
		"REDUCE":            {"cshop\nCart\n(K\x01tR.", &Object{Class: cart, Args: []Value{int64(1)}}},
		"NEWOBJ":            {"cshop\nCart\n)\x81.", &Object{Class: cart}},
		"NEWOBJ_EX":         {"cshop\nCart\n)}U\x01kNs\x92.", &Object{Class: cart, Args: []Value{dict("k", nil)}}},
		"NEWOBJ_EX empty":   {"cshop\nCart\nN\x85}\x92.", &Object{Class: cart, Args: []Value{nil}}},
		"INST":              {"(K\x01ishop\nCart\n.", &Object{Class: cart, Args: []Value{int64(1)}}},
		"OBJ":               {"(cshop\nCart\nK\x01o.", &Object{Class: cart, Args: []Value{int64(1)}}},
		"BUILD":             {"cshop\nCart\n)\x81}U\x01aK\x01sb.", &Object{Class: cart, State: dict("a", int64(1))}},
		"object APPENDS":    {"cshop\nCart\n)\x81(K\x01K\x02e.", &Object{Class: cart, Items: []Value{int64(1), int64(2)}}},
		"object SETITEM":    {"cshop\nCart\n)\x81U\x01aNs.", &Object{Class: cart, Items: []Value{tuple("a", nil)}}},
		"_reconstructor": {"ccopy_reg\n_reconstructor\n(cshop\nCart\nc__builtin__\nobject\nNtR}U\x01aNsb.",
			&Object{Class: cart, State: dict("a", nil)}},
		"_reconstructor dict":       {"ccopyreg\n_reconstructor\n(cshop\nCart\ncbuiltins\ndict\n}tR.", &Object{Class: cart, Args: []Value{dict()}}},
		"bytes":                     {"c__builtin__\nbytes\n)R.", []byte{}},
		"_codecs.encode":            {"c_codecs\nencode\nX\x02\x00\x00\x00\xc3\xbfU\x06latin1\x86R.", []byte{255}},
		"bytearray":                 {"cbuiltins\nbytearray\nC\x01a\x85R.", []byte("a")},
		"set":                       {"cbuiltins\nset\n](K\x01e\x85R.", &Set{Items: []Value{int64(1)}}},
		"list":                      {"cbuiltins\nlist\nN\x85\x85R.", list(nil)},
		"tuple":                     {"cbuiltins\ntuple\n]\x85R.", tuple()},
		"OrderedDict":               {"ccollections\nOrderedDict\n](](U\x01aK\x01ee\x85R.", dict("a", int64(1))},
		"defaultdict":               {"ccollections\ndefaultdict\ncbuiltins\nlist\n\x85RU\x01aNs.", dict("a", nil)},
		"Counter":                   {"ccollections\nCounter\n}U\x01aK\x02s\x85R.", dict("a", int64(2))},
		"deque":                     {"ccollections\ndeque\n]K\x05\x86R(K\x01K\x02e.", list(int64(1), int64(2))},
		"__newobj__":                {"ccopyreg\n__newobj__\ncshop\nCart\nK\x01\x86R.", &Object{Class: cart, Args: []Value{int64(1)}}},
		"__newobj_ex__":             {"ccopyreg\n__newobj_ex__\ncshop\nCart\n)}U\x01kNs\x87R.", &Object{Class: cart, Args: []Value{dict("k", nil)}}},
		"NoneType":                  {"c__builtin__\ntype\nN\x85R.", Global{"builtins", "NoneType"}},
		"EllipsisType":              {"cbuiltins\ntype\ncbuiltins\nEllipsis\n\x85R.", Global{"builtins", "EllipsisType"}},
		"ufunc":                     {"cnumpy.core\n_ufunc_reconstruct\nU\x05numpyU\x05log1p\x86R.", Global{"numpy", "log1p"}},
		"ufunc that scipy borrowed": {"cnumpy.core\n_ufunc_reconstruct\nU\x1cscipy.stats._discrete_distnsU\x05log1p\x86R.", Global{"numpy", "log1p"}},
		"numpy 2 name":              {"cnumpy._core._multiarray_umath\nlog1p\n.", Global{"numpy._core._multiarray_umath", "log1p"}},
		"getattr of a distribution": {"cbuiltins\ngetattr\ncscipy.stats._discrete_distns\nrandint_gen\n)\x81U\x02_a\x86R.",
			&Object{Class: Global{"builtins", "getattr"}, Args: []Value{&Object{Class: Global{"scipy.stats._discrete_distns", "randint_gen"}}, "_a"}}},
		"partial": {"cfunctools\npartial\ncnumpy\nclip\n\x85R(cnumpy\nclip\n)}Ntb.", &Object{Class: Global{"functools", "partial"},
			Args: []Value{Global{"numpy", "clip"}}, State: tuple(Global{"numpy", "clip"}, tuple(), dict(), nil)}},
		"complex": {"c__builtin__\ncomplex\nK\x01K\x02\x86R.", &Object{Class: Global{"__builtin__", "complex"}, Args: []Value{int64(1), int64(2)}}},
		"slice":   {"cbuiltins\nslice\nNNN\x87R.", &Object{Class: Global{"builtins", "slice"}, Args: []Value{nil, nil, nil}}},
		"object":  {"cbuiltins\nobject\n)\x81.", &Object{Class: Global{"builtins", "object"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(c.program)
			if err != nil {
				t.Fatal(err)
			}
			if diff := equal(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestBrokenPrograms runs programs that no pickler writes: each must end in a
// FormatError.
func TestBrokenPrograms(t *testing.T) {
	for _, program := range []string{
		"", ".", "N", "NN.", "(N.", "0.", "1.", "2.", "a.", "e.", "s.", "u.", "\x90.", "t.", "l.", "d.", "\x91.", "\x85.", "\x86.", "\x87.",
		"N(\x85.", "K\x01(a.", // what is below a mark is out of reach
		"NNa.", "N(Ne.", "NNNs.", "}(Nu.", "](N\x90.", "\x8f(Ne.", "\x8fNa.", "]NNs.", "(Nd.",
		"g0\n.", "h\x00.", "j\x00\x00\x00\x00.", "p0\n.", "q\x00.", "\x94.", "Ng-1\n.", "Np-1\n.", "Npx\n.", "Np99999999999999999999\n.",
		"Ix\n.", "I\n.", "I1", "L\n.", "Lx\n.", "Fx\n.", "F\n.", "I" + strings.Repeat("9", 6000) + "\n.",
		"\x8b\xff\xff\xff\xff.", "\x8b\x01\x04\x00\x00" + strings.Repeat("\x01", 1025) + ".",
		"Sabc\n.", "S'\n.", "S'a\n.", "S'\\x4'\n.", "S'a\\'\n.", "V\\u12\n.", "V\\U00110000\n.", "V\\uzzzz\n.",
		"X\x01\x00\x00\x00\xff.", "X\x03\x00\x00\x00\xed\x20\x80.", "\x8c\x01\xe4.", "T\xff\xff\xff\xff.",
		"\x80\x06N.", "\x80", "\x95\x00", "\xffN.", "\x00N.",
		"R.", "NR.", "cshop\nCart\nNR.", "cshop\nCart\n]R.", "cshop\nCart\n))\x92.", "cshop\nCart\n)\x81Nb.",
		"o.", "(o.", "ishop\nCart\n.", "b.", "Nb.",
		"\x93.", "N\x93.", "cshop", "cshop\nCart",
		"cbuiltins\nset\nK\x01\x85R.", "cbuiltins\nlist\n))\x86R.", "ccollections\nOrderedDict\nK\x01\x85R.", "ccollections\nOrderedDict\n]Na\x85R.",
		"c_codecs\nencode\n)R.", "c_codecs\nencode\nU\x01aU\x05utf-7\x86R.", "c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x82\xacU\x06latin1\x86R.",
		"cbuiltins\nbytearray\nK\x05\x85R.", "ccopyreg\n__newobj__\n)R.", "ccopyreg\n__newobj__\nccopyreg\n__newobj__\n\x85R.", "ccopyreg\n__newobj_ex__\ncshop\nCart\n\x85R.", "ccopyreg\n__newobj_ex__\ncshop\nCart\nNN\x87R.", "cnumpy.core\n_ufunc_reconstruct\n)R.", "ccopyreg\n_reconstructor\n)R.",
		"ccopyreg\n_reconstructor\ncshop\nCart\nNN\x87R.", "ccopyreg\n_reconstructor\nccopyreg\n_reconstructor\ncbuiltins\nobject\nN\x87R.", "ccopyreg\n_reconstructor\ncnumpy\ndtype\ncbuiltins\nobject\nN\x87R.",
		"cnumpy\nndarray\n)R.",
		"N.N", "N.\n", "\x80\x04N.\x80\x04N.", // more after the end
	} {
		_, err := read(program)
		var broken *FormatError
		if !errors.As(err, &broken) {
			t.Errorf("%q gives %v", program, err)
		} else if broken.Hint() == "" || strings.ContainsFunc(broken.Error(), func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q gives the message %q", program, broken)
		}
	}
}

// TestRefusals runs what an attacker would: each must end in a RefusedError, at once.
func TestRefusals(t *testing.T) {
	array := "cnumpy.core.multiarray\n_reconstruct\n"
	for _, c := range []struct{ program, want string }{
		{"cos\nsystem\n(S'id'\ntR.", "os.system is not one of the classes"},
		{"cposix\nsystem\n", "posix.system"},
		{"\x8c\x02os\x8c\x06system\x93.", "os.system"},
		{"(S'id'\nios\nsystem\n.", "os.system"},
		{"(cos\nsystem\nS'id'\no.", "os.system"},
		{"c__builtin__\neval\n.", "__builtin__.eval"},
		{"cbuiltins\ngetattr\n.", "builtins.getattr"},
		{"cbuiltins\ngetattr\ncshop\nCart\n)\x81U\x01x\x86R.", "builtins.getattr is not one"},
		{"cbuiltins\ngetattr\ncscipy.stats._continuous_distns\nuniform_gen\nU\x01x\x86R.", "builtins.getattr is not one"},
		{"cbuiltins\ngetattr\ncscipy.stats._continuous_distns\nuniform_gen\n)\x81U\x0b__globals__\x86R.", "builtins.getattr is not one"},
		{"cbuiltins\ngetattr\ncscipy.stats._continuous_distns\nuniform_gen\n)\x81U\x02_a\x86R)R.", "something that it computes"},
		{"cbuiltins\ngetattr\ncscipy.stats._continuous_distns\nuniform_gen\n)\x81U\x02_a\x86Rcbuiltins\ngetattr\n\x86.", "builtins.getattr is not one"},
		{"cshop\nCart.__init__\n.", "a name with dots"},
		{"\x8c\x04shop\x8c\x0bCart.system\x93.", "a name with dots"},
		{"cshop\nCartX\n.", "shop.CartX"},
		{"cshop \nCart\n.", `"shop .Cart"`},
		{"cshop\nCart\x1b[2J\n.", `"shop.Cart\x1b[2J"`},
		{"c" + strings.Repeat("x", 900) + "\nf\n.", "xxx..."},
		{"cnumpy.core.multiarray\nfromstring\n.", "numpy.core.multiarray.fromstring"},
		{"cnumpy.f2py.crackfortran\ngetlincoef\n.", "numpy.f2py.crackfortran.getlincoef"},
		{"K\x01K\x02\x93.", "something that is no text"},
		{"]\x8c\x06system\x93.", "something that is no text"},
		{"N)R.", "something that it computes: None"},
		{"cshop\nCart\n)\x81)R.", "something that it computes: an object of shop.Cart"},
		{"cshop\nCart\n)R)\x81.", "something that it computes"},
		{"(No.", "something that it computes"},
		{"ccopyreg\n_reconstructor\nNcbuiltins\nobject\nN\x87R.", "something that it computes"},
		{"Pid\n.", "persistent ids"},
		{"NQ.", "persistent ids"},
		{"\x82\x01.", "extension registry"},
		{"\x83\x01\x00.", "extension registry"},
		{"\x84\x01\x00\x00\x00.", "extension registry"},
		{"\x97.", "buffers that are stored outside"},
		{"\x98.", "buffers that are stored outside"},
		{"cshop\nCart\n}U\x0c__setstate__Nsb.", "gives a state to the class shop.Cart"},
		{"]}b.", "gives a state to a list"},
		{"}}b.", "gives a state to a dict"},
		{"K\x01}b.", "gives a state to a whole number"},
		{"cshop\nCart\n)\x81}b}b.", "two states"},
		{"cshop\nCart\n)\x81}U\x0c__setstate__Nsb.", "the attribute __setstate__"},
		{"cshop\nCart\n)\x81N}U\x09__class__Ns\x86b.", "the attribute __class__"},
		{array + "cshop\nCart\nK\x00\x85U\x01b\x87R.", "an array of a class of its own: the class shop.Cart"},
		{array + "NK\x00\x85U\x01b\x87R.", "an array of a class of its own"},
		{"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81.", "stored in other files beside it"},
		{"csklearn.externals.joblib.numpy_pickle\nZNDArrayWrapper\n)\x81.", "stored in other files beside it"},
		{"cnumpy\nlog1p\n)R.", "numpy.log1p: the file calls this function"},
		{"cbuiltins\nint\nU\x011\x85R.", "builtins.int: the file calls this function"},
		{"cbuiltins\ntype\nU\x01X)}\x87R.", "builtins.type: the file calls this function"},
		{"cbuiltins\ntype\nK\x01\x85R.", "builtins.type: the file calls this function"},
		{"cbuiltins\nstr.lower\n.", "a name with dots"},
		{"cnumpy.core\n_ufunc_reconstruct\nU\x02osU\x06system\x86R.", "os.system is not one of the classes"},
		{"cnumpy.core\n_ufunc_reconstruct\nU\x1cscipy.stats._discrete_distnsU\x06system\x86R.", "scipy.stats._discrete_distns.system is not one"},
		{"cnumpy.core\n_ufunc_reconstruct\nU\x04shopU\x05log1p\x86R.", "shop.log1p is not one of the classes"},
		{"cnumpy.core\n_ufunc_reconstruct\nU\x04shopU\x04Cart\x86R.", "shop.Cart is not one of the classes"},
		{"cnumpy.core\n_ufunc_reconstruct\nNN\x86R.", "something that is no text"},
		{"ccopyreg\n__newobj__\nN\x85R.", "something that it computes"},
		{"cfunctools\npartial\ncos\nsystem\n\x85R.", "os.system is not one of the classes"},
		{"cfunctools\npartial\ncnumpy\nlog1p\n\x85R)R.", "something that it computes: an object of functools.partial"},
		{"cnumpy.corex\n_ufunc_reconstruct\n.", "numpy.corex._ufunc_reconstruct is not"},
		{"cnumpy._core.numeric._frombuffer\nx\n.", "is not one of the classes"},
	} {
		_, err := read(c.program)
		var refused *RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gives %v, want %q", c.program, err, c.want)
			continue
		}
		if !refused.Unsupported() || strings.ContainsFunc(refused.Error(), func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q gives the message %q", c.program, refused)
		}
	}
}

// TestRefusedNameIsWhole checks that the error names the class as a program needs
// it, and that a list that allows everything does not allow what must never be.
func TestRefusedNameIsWhole(t *testing.T) {
	_, err := read("csklearn.svm._classes\nSVC\n.")
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Global != (Global{"sklearn.svm._classes", "SVC"}) {
		t.Errorf("got %#v", err)
	}
	all := func(Global) bool { return true }
	for _, program := range []string{"cos\npath.join\n.", "cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81.", "cnumpy\nlog1p\n)R."} {
		if _, err := readValue(strings.NewReader(program), all, testLimits); !errors.As(err, &refused) {
			t.Errorf("%q gives %v", program, err)
		}
		if program[1] == 'j' && !strings.Contains(refused.Hint(), "joblib 0.10") {
			t.Errorf("the hint is %q", refused.Hint())
		}
	}
	if _, err := readValue(strings.NewReader("cshop\nCart\n."), nil, testLimits); !errors.As(err, &refused) {
		t.Errorf("without a list: %v", err)
	}
}

// TestSharedAndCyclic checks that values are shared as in the file.
func TestSharedAndCyclic(t *testing.T) {
	v, err := read("]q\x00h\x00a.")
	if err != nil {
		t.Fatal(err)
	}
	if l := v.(*List); len(l.Items) != 1 || l.Items[0] != Value(l) {
		t.Errorf("a list in itself came out as %v", l.Items)
	}
	v, err = read("(]q\x00h\x00K\x01at.")
	if err != nil {
		t.Fatal(err)
	}
	if items := v.(*Tuple).Items; items[0] != items[1] || len(items[0].(*List).Items) != 1 {
		t.Errorf("a list in two places came out as %v", items)
	}
}

// TestLongTexts reads texts beyond the read buffer, in every opcode that has them.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 20000) // 320,000 bytes: 0x4e200
	size := "\x00\xe2\x04\x00"
	for _, program := range []string{
		"X" + size + long + ".", "T" + size + long + ".", "\x8d" + size + "\x00\x00\x00\x00" + long + ".",
		"S'" + long + "'\n.", "V" + long + "\n.",
	} {
		if v, err := read(program); err != nil || v != long {
			t.Errorf("%q...: wrong text (%v)", program[:8], err)
		}
	}
	for _, program := range []string{"B" + size + long + ".", "\x96" + size + "\x00\x00\x00\x00" + long + "."} {
		v, err := read(program)
		if b, ok := v.([]byte); err != nil || !ok || !bytes.Equal(b, []byte(long)) {
			t.Errorf("%q...: wrong bytes (%v)", program[:8], err)
		}
	}
}

// TestMemoIndexes holds the memo against a map, for indexes in every order.
func TestMemoIndexes(t *testing.T) {
	for _, order := range [][]uint64{
		{0, 1, 2, 3}, {1, 2, 3}, {3, 2, 1, 0}, {1000, 0, 1}, {20, 18, 1, 17, 2, 3}, {1 << 40, 5, 1 << 40}, {17, 16, 33, 0, 40, 17},
	} {
		var m memo
		want := map[uint64]Value{}
		for n, i := range order {
			_, known := m.get(i)
			if _, has := want[i]; has != known {
				t.Fatalf("%v: index %d known: %v", order, i, known)
			}
			m.put(i, int64(n), !known)
			want[i] = int64(n)
			for at := range uint64(60) {
				v, ok := m.get(at)
				if w, has := want[at]; ok != has || ok && v != w {
					t.Fatalf("%v: entry %d is %v, %v; want %v", order, at, v, ok, w)
				}
			}
			if m.count != len(want) {
				t.Fatalf("%v: %d entries counted, %d there", order, m.count, len(want))
			}
		}
	}
}
