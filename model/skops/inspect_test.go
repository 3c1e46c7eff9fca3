package skops_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi/model"
)

// TestInspectSame: what is told of a skops file is what is told of the same in joblib.
func TestInspectSame(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.skops")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d models in testdata (%v)", len(paths), err)
	}
	for _, path := range paths {
		got, m, err := model.Inspect(path, formats)
		if err != nil || m == nil {
			t.Fatalf("%s: %v", path, err)
		}
		want, _, err := model.Inspect(strings.TrimSuffix(path, ".skops")+".joblib", formats)
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(got.Tree, want.Tree) || got.Writer != want.Writer || len(got.Tree) == 0 || len(got.Globals) == 0 {
			t.Errorf("%s: %s\n%s, want %s; %d names", path, cmp.Diff(want.Tree, got.Tree), got.Writer, want.Writer, len(got.Globals))
		}
	}
}

// TestInspectRefused tells of an archive that holds a class of somebody's own.
func TestInspectRefused(t *testing.T) {
	const schema = `{"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode", "content":
		{"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "key_types": {"__loader__": "ListNode", "content": []}, "content": {
			"steps": {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [
				{"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [
					{"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "\"clean\""},
					{"__class__": "Cleaner", "__module__": "own.parts", "__loader__": "ObjectNode"}]}]},
			"_sklearn_version": {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "\"1.5.2\""}}}}`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("schema.json")
	if err == nil {
		_, err = w.Write([]byte(schema))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.skops")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r, m, err := model.Inspect(path, formats)
	if err != nil || m != nil {
		t.Fatalf("%v, %v", m, err)
	}
	want := []model.Node{{Class: "Pipeline", Children: []model.Node{{Name: "clean", Class: "own.parts.Cleaner", Problem: "not served"}}}}
	if !cmp.Equal(r.Tree, want) || r.Writer != "scikit-learn 1.5.2" || r.Verdict() != model.Refused {
		t.Errorf("%s\n%s, %v", cmp.Diff(want, r.Tree), r.Writer, r.Verdict())
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].What, "own.parts.Cleaner is not") || r.Problems[0].Hint == "" {
		t.Errorf("the problems are %+v", r.Problems)
	}
	var names []string
	for _, g := range r.Globals {
		if !g.Known {
			names = append(names, g.String())
		}
	}
	if !cmp.Equal(names, []string{"own.parts.Cleaner"}) {
		t.Errorf("unknown are %q", names)
	}
}
