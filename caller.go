package mlapi

import "context"

// Caller is who sent a request, once that is proven. The zero value is nobody.
type Caller struct {
	Name    string // the client's name, the token's sub
	Session string // the session's identifier, the token's sid
}

type contextKey uint8

const (
	callerKey contextKey = iota
	requestIDKey
)

// WithCaller returns ctx carrying c. Only an authoriser's success leads here: an
// identity is put into the context after it is proven, never before.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey, c)
}

// CallerFrom returns the proven caller, or the zero Caller.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey).(Caller)
	return c
}

// WithRequestID returns ctx carrying the request's identifier, for logs.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey, id)
}

// RequestIDFrom returns the request's identifier, or "".
func RequestIDFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}
