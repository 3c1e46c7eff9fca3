package mlapi

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure an [Error] is. It is a word of the domain, not
// an HTTP status: the api package maps each kind to a status in one table.
type Kind uint8

const (
	// Internal is a fault of the server. It is the zero value, so that an error
	// whose kind was forgotten is never blamed on the caller.
	Internal Kind = iota
	// Invalid is input that breaks a rule; Detail says which and where.
	Invalid
	// TooLarge is input over a configured limit.
	TooLarge
	// Unauthenticated is a missing, wrong, expired or ended credential or token.
	Unauthenticated
	// Throttled is a caller that must wait RetryAfter before trying again.
	Throttled
	// Unavailable is a passing fault, such as a busy store: trying again is safe.
	Unavailable
)

// Error is a failure with a public and a private side. Code and Detail are shown
// to the caller; Cause is only logged.
type Error struct {
	Kind   Kind
	Code   string // a stable word for programs, such as "unknown_category"
	Detail string // one sentence for people; never a secret, never a library's message
	// RetryAfter is how long to wait, for Throttled and Unavailable.
	RetryAfter time.Duration
	// Cause is what happened underneath. It is logged and never shown.
	Cause error

	// Row and column are kept plus one, so that the zero value means unknown.
	row, column int
	what        string // of a Cellf error: the detail without its place
}

// Invalidf returns an Invalid error with the given code and formatted detail.
func Invalidf(code, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Cellf returns an Invalid error about one value: its detail is "Row 3, column 2: "
// and the formatted text, which begins in lower case. A negative column is left
// out.
func Cellf(code string, row, column int, format string, args ...any) *Error {
	e := &Error{Kind: Invalid, Code: code, what: fmt.Sprintf(format, args...)}
	return e.place(row, column, "")
}

// place sets the place of a Cellf error and the detail with it.
func (e *Error) place(row, column int, name string) *Error {
	switch {
	case column < 0:
		e.Detail = fmt.Sprintf("Row %d: %s", row, e.what)
	case name == "":
		e.Detail = fmt.Sprintf("Row %d, column %d: %s", row, column, e.what)
	default:
		e.Detail = fmt.Sprintf("Row %d, column %d (%s): %s", row, column, Quote([]byte(name)), e.what)
	}
	return e.At(row, column)
}

// InColumn returns a copy of e, of Cellf, that stands in another column, which has
// a name or "": what stumbled over the value counts the columns of its own input,
// and the caller those of the request. A negative column is unknown. Other errors
// are returned as they are.
func (e *Error) InColumn(column int, name string) *Error {
	row, known := e.Row()
	if e.what == "" || !known {
		return e
	}
	moved := *e
	return moved.place(row, column, name)
}

// MissingValue returns the error for a value that is missing where none may be.
func MissingValue(row, column int) *Error {
	return Cellf("missing_value", row, column, "the value is missing, and this model takes no missing values.")
}

// ValueTooLarge returns the error for a value that is infinite, or becomes so.
func ValueTooLarge(row, column int) *Error {
	return Cellf("value_too_large", row, column, "the value is infinite or too large for this model.")
}

// Cancelled returns nil while ctx goes on, and otherwise the error for a request that
// was cancelled or whose time is up.
func Cancelled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return &Error{Kind: Unavailable, Code: "cancelled", Detail: "The request was cancelled.", Cause: err}
	}
	return nil
}

// Internalf returns an Internal error whose formatted text is only logged. A
// wrapped error (%w) stays reachable by errors.Is and errors.As.
func Internalf(format string, args ...any) *Error {
	return &Error{Kind: Internal, Code: "internal", Detail: "The server failed to answer this request.", Cause: fmt.Errorf(format, args...)}
}

// At sets the place of the fault in the request, both counted from 0, and
// returns e. A negative row or column means unknown.
func (e *Error) At(row, column int) *Error {
	e.row, e.column = max(row, -1)+1, max(column, -1)+1
	return e
}

// Row returns the row the fault is in, counted from 0 over the whole request.
func (e *Error) Row() (row int, known bool) { return e.row - 1, e.row > 0 }

// Column returns the column the fault is in, counted from 0.
func (e *Error) Column() (column int, known bool) { return e.column - 1, e.column > 0 }

// Error returns the code, the detail and the cause, for logs and tests.
func (e *Error) Error() string {
	s := e.Code + ": " + e.Detail
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// AsError returns err as an *Error: itself where it is one or wraps one,
// otherwise an Internal error with err as its cause. AsError(nil) is nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Internalf("%w", err)
}
