package pickle

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func scan(program string) *Report {
	return Scan(strings.NewReader(program), Options{Allow: allowed, Limits: testLimits})
}

// verdicts returns what a report says of each name: "os.system dangerous REDUCE".
func verdicts(r *Report) []string {
	out := []string{}
	for _, u := range r.Globals {
		s := u.Global.String() + " " + u.Verdict.String()
		if u.Inside != "" {
			s += " in " + strings.Fields(u.Inside)[0]
		}
		out = append(out, strings.TrimSpace(s+" "+strings.Join(u.Calls, ",")))
	}
	return out
}

// TestScanFixtures scans what Python wrote in good faith: nothing is wrong with it.
func TestScanFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.[pj]*[lb]")
	more, err2 := filepath.Glob("testdata/around/*/*.[pj]*[lb]")
	if files = append(files, more...); err != nil || err2 != nil || len(files) < 60 {
		t.Fatal(len(files), err, err2)
	}
	for _, file := range files {
		r := Scan(bytes.NewReader(plain(t, file)), Options{Allow: Pandas, Limits: testLimits})
		if r.Err != nil || r.Hostile() || len(r.Findings) > 0 || r.More || r.Pickles != 1 {
			t.Errorf("%s: %v, %+v, %d pickles", file, r.Err, r.Findings, r.Pickles)
		}
		if r.Joblib != strings.HasSuffix(file, ".joblib") || r.Opcodes["STOP"] == 0 || len(r.Globals) == 0 || r.Bytes == 0 {
			t.Errorf("%s: %+v", file, r)
		}
	}
}

