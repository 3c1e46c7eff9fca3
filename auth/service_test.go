package auth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

func TestStory(t *testing.T) {
	f := start(t)
	first := f.login()
	access, second := f.refresh(first)
	caller, err := f.Authorise(t.Context(), access)
	if err != nil || caller.Name != name || caller.Session != payload(t, access)["sid"] {
		t.Fatalf("Authorise = %+v, %v", caller, err)
	}
	newer, third := f.refresh(second)
	for _, token := range []string{access, newer} { // tokens given earlier stay valid
		if _, err := f.Authorise(t.Context(), token); err != nil {
			t.Errorf("Authorise after a refresh: %v", err)
		}
	}
	if err := logout(t.Context(), f.Service, newer); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{access, newer} {
		_, err := f.Authorise(t.Context(), token)
		wantInvalidToken(t, err)
	}
	_, err = f.Refresh(t.Context(), third, fromHome)
	wantInvalidToken(t, err)
	wantInvalidToken(t, logout(t.Context(), f.Service, third))
	f.log.want(t, "login", "client="+name, "session="+caller.Session, "address=192.0.2.1")
	f.log.want(t, "session refreshed", "client="+name)
	f.log.want(t, "session revoked", "session="+caller.Session)
}

func TestClaims(t *testing.T) {
	f := start(t)
	before := time.Now().Unix()
	first := f.login()
	access, second := f.refresh(first)
	after := time.Now().Unix()
	for _, c := range []struct {
		token, typ, aud string
		ttl             time.Duration
		gen             float64
		members         string
	}{
		{first, "rt+jwt", "refresh", refreshTTL, 1, "iss aud sub iat exp sid jti gen"},
		{second, "rt+jwt", "refresh", refreshTTL, 2, "iss aud sub iat exp sid jti gen"},
		{access, "at+jwt", "access", accessTTL, 2, "iss aud sub iat exp sid jti gen client_id"},
	} {
		h, p := header(t, c.token), payload(t, c.token)
		if len(h) != 3 || h["alg"] != "RS256" || h["typ"] != c.typ || h["kid"] != f.key.ID() {
			t.Errorf("header %v", h)
		}
		for _, member := range strings.Fields(c.members) {
			if _, ok := p[member]; !ok {
				t.Errorf("%s: no %s", c.typ, member)
			}
		}
		if len(p) != len(strings.Fields(c.members)) {
			t.Errorf("claims %v, want %s", p, c.members)
		}
		if p["iss"] != issuer || p["aud"] != c.aud || p["sub"] != name || p["gen"] != c.gen {
			t.Errorf("claims %v", p)
		}
		iat, exp := p["iat"].(float64), p["exp"].(float64)
		if exp-iat != c.ttl.Seconds() || iat != math.Trunc(iat) || int64(iat) < before || int64(iat) > after {
			t.Errorf("iat %v, exp %v between %d and %d", iat, exp, before, after)
		}
	}
	again, _ := f.refresh(second)
	if payload(t, again)["jti"] == payload(t, access)["jti"] {
		t.Error("two access tokens share a jti")
	}
	if payload(t, access)["client_id"] != name {
		t.Error("client_id is not the client")
	}
}

func TestRefreshTokenIsAFunctionOfItsRow(t *testing.T) {
	f := start(t)
	first := f.login()
	_, second := f.refresh(first)
	for range 2 { // and each reading gives the same bytes
		again, err := f.another().SignRow(f.row(second))
		if err != nil || again != second {
			t.Fatalf("the row gives another token (%v)", err)
		}
	}
}

func TestAlgorithms(t *testing.T) {
	for algorithm, bits := range map[string]int{"RS384": 3072, "RS512": 4096} {
		t.Run(algorithm, func(t *testing.T) {
			raw, err := rsa.GenerateKey(rand.Reader, bits)
			if err != nil {
				t.Fatal(err)
			}
			key, err := auth.NewKey(raw, algorithm)
			if err != nil {
				t.Fatal(err)
			}
			f := start(t, func(cfg *auth.Config) { cfg.Keys = auth.NewKeyRing(key) })
			access, second := f.refresh(f.login())
			if header(t, access)["alg"] != algorithm || header(t, second)["alg"] != algorithm {
				t.Error("signed with another algorithm")
			}
			if _, err := f.Authorise(t.Context(), access); err != nil {
				t.Error(err)
			}
			other := start(t)
			_, err = other.Authorise(t.Context(), access)
			wantInvalidToken(t, err)
		})
	}
}

