package auth_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

const retryKey = "6f1c0a4e-3a54-4c9e-8e4c-0b7a4c1f2d3e"

// aged is a store whose sessions were refreshed a while ago.
type aged struct {
	auth.Store
	by time.Duration
}

func (s *aged) age(row auth.Session, err error) (auth.Session, error) {
	if err == nil {
		row.Retry.RotatedAt = row.Retry.RotatedAt.Add(-s.by)
	}
	return row, err
}

func (s *aged) Session(ctx context.Context, id string) (auth.Session, error) {
	return s.age(s.Store.Session(ctx, id))
}

func (s *aged) LiveSession(ctx context.Context, client, instance string) (auth.Session, error) {
	return s.age(s.Store.LiveSession(ctx, client, instance))
}

// lostAnswer is a session whose first refresh was answered, and the answer lost.
type lostAnswer struct {
	*fixture
	service       *auth.Service // reads rows that are aged
	age           *aged
	first, second string
	access        string
}

func loseAnswer(t *testing.T, key string, changes ...func(*auth.Config)) *lostAnswer {
	t.Helper()
	f := start(t, changes...)
	l := &lostAnswer{fixture: f, age: &aged{Store: f.store}}
	l.service = f.another(func(cfg *auth.Config) { cfg.Store = l.age })
	l.first = f.login()
	l.access, l.second = f.refreshKeyed(l.first, key)
	return l
}

// used uses the new access token, and waits until that is kept.
func (l *lostAnswer) used() {
	l.t.Helper()
	if _, err := l.Authorise(l.t.Context(), l.access); err != nil {
		l.t.Fatal(err)
	}
	for range 100 {
		if l.row(l.first).Retry.Confirmed == 2 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	l.t.Fatal("the use of a token was not kept")
}

// The rules by which a refresh is answered once more: the use of each, and its
// abuse, which blocks the session.
func TestRepeatedRefresh(t *testing.T) {
	t.Parallel()
	undelivered := func(l *lostAnswer) {
		l.Undelivered(l.t.Context(), mlapi.Tokens{Caller: mlapi.Caller{Name: name, Session: l.row(l.first).ID}, Generation: 2})
	}
	used := (*lostAnswer).used
	for _, c := range []struct {
		name    string
		key     string // of the first request
		again   string // of the second
		grace   time.Duration
		age     time.Duration
		before  []func(*lostAnswer)
		repeats bool
	}{
		{name: "no key", repeats: false},
		{name: "the same key", key: retryKey, again: retryKey, repeats: true},
		{name: "another key", key: retryKey, again: retryKey + "x", repeats: false},
		{name: "no key the second time", key: retryKey, repeats: false},
		{name: "a key the second time only", again: retryKey, repeats: false},
		{name: "the same key, tokens used, within the window", key: retryKey, again: retryKey,
			age: 8 * time.Second, before: []func(*lostAnswer){used}, repeats: true},
		{name: "the same key, tokens used, too late", key: retryKey, again: retryKey,
			age: 12 * time.Second, before: []func(*lostAnswer){used}, repeats: false},
		{name: "the same key, tokens not used, an hour later", key: retryKey, again: retryKey, age: time.Hour, repeats: true},
		{name: "undelivered", before: []func(*lostAnswer){undelivered}, age: 55 * time.Second, repeats: true},
		{name: "undelivered, too late", before: []func(*lostAnswer){undelivered}, age: 63 * time.Second, repeats: false},
		{name: "undelivered, but used", before: []func(*lostAnswer){undelivered, used}, repeats: false},
		{name: "within the grace", grace: 10 * time.Second, age: 7 * time.Second, repeats: true},
		{name: "after the grace", grace: 10 * time.Second, age: 12 * time.Second, repeats: false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := loseAnswer(t, c.key, func(cfg *auth.Config) { cfg.Grace = c.grace })
			for _, step := range c.before {
				step(l)
			}
			l.age.by = c.age
			tokens, err := l.service.Refresh(t.Context(), l.first, keyed(c.again))
			row := l.row(l.first)
			if !c.repeats {
				wantInvalidToken(t, err)
				if row.State != auth.Blocked {
					t.Errorf("the session is %s", row.State)
				}
				return
			}
			if err != nil || tokens.Refresh != l.second || tokens.Access == "" || tokens.Access == l.access {
				t.Fatalf("the answer is %v, %v; want the refresh token of before and a new access token", tokens, err)
			}
			if row.State != auth.Active || row.Generation != 2 || row.Retry.Repeats != 1 {
				t.Errorf("the session is %s at generation %d after %d repeats", row.State, row.Generation, row.Retry.Repeats)
			}
			if _, err := l.service.Authorise(t.Context(), tokens.Access); err != nil {
				t.Errorf("the new access token: %v", err)
			}
		})
	}
}

