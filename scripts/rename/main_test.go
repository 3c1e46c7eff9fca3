package main

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReplace(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"x.org/a", "NEW"},
		{`import "x.org/a"`, `import "NEW"`},
		{`import "x.org/a/b"`, `import "NEW/b"`},
		{"see https://x.org/a.", "see https://NEW."},
		{"pkg.go.dev/x.org/a@latest", "pkg.go.dev/NEW@latest"},
		{"x.org/a x.org/a", "NEW NEW"},
		{"-X x.org/a/b.c=1", "-X NEW/b.c=1"},
		{"x.org/a-ort", "x.org/a-ort"},
		{"x.org/ab", "x.org/ab"},
		{"x.org/a_b", "x.org/a_b"},
		{"www.x.org/a", "www.x.org/a"},
		{"xx.org/a", "xx.org/a"},
		{"nothing", "nothing"},
		{"", ""},
	} {
		if got := string(replace([]byte(c.text), "x.org/a", "NEW")); got != c.want {
			t.Errorf("replace(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestCheckPath(t *testing.T) {
	for _, good := range []string{"github.com/you/yours", "example.org/a", "git.example.org/A-b_c/d.e/v2", "example.org"} {
		if err := checkPath(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "yours", "net/http", "github.com/", "/github.com/you", "github.com//you", "github.com/you/..",
		"github.com/you/.git", "github.com/you/a b", "github.com/you/a\nb", "https://github.com/you/a", "github.com/you/\u00e4",
		"github.com/you/\"", "GitHub.com/you/a", "github.com/-you/a", "github.com/you/a@v1"} {
		if checkPath(bad) == nil {
			t.Errorf("%q passes for a module path", bad)
		}
	}
}

// tree writes files into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// contents reads all files of a folder.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		inside, _ := filepath.Rel(root, name)
		files[filepath.ToSlash(inside)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// small is a module whose name is not this one's: renaming a fork must not change what
// its tests look for.
var small = map[string]string{
	"go.mod":        "module old.example/mlapi\n\ngo 1.26\n",
	"doc.go":        "// Package mlapi is old.example/mlapi.\npackage mlapi\n",
	"a/a.go":        "package a\n\nimport (\n\t\"fmt\"\n\n\t\"o.example/a\"\n\t\"old.example/mlapi\"\n\t\"old.example/mlapi/b\"\n)\n",
	"a/named.go":    "package a\n\nimport m \"old.example/mlapi\"\n",
	"README.md":     "go install old.example/mlapi/cmd/mlapi@latest\n",
	"run.sh":        "exit 0\n",
	"model.bin":     "\x00old.example/mlapi",
	"bin/x":         "old.example/mlapi",
	".git/config":   "old.example/mlapi",
	".ci/run":       "old.example/mlapi\n",
	"data/x":        "old.example/mlapi",
	"a/data/x":      "old.example/mlapi",
	"go.sum":        "old.example/mlapi-other v1\n",
	"a/testdata/t":  "import \"old.example/mlapi/app\"",
	"latin-1.txt":   "old.example/mlapi \xdf",
	"a/b/bin/x.txt": "old.example/mlapi",
}

func TestRename(t *testing.T) {
	root := tree(t, small)
	old, files, err := rename(root, "new.example/you/yours")
	if err != nil || old != "old.example/mlapi" || files != 9 {
		t.Fatalf("rename = %q, %d files, %v; want old.example/mlapi, 9 files", old, files, err)
	}
	want := maps.Clone(small)
	for name, text := range map[string]string{
		"go.mod":        "module new.example/you/yours\n\ngo 1.26\n",
		"doc.go":        "// Package mlapi is new.example/you/yours.\npackage mlapi\n",
		"a/a.go":        "package a\n\nimport (\n\t\"fmt\"\n\n\tmlapi \"new.example/you/yours\"\n\t\"new.example/you/yours/b\"\n\t\"o.example/a\"\n)\n",
		"a/named.go":    "package a\n\nimport m \"new.example/you/yours\"\n",
		"README.md":     "go install new.example/you/yours/cmd/mlapi@latest\n",
		".ci/run":       "new.example/you/yours\n",
		"a/data/x":      "new.example/you/yours",
		"a/testdata/t":  "import \"new.example/you/yours/app\"",
		"a/b/bin/x.txt": "new.example/you/yours",
	} {
		want[name] = text
	}
	got := contents(t, root)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s holds %q, want %q", name, got[name], want[name])
		}
	}
	if _, files, err := rename(root, "new.example/you/yours"); err != nil || files != 0 {
		t.Errorf("the same again: %d files, %v", files, err)
	}
	if old, _, err := rename(root, "old.example/mlapi"); err != nil || old != "new.example/you/yours" {
		t.Errorf("and back: from %q, %v", old, err)
	}
}

func TestRenameKeepsModes(t *testing.T) {
	root := tree(t, small)
	name := filepath.Join(root, ".ci/run")
	if err := os.Chmod(name, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := rename(root, "new.example/you/yours"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v, want mode 0755", info.Mode(), err)
	}
}

func TestRenameChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		module string
		change map[string]string
		want   string
	}{
		"a bad path":        {"yours", nil, "no module path"},
		"no go.mod":         {"new.example/you/yours", map[string]string{"go.mod": ""}, "names no module"},
		"no package":        {"new.example/you/yours", map[string]string{"x.go": "// old.example/mlapi\n"}, "x.go"},
		"code half written": {"new.example/you/yours", map[string]string{"x.go": "package x // old.example/mlapi\nfunc {\n"}, "x.go"},
	} {
		files := maps.Clone(small)
		maps.Copy(files, c.change)
		root := tree(t, files)
		if _, _, err := rename(root, c.module); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error that says %q", name, err, c.want)
		}
		if !maps.Equal(contents(t, root), files) {
			t.Errorf("%s: files changed", name)
		}
	}
	if _, _, err := rename(t.TempDir(), "new.example/you/yours"); err == nil {
		t.Error("a folder without go.mod passes")
	}
}

// fork copies this repository into a new folder and renames it there. The new path is
// made of the old one: a fork runs this test too, and must find another again.
func fork(t *testing.T) (dir, old string) {
	t.Helper()
	const repository = "../.."
	copied := t.TempDir()
	err := filepath.WalkDir(repository, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(repository, name)
		if err != nil {
			return err
		}
		target := filepath.Join(copied, inside)
		switch {
		case entry.IsDir() && name != repository && foreign(repository, name):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	if old, err = modulePath(filepath.Join(copied, "go.mod")); err != nil {
		t.Fatal(err)
	}
	if _, files, err := rename(copied, old+"-fork"); err != nil || files < 10 {
		t.Fatalf("%d files renamed, %v", files, err)
	}
	return copied, old
}

// run runs the go command in dir.
func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	began := time.Now()
	c := exec.Command("go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	t.Logf("go %s: %v", strings.Join(args, " "), time.Since(began).Round(time.Millisecond))
}

// TestForkBuilds renames a copy of this repository, which then must build, tests
// included, and hold nothing of the old name.
func TestForkBuilds(t *testing.T) {
	copied, old := fork(t)
	run(t, copied, "build", "./...")
	run(t, copied, "vet", "./...")
	for name, text := range contents(t, copied) {
		if strings.Contains(text, `"`+old+`"`) || strings.Contains(text, `"`+old+`/`) {
			t.Errorf("%s still imports %s", name, old)
		}
	}
}
