package auth

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store that have a meaning; any other error is a fault.
var (
	ErrNotFound = errors.New("auth: not found")
	ErrExists   = errors.New("auth: exists already")
)

// Store keeps clients and sessions. All its times are the store's own clock, in
// whole seconds, so that several processes agree. Every method is one transaction,
// durable when it returns nil. Package authtest checks an implementation.
type Store interface {
	ClientStore
	SessionStore
	Feed
}

// ClientStore keeps the clients.
type ClientStore interface {
	// Client returns the client of that name, compared byte for byte, or ErrNotFound.
	Client(ctx context.Context, name string) (Client, error)
	// Clients returns all clients, sorted by name.
	Clients(ctx context.Context) ([]Client, error)
	// AddClient creates a client, or returns ErrExists.
	AddClient(ctx context.Context, c Client) error
	// UpdateClient replaces what is kept of the client of c.Name, or returns
	// ErrNotFound. Where endReason is not empty, its live sessions end with it. A
	// credential used since c was read stays used unless the password hash changes.
	UpdateClient(ctx context.Context, c Client, endReason string) error
}

// SessionStore keeps the sessions, one row each: a session's newest refresh token
// is a function of its row, so no token is ever stored.
type SessionStore interface {
	// StartSession is a login decided by compare-and-swap: only where the client of
	// s.Client is enabled, still has passwordHash and, with once set, has not used
	// its credential yet, the credential is marked used, the client's live sessions
	// end and s is inserted as active with generation 1. It reports whether it was.
	StartSession(ctx context.Context, s Session, passwordHash string, once bool) (started bool, err error)
	// Session returns the session of that id, or ErrNotFound.
	Session(ctx context.Context, id string) (Session, error)
	// Rotate advances an active session from generation gen to gen+1 with the new
	// head, and reports whether it did: false means that the session has ended or
	// was rotated by somebody else.
	Rotate(ctx context.Context, id string, gen int64, head Head) (rotated bool, err error)
	// EndSession ends a session that is active and whose generation is at least
	// minGeneration, and reports whether it did.
	EndSession(ctx context.Context, id string, minGeneration int64, state State, reason string) (ended bool, err error)
}

// Feed tells the processes of one store what has ended.
type Feed interface {
	// EndedSince returns the ids of the sessions that ended after the given position
	// of the feed, and the position to ask from next. Position 0 is the beginning. A
	// position that was not given yet returns no ids and the newest position.
	EndedSince(ctx context.Context, position int64) (ids []string, next int64, err error)
	// Prune deletes sessions and feed entries that were over before the given time.
	Prune(ctx context.Context, before time.Time) error
}

// Client is who may log in.
type Client struct {
	Name         string
	PasswordHash string // PHC string; empty: no password is right
	// ConfigHash is the PHC string of the password that the configuration last gave
	// for this client; empty where the store alone rules it.
	ConfigHash string
	Disabled   bool
	UsedAt     time.Time // when the credential was used; zero: unused
	CreatedAt  time.Time // set by the store
	ReadAt     time.Time // the store's clock when this was read
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
	State      State
	Generation int64 // of the newest refresh token; 1 at login
	Head       Head
	Reason     string    // why it ended
	ReadAt     time.Time // the store's clock when this was read
}

// Head is what, with the session's id, client and generation, makes the newest
// refresh token: signatures with PKCS #1 v1.5 are deterministic (RFC 8017 §8.2).
type Head struct {
	IssuedAt  time.Time
	ExpiresAt time.Time
	KeyID     string
}
