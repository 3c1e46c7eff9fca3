package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/store"
	"example.com/mlapi/store/sqlite"
)

// A faulty database is a real one, in a file, whose COMMIT the test can act on.

// connector opens connections to a file by another driver.
type connector struct {
	under  driver.Driver
	name   string
	commit func(under driver.Tx) error
	check  func() error // the dialect's
}

func (c *connector) Driver() driver.Driver { return c.under }

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	under, err := c.under.Open(c.name)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: under, connector: c}, nil
}

type conn struct {
	driver.Conn
	connector *connector
}

func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	under, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, options)
	return &tx{Tx: under, connector: c.connector}, err
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

type tx struct {
	driver.Tx
	connector *connector
}

func (t *tx) Commit() error {
	if t.connector.commit == nil {
		return t.Tx.Commit()
	}
	return t.connector.commit(t.Tx)
}

// faulty returns a store on a file with one client and one session.
func faulty(t *testing.T, explain func(error) error) (*store.Store, *connector) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	made, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	named, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer named.Close()
	c := &connector{under: named.Driver(), name: path}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	check := func() error {
		if c.check == nil {
			return nil
		}
		return c.check()
	}
	s := store.New(db, db, store.Dialect{Clock: "unixepoch()", Explain: explain, Check: check})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.AddClient(t.Context(), auth.Client{Name: "ann", PasswordHash: "hash"}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	if ok, err := start(t.Context(), s, session("one"), "hash", false); err != nil || !ok {
		t.Fatal(ok, err)
	}
	return s, c
}

func head() auth.Head {
	now := time.Now()
	return auth.Head{IssuedAt: now, ExpiresAt: now.Add(time.Hour), KeyID: "k"}
}

func session(id string) auth.Session { return auth.Session{ID: id, Client: "ann", Head: head()} }

// deciders are the methods that report a decision.
var deciders = map[string]func(ctx context.Context, s *store.Store) (bool, error){
	"StartSession": func(ctx context.Context, s *store.Store) (bool, error) {
		return start(ctx, s, session("two"), "hash", false)
	},
	"Rotate": func(ctx context.Context, s *store.Store) (bool, error) { return rotate(ctx, s, "one", 1, head()) },
	"EndSession": func(ctx context.Context, s *store.Store) (bool, error) {
		return end(ctx, s, "one", 1, auth.Blocked, "replay")
	},
}

func generation(t *testing.T, s *store.Store) string {
	t.Helper()
	got, err := s.Session(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(got.State, " ", got.Generation)
}

// TestCommitThatFails: whatever was decided, an error of COMMIT is an error and
// never a yes, whether the database kept the change or not.
func TestCommitThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for name, decide := range deciders {
		for _, kept := range []bool{false, true} {
			s, c := faulty(t, nil)
			c.commit = func(under driver.Tx) error {
				if kept {
					return errors.Join(under.Commit(), broken)
				}
				return errors.Join(under.Rollback(), broken)
			}
			if yes, err := decide(t.Context(), s); yes || !errors.Is(err, broken) {
				t.Errorf("%s, kept %t: reported %t, error %v", name, kept, yes, err)
			}
			if changed := generation(t, s) != "active 1"; changed != kept {
				t.Errorf("%s, kept %t: the session changed: %t", name, kept, changed)
			}
		}
	}
}

// TestCommitIsNotCutOff: a caller that goes away during COMMIT does not leave it
// open whether it happened. A driver that is handed a cancelled context stops.
func TestCommitIsNotCutOff(t *testing.T) {
	t.Parallel()
	for name, decide := range deciders {
		s, c := faulty(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		c.commit = func(under driver.Tx) error {
			cancel()
			time.Sleep(10 * time.Millisecond) // whatever watches the context acts now
			return under.Commit()
		}
		yes, err := decide(ctx, s)
		if err != nil || !yes {
			t.Errorf("%s: reported %t, error %v", name, yes, err)
		}
		c.commit = nil
		if generation(t, s) == "active 1" {
			t.Errorf("%s reported yes, and nothing changed", name)
		}
	}
}

// TestCancelledBeforeCommit: up to its COMMIT a call that is cancelled changes
// nothing, and says so with the context's error.
func TestCancelledBeforeCommit(t *testing.T) {
	t.Parallel()
	for name, decide := range deciders {
		s, c := faulty(t, func(error) error { return errors.New("not the context's error") })
		c.commit = func(under driver.Tx) error { t.Errorf("%s: COMMIT was reached", name); return under.Commit() }
		// The one connection is taken, so that the call waits for it.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		held := hold(t, s, c)
		yes, err := decide(ctx, s)
		cancel()
		held()
		if yes || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: reported %t, error %v", name, yes, err)
		}
		if got := generation(t, s); got != "active 1" {
			t.Errorf("%s: the session is %s", name, got)
		}
	}
}

