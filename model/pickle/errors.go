package pickle

import (
	"fmt"
	"strconv"
)

// A RefusedError says that a file asks for something that is never given: a class
// or function that is not on the allow list, or a mechanism of pickle that has no
// place in a model file.
type RefusedError struct {
	Global Global // what was asked for by name; zero where it was a mechanism
	Reason string // why, where it is not just that the name is on no list
	hint   string
	cause  error
	// hostile says that no honest file asks for it.
	hostile bool
}

// Unwrap returns the cause; nil where there is none.
func (e *RefusedError) Unwrap() error { return e.cause }

// Error names in full what was refused. Names from the file are escaped.
func (e *RefusedError) Error() string {
	switch {
	case e.Global == Global{}:
		return e.Reason
	case e.Reason != "":
		return printable(e.Global.String()) + ": " + e.Reason
	}
	return printable(e.Global.String()) + " is not one of the classes that can be read from a model file"
}

// Hint returns what to do about it, or "".
func (e *RefusedError) Hint() string { return e.hint }

// Unsupported reports that the file may be in order, but is not served.
func (e *RefusedError) Unsupported() bool { return true }

// A FormatError says that a file is not a pickle, or a broken one.
type FormatError struct {
	Offset int64 // how many bytes had been read, after decompression
	What   string
	Cause  error  // of a failed read; may be nil
	File   string // the file beside it that this is about; "" for the file itself
}

// Error returns what is wrong and where.
func (e *FormatError) Error() string {
	where := "the pickle"
	if e.File != "" {
		where = printable(e.File)
	}
	s := fmt.Sprintf("%s, at byte %d of %s", e.What, e.Offset, where)
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Cause }

// Hint returns what to do about it.
func (e *FormatError) Hint() string {
	return "the file is damaged, incomplete or no pickle: copy it again, or save the model anew with joblib.dump"
}

// printable returns a name from the file so that it can stand in a message: as it
// is where it is a plain dotted name, quoted, escaped and cut otherwise.
func printable(s string) string {
	const most = 160
	cut := ""
	if len(s) > most {
		s, cut = s[:most], "..."
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '`' {
			return strconv.QuoteToASCII(s) + cut
		}
	}
	return s + cut
}
