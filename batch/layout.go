package batch

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"example.com/mlapi"
)

// layout is what the beginning of the input says about the rest.
type layout struct {
	split   splitter
	columns *columns // of CSV; nil where there are no rows
	header  []byte   // the header's line as it is, empty where there is none
}

// look reads as much of the input as it takes to know its layout.
func (j *Job) look(features []mlapi.Feature) (*layout, error) {
	l := &layout{split: splitter{r: j.Input, line: 1, delimiter: j.Delimiter}}
	if err := l.begin(j.From); err != nil || l.split.json {
		return l, err
	}
	m := &matcher{features: features, keep: j.Keep, drop: j.Drop}
	first, err := l.firstRecord(j, m)
	if err != nil || first == nil {
		return l, err
	}
	header, err := l.isHeader(j, m, first)
	if err != nil {
		return nil, err
	}
	if !header {
		if l.columns, err = m.match(nil, len(first)); err != nil && j.Bad != nil && features != nil {
			// The first row alone may be the bad one.
			l.columns, err = m.match(nil, len(features)+len(j.Keep)+len(j.Drop))
		}
		return l, err
	}
	records, err := l.split.peek(1)
	if err != nil {
		return nil, err
	}
	l.header = bytes.Clone(records[0])
	l.split.skip(len(l.header))
	if l.columns, err = m.match(first, len(first)); err != nil {
		return nil, err
	}
	if len(l.columns.unused) > 0 {
		j.note("columns that are no features of the model are not used: %s (--keep copies a column to the output)", quoteSome(l.columns.unused))
	}
	return l, nil
}

// begin skips a byte order mark, finds the form of the input and skips lines without
// anything.
func (l *layout) begin(from Format) error {
	s := &l.split
	var err error
	for !s.end && !begun(s.pending) {
		if len(s.pending) > mostRecord {
			return s.tooLong()
		}
		if s.pending, err = s.read(s.pending); err != nil {
			return err
		}
	}
	if bytes.HasPrefix(s.pending, []byte("\xff\xfe")) || bytes.HasPrefix(s.pending, []byte("\xfe\xff")) {
		return &InputError{Line: 1, Text: "the text is UTF-16", Todo: "save the file as UTF-8"}
	}
	s.pending = bytes.TrimPrefix(s.pending, []byte("\ufeff"))
	for len(s.pending) > 0 && (s.pending[0] == '\n' || s.pending[0] == '\r') {
		s.skip(1)
	}
	text := bytes.TrimSpace(s.pending)
	s.json = from == NDJSON || from == Auto && len(text) > 0 && (text[0] == '[' || text[0] == '{')
	if s.json {
		return s.unwrap()
	}
	return nil
}

// begun reports whether data, without a byte order mark, holds more than white space:
// whoever writes lines into a pipe may have sent all for now.
func begun(data []byte) bool {
	const mark = "\ufeff"
	data = bytes.TrimSpace(data)
	if len(data) < len(mark) && strings.HasPrefix(mark, string(data)) {
		return false
	}
	return len(bytes.TrimSpace(bytes.TrimPrefix(data, []byte(mark)))) > 0
}

// firstRecord returns the fields of the first record, nil where there is none. It
// decides on the delimiter where none was given: the one by which the record has
// the model's names, or as many fields as the model takes; else one that it has.
func (l *layout) firstRecord(j *Job, m *matcher) ([]string, error) {
	candidates := []byte{',', '\t', ';', '|'}
	if len(m.features) == 1 {
		candidates = candidates[:2] // semicolons and bars stand in texts
	}
	given := l.split.delimiter != 0
	if given {
		candidates = []byte{l.split.delimiter}
	}
	var likely []string
	chosen, score := candidates[0], -1
	for _, d := range candidates {
		l.split.delimiter = d
		records, err := l.split.peek(1)
		if err != nil {
			return nil, err
		}
		if len(records) == 0 {
			l.split.delimiter = candidates[0]
			return nil, nil
		}
		fields := l.fields(records[0])
		if n := m.score(fields); n > score {
			likely, chosen, score = fields, d, n
		}
	}
	l.split.delimiter = chosen
	return likely, nil
}

// score says how well the fields fit the model.
func (m *matcher) score(fields []string) int {
	const named, counted, several = 3, 2, 1
	n := len(m.features) + len(m.drop)
	switch {
	case m.named(fields):
		return named
	case len(fields) > 1 && m.features != nil && (len(fields) == n || len(fields) == n+len(m.keep)):
		return counted
	case len(fields) > 1: // also where the model takes one: a whole line must not pass for it
		return several
	}
	return 0
}

// named reports whether all features are among the names.
func (m *matcher) named(names []string) bool {
	for _, f := range m.features {
		if !slices.Contains(names, f.Name) {
			return false
		}
	}
	return len(m.features) > 0
}

// fields returns the texts of a record; of a broken one its text alone.
func (l *layout) fields(record []byte) []string {
	if _, found := csvRecord(record, l.split.delimiter, true); found == brokenQuote {
		return []string{string(trimLine(record))}
	}
	fields, _ := splitFields(nil, nil, trimLine(record), l.split.delimiter)
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = string(f.text)
	}
	return texts
}

// isHeader reports whether the first record is a header.
func (l *layout) isHeader(j *Job, m *matcher, first []string) (bool, error) {
	switch {
	case j.Header != HeaderAuto:
		return j.Header == HeaderYes, nil
	case m.named(first):
		return true, nil
	case counting(first):
		j.note("line 1, which counts the columns, is taken as a header; if it is a row, say --header no")
		return true, nil
	case slices.ContainsFunc(first, isNumber):
		return false, nil
	}
	// No number in the first line: a header, if there are some in the second.
	records, err := l.split.peek(2)
	if err != nil {
		return false, err
	}
	if len(records) > 1 && slices.ContainsFunc(l.fields(records[1]), isNumber) {
		return true, nil
	}
	if !slices.ContainsFunc(m.features, func(f mlapi.Feature) bool { return f.Type == mlapi.NumberFeature }) {
		return false, &InputError{Line: 1, Text: "among texts a header cannot be told from a row", Todo: "say --header yes if line 1 names the columns, --header no if it is a row"}
	}
	return false, nil
}

func isNumber(text string) bool {
	_, ok := number([]byte(text))
	return ok
}

// counting reports whether names are 0, 1, 2, ..., as pandas names columns that
// have no names.
func counting(names []string) bool {
	const fewest = 3
	for i, name := range names {
		if strings.TrimSpace(name) != strconv.Itoa(i) {
			return false
		}
	}
	return len(names) >= fewest
}
