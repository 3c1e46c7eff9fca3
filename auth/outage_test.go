//go:build !windows

package auth_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
	"example.com/mlapi/store/sqlite"
)

// outage is a service whose database can be taken away, really: it reaches the
// folder by a link. The fixture's own service goes on, as another process does that
// still has the database.
type outage struct {
	*fixture
	service *auth.Service
	link    string
	folder  string
	removed time.Time
}

const outagePatience = time.Second

func startOutage(t *testing.T, what auth.Outage) *outage {
	t.Helper()
	f := start(t)
	o := &outage{fixture: f, folder: filepath.Dir(f.path), link: filepath.Join(t.TempDir(), "link")}
	o.back()
	store, err := sqlite.Open(t.Context(), filepath.Join(o.link, filepath.Base(f.path)))
	f.must(err)
	t.Cleanup(func() { store.Close() })
	o.service = f.another(func(cfg *auth.Config) {
		cfg.Store, cfg.Patience, cfg.Outage = store, outagePatience, what
	})
	return o
}

func (o *outage) away() {
	o.t.Helper()
	o.must(os.Remove(o.link))
	o.removed = time.Now()
}

func (o *outage) back() {
	o.t.Helper()
	o.must(os.Symlink(o.folder, o.link))
}

// session logs another client in and returns two access tokens and the newest refresh token.
func (o *outage) session(client string) (accesses [2]string, refresh string) {
	o.t.Helper()
	secret, err := auth.AddClient(o.t.Context(), o.store, client)
	o.must(err)
	tokens, err := o.Reset(o.t.Context(), by(client, secret, home))
	o.must(err)
	for i := range accesses {
		accesses[i], tokens.Refresh = o.refresh(tokens.Refresh)
	}
	o.log.secret(secret)
	return accesses, tokens.Refresh
}

// code returns how the service answers an access token: "" is yes.
func (o *outage) code(access string) string {
	o.t.Helper()
	caller, err := o.service.Authorise(o.t.Context(), access)
	switch {
	case err != nil && caller != (mlapi.Caller{}):
		o.t.Errorf("a caller beside an error: %v, %v", caller, err)
	case err != nil:
		return mlapi.AsError(err).Code
	case caller.Name != payload(o.t, access)["sub"] || caller.Session != payload(o.t, access)["sid"]:
		o.t.Errorf("the caller is %v", caller)
	}
	return ""
}

func (o *outage) wantCode(what, access, want string) {
	o.t.Helper()
	if got := o.code(access); got != want {
		o.t.Errorf("%s: answered %q, want %q", what, got, want)
	}
}

// wantNoTokens asks for everything that needs the store: nothing is given, and the
// caller is told to try again.
func (o *outage) wantNoTokens(refresh string) {
	o.t.Helper()
	ctx := o.t.Context()
	for what, call := range map[string]func() (mlapi.Tokens, error){
		"login":                 func() (mlapi.Tokens, error) { return o.service.Reset(ctx, by(name, password, home)) },
		"login, unknown name":   func() (mlapi.Tokens, error) { return o.service.Reset(ctx, by("nobody", password, home)) },
		"refresh":               func() (mlapi.Tokens, error) { return o.service.Refresh(ctx, refresh, fromHome) },
		"refresh with a key":    func() (mlapi.Tokens, error) { return o.service.Refresh(ctx, refresh, keyed(retryKey)) },
		"logout":                func() (mlapi.Tokens, error) { return mlapi.Tokens{}, logout(ctx, o.service, refresh) },
		"refresh, a forged one": func() (mlapi.Tokens, error) { return o.service.Refresh(ctx, refresh+"x", fromHome) },
	} {
		tokens, err := call()
		e := mlapi.AsError(err)
		if tokens != (mlapi.Tokens{}) || err == nil {
			o.t.Errorf("%s: %v, %v", what, tokens, err)
			continue
		}
		if what == "refresh, a forged one" { // needs no store to be wrong
			wantInvalidToken(o.t.(*testing.T), err)
		} else if e.Kind != mlapi.Unavailable || e.RetryAfter < time.Second {
			o.t.Errorf("%s: %v, to be tried again after %v", what, err, e.RetryAfter)
		}
	}
}

