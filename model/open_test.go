package model_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// loaded is a model that only holds what was read.
type loaded struct {
	value       pickle.Value
	compression string
}

func (*loaded) Info() *mlapi.Info { return &mlapi.Info{} }

func (*loaded) Predict(context.Context, *mlapi.Scores, *mlapi.Matrix) error { return nil }

// pickles reads any pickle of plain values.
var pickles = model.Format{
	Name:   "pickle",
	Detect: pickle.Detect,
	Read: func(src *model.Source, limits model.Limits) (mlapi.Model, error) {
		d, err := pickle.Read(src, pickle.Options{Limits: pickle.Limits(limits)})
		if err != nil {
			return nil, err
		}
		return &loaded{d.Value, src.Compression}, nil
	},
}

func open(data []byte) (*loaded, error) {
	m, err := model.OpenReader("m.joblib", bytes.NewReader(data), int64(len(data)), []model.Format{pickles})
	if err != nil {
		return nil, err
	}
	return m.(*loaded), nil
}

// TestOpenFixtures opens real joblib files of every compression, found by content:
// the file's name says something wrong.
func TestOpenFixtures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("pickle", "testdata", "numpy*", "*.joblib"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		named := filepath.Join(t.TempDir(), "model.csv")
		if err := os.WriteFile(named, data, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := model.Open(named, []model.Format{pickles})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		want := strings.TrimSuffix(filepath.Base(file), ".joblib")
		if want = strings.Replace(want, "bz2", "bzip2", 1); strings.HasPrefix(want, "protocol") {
			want = ""
		}
		if got := m.(*loaded).compression; got != want {
			t.Errorf("%s: compression %q, want %q", file, got, want)
		}
		if d, ok := m.(*loaded).value.(*pickle.Dict); !ok || len(d.Keys) != 5 {
			t.Errorf("%s: read as %T", file, m.(*loaded).value)
		}
	}
}

// TestOpenPaths checks what is said of paths that lead to no file.
func TestOpenPaths(t *testing.T) {
	folder := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(folder, "nothing"): "there is no such file",
		folder:                           "this is no regular file",
		"":                               "there is no such file",
	} {
		_, err := model.Open(path, []model.Format{pickles})
		var e *model.Error
		if !errors.As(err, &e) || e.Kind != model.Unreadable || e.What != want || e.Path != path || e.Hint == "" {
			t.Errorf("%q: %#v", path, err)
		}
	}
}

// TestOpenRefusals checks kind, text and hint of files that are not served.
func TestOpenRefusals(t *testing.T) {
	for _, c := range []struct {
		content string
		kind    model.Kind
		what    string
		hint    string
	}{
		{"", model.Broken, "the file is empty", ""},
		{"column,category\n", model.Unsupported, "no known model format", "formats that can be read: pickle"},
		{"ZF0x31f              x^", model.Broken, "ends in the middle of its ZF compression", ""},
		{"\x93NUMPY\x01\x00", model.Unsupported, "one numpy array", "give the path of that"},
		{"PK\x03\x04", model.Unsupported, "a zip archive", ""},
		{"\x89HDF\r\n\x1a\n", model.Unsupported, "HDF5", ""},
		{"CBM1\x98E", model.Unsupported, "a model of CatBoost, which is not served", "LightGBM"},
		{"{\n\"features_info\":\n{}}", model.Unsupported, "a model of CatBoost, which is not served", "LightGBM"},
		{"{\"rows\":[]}", model.Unsupported, "no known model format", ""},
		{"\x80\x02cos\nsystem\n.", model.Unsupported, "os.system is not one of the classes", "supported parts"},
		{"\x80\x02cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81.", model.Unsupported, "stored in other files", "joblib.dump of joblib 0.10"},
		{"\x80\x02K", model.Broken, "ends in the middle", "copy it again"},
		{"\x80\x02(", model.Broken, "ends in the middle", ""},
		{"\x80\x02N.N", model.Broken, "something follows", ""},
		{"\x80\x02X\xff\xff\xff\xff", model.Broken, "bytes of memory", "save it again without compression"},
		{"\x1f\x8b", model.Broken, "ends in the middle of its gzip compression", ""},
		{"\x1f\x8bxxxxxxxxxxxx", model.Broken, "its gzip compression does not read", ""},
		{"\x78\x9c\xff\xff\xff", model.Broken, "its zlib compression does not read", ""},
		{"BZh91AY&SY" + strings.Repeat("x", 99), model.Broken, "its bzip2 compression does not read", ""},
	} {
		_, err := open([]byte(c.content))
		var e *model.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", c.content, err)
			continue
		}
		if e.Kind != c.kind || !strings.Contains(e.What, c.what) || !strings.Contains(e.Hint, c.hint) || e.Hint == "" || e.Path != "m.joblib" {
			t.Errorf("%q: %#v", c.content, e)
		}
		if !strings.HasPrefix(e.Error(), "m.joblib: ") || strings.ContainsAny(e.Error()+e.Hint, "\n\r\x1b") {
			t.Errorf("%q: printed as %q", c.content, e.Error())
		}
	}
}

// TestOldPicklesAreNotCompressed checks that no pickle of protocol 0 or 1 is taken
// for a compressed file, though it may begin with nearly anything.
func TestOldPicklesAreNotCompressed(t *testing.T) {
	for content, want := range map[string]pickle.Value{
		"I7\n.": int64(7), "VBZh91AY\n.": "BZh91AY", "N0I7\n.": int64(7), "(N0I7\n1I7\n.": int64(7),
	} {
		if m, err := open([]byte(content)); err != nil || m.value != want || m.compression != "" {
			t.Errorf("%q: %+v, %v", content, m, err)
		}
	}
	// An empty list is ], which lzma begins with too.
	if m, err := open([]byte("].")); err != nil || m.compression != "" {
		t.Errorf("an empty list: %+v, %v", m, err)
	}
}

