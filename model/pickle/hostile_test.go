package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// smallLimits are those of a file of a few bytes (model.DefaultLimits), and largeLimits
// those of one of 10 MB.
var (
	smallLimits = Limits{Bytes: 32 << 20, Memory: 32 << 20, Opcodes: 4 << 20, Memo: 1 << 20, Depth: 1000}
	largeLimits = Limits{Bytes: 32<<20 + 120e6, Memory: 32<<20 + 120e6, Opcodes: 4<<20 + 40e6, Memo: 1<<20 + 10e6, Depth: 1000}
)

// endless repeats a program for ever, as a compressed file can.
type endless struct {
	begin, again string
	rest         string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.rest = strings.Repeat(e.again, 1+4096/len(e.again))
		if e.begin != "" {
			e.rest, e.begin = e.begin, ""
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// counting repeats a program for ever with a number of four bytes in it that counts.
type counting struct {
	begin, before, after string
	n                    uint64
	buffer, rest         []byte
}

func (c *counting) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		c.buffer = append(c.buffer[:0], c.begin...)
		c.begin = ""
		for len(c.buffer) < 4096 {
			c.buffer = append(c.buffer, c.before...)
			for shift := range 4 { // four bytes that are text too
				c.buffer = append(c.buffer, byte(c.n>>(7*shift)&0x7f))
			}
			c.buffer = append(c.buffer, c.after...)
			c.n++
		}
		c.rest = c.buffer
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func le(n uint64, size int) string {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	return string(b[:size])
}

const (
	numpyArray = "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
	numpyF8    = "cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
)

func numpyNamed(name string) string {
	return "cnumpy\ndtype\nU" + le(uint64(len(name)), 1) + name + "K\x00K\x01\x87R"
}

// wrapped begins a joblib array of a shape and dtype, given as programs.
func wrapped(shape, dtype string) string {
	return "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(U\x08subclasscnumpy\nndarray\nU\x05shape" + shape +
		"U\x05orderU\x01CU\x05dtype" + dtype + "ub"
}

// TestHostileFiles runs files made to take time or memory. Each must end in an error of
// its kind, within a second (ten, on a machine that does other things), and allocate no
// more in all than the limit says, whether the garbage collector runs or not. A tenth
// more is allowed, since the costs are rounded.
func TestHostileFiles(t *testing.T) {
	limit, broken := new(*LimitError), new(*FormatError)
	huge := "\x8a\x08" + le(1<<61, 8)
	for name, c := range map[string]struct {
		file io.Reader
		want any
	}{
		"marks":                 {&endless{again: "("}, limit},
		"lists":                 {&endless{again: "]"}, limit},
		"dicts":                 {&endless{again: "}"}, limit},
		"dicts with a key":      {&endless{again: "}NNs"}, limit},
		"nothing at all":        {&endless{again: "N0"}, limit},
		"dups":                  {&endless{begin: "N", again: "2"}, limit},
		"numbers":               {&endless{again: "J\xff\xff\xff\x70"}, limit},
		"tuples in tuples":      {&endless{begin: "N", again: "\x85"}, limit},
		"pairs of itself":       {&endless{begin: "N", again: "2\x86"}, limit},
		"objects":               {&endless{begin: "cshop\nCart\nq\x000", again: "h\x00)\x81"}, limit},
		"sets of a set":         {&endless{begin: "\x8f(" + strings.Repeat("N", 1000) + "\x90q\x000", again: "cbuiltins\nset\nh\x00\x85R0"}, limit},
		"encodings":             {&endless{begin: "X\xff\xff\x00\x00" + strings.Repeat("x", 65535) + "q\x000", again: "c_codecs\nencode\nh\x00U\x06latin1\x86R0"}, limit},
		"texts thrown away":     {&endless{again: "X\xff\xff\x00\x00" + strings.Repeat("x", 65535) + "0"}, limit},
		"memo":                  {&endless{begin: "N", again: "\x94"}, limit},
		"memo far apart":        {farApart(), limit},
		"a list of lists":       {&endless{begin: "]", again: "]a"}, limit},
		"a list of nothing":     {&endless{begin: "]", again: "Na"}, limit},
		"a set of nothing":      {&endless{begin: "\x8f", again: "(N\x90"}, limit},
		"a long list":           {&endless{begin: "(", again: "N"}, limit},
		"keys that differ":      {&counting{begin: "}", before: "X\x04\x00\x00\x00", after: "Ns"}, limit},
		"keys all at once":      {&counting{begin: "}(", before: "X\x04\x00\x00\x00", after: "N"}, limit},
		"keys of an object":     {&counting{begin: "cshop\nCart\n)\x81", before: "X\x04\x00\x00\x00", after: "Ns"}, limit},
		"keys remembered":       {&counting{begin: "}", before: "X\x04\x00\x00\x00", after: "\x94Ns"}, limit},
		"keys that are numbers": {&counting{begin: "}", before: "J", after: "Ns"}, limit},
		"keys that are tuples":  {&counting{begin: "}", before: "J", after: "\x85Ns"}, limit},
		"small dicts":           {&endless{begin: "]", again: "}(U\x01aNU\x01bNU\x01cNua"}, limit},
		"dicts of nine":         {&endless{begin: "]", again: "}(U\x01aNU\x01bNU\x01cNU\x01dNU\x01eNU\x01fNU\x01gNU\x01hNU\x01iNua"}, limit},
		"scalars":               {&endless{begin: "]" + numpyF8 + "q\x000", again: "cnumpy.core.multiarray\nscalar\nh\x00C\x0812345678\x86Ra"}, limit},
		"big numbers":           {&endless{begin: "]", again: "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01a"}, limit},
		"decimal numbers":       {&endless{begin: "]", again: "I99999999999999999999\na"}, limit},
		"short lines":           {&endless{begin: "]", again: "S'a'\na"}, limit},
		"unicode lines":         {&endless{begin: "]", again: "Va\na"}, limit},
		"objects with state":    {&endless{begin: "](cshop\nCart\nq\x001", again: "h\x00)\x81}U\x01aNsba"}, limit},
		"keys":                  {&endless{begin: "}", again: "U\x01kNs"}, limit},
		"names":                 {&endless{again: "cshop\nCart\n0"}, limit},
		"dtypes":                {&endless{again: numpyNamed("f8") + "0"}, limit},
		"arrays not filled":     {&endless{again: numpyArray + "0"}, limit},
		"a long line":           {&endless{begin: "S'", again: "x"}, limit},
		"a long name":           {&endless{begin: "c", again: "x"}, broken},
		"a long number":         {&endless{begin: "I", again: "1"}, broken},

		"a text of 4 GiB":        {strings.NewReader("X\xff\xff\xff\xff"), limit},
		"a text of 2^64 bytes":   {strings.NewReader("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"), limit},
		"bytes of 2^63 bytes":    {strings.NewReader("\x8e\x00\x00\x00\x00\x00\x00\x00\x80"), limit},
		"bytes of 20 MB":         {strings.NewReader("B" + le(20e6, 4) + "x"), broken},
		"a bytearray of 20 MB":   {strings.NewReader("\x96" + le(20e6, 8) + "x"), broken},
		"an array of 2^61":       {strings.NewReader(wrapped(huge+"\x85", numpyF8)), limit},
		"an array of 2^122":      {strings.NewReader(wrapped(huge+huge+"\x86", numpyF8)), limit},
		"an array of 20 MB":      {strings.NewReader(wrapped("J"+le(2500000, 4)+"\x85", numpyF8)), broken},
		"an array of -1":         {strings.NewReader(wrapped("J\xff\xff\xff\xff\x85", numpyF8)), broken},
		"2^61 empty texts":       {strings.NewReader(wrapped(huge+"\x85", numpyNamed("S0")) + "."), limit},
		"2^24 empty texts":       {strings.NewReader(wrapped("J"+le(1<<24, 4)+"\x85", numpyNamed("U0")) + "."), limit},
		"2^30 elements of V0":    {strings.NewReader(wrapped("J"+le(1<<30, 4)+"\x85", numpyNamed("V0")) + "."), limit},
		"0 times 2^61 elements":  {strings.NewReader(wrapped("K\x00"+huge+"\x86", numpyF8) + "."), broken},
		"65 dimensions":          {strings.NewReader(wrapped("("+strings.Repeat("K\x01", 65)+"t", numpyF8) + "12345678."), broken},
		"an element of 2 GiB":    {strings.NewReader(wrapped("K\x01\x85", numpyNamed("S2147483647"))), broken},
		"a list for each object": {strings.NewReader(wrapped("J"+le(1000000, 4)+"\x85", numpyNamed("O8")) + "].."), broken},
		"an array in an array of objects": {strings.NewReader(wrapped("K\x01\x85", numpyNamed("O8")) +
			wrapped("K\x01\x85", numpyNamed("O8")) + "."), broken},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			v, err := readValue(c.file, allowed, smallLimits)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if err == nil || !errors.As(err, c.want) {
				t.Errorf("got %v and %v, want %T", v, err, c.want)
			}
			if took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			if most := uint64(smallLimits.Memory)*11/10 + 1<<20; memoryCounts && after.TotalAlloc-before.TotalAlloc > most {
				t.Errorf("%d bytes were allocated, the limit is %d", after.TotalAlloc-before.TotalAlloc, smallLimits.Memory)
			}
			t.Logf("%v, %d KiB, %v", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>10, err)
		})
	}
}

