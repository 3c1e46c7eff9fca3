package preprocess

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/mlapi"
)

// Limits of an encoding CSV: far above any real one, and low enough that a wrong
// file is refused at once.
const (
	maxEncodingBytes  = 16 << 20
	maxEncodingColumn = 1<<16 - 1
	mostWarnings      = 8
)

// EncodingError says what is wrong in an encoding CSV and where. Its texts are fit
// to be shown: what the file holds is quoted.
type EncodingError struct {
	Line, Column int    // place in the file in lines and bytes, both from 1; 0 where unknown
	Text         string // what is wrong
	Todo         string // what to do about it
}

// Error returns the place and what is wrong.
func (e *EncodingError) Error() string {
	switch {
	case e.Line > 0 && e.Column > 0:
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Text)
	case e.Line > 0:
		return fmt.Sprintf("line %d: %s", e.Line, e.Text)
	}
	return e.Text
}

// Hint returns what to do about it.
func (e *EncodingError) Hint() string { return e.Todo }

// Encodings are the tables of an encoding CSV: for some columns of the rows, which
// number stands for which category. The zero value has none. Encodings are safe
// for concurrent use.
type Encodings struct {
	tables   []*table // by column; nil where a column has no encodings
	warnings []string
}

// table is the encoding of one column.
type table struct {
	name       string         // the feature's name; "" where the file gives none
	places     map[string]int // folded category -> its place in categories
	longest    int            // length of the longest key of places
	categories []category
}

type category struct {
	name string // as written
	code float64
}

// ReadEncodings reads an encoding CSV: UTF-8, with or without a byte order mark,
// separated by commas, fields quoted where needed (RFC 4180), lines ended by LF or
// CRLF. Its header must name column, category and encoding, and may name name, in
// any order; other columns are ignored.
//
//   - column is the position of the feature in a row, 0 to 65535.
//   - category is the name as callers send it. It is compared after case folding
//     (Unicode's full case folding) and untrimmed: " TCP" is not "tcp".
//   - encoding is the category's number: any finite decimal.
//   - name is the feature's name; the last one that is not empty counts.
//
// Of a category that occurs more than once in a column the last counts. A file
// that breaks a rule, has no categories or is larger than 16 MiB is an
// *EncodingError; other errors are those of r.
func ReadEncodings(r io.Reader) (*Encodings, error) {
	text, err := readText(r)
	if err != nil {
		return nil, err
	}
	f := &encodingFile{csv: csv.NewReader(bytes.NewReader(text))}
	f.csv.ReuseRecord = true
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	e := &Encodings{}
	for {
		more, err := f.readRow(e)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if len(e.tables) == 0 {
		return nil, &EncodingError{Line: 1, Text: "the file has a header but no encodings",
			Todo: "add a line per category, or configure no encodings for a model that takes numbers only"}
	}
	return e, nil
}

// Warnings returns what is allowed but probably not meant, the first few of it: one
// category with two numbers.
func (e *Encodings) Warnings() []string { return e.warnings }

// Check compares the encodings with the features of the model, at start: an encoding
// for a column that no row can have, or for one in which the model takes texts, is
// an *EncodingError.
func (e *Encodings) Check(features []mlapi.Feature) error {
	if last, n := len(e.tables)-1, len(features); last >= n {
		return &EncodingError{
			Text: fmt.Sprintf("there are encodings for column %d, but the model takes %d features (columns 0 to %d)", last, n, n-1),
			Todo: "give the encodings that belong to this model; columns are counted from 0",
		}
	}
	for j, t := range e.tables {
		if t != nil && features[j].Type == mlapi.TextFeature {
			return &EncodingError{
				Text: fmt.Sprintf("there are encodings for column %d%s, where the model takes texts and gives them numbers itself", j, t.inBrackets()),
				Todo: "take that column out of the encodings",
			}
		}
	}
	return nil
}

// add enters a category; one that is there already is replaced.
func (e *Encodings) add(column int, name, text string, code float64) {
	if column >= len(e.tables) {
		e.tables = append(e.tables, make([]*table, column+1-len(e.tables))...)
	}
	t := e.tables[column]
	if t == nil {
		t = &table{places: map[string]int{}}
		e.tables[column] = t
	}
	if name != "" {
		t.name = name
	}
	folded, _ := appendFold(nil, []byte(text), math.MaxInt)
	if place, again := t.places[string(folded)]; again {
		if old := t.categories[place]; old.code != code && len(e.warnings) < mostWarnings {
			e.warnings = append(e.warnings, fmt.Sprintf("column %d has %s as %v and then %s as %v: the last counts, and names that differ in case alone are one",
				column, mlapi.Quote([]byte(old.name)), old.code, mlapi.Quote([]byte(text)), code))
		}
		t.categories[place] = category{text, code}
		return
	}
	t.places[string(folded)] = len(t.categories)
	t.longest = max(t.longest, len(folded))
	t.categories = append(t.categories, category{text, code})
}

// code returns the number of a category, however its case is written. It allocates
// nothing for names of up to 128 bytes.
func (t *table) code(text []byte) (code float64, known bool) {
	var memory [128]byte
	key, ok := appendFold(memory[:0], text, t.longest)
	if !ok {
		return 0, false
	}
	place, known := t.places[string(key)]
	if !known {
		return 0, false
	}
	return t.categories[place].code, true
}

// names returns the categories as written, in order of their numbers.
func (t *table) names() []string {
	sorted := slices.Clone(t.categories)
	slices.SortStableFunc(sorted, func(a, b category) int { return cmp.Compare(a.code, b.code) })
	names := make([]string, len(sorted))
	for i, c := range sorted {
		names[i] = c.name
	}
	return names
}

// readText reads the whole file, within bounds, as UTF-8 without a byte order mark.
func readText(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxEncodingBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the encodings: %w", err)
	}
	if len(text) > maxEncodingBytes {
		return nil, &EncodingError{Text: fmt.Sprintf("the file is larger than %d MiB", maxEncodingBytes>>20),
			Todo: "is this the encoding CSV? it has one short line per category"}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		line := 1
		for rest := text; ; {
			head, tail, found := bytes.Cut(rest, []byte("\n"))
			if !utf8.Valid(head) || !found {
				break
			}
			line, rest = line+1, tail
		}
		return nil, &EncodingError{Line: line, Text: "the text is not UTF-8", Todo: "save the file as UTF-8"}
	}
	return text, nil
}

