package skops

import (
	"encoding/json"
	"errors"
	"io"

	"example.com/mlapi/model"
)

// object is a JSON object, in file order. Other JSON values are nil, bool, string,
// json.Number and []any.
type object []field

type field struct {
	key   string
	value any
}

func (o object) get(key string) any {
	for _, f := range o {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

func (o object) text(key string) string {
	s, _ := o.get(key).(string)
	return s
}

// What JSON values take in memory, on the high side.
const (
	costField = 64
	costItem  = 48
	costText  = 32
)

// levels is how many JSON values lie in each other for one node in another.
const levels = 4

// parser reads JSON within limits.
type parser struct {
	d      *json.Decoder
	names  map[string]string // keys and words seen, which repeat a lot
	memory int64
	depth  int
}

func parse(r io.Reader, limits model.Limits) (any, error) {
	p := &parser{d: json.NewDecoder(r), names: make(map[string]string), memory: limits.Memory, depth: levels * limits.Depth}
	p.d.UseNumber()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		return nil, broken("something follows the end of the schema")
	}
	return v, nil
}

func (p *parser) charge(n int) error {
	if p.memory -= int64(n); p.memory < 0 {
		return broken("the schema takes too much memory for a file of its size")
	}
	return nil
}

func (p *parser) token() (json.Token, error) {
	t, err := p.d.Token()
	if err == nil {
		return t, nil
	}
	var known *Error
	if errors.As(err, &known) {
		return nil, known
	}
	return nil, &Error{What: "the schema of the archive is no JSON", hint: "save the model anew with skops.io.dump", cause: err}
}

func (p *parser) value(depth int) (any, error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	return p.rest(t, depth)
}

// rest reads what a value that begins with t goes on with.
func (p *parser) rest(t json.Token, depth int) (any, error) {
	if depth > p.depth {
		return nil, broken("the schema is nested too deeply")
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return p.object(depth)
		}
		return p.list(depth)
	case string:
		return p.word(t)
	case json.Number:
		return t, p.charge(costText + len(t))
	}
	return t, nil
}

// word returns s, the same string for the same short text.
func (p *parser) word(s string) (string, error) {
	const short = 40
	if known, ok := p.names[s]; ok {
		return known, nil
	}
	if err := p.charge(costText + len(s)); err != nil {
		return "", err
	}
	if len(s) <= short && len(p.names) < 1<<12 {
		p.names[s] = s
	}
	return s, nil
}

func (p *parser) object(depth int) (any, error) {
	var o object
	for p.d.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string) // a key is always a string
		if key, err = p.word(key); err != nil {
			return nil, err
		}
		if err := p.charge(costField); err != nil {
			return nil, err
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o = append(o, field{key, v})
	}
	_, err := p.token()
	return o, err
}

func (p *parser) list(depth int) (any, error) {
	items := []any{}
	for p.d.More() {
		if err := p.charge(costItem); err != nil {
			return nil, err
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := p.token()
	return items, err
}
