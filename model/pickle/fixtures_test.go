package pickle

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// testLimits are ample for the fixtures.
var testLimits = Limits{Bytes: 1 << 26, Memory: 1 << 26, Opcodes: 1 << 20, Memo: 1 << 18, Depth: 100}

// TestFixtures reads what Python wrote: the same values by three generations of
// numpy, in every protocol and every compression of joblib.
func TestFixtures(t *testing.T) {
	wanted := map[string]int{"numpy1.16-py2": 9, "numpy1.19": 16, "numpy2.3": 18}
	for folder, count := range wanted {
		var want any
		text, err := os.ReadFile(filepath.Join("testdata", folder, "expected.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		want = normal(want)
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.[pj]*[lb]"))
		if err != nil || len(files) != count {
			t.Fatalf("%s has %d fixtures (%v), want %d", folder, len(files), err, count)
		}
		for _, file := range files {
			t.Run(folder+"/"+filepath.Base(file), func(t *testing.T) {
				data := plain(t, file)
				if !Detect(data[:DetectLength]) {
					t.Error("not detected as a pickle")
				}
				d, err := Read(bytes.NewReader(data), Options{Limits: testLimits})
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.HasSuffix(file, ".joblib"); d.Joblib != got {
					t.Errorf("Joblib is %v", d.Joblib)
				}
				if n, err := strconv.Atoi(strings.TrimPrefix(strings.Split(filepath.Base(file), ".")[0], "protocol")); err == nil {
					if n > 1 && d.Protocol != n || n <= 1 && d.Protocol != 0 {
						t.Errorf("Protocol is %d", d.Protocol)
					}
				}
				got := describe(t, d.Value)
				if !reflect.DeepEqual(want, got) {
					t.Errorf("wrong values (-want +got):\n%s", cut(cmp.Diff(want, got)))
				}
			})
		}
	}
}

func cut(s string) string { return s[:min(len(s), 2000)] }

// plain returns the decompressed content of a fixture.
func plain(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in := bytes.NewReader(data)
	var r io.Reader = in
	switch strings.TrimSuffix(filepath.Base(file), ".joblib") {
	case "zlib":
		r, err = zlib.NewReader(in)
	case "gzip":
		r, err = gzip.NewReader(in)
	case "bz2":
		r = bzip2.NewReader(in)
	case "xz":
		r, err = xz.NewReader(in)
	case "lzma":
		r, err = lzma.NewReader(in)
	case "lz4":
		r = lz4.NewReader(in)
	}
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return data
}

// describe returns v in the form of expected.json, see testdata/make.py.
func describe(t *testing.T, v Value) any {
	switch v := v.(type) {
	case nil:
		return []any{"None"}
	case bool:
		return []any{map[bool]string{true: "True", false: "False"}[v]}
	case int64:
		return []any{"int", strconv.FormatInt(v, 10)}
	case *big.Int:
		return []any{"int", v.String()}
	case float64:
		return []any{"float", hexFloat(v)}
	case string:
		return []any{"str", v}
	case []byte:
		return []any{"bytes", latin1(v)}
	case *List:
		return append([]any{"list"}, describeAll(t, v.Items)...)
	case *Tuple:
		return append([]any{"tuple"}, describeAll(t, v.Items)...)
	case *Set:
		return append([]any{"set"}, sorted(describeAll(t, v.Items))...)
	case *Dict:
		pairs := make([]any, len(v.Keys))
		for i := range v.Keys {
			pairs[i] = []any{describe(t, v.Keys[i]), describe(t, v.Values[i])}
		}
		return append([]any{"dict"}, sorted(pairs)...)
	case *Object:
		if v.Class.Name != "slice" {
			t.Fatalf("an object of %s", v.Class)
		}
		return append([]any{"slice"}, describeAll(t, v.Args)...)
	case *Dtype:
		return []any{"dtype", v.String()}
	case *Array:
		return describeArray(t, v)
	}
	t.Fatalf("a value of type %T", v)
	return nil
}

func describeAll(t *testing.T, items []Value) []any {
	out := make([]any, len(items))
	for i, v := range items {
		out[i] = describe(t, v)
	}
	return out
}

// normal sorts the contents of sets and dicts in expected.json, whose order is
// Python's, by their JSON text.
func normal(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	for i := range list {
		list[i] = normal(list[i])
	}
	if len(list) > 0 && (list[0] == "dict" || list[0] == "set") {
		sorted(list[1:])
	}
	return list
}

func sorted(items []any) []any {
	key := func(v any) string {
		b, _ := json.Marshal(v)
		return string(b)
	}
	slices.SortFunc(items, func(a, b any) int { return strings.Compare(key(a), key(b)) })
	return items
}

func describeArray(t *testing.T, a *Array) any {
	shape, names := []any{}, []any{}
	for _, d := range a.Shape {
		shape = append(shape, strconv.Itoa(d))
	}
	for _, f := range a.Dtype.Fields {
		names = append(names, f.Name)
	}
	var flat []any
	if a.Dtype.Fields == nil {
		flat = describeColumn(t, a.column())
	} else {
		flat = make([]any, a.Len())
		for i := range flat {
			flat[i] = []any{}
		}
		for _, f := range a.Dtype.Fields {
			c, err := a.Field(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range describeColumn(t, c) {
				flat[i] = append(flat[i].([]any), v)
			}
		}
	}
	kind := string(a.Dtype.Kind) + strconv.Itoa(a.Dtype.Size)
	return []any{"array", kind, shape, names, flat}
}

func describeColumn(t *testing.T, c *Column) []any {
	out := []any{}
	switch c.dtype.Kind {
	case 'f':
		values, err := c.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			out = append(out, hexFloat(v))
		}
	case 'U', 'S':
		values, err := c.Strings()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			out = append(out, v)
		}
	case 'O':
		return describeAll(t, inRows(c, c.objects))
	default:
		values, err := c.Int64s()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			out = append(out, strconv.FormatInt(v, 10))
		}
	}
	return out
}

// hexFloat is Python's float.hex.
func hexFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	bits := math.Float64bits(v)
	exponent, fraction := int(bits>>52&0x7ff), bits&(1<<52-1)
	sign, lead := "", 1
	if bits>>63 == 1 {
		sign = "-"
	}
	if exponent == 0 {
		if fraction == 0 {
			return sign + "0x0.0p+0"
		}
		lead, exponent = 0, 1
	}
	return fmt.Sprintf("%s0x%d.%013xp%+d", sign, lead, fraction, exponent-1023)
}
