package lightgbm

import "fmt"

// Error says why a file of LightGBM cannot be served.
type Error struct {
	What  string // what is wrong
	Tree  int    // in which tree, from 0; -1 where it is not in one
	Cause error  // what was found underneath; may be nil

	hint        string
	unsupported bool
}

// Error returns where and what is wrong.
func (e *Error) Error() string {
	s := e.What
	if e.Tree >= 0 {
		s = fmt.Sprintf("tree %d: %s", e.Tree, e.What)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Hint returns what to do about it.
func (e *Error) Hint() string {
	if e.hint == "" {
		return "the file is damaged or was changed by hand: save the model anew with Booster.save_model"
	}
	return e.hint
}

// Unsupported reports whether the file may be in order, but is not served.
func (e *Error) Unsupported() bool { return e.unsupported }

func broken(format string, args ...any) *Error {
	return &Error{What: fmt.Sprintf(format, args...), Tree: -1}
}

func unsupported(hint, format string, args ...any) *Error {
	return &Error{What: fmt.Sprintf(format, args...), Tree: -1, hint: hint, unsupported: true}
}
