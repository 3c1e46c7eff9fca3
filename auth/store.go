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

// Store keeps clients, sessions, keys, counters of guesses and the audit log. All
// its times are the store's own clock, in whole seconds, so that several processes
// agree. Every method is one transaction, durable when it returns nil. A method
// that takes an Event appends it to the audit log in the same transaction, where
// and only where it did what it was asked for. Package authtest checks an
// implementation.
type Store interface {
	Directory
	Sessions
	KeyStore
	CounterStore
	Audit
}

// Directory keeps who may log in.
type Directory interface {
	ClientStore
	InstanceStore
}

// Sessions keeps what became of logins, and tells it.
type Sessions interface {
	SessionStore
	DeliveryStore
	Feed
}

// ClientStore keeps the clients.
type ClientStore interface {
	// Client returns the client of that name, compared byte for byte, or ErrNotFound.
	Client(ctx context.Context, name string) (Client, error)
	// Clients returns all clients, sorted by name.
	Clients(ctx context.Context) ([]Client, error)
	// AddClient creates a client with the instances that c has, which may be unused,
	// and always with that of the empty name, or returns ErrExists.
	AddClient(ctx context.Context, c Client, e Event) error
	// UpdateClient replaces what is kept of the client of c.Name, but for its
	// instances, or returns ErrNotFound. A password hash other than the one before
	// makes the credential unused for all instances. Where endReason is not empty, all
	// live sessions of the client end.
	UpdateClient(ctx context.Context, c Client, endReason string, e Event) error
	// Rehash puts another hash of the same password in place of old, wherever the
	// client of that name has it, and changes nothing else; it does nothing where the
	// client has another password by now.
	Rehash(ctx context.Context, name, old, hash string) error
}

// InstanceStore keeps the instances of the clients.
type InstanceStore interface {
	// AddInstance registers an instance of a client, unused; ErrExists where it is
	// there already, ErrNotFound where there is no such client. It is refused, with
	// false, where the client has most instances already.
	AddInstance(ctx context.Context, client, instance string, most int, e Event) (added bool, err error)
	// RemoveInstance takes an instance away, and its live sessions end; ErrNotFound
	// where there is none. That of the empty name stays: ErrNotFound.
	RemoveInstance(ctx context.Context, client, instance, endReason string, e Event) error
}

// SessionStore keeps the sessions, one row each: a session's newest refresh token
// is a function of its row, so no token is ever stored.
type SessionStore interface {
	// StartSession is a login decided by compare-and-swap. Only where the client of s
	// is enabled and still has the password hash of the login, and, for a login that
	// counts once, its instance is registered and has not used the credential yet,
	// the instance is marked used, its live sessions end and s is inserted as active
	// with generation 1.
	//
	// Where s.Retry.Key is not empty and the client's instance has an active session
	// of generation 1 with that key, which nobody has confirmed and whose refresh
	// token has not expired, that one is returned instead and nothing changes but the
	// audit log: the answer to the first attempt was lost.
	//
	// The session returned is the zero Session where the login was refused.
	StartSession(ctx context.Context, s Session, login LoginCheck, e Event) (Session, error)
	// Session returns the session of that id, or ErrNotFound.
	Session(ctx context.Context, id string) (Session, error)
	// Sessions returns the sessions of a client that are kept, also those that have
	// ended, oldest first.
	Sessions(ctx context.Context, client string) ([]Session, error)
	// Rotate advances the active session next.ID from the generation before
	// next.Generation to that one, with next.Head and next.Retry.Key, and reports
	// whether it did: false means that the session has ended or was rotated by
	// somebody else.
	Rotate(ctx context.Context, next Session, e Event) (rotated bool, err error)
	// EndSession ends a session that is active and whose generation is at least
	// minGeneration, and reports whether it did.
	EndSession(ctx context.Context, id string, minGeneration int64, state State, reason string, e Event) (ended bool, err error)
}

// DeliveryStore keeps what is known of the answers that carried refresh tokens.
type DeliveryStore interface {
	// LiveSession returns the active session of a client's instance, or ErrNotFound.
	LiveSession(ctx context.Context, client, instance string) (Session, error)
	// Confirm notes that tokens of these generations were used, so their answers have
	// arrived. Sessions that are gone are no error.
	Confirm(ctx context.Context, used []Generation) error
	// Undelivered notes that the answer with the tokens of a generation could not be
	// sent. It changes nothing where the session is at another generation by now.
	Undelivered(ctx context.Context, g Generation) error
	// Repeat counts one more answer with the tokens of the newest generation, where
	// the session is active, still at it, and fewer than most were counted; it reports
	// whether it did.
	Repeat(ctx context.Context, g Generation, most int, e Event) (repeated bool, err error)
}

// Feed tells the processes of one store what has ended.
type Feed interface {
	// EndedSince returns the ids of the sessions that ended after the given position
	// of the feed, and the position to ask from next. Position 0 is the beginning. A
	// position that was not given yet returns no ids and the newest position.
	EndedSince(ctx context.Context, position int64) (ids []string, next int64, err error)
	// Wait returns nil when there may be something new in the feed, or ctx's error. A
	// store that cannot know returns only when ctx ends: Wait makes a follower faster
	// and is never relied on.
	Wait(ctx context.Context) error
	// Prune deletes sessions, feed entries and counters that were over before the
	// given time.
	Prune(ctx context.Context, before time.Time) error
}

// KeyStore keeps the signing keys. What becomes of a key follows from its row and
// the clock: see KeyRing.
type KeyStore interface {
	// Keys returns all keys, in the order of their activation, and the store's clock.
	Keys(ctx context.Context) (keys []StoredKey, now time.Time, err error)
	// AddKey adds a key that signs from delay after the store's present on, and
	// reports whether it did. first adds it only where there is none at all: of many
	// processes that start at once, one adds the first key. A key that is there
	// already is ErrExists.
	AddKey(ctx context.Context, k StoredKey, first bool, delay time.Duration, e Event) (added bool, err error)
	// CompromiseKey marks a key as not to be trusted from now on, ends the sessions
	// whose newest refresh token it signed, and returns how many; ErrNotFound where
	// there is no such key, or it was marked before.
	CompromiseKey(ctx context.Context, id string, e Event) (ended int, err error)
}

// CounterStore keeps the counters of failed logins.
type CounterStore interface {
	// Count gives decide the counters of the keys, in that order (zero Counters where
	// none is kept), and the store's clock, and keeps what decide leaves in them.
	// It is one transaction that no other Count of one of the keys overlaps. A
	// counter left zero, or whose Until and Expires are over, need not be kept. keys
	// are at most 64 bytes each and distinct. decide may be called more than once.
	Count(ctx context.Context, keys []string, decide func(now time.Time, counters []Counter)) error
}

// Audit is the log of what happened, to which entries are only ever added.
type Audit interface {
	// Record appends an event by itself, such as a refusal.
	Record(ctx context.Context, e Event) error
	// Entries calls yield for the entries after a position, in order, until yield
	// returns an error, which it then returns.
	Entries(ctx context.Context, after int64, yield func(Entry) error) error
}