// TestScan scans files that do what they should not, and goes on behind it.
func TestScan(t *testing.T) {
	hidden := "\x80\x04cos\nsystem\nX\x02\x00\x00\x00id\x85R."
	for _, c := range []struct {
		program string
		names   []string
		finding string // the first; "" for none
		hostile bool
	}{
		{"cshop\nCart\n)\x81}U\x01aK\x01sb.", []string{"shop.Cart allowed NEWOBJ"}, "", false},
		{"cos\nsystem\n(S'id'\ntR.", []string{"os.system dangerous REDUCE"}, "", true},
		{"(S'id'\nios\nsystem\n.", []string{"os.system dangerous INST"}, "", true},
		{"(cos\nsystem\nS'id'\no.", []string{"os.system dangerous OBJ"}, "", true},
		{"\x8c\x02os\x8c\x06system\x93)\x81.", []string{"os.system dangerous NEWOBJ"}, "", true},
		{"\x8c\x02os\x8c\x06system\x93)}\x92.", []string{"os.system dangerous NEWOBJ_EX"}, "", true},
		{"cbuiltins\neval\n.", []string{"builtins.eval dangerous"}, "", true},
		{"c__builtin__\neval\n.", []string{"__builtin__.eval dangerous"}, "", true},
		{"cnumpy.testing._private.utils\nrunstring\n.", []string{"numpy.testing._private.utils.runstring dangerous"}, "", true},
		{"cshop\nos.system\n.", []string{"shop.os.system refused"}, "", false},
		{"c__main__\nMine\n)\x81.", []string{"__main__.Mine refused NEWOBJ"}, "", false},
		{"cnumpy\nlog1p\n)R.", []string{"numpy.log1p refused REDUCE"}, "numpy.log1p: the file calls", false},
		{"cbuiltins\ntype\nU\x01X)}\x87R.", []string{"builtins.type dangerous REDUCE"}, "builtins.type: the file calls", true},
		{"cbuiltins\ngetattr\ncshop\nCart\nU\x01x\x86R.", []string{"builtins.getattr dangerous REDUCE", "shop.Cart allowed"}, "builtins.getattr", true},
		{"cnumpy.core\n_ufunc_reconstruct\nU\x02osU\x06system\x86R.", []string{"numpy.core._ufunc_reconstruct known REDUCE", "os.system dangerous"}, "os.system", true},
		// It goes on behind what is refused, ...
		{"c__main__\nA\n)R)R0cos\nsystem\n.", []string{"__main__.A refused REDUCE", "os.system dangerous"}, "calls something that it computes", true},
		{"K\x01K\x02\x930cshop\nCart\n.", []string{"shop.Cart allowed"}, "something that is no text", true},
		{"Pid\n0NQ0\x82\x010\x83\x01\x000\x84\x01\x00\x00\x000\x970\x98cshop\nCart\n.", []string{"shop.Cart allowed"}, "persistent ids", false},
		{"cshop\nCart\n)\x81}U\x0c__setstate__Nsbcshop\nItem\n\x86.", []string{"shop.Cart allowed NEWOBJ", "shop.Item allowed"}, "the attribute __setstate__", true},
		{"]}bcshop\nCart\n\x86.", []string{"shop.Cart allowed"}, "gives a state to a list", true},
		{"cnumpy\ndtype\nU\x02q8\x85Rcshop\nCart\n\x86.", []string{"numpy.dtype known REDUCE", "shop.Cart allowed"}, "the dtype q8 is not known", false},
		{"(cos\nsystem\n(NNoK\x01o.", []string{"os.system dangerous OBJ"}, "something that it computes", true},
		// ... behind a place where the stack is lost, ...
		{"0cos\nsystem\n.", []string{"os.system dangerous"}, "the stack is empty", true},
		{"h\x05\x8c\x02os\x94\x8c\x06system\x94\x93.", []string{"os.system dangerous"}, "no memo entry", true},
		{"h\x05\x8c\x02os\x94\x8c\x06system\x94Nq\x07h\x00h\x01\x93.", []string{"os.system dangerous"}, "no memo entry", true},
		{"R(S'id'\nios\nsystem\n.", []string{"os.system dangerous"}, "the stack is empty", true},
		{"RS'os'\nS'system'\n\x93.", []string{"os.system dangerous"}, "the stack is empty", true},
		{"R\x8e\x05\x00\x00\x00\x00\x00\x00\x00cos\n.cshop\nCart\nB\x01\x00\x00\x00xK\x01G12345678.", []string{"shop.Cart allowed"}, "the stack is empty", false},
		{"R\x8d\xff\xff\xff\xff\xff\xff\xff\xffcos\nsystem\n.", nil, "the stack is empty", false},
		{"X\xff\xff\xff\xffcos\nsystem\n.", []string{"os.system dangerous"}, "bytes of memory", true},
		// ... and behind the end.
		{"N.cos\nsystem\n.", []string{"os.system dangerous"}, "something follows the end", true},
		{"N.\x80\x04N.\x80\x04cos\nsystem\n.", []string{"os.system dangerous"}, "something follows the end", true},
		{"N.garbage\x80\xffcos\nsystem\n.", []string{"os.system dangerous"}, "something follows the end", true},
		{"\xffgarbage \x80\x02cos\nsystem\n.", []string{"os.system dangerous"}, "0xff is no pickle opcode", true},
		{"N" + strings.Repeat("N", 70000) + ".\xff" + strings.Repeat("x", 70000) + "cos\nsystem\n.", []string{"os.system dangerous"}, "70001 values", true},
		{"N.\x80\x02]}bcshop\nCart\n\x86.", []string{"shop.Cart allowed"}, "something follows the end", false}, // no names, no harm
		// Pickles in texts and bytes.
		{"B" + le(uint64(len(hidden)), 4) + hidden + ".", []string{"os.system dangerous in bytes REDUCE"}, "a pickle lies in bytes at byte 5", true},
		{"\x96" + le(uint64(len(hidden)), 8) + hidden + ".", []string{"os.system dangerous in bytes REDUCE"}, "a pickle lies in bytes", true},
		{"U" + le(uint64(len(hidden)), 1) + hidden + ".", []string{"os.system dangerous in a REDUCE"}, "a pickle lies in a text", true},
		{"U\x0ecos\nsystem\n)R..", []string{"os.system dangerous in a REDUCE"}, "a pickle lies in a text", true},
		{"C\x0e\x8c\x02os\x8c\x07system\x93..", nil, "", false},
		{"C\x0e\x8c\x02os\x8c\x06system\x93..", []string{"os.system dangerous in bytes"}, "a pickle lies in bytes", true},
		{"C\x10R\x8c\x02os\x8c\x06system\x93R)..", []string{"os.system dangerous in bytes"}, "a pickle lies in bytes", true},
		{"X\x14\x00\x00\x00A text.\nWith lines.\n.", nil, "", false},
		{wrapped("K\x02\x85", numpyNamed("O8")) + numpyBuilt("K\x02\x85", numpyNamed("O8"), "\x89", "]cos\nsystem\naNa") + ".", []string{
			"joblib.numpy_pickle.NumpyArrayWrapper known NEWOBJ", "numpy.ndarray known", "numpy.dtype known REDUCE",
			"numpy.core.multiarray._reconstruct known REDUCE", "os.system dangerous"}, "", true},
		{strings.Replace(wrapped("K\x01\x85", numpyF8), "K\x01\x85", "K\xff\x85", 1) + "cos\nsystem\n.", []string{
			"joblib.numpy_pickle.NumpyArrayWrapper known NEWOBJ", "numpy.ndarray known", "numpy.dtype known REDUCE"}, "ends in the middle", false},
		{"", nil, "ends in the middle", false},
		{"cos", nil, "ends in the middle", false},
	} {
		r := scan(c.program)
		if got := verdicts(r); !slices.Equal(got, c.names) && len(got)+len(c.names) > 0 {
			t.Errorf("%.60q names %q, want %q", c.program, got, c.names)
		}
		first := ""
		if len(r.Findings) > 0 {
			first = r.Findings[0].What
		}
		if !strings.Contains(first, c.finding) || (first == "") != (c.finding == "") || r.Hostile() != c.hostile {
			t.Errorf("%.60q: hostile %v, found %+v, want %v and %q", c.program, r.Hostile(), r.Findings, c.hostile, c.finding)
		}
		_, err := read(c.program)
		if (err == nil) != (r.Err == nil) || err != nil && err.Error() != r.Err.Error() {
			t.Errorf("%.60q: the scan says %v, reading %v", c.program, r.Err, err)
		}
	}
}

