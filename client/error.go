package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrAnswerLost is a login, refresh or logout whose answer did not come: the server may
// have acted on it or not. Logins and refreshes carry an Idempotency-Key and are asked
// again with it for half a minute before this is returned, and again by the next call
// that needs them: the server then gives the answer that was lost.
var ErrAnswerLost = errors.New("client: the answer was lost, the server may have acted or not")

// ErrNotKept is a TokenStore that failed. Before a login nothing was sent. Otherwise
// the client has the new tokens and the next call uses them, but the token that is kept
// is an old one, and presenting it later would end the session.
var ErrNotKept = errors.New("client: the session could not be kept")

// Error is a request that the server refused.
type Error struct {
	Status int    // of HTTP
	Code   string // a stable word for programs, such as "unknown_category"; may be empty
	Detail string // one sentence for people; may be empty
	// Row and Column are where the fault lies in the rows sent, from 0; -1 where
	// that is not known.
	Row, Column int
	// RetryAfter is how long the server asked to wait; 0 where it did not.
	RetryAfter time.Duration
}

// Error returns the status, the code and the detail.
func (e *Error) Error() string {
	s := fmt.Sprintf("client: the server answered %d %s", e.Status, http.StatusText(e.Status))
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// readError makes an *Error of an answer that is not a success. Only a problem
// document (RFC 9457) is believed to hold more than a status.
func readError(resp *http.Response) *Error {
	e := &Error{Status: resp.StatusCode, Row: -1, Column: -1, RetryAfter: retryAfter(resp)}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind != "application/problem+json" {
		return e
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxTokens))
	if err != nil {
		return e
	}
	var problem struct {
		Code, Detail string
		Row, Column  *int
	}
	if json.Unmarshal(data, &problem) != nil {
		return e
	}
	e.Code, e.Detail = printable(problem.Code), printable(problem.Detail)
	if problem.Row != nil {
		e.Row = max(*problem.Row, -1)
	}
	if problem.Column != nil {
		e.Column = max(*problem.Column, -1)
	}
	return e
}

// printable returns text without what could forge a line of a log or move a
// terminal's cursor, cut to a length that a person reads.
func printable(text string) string {
	const most = 1000
	if len(text) > most {
		text = text[:most]
		for !utf8.ValidString(text) && len(text) > most-utf8.UTFMax {
			text = text[:len(text)-1]
		}
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// retryAfter reads the header of RFC 9110 §10.2.3: seconds, or a date.
func retryAfter(resp *http.Response) time.Duration {
	const most = 24 * time.Hour
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, most)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), 0), most)
	}
	return 0
}