// TestLostDatabase: a database that is not there any more is what every method
// tells, whatever it read or would have decided.
func TestLostDatabase(t *testing.T) {
	t.Parallel()
	s, c := faulty(t, func(error) error { return errors.New("not the check's error") })
	lost := errors.New("it is gone")
	c.check = func() error { return lost }
	c.commit = func(under driver.Tx) error { t.Error("COMMIT was reached"); return under.Commit() }
	ctx := t.Context()
	empty := func(yes bool, err error) error {
		if yes {
			t.Error("something was returned beside the error")
		}
		return err
	}
	client := func(c auth.Client, err error) error { return empty(c.Name != "", err) }
	session := func(s auth.Session, err error) error { return empty(s != auth.Session{}, err) }
	clients, err := s.Clients(ctx)
	errs := map[string]error{"Clients": empty(clients != nil, err)}
	ids, next, err := s.EndedSince(ctx, 0)
	errs["EndedSince"] = empty(ids != nil || next != 0, err)
	ids, next, err = s.EndedSince(ctx, 7)
	errs["EndedSince, nothing new"] = empty(ids != nil || next != 7, err)
	errs["Client"] = client(s.Client(ctx, "ann"))
	errs["Client, not found"] = client(s.Client(ctx, "none"))
	errs["Session"] = session(s.Session(ctx, "one"))
	errs["Session, not found"] = session(s.Session(ctx, "none"))
	errs["AddClient"] = s.AddClient(ctx, auth.Client{Name: "bob"}, auth.Event{})
	errs["AddClient, exists"] = s.AddClient(ctx, auth.Client{Name: "ann"}, auth.Event{})
	errs["UpdateClient"] = s.UpdateClient(ctx, auth.Client{Name: "ann"}, "reason", auth.Event{})
	errs["Prune"] = s.Prune(ctx, time.Now())
	for name, decide := range deciders {
		errs[name] = empty(decide(ctx, s))
	}
	for name, err := range errs {
		if !errors.Is(err, lost) {
			t.Errorf("%s: error %v, want the check's", name, err)
		}
	}
	c.check, c.commit = nil, nil
	if got := generation(t, s); got != "active 1" {
		t.Errorf("the session is %s: what failed was done", got)
	}
}

// TestLostWhileCommitting: what was committed to a file that is not there any more
// is no decision.
func TestLostWhileCommitting(t *testing.T) {
	t.Parallel()
	lost := errors.New("it is gone")
	for name, decide := range deciders {
		s, c := faulty(t, nil)
		c.commit = func(under driver.Tx) error {
			c.check = func() error { return lost }
			return under.Commit()
		}
		if yes, err := decide(t.Context(), s); yes || !errors.Is(err, lost) {
			t.Errorf("%s: reported %t, error %v", name, yes, err)
		}
	}
}

// TestCloseGivesBack: the dialect's Close comes after the pools are closed, and its
// error is told.
func TestCloseGivesBack(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("it does not close")
	s := store.New(db, db, store.Dialect{Close: func() error {
		if db.PingContext(t.Context()) == nil {
			t.Error("the pool is still open")
		}
		return broken
	}})
	if err := s.Close(); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// hold keeps the store's one connection in a COMMIT until the function it returns
// is called.
func hold(t *testing.T, s *store.Store, c *connector) (release func()) {
	t.Helper()
	outer := c.commit
	reached, leave, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	c.commit = func(under driver.Tx) error {
		close(reached)
		<-leave
		return under.Commit()
	}
	go func() { done <- s.Prune(context.WithoutCancel(t.Context()), time.Unix(1, 0)) }()
	<-reached
	c.commit = outer
	return func() {
		close(leave)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestErrorsAreExplained(t *testing.T) {
	t.Parallel()
	cause := errors.New("driver: 42")
	s, c := faulty(t, func(err error) error {
		return &store.Fault{Problem: "the database is upset", Advice: "calm it down", Cause: err}
	})
	c.commit = func(under driver.Tx) error { return errors.Join(under.Rollback(), cause) }
	err := s.AddClient(t.Context(), auth.Client{Name: "bob"}, auth.Event{})
	var f *store.Fault
	if !errors.As(err, &f) || !errors.Is(err, cause) || f.Hint() != "calm it down" ||
		!strings.HasPrefix(err.Error(), "the database is upset: ") {
		t.Errorf("error %v", err)
	}
	c.commit = nil
	// What has a meaning is not explained away.
	if err := s.AddClient(t.Context(), auth.Client{Name: "ann"}, auth.Event{}); !errors.Is(err, auth.ErrExists) || errors.As(err, &f) {
		t.Errorf("error %v, want ErrExists", err)
	}
	if _, err := s.Session(t.Context(), "none"); !errors.Is(err, auth.ErrNotFound) || errors.As(err, &f) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
}

func TestClosedStore(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "mlapi.db"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Clients(t.Context()); err == nil {
		t.Error("a closed store answers")
	}
	if err := s.AddClient(t.Context(), auth.Client{Name: "ann"}, auth.Event{}); err == nil {
		t.Error("a closed store takes a client")
	}
}

func TestFaultWithoutCause(t *testing.T) {
	t.Parallel()
	f := &store.Fault{Problem: "p", Advice: "a"}
	if f.Error() != "p" || f.Hint() != "a" || f.Unwrap() != nil {
		t.Errorf("%q, %q, %v", f.Error(), f.Hint(), f.Unwrap())
	}
}

// start is a login without an event, and whether it started the session given.
func start(ctx context.Context, s auth.Store, session auth.Session, hash string, once bool) (bool, error) {
	got, err := s.StartSession(ctx, session, auth.LoginCheck{PasswordHash: hash, Once: once}, auth.Event{})
	return err == nil && got.ID == session.ID, err
}

// rotate advances a session from a generation.
func rotate(ctx context.Context, s auth.Store, id string, gen int64, head auth.Head) (bool, error) {
	return s.Rotate(ctx, auth.Session{ID: id, Generation: gen + 1, Head: head}, auth.Event{})
}

// end ends a session without an event.
func end(ctx context.Context, s auth.Store, id string, minGeneration int64, state auth.State, reason string) (bool, error) {
	return s.EndSession(ctx, id, minGeneration, state, reason, auth.Event{})
}