// TestScanIsBounded checks that a report has an end where a file has none.
func TestScanIsBounded(t *testing.T) {
	limits := testLimits
	limits.Bytes = 4 << 20
	for name, file := range map[string]*endless{
		"pickles":     {again: "N."},
		"names":       {again: "\x8c\x02os\x8c\x04name\x93"},
		"findings":    {again: "]}b"},
		"broken":      {again: "R"},
		"hidden":      {again: "C\x0d\x8c\x02os\x8c\x06system\x93.0"},
		"not a thing": {again: "\xff"},
		"marks":       {again: "("},
		"memo":        {begin: "R", again: "N\x94"},
	} {
		r := Scan(file, Options{Limits: limits})
		if r.Err == nil || len(r.Findings) > mostFindings || len(r.Globals) > mostUses || r.Pickles > mostPickles || r.Bytes > limits.Bytes+1 {
			t.Errorf("%s: %v, %d findings, %d names, %d pickles, %d bytes", name, r.Err, len(r.Findings), len(r.Globals), r.Pickles, r.Bytes)
		}
	}
	var many strings.Builder
	for i := range 3000 {
		many.WriteString("cos\nf" + strings.Repeat("x", i%7) + le(uint64('a'+i/1000), 1) + le(uint64('a'+i/100%10), 1) + le(uint64('a'+i/10%10), 1) + le(uint64('a'+i%10), 1) + "\n0")
	}
	if r := scan(many.String() + "N."); len(r.Globals) != mostUses || !r.More {
		t.Errorf("%d names, more: %v", len(r.Globals), r.More)
	}
	if r := scan(strings.Repeat("]}b0", 300) + "N."); len(r.Findings) != mostFindings || !r.More {
		t.Errorf("%d findings, more: %v", len(r.Findings), r.More)
	}
	deep := "cos\nsystem\n."
	for range 5 {
		deep = "B" + le(uint64(len(deep)), 4) + deep + "."
	}
	if r := scan(deep); len(r.Globals) != 0 {
		t.Errorf("it looked into %d pickles in each other", 5)
	}
}

// TestScanFollowsSiblings checks that the arrays of old joblib are read with the file.
func TestScanFollowsSiblings(t *testing.T) {
	files := map[string]string{"a.npy": npy(floatsHeader, "12345678"), "o.npy": npy("{'descr':'|O','fortran_order':False,'shape':(1,)}", numpyBuilt("K\x01\x85", numpyNamed("O8"), "\x89", "]cos\nsystem\na"))}
	r := Scan(strings.NewReader(refers("a.npy")+"."), Options{Limits: testLimits, Sibling: folder(files)})
	if r.Err != nil || len(r.Findings) != 0 || !r.Joblib {
		t.Errorf("%v, %+v", r.Err, r.Findings)
	}
	r = Scan(strings.NewReader(refers("o.npy")+"."), Options{Limits: testLimits, Sibling: folder(files)})
	if r.Err == nil || !r.Hostile() {
		t.Errorf("%v, %+v", r.Err, r.Globals)
	}
	if r = scan(refers("a.npy") + "."); r.Err == nil || r.Hostile() || len(r.Findings) != 1 {
		t.Errorf("without a folder: %v, %+v", r.Err, r.Findings)
	}
}

// TestScanCutsNames checks that a report does not grow with a file's names.
func TestScanCutsNames(t *testing.T) {
	r := scan("X" + le(100000, 4) + strings.Repeat("m", 100000) + "X" + le(100000, 4) + strings.Repeat("n", 100000) + "\x93.")
	if len(r.Globals) != 1 || len(r.Globals[0].Global.String()) > 2*mostName+1 {
		t.Errorf("%d names", len(r.Globals))
	}
}

// FuzzScan scans anything: nothing may panic, and the report must agree with Read.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		"N.", "cos\nsystem\n(S'id'\ntR.", "(S'id'\nios\nsystem\n.", "(cos\nsystem\nS'id'\no.", "N.cos\nsystem\n.", "R\x8c\x02os\x8c\x06system\x93.",
		"C\x0d\x8c\x02os\x8c\x06system\x93..", "cshop\nCart\n)\x81}U\x0c__setstate__Nsb.", "Pid\n0NQ0\x82\x010\x970\x98N.", refers("a.npy") + ".",
		wrapped("K\x01\x85", numpyNamed("O8")) + numpyBuilt("K\x01\x85", numpyNamed("O8"), "\x89", "]Na") + ".",
	} {
		f.Add([]byte(seed))
	}
	limits := Limits{Bytes: 1 << 16, Memory: 1 << 20, Opcodes: 1 << 14, Memo: 1 << 10, Depth: 50}
	files := map[string]string{"a.npy": npy(floatsHeader, "12345678")}
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Options{Allow: allowed, Limits: limits, Sibling: folder(files)}
		r := Scan(bytes.NewReader(data), o)
		_, err := Read(bytes.NewReader(data), o)
		if (err == nil) != (r.Err == nil) {
			t.Fatalf("the scan says %v, reading %v", r.Err, err)
		}
		_ = r.Hostile()
	})
}
