package mlapi

import (
	"fmt"
	"log/slog"
	"net/netip"
)

// Tokens are what a login or a refresh gives, and to whom. They keep themselves
// out of logs and messages. The zero value is nobody's and empty.
type Tokens struct {
	Caller     Caller
	Generation int64  // of the refresh token in its session, from 1
	Access     string `json:"-"` // empty after a login
	Refresh    string `json:"-"`
}

// LogValue keeps the tokens out of logs.
func (t Tokens) LogValue() slog.Value { return slog.StringValue(t.String()) }

// String keeps the tokens out of messages.
func (t Tokens) String() string { return "tokens of " + Quote([]byte(t.Caller.Name)) }

// GoString keeps the tokens out of messages.
func (t Tokens) GoString() string { return fmt.Sprintf("mlapi.Tokens{Caller: %#v}", t.Caller) }

// Origin is what is known of a request for tokens beside its credentials.
type Origin struct {
	// Address is the caller's, for limits on guessing and the audit log; the zero Addr
	// where it is unknown.
	Address netip.Addr
	// RetryKey is the request's Idempotency-Key: who repeats a request with the same
	// key, because its answer was lost, gets the same tokens. Empty: none was sent.
	RetryKey string `json:"-"`
}

// LogValue keeps the key out of logs: with a stolen token it is worth another.
func (o Origin) LogValue() slog.Value { return slog.StringValue(o.Address.String()) }

// String keeps the key out of messages.
func (o Origin) String() string { return o.Address.String() }

// GoString keeps the key out of messages.
func (o Origin) GoString() string { return fmt.Sprintf("mlapi.Origin{Address: %v}", o.Address) }

// Login is a name and a password as somebody sent them, which may be wrong.
type Login struct {
	Name     string
	Password string `json:"-"`
	Instance string // which of the client's instances logs in; empty: the one without a name
	Origin   Origin
}

// LogValue keeps all of it out of logs: people type passwords into the wrong field.
func (l Login) LogValue() slog.Value { return slog.StringValue(l.String()) }

// String keeps all of it out of messages.
func (l Login) String() string { return "a login from " + l.Origin.String() }

// GoString keeps all of it out of messages.
func (l Login) GoString() string { return fmt.Sprintf("mlapi.Login{Origin: %#v}", l.Origin) }
