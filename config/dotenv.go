package config

import (
	"strings"
	"unicode"
)

// This file reads .env files as python-dotenv 1.2 does in load_dotenv(path), that is
// with override=False and interpolate=True. testdata/dotenv holds what the real one
// makes of some hundred files. In short:
//
//   - A statement is [export] KEY [= value] [# comment]. A KEY without = is unset. Of
//     a key that stands twice the last one counts.
//   - 'single quotes' know the escapes \\ and \', "double quotes" those and \" \a \b
//     \f \n \r \t \v. Both go over several lines.
//   - An unquoted value ends before white space with #, and at the end of the line;
//     quotes inside it are part of it.
//   - ${NAME} and ${NAME:-default} are expanded in every value, single-quoted ones
//     too; $NAME is not. The environment comes before what the file has said so far.
//   - A statement that cannot be read is passed over up to the end of the line that
//     it fails in.
//   - All line ends are read as \n, quoted ones too; a byte order mark is dropped.

// maxExpanded is how long the values of a file may become by expansion, in bytes
// together: ten lines can otherwise ask for terabytes.
const maxExpanded = 1 << 22

// statement is one statement of a .env file.
type statement struct {
	key      string // "" of a comment, of white space and of a bad statement
	value    string // not expanded
	assigned bool   // whether there was a =
	line     int    // in which it begins, from 1
	bad      bool   // whether it cannot be read
	source   string // its text, of a bad one
}

// parseDotenv cuts the text of a .env file, which is valid UTF-8, into the
// statements that have a key or are bad.
func parseDotenv(text string) []statement {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	r := dotenvReader{rest: strings.TrimPrefix(text, "\uFEFF")}
	var all []statement
	line := 1
	for {
		before := r.rest
		r.rest = strings.TrimLeftFunc(r.rest, isSpace)
		line += strings.Count(before[:len(before)-len(r.rest)], "\n")
		if r.rest == "" {
			return all
		}
		before = r.rest
		s, ok := r.statement()
		if !ok {
			r.skipLine()
			s = statement{bad: true, source: before[:len(before)-len(r.rest)]}
		}
		s.line = line
		line += strings.Count(before[:len(before)-len(r.rest)], "\n")
		if s.bad || s.key != "" {
			all = append(all, s)
		}
	}
}

// dotenvReader holds what is still to be read.
type dotenvReader struct{ rest string }

func (r *dotenvReader) statement() (s statement, ok bool) {
	if after, found := strings.CutPrefix(r.rest, "export"); found {
		if blank := strings.TrimLeftFunc(after, isBlank); len(blank) < len(after) {
			r.rest = blank
		}
	}
	if !strings.HasPrefix(r.rest, "#") {
		if s.key, ok = r.key(); !ok {
			return s, false
		}
	}
	r.skipBlanks()
	if strings.HasPrefix(r.rest, "=") {
		s.assigned = true
		r.rest = r.rest[1:]
		spaced := r.skipBlanks()
		if !spaced || !strings.HasPrefix(r.rest, "#") {
			if s.value, ok = r.value(); !ok {
				return s, false
			}
		}
	}
	return s, r.end()
}

// key reads a key: in single quotes anything, otherwise up to white space, = or #.
func (r *dotenvReader) key() (key string, ok bool) {
	if strings.HasPrefix(r.rest, "'") {
		key, rest, found := strings.Cut(r.rest[1:], "'")
		if !found || key == "" {
			return "", false
		}
		r.rest = rest
		return key, true
	}
	n := strings.IndexFunc(r.rest, func(c rune) bool { return c == '=' || c == '#' || isSpace(c) })
	if n < 0 {
		n = len(r.rest)
	}
	key, r.rest = r.rest[:n], r.rest[n:]
	return key, key != ""
}

func (r *dotenvReader) value() (value string, ok bool) {
	switch {
	case strings.HasPrefix(r.rest, "'"):
		return r.quoted('\'', `\'`)
	case strings.HasPrefix(r.rest, `"`):
		return r.quoted('"', `\'"abfnrtv`)
	}
	value, _, _ = strings.Cut(r.rest, "\n")
	r.rest = r.rest[len(value):]
	return strings.TrimRightFunc(cutComment(value), isSpace), true
}