// told waits until the log holds the words, which come with the next reading.
func (o *outage) told(words ...string) {
	o.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(o.log.String(), words[len(words)-1]) {
			break
		}
	}
	o.log.want(o.t.(*testing.T), words...)
}

// untilCode waits until an access token is answered so, and returns how long that took.
func (o *outage) untilCode(access, want string, limit time.Duration) time.Duration {
	o.t.Helper()
	begin := time.Now()
	for o.code(access) != want {
		if time.Since(begin) > limit {
			o.t.Fatalf("still answered %q after %v, want %q", o.code(access), limit, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(begin)
}

// TestOutageRefuses: fail closed. Once the store has been away for the patience no
// access token is accepted; when it is back, those of sessions that live are.
func TestOutageRefuses(t *testing.T) {
	t.Parallel()
	o := startOutage(t, auth.OutageRefuses)
	lives, refresh := o.session("lives")
	ends, _ := o.session("ends")
	o.wantCode("before", lives[0], "")
	o.wantCode("before", ends[0], "")

	o.away()
	o.wantCode("seen before, at once", lives[0], "")
	o.wantCode("not seen before, at once", lives[1], "unavailable")
	o.wantNoTokens(refresh)
	o.untilCode(lives[0], "unavailable", 10*time.Second)
	// The last reading was at most a tick before the store went.
	if took := time.Since(o.removed); took < outagePatience-500*time.Millisecond || took > outagePatience+2*time.Second {
		t.Errorf("fails closed after %v, want about %v", took, outagePatience)
	}
	for _, access := range append(lives[:], ends[0], seal(`{}`, `{}`)) {
		o.wantCode("while the store is away", access, "unavailable")
	}
	o.wantNoTokens(refresh)
	o.told("level=ERROR", "the feed of ended sessions cannot be read: access tokens are refused")

	o.must(logout(t.Context(), o.Service, ends[0])) // by another process
	o.back()
	if took := o.untilCode(lives[0], "", 5*time.Second); took > time.Second {
		t.Errorf("refused for %v after the store was back", took)
	}
	o.wantCode("ended meanwhile", ends[0], "invalid_token")
	o.wantCode("ended meanwhile, not seen before", ends[1], "invalid_token")
	o.wantCode("not seen before", lives[1], "")
	o.onward(o.service, refresh) // all those 503 used nothing up
	o.told("level=INFO", "can be read again")
}

// TestOutageServes: go on. A token that is valid in itself is accepted while the store
// is away, but for those of sessions that are known to have ended; within a second
// after it is back, what ended meanwhile is refused.
func TestOutageServes(t *testing.T) {
	t.Parallel()
	o := startOutage(t, auth.OutageServes)
	lives, refresh := o.session("lives")
	ends, _ := o.session("ends")
	endedHere, _ := o.session("ended-here")
	endedThere, _ := o.session("ended-there")
	for _, access := range []string{lives[0], ends[0], endedHere[0]} {
		o.wantCode("before", access, "")
	}
	o.must(logout(t.Context(), o.service, endedHere[0]))
	o.must(logout(t.Context(), o.Service, endedThere[0])) // never seen by this process
	time.Sleep(time.Second)                               // within which every process knows

	o.away()
	o.wantCode("seen before, at once", lives[0], "")
	o.wantCode("not seen before, at once", lives[1], "unavailable")
	o.untilCode(lives[1], "", 10*time.Second)
	if took := time.Since(o.removed); took < outagePatience-500*time.Millisecond || took > outagePatience+2*time.Second {
		t.Errorf("goes on after %v, want about %v", took, outagePatience)
	}
	for _, access := range append(lives[:], ends[:]...) {
		o.wantCode("while the store is away", access, "")
	}
	for _, access := range append(endedHere[:], endedThere[:]...) {
		if code := o.code(access); code == "" {
			t.Error("a session that is known to have ended is served")
		}
	}
	for _, bad := range []string{refresh, lives[0] + "x", seal(toJSON(header(t, lives[0])), toJSON(with(integers(payload(t, lives[0])), "exp", time.Now().Unix())))} {
		o.wantCode("not valid in itself", bad, "invalid_token")
	}
	o.wantNoTokens(refresh)
	o.told("level=ERROR", "the feed of ended sessions cannot be read: until it can, access tokens are accepted")

	o.must(logout(t.Context(), o.Service, ends[0]))
	o.wantCode("ended where nobody can see it", ends[0], "")
	o.back()
	for _, access := range ends {
		if took := o.untilCode(access, "invalid_token", 5*time.Second); took > time.Second {
			t.Errorf("served for %v after the store was back", took)
		}
	}
	for _, access := range lives {
		o.wantCode("afterwards", access, "")
	}
	o.onward(o.service, refresh)
	o.told("level=INFO", "can be read again")
}

// TestShortOutage: a store that is away for less than the patience is not noticed by
// who uses a token that was seen before.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	for _, what := range []auth.Outage{auth.OutageRefuses, auth.OutageServes} {
		o := startOutage(t, what)
		access, _ := o.session("lives")
		o.wantCode("before", access[0], "")
		var users sync.WaitGroup
		done := make(chan struct{})
		users.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(5 * time.Millisecond):
					o.wantCode("during", access[0], "")
				}
			}
		})
		for range 3 {
			o.away()
			time.Sleep(outagePatience / 4)
			o.back()
			time.Sleep(outagePatience / 2)
		}
		close(done)
		users.Wait()
	}
}

