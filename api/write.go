package api

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"strconv"
	"time"

	"example.com/mlapi"
)

// answer is what a handler gives. Of page, problem and json at most one is set.
type answer struct {
	status  int
	header  http.Header // beside those that every answer has
	page    *page       // HTML or JSON, by Accept
	problem *problem    // an error, by Accept
	json    []byte      // JSON, whatever Accept says
	// given are the tokens in it: where it cannot be sent, the authoriser is told.
	given mlapi.Tokens
}

// page is an answer in both its forms.
type page struct {
	html, json []byte
}

// problem is an error as RFC 9457 has it, and itself an error that handlers may
// return where no mlapi.Kind says it.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Row    *int   `json:"row,omitempty"`
	Column *int   `json:"column,omitempty"`

	header http.Header
	cause  error
}

func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// statusOf is the status of each kind of error.
func statusOf(k mlapi.Kind) int {
	switch k {
	case mlapi.Invalid:
		return http.StatusBadRequest
	case mlapi.TooLarge:
		return http.StatusRequestEntityTooLarge
	case mlapi.Unauthenticated:
		return http.StatusUnauthorized
	case mlapi.Throttled:
		return http.StatusTooManyRequests
	case mlapi.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// answerError makes an answer of any error.
func answerError(err error) answer {
	p, ok := err.(*problem)
	if !ok {
		p = problemOf(mlapi.AsError(err))
	}
	p.Title = http.StatusText(p.Status)
	return answer{status: p.Status, header: p.header, problem: p}
}

func problemOf(e *mlapi.Error) *problem {
	p := &problem{Status: statusOf(e.Kind), Code: e.Code, Detail: e.Detail, cause: e.Cause}
	if row, known := e.Row(); known {
		p.Row = &row
	}
	if column, known := e.Column(); known {
		p.Column = &column
	}
	switch e.Kind {
	case mlapi.Unauthenticated:
		p.header = http.Header{"Www-Authenticate": {"Bearer"}}
	case mlapi.Throttled, mlapi.Unavailable:
		wait := max(1, int64((e.RetryAfter+time.Second-1)/time.Second))
		p.header = http.Header{"Retry-After": {strconv.FormatInt(wait, 10)}}
	}
	return p
}

// The header values that answers share. They are never changed.
var (
	noStore       = []string{"no-store"}
	noSniff       = []string{"nosniff"}
	noReferrer    = []string{"no-referrer"}
	noContent     = []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
	closing       = []string{"close"}
	typeJSON      = []string{"application/json"}
	typeProblem   = []string{"application/problem+json"}
	typeHTML      = []string{"text/html; charset=utf-8"}
	varyAccept    = []string{"Accept"}
	varyOrigin    = []string{"Origin"}
	varyBoth      = []string{"Origin, Accept"}
	zeroLength    = []string{"0"}
	allOrigins    = []string{"*"}
	headersOfCORS = []string{"Authorization, Content-Type, Idempotency-Key"}
	keepKeys      = []string{"public, max-age=300"} // auth.JWKSMaxAge
)

// write writes the answer, and nothing else does.
func (s *server) write(w http.ResponseWriter, x *exchange, a answer) {
	h := w.Header()
	h["Cache-Control"] = noStore
	for key, values := range a.header {
		h[key] = values
	}
	h["X-Request-Id"] = []string{x.id}
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = noReferrer
	byOrigin := s.cors.mark(h, x.r)
	content, byAccept := contentOf(h, x.r, a)
	switch {
	case byOrigin && byAccept:
		h["Vary"] = varyBoth
	case byOrigin:
		h["Vary"] = varyOrigin
	case byAccept:
		h["Vary"] = varyAccept
	}
	if a.status != http.StatusNoContent {
		h["Content-Length"] = zeroLength
		if len(content) > 0 {
			h["Content-Length"] = []string{strconv.Itoa(len(content))}
		}
	}
	// net/http would wait for the rest of a body before it answers, and a half-sent
	// one could come to be read as the next request. So: answer at once, then close.
	if !x.body.done(x.r) && x.r.ProtoMajor == 1 {
		h["Connection"] = closing
		x.body.limitDrain()
	}
	x.body.writing()
	// Before anything is written: a client may close the connection as soon as it has
	// read the answer.
	sent := x.r.Context().Err() == nil
	w.WriteHeader(a.status)
	if x.r.Method != http.MethodHead {
		sent = send(w, x, content) && sent
	}
	if a.given.Refresh != "" {
		s.delivered(w, x, a.given, sent)
	}
}

// delivered tells the authoriser of tokens that certainly did not reach anybody: they
// could not be written, or the client had gone before. Most lost answers it does not
// see.
func (s *server) delivered(w http.ResponseWriter, x *exchange, given mlapi.Tokens, sent bool) {
	if sent {
		sent = http.NewResponseController(w).Flush() == nil
	}
	if !sent {
		s.config.Auth.Undelivered(context.WithoutCancel(x.ctx), given)
	}
}

// send writes the body piece by piece, so that a client that reads slowly is told from
// one that does not read. It reports whether all could be written.
func send(w http.ResponseWriter, x *exchange, content []byte) bool {
	const piece = 64 << 10
	for len(content) > 0 {
		n := min(len(content), piece)
		x.body.writing()
		if _, err := w.Write(content[:n]); err != nil {
			return false // the client has gone or does not read: there is nobody to tell
		}
		content = content[n:]
	}
	return true
}

// contentOf chooses the form of the answer, sets its headers and tells whether
// the choice depended on Accept.
func contentOf(h http.Header, r *http.Request, a answer) (content []byte, byAccept bool) {
	if a.page == nil && a.problem == nil {
		if a.json != nil {
			h["Content-Type"] = typeJSON
		}
		return a.json, false
	}
	if prefersHTML(r.Header["Accept"]) {
		h["Content-Type"] = typeHTML
		h["Content-Security-Policy"] = noContent
		if a.problem != nil {
			title := strconv.Itoa(a.problem.Status) + " " + a.problem.Title
			return document(title, a.problem.Detail, ""), true
		}
		return a.page.html, true
	}
	if a.problem != nil {
		h["Content-Type"] = typeProblem
		text, err := json.Marshal(a.problem)
		if err != nil { // cannot be: the fields are numbers and texts
			text = []byte("{}")
		}
		return text, true
	}
	h["Content-Type"] = typeJSON
	return a.page.json, true
}

// document returns an HTML page of a heading and a paragraph, both escaped, and of
// what is HTML already.
func document(heading, paragraph, rest string) []byte {
	heading, paragraph = html.EscapeString(heading), html.EscapeString(paragraph)
	return []byte("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" + heading + "</title></head>\n" +
		"<body>\n<h1>" + heading + "</h1>\n<p>" + paragraph + "</p>\n" + rest + "</body>\n</html>\n")
}
