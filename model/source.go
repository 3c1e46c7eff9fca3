package model

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Source is the decompressed stream of a model file, bounded by Limits.Bytes.
type Source struct {
	// Name is the file's name as given, for messages. It proves nothing.
	Name string
	// Part is the path inside the file of what is asked for, such as $.pipeline; ""
	// where that is the whole. A format has it only if its Parts says so.
	Part string
	// Size is the size on disk in bytes, before decompression.
	Size int64
	// Compression is "zlib", "gzip", "bzip2", "xz", "lzma", "lz4", "ZF" (zlib in the
	// container of joblib up to 0.9), or "" for none.
	Compression string

	r      *bufio.Reader
	folder string // that the file lies in; "" where it lies in none
}

// NewSource returns the source of a file of size bytes, decompressed where its
// first bytes say so.
func NewSource(name string, r io.Reader, size int64, limits Limits) (*Source, error) {
	s := &Source{Name: name, Size: size}
	if err := s.open(r, limits); err != nil {
		return nil, err
	}
	return s, nil
}

// open begins to read r, decompressed where its first bytes say so.
func (s *Source) open(r io.Reader, limits Limits) error {
	raw := bufio.NewReaderSize(r, 64<<10)
	head, err := raw.Peek(magicLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return &Error{Kind: Unreadable, What: "the file cannot be read", Hint: "try the disk or share that it is on", Cause: err}
	}
	s.Compression = compressionOf(head)
	plain, err := decompress(s.Compression, raw)
	if err != nil {
		return err
	}
	s.r = bufio.NewReaderSize(&bounded{r: plain, limit: limits.Bytes, left: limits.Bytes}, 64<<10)
	return nil
}

// Read reads the next bytes.
func (s *Source) Read(p []byte) (int, error) { return s.r.Read(p) }

// ReadByte reads the next byte.
func (s *Source) ReadByte() (byte, error) { return s.r.ReadByte() }

// Peek returns the next n bytes, at most 65,536, without consuming them. The bytes
// are valid until the next read. Fewer bytes come with an error that says why,
// io.EOF at the end.
func (s *Source) Peek(n int) ([]byte, error) { return s.r.Peek(n) }

// Sibling opens the file base in the folder that this file lies in, decompressed where
// its first bytes say so. It returns the content and by how much the file's size raises
// the limit on memory. No other folder is ever reached: base is one name, and a symbolic
// link that leads out of the folder is an error, as is all that is no regular file. Where
// there is no such file, or the source itself is none, the error is fs.ErrNotExist.
func (s *Source) Sibling(base string) (r io.ReadCloser, more int64, err error) {
	if s.folder == "" {
		return nil, 0, fs.ErrNotExist
	}
	if base == "." || !filepath.IsLocal(base) || strings.ContainsAny(base, `/\`) {
		return nil, 0, fmt.Errorf("%q is not the name of a file in the folder", base)
	}
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		return nil, 0, err
	}
	defer root.Close() // only read: nothing can be lost by closing
	// Asked before opening: opening a pipe would wait for its other end.
	info, err := root.Stat(base)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%q is no regular file", base)
	}
	f, err := root.Open(base)
	if err != nil {
		return nil, 0, err
	}
	limits := DefaultLimits(info.Size())
	beside, err := NewSource(base, f, info.Size(), limits)
	if err != nil {
		_ = f.Close() // the error that counts is the other
		return nil, 0, err
	}
	return sibling{beside, f}, limits.Memory - DefaultLimits(0).Memory, nil
}

// sibling closes the file under a source.
type sibling struct {
	*Source
	io.Closer
}

// end refuses bytes that the reader left over, and finds a wrong checksum of the
// compression, which stands at the end.
func (s *Source) end() error {
	_, err := s.r.ReadByte()
	if err == nil {
		return &Error{What: "something follows the end of the model", Hint: brokenHint}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// bounded ends with an *Error where the stream goes on after the limit.
type bounded struct {
	r           io.Reader
	limit, left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	// A byte more than is left is asked for: only that tells a stream of exactly the
	// limit from a longer one.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		return n, &Error{
			What: "the file takes too much memory once it is decompressed, for a file of its size",
			Hint: "if you trust where the file comes from, save it again without compression",
		}
	}
	b.left -= int64(n)
	return n, err
}
