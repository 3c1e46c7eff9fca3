package model

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/mlapi"
)

// Inspect looks at the file at path (as Open takes it) and tells what it is, with the
// model where it can be served, otherwise nil. The error, always an *Error, is for a
// file that cannot be read, or a fault of the reader; a file that cannot be served is
// none, but has Problems.
func Inspect(path string, formats []Format) (*Report, mlapi.Model, error) {
	m, err := Open(path, formats)
	var refusal *Error
	if errors.As(err, &refusal) && (refusal.Kind == Unreadable || refusal.Kind == Fault) {
		return nil, nil, refusal
	}
	r, err := look(path, formats)
	if err != nil {
		return nil, nil, explain(path, err)
	}
	if m != nil {
		// What the reader serves is served, whatever a look found strange; but that
		// something lies in it to do harm elsewhere is said.
		info := m.Info()
		r.Format, r.Writer = info.Format, info.Writer
		r.Problems = slices.DeleteFunc(r.Problems, func(p Problem) bool { return !p.Hostile })
		return r, m, nil
	}
	first := Problem{Kind: refusal.Kind, What: refusal.What, Hint: refusal.Hint}
	if !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.What == first.What }) {
		r.Problems = append([]Problem{first}, r.Problems...)
	}
	return r, nil, nil
}

// look fills a report with what the file's format tells of it.
func look(path string, formats []Format) (r *Report, err error) {
	r = &Report{}
	defer func() {
		if fault := recover(); fault != nil {
			err = &Error{Kind: Fault, What: "looking into the file failed",
				Hint: "this is a fault of mlapi: please report it together with the file", Cause: fmt.Errorf("panic: %v", fault)}
		}
	}()
	f, err := opened(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r.Compression = f.Compression
	head, err := f.Peek(HeadLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return r, nil // Open has said so
	}
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Detect(head) })
	if i < 0 {
		return disguised(path, r, formats), nil
	}
	r.Format = formats[i].Name
	if found := formats[i].inspect(f.Source); found != nil {
		if found.Format == "" {
			found.Format = r.Format
		}
		found.Compression = r.Compression
		return found, nil
	}
	return r, nil
}

// disguised looks for a hostile file among those that no format knows: Python loads what
// follows no rule but its own, such as a pickle with something behind it.
func disguised(path string, r *Report, formats []Format) *Report {
	for _, format := range formats {
		f, err := opened(path)
		if err != nil {
			return r
		}
		found := format.inspect(f.Source)
		_ = f.Close() // only read: nothing can be lost by closing
		if found != nil && found.Verdict() == Malicious {
			found.Compression = r.Compression
			return found
		}
	}
	return r
}

// inspect returns what the format tells of src, nil where that is nothing.
func (f Format) inspect(src *Source) *Report {
	if f.Inspect == nil {
		return nil
	}
	r, err := f.Inspect(src, DefaultLimits(src.Size))
	if err != nil {
		return nil
	}
	return r
}

// openFile is the source of a file on disk.
type openFile struct {
	*Source
	io.Closer
}

// opened opens the file at path, as Open takes it. Compression that cannot be undone
// makes it an empty one.
func opened(path string) (*openFile, error) {
	name, part := splitPart(path)
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // the error that counts is the other
		return nil, unreadable(err)
	}
	src := &Source{Name: name, Part: part, Size: info.Size(), folder: filepath.Dir(name)}
	if err := src.open(f, DefaultLimits(src.Size)); err != nil {
		src.r = bufio.NewReader(strings.NewReader(""))
	}
	return &openFile{src, f}, nil
}

// Reopen returns the file anew from its beginning, for who wants to look at it twice
// without keeping its bytes. The caller closes it. A source that is no file on disk
// cannot be opened again.
func (s *Source) Reopen() (*Source, io.Closer, error) {
	if s.folder == "" {
		return nil, nil, errors.New("model: the source is no file on disk")
	}
	f, err := opened(s.Name)
	if err != nil {
		return nil, nil, err
	}
	f.Part = s.Part
	return f.Source, f.Closer, nil
}