// quoted reads a value in quotes. A backslash before one of escapes stands with it
// for one character; every other one is itself, but what follows it never ends the
// value. Without a closing quote nothing is read.
func (r *dotenvReader) quoted(quote byte, escapes string) (value string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(r.rest); i++ {
		c := r.rest[i]
		switch {
		case c == quote:
			r.rest = r.rest[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(r.rest):
			i++
			if strings.IndexByte(escapes, r.rest[i]) < 0 {
				b.WriteByte(c)
				b.WriteByte(r.rest[i])
				continue
			}
			b.WriteByte(unescape(r.rest[i]))
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

func unescape(c byte) byte {
	const letters, meant = "abfnrtv", "\a\b\f\n\r\t\v"
	if i := strings.IndexByte(letters, c); i >= 0 {
		return meant[i]
	}
	return c
}

// cutComment returns an unquoted value up to the first # after white space.
func cutComment(value string) string {
	spaced := false
	for i, c := range value {
		if c == '#' && spaced {
			return value[:i]
		}
		spaced = isSpace(c)
	}
	return value
}

// end reads what may follow a value: a comment, and the end of the line.
func (r *dotenvReader) end() bool {
	r.skipBlanks()
	if strings.HasPrefix(r.rest, "#") {
		r.skipLine()
		return true
	}
	if strings.HasPrefix(r.rest, "\n") {
		r.rest = r.rest[1:]
		return true
	}
	return r.rest == ""
}

func (r *dotenvReader) skipBlanks() (skipped bool) {
	before := len(r.rest)
	r.rest = strings.TrimLeftFunc(r.rest, isBlank)
	return len(r.rest) < before
}

func (r *dotenvReader) skipLine() {
	_, r.rest, _ = strings.Cut(r.rest, "\n")
}

// isSpace is Python's \s, which has four control characters more than Go's.
func isSpace(c rune) bool { return unicode.IsSpace(c) || (c >= 0x1c && c <= 0x1f) }

func isBlank(c rune) bool { return c != '\n' && isSpace(c) }

// expandAll returns the value of every key of the statements, expanded in the order
// in which they stand; nil is a key that the file names without a =. It reports false
// where the values would become too long.
func expandAll(statements []statement, environ map[string]string) (values map[string]*string, ok bool) {
	values = map[string]*string{}
	size := 0
	for _, s := range statements {
		switch {
		case s.bad:
		case !s.assigned:
			values[s.key] = nil
		default:
			value, ok := expand(s.value, maxExpanded-size, func(name, fallback string) string {
				if v, found := environ[name]; found {
					return v
				}
				if v, found := values[name]; found && v != nil {
					return *v
				} else if found {
					return ""
				}
				return fallback
			})
			if !ok {
				return nil, false
			}
			size += len(value)
			values[s.key] = &value
		}
	}
	return values, true
}

// expand replaces each ${NAME} and ${NAME:-fallback} of text once. A NAME goes up to
// the next } or : and may be empty; what it is replaced by is not looked at again. It
// reports false where the result would be longer than most bytes.
func expand(text string, most int, lookup func(name, fallback string) string) (expanded string, ok bool) {
	var b strings.Builder
	end := strings.LastIndexByte(text, '}') + 1 // so that every search below finds something
	text, tail := text[:end], text[end:]
	for text != "" && b.Len() <= most {
		literal, inside, found := strings.Cut(text, "${")
		b.WriteString(literal)
		if !found {
			break
		}
		n := strings.IndexAny(inside, "}:")
		name, rest := inside[:n], inside[n:]
		switch {
		case rest[0] == '}':
			b.WriteString(lookup(name, ""))
			text = rest[1:]
		case strings.HasPrefix(rest, ":-"):
			fallback, after, _ := strings.Cut(rest[2:], "}")
			b.WriteString(lookup(name, fallback))
			text = after
		default:
			b.WriteString("${" + name + ":")
			text = rest[1:]
		}
	}
	b.WriteString(tail)
	return b.String(), b.Len() <= most
}