// TestTwentyTimes checks the same for a file of 10 MB: all that is ever allocated for its
// values is below 200 MB. (Package model keeps the dictionary of a decompressor below
// that, too.)
func TestTwentyTimes(t *testing.T) {
	for name, file := range map[string]io.Reader{
		"lists":             &endless{again: "]"},
		"a list of nothing": &endless{begin: "]", again: "Na"},
		"keys remembered":   &counting{begin: "}", before: "X\x04\x00\x00\x00", after: "\x94Ns"},
		"an array":          strings.NewReader(wrapped("J"+le(100e6, 4)+"\x85", numpyNamed("u1")) + "x"),
		"objects":           &endless{begin: "cshop\nCart\nq\x000", again: "h\x00)\x81"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		v, err := readValue(file, allowed, largeLimits)
		runtime.ReadMemStats(&after)
		total := after.TotalAlloc - before.TotalAlloc
		if err == nil || memoryCounts && total > 180e6 {
			t.Errorf("%s: %T, %v, %d bytes were allocated", name, v, err, total)
		}
		t.Logf("%s: %d MB, %v", name, total/1e6, err)
	}
}

// farApart puts a value under ever other indexes of the memo.
func farApart() io.Reader {
	var b bytes.Buffer
	b.WriteString("N")
	for i := range uint64(2 << 20) {
		b.WriteString("r" + le(i*1000%(1<<32), 4))
	}
	return &b
}

// TestEachLimit checks that each limit stops a file which is read without it.
func TestEachLimit(t *testing.T) {
	const program = "](](U\x01aU\x01bq\x00e]\x94]\x94e."
	ample := Limits{Bytes: int64(len(program)), Memory: 20000, Opcodes: 30, Memo: 3, Depth: 2}
	if _, err := readValue(strings.NewReader(program), nil, ample); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Limits){
		"bytes":             func(l *Limits) { l.Bytes-- },
		"bytes of memory":   func(l *Limits) { l.Memory = 300 },
		"opcodes":           func(l *Limits) { l.Opcodes = 10 },
		"memo entries":      func(l *Limits) { l.Memo = 2 },
		"levels of nesting": func(l *Limits) { l.Depth = 1 },
	} {
		limits := ample
		change(&limits)
		_, err := readValue(strings.NewReader(program), nil, limits)
		var over *LimitError
		if !errors.As(err, &over) || over.What != what || over.Hint() == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := readValue(strings.NewReader("N."), nil, Limits{}); err == nil {
		t.Error("the zero limits allow something")
	}
}

// TestNesting checks the depth of values that are nested without any mark, in an
// order in which no container knows its depth when it is filled.
func TestNesting(t *testing.T) {
	tuples := func(n int) string { return ")" + strings.Repeat("\x85", n-1) + "." }
	// ]q0 ]q1 h0 h1 a ... : each list is put into the one before while still empty.
	lists := "]q\x00]q\x01]q\x02h\x00h\x01a0h\x01h\x02a0000h\x00."
	object := "cshop\nCart\n)\x81cshop\nCart\n)\x81b."
	for program, depth := range map[string]int{tuples(5): 5, lists: 3, object: 2, "}]]s.": 2, "]q\x00h\x00a.": 1,
		// A container in two places, the deeper one second.
		"]q\x000](h\x00]h\x00ae.": 3, "]q\x00]a0](h\x00]h\x00ae.": 4,
		// Each container twice in the next: 2^59 ways to the innermost.
		")" + strings.Repeat("2\x86", 59) + ".": 60,
		// Marks alone.
		"(((111N.": 3,
	} {
		limits := testLimits
		limits.Depth = depth
		if _, err := readValue(strings.NewReader(program), allowed, limits); err != nil {
			t.Errorf("%q: %v", program, err)
		}
		limits.Depth--
		if _, err := readValue(strings.NewReader(program), allowed, limits); err == nil {
			t.Errorf("%q is not deeper than %d", program, limits.Depth)
		}
	}
}

// TestTruncated cuts a real file at every byte: each piece must be refused, and must
// not be taken for a smaller model.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"numpy2.3/protocol4.joblib", "numpy1.19/protocol0.pkl", "numpy1.16-py2/protocol2.joblib"} {
		data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		// Reading takes time with the length, so the far cuts are fewer.
		for n := 0; n < len(data); n += 1 + n/200 {
			_, err := readValue(bytes.NewReader(data[:n]), nil, testLimits)
			if err == nil {
				t.Fatalf("%s cut at byte %d is accepted", name, n)
			}
			if !strings.Contains(err.Error(), "ends in the middle") {
				t.Fatalf("%s cut at byte %d: %v", name, n, err)
			}
		}
	}
	small := wrapped("K\x02\x85", numpyF8) + "0123456789abcdef."
	for n := range small {
		if _, err := read(small[:n]); err == nil {
			t.Fatalf("an array cut at byte %d is accepted", n)
		}
	}
	if _, err := read(small); err != nil {
		t.Fatal(err)
	}
}

// failing fails after its text.
type failing struct {
	text io.Reader
	err  error
}

func (f failing) Read(p []byte) (int, error) {
	n, err := f.text.Read(p)
	if errors.Is(err, io.EOF) {
		err = f.err
	}
	return n, err
}

// TestReadFails checks that the error of a disk or a decompressor is kept.
func TestReadFails(t *testing.T) {
	wrong := errors.New("wrong checksum")
	for _, text := range []string{"", "N", "N.", "X\x05\x00\x00\x00ab", "B\x00\x00\x02\x00ab", "I12", "S'ab", "cshop"} {
		_, err := readValue(failing{strings.NewReader(text), wrong}, nil, testLimits)
		if !errors.Is(err, wrong) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
