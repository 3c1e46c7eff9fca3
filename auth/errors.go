package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/mlapi"
)

// errInvalidToken is the one answer to every token that is not right. The cause
// is for the log.
func errInvalidToken(format string, args ...any) *mlapi.Error {
	return &mlapi.Error{
		Kind:   mlapi.Unauthenticated,
		Code:   "invalid_token",
		Detail: "The token is missing, malformed, expired or revoked.",
		Cause:  fmt.Errorf(format, args...),
	}
}

// errInvalidCredentials is the one answer to every login that is not right.
func errInvalidCredentials() *mlapi.Error {
	return &mlapi.Error{
		Kind:   mlapi.Unauthenticated,
		Code:   "invalid_credentials",
		Detail: "The name or password is wrong, or the credential was used before.",
	}
}

// errThrottled tells the caller to wait; a wait is at least a second, because
// Retry-After counts in seconds.
func errThrottled(wait time.Duration) *mlapi.Error {
	return &mlapi.Error{
		Kind:       mlapi.Throttled,
		Code:       "too_many_attempts",
		Detail:     "There were too many attempts. Wait before trying again.",
		RetryAfter: max(wait, time.Second),
	}
}

// errUnavailable is the answer while the store or the feed cannot be reached.
func errUnavailable(format string, args ...any) *mlapi.Error {
	return &mlapi.Error{
		Kind:       mlapi.Unavailable,
		Code:       "unavailable",
		Detail:     "The service cannot answer at the moment. Try again.",
		RetryAfter: time.Second,
		Cause:      fmt.Errorf(format, args...),
	}
}

// setupError is what a person is told at start or by the command line: what is
// wrong and where, and what to do about it.
type setupError struct {
	text  string
	hint  string
	cause error
}

// setupf returns a setupError with the given hint and formatted text. A wrapped
// error (%w) stays reachable.
func setupf(hint, format string, args ...any) *setupError {
	err := fmt.Errorf(format, args...)
	return &setupError{text: err.Error(), hint: hint, cause: errors.Unwrap(err)}
}

// Error returns what is wrong, and where.
func (e *setupError) Error() string { return e.text }

// Hint returns what to do about it.
func (e *setupError) Hint() string { return e.hint }

// Unwrap returns the cause.
func (e *setupError) Unwrap() error { return e.cause }

// resetCommand returns the command that lets a client in again, fit for pasting
// into a shell.
func resetCommand(name string) string { return "mlapi client reset " + shellArgument(name) }

// shellArgument returns text as an argument in a POSIX shell that no command takes for
// a flag.
func shellArgument(text string) string {
	if strings.HasPrefix(text, "-") {
		return "-- " + shellQuote(text)
	}
	return shellQuote(text)
}

// shellQuote returns text as one word of a POSIX shell.
func shellQuote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.@:/", r)
	}
	if text != "" && text[0] != '-' && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
