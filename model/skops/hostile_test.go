package skops_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/model"
)

// pack returns a zip archive of the entries.
func pack(tb testing.TB, entries map[string][]byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range entries {
		e, err := w.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := e.Write(content); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func schemaOf(tb testing.TB, raw []byte) []byte {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		tb.Fatal(err)
	}
	r, err := z.Open("schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	schema, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

const list = `{"__class__":"list","__module__":"builtins","__loader__":"ListNode","content":[`

// TestHostileFiles: each ends in an error within a second (ten, on a machine that does
// other things).
func TestHostileFiles(t *testing.T) {
	spoilt := func(from, to string) []byte {
		raw, err := os.ReadFile("testdata/0.16.0/logistic.skops")
		if err != nil {
			t.Fatal(err)
		}
		schema := schemaOf(t, raw)
		if !bytes.Contains(schema, []byte(from)) {
			t.Fatalf("no %s in the schema", from)
		}
		return pack(t, map[string][]byte{"schema.json": bytes.ReplaceAll(schema, []byte(from), []byte(to))})
	}
	schema := func(text string) []byte { return pack(t, map[string][]byte{"schema.json": []byte(text)}) }
	array := func(name string) string {
		return `{"__class__":"ndarray","__module__":"numpy","__loader__":"NdArrayNode","type":"numpy","file":"` + name + `"}`
	}
	const zeros = 64 << 20 // more than a file of some KB may unfold to
	bomb := append([]byte("\x93NUMPY\x01\x00v\x00"+fmt.Sprintf("%-117s\n", "{'descr': '<f8', 'fortran_order': False, 'shape': (8388608,), }")), make([]byte, zeros)...)
	for name, c := range map[string]struct {
		raw  []byte
		kind model.Kind
		want string
	}{
		"no schema":          {pack(t, map[string][]byte{"data.pkl": nil}), model.Unsupported, "no schema.json"},
		"cut off":            {pack(t, map[string][]byte{"schema.json": nil})[:40], model.Broken, "cannot be read"},
		"a folder":           {pack(t, map[string][]byte{"../schema.json": nil}), model.Broken, "in a folder"},
		"a folder of DOS":    {pack(t, map[string][]byte{`..\schema.json`: nil}), model.Broken, "in a folder"},
		"no JSON":            {schema("{"), model.Broken, "no JSON"},
		"more than JSON":     {schema("{} {}"), model.Broken, "something follows"},
		"another schema":     {schema("{}"), model.Unsupported, "not one of skops"},
		"no entry":           {spoilt("x", "x"), model.Broken, "has no entry"},
		"unknown class":      {spoilt(`"Pipeline"`, `"Popen"`), model.Unsupported, "sklearn.pipeline.Popen"},
		"a function":         {schema(strings.Replace(list, "ListNode", "ObjectNode", 1) + `]}`), model.Unsupported, "builtins.list"},
		"os.system":          {schema(`{"__class__":"system","__module__":"posix","__loader__":"FunctionNode"}`), model.Unsupported, "posix.system is not"},
		"a hidden os.system": {schema(list + `{"__class__":"partial","__module__":"functools","__loader__":"PartialNode","content":{"func":{"__class__":"system","__module__":"posix","__loader__":"FunctionNode"}}}]}`), model.Unsupported, "posix.system is not"},
		"a disguised class":  {schema(list + `{"__class__":"system","__module__":"posix","__loader__":"RandomStateNode"}]}`), model.Unsupported, "posix.system is not"},
		"a type":             {schema(list + `{"__class__":"Popen","__module__":"subprocess","__loader__":"TypeNode"}]}`), model.Unsupported, "subprocess.Popen is not"},
		"nested lists":       {schema(strings.Repeat(list, 5000) + strings.Repeat("]}", 5000)), model.Broken, "nested too deeply"},
		"nested JSON":        {schema(`{"a":` + strings.Repeat("[", 1<<20)), model.Broken, "nested too deeply"},
		"many values":        {schema(list + strings.Repeat("[],", 8<<20) + "[]]}"), model.Broken, "too much memory"},
		"many arrays":        {pack(t, map[string][]byte{"schema.json": []byte(list + array("a.npy") + "]}"), "a.npy": bomb}), model.Broken, "bytes of memory, the limit"},
		"an entry of text":   {pack(t, map[string][]byte{"schema.json": []byte(list + array("a.npy") + "]}"), "a.npy": []byte("x")}), model.Broken, "ends in the middle"},
		"JSON in JSON":       {schema(`{"__loader__":"JsonNode","content":"` + strings.Repeat("[", 1<<20) + `"}`), model.Broken, "no JSON"},
		"a node of text":     {schema(list + `"x"]}`), model.Broken, "something else where a node belongs"},
		"a wide shape":       {schema(`{"__loader__":"NdArrayNode","type":"json","content":[],"shape":{"__loader__":"JsonNode","content":"[4000000,4000000,4000000]"}}`), model.Broken, "has the shape"},
		"a negative shape":   {schema(`{"__loader__":"NdArrayNode","type":"json","content":[],"shape":{"__loader__":"JsonNode","content":"[-1]"}}`), model.Broken, "other things than numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := model.OpenReader("x.skops", bytes.NewReader(c.raw), int64(len(c.raw)), formats)
			var e *model.Error
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Error(), c.want) || e.Hint == "" {
				t.Errorf("error is %#v, want %v and %q", err, c.kind, c.want)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}
