package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must not be shown. Whatever prints, logs or marshals it
// gets "[redacted]"; only [Secret.Reveal] gives the text.
//
// Keep it in exported fields, as fmt calls no methods of an unexported one, and never
// as the key of a map, which encoding/json writes as it is.
type Secret string

var (
	_ fmt.Formatter          = Secret("")
	_ fmt.Stringer           = Secret("")
	_ fmt.GoStringer         = Secret("")
	_ slog.LogValuer         = Secret("")
	_ json.Marshaler         = Secret("")
	_ encoding.TextMarshaler = Secret("")
)

// Reveal returns the secret itself. It is the one word to search for.
func (s Secret) Reveal() string { return string(s) }

// Format writes "[redacted]" for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (s Secret) GoString() string { return redacted }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns "[redacted]" as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns "[redacted]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