// The grace answers three times, not for ever: a thief and the client must not walk
// in step.
func TestGraceEnds(t *testing.T) {
	l := loseAnswer(t, "", func(cfg *auth.Config) { cfg.Grace = 30 * time.Second })
	for i := range 3 {
		if tokens, err := l.Refresh(t.Context(), l.first, fromHome); err != nil || tokens.Refresh != l.second {
			t.Fatalf("repeat %d: %v, %v", i+1, tokens, err)
		}
	}
	_, err := l.Refresh(t.Context(), l.first, fromHome)
	wantInvalidToken(t, err)
	if row := l.row(l.first); row.State != auth.Blocked {
		t.Errorf("the session is %s", row.State)
	}
}

// A key helps with the token just before the newest, not with older ones.
func TestKeyOfOldGenerations(t *testing.T) {
	l := loseAnswer(t, retryKey)
	_, third := l.refreshKeyed(l.second, retryKey)
	_, err := l.Refresh(t.Context(), l.first, keyed(retryKey))
	wantInvalidToken(t, err)
	_, err = l.Refresh(t.Context(), third, keyed(retryKey))
	wantInvalidToken(t, err)
}

// Of many that present one token with one key each gets the same successor.
func TestSameKeyAtOnce(t *testing.T) {
	f := start(t)
	services := []*auth.Service{f.Service, f.another(func(cfg *auth.Config) { cfg.Store = f.open() })}
	first := f.login()
	successors := make([]string, 24)
	for _, err := range inParallel(24, func(i int) error {
		tokens, err := services[i%2].Refresh(t.Context(), first, keyed(retryKey))
		successors[i] = tokens.Refresh
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	for _, s := range successors {
		if s != successors[0] || s == "" {
			t.Fatal("there are two successors of one token")
		}
	}
	if row := f.row(first); row.Generation != 2 || row.State != auth.Active {
		t.Errorf("the session is %s at generation %d", row.State, row.Generation)
	}
}

// A login whose answer was lost is answered again to the same key, or where the
// server knows it, although the credential counts once; to nobody else.
func TestRepeatedLogin(t *testing.T) {
	t.Parallel()
	login := func(key, secret string) mlapi.Login {
		return mlapi.Login{Name: name, Password: secret, Origin: keyed(key)}
	}
	for _, c := range []struct {
		name    string
		key     string
		again   mlapi.Login
		before  func(*fixture, mlapi.Tokens)
		repeats bool
	}{
		{name: "the same key", key: retryKey, again: login(retryKey, password), repeats: true},
		{name: "another key", key: retryKey, again: login("x", password)},
		{name: "no key", key: retryKey, again: login("", password)},
		{name: "no keys", again: login("", password)},
		{name: "the same key, a wrong password", key: retryKey, again: login(retryKey, "wrong")},
		{name: "refreshed meanwhile", key: retryKey, again: login(retryKey, password),
			before: func(f *fixture, given mlapi.Tokens) { f.refresh(given.Refresh) }},
		{name: "ended meanwhile", key: retryKey, again: login(retryKey, password),
			before: func(f *fixture, given mlapi.Tokens) {
				if err := logout(f.t.Context(), f.Service, given.Refresh); err != nil {
					f.t.Fatal(err)
				}
			}},
		{name: "undelivered", again: login("", password), repeats: true,
			before: func(f *fixture, given mlapi.Tokens) { f.Undelivered(f.t.Context(), given) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, onlyOnce)
			given, err := f.Reset(t.Context(), login(c.key, password))
			if err != nil {
				t.Fatal(err)
			}
			if c.before != nil {
				c.before(f, given)
			}
			again, err := f.Reset(t.Context(), c.again)
			if !c.repeats {
				wantInvalidCredentials(t, err)
				return
			}
			if err != nil || again != given {
				t.Errorf("got %v, %v; want the tokens of before", again, err)
			}
		})
	}
}

// The same login sent twice at once, as HTTP clients do with a key, is one login.
func TestSameLoginAtOnce(t *testing.T) {
	t.Parallel()
	for _, once := range []bool{true, false} {
		f := start(t, func(cfg *auth.Config) { cfg.ResetOnlyOnce = once })
		other := f.another(func(cfg *auth.Config) { cfg.Store = f.open() })
		given := make([]string, 8)
		for _, err := range inParallel(8, func(i int) error {
			s := []*auth.Service{f.Service, other}[i%2]
			tokens, err := s.Reset(t.Context(), mlapi.Login{Name: name, Password: password, Origin: keyed(retryKey)})
			given[i] = tokens.Refresh
			return err
		}) {
			if err != nil {
				t.Errorf("once %t: %v", once, err)
			}
		}
		for _, token := range given {
			if token != given[0] {
				t.Fatalf("once %t: there are two sessions", once)
			}
		}
		f.refresh(given[0])
	}
}

// Each instance has a session of its own; what ends one leaves the others alone.
func TestInstances(t *testing.T) {
	f := start(t)
	login := func(instance string) string {
		t.Helper()
		tokens, err := f.Reset(t.Context(), mlapi.Login{Name: name, Password: password, Instance: instance, Origin: fromHome})
		if err != nil {
			t.Fatal(err)
		}
		return tokens.Refresh
	}
	plain, east, west := login(""), login("east"), login("west")
	accessEast, east2 := f.refresh(east)
	accessPlain, plain2 := f.refresh(plain)
	for _, access := range []string{accessEast, accessPlain} {
		if _, err := f.Authorise(t.Context(), access); err != nil {
			t.Fatal(err)
		}
	}
	login("east") // ends the session of east alone
	_, err := f.Authorise(t.Context(), accessEast)
	wantInvalidToken(t, err)
	_, err = f.Refresh(t.Context(), east2, fromHome)
	wantInvalidToken(t, err)
	if _, err := f.Authorise(t.Context(), accessPlain); err != nil {
		t.Errorf("a login of another instance ended this one: %v", err)
	}
	_, err = f.Refresh(t.Context(), plain, fromHome) // a replay
	wantInvalidToken(t, err)
	if row := f.row(plain2); row.State != auth.Blocked {
		t.Errorf("the replayed session is %s", row.State)
	}
	f.refresh(west)
}

// Where credentials count once, only registered instances log in, each once.
func TestRegisteredInstances(t *testing.T) {
	f := start(t, onlyOnce)
	login := func(instance string) error {
		_, err := f.Reset(t.Context(), mlapi.Login{Name: name, Password: password, Instance: instance, Origin: fromHome})
		return err
	}
	wantInvalidCredentials(t, login("east"))
	if err := auth.AddInstance(t.Context(), f.store, name, "east"); err != nil {
		t.Fatal(err)
	}
	for _, instance := range []string{"east", ""} {
		if err := login(instance); err != nil {
			t.Errorf("first login of %q: %v", instance, err)
		}
		wantInvalidCredentials(t, login(instance))
	}
	for _, bad := range []string{"East", "east ", "e\x00ast", "\xff", fmt.Sprintf("%065d", 0)} {
		wantInvalidCredentials(t, login(bad))
	}
	if err := auth.RemoveInstance(t.Context(), f.store, name, "east"); err != nil {
		t.Fatal(err)
	}
	sessions, err := f.store.Sessions(t.Context(), name)
	if err != nil || len(sessions) != 2 {
		t.Fatal(sessions, err)
	}
	for _, s := range sessions {
		if want := map[string]auth.State{"east": auth.Revoked, "": auth.Active}[s.Instance]; s.State != want {
			t.Errorf("the session of %q is %s", s.Instance, s.State)
		}
	}
	f.configure(auth.Credential{Name: name, Password: "a new one"})
	f.log.want(t, "instance not registered", "client="+name)
}

func TestInstanceErrors(t *testing.T) {
	f := start(t)
	add := func(client, instance string) error { return auth.AddInstance(t.Context(), f.store, client, instance) }
	if err := add(name, "east"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{add(name, "east"), `has an instance "east" already`},
		{add("nobody", "east"), `no client "nobody"`},
		{add(name, ""), "empty"},
		{add(name, " x"), "a space"},
		{auth.RemoveInstance(t.Context(), f.store, name, ""), `no client "ClientA" with an instance ""`},
		{auth.RemoveInstance(t.Context(), f.store, name, "west"), `with an instance "west"`},
	} {
		wantHinted(t, c.err, c.want)
	}
}

// A session has an end that no refresh moves, and its tokens keep their lifetimes.
func TestAbsoluteEnd(t *testing.T) {
	f := start(t, func(cfg *auth.Config) { cfg.SessionTTL = 2 * time.Second })
	first := f.login()
	access, second := f.refresh(first)
	claims := payload(t, second)
	if got := claims["exp"].(float64) - claims["iat"].(float64); got != refreshTTL.Seconds() {
		t.Errorf("the refresh token lives for %v s", got)
	}
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	_, err := f.Authorise(t.Context(), access)
	wantInvalidToken(t, err)
	_, err = f.Refresh(t.Context(), second, fromHome)
	wantInvalidToken(t, err)
	if row := f.row(second); row.State != auth.Active {
		t.Errorf("a session that is over by time is %s: it must not look like a replay", row.State)
	}
}
