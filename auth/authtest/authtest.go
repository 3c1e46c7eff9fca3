// Package authtest checks that a store of clients and sessions does what
// [auth.Store] promises.
//
// A store's own tests call TestStore with a function that opens it:
//
//	func TestStore(t *testing.T) {
//		authtest.TestStore(t, func(t *testing.T, place string) auth.Store {
//			s, err := sqlite.Open(t.Context(), filepath.Join(place, "mlapi.db"))
//			if err != nil {
//				t.Fatal(err)
//			}
//			return s
//		})
//	}
//
// Each check is a subtest named after the promise it checks, and has a place of
// its own. Run them with the race detector too.
package authtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

// Open opens a store of what is kept at place: a folder that exists, is empty at
// first and belongs to one check; a store elsewhere takes it as a unique name.
// Opened twice, it gives two stores of the same data, as two processes have them.
// The suite closes a store that is an io.Closer.
type Open func(t *testing.T, place string) auth.Store

// TestStore checks every promise of auth.Store on the stores that open gives.
func TestStore(t *testing.T, open Open) {
	checks := []struct {
		name  string
		check func(t *testing.T, h *harness)
	}{
		{"clients are kept as given", clientsAreKept},
		{"names compare byte for byte", namesAreBytes},
		{"a client is added once", addedOnce},
		{"clients are sorted by the bytes of their names", clientsAreSorted},
		{"an update replaces all but the creation", updateReplaces},
		{"a credential used meanwhile stays used", updateKeepsUse},
		{"an update with a reason ends the client's sessions", updateEndsSessions},
		{"what is not there is not found", notFound},
		{"a login needs the right row", loginConditions},
		{"a login starts at generation 1", loginStarts},
		{"a login ends that client's earlier session and no other", loginReplaces},
		{"a login that fails changes nothing", failedLogin},
		{"a once-only credential has one winner", onceHasOneWinner},
		{"a rotation has one winner", rotationHasOneWinner},
		{"a rotation needs the newest generation of a live session", rotationConditions},
		{"a session ends at a least generation, once", endConditions},
		{"rotating and ending agree on an order", rotateAgainstEnd},
		{"the feed tells every end once", feedTellsEnds},
		{"a follower of the feed misses nothing", feedMissesNothing},
		{"the feed's newest position can be asked for", feedNewest},
		{"the clock is the time in whole seconds", clock},
		{"pruning deletes what is over and nothing else", prune},
		{"pruning leaves followers of the feed alone", pruneAndFeed},
		{"another store of the same data sees every change", otherStore},
		{"each instance has a session of its own", instances},
		{"instances are registered and removed", instanceRegister},
		{"a new password makes all instances unused", newPasswordFreesInstances},
		{"a hash of the same password changes nothing else", rehash},
		{"the same login sent twice at once is one", loginSentTwiceAtOnce},
		{"the same login sent again is the one before", loginSentTwice},
		{"a session keeps what is known of its answers", deliveries},
		{"there is one first key", firstKey},
		{"keys are kept, and marked once", keys},
		{"a compromised key ends its sessions", compromise},
		{"counters are changed by one at a time", countersRace},
		{"counters are kept as given", countersKept},
		{"the audit log tells what was done, and only that", auditTells},
		{"the audit log is one chain", auditChain},
		{"what was committed is there after reopening", reopened},
		{"a cancelled call changes nothing", cancelled},
		{"cancelling at any moment leaves a definite state", cancelledAnywhere},
		{"thousands of sessions stay fast", manySessions},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.check(t, &harness{t: t, open: open, place: t.TempDir()})
		})
	}
}

// harness is what one check works with.
type harness struct {
	t     *testing.T
	open  Open
	place string
	total int // entries of the audit log seen
}

// store opens a store of the check's data. It is closed when the check ends.
func (h *harness) store() auth.Store {
	h.t.Helper()
	s := h.open(h.t, h.place)
	h.t.Cleanup(func() { h.close(s) })
	return s
}

// close closes a store that can be closed.
func (h *harness) close(s auth.Store) {
	h.t.Helper()
	if c, ok := s.(io.Closer); ok {
		h.fatal(c.Close())
	}
}

