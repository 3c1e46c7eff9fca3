package model

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz/lzma"
)

// magicLength is how many bytes compressionOf wants to see.
const magicLength = 13

// The container that joblib up to 0.9 wrote: "ZF", the size in bytes of the content as
// Python's hex() has it, filled up with spaces to the longest such number, and zlib
// (joblib/numpy_pickle_compat.py: read_zfile).
const (
	zfMagic  = "ZF0x"
	zfHeader = len("ZF") + len("0x10000000000000000")
)

// mostDictionary is the largest dictionary of xz and lzma, in bytes, that is
// allocated on the word of a header: that of their highest level.
const mostDictionary = 64 << 20

// compressionOf returns the name of the compression that begins with head, or "".
// None of the beginnings can be that of a pickle: they hold a byte that is no
// opcode where one must stand, or, of bzip2, are long enough.
func compressionOf(head []byte) string {
	switch {
	case len(head) >= 2 && head[0]&0x0f == 8 && head[0]>>4 <= 7 && head[1]&0x20 == 0 &&
		binary.BigEndian.Uint16(head)%31 == 0 && head[0] == 0x78:
		return "zlib"
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return "gzip"
	case bytes.HasPrefix(head, []byte(zfMagic)):
		return "ZF"
	case len(head) >= 10 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "\x31\x41\x59\x26\x53\x59" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return "bzip2"
	case bytes.HasPrefix(head, []byte(xzMagic)):
		return "xz"
	case bytes.HasPrefix(head, []byte{0x5d, 0, 0}) && len(head) >= lzma.HeaderLen:
		return "lzma"
	case bytes.HasPrefix(head, []byte{0x04, 0x22, 0x4d, 0x18}):
		return "lz4"
	}
	return ""
}

// decompress returns the decompressed stream of raw.
func decompress(compression string, raw *bufio.Reader) (io.Reader, error) {
	var r io.Reader
	var err error
	switch compression {
	case "":
		return raw, nil
	case "zlib":
		r, err = zlib.NewReader(raw)
	case "gzip":
		r, err = gzip.NewReader(raw)
	case "ZF":
		r, err = newZFReader(raw)
	case "bzip2":
		r = bzip2.NewReader(raw)
	case "xz":
		r = newXZReader(raw)
	case "lzma":
		r, err = newLZMAReader(raw)
	case "lz4":
		r = lz4.NewReader(raw)
	}
	if err != nil {
		return nil, badCompression(compression, err)
	}
	return &whole{compression: compression, r: r, raw: raw}, nil
}

// newZFReader reads the header of old joblib's container.
func newZFReader(raw *bufio.Reader) (io.Reader, error) {
	header := make([]byte, zfHeader)
	if _, err := io.ReadFull(raw, header); err != nil {
		return nil, cutOff(err)
	}
	size, err := strconv.ParseInt(strings.TrimRight(string(header[len(zfMagic):]), " L"), 16, 64)
	if err != nil {
		return nil, errors.New("the size in the header cannot be read")
	}
	// Python 2 has a longer longest number, and so one space more.
	if next, err := raw.Peek(1); err == nil && next[0] == ' ' {
		if _, err := raw.Discard(1); err != nil {
			return nil, err
		}
	}
	content, err := zlib.NewReader(raw)
	if err != nil {
		return nil, err
	}
	return &exact{r: content, left: size}, nil
}

// exact is a stream that must have the size that was said of it.
type exact struct {
	r    io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if e.left < 0 || errors.Is(err, io.EOF) && e.left != 0 {
		return n, errors.New("the content has another size than the header says")
	}
	return n, err
}

// newLZMAReader checks the dictionary size in the header before anything is
// allocated by it.
func newLZMAReader(raw *bufio.Reader) (io.Reader, error) {
	head, err := raw.Peek(lzma.HeaderLen)
	if err != nil {
		return nil, err
	}
	if size := binary.LittleEndian.Uint32(head[1:]); size > mostDictionary {
		return nil, largeDictionary(uint64(size))
	}
	return lzma.ReaderConfig{DictCap: mostDictionary}.NewReader(raw)
}

// whole is a decompressed stream that ends well only where the file ends too.
type whole struct {
	compression string
	r           io.Reader
	raw         *bufio.Reader
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err == nil {
		return n, nil
	}
	if !errors.Is(err, io.EOF) {
		return n, badCompression(w.compression, err)
	}
	if _, err := w.raw.Peek(1); err == nil {
		return n, &Error{What: "something follows the end of the compressed data", Hint: brokenHint}
	} else if !errors.Is(err, io.EOF) {
		return n, err
	}
	return n, io.EOF
}

// badCompression returns err, of a decompressor, as an *Error.
func badCompression(compression string, err error) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	what := fmt.Sprintf("the file is damaged: its %s compression does not read", compression)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		what = fmt.Sprintf("the file ends in the middle of its %s compression", compression)
	}
	return &Error{What: what, Hint: brokenHint, Cause: err}
}

func largeDictionary(size uint64) *Error {
	return &Error{
		Kind: Unsupported,
		What: fmt.Sprintf("the file's compression asks for a dictionary of %d bytes; %d are allowed", size, mostDictionary),
		Hint: "save it again with a lower level of compression",
	}
}
