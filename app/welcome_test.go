package app

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/mlapi"
)

// TestWritePrivate: what was there before decides nothing.
func TestWritePrivate(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "elsewhere")
	if err := os.WriteFile(target, []byte("untouched"), 0o644); err != nil {
		t.Fatal(err)
	}
	open, link := filepath.Join(folder, "open"), filepath.Join(folder, "link")
	if err := os.WriteFile(open, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{open, link, filepath.Join(folder, "new")} {
		if err := writePrivate(path, "secret"); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
	}
	if raw, err := os.ReadFile(target); err != nil || string(raw) != "untouched" {
		t.Errorf("the link was followed: %q, %v", raw, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 4 {
		t.Errorf("%d files, want 4 (%v)", len(left), err)
	}
}

// TestExampleRows: a row has what each feature takes, and no text of a model file
// reaches a terminal unescaped.
func TestExampleRows(t *testing.T) {
	number, text := mlapi.Feature{Name: "age"}, mlapi.Feature{Name: "x1", Type: mlapi.TextFeature}
	for name, c := range map[string]struct {
		features     []mlapi.Feature
		list, object string
	}{
		"a number":       {[]mlapi.Feature{number}, "[[0]]", `[{"age":0}]`},
		"no names":       {[]mlapi.Feature{number, text}, `[[0,"some text"]]`, ""},
		"known texts":    {[]mlapi.Feature{{Name: "sex", Type: mlapi.TextFeature, Categories: []string{"", "f\x1b\u2028\"\\é"}}}, `[["f\u001b\u2028\"\\é"]]`, `[{"sex":"f\u001b\u2028\"\\é"}]`},
		"encoded":        {[]mlapi.Feature{{Name: "sex", Type: mlapi.CategoryFeature, Categories: []string{"f", "m"}}}, `[["f"]]`, `[{"sex":"f"}]`},
		"outside of BMP": {[]mlapi.Feature{{Name: "\U000E0001", Type: mlapi.AnyFeature}}, "[[0]]", `[{"\udb40\udc01":0}]`},
		"too many":       {make([]mlapi.Feature, 2000), "", ""},
	} {
		if list, object := listOf(c.features), objectOf(c.features); list != c.list || object != c.object {
			t.Errorf("%s: %s and %s, want %s and %s", name, list, object, c.list, c.object)
		}
	}
}
