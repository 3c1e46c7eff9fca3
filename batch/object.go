package batch

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"example.com/mlapi"
)

// member is a name and a value of a JSON object, as written.
type member struct {
	name  []byte // without escapes
	value []byte
}

// members appends the members of the object that line is. Only their places are
// looked for: what a value is worth, its reader says.
func members(list []member, line []byte) ([]member, error) {
	s := scanner{text: line}
	s.take('{')
	if s.space(); s.take('}') {
		return list, s.finish()
	}
	for {
		s.space()
		name, ok := s.quoted()
		if !ok {
			return nil, s.wrong("the name of a value")
		}
		m := member{name: name[1 : len(name)-1]}
		if bytes.IndexByte(m.name, '\\') >= 0 || !utf8.Valid(m.name) || !json.Valid(name) {
			var text string
			if !utf8.Valid(name) || json.Unmarshal(name, &text) != nil {
				return nil, s.wrong("the name of a value")
			}
			m.name = []byte(text)
		}
		if s.space(); !s.take(':') {
			return nil, s.wrong("a colon")
		}
		s.space()
		if m.value, ok = s.value(); !ok {
			return nil, s.wrong("a value")
		}
		list = append(list, m)
		s.space()
		switch {
		case s.take(','):
		case s.take('}'):
			return list, s.finish()
		default:
			return nil, s.wrong("a comma or the closing brace")
		}
	}
}

// scanner walks over one line of JSON.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t' || s.text[s.at] == '\r') {
		s.at++
	}
}

func (s *scanner) take(c byte) bool {
	if s.at >= len(s.text) || s.text[s.at] != c {
		return false
	}
	s.at++
	return true
}

// quoted takes a string, its quotes included.
func (s *scanner) quoted() ([]byte, bool) {
	from := s.at
	if !s.take('"') {
		return nil, false
	}
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return s.text[from:s.at], true
		}
		s.at++
	}
	return nil, false
}

// value takes a string, a word, a number, or a balanced list or object.
func (s *scanner) value() ([]byte, bool) {
	from := s.at
	if s.at < len(s.text) && s.text[s.at] == '"' {
		return s.quoted()
	}
	depth := 0
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"' && depth > 0:
			if _, ok := s.quoted(); !ok {
				return nil, false
			}
			continue
		case c == '[' || c == '{':
			if depth == 0 && s.at > from {
				return nil, false
			}
			depth++
		case c == ']' || c == '}':
			if depth == 0 {
				return s.text[from:s.at], s.at > from
			}
			if depth--; depth == 0 {
				s.at++
				return s.text[from:s.at], true
			}
		case depth > 0 || inScalar(c):
		default:
			return s.text[from:s.at], s.at > from
		}
		s.at++
	}
	return nil, false
}

// inScalar reports whether c can be part of a number or a bare word.
func inScalar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '+' || c == '-' || c == '.'
}

// finish refuses anything behind the object.
func (s *scanner) finish() error {
	if s.space(); s.at < len(s.text) {
		return s.wrong("the end of the line")
	}
	return nil
}

func (s *scanner) wrong(wanted string) error {
	found, rule := "the line ends", ", and a row must stand in one line"
	if s.at < len(s.text) {
		found, rule = mlapi.Quote(s.text[s.at:s.at+1])+" stands", ""
	}
	return mlapi.Invalidf("not_json", "the line is not valid JSON: %s where %s was expected (byte %d)%s", found, wanted, s.at+1, rule)
}

// ndjson turns lines into the list of lists that package jsonrows reads.
type ndjson struct {
	features []mlapi.Feature
	index    map[string]int // feature by name; nil where names mean nothing
	drop     map[string]bool
	keep     []string

	list   []byte // rows, each with a comma behind
	member []member
	values [][]byte // by feature
}

// begin starts a new list.
func (n *ndjson) begin() { n.list = append(n.list[:0], '[') }

// text returns the finished list.
func (n *ndjson) text() []byte {
	n.list[len(n.list)-1] = ']'
	return n.list
}

// add appends the row of a line, or returns what is wrong with it and appends
// nothing.
func (n *ndjson) add(line []byte) error {
	line = bytes.TrimSpace(line)
	switch first, last := line[0], line[len(line)-1]; {
	case first == '[' && last == ']':
		if len(n.keep) > 0 {
			return mlapi.Invalidf("unnamed_values", "the row is a list, whose values have no names to keep")
		}
		// Each line begins and ends with a bracket and no row lies in another: so a list
		// of as many rows as lines has one from each.
		n.list = append(append(n.list, line...), '\n', ',')
		return nil
	case first == '{':
		return n.addObject(line)
	}
	return mlapi.Invalidf("not_a_row", "the row is neither a list, such as [1, 2], nor an object, such as {\"age\": 3}")
}

func (n *ndjson) addObject(line []byte) error {
	if n.index == nil {
		return mlapi.Invalidf("unnamed_features", "the row is an object, but the names of the features are not known: send lists")
	}
	var err error
	if n.member, err = members(n.member[:0], line); err != nil {
		return err
	}
	if n.isTable() {
		return mlapi.Invalidf("not_a_row", "the line is a whole table; %s", hintRows)
	}
	clear(n.values)
	for _, m := range n.member {
		feature, known := n.index[string(m.name)]
		if !known || n.drop[string(m.name)] {
			if !json.Valid(m.value) || !utf8.Valid(m.value) {
				return mlapi.Invalidf("not_json", "the value of %s is not valid JSON", mlapi.Quote(m.name))
			}
			continue
		}
		if n.values[feature] != nil {
			return mlapi.Invalidf("repeated_feature", "the feature %s is there twice", mlapi.Quote(m.name))
		}
		n.values[feature] = m.value
	}
	for _, name := range n.keep {
		if n.find(name) == nil {
			return mlapi.Invalidf("missing_value", "there is no %s to keep", mlapi.Quote([]byte(name)))
		}
	}
	from := len(n.list)
	n.list = append(n.list, '[')
	for i, v := range n.values {
		if v == nil {
			n.list = n.list[:from]
			return mlapi.Invalidf("missing_feature", "the feature %s is missing; null stands for a missing value", mlapi.Quote([]byte(n.features[i].Name)))
		}
		n.list = append(append(n.list, v...), ',')
	}
	n.list[len(n.list)-1] = ']'
	n.list = append(n.list, ',')
	return nil
}

const hintRows = `write one row a line, in pandas with to_json(path, orient="records", lines=True)`

// isTable reports whether the object looked at last holds many rows: pandas writes
// {"columns": [...], "index": [...], "data": [...]} (the orient split), and, unless told
// otherwise, for each column an object of its values by row.
func (n *ndjson) isTable() bool {
	columns := len(n.member) > 0
	for _, m := range n.member {
		columns = columns && m.value[0] == '{'
	}
	split := len(n.find("columns")) > 0 && len(n.find("data")) > 0
	_, feature := n.index["data"]
	return columns || split && !feature
}

// find returns the value of that name of the object looked at last, or nil.
func (n *ndjson) find(name string) []byte {
	for _, m := range n.member {
		if string(m.name) == name {
			return m.value
		}
	}
	return nil
}
