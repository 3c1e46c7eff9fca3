package api

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"time"

	"example.com/mlapi"
)

// exchange is one request and what becomes known of it on its way.
type exchange struct {
	ctx    context.Context // carries the request's identifier and, once proven, the caller
	r      *http.Request
	body   body
	id     string
	route  route
	caller mlapi.Caller
	rows   int   // rows decoded
	work   *work // borrowed memory, which the answer may lie in
}

// ServeHTTP answers a request: dispatch decides, write writes, logRequest tells.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logged := s.log.Enabled(r.Context(), slog.LevelError)
	var start time.Time
	if logged {
		start = time.Now()
	}
	x := &exchange{r: r, id: newRequestID()}
	x.ctx = mlapi.WithRequestID(r.Context(), x.id)
	x.body = body{src: r.Body, control: http.NewResponseController(w), stall: s.stall, limit: smallBody}
	a, err := s.guarded(x)
	if err != nil {
		a = answerError(err)
	}
	s.write(w, x, a)
	s.giveBack(x)
	if logged {
		s.logRequest(x, a, time.Since(start))
	}
}

// guarded is dispatch with panics made errors. What a panicking handler used is
// not used again.
func (s *server) guarded(x *exchange) (a answer, err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p) // net/http's own way of cutting a connection
		}
		x.work = nil
		a, err = answer{}, mlapi.Internalf("panic: %v\n%s", p, debug.Stack())
	}()
	return s.dispatch(x)
}

// newRequestID returns 16 hexadecimal digits. They tell requests apart in a log
// and protect nothing, so they need not be unguessable.
func newRequestID() string {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], rand.Uint64())
	return hex.EncodeToString(raw[:])
}

// logRequest writes the request's line.
func (s *server) logRequest(x *exchange, a answer, took time.Duration) {
	level := slog.LevelInfo
	gone := x.r.Context().Err() != nil // nobody waits for the answer: no fault
	if a.status >= http.StatusInternalServerError && !gone {
		level = slog.LevelError
	}
	if !s.log.Enabled(x.ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("client", x.caller.Name),
		slog.String("address", s.proxies.client(x.r).String()),
		slog.String("method", cut(x.r.Method, 16)),
		slog.String("path", cut(x.r.URL.EscapedPath(), 128)),
		slog.Int("status", a.status),
		slog.Int("rows", x.rows),
		slog.Duration("time", took),
	)
	if p := a.problem; p != nil {
		attrs = append(attrs, slog.String("code", p.Code))
		// Why a token was refused is for whoever looks into it, not for every log.
		fault := a.status >= http.StatusInternalServerError || s.log.Enabled(x.ctx, slog.LevelDebug)
		if p.cause != nil && fault {
			attrs = append(attrs, slog.String("cause", cut(p.cause.Error(), 512)))
		}
	}
	s.log.LogAttrs(x.ctx, level, "request", attrs...)
}

// cut returns at most n bytes of text.
func cut(text string, n int) string {
	if len(text) > n {
		return text[:n] + "..."
	}
	return text
}
