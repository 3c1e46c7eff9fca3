package auth

import (
	"slices"
	"time"
)

// Client is who may log in.
type Client struct {
	Name         string
	PasswordHash string // PHC string; empty: no password is right
	// ConfigHash is the PHC string of the password that the configuration last gave
	// for this client; empty where the store alone rules it.
	ConfigHash string
	Disabled   Ruler      // who disabled it; empty: nobody
	Instances  []Instance // sorted by name; that of the empty name is always there
	CreatedAt  time.Time  // set by the store
	ReadAt     time.Time  // the store's clock when this was read
}

// Ruler is who decides something about a client.
type Ruler string

// Who decides about clients.
const (
	ByConfiguration Ruler = "configuration"
	ByOperator      Ruler = "operator"
)

// Instance is one of the places that a client's credential is used from at the
// same time, each with a session of its own. The one of the empty name is where no
// other is named.
type Instance struct {
	Name      string
	UsedAt    time.Time // when the credential was last used; zero: unused
	CreatedAt time.Time // set by the store
}

// Instance returns the client's instance of that name, compared byte for byte.
func (c *Client) Instance(name string) (Instance, bool) {
	i := slices.IndexFunc(c.Instances, func(i Instance) bool { return i.Name == name })
	if i < 0 {
		return Instance{}, false
	}
	return c.Instances[i], true
}

// LoginCheck is what StartSession compares before it starts a session.
type LoginCheck struct {
	PasswordHash string // that the password was compared with
	Once         bool   // only a registered instance, and only one that is unused
}

// State is what became of a session.
type State string

// The states of a session. Only active ones have tokens that work.
const (
	Active  State = "active"
	Blocked State = "blocked" // ended by the replay of an old refresh token
	Revoked State = "revoked" // ended by logout, a later login or an operator
)

// Session is one login and the chain of refresh tokens that follows it.
type Session struct {
	ID         string
	Client     string
	Instance   string
	State      State
	Generation int64 // of the newest refresh token; 1 at login
	Head       Head
	Retry      Retry
	StartedAt  time.Time // set by the store
	EndsAt     time.Time // when it ends however often it is refreshed; zero: never
	EndedAt    time.Time // zero while it is active
	Reason     string    // why it ended
	ReadAt     time.Time // the store's clock when this was read
}

// over reports whether the session's absolute end has come by the store's clock.
func (s *Session) over() bool { return !s.EndsAt.IsZero() && !s.ReadAt.Before(s.EndsAt) }

// Head is what, with the session's id, client and generation, makes the newest
// refresh token: signatures with PKCS #1 v1.5 are deterministic (RFC 8017 §8.2).
type Head struct {
	IssuedAt  time.Time
	ExpiresAt time.Time
	KeyID     string
}

// Retry is what decides whether the newest tokens are given out once more to
// somebody who presents the token before them.
type Retry struct {
	Key         string    // base64url of the SHA-256 of the request's Idempotency-Key; empty: none
	RotatedAt   time.Time // when the newest generation was committed; set by the store
	Confirmed   int64     // the newest generation of which a token is known to have arrived; 0: none
	Undelivered bool      // the answer with the newest tokens could not be sent
	Repeats     int       // how often the newest tokens were given out once more
}

// Generation names one pair of tokens of a session.
type Generation struct {
	Session string
	Number  int64
}

// StoredKey is a signing key as it is kept.
type StoredKey struct {
	ID            string // RFC 7638 thumbprint
	Algorithm     string // RS256, RS384 or RS512
	Public        []byte // SubjectPublicKeyInfo, DER
	Private       []byte // PKCS #8, sealed: see Sealer
	CreatedAt     time.Time
	ActiveAt      time.Time // signs from then on, until the next one does
	CompromisedAt time.Time // zero: it is not
}

// Counter is what is kept of failed logins under one key.
type Counter struct {
	Failed  int       // in a row
	Recent  []byte    // at most 64 bytes of the policy's own
	Until   time.Time // the next attempt is allowed from then on
	Expires time.Time // it need not be kept any longer
}
