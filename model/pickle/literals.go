package pickle

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// mostLongBytes is the size in bytes of the largest whole number that is read.
const mostLongBytes = 1024

// number runs the opcodes of None, booleans and numbers.
func (m *machine) number(op byte) error {
	var v Value
	var err error
	switch op {
	case opNone:
	case opNewTrue:
		v = true
	case opNewFalse:
		v = false
	case opInt, opLong, opFloat:
		v, err = m.numberLine(op)
	case opBinInt:
		var u uint64
		u, err = m.src.uint(4)
		v = int64(int32(u))
	case opBinInt1, opBinInt2:
		var u uint64
		u, err = m.src.uint(int(op-opBinInt1)/2 + 1) // 'K' is 1 byte, 'M' 2
		v = int64(u)
	case opLong1, opLong4:
		v, err = m.long(op)
	case opBinFloat:
		var b []byte
		if b, err = m.src.peek(8); err == nil {
			var u uint64
			for _, c := range b {
				u = u<<8 | uint64(c)
			}
			v = math.Float64frombits(u)
		}
	}
	if err != nil {
		return err
	}
	if err := m.account.charge(costBox); err != nil {
		return err
	}
	return m.push(v)
}

// numberLine reads the numbers of protocol 0, which are lines of text.
func (m *machine) numberLine(op byte) (Value, error) {
	line, err := m.src.line(numberLine)
	if err != nil {
		return nil, err
	}
	s := string(line)
	if op == opFloat {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil && !math.IsInf(f, 0) {
			return nil, m.broken("a float cannot be read")
		}
		return f, nil
	}
	switch {
	case op == opInt && s == "00":
		return false, nil
	case op == opInt && s == "01":
		return true, nil
	case op == opLong && len(s) > 0 && s[len(s)-1] == 'L':
		s = s[:len(s)-1]
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	// Reading decimals takes time with the square of the length, so that is bounded
	// by numberLine.
	i, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, m.broken("a whole number cannot be read")
	}
	if err := m.account.charge(costBig + int64(2*len(s))); err != nil {
		return nil, err
	}
	return i, nil
}

// long reads a number in two's complement, little-endian.
func (m *machine) long(op byte) (Value, error) {
	width := 1
	if op == opLong4 {
		width = 4
	}
	n, err := m.src.uint(width)
	if err != nil {
		return nil, err
	}
	if n > mostLongBytes {
		return nil, m.broken("a whole number of %d bytes is too long", n)
	}
	b, err := m.src.peek(int(n))
	if err != nil {
		return nil, err
	}
	negative := n > 0 && b[n-1]&0x80 != 0
	if n <= 8 {
		u := uint64(0)
		if negative {
			u = math.MaxUint64
		}
		for i := len(b) - 1; i >= 0; i-- {
			u = u<<8 | uint64(b[i])
		}
		return int64(u), nil
	}
	if err := m.account.charge(costBig + int64(6*n)); err != nil {
		return nil, err
	}
	reversed := make([]byte, n)
	for i, c := range b {
		reversed[len(b)-1-i] = c
	}
	i := new(big.Int).SetBytes(reversed)
	if negative {
		i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(8*n)))
	}
	return i, nil
}

// text runs the opcodes of texts and bytes.
func (m *machine) text(op byte) error {
	var v Value
	var err error
	switch op {
	case opString:
		v, err = m.stringLine()
	case opUnicode:
		v, err = m.unicodeLine()
	default:
		v, err = m.sized(op)
	}
	if err != nil {
		return err
	}
	if err := m.account.charge(costBox + 8); err != nil {
		return err
	}
	return m.push(v)
}