func (h *harness) fatal(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// aHash stands for a PHC string. A store takes it for a text.
const aHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"

// add adds a client with aHash.
func (h *harness) add(s auth.Store, name string) {
	h.t.Helper()
	h.fatal(s.AddClient(h.t.Context(), auth.Client{Name: name, PasswordHash: aHash}, auth.Event{}))
}

// client reads a client that must be there.
func (h *harness) client(s auth.Store, name string) auth.Client {
	h.t.Helper()
	c, err := s.Client(h.t.Context(), name)
	h.fatal(err)
	return c
}

// login starts a session that must start.
func (h *harness) login(s auth.Store, client, id string) {
	h.t.Helper()
	ok, err := start(h.t.Context(), s, session(client, id), aHash, false)
	h.fatal(err)
	if !ok {
		h.t.Fatalf("the login of %q did not start session %q", client, id)
	}
}

// session reads a session that must be there.
func (h *harness) session(s auth.Store, id string) auth.Session {
	h.t.Helper()
	got, err := s.Session(h.t.Context(), id)
	h.fatal(err)
	return got
}

// state checks a session's state and generation.
func (h *harness) state(s auth.Store, id string, state auth.State, generation int64) {
	h.t.Helper()
	got := h.session(s, id)
	if got.State != state || got.Generation != generation {
		h.t.Fatalf("session %q is %s at generation %d, want %s at %d", id, got.State, got.Generation, state, generation)
	}
}

// yes checks the report of a method that decides.
func (h *harness) yes(what string, want bool) func(bool, error) {
	h.t.Helper()
	return func(got bool, err error) {
		h.t.Helper()
		h.fatal(err)
		if got != want {
			h.t.Fatalf("%s: reported %t, want %t", what, got, want)
		}
	}
}

// is checks an error that has a meaning.
func (h *harness) is(what string, err, want error) {
	h.t.Helper()
	if !errors.Is(err, want) {
		h.t.Fatalf("%s: error %v, want %v", what, err, want)
	}
}

// session returns a session to start, with a head that lives for a day.
func session(client, id string) auth.Session {
	return auth.Session{ID: id, Client: client, Head: head(0)}
}

// head returns a head issued so many seconds after a fixed recent moment.
func head(after int64) auth.Head {
	at := time.Now().Truncate(time.Hour).Add(time.Duration(after) * time.Second)
	return auth.Head{IssuedAt: at.UTC(), ExpiresAt: at.Add(24 * time.Hour).UTC(), KeyID: fmt.Sprintf("key-%d", after)}
}

// sameHead reports whether two heads make the same token.
func sameHead(a, b auth.Head) bool {
	return a.IssuedAt.Equal(b.IssuedAt) && a.ExpiresAt.Equal(b.ExpiresAt) && a.KeyID == b.KeyID
}

// presenters is how many race for one decision.
const presenters = 24

// race runs n goroutines that start together and returns how many reported true.
// Errors are the check's failure.
func race(h *harness, n int, try func(ctx context.Context, i int) (bool, error)) (winners int) {
	h.t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			ok, err := try(h.t.Context(), i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				h.t.Errorf("presenter %d: %v", i, err)
			}
			if ok {
				winners++
			}
		})
	}
	close(start)
	wg.Wait()
	return winners
}

// start is a login without an event, and whether it started the session given.
func start(ctx context.Context, s auth.Store, session auth.Session, hash string, once bool) (bool, error) {
	got, err := s.StartSession(ctx, session, auth.LoginCheck{PasswordHash: hash, Once: once}, auth.Event{})
	if err != nil && got.ID != "" {
		err = fmt.Errorf("a session and an error: %w", err)
	}
	return err == nil && got.ID == session.ID, err
}

// rotate advances a session from a generation, without a key and an event.
func rotate(ctx context.Context, s auth.Store, id string, gen int64, head auth.Head) (bool, error) {
	return s.Rotate(ctx, auth.Session{ID: id, Generation: gen + 1, Head: head}, auth.Event{})
}

// end ends a session without an event.
func end(ctx context.Context, s auth.Store, id string, minGeneration int64, state auth.State, reason string) (bool, error) {
	return s.EndSession(ctx, id, minGeneration, state, reason, auth.Event{})
}