// TestFormatsInOrder checks that the first format that recognises a file gets it.
func TestFormatsInOrder(t *testing.T) {
	tried := ""
	format := func(name string, detects bool) model.Format {
		return model.Format{
			Name:   name,
			Detect: func([]byte) bool { tried += name; return detects },
			Read: func(src *model.Source, _ model.Limits) (mlapi.Model, error) {
				_, err := io.Copy(io.Discard, src)
				return &loaded{value: name}, err
			},
		}
	}
	formats := []model.Format{format("a", false), format("b", true), format("c", true)}
	m, err := model.OpenReader("m", strings.NewReader("xyz"), 3, formats)
	if err != nil || m.(*loaded).value != "b" || tried != "ab" {
		t.Errorf("got %v, %v, tried %s", m, err, tried)
	}
}

// TestReaderFaults checks what becomes of a reader that does not keep its contract.
func TestReaderFaults(t *testing.T) {
	cause := errors.New("odd")
	for name, c := range map[string]struct {
		read func(*model.Source, model.Limits) (mlapi.Model, error)
		kind model.Kind
		what string
	}{
		"panics": {func(*model.Source, model.Limits) (mlapi.Model, error) { panic("oh") }, model.Fault, "the reader of this format failed"},
		"stops early": {func(src *model.Source, _ model.Limits) (mlapi.Model, error) {
			_, err := src.ReadByte()
			return &loaded{}, err
		}, model.Broken, "something follows the end of the model"},
		"plain error": {func(*model.Source, model.Limits) (mlapi.Model, error) { return nil, cause }, model.Broken, "odd"},
		"wrapped error": {func(*model.Source, model.Limits) (mlapi.Model, error) {
			return nil, fmt.Errorf("in: %w", &model.Error{Kind: model.Unsupported, What: "x", Hint: "y"})
		}, model.Unsupported, "x"},
	} {
		format := model.Format{Name: "f", Detect: func([]byte) bool { return true }, Read: c.read}
		m, err := model.OpenReader("m", strings.NewReader("xyz"), 3, []model.Format{format})
		var e *model.Error
		if m != nil || !errors.As(err, &e) || e.Kind != c.kind || !strings.HasPrefix(e.What, c.what) || e.Path != "m" || e.Hint == "" {
			t.Errorf("%s: %v, %#v", name, m, err)
		}
		if name == "plain error" && !errors.Is(err, cause) {
			t.Error("the cause is lost")
		}
	}
}

// TestSourcePeek checks that looking ahead takes nothing away.
func TestSourcePeek(t *testing.T) {
	src, err := model.NewSource("m", strings.NewReader("abc"), 3, model.DefaultLimits(3))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := src.Peek(2); string(b) != "ab" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if b, err := src.Peek(9); string(b) != "abc" || !errors.Is(err, io.EOF) {
		t.Errorf("got %q, %v", b, err)
	}
	if b, err := src.ReadByte(); b != 'a' || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if b, err := io.ReadAll(src); string(b) != "bc" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
}

// TestUnreadableDisk checks that a failing disk is not taken for a broken file.
func TestUnreadableDisk(t *testing.T) {
	wrong := errors.New("input/output error")
	_, err := model.OpenReader("m", io.MultiReader(strings.NewReader("\x80"), failing{wrong}), 9, []model.Format{pickles})
	var e *model.Error
	if !errors.As(err, &e) || e.Kind != model.Unreadable || !errors.Is(err, wrong) {
		t.Errorf("got %#v", err)
	}
	for _, c := range compressions[1:] {
		data := compressed(t, c, []byte("\x80\x02N."))
		_, err := model.OpenReader("m", io.MultiReader(bytes.NewReader(data), failing{wrong}), 9, []model.Format{pickles})
		if !errors.Is(err, wrong) {
			t.Errorf("%s: %v", c, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestDefaultLimits checks that limits grow with the file and never overflow.
func TestDefaultLimits(t *testing.T) {
	zero, small, large := model.DefaultLimits(0), model.DefaultLimits(1<<20), model.DefaultLimits(math.MaxInt64)
	if zero.Bytes != 32<<20 || small.Bytes != 44<<20 || small.Memory != 44<<20 || small.Depth != zero.Depth {
		t.Errorf("got %+v and %+v", zero, small)
	}
	if model.DefaultLimits(-5) != zero || large.Bytes < small.Bytes || large.Opcodes < small.Opcodes || large.Memo < small.Memo {
		t.Errorf("got %+v", large)
	}
}

// TestPathWithoutDollar: the hint at a file that is not there says what was meant.
func TestPathWithoutDollar(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bundle.pkl")
	if err := os.WriteFile(file, []byte("N."), 0o600); err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]string{
		"#clf": "'" + file + "#$.clf'", "#.clf": "'" + file + "#$.clf'", "#[0]": "'" + file + "#$[0]'", ".no#clf": "the folder the server is started in",
	} {
		_, err := model.Open(file+part, []model.Format{pickles})
		var e *model.Error
		if !errors.As(err, &e) || e.Kind != model.Unreadable || !strings.Contains(e.Hint, want) {
			t.Errorf("%s: %v, want the hint %s", part, err, want)
		}
	}
}