// TestClosedStore: a store that is closed, as at the end of a process, is like one
// that is away.
func TestClosedStore(t *testing.T) {
	t.Parallel()
	f := start(t)
	store, err := sqlite.Open(t.Context(), f.path)
	f.must(err)
	o := &outage{fixture: f, service: f.another(func(cfg *auth.Config) { cfg.Store, cfg.Patience = store, outagePatience })}
	access, refresh := o.session("lives")
	o.wantCode("before", access[0], "")
	f.must(store.Close())
	o.wantNoTokens(refresh)
	o.untilCode(access[0], "unavailable", 10*time.Second)
	f.refresh(refresh)
}

// silent is a real store that can fall silent: reading neither works nor fails.
type silent struct {
	auth.Store
	quiet atomic.Bool
}

func (s *silent) wait(ctx context.Context) error {
	if s.quiet.Load() {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (s *silent) Session(ctx context.Context, id string) (auth.Session, error) {
	if err := s.wait(ctx); err != nil {
		return auth.Session{}, err
	}
	return s.Store.Session(ctx, id)
}

func (s *silent) EndedSince(ctx context.Context, position int64) ([]string, int64, error) {
	if err := s.wait(ctx); err != nil {
		return nil, position, err
	}
	return s.Store.EndedSince(ctx, position)
}

// TestSilentStore: where the store does not even fail, a token waits for the patience at
// most, and where it is accepted anyway for hardly anything.
func TestSilentStore(t *testing.T) {
	t.Parallel()
	for what, want := range map[auth.Outage]string{auth.OutageRefuses: "unavailable", auth.OutageServes: ""} {
		f := start(t)
		store := &silent{Store: f.store}
		o := &outage{fixture: f, service: f.another(func(cfg *auth.Config) {
			cfg.Store, cfg.Patience, cfg.Outage = store, outagePatience, what
		})}
		access, _ := o.session("lives")
		store.quiet.Store(true)
		for _, limit := range []time.Duration{outagePatience, 0, 0} {
			begin := time.Now()
			o.wantCode("while the store is silent", access[0], want)
			if took := time.Since(begin); took > limit+outagePatience/2 {
				t.Errorf("outage %d: answered after %v", what, took)
			}
		}
		store.quiet.Store(false)
		eventually(t, "the service trusts the store again", func() bool { return o.code(access[0]) == "" })
	}
}
