package jsonrows

import (
	"io"
	"unicode/utf8"

	"example.com/mlapi"
)

// refill reads more bytes behind buf[:end]. Bytes before the token under way may
// be dropped; where none can be, the buffer grows. It returns io.EOF at the end.
func (d *Decoder) refill() error {
	if d.failed != nil {
		return d.failed
	}
	if d.end == len(d.buf) {
		d.makeRoom()
	}
	for range patientReads {
		n, err := d.src.Read(d.buf[d.end:])
		if n < 0 || n > len(d.buf)-d.end {
			return mlapi.Internalf("jsonrows: the source returned an impossible count from Read")
		}
		d.end += n
		if err != nil {
			d.failed = err
		}
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	d.failed = io.ErrNoProgress
	return d.failed
}

func (d *Decoder) makeRoom() {
	from := d.pos
	if d.keep >= 0 {
		from = d.keep
	}
	if from == 0 {
		grown := make([]byte, 2*len(d.buf))
		copy(grown, d.buf)
		d.buf = grown
		return
	}
	copy(d.buf, d.buf[from:d.end])
	d.base += int64(from)
	d.pos -= from
	d.end -= from
	if d.keep >= 0 {
		d.keep = 0
	}
}

// token skips white space and comments and returns the byte that follows, without
// consuming it.
func (d *Decoder) token() (byte, error) {
	for {
		for d.pos < d.end {
			switch c := d.buf[d.pos]; c {
			case ' ', '\t', '\n', '\r':
				d.pos++
			case '/':
				if err := d.comment(); err != nil {
					return 0, err
				}
			default:
				return c, nil
			}
		}
		if err := d.refill(); err != nil {
			return 0, err
		}
	}
}

// peek returns the byte n places on, without consuming any.
func (d *Decoder) peek(n int) (byte, error) {
	for d.pos+n >= d.end {
		if err := d.refill(); err != nil {
			return 0, err
		}
	}
	return d.buf[d.pos+n], nil
}

// comment skips a line comment, which must be text all the same: valid UTF-8
// without control characters but the tab.
func (d *Decoder) comment() error {
	c, err := d.peek(1)
	if err != nil && err != io.EOF {
		return err
	}
	if err == io.EOF || c != '/' {
		return d.unexpected("a JSON value (of comments, only // is read)")
	}
	d.pos += 2
	for {
		c, err := d.peek(0)
		switch {
		case err != nil:
			return err // io.EOF too: token's caller says what is missing
		case c == '\n' || c == '\r':
			return nil
		case c < ' ' && c != '\t':
			return d.syntax("a raw control character in a comment")
		case c < utf8.RuneSelf:
			d.pos++
		default:
			if err := d.wholeRune(); err != nil {
				return err
			}
		}
	}
}

// wholeRune skips one character of several bytes.
func (d *Decoder) wholeRune() error {
	for !utf8.FullRune(d.buf[d.pos:d.end]) {
		if err := d.refill(); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
	}
	r, size := utf8.DecodeRune(d.buf[d.pos:d.end])
	if r == utf8.RuneError && size <= 1 {
		return d.syntax("invalid UTF-8")
	}
	d.pos += size
	return nil
}

// skipMark skips a byte order mark.
func (d *Decoder) skipMark() error {
	for i := range len(byteOrderMark) {
		c, err := d.peek(i)
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || c != byteOrderMark[i] {
			return nil
		}
	}
	d.pos += len(byteOrderMark)
	return nil
}

// word consumes a bare word, whose first byte is known to be right.
func (d *Decoder) word(word string) error {
	for i := range len(word) {
		c, err := d.peek(i)
		if err != nil {
			return d.ended(err)
		}
		if c != word[i] {
			return d.unexpected("a JSON value")
		}
	}
	d.pos += len(word)
	return nil
}
