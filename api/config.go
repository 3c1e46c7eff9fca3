package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"example.com/mlapi"
)

// Authoriser decides who may call; *auth.Service is one. Its errors are
// *mlapi.Error: Unauthenticated, Throttled or Unavailable; any other is a fault of
// the server, and so is a success without the name of a caller. Tokens come and go
// without the word Bearer. Its methods are called by many goroutines at once.
type Authoriser interface {
	// Reset is the login: it starts a session and returns its first refresh token,
	// with the caller. An empty name or password is always wrong, and takes as long.
	Reset(ctx context.Context, login mlapi.Login) (mlapi.Tokens, error)
	// Refresh makes an access token and the next refresh token of the newest one, or
	// the same once more where the origin has the RetryKey of the request before.
	Refresh(ctx context.Context, token string, o mlapi.Origin) (mlapi.Tokens, error)
	// Revoke ends the session that any live token belongs to, and tells whose it was.
	Revoke(ctx context.Context, token string, o mlapi.Origin) (mlapi.Caller, error)
	// Authorise tells who an access token belongs to.
	Authorise(ctx context.Context, token string) (mlapi.Caller, error)
	// Undelivered notes that the answer with these tokens could not be sent. It takes
	// little time.
	Undelivered(ctx context.Context, given mlapi.Tokens)
}

// KeySet gives the public keys that tokens can be verified with; *auth.KeyRing is one.
type KeySet interface {
	// JWKS returns a JSON Web Key Set (RFC 7517 §5) that may be kept for five minutes.
	JWKS() []byte
}

// KeySetFunc is a function as a KeySet.
type KeySetFunc func() []byte

// JWKS calls f.
func (f KeySetFunc) JWKS() []byte { return f() }

// Config is what New needs. The zero value is refused.
type Config struct {
	// Auth is required unless Open is true.
	Auth Authoriser
	// Keys are published at /.well-known/jwks.json where AuthEnabled is true; nil: that
	// path is 404.
	Keys KeySet
	// AuthRoute and APIRoute are the names of the two halves: lower case, without
	// outer slashes ("auth", "ml/v1").
	AuthRoute, APIRoute string
	// AuthEnabled and APIEnabled tell whether a half exists; otherwise its routes
	// are 404.
	AuthEnabled, APIEnabled bool
	// Open lets everybody use the API without any token being looked at. It must be
	// said: leaving Auth out is not enough. AuthEnabled must be false.
	Open bool
	// Pipeline predicts. It is required where APIEnabled is true.
	Pipeline *mlapi.Pipeline
	// CORS adds CORS headers for the Origins: whole origins ("https://example.com"),
	// or "*" alone.
	CORS    bool
	Origins []string
	// MaxBodyBytes and MaxRows limit a request for predictions. They are required
	// where APIEnabled is true.
	MaxBodyBytes int64
	MaxRows      int
	// TrustedProxies are the peers whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Logger gets one line per request, with the request's context: a handler finds
	// the request's identifier there (mlapi.RequestIDFrom). Nil: no log.
	Logger *slog.Logger
}

// check returns what is wrong with the configuration, for a start-up message.
func (c *Config) check() error {
	switch {
	case c.Open && c.AuthEnabled:
		return fmt.Errorf("api: Open and AuthEnabled contradict each other: either anybody may use the API or tokens are given out")
	case c.Auth == nil && !c.Open:
		return fmt.Errorf("api: no authoriser: set Config.Auth, or Config.Open where everybody may use the API")
	case c.APIEnabled && (c.Pipeline == nil || c.Pipeline.Model == nil || c.Pipeline.Model.Info() == nil):
		return fmt.Errorf("api: the API is enabled without a model: set Config.Pipeline")
	case c.APIEnabled && (c.MaxBodyBytes <= 0 || c.MaxRows <= 0):
		return fmt.Errorf("api: limits of %d bytes (API_MAX_BODY_BYTES) and %d rows (API_MAX_ROWS) let no request in: both must be at least 1", c.MaxBodyBytes, c.MaxRows)
	case c.CORS && len(c.Origins) > 1 && slices.Contains(c.Origins, "*"):
		return fmt.Errorf("api: the origin * (CORS_ORIGINS) stands for all origins and must be alone")
	}
	return c.checkRoutes()
}

func (c *Config) checkRoutes() error {
	routes := []struct {
		key, name string
		enabled   bool
	}{{"AUTH_ROUTE", c.AuthRoute, c.AuthEnabled}, {"API_ROUTE", c.APIRoute, c.APIEnabled}}
	for _, r := range routes {
		if r.enabled && !validRoute(r.name) {
			return fmt.Errorf("api: the route %q (%s) must be lower-case letters, digits, - and _, with / inside only", r.name, r.key)
		}
	}
	a, b := c.AuthRoute+"/", c.APIRoute+"/"
	if c.AuthEnabled && c.APIEnabled && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) {
		return fmt.Errorf("api: the routes %q (AUTH_ROUTE) and %q (API_ROUTE) must be neither equal nor one inside the other", c.AuthRoute, c.APIRoute)
	}
	return nil
}

func validRoute(name string) bool {
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" {
			return false
		}
		for _, c := range []byte(segment) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}
