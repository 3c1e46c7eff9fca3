package jsonrows

import (
	"io"
	"math"
	"strconv"
)

// number reads a number, or one of the bare words for those that JSON has not.
func (d *Decoder) number(first byte) (float64, error) {
	switch first {
	case 'N':
		return math.NaN(), d.word("NaN")
	case 'I':
		return math.Inf(1), d.word("Infinity")
	case '-':
		if c, err := d.peek(1); err == nil && c == 'I' {
			d.pos++
			return math.Inf(-1), d.word("Infinity")
		}
	}
	raw, err := d.numeral()
	if err != nil {
		return 0, err
	}
	v, size := parseNumber(raw)
	switch {
	case size == 0:
		return 0, d.unexpected("a JSON value")
	case size < len(raw):
		d.pos += size
		return 0, d.unexpected("the end of a number")
	}
	if math.IsInf(v, 0) {
		return 0, d.refuse("number_out_of_range", "the number is too large for a 64-bit float")
	}
	d.pos += size
	return v, nil
}

// numeral returns the bytes at the place under way that a number could be made
// of, without consuming them.
func (d *Decoder) numeral() ([]byte, error) {
	d.keep = d.pos
	n := 0
	for {
		buf := d.buf[d.keep:d.end]
		for n < len(buf) && inNumber(buf[n]) {
			n++
		}
		if n > mostNumber {
			return nil, d.refuse("number_too_long", "the number takes more than "+strconv.Itoa(mostNumber)+" bytes")
		}
		if n < len(buf) {
			break
		}
		// refill may move the bytes; pos is keep throughout.
		if err := d.refill(); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
	}
	d.pos, d.keep = d.keep, -1
	return d.buf[d.pos : d.pos+n], nil
}

func inNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'
}

// powers are the powers of ten that a float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// decimalNumber is a number as written: (-1)^negative x digits x 10^exponent, with
// more digits behind where cut is true.
type decimalNumber struct {
	digits   uint64 // the first 19 significant ones
	exponent int
	negative bool
	cut      bool
}

// parseNumber reads a number in the grammar of RFC 8259, section 6, at the
// beginning of b and returns it correctly rounded, infinite where too large, with
// the bytes it takes. Where b breaks the grammar, size is where and less than
// len(b), or 0.
func parseNumber(b []byte) (v float64, size int) {
	n, size := scanNumber(b)
	if size < len(b) || size == 0 {
		return 0, size
	}
	if !n.cut && n.digits < 1<<53 && n.exponent >= -22 && n.exponent <= 22 {
		// Both factors are exact, so one rounding is made: the right one
		// (Clinger, How to Read Floating Point Numbers Accurately, 1990).
		if v = float64(n.digits); n.exponent < 0 {
			v /= powers[-n.exponent]
		} else {
			v *= powers[n.exponent]
		}
		if n.negative {
			v = -v
		}
		return v, size
	}
	return n.round(b), size
}

// round returns the number that b spells. A text of up to 32 bytes is parsed as it
// is; a longer one, which would have to be copied to the heap, is first cut to 19
// digits and, rounded down and up, parsed twice: rounding never reverses an order,
// so where both give the same, so does what lies between.
func (n decimalNumber) round(b []byte) float64 {
	const onStack = 32
	if len(b) <= onStack {
		v, _ := strconv.ParseFloat(string(b), 64) // a range error gives infinity
		return v
	}
	v := n.spelled(n.digits)
	if n.cut && v != n.spelled(n.digits+1) {
		v, _ = strconv.ParseFloat(string(b), 64)
	}
	return v
}

func (n decimalNumber) spelled(digits uint64) float64 {
	var spelling [32]byte
	s := spelling[:0]
	if n.negative {
		s = append(s, '-')
	}
	s = strconv.AppendUint(s, digits, 10)
	s = append(s, 'e')
	s = strconv.AppendInt(s, int64(n.exponent), 10)
	v, _ := strconv.ParseFloat(string(s), 64)
	return v
}

// scanNumber reads sign, integer, fraction and exponent.
func scanNumber(b []byte) (n decimalNumber, size int) {
	i := 0
	if i < len(b) && b[i] == '-' {
		n.negative = true
		i++
	}
	start := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		n.add(b[i], false)
		i++
	}
	if i == start {
		return n, 0
	}
	if b[start] == '0' && i > start+1 {
		return n, start + 1 // 02: the number ends after its leading zero
	}
	if i < len(b) && b[i] == '.' {
		point := i
		i++
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			n.add(b[i], true)
			i++
		}
		if i == point+1 {
			return n, point
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		return n.scanExponent(b, i)
	}
	return n, i
}

// add appends a digit.
func (n *decimalNumber) add(c byte, fraction bool) {
	const most = 1e18 // one more digit makes 19, which always fit
	if n.digits >= most {
		n.cut = n.cut || c != '0'
		if !fraction {
			n.exponent++
		}
		return
	}
	n.digits = n.digits*10 + uint64(c-'0')
	if fraction {
		n.exponent--
	}
}

// scanExponent reads e, a sign and digits at b[at:].
func (n decimalNumber) scanExponent(b []byte, at int) (decimalNumber, int) {
	i := at + 1
	down := false
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		down = b[i] == '-'
		i++
	}
	start, e := i, 0
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if e < 1e6 { // far beyond what mostNumber digits can make up for
			e = e*10 + int(b[i]-'0')
		}
		i++
	}
	if i == start {
		return n, at
	}
	if down {
		e = -e
	}
	n.exponent += e
	return n, i
}
