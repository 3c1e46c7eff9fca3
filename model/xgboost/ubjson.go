package xgboost

import (
	"encoding/binary"
	"math"
)

// ubjReader reads Universal Binary JSON, draft 12, as far as XGBoost writes it. All
// numbers are big-endian.
type ubjReader struct {
	data []byte
	at   int
	*budget
}

// parseUBJSON returns the object that data is.
func parseUBJSON(data []byte, b *budget) (object, error) {
	r := &ubjReader{data: data, budget: b}
	v, err := r.value(true)
	if err != nil {
		return nil, err
	}
	if r.at < len(r.data) {
		return nil, r.fail("something follows the end")
	}
	o, ok := v.(object)
	if !ok {
		return nil, r.fail("it is no object")
	}
	return o, nil
}

func (r *ubjReader) fail(what string) error { return broken("UBJSON, at byte %d: %s", r.at, what) }

// take returns the next n bytes.
func (r *ubjReader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.data)-r.at {
		return nil, r.fail("the file ends too early")
	}
	r.at += n
	return r.data[r.at-n : r.at], nil
}

func (r *ubjReader) marker() (byte, error) {
	c, err := r.take(1)
	if err != nil {
		return 0, err
	}
	return c[0], nil
}

// size returns the bytes of a number of that type, 0 where it is none.
func size(marker byte) int {
	switch marker {
	case 'i', 'U':
		return 1
	case 'I':
		return 2
	case 'l', 'd':
		return 4
	case 'L', 'D':
		return 8
	}
	return 0
}

// number decodes a number of that type.
func number(marker byte, b []byte) float64 {
	switch marker {
	case 'i':
		return float64(int8(b[0]))
	case 'U':
		return float64(b[0])
	case 'I':
		return float64(int16(binary.BigEndian.Uint16(b)))
	case 'l':
		return float64(int32(binary.BigEndian.Uint32(b)))
	case 'L':
		return float64(int64(binary.BigEndian.Uint64(b)))
	case 'd':
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// value reads a value; unless keep, it is only read past.
func (r *ubjReader) value(keep bool) (any, error) {
	m, err := r.marker()
	if err != nil {
		return nil, err
	}
	return r.marked(m, keep)
}

// marked reads the value whose marker was read.
func (r *ubjReader) marked(m byte, keep bool) (any, error) {
	if err := r.step(); err != nil {
		return nil, err
	}
	switch m {
	case '{':
		return r.object(keep)
	case '[':
		return r.list(keep)
	case 'S':
		return r.text(keep)
	case 'T', 'F':
		return m == 'T', nil
	case 'Z':
		return nil, nil
	}
	n := size(m)
	if n == 0 {
		return nil, r.fail("the type of a value is not known")
	}
	b, err := r.take(n)
	if err != nil {
		return nil, err
	}
	return number(m, b), nil
}

// length reads a length: a number of a whole type, from 0.
func (r *ubjReader) length() (int, error) {
	m, err := r.marker()
	if err != nil {
		return 0, err
	}
	n := size(m)
	if n == 0 || m == 'd' || m == 'D' {
		return 0, r.fail("a length is expected")
	}
	b, err := r.take(n)
	if err != nil {
		return 0, err
	}
	// Nothing in a file is as long as the file: the conversion is exact.
	v := number(m, b)
	if v < 0 || v > float64(len(r.data)) {
		return 0, r.fail("a length is out of range")
	}
	return int(v), nil
}

// text reads a string whose marker was read, or a key, which has none.
func (r *ubjReader) text(keep bool) (string, error) {
	n, err := r.length()
	if err != nil {
		return "", err
	}
	b, err := r.take(n)
	if err != nil || !keep {
		return "", err
	}
	return string(b), r.pay(valueCost + int64(n))
}

func (r *ubjReader) object(keep bool) (any, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	if err := r.pay(objectCost); err != nil {
		return nil, err
	}
	o := object{}
	for {
		if r.at < len(r.data) && r.data[r.at] == '}' {
			r.at++
			return o, nil
		}
		key, err := r.text(true)
		if err != nil {
			return nil, err
		}
		keepIt := keep && !ignored(key)
		v, err := r.value(keepIt)
		if err != nil {
			return nil, err
		}
		if !keepIt {
			continue
		}
		if err := r.put(o, key, v); err != nil {
			return nil, err
		}
	}
}

// list reads a list: one whose items have a marker each, up to a ], or one that says
// their type ($) and number (#) first.
func (r *ubjReader) list(keep bool) (any, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	l := listBuilder{budget: r.budget, keep: keep}
	m, err := r.marker()
	if err != nil {
		return nil, err
	}
	switch m {
	case '$':
		return r.typed(keep)
	case '#':
		n, err := r.length()
		if err != nil {
			return nil, err
		}
		for range n {
			if err := r.item(&l, 0); err != nil {
				return nil, err
			}
		}
		return l.list(), nil
	}
	for m != ']' {
		if err := r.item(&l, m); err != nil {
			return nil, err
		}
		if m, err = r.marker(); err != nil {
			return nil, err
		}
	}
	return l.list(), nil
}

// item reads an item of a list, whose marker is m where that is not 0.
func (r *ubjReader) item(l *listBuilder, m byte) error {
	if m == 0 {
		var err error
		if m, err = r.marker(); err != nil {
			return err
		}
	}
	v, err := r.marked(m, l.keep)
	if err != nil {
		return err
	}
	return l.add(v)
}

// typed reads a list of numbers of one type.
func (r *ubjReader) typed(keep bool) (any, error) {
	m, err := r.marker()
	if err != nil {
		return nil, err
	}
	width := size(m)
	if width == 0 {
		return nil, r.fail("a list of one type that is no number")
	}
	if c, err := r.marker(); err != nil || c != '#' {
		return nil, r.fail("a list of one type has no number of items")
	}
	n, err := r.length()
	if err != nil {
		return nil, err
	}
	b, err := r.take(n * width)
	if err != nil || !keep {
		return nil, err
	}
	if err := r.pay(numberCost * int64(n)); err != nil {
		return nil, err
	}
	numbers := make([]float64, n)
	for i := range numbers {
		numbers[i] = number(m, b[i*width:(i+1)*width])
	}
	return numbers, nil
}