// encodingFile is an encoding CSV being read.
type encodingFile struct {
	csv *csv.Reader
	// positions of the fields in a record; name is -1 where the file has none
	column, category, encoding, name int
}

func (f *encodingFile) readHeader() error {
	header, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return &EncodingError{Text: "the file is empty", Todo: headerHint}
	}
	if err != nil {
		return csvError(err)
	}
	for _, field := range []struct {
		name  string
		place *int
		must  bool
	}{{"column", &f.column, true}, {"category", &f.category, true}, {"encoding", &f.encoding, true}, {"name", &f.name, false}} {
		*field.place = slices.Index(header, field.name)
		if *field.place < 0 && field.must {
			return &EncodingError{Line: 1, Text: fmt.Sprintf("the header has no %q (it has %s)", field.name, headerNames(header)), Todo: headerHint}
		}
		if *field.place >= 0 && slices.Contains(header[*field.place+1:], field.name) {
			return &EncodingError{Line: 1, Text: fmt.Sprintf("the header has %q twice", field.name), Todo: headerHint}
		}
	}
	return nil
}

// headerNames lists the names of a header for a message, the first few of them.
func headerNames(header []string) string {
	const most = 8
	var names []string
	for _, name := range header[:min(len(header), most)] {
		names = append(names, mlapi.Quote([]byte(name)))
	}
	if len(header) > most {
		names = append(names, fmt.Sprintf("%d more", len(header)-most))
	}
	return strings.Join(names, ", ")
}

const headerHint = "the first line is the header, such as: column,name,category,encoding"

// readRow reads one category into e, and reports whether there may be more.
func (f *encodingFile) readRow(e *Encodings) (more bool, err error) {
	record, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, csvError(err)
	}
	column, err := strconv.ParseUint(strings.TrimSpace(record[f.column]), 10, 64)
	if err != nil || column > maxEncodingColumn {
		return false, f.wrong(f.column, record, "column", fmt.Sprintf("a position in a row is a whole number from 0 to %d", maxEncodingColumn))
	}
	code, ok := parseCode(record[f.encoding])
	if !ok {
		return false, f.wrong(f.encoding, record, "encoding", "an encoding is a finite decimal number")
	}
	name := ""
	if f.name >= 0 {
		name = record[f.name]
	}
	e.add(int(column), name, strings.Clone(record[f.category]), code)
	return true, nil
}

func (f *encodingFile) wrong(field int, record []string, name, hint string) error {
	line, column := f.csv.FieldPos(field)
	return &EncodingError{Line: line, Column: column, Text: fmt.Sprintf("%s is not a valid %s", mlapi.Quote([]byte(record[field])), name), Todo: hint}
}

// parseCode reads a finite decimal number, spaces around it allowed.
func parseCode(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false // hexadecimal, underscores, inf and nan, which ParseFloat takes
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// csvError turns an error of encoding/csv into one with a place and a hint.
func csvError(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("reading the encodings: %w", err)
	}
	e := &EncodingError{Line: p.StartLine, Text: "the quotes are wrong",
		Todo: `put a field that holds a comma, a quote or a line end between quotes, and double the quotes in it: "5"" pipe"`}
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		e.Text, e.Todo = "the line has not as many fields as the header", "put a category that holds a comma between quotes"
	case p.Line == p.StartLine:
		e.Column = p.Column
	}
	return e
}
