package xgboost

import (
	"encoding/json"
	"math"
	"strconv"
)

// jsonReader reads JSON, with the NaN and Infinity that XGBoost writes beside it.
type jsonReader struct {
	data []byte
	at   int
	*budget
}

// parseJSON returns the object that data is.
func parseJSON(data []byte, b *budget) (object, error) {
	r := &jsonReader{data: data, budget: b}
	v, err := r.value(true)
	if err != nil {
		return nil, err
	}
	if r.peek() != 0 || r.at < len(r.data) {
		return nil, r.fail("something follows the end")
	}
	o, ok := v.(object)
	if !ok {
		return nil, r.fail("it is no object")
	}
	return o, nil
}

func (r *jsonReader) fail(what string) error { return broken("JSON, at byte %d: %s", r.at, what) }

// peek skips space and returns the next byte, 0 at the end.
func (r *jsonReader) peek() byte {
	for r.at < len(r.data) {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// value reads a value; unless keep, it is only read past.
func (r *jsonReader) value(keep bool) (any, error) {
	if err := r.step(); err != nil {
		return nil, err
	}
	switch c := r.peek(); c {
	case '{':
		return r.object(keep)
	case '[':
		return r.list(keep)
	case '"':
		return r.text(keep)
	case 'n':
		if r.word("null") {
			return nil, nil
		}
	case 't', 'f':
		if r.word("true") {
			return true, nil
		}
		if r.word("false") {
			return false, nil
		}
	}
	return r.number()
}

// word takes a word if it is next.
func (r *jsonReader) word(w string) bool {
	if len(r.data)-r.at >= len(w) && string(r.data[r.at:r.at+len(w)]) == w {
		r.at += len(w)
		return true
	}
	return false
}

func (r *jsonReader) number() (float64, error) {
	negative := r.peek() == '-'
	from := r.at
	if negative {
		r.at++
	}
	switch {
	case r.word("NaN"), r.word("nan"):
		return math.NaN(), nil
	case r.word("Infinity"), r.word("inf"):
		if negative {
			return math.Inf(-1), nil
		}
		return math.Inf(1), nil
	}
	for r.at < len(r.data) {
		c := r.data[r.at]
		if (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			break
		}
		r.at++
	}
	v, err := strconv.ParseFloat(string(r.data[from:r.at]), 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, r.fail("a value is expected")
	}
	return v, nil
}

// next takes what stands between two items of a container, and reports whether there
// is another one.
func (r *jsonReader) next(first bool, end byte) (bool, error) {
	c := r.peek()
	if c == end {
		r.at++
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, r.fail("a comma is expected")
	}
	r.at++
	return true, nil
}

func (r *jsonReader) object(keep bool) (any, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	if err := r.pay(objectCost); err != nil {
		return nil, err
	}
	r.at++
	o := object{}
	for first := true; ; first = false {
		more, err := r.next(first, '}')
		if err != nil || !more {
			return o, err
		}
		if r.peek() != '"' {
			return nil, r.fail("a key is expected")
		}
		key, err := r.text(true)
		if err != nil {
			return nil, err
		}
		if r.peek() != ':' {
			return nil, r.fail("a colon is expected")
		}
		r.at++
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

// put adds a value to an object.
func (b *budget) put(o object, key string, v any) error {
	if _, twice := o[key]; twice {
		return broken("the key %q stands in an object twice", key)
	}
	o[key] = v
	return b.pay(entryCost)
}

func (r *jsonReader) list(keep bool) (any, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	r.at++
	l := listBuilder{budget: r.budget, keep: keep}
	for first := true; ; first = false {
		more, err := r.next(first, ']')
		if err != nil {
			return nil, err
		}
		if !more {
			return l.list(), nil
		}
		v, err := r.value(keep)
		if err != nil {
			return nil, err
		}
		if err := l.add(v); err != nil {
			return nil, err
		}
	}
}

// text reads a string.
func (r *jsonReader) text(keep bool) (string, error) {
	from := r.at
	plain := true
	for r.at++; r.at < len(r.data); r.at++ {
		switch r.data[r.at] {
		case '\\':
			plain = false
			r.at++
		case '"':
			r.at++
			return r.unquote(r.data[from:r.at], plain, keep)
		}
	}
	return "", r.fail("a string has no end")
}

func (r *jsonReader) unquote(quoted []byte, plain, keep bool) (string, error) {
	if !keep {
		return "", nil
	}
	if err := r.pay(valueCost + int64(len(quoted))); err != nil {
		return "", err
	}
	if plain {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", r.fail("a string has a wrong escape")
	}
	return s, nil
}

// listBuilder collects the items of a list: as numbers as long as all are.
type listBuilder struct {
	*budget
	keep    bool
	numbers []float64
	values  []any
}

func (l *listBuilder) add(v any) error {
	if !l.keep {
		return nil
	}
	if l.values == nil {
		number, ok := v.(float64)
		if flag, is := v.(bool); is {
			ok = true
			if flag {
				number = 1
			}
		}
		if ok {
			l.numbers = append(l.numbers, number)
			return l.pay(numberCost)
		}
		for _, number := range l.numbers {
			l.values = append(l.values, number)
		}
		if err := l.pay(valueCost * int64(len(l.numbers))); err != nil {
			return err
		}
		l.numbers = nil
	}
	l.values = append(l.values, v)
	return l.pay(valueCost)
}

func (l *listBuilder) list() any {
	if l.values != nil {
		return l.values
	}
	return l.numbers // nil where it is empty: a list of nothing takes no memory of its own
}
