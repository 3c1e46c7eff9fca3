package config

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is one fault of the configuration.
type Error struct {
	Key     string // the key, or the file where no key is to blame
	Value   string // quoted and shortened; "" where it is a secret or says nothing
	Source  string // ".env line 3", "environment", "flag --port"; "" where set by a program
	Problem string // what is wrong, to be read after the key
	Hint    string // what is allowed or what to do
}

// Error returns the fault in one line, without the hint.
func (e *Error) Error() string { return sentence(e.Key, e.Value, e.Source, e.Problem) }

// Print writes an "error:" line and a "hint:" line.
func (e *Error) Print(w io.Writer) {
	fmt.Fprintf(w, "error: %s\n", e.Error())
	if e.Hint != "" {
		fmt.Fprintf(w, "hint: %s\n", e.Hint)
	}
}

// Errors are all faults of a configuration.
type Errors []*Error

// Error returns all faults, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults, for errors.As and errors.Is.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// Print writes every fault as an "error:" line and a "hint:" line.
func (e Errors) Print(w io.Writer) {
	for _, one := range e {
		one.Print(w)
	}
}

// Warning is something allowed that was probably not meant. It never holds a value
// that is a secret.
type Warning struct {
	Key     string
	Source  string // as in Error
	Problem string // what is the matter, to be read after the key
	Hint    string // what was probably meant
}

// String returns the warning in one line, with the hint.
func (w Warning) String() string {
	s := sentence(w.Key, "", w.Source, w.Problem)
	if w.Hint != "" {
		s += "; " + w.Hint
	}
	return s
}

func sentence(key, value, source, problem string) string {
	s := key
	if value != "" {
		s += "=" + value
	}
	if source != "" {
		s += " (" + source + ")"
	}
	return s + " " + problem
}

// quote returns value in quotes, at most about 80 bytes of it, with all that a
// terminal would not print escaped.
func quote(value string) string {
	const most = 80
	if len(value) <= most {
		return strconv.Quote(value)
	}
	cut := most
	for cut > most-utf8.UTFMax && !utf8.RuneStart(value[cut]) {
		cut--
	}
	return fmt.Sprintf("%s (and %d more bytes)", strconv.Quote(value[:cut]), len(value)-cut)
}