// Another deployment that was given the same key, name for itself and clients takes none
// of the tokens: their sessions are not in its store.
func TestTokensOfAnotherDeployment(t *testing.T) {
	f, other := start(t), start(t)
	own, _ := other.refresh(other.login())
	access, refresh := f.refresh(f.login())
	if header(t, access)["kid"] != header(t, own)["kid"] {
		t.Fatal("they have other keys")
	}
	_, err := other.Authorise(t.Context(), access)
	wantInvalidToken(t, err)
	_, err = other.Refresh(t.Context(), refresh, fromHome)
	wantInvalidToken(t, err)
	wantInvalidToken(t, logout(t.Context(), other.Service, access))
	if _, err := other.Authorise(t.Context(), own); err != nil {
		t.Errorf("its own token: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	f := start(t)
	for want, change := range map[string]func(*auth.Config){
		"Store":     func(c *auth.Config) { c.Store = nil },
		"Keys":      func(c *auth.Config) { c.Keys = nil },
		"issuer":    func(c *auth.Config) { c.Issuer = "" },
		"0s":        func(c *auth.Config) { c.AccessTTL = 0 },
		"-1m0s":     func(c *auth.Config) { c.RefreshTTL = -time.Minute },
		"1.5s":      func(c *auth.Config) { c.RefreshTTL = 1500 * time.Millisecond },
		"lifetimes": func(c *auth.Config) { c.AccessTTL = time.Millisecond },
	} {
		cfg := f.cfg
		change(&cfg)
		if _, err := auth.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %s", err, want)
		}
	}
}

func TestZeroServiceRefuses(t *testing.T) {
	var s auth.Service
	ctx := t.Context()
	_, err := s.Authorise(ctx, "a.b.c")
	wantKind(t, err, mlapi.Unavailable, "unavailable")
	_, err = s.Refresh(ctx, "a.b.c", fromHome)
	wantKind(t, err, mlapi.Unavailable, "unavailable")
	_, err = s.Reset(ctx, by(name, password, home))
	wantKind(t, err, mlapi.Unavailable, "unavailable")
	wantKind(t, logout(ctx, &s, "a.b.c"), mlapi.Unavailable, "unavailable")
	wantKind(t, s.Run(ctx), mlapi.Unavailable, "unavailable")
}

// faulty is a real store of which a method can be made to fail or to wait.
type faulty struct {
	auth.Store
	client, live, count, record, start, session, rotate, repeat, end, feed error
	afterSession                                                           func(auth.Session)
}

func (s *faulty) Client(ctx context.Context, name string) (auth.Client, error) {
	if s.client != nil {
		return auth.Client{}, s.client
	}
	return s.Store.Client(ctx, name)
}

func (s *faulty) LiveSession(ctx context.Context, client, instance string) (auth.Session, error) {
	if s.live != nil {
		return auth.Session{}, s.live
	}
	return s.Store.LiveSession(ctx, client, instance)
}

func (s *faulty) Count(ctx context.Context, keys []string, decide func(time.Time, []auth.Counter)) error {
	if s.count != nil {
		return s.count
	}
	return s.Store.Count(ctx, keys, decide)
}

func (s *faulty) Record(ctx context.Context, e auth.Event) error {
	if s.record != nil {
		return s.record
	}
	return s.Store.Record(ctx, e)
}

func (s *faulty) Repeat(ctx context.Context, g auth.Generation, most int, e auth.Event) (bool, error) {
	if s.repeat != nil {
		return true, s.repeat
	}
	return s.Store.Repeat(ctx, g, most, e)
}

func (s *faulty) StartSession(ctx context.Context, row auth.Session, login auth.LoginCheck, e auth.Event) (auth.Session, error) {
	if s.start != nil {
		return row, s.start
	}
	return s.Store.StartSession(ctx, row, login, e)
}

func (s *faulty) Session(ctx context.Context, id string) (auth.Session, error) {
	if s.session != nil {
		return auth.Session{}, s.session
	}
	row, err := s.Store.Session(ctx, id)
	if s.afterSession != nil {
		s.afterSession(row)
	}
	return row, err
}

func (s *faulty) Rotate(ctx context.Context, next auth.Session, e auth.Event) (bool, error) {
	if s.rotate != nil {
		return true, s.rotate
	}
	return s.Store.Rotate(ctx, next, e)
}

func (s *faulty) EndSession(ctx context.Context, id string, least int64, state auth.State, reason string, e auth.Event) (bool, error) {
	if s.end != nil {
		return true, s.end
	}
	return s.Store.EndSession(ctx, id, least, state, reason, e)
}

func (s *faulty) EndedSince(ctx context.Context, position int64) ([]string, int64, error) {
	if s.feed != nil {
		return nil, position, s.feed
	}
	return s.Store.EndedSince(ctx, position)
}

func TestStoreFailureGivesNoTokens(t *testing.T) {
	broken := errors.New("disk on fire")
	f := start(t)
	store := &faulty{Store: f.store}
	s := f.another(func(cfg *auth.Config) { cfg.Store = store })
	first := f.login()
	access, second := f.refreshKeyed(first, "a key")
	wrong := func() (string, error) {
		tokens, err := s.Reset(t.Context(), by(name, "wrong", home))
		return tokens.Caller.Name + tokens.Refresh, err
	}
	again := func() (string, error) {
		tokens, err := s.Refresh(t.Context(), first, keyed("a key"))
		return tokens.Caller.Name + tokens.Access + tokens.Refresh, err
	}
	reset := func() (string, error) {
		tokens, err := s.Reset(t.Context(), by(name, password, home))
		return tokens.Caller.Name + tokens.Refresh, err
	}
	refresh := func(token string) func() (string, error) {
		return func() (string, error) {
			tokens, err := s.Refresh(t.Context(), token, fromHome)
			return tokens.Caller.Name + tokens.Access + tokens.Refresh, err
		}
	}
	revoke := func() (string, error) {
		caller, err := s.Revoke(t.Context(), second, fromHome)
		return caller.Name, err
	}
	authorise := func() (string, error) {
		caller, err := s.Authorise(t.Context(), access)
		return caller.Name, err
	}
	for _, c := range []struct {
		name string
		set  *error
		call func() (string, error)
	}{
		{"Reset, Client", &store.client, reset},
		{"Reset, LiveSession", &store.live, reset},
		{"Reset, Count", &store.count, reset},
		{"Reset, StartSession", &store.start, reset},
		{"wrong password, Record", &store.record, wrong},
		{"Refresh, Session", &store.session, refresh(second)},
		{"Refresh, Rotate", &store.rotate, refresh(second)},
		{"repeated Refresh, Repeat", &store.repeat, again},
		{"replay, EndSession", &store.end, refresh(first)},
		{"Revoke, Session", &store.session, revoke},
		{"Revoke, EndSession", &store.end, revoke},
		{"Authorise, Session", &store.session, authorise},
	} {
		*c.set = broken
		got, err := c.call()
		*c.set = nil
		wantKind(t, err, mlapi.Unavailable, "unavailable")
		if got != "" || !errors.Is(err, broken) {
			t.Errorf("%s: got %q, %v", c.name, got, err)
		}
	}
	if row := f.row(second); row.State != auth.Active || row.Generation != 2 {
		t.Errorf("the failures left the session %s at generation %d", row.State, row.Generation)
	}
}

func TestCancelledRequest(t *testing.T) {
	f := start(t, onlyOnce)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Reset(gone, by(name, password, home)); mlapi.AsError(err).Kind != mlapi.Unavailable {
		t.Errorf("a login whose caller has gone: %v", err)
	}
	first := f.login() // so it did not use the credential up
	if _, err := f.Refresh(gone, first, fromHome); mlapi.AsError(err).Kind != mlapi.Unavailable {
		t.Errorf("a refresh whose caller has gone: %v", err)
	}
	f.refresh(first)
}

// A replay is punished although the one who sent it hangs up at once.
func TestReplayIsBlockedThoughTheCallerHangsUp(t *testing.T) {
	f := start(t)
	store := &faulty{Store: f.store}
	s := f.another(func(cfg *auth.Config) { cfg.Store = store })
	first := f.login()
	_, second := f.refresh(first)
	ctx, cancel := context.WithCancel(t.Context())
	store.afterSession = func(auth.Session) { cancel() }
	_, err := s.Refresh(ctx, first, fromHome)
	wantInvalidToken(t, err)
	if row := f.row(second); row.State != auth.Blocked {
		t.Errorf("the session is %s", row.State)
	}
}
