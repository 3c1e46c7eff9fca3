package jsonrows

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a text whose opening quote is the next byte. What it returns is
// good until d reads on.
func (d *Decoder) quoted() ([]byte, error) {
	d.keep = d.pos
	at, escaped, ascii := 1, false, true // at is counted from keep, which refill may move
	for {
		buf := d.buf[d.keep:d.end]
		for at < len(buf) && buf[at] != '"' && buf[at] != '\\' && buf[at] >= ' ' {
			ascii = ascii && buf[at] < utf8.RuneSelf
			at++
		}
		if at > d.limits.Text+1 {
			return nil, d.refuse("text_too_long", "the text is longer than the server takes ("+strconv.Itoa(d.limits.Text)+" bytes)")
		}
		switch {
		case at >= len(buf):
			if err := d.refill(); err != nil {
				d.pos = d.end
				return nil, d.ended(err)
			}
		case buf[at] == '"':
			raw := buf[1:at]
			d.pos, d.keep = d.keep+at+1, -1
			if !ascii && !utf8.Valid(raw) {
				return nil, d.syntaxAt(d.pos-1-len(raw), "the text is not valid UTF-8")
			}
			if !escaped {
				return raw, nil
			}
			return d.unescape(raw)
		case buf[at] == '\\':
			// The byte after it is passed over, so that \" does not end the text. Where
			// it is still to come, so is the rest; a raw control character after a
			// backslash is refused when escapes are resolved.
			escaped = true
			at += 2
		default:
			return nil, d.syntaxAt(d.keep+at, "a raw control character stands in a text")
		}
	}
}

// unescape resolves the escapes of raw into d.text. Every backslash in raw has a
// byte after it.
func (d *Decoder) unescape(raw []byte) ([]byte, error) {
	d.text = d.text[:0]
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			d.text = append(d.text, raw[i])
			i++
			continue
		}
		if raw[i+1] == 'u' {
			r, size := escapedRune(raw[i:])
			if size == 0 {
				return nil, d.syntaxAt(d.pos-1-len(raw)+i, "a \\u escape names no character")
			}
			d.text = utf8.AppendRune(d.text, r)
			i += size
			continue
		}
		c := simpleEscape(raw[i+1])
		if c == 0 {
			return nil, d.syntaxAt(d.pos-1-len(raw)+i, "an unknown escape stands in a text")
		}
		d.text = append(d.text, c)
		i += 2
	}
	return d.text, nil
}

// simpleEscape returns what a backslash and c stand for, or 0.
func simpleEscape(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// escapedRune reads \uXXXX, or a pair of them for a character beyond 16 bits, at
// the beginning of b. The size is 0 where there is none or half a pair.
func escapedRune(b []byte) (r rune, size int) {
	high, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(high) {
		return high, 6
	}
	low, ok := hex4(b[6:])
	if r = utf16.DecodeRune(high, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// hex4 reads \uXXXX at the beginning of b.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
