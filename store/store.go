package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/mlapi/auth"
)

var _ auth.Store = (*Store)(nil)

// Store keeps clients, sessions, keys and the audit log in an SQL database. It is safe for concurrent
// use, and several processes may use one database at once. New makes one; the
// zero value is not usable.
type Store struct {
	write, read *sql.DB
	dialect     Dialect
}

// Dialect is what one database does differently from another. The queries
// themselves are common to SQLite (3.35 and later) and PostgreSQL: numbered
// parameters ($1), ON CONFLICT, RETURNING.
type Dialect struct {
	// Clock is an SQL expression for the database's clock in whole seconds since
	// 1970, at the moment, not at the transaction's start: "unixepoch()".
	Clock string
	// Lock is a statement that makes transactions wait for each other's ends, by the
	// number $1 of what they lock; "" where a transaction that writes has the database
	// for itself from its beginning.
	Lock string
	// ForUpdate is what locks the rows that a SELECT in a transaction reads, or "".
	ForUpdate string
	// Again reports whether a transaction failed for no reason but others beside it, so
	// that it changed nothing and can be tried again. Nil: never.
	Again func(error) bool
	// Wait returns nil when the feed may have something new, or ctx's error. Nil: it
	// waits for ctx.
	Wait func(ctx context.Context) error
	// Explain makes of a driver's error one for people, usually a *Fault, that
	// wraps it. It is asked for every error but the context's. Nil: as it is.
	Explain func(error) error
	// Check tells, cheaply, whether the database that is open is still the one that
	// the next start will find; an error, usually a *Fault, says that it is not.
	// It is asked before every COMMIT and at the end of every operation, whose
	// outcome counts only then. Nil: a database that cannot get lost, as on a server.
	Check func() error
	// Limit is how long an operation may take, waiting for a connection included. A
	// database on a network may never answer, and then no connection need break. 0:
	// there is none.
	Limit time.Duration
	// Close gives back what Check needs, once the pools are closed. Nil: nothing.
	Close func() error
}

// New returns a store on a database whose tables are there already. Reading and
// writing have pools of their own, so that a database with one writer at a time
// can queue its writers in write, with one connection; both may be the same.
// The store owns the pools from here on.
func New(write, read *sql.DB, dialect Dialect) *Store {
	return &Store{write: write, read: read, dialect: dialect}
}

// Close waits for the queries under way and closes the database.
func (s *Store) Close() error {
	err := errors.Join(s.read.Close(), s.write.Close())
	if s.dialect.Close != nil {
		err = errors.Join(err, s.dialect.Close())
	}
	return s.explain(err)
}

// Fault is a database that cannot do its work, told to a person: what is wrong
// with which database, and what to do. Its text may go to a log or a terminal,
// not to a caller of the API.
type Fault struct {
	Problem string // "the database data/mlapi.db is damaged"
	Advice  string // one sentence: what to do
	Cause   error
}

// Error returns the problem and its cause.
func (f *Fault) Error() string {
	if f.Cause == nil {
		return f.Problem
	}
	return f.Problem + ": " + f.Cause.Error()
}

// Hint returns the advice.
func (f *Fault) Hint() string { return f.Advice }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// What is locked.
const (
	feedLock  = 1 // positions of the feed become visible in their order
	auditLock = 2 // so do those of the audit log, whose chain goes through them
	keysLock  = 3 // there is one first key
)

// attempts is how often a transaction is tried that others got in the way of.
const attempts = 5

// work is a transaction, and what it has to tell the audit log before it ends.
type work struct {
	*Store
	*sql.Tx
	events []auth.Event
}

// tell appends an event to the audit log at the end of the transaction. One without
// an action is for what it causes alone.
func (w *work) tell(e auth.Event) {
	if e.Action != "" {
		w.events = append(w.events, e)
	}
}

// lock makes transactions that lock the same wait for each other.
func (w *work) lock(ctx context.Context, what int) error {
	if w.dialect.Lock == "" {
		return nil
	}
	_, err := w.ExecContext(ctx, w.dialect.Lock, what)
	return err
}

// transact runs fn in one transaction, with the entries of the audit log that it
// tells of. The caller's context can end it until the COMMIT begins and not after:
// database/sql hands the context of BeginTx on to the driver's COMMIT, and of a COMMIT
// that is cut off nobody knows whether it was done. Only the dialect's limit does
// that, where the database does not answer. fn may be called again.
func (s *Store) transact(ctx context.Context, fn func(ctx context.Context, w *work) error) (err error) {
	for range attempts {
		again := false
		if again, err = s.try(ctx, fn); !again {
			return err
		}
	}
	return err
}

// try is one attempt of transact.
func (s *Store) try(ctx context.Context, fn func(ctx context.Context, w *work) error) (again bool, err error) {
	inner, cancel := s.limited(context.WithoutCancel(ctx))
	defer cancel()
	detach := context.AfterFunc(ctx, cancel)
	defer detach()

	tx, err := s.write.BeginTx(inner, nil)
	if err != nil {
		return false, s.outcome(ctx, err)
	}
	w := &work{Store: s, Tx: tx}
	err = fn(inner, w)
	if err == nil {
		err = w.record(inner)
	}
	if err != nil {
		_ = tx.Rollback() // the first error is the one to tell
		again = s.dialect.Again != nil && s.dialect.Again(err) && ctx.Err() == nil
		return again, s.outcome(ctx, err)
	}
	if !detach() {
		_ = tx.Rollback()
		return false, s.outcome(ctx, context.Cause(ctx))
	}
	if err := s.check(); err != nil {
		_ = tx.Rollback()
		return false, err
	}
	return false, s.settled(tx.Commit())
}

// limited returns a context for one operation.
func (s *Store) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.dialect.Limit == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, s.dialect.Limit)
}

// outcome returns what to say of reading, or of a transaction that was rolled
// back, that ended with err, which may be nil: the context's error, where nobody
// waits any more, else what settled says.
func (s *Store) outcome(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("store: %w", ctx.Err())
	}
	return s.settled(err)
}

// settled returns what to say of an operation that ended with err. It counts only
// where the database is still there afterwards: what was read from or committed
// to a file without a name is no more true than what an error left.
func (s *Store) settled(err error) error {
	if lost := s.check(); lost != nil {
		return lost
	}
	return s.explain(err)
}

func (s *Store) check() error {
	if s.dialect.Check == nil {
		return nil
	}
	return s.dialect.Check()
}

func (s *Store) explain(err error) error {
	switch {
	case err == nil, errors.Is(err, auth.ErrNotFound), errors.Is(err, auth.ErrExists):
		return err
	case s.dialect.Explain == nil:
		return fmt.Errorf("store: %w", err)
	}
	return s.dialect.Explain(err)
}

// sql returns the query with the database's clock in it.
func (s *Store) sql(query string) string {
	return strings.ReplaceAll(query, "{clock}", s.dialect.Clock)
}

// changed reports whether a statement changed a row.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// scanner is a *sql.Row or a *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// seconds is a time as it is kept: whole seconds since 1970, NULL for the zero Time.
type seconds time.Time

// Scan reads what a driver gives for it.
func (s *seconds) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*s = seconds{}
	case int64:
		*s = seconds(time.Unix(v, 0).UTC())
	default:
		return fmt.Errorf("a time is kept as %T", from)
	}
	return nil
}

// Value returns what a driver keeps.
func (s seconds) Value() (driver.Value, error) {
	if t := time.Time(s); !t.IsZero() {
		return t.Unix(), nil
	}
	return nil, nil
}