// sized reads the texts and bytes that come with their length.
func (m *machine) sized(op byte) (Value, error) {
	width := 4
	switch op {
	case opShortBinString, opShortBinUnicode, opShortBinBytes:
		width = 1
	case opBinUnicode8, opBinBytes8, opByteArray8:
		width = 8
	}
	n, err := m.src.uint(width)
	if err != nil {
		return nil, err
	}
	switch op {
	case opBinUnicode, opShortBinUnicode, opBinUnicode8:
		s, err := m.src.text(n, m.account)
		if err == nil && !validText(s) {
			return nil, m.broken("a text is not UTF-8")
		}
		return s, err
	case opBinString, opShortBinString:
		if n > math.MaxInt32 {
			return nil, m.broken("a text has a negative length")
		}
		// Python 2's text, one byte for each character; up to two bytes in UTF-8.
		if err := m.account.charge(2 * int64(n)); err != nil {
			return nil, err
		}
		b, err := m.src.bytes(n, m.account)
		if err != nil {
			return nil, err
		}
		return latin1(b), nil
	}
	return m.src.bytes(n, m.account)
}

// validText reports whether s is UTF-8 in which lone surrogates may occur, as
// Python writes them.
func validText(s string) bool {
	if utf8.ValidString(s) {
		return true
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size <= 1 {
			if len(s) < 3 || s[0] != 0xed || s[1]&0xe0 != 0xa0 || s[2]&0xc0 != 0x80 {
				return false
			}
			size = 3
		}
		s = s[size:]
	}
	return true
}

// stringLine reads protocol 0's str: a quoted literal of Python 2 on one line.
func (m *machine) stringLine() (Value, error) {
	line, err := m.src.longLine(m.account)
	if err != nil {
		return nil, err
	}
	line = bytes.TrimRight(line, " \r")
	if len(line) < 2 || line[0] != line[len(line)-1] || (line[0] != '\'' && line[0] != '"') {
		return nil, m.broken("a text is not quoted")
	}
	b, ok := unescape(line[1 : len(line)-1])
	if !ok {
		return nil, m.broken("a text has a bad escape")
	}
	return latin1(b), nil
}

// unescape undoes the escapes of a byte string literal, in place.
func unescape(b []byte) ([]byte, bool) {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		i++
		if i == len(b) {
			return nil, false
		}
		const letters, meanings = "abfnrtv\\'\"", "\a\b\f\n\r\t\v\\'\""
		switch c := b[i]; {
		case bytes.IndexByte([]byte(letters), c) >= 0:
			out = append(out, meanings[bytes.IndexByte([]byte(letters), c)])
		case c == 'x':
			v, ok := hexValue(b[i+1:], 2)
			if !ok {
				return nil, false
			}
			out = append(out, byte(v))
			i += 2
		case c >= '0' && c <= '7':
			v := 0
			for k := 0; k < 3 && i < len(b) && b[i] >= '0' && b[i] <= '7'; k++ {
				v = v*8 + int(b[i]-'0')
				i++
			}
			i--
			out = append(out, byte(v))
		default: // Python keeps an escape it does not know.
			out = append(out, '\\', c)
		}
	}
	return out, true
}

// unicodeLine reads protocol 0's unicode: a line in which characters beyond
// latin-1 are \u1234 or \U00012345.
func (m *machine) unicodeLine() (Value, error) {
	line, err := m.src.longLine(m.account)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' || i+1 == len(line) {
			out = utf8.AppendRune(out, rune(line[i]))
			continue
		}
		i++
		digits := 0
		switch line[i] {
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		default:
			out = utf8.AppendRune(append(out, '\\'), rune(line[i]))
			continue
		}
		r, ok := hexValue(line[i+1:], digits)
		if !ok || r > utf8.MaxRune {
			return nil, m.broken("a text has a bad escape")
		}
		out = appendRune(out, r)
		i += digits
	}
	return string(out), nil
}

// appendRune is utf8.AppendRune that keeps lone surrogates, as Python does.
func appendRune(b []byte, r rune) []byte {
	if r >= 0xd800 && r <= 0xdfff {
		return append(b, 0xed, 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}

// hexValue reads n hexadecimal digits at the beginning of b.
func hexValue(b []byte, n int) (rune, bool) {
	if len(b) < n {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[:n]), 16, 31)
	return rune(v), err == nil
}
