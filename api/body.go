package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"example.com/mlapi"
)

const (
	smallBody = 64 << 10        // the limit before authorisation, in bytes
	drainTime = 5 * time.Second // for the rest of a body that nobody reads
)

// body is a request's body with a limit and a rolling deadline: reading may take
// as long as it needs, but not stand still. Errors of Read other than io.EOF are
// fit to be answered.
type body struct {
	src     io.Reader
	control *http.ResponseController
	stall   time.Duration
	limit   int64 // bytes
	read    int64
	ended   bool
	armed   time.Time // when the read deadline was set; zero: there is none
	written time.Time // when the write deadline was set
}

// allow sets the limit and refuses a body that is declared to be longer.
func (b *body) allow(r *http.Request, limit int64) error {
	b.limit = limit
	if r.ContentLength > limit {
		return b.tooLarge()
	}
	return nil
}

func (b *body) tooLarge() error {
	e := mlapi.Invalidf("body_too_large", "The body is larger than the server takes (%d bytes).", b.limit)
	e.Kind = mlapi.TooLarge
	return e
}

// Read reads on, up to one byte beyond the limit.
func (b *body) Read(p []byte) (int, error) {
	if b.read > b.limit {
		return 0, b.tooLarge()
	}
	b.arm()
	if most := b.limit - b.read + 1; int64(len(p)) > most {
		p = p[:most]
	}
	n, err := b.src.Read(p)
	b.read += int64(n)
	if err != nil {
		b.rest()
	}
	switch {
	case err == io.EOF:
		b.ended = true
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = &problem{Status: http.StatusRequestTimeout, Code: "body_stalled", Detail: "The body stood still for too long."}
	case err != nil:
		// The connection broke or the chunks are malformed: not a fault of the server.
		e := mlapi.Invalidf("incomplete_body", "The body ended before its declared end.")
		e.Cause, err = err, e
	}
	if b.read > b.limit {
		return 0, b.tooLarge()
	}
	return n, err
}

// arm moves the read deadline on. That costs more than looking at the clock, so a
// deadline less than a thirtieth old is good enough.
func (b *body) arm() {
	now := time.Now()
	if now.Sub(b.armed) > b.stall/30 {
		b.armed = now
		_ = b.control.SetReadDeadline(now.Add(b.stall)) // fails on test recorders only
	}
}

// rest lifts the read deadline: while the server works, the client need not send.
// (Over HTTP/2 a deadline that passes closes the body for good.)
func (b *body) rest() {
	if !b.armed.IsZero() {
		b.armed = time.Time{}
		_ = b.control.SetReadDeadline(time.Time{})
	}
}

// writing moves the write deadline on. It is set only when there is something to
// write: over HTTP/2 a passed one ends the whole exchange, an upload included.
func (b *body) writing() {
	if now := time.Now(); now.Sub(b.written) > b.stall/30 {
		b.written = now
		_ = b.control.SetWriteDeadline(now.Add(b.stall))
	}
}

// done tells whether nothing of the body is left on the connection.
func (b *body) done(r *http.Request) bool {
	return b.ended || r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 ||
		r.ContentLength > 0 && b.read >= r.ContentLength
}

// limitDrain bounds how long net/http reads on after the answer.
func (b *body) limitDrain() {
	_ = b.control.SetReadDeadline(time.Now().Add(min(b.stall, drainTime)))
}
