package pickle

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// sourceBuffer is the size of the read buffer.
const sourceBuffer = 64 << 10

// source is the stream of bytes of a file, with a limit on its length.
type source struct {
	r *bufio.Reader
	// counted lies below r and knows how many bytes r has taken.
	counted *counter
}

// counter counts the bytes that pass and ends with a LimitError at the limit.
type counter struct {
	r     io.Reader
	n     int64
	limit int64
}

func (c *counter) Read(p []byte) (int, error) {
	left := c.limit - c.n
	if left < 0 {
		return 0, &LimitError{What: "bytes", Limit: c.limit}
	}
	// One byte beyond the limit is asked for: only that tells a file of exactly
	// the limit from a longer one.
	if int64(len(p)) > left+1 {
		p = p[:left+1]
	}
	n, err := c.r.Read(p)
	if c.n += int64(n); c.n > c.limit {
		return int(left), &LimitError{What: "bytes", Limit: c.limit}
	}
	return n, err
}

func newSource(r io.Reader, limit int64) *source {
	return newSizedSource(r, limit, sourceBuffer)
}

// newSizedSource is newSource with a buffer of its own size, for short pieces.
func newSizedSource(r io.Reader, limit int64, buffer int) *source {
	c := &counter{r: r, limit: limit}
	return &source{r: bufio.NewReaderSize(c, buffer), counted: c}
}

// offset returns how many bytes were consumed.
func (s *source) offset() int64 { return s.counted.n - int64(s.r.Buffered()) }

// fail makes err, of a read, an error for people.
func (s *source) fail(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FormatError{Offset: s.offset(), What: "the file ends in the middle"}
	}
	var limit *LimitError
	if errors.As(err, &limit) {
		return limit
	}
	return &FormatError{Offset: s.offset(), What: "the file cannot be read", Cause: err}
}

func (s *source) byte() (byte, error) {
	b, err := s.r.ReadByte()
	if err != nil {
		return 0, s.fail(err)
	}
	return b, nil
}

// peek returns the next n bytes, at most sourceBuffer, and consumes them. They
// are valid until the next read.
func (s *source) peek(n int) ([]byte, error) {
	b, err := s.r.Peek(n)
	if err != nil {
		return nil, s.fail(err)
	}
	if _, err = s.r.Discard(n); err != nil {
		return nil, s.fail(err)
	}
	return b, nil
}

// uint reads a little-endian number of n bytes, at most 8.
func (s *source) uint(n int) (uint64, error) {
	b, err := s.peek(n)
	if err != nil {
		return 0, err
	}
	var v uint64
	for i := n - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v, nil
}

// bytes reads n bytes into memory of their own, which is charged before.
func (s *source) bytes(n uint64, a *account) ([]byte, error) {
	if err := a.charge(int64(n)); err != nil { // negative from 2^63 on, and refused too
		return nil, err
	}
	// The limit bounds what is allocated on the file's word: growing as the bytes come
	// would take twice the memory from every honest file.
	data := make([]byte, n)
	if _, err := io.ReadFull(s.r, data); err != nil {
		return nil, s.fail(err)
	}
	return data, nil
}

// text reads n bytes as a string, whose memory is charged before.
func (s *source) text(n uint64, a *account) (string, error) {
	if n <= sourceBuffer {
		if err := a.charge(int64(n)); err != nil {
			return "", err
		}
		b, err := s.peek(int(n))
		return string(b), err
	}
	b, err := s.bytes(n, a)
	if err != nil {
		return "", err
	}
	if err := a.charge(int64(n)); err != nil {
		return "", err
	}
	return string(b), nil
}

// line reads up to the next newline, which is consumed and not returned. The
// bytes are valid until the next read. A line longer than most is an error.
func (s *source) line(most int) ([]byte, error) {
	b, err := s.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || err == nil && len(b)-1 > most {
		return nil, &FormatError{Offset: s.offset(), What: "a line is too long"}
	}
	if err != nil {
		return nil, s.fail(err)
	}
	return b[:len(b)-1], nil
}

// longLine is line without a limit but the memory's, for texts of protocol 0. It
// charges for the text that is made of the line, too.
func (s *source) longLine(a *account) ([]byte, error) {
	var line bytes.Buffer
	for {
		b, err := s.r.ReadSlice('\n')
		if charged := a.charge(int64(6 * len(b))); charged != nil { // the buffer doubles, the text is made of it
			return nil, charged
		}
		if err == nil && line.Len() == 0 {
			return b[:len(b)-1], nil // the usual case: nothing to put together
		}
		line.Write(b)
		if err == nil {
			return bytes.TrimSuffix(line.Bytes(), []byte("\n")), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, s.fail(err)
		}
	}
}

// end refuses everything that still follows.
func (s *source) end() error {
	_, err := s.r.ReadByte()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return s.fail(err)
	}
	return &FormatError{Offset: s.offset() - 1, What: "something follows the end of the pickle"}
}

// latin1 returns b as text, one character for each byte.
func latin1(b []byte) string {
	ascii := true
	for _, c := range b {
		ascii = ascii && c < 0x80
	}
	if ascii {
		return string(b)
	}
	var s strings.Builder
	s.Grow(2 * len(b))
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// latin1Bytes returns the bytes of a text all of whose characters are below 256,
// the reverse of latin1.
func latin1Bytes(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}
