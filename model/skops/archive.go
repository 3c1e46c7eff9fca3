package skops

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

const (
	schemaName = "schema.json"
	// maxEntries bounds the entries of an archive, each of which takes memory even if
	// it is empty.
	maxEntries = 1 << 18
)

// Error says why a file cannot be served.
type Error struct {
	What string
	hint string

	unsupported bool
	cause       error
}

// Error returns what is wrong.
func (e *Error) Error() string { return e.What }

// Hint returns what to do about it.
func (e *Error) Hint() string { return e.hint }

// Unsupported reports whether the file may be in order, but is not served.
func (e *Error) Unsupported() bool { return e.unsupported }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

func broken(format string, args ...any) error {
	return &Error{What: fmt.Sprintf(format, args...), hint: "the file is damaged or was made by hand: save the model anew with skops.io.dump"}
}

// archive is a zip archive in memory whose decompressed bytes are counted.
type archive struct {
	entries map[string]*zip.File
	left    int64 // bytes that may still come out of decompression
}

// openArchive reads an archive of at most limits.Bytes bytes.
func openArchive(r io.Reader, limits model.Limits) (*archive, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &Error{What: "the zip archive cannot be read", hint: "copy the file again, or save the model anew with skops.io.dump", cause: err}
	}
	if len(z.File) > maxEntries {
		return nil, broken("the archive has more than %d entries", maxEntries)
	}
	a := &archive{entries: make(map[string]*zip.File, len(z.File)), left: limits.Bytes}
	for _, f := range z.File {
		if f.Name == "" || strings.ContainsAny(f.Name, `/\`) || f.Name == ".." {
			return nil, broken("the archive has an entry in a folder, %s", mlapi.Quote([]byte(f.Name)))
		}
		if a.entries[f.Name] != nil {
			return nil, broken("the archive has the entry %s twice", mlapi.Quote([]byte(f.Name)))
		}
		a.entries[f.Name] = f
	}
	return a, nil
}

// read calls do with the content of an entry, no more than may still come.
func (a *archive) read(name string, do func(io.Reader) error) error {
	f := a.entries[name]
	if f == nil {
		return broken("the archive has no entry %s", mlapi.Quote([]byte(name)))
	}
	r, err := f.Open()
	if err != nil {
		return &Error{What: "an entry of the archive cannot be read", hint: "save the model anew with skops.io.dump", cause: err}
	}
	defer r.Close() // only read: nothing can be lost by closing
	return do(&counted{r: r, left: &a.left})
}

// schema reads the tree of nodes that the archive is.
func (a *archive) schema(limits model.Limits) (any, error) {
	var tree any
	err := a.read(schemaName, func(r io.Reader) error {
		var err error
		tree, err = parse(r, limits)
		return err
	})
	return tree, err
}

// counted ends with an error where more comes than may.
type counted struct {
	r    io.Reader
	left *int64
}

func (c *counted) Read(p []byte) (int, error) {
	// A byte more than is left is asked for: only that tells an entry of exactly the
	// limit from a longer one.
	if int64(len(p)) > *c.left+1 {
		p = p[:*c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > *c.left {
		n, *c.left = int(*c.left), 0
		return n, broken("the archive takes too much memory once it is decompressed, for a file of its size")
	}
	*c.left -= int64(n)
	return n, err
}
