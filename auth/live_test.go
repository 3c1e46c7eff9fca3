package auth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// What one process ends, the others refuse within a second, although they have
// verified the token before.
func TestEndsReachOtherProcesses(t *testing.T) {
	f := start(t)
	store := f.open()
	other := f.another(func(cfg *auth.Config) { cfg.Store = store })
	for name, end := range map[string]func(first, second string) error{
		"revocation": func(_, second string) error { return logout(t.Context(), f.Service, second) },
		"replay": func(first, _ string) error {
			_, err := f.Refresh(t.Context(), first, fromHome)
			wantInvalidToken(t, err)
			return nil
		},
		"later login": func(_, _ string) error { f.login(); return nil },
		"operator": func(_, _ string) error {
			c, err := f.store.Client(t.Context(), name)
			return errors.Join(err, f.store.UpdateClient(t.Context(), c, "test", auth.Event{}))
		},
	} {
		first := f.login()
		access, second := f.refresh(first)
		for _, s := range []*auth.Service{f.Service, other} {
			if _, err := s.Authorise(t.Context(), access); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := end(first, second); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name != "operator" { // the process that ended it refuses at once
			_, err := f.Authorise(t.Context(), access)
			wantInvalidToken(t, err)
		}
		refusedWithin(t, time.Second, other, access)
		refusedWithin(t, time.Second, f.Service, access)
	}
}

// An end that comes between the reading of a session's row and the remembering of
// its token is not missed.
func TestEndWhileTheRowIsRead(t *testing.T) {
	f := start(t)
	store := &faulty{Store: f.store}
	cfg := f.cfg
	cfg.Store = store
	s, err := auth.New(cfg) // does not run: the test follows the feed
	if err != nil {
		t.Fatal(err)
	}
	access, _ := f.refresh(f.login())
	store.afterSession = func(auth.Session) {
		store.afterSession = nil
		if err := logout(t.Context(), f.Service, access); err != nil {
			t.Error(err)
		}
		s.Follow(t.Context())
	}
	for range 2 {
		_, err := s.Authorise(t.Context(), access)
		wantInvalidToken(t, err)
	}
}

// While the feed of ended sessions cannot be read, nothing is authorised; once it
// can, what was remembered is looked up anew.
func TestAuthoriseFailsClosed(t *testing.T) {
	f := start(t)
	access, _ := f.refresh(f.login())
	now := time.Now()
	store := &faulty{Store: f.store}
	cfg := f.cfg
	cfg.Store = store
	s, err := auth.NewAt(cfg, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	authorised := func() {
		t.Helper()
		if _, err := s.Authorise(t.Context(), access); err != nil {
			t.Errorf("%v", err)
		}
	}
	refused := func() {
		t.Helper()
		_, err := s.Authorise(t.Context(), access)
		wantKind(t, err, mlapi.Unavailable, "unavailable")
	}
	authorised()
	now = now.Add(5 * time.Second)
	authorised() // a reading may be late
	store.feed = errors.New("feed torn")
	s.Follow(t.Context())
	now = now.Add(time.Second)
	refused()
	for range 3 {
		s.Follow(t.Context())
		now = now.Add(time.Second)
	}
	refused()
	f.log.want(t, "level=ERROR", "feed of ended sessions cannot be read", "feed torn")

	// The session ends unseen, and the feed is pruned before it can be read again,
	// but for its newest entry, which is another's.
	if err := logout(t.Context(), f.Service, access); err != nil {
		t.Fatal(err)
	}
	if err := logout(t.Context(), f.Service, f.login()); err != nil {
		t.Fatal(err)
	}
	if err := f.store.Prune(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	store.feed = nil
	s.Follow(t.Context())
	_, err = s.Authorise(t.Context(), access)
	wantInvalidToken(t, err)
	f.log.want(t, "level=INFO", "can be read again")
}

// A service that nobody runs refuses after a while.
func TestAuthoriseNeedsRun(t *testing.T) {
	f := start(t)
	access, _ := f.refresh(f.login())
	now := time.Now()
	s, err := auth.NewAt(f.cfg, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(5*time.Second + time.Nanosecond)
	_, err = s.Authorise(t.Context(), access)
	wantKind(t, err, mlapi.Unavailable, "unavailable")
}

// A refresh and a logout at once: whichever wins, the session is over afterwards
// and no token of it works.
func TestRefreshAgainstRevoke(t *testing.T) {
	f := start(t)
	for range 20 {
		access, second := f.refresh(f.login())
		var third string
		errs := inParallel(2, func(i int) (err error) {
			if i == 0 {
				return logout(t.Context(), f.Service, access)
			}
			tokens, err := f.Refresh(t.Context(), second, fromHome)
			third = tokens.Refresh
			return err
		})
		if errs[0] != nil {
			t.Errorf("the logout: %v", errs[0])
		}
		if errs[1] != nil {
			wantInvalidToken(t, errs[1])
		} else if _, err := f.Refresh(t.Context(), third, fromHome); err == nil {
			t.Error("a session goes on after its logout")
		}
		_, err := f.Authorise(t.Context(), access)
		wantInvalidToken(t, err)
	}
}

// Logins, refreshes and requests of many clients at once end in no error that is
// not theirs.
func TestManyClientsAtOnce(t *testing.T) {
	f := start(t)
	var credentials []auth.Credential
	for i := range 12 {
		credentials = append(credentials, auth.Credential{Name: fmt.Sprint("client-", i), Password: fmt.Sprint("pass-word-", i)})
	}
	f.configure(credentials...)
	errs := inParallel(len(credentials), func(i int) error {
		tokens, err := f.Reset(t.Context(), by(credentials[i].Name, credentials[i].Password, home))
		for round := 0; round < 5 && err == nil; round++ {
			if tokens, err = f.Refresh(t.Context(), tokens.Refresh, fromHome); err != nil {
				break
			}
			var users sync.WaitGroup
			for range 4 {
				users.Go(func() {
					caller, err := f.Authorise(t.Context(), tokens.Access)
					if err != nil || caller.Name != credentials[i].Name {
						t.Errorf("Authorise: %+v, %v", caller, err)
					}
				})
			}
			users.Wait()
		}
		return err
	})
	wantCounts(t, kinds(errs), map[string]int{"": len(credentials)})
}

func BenchmarkAuthorise(b *testing.B) {
	f := start(b)
	access, _ := f.refresh(f.login())
	b.Run("seen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Authorise(b.Context(), access); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("refused", func(b *testing.B) {
		forged := seal(toJSON(header(b, access)), toJSON(with(integers(payload(b, access)), "iss", "other")))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Authorise(b.Context(), forged); err == nil {
				b.Fatal("authorised")
			}
		}
	})
}

// A token seen before is authorised without garbage.
func TestAuthoriseAllocatesNothing(t *testing.T) {
	f := start(t)
	access, _ := f.refresh(f.login())
	allocs := testing.AllocsPerRun(200, func() {
		if _, err := f.Authorise(t.Context(), access); err != nil {
			t.Fatal(err)
		}
	})
	if allocs >= 1 {
		t.Errorf("%v allocations", allocs)
	}
}

// movingClock is a clock that the test sets while a service runs.
type movingClock struct{ at atomic.Pointer[time.Time] }

func (c *movingClock) set(at time.Time) { c.at.Store(&at) }
func (c *movingClock) now() time.Time   { return *c.at.Load() }

// Run forgets tokens that are over, removes old sessions and gives memory back.
func TestRunTidiesUp(t *testing.T) {
	f := start(t)
	revoked := f.login()
	if err := logout(t.Context(), f.Service, revoked); err != nil {
		t.Fatal(err)
	}
	sid := f.row(revoked).ID
	access, _ := f.refresh(f.login())
	exp := time.Unix(int64(payload(t, access)["exp"].(float64)), 0)
	var clock movingClock
	clock.set(exp.Add(-2 * time.Second))
	s, err := auth.NewAt(f.cfg, clock.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authorise(t.Context(), access); err != nil || s.Remembered() != 1 {
		t.Fatalf("%d tokens remembered, %v", s.Remembered(), err)
	}
	clock.set(exp)
	s.HashedLongAgo()
	run(t, s)
	eventually(t, "the token is forgotten and memory given back", func() bool { return s.Remembered() == 0 && s.Settled() })
	if _, err := f.store.Session(t.Context(), sid); err != nil {
		t.Errorf("a session that ended an hour ago: %v", err)
	}
	clock.set(exp.Add(8 * 24 * time.Hour))
	eventually(t, "the old session is removed", func() bool {
		_, err := f.store.Session(t.Context(), sid)
		return errors.Is(err, auth.ErrNotFound)
	})
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so after 10 s: %s", what)
		}
	}
}

// rewound is a real store whose feed can be made to go back, as after a restore.
type rewound struct {
	auth.Store
	back bool
}

func (s *rewound) EndedSince(ctx context.Context, position int64) ([]string, int64, error) {
	if s.back {
		return nil, 0, nil
	}
	return s.Store.EndedSince(ctx, position)
}

// A feed that went back is followed from there, and what was remembered is looked
// up anew.
func TestFeedThatWentBack(t *testing.T) {
	f := start(t)
	store := &rewound{Store: f.store}
	cfg := f.cfg
	cfg.Store = store
	s, err := auth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f.login()
	access, _ := f.refresh(f.login())
	s.Follow(t.Context())
	if _, err := s.Authorise(t.Context(), access); err != nil || s.Remembered() != 1 {
		t.Fatalf("%d tokens remembered, %v", s.Remembered(), err)
	}
	store.back = true
	s.Follow(t.Context())
	if s.Remembered() != 0 {
		t.Error("tokens from before are still trusted")
	}
	store.back = false
	if _, err := s.Authorise(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	if err := logout(t.Context(), f.Service, access); err != nil {
		t.Fatal(err)
	}
	s.Follow(t.Context())
	_, err = s.Authorise(t.Context(), access)
	wantInvalidToken(t, err)
}

// Of two logouts at once one is told that the session has ended already.
func TestRevokeAgainstRevoke(t *testing.T) {
	f := start(t)
	store := &faulty{Store: f.store}
	s := f.another(func(cfg *auth.Config) { cfg.Store = store })
	access, _ := f.refresh(f.login())
	store.afterSession = func(auth.Session) {
		store.afterSession = nil
		if err := logout(t.Context(), f.Service, access); err != nil {
			t.Error(err)
		}
	}
	wantInvalidToken(t, logout(t.Context(), s, access))
}

// drip is a real store whose feed gives one ended session at a time.
type drip struct{ auth.Store }

func (s drip) EndedSince(ctx context.Context, position int64) ([]string, int64, error) {
	ids, next, err := s.Store.EndedSince(ctx, position)
	for step := position + 1; err == nil && len(ids) > 1; step++ {
		// The store may have gaps; go back until one session is left.
		later, _, laterErr := s.Store.EndedSince(ctx, step)
		if len(later) < len(ids) {
			return ids[:1], step, laterErr
		}
	}
	return ids, next, err
}

// One reading of the feed goes to its end, however little the store gives at once.
func TestFeedIsReadToItsEnd(t *testing.T) {
	f := start(t)
	cfg := f.cfg
	cfg.Store = drip{f.store}
	s, err := auth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var accesses []string
	for range 4 {
		access, _ := f.refresh(f.login())
		if _, err := s.Authorise(t.Context(), access); err != nil {
			t.Fatal(err)
		}
		accesses = append(accesses, access)
	}
	s.Follow(t.Context())
	for i, access := range accesses {
		if _, err := s.Authorise(t.Context(), access); (err == nil) != (i == 3) {
			t.Errorf("session %d of 4, of which the last lives: %v", i, err)
		}
	}
}
