package batch

import (
	"bytes"
	"errors"
	"io"
)

// isList reports whether text, the beginning of JSON, begins a list of rows and not a
// row; sure is false where more of it must be read to tell.
func isList(text []byte) (list, sure bool) {
	rest, found := bytes.CutPrefix(bytes.TrimSpace(text), []byte("["))
	if !found {
		return false, true
	}
	rest = bytes.TrimSpace(rest)
	if len(rest) == 0 {
		return false, false
	}
	return rest[0] == '[' || rest[0] == '{' || rest[0] == ']', true
}

// listReader makes lines of a JSON list of rows, each row a line, while it is read:
// pandas writes such lists (to_json with the orient records or values), and requests
// to the server hold them. It is no parser: what a row is worth, its reader says.
type listReader struct {
	r       io.Reader
	depth   int  // brackets and braces that are open
	quoted  bool // inside a string
	escaped bool // behind a backslash in it
	begun   bool // something of the row under way was there
	comma   bool // a row must follow
	over    bool // the list's last bracket was there
	err     error
}

// Read makes lines of what it reads, in place: they are never longer.
func (l *listReader) Read(p []byte) (int, error) {
	for l.err == nil {
		n, err := l.r.Read(p)
		out := l.lines(p[:n])
		switch {
		case l.err != nil: // what lines found wrong
		case errors.Is(err, io.EOF) && !l.over:
			l.err = l.wrong("the list of rows is cut off: its last bracket is missing")
		default:
			l.err = err
		}
		if len(out) > 0 || n == 0 && l.err == nil {
			return len(out), nil
		}
	}
	return 0, l.err
}

func (*listReader) wrong(text string) error {
	return &InputError{Text: text, Todo: `write the rows anew, in pandas with to_json(path, orient="records", lines=True)`}
}

// lines turns a piece of the list into lines. It ends at what is wrong.
func (l *listReader) lines(piece []byte) []byte {
	out := piece[:0]
	for _, c := range piece {
		space := c == ' ' || c == '\t' || c == '\r' || c == '\n'
		switch {
		case l.quoted:
			if c == '\n' {
				c = '\t' // as wrong in a string as a line end, but no line end
			}
			l.quoted, l.escaped = l.escaped || c != '"', !l.escaped && c == '\\'
		case l.depth <= 1 && space:
			continue
		case space:
			c = ' '
		case l.over:
			l.err = l.wrong("something follows behind the list of rows")
			return out
		case l.depth == 0: // the first bracket, which isList has seen
			l.depth = 1
			continue
		case l.depth == 1 && (c == ',' || c == ']'):
			if !l.begun && (c == ',' || l.comma) {
				l.err = l.wrong("the list of rows has a comma without a row")
				return out
			}
			l.comma, l.over = c == ',', c == ']'
			if !l.begun {
				continue // of an empty list
			}
			l.begun, c = false, '\n'
			out = append(out, c)
			continue
		case c == '"':
			l.quoted = true
		case c == '[' || c == '{':
			l.depth++
		case (c == ']' || c == '}') && l.depth > 1:
			l.depth--
		}
		l.begun = true
		out = append(out, c)
	}
	return out
}
