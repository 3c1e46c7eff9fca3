// Command rename gives a fork of mlapi a module path of its own: it changes the path
// in go.mod, in every import and wherever else a text of the tree names it, and
// formats the Go files that it changed. The package keeps its name, mlapi.
//
//	make rename MODULE=github.com/you/yours
//
// It works on the tree of the go.mod in the working folder. Nothing is written unless
// everything could be read and formatted.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rootPackage is the name of the root package, which the renamed module keeps.
const rootPackage = "mlapi"

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" {
		fmt.Fprintln(os.Stderr, "error: the new module path is missing\nhint: make rename MODULE=github.com/you/yours")
		os.Exit(2)
	}
	old, files, err := rename(".", os.Args[1])
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\nhint: a module path is like github.com/you/yours; run it in the folder of go.mod\n", err)
		os.Exit(1)
	}
	fmt.Printf("%s is now %s: %d files changed.\nNow: make test, and commit.\n", old, os.Args[1], files)
}

// change is a file's new text.
type change struct {
	name string
	text []byte
	mode fs.FileMode
}

// rename gives the module in the folder root the path module, and returns the path
// it had and the number of files that changed.
func rename(root, module string) (old string, files int, err error) {
	if err := checkPath(module); err != nil {
		return "", 0, err
	}
	if old, err = modulePath(filepath.Join(root, "go.mod")); err != nil {
		return "", 0, err
	}
	changes, err := plan(root, old, module)
	if err != nil {
		return "", 0, err
	}
	for _, c := range changes {
		if err := os.WriteFile(c.name, c.text, c.mode); err != nil {
			return "", 0, err
		}
	}
	return old, len(changes), nil
}

// checkPath returns an error unless module is a path that Go can fetch: elements of
// letters, digits and a few marks, the first of them a host's name.
func checkPath(module string) error {
	for i, element := range strings.Split(module, "/") {
		odd := strings.IndexFunc(element, func(r rune) bool {
			return r >= utf8.RuneSelf || !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~", r))
		})
		switch {
		case element == "" || odd >= 0 || strings.Trim(element, ".") != element || element[0] == '-':
			return fmt.Errorf("%q is no module path", module)
		case i == 0 && (!strings.Contains(element, ".") || strings.ToLower(element) != element):
			return fmt.Errorf("%q is no module path: it must begin with a host's name, such as github.com", module)
		}
	}
	return nil
}

// modulePath reads the module's path from a go.mod.
func modulePath(name string) (string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if module, found := strings.CutPrefix(line, "module "); found {
			return strings.TrimSpace(module), nil
		}
	}
	return "", errors.New(name + " names no module")
}

// plan returns the files of the tree that name old, with what they are to hold.
func plan(root, old, module string) ([]change, error) {
	var changes []change
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != root && foreign(root, name) {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return nil
		}
		renamed := replace(text, old, module)
		if bytes.Equal(renamed, text) {
			return nil
		}
		if filepath.Ext(name) == ".go" {
			if renamed, err = tidy(name, renamed, module); err != nil {
				return err
			}
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		changes = append(changes, change{name, renamed, info.Mode().Perm()})
		return nil
	})
	return changes, err
}

// foreign reports whether a folder is no part of the source: git's own, what it
// ignores, and tools' folders.
func foreign(root, dir string) bool {
	inside, err := filepath.Rel(root, dir)
	if err != nil {
		return true
	}
	return slices.Contains([]string{".git", "data", "bin", "build"}, inside) || filepath.Base(dir) == "node_modules"
}

// replace puts module in the place of old wherever text names old itself or a
// package in it: "x.org/a" is in "x.org/a/b" and "https://x.org/a", and neither in
// "x.org/ab" nor in "www.x.org/a".
func replace(text []byte, old, module string) []byte {
	var out []byte
	for {
		i := bytes.Index(text, []byte(old))
		if i < 0 {
			return append(out, text...)
		}
		end := i + len(old)
		whole := (i == 0 || !inPath(text[i-1]) && text[i-1] != '.') && (end == len(text) || !inPath(text[end]))
		out = append(out, text[:i]...)
		if whole {
			out = append(out, module...)
		} else {
			out = append(out, old...)
		}
		text = text[end:]
	}
}

// inPath reports whether a byte beside a path makes it part of a longer name.
func inPath(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_' || b == '~'
}

// tidy formats a Go file, which sorts its imports again, and names the import of the
// root package where the path does not tell its name any more.
func tidy(name string, text []byte, module string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ImportsOnly|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if path.Base(module) != rootPackage {
		text = nameImports(fset, file, text, module)
	}
	formatted, err := format.Source(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return formatted, nil
}

// nameImports writes the root package's name before each nameless import of it.
func nameImports(fset *token.FileSet, file *ast.File, text []byte, module string) []byte {
	for _, spec := range slices.Backward(file.Imports) {
		if spec.Name == nil && spec.Path.Value == strconv.Quote(module) {
			text = slices.Insert(text, fset.Position(spec.Path.Pos()).Offset, []byte(rootPackage+" ")...)
		}
	}
	return text
}
