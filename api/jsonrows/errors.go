package jsonrows

import (
	"io"
	"strconv"

	"example.com/mlapi"
)

// wrongShape returns the error for a body that is none of what is accepted.
func (d *Decoder) wrongShape(what string) error {
	return mlapi.Invalidf("not_a_list_of_lists",
		"The body must be a list of rows, such as [[1, 2], [3, 4]] or [{\"age\": 3}], or a table, such as {\"columns\": [\"age\"], \"data\": [[3]]}; it begins with %s.", what)
}

// wrongRow returns the error for a row that begins with c.
func (d *Decoder) wrongRow(c byte) error {
	what, err := d.what(c)
	if err != nil {
		return err
	}
	const code = "not_a_list_of_lists"
	switch {
	case d.form == objectForm:
		return mlapi.Cellf(code, d.row, -1, "the row is %s; the rows before it are objects.", what)
	case d.form == tableForm:
		return mlapi.Cellf(code, d.row, -1, "the row is %s; each row of a table must be a list of values.", what)
	case d.row > 0:
		return mlapi.Cellf(code, d.row, -1, "the row is %s; the rows before it are lists.", what)
	}
	return mlapi.Cellf(code, d.row, -1, "the row is %s; each row must be a list of values, such as [[\"some text\"]], or each an object: a single row stands in [ ] too.", what)
}

// refuse returns an Invalid error for the cell under way, or for what stands
// outside of cells.
func (d *Decoder) refuse(code, problem string) error {
	if !d.inside {
		return mlapi.Invalidf(code, "At byte %d: %s.", d.base+int64(d.pos), problem)
	}
	return mlapi.Cellf(code, d.row, d.feature(), "%s.", problem)
}

// feature returns the column of the cell under way in the model's order, or -1.
func (d *Decoder) feature() int {
	if d.form == tableForm && d.column >= 0 && d.column < len(d.naming.order) {
		return d.naming.order[d.column]
	}
	return d.column
}

// what names the value that begins with c, for a person, or returns a syntax error
// where no value begins so.
func (d *Decoder) what(c byte) (string, error) {
	switch {
	case c == '{':
		return "an object", nil
	case c == '[':
		return "a list", nil
	case c == '"':
		return "a text", nil
	case c == '-' || c >= '0' && c <= '9':
		return "a number", nil
	}
	words := [...]struct{ word, name string }{
		{"true", "true"}, {"false", "false"}, {"null", "null"}, {"NaN", "a number"}, {"Infinity", "a number"},
	}
	for _, w := range words {
		if c == w.word[0] {
			return w.name, d.word(w.word)
		}
	}
	return "", d.unexpected("a JSON value")
}

// unexpected says what stands at the place under way and what should.
func (d *Decoder) unexpected(wanted string) error {
	if d.pos >= d.end {
		return d.syntax("the body ends where " + wanted + " was expected")
	}
	found := strconv.QuoteToASCII(string(d.buf[d.pos : d.pos+1]))
	return d.syntax(found + " stands where " + wanted + " was expected")
}

// ended makes the stream's end a syntax error and returns other errors as they are.
func (d *Decoder) ended(err error) error {
	if err == io.EOF {
		return d.syntax("the body ends too early")
	}
	return err
}

// syntax returns a not_json error for the place under way.
func (d *Decoder) syntax(problem string) error { return d.syntaxAt(d.pos, problem) }

// syntaxAt returns a not_json error for the byte at buf[pos].
func (d *Decoder) syntaxAt(pos int, problem string) error {
	at := d.base + int64(pos)
	switch {
	case !d.inside:
		return mlapi.Invalidf("not_json", "The body is not valid JSON: at byte %d, %s.", at, problem)
	case d.column < 0:
		return mlapi.Invalidf("not_json", "The body is not valid JSON: at byte %d (row %d), %s.", at, d.row, problem).At(d.row, -1)
	}
	column := d.feature()
	return mlapi.Invalidf("not_json", "The body is not valid JSON: at byte %d (row %d, column %d), %s.", at, d.row, column, problem).At(d.row, column)
}
