package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFromAnotherModule copies each example out into a module of its own, which must
// build: nothing that it needs is closed to others. The program that comes out is the
// mlapi command.
func TestFromAnotherModule(t *testing.T) {
	mains, err := filepath.Glob("*/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, main := range mains {
		t.Run(filepath.Dir(main), func(t *testing.T) {
			dir := t.TempDir()
			copyOut(t, main, filepath.Join(dir, "main.go"))
			copyOut(t, "../go.sum", filepath.Join(dir, "go.sum"))
			writeModule(t, filepath.Join(dir, "go.mod"))
			run(t, dir, "go", "build", "-mod=mod", "-o", "example", ".")
			if got := run(t, dir, filepath.Join(dir, "example"), "version"); !strings.HasPrefix(got, "mlapi ") {
				t.Errorf("its version is %q", got)
			}
		})
	}
}

func copyOut(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// writeModule writes the go.mod of a module that requires what ours does, and ours
// from this folder.
func writeModule(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	line, rest, _ := strings.Cut(string(text), "\n")
	module := strings.TrimPrefix(line, "module ")
	own := "module own.example/example\n" + rest + "\nrequire " + module + " v0.0.0\nreplace " + module + " => " + ours + "\n"
	if err := os.WriteFile(name, []byte(own), 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOWORK=off")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
