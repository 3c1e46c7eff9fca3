package mlapi

import (
	"fmt"
	"log/slog"
)

// Tokens are what a login or a refresh gives, and to whom. They keep themselves
// out of logs and messages. The zero value is nobody's and empty.
type Tokens struct {
	Caller  Caller
	Access  string `json:"-"` // empty after a login
	Refresh string `json:"-"`
}

// LogValue keeps the tokens out of logs.
func (t Tokens) LogValue() slog.Value { return slog.StringValue(t.String()) }

// String keeps the tokens out of messages.
func (t Tokens) String() string { return "tokens of " + Quote([]byte(t.Caller.Name)) }

// GoString keeps the tokens out of messages.
func (t Tokens) GoString() string { return fmt.Sprintf("mlapi.Tokens{Caller: %#v}", t.Caller) }
