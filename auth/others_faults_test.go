package auth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// TestOthersTimes: the clock goes on, or does not.
func TestOthersTimes(t *testing.T) {
	const hour = time.Hour
	at := func(f *fixture, d time.Duration) *auth.Service { return f.shifted(d, d) }
	runScenarios(t, []scenario{
		{name: "an expired token within the grace", seenAt: "ory/hydra", config: graceOf(30 * time.Second), run: func(t *testing.T, f *fixture) {
			first := f.login()
			_, second := f.refresh(first)
			s := f.shifted(refreshTTL, 0) // the refresh itself was a moment ago
			f.wantRefused(s, first)
			f.wantState(first, auth.Active) // an expired token proves nothing
			f.refresh(second)
		}},
		{name: "idle for too long", seenAt: "keycloak/keycloak, duendesoftware, panva/node-oidc-provider", run: func(t *testing.T, f *fixture) {
			first := f.login()
			f.wantRefused(at(f, refreshTTL), first)
			f.wantState(first, auth.Active)
			f.onward(at(f, refreshTTL-2*time.Second), first)
		}},
		{name: "each refresh moves the end of an idle session", seenAt: "duendesoftware, ory/hydra", run: func(t *testing.T, f *fixture) {
			token, d := f.login(), time.Duration(0)
			for range 5 {
				d += refreshTTL - hour
				token = f.onward(at(f, d), token)
				if left := time.Unix(int64(payload(f.t, token)["exp"].(float64)), 0).Sub(time.Now().Add(d)); left < refreshTTL-5*time.Second || left > refreshTTL {
					f.t.Errorf("the next token lives for %v", left)
				}
			}
			f.wantRefused(at(f, d+refreshTTL), token)
		}},
		{name: "the absolute end, however busy", seenAt: "keycloak/keycloak, duendesoftware, supabase/auth",
			config: func(cfg *auth.Config) { cfg.SessionTTL = 30 * hour }, run: func(t *testing.T, f *fixture) {
				token := f.onward(at(f, 20*hour), f.login())
				token = f.onward(at(f, 30*hour-2*time.Second), token)
				f.wantRefused(at(f, 30*hour), token)
				f.wantState(token, auth.Active) // over, and not by a replay
			}},
		{name: "an absolute end that was configured later", seenAt: "keycloak/keycloak", run: func(t *testing.T, f *fixture) {
			token := f.login()
			s := f.shifted(20*hour, 20*hour)
			f.cfg.SessionTTL = hour
			f.onward(s, token) // holds for sessions that begin from now on
		}},
		{name: "the store's clock set back", seenAt: "keycloak/keycloak", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			s := f.shifted(0, -30*time.Second)
			third := f.onward(s, refreshes[1])
			f.wantRefused(s, refreshes[0])
			f.wantState(third, auth.Blocked)
			f.wantRefused(s, third)
		}},
		{name: "a server's clock set back", seenAt: "keycloak/keycloak", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			s := f.shifted(-3*time.Second, 0)
			third := f.onward(s, refreshes[1])
			f.wantRefused(s, refreshes[1], third)
		}},
		{name: "a server's clock far behind", seenAt: "ours", run: func(t *testing.T, f *fixture) {
			first := f.login()
			f.wantRefused(f.shifted(-48*hour, 0), first)
			f.refresh(first) // the session is unharmed
		}},
		{name: "expired by the store's clock alone", seenAt: "ours", run: func(t *testing.T, f *fixture) {
			first := f.login()
			f.wantRefused(f.shifted(0, refreshTTL), first)
			f.wantState(first, auth.Active)
		}},
	})
}

// TestOthersTokens: the token is not the one to present.
func TestOthersTokens(t *testing.T) {
	forged := func(f *fixture, good, claim string, value any) string {
		return seal(toJSON(header(f.t, good)), toJSON(with(integers(payload(f.t, good)), claim, value)))
	}
	unharmed := func(f *fixture, newest string, bad ...string) {
		f.t.Helper()
		f.wantRefused(f.Service, bad...)
		f.wantState(newest, auth.Active)
		f.refresh(newest)
	}
	runScenarios(t, []scenario{
		{name: "of another client", seenAt: "panva/node-oidc-provider, ory/fosite, duendesoftware", run: func(t *testing.T, f *fixture) {
			f.must(f.store.AddClient(f.t.Context(), auth.Client{Name: name + "2"}, auth.Event{}))
			refreshes, _ := f.chain(2)
			unharmed(f, refreshes[1], forged(f, refreshes[1], "sub", name+"2"), forged(f, refreshes[0], "sub", name+"2"),
				forged(f, refreshes[1], "sub", name[:3]))
		}},
		{name: "of another issuer", seenAt: "keycloak/keycloak", run: func(t *testing.T, f *fixture) {
			other := f.another(func(cfg *auth.Config) { cfg.Issuer = "another" })
			refreshes, _ := f.chain(2)
			f.wantRefused(other, refreshes...)
			unharmed(f, refreshes[1], forged(f, refreshes[0], "iss", "another"))
		}},
		{name: "an access token", seenAt: "keycloak/keycloak, simplejwt, flask-jwt-extended", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(3)
			unharmed(f, refreshes[2], accesses...)
			f.wantDead(refreshes...)
		}},
		{name: "nothing, rubbish, much of it", seenAt: "ory/fosite, duendesoftware, keycloak/keycloak", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			unharmed(f, refreshes[1], "", "invalid", "..", refreshes[0]+"x", refreshes[0][:len(refreshes[0])-9],
				refreshes[0]+fmt.Sprintf("%0100000d", 0))
		}},
		{name: "of a session that never was", seenAt: "ory/fosite, supabase/auth", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			unharmed(f, refreshes[1], seal(toJSON(header(f.t, refreshes[0])),
				toJSON(with(with(integers(payload(f.t, refreshes[0])), "sid", "NONE"), "jti", "NONE.1"))))
		}},
		{name: "of a generation that is still to come", seenAt: "supabase/auth", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			row := f.row(refreshes[0])
			row.Generation = 7
			ahead, err := f.SignRow(row)
			f.must(err)
			f.log.secret(ahead)
			unharmed(f, refreshes[1], ahead)
			f.log.want(t, "level=ERROR", "a token is ahead of its session")
		}},
	})
}

var errTorn = errors.New("connection torn")

// torn is a real store that does what it was asked for and cannot tell.
type torn struct {
	auth.Store
	rotate, end, start bool
}

func (s *torn) Rotate(ctx context.Context, next auth.Session, e auth.Event) (bool, error) {
	done, err := s.Store.Rotate(ctx, next, e)
	if s.rotate {
		err = errors.Join(err, errTorn)
	}
	return done, err
}

func (s *torn) EndSession(ctx context.Context, id string, least int64, state auth.State, reason string, e auth.Event) (bool, error) {
	done, err := s.Store.EndSession(ctx, id, least, state, reason, e)
	if s.end {
		return false, errors.Join(err, errTorn)
	}
	return done, err
}

func (s *torn) StartSession(ctx context.Context, row auth.Session, login auth.LoginCheck, e auth.Event) (auth.Session, error) {
	started, err := s.Store.StartSession(ctx, row, login, e)
	if s.start {
		return auth.Session{}, errors.Join(err, errTorn)
	}
	return started, err
}

// TestOthersFaults: the store fails before, or right after, it has committed.
func TestOthersFaults(t *testing.T) {
	with := func(f *fixture, store auth.Store) *auth.Service {
		return f.another(func(cfg *auth.Config) { cfg.Store = store })
	}
	unavailable := func(f *fixture, tokens mlapi.Tokens, err error) {
		f.t.Helper()
		if mlapi.AsError(err).Kind != mlapi.Unavailable || tokens != (mlapi.Tokens{}) {
			f.t.Errorf("%v, %v; want nothing but that the service is unavailable", tokens, err)
		}
	}
	refresh := func(f *fixture, s *auth.Service, token, key string) (mlapi.Tokens, error) {
		return s.Refresh(f.t.Context(), token, keyed(key))
	}
	runScenarios(t, []scenario{
		{name: "a rotation that failed uses nothing up", seenAt: "ory/fosite, supabase/auth, duendesoftware (667)", run: func(t *testing.T, f *fixture) {
			store := &faulty{Store: f.store, rotate: errTorn}
			s, first := with(f, store), f.login()
			for range 3 {
				tokens, err := refresh(f, s, first, "")
				unavailable(f, tokens, err)
			}
			store.rotate = nil
			f.onward(s, first)
		}},
		{name: "a rotation that may have happened, with a key", seenAt: "ory/hydra (1831), zitadel/zitadel (9631)", run: func(t *testing.T, f *fixture) {
			store := &torn{Store: f.store, rotate: true}
			s, first := with(f, store), f.login()
			tokens, err := refresh(f, s, first, retryKey)
			unavailable(f, tokens, err)
			tokens, err = refresh(f, s, first, retryKey) // repeats need no Rotate
			f.must(err)
			store.rotate = false
			f.onward(s, tokens.Refresh)
		}},
		{name: "a rotation that may have happened, without a key", seenAt: "ory/hydra (1831)", run: func(t *testing.T, f *fixture) {
			s, first := with(f, &torn{Store: f.store, rotate: true}), f.login()
			tokens, err := refresh(f, s, first, "")
			unavailable(f, tokens, err)
			f.wantRefused(s, first) // nobody can tell it from a theft
			f.wantState(first, auth.Blocked)
		}},
		{name: "a login that may have happened", seenAt: "ours", config: onlyOnce, run: func(t *testing.T, f *fixture) {
			store := &torn{Store: f.store, start: true}
			s := with(f, store)
			in := mlapi.Login{Name: name, Password: password, Origin: keyed(retryKey)}
			tokens, err := s.Reset(f.t.Context(), in)
			unavailable(f, tokens, err)
			store.start = false
			tokens, err = s.Reset(f.t.Context(), in)
			f.must(err)
			f.onward(s, tokens.Refresh)
		}},
		{name: "a block that failed is made up for", seenAt: "ory/hydra (CVE-2020-15223)", run: func(t *testing.T, f *fixture) {
			store := &faulty{Store: f.store, end: errTorn}
			s := with(f, store)
			refreshes, accesses := f.chain(2)
			tokens, err := refresh(f, s, refreshes[0], "")
			unavailable(f, tokens, err) // not a 401: the thief is to come again
			store.end = nil
			f.wantRefused(s, refreshes[0])
			refusedWithin(t, time.Second, f.Service, accesses[0])
		}},
		{name: "a block that may have happened", seenAt: "ory/hydra", run: func(t *testing.T, f *fixture) {
			s := with(f, &torn{Store: f.store, end: true})
			refreshes, accesses := f.chain(2)
			tokens, err := refresh(f, s, refreshes[0], "")
			unavailable(f, tokens, err)
			f.wantRefused(s, refreshes...)
			refusedWithin(t, time.Second, f.Service, accesses[0])
		}},
		{name: "a logout against a refresh that may have happened", seenAt: "keycloak/keycloak (51312)", run: func(t *testing.T, f *fixture) {
			s, first := with(f, &torn{Store: f.store, rotate: true}), f.login()
			_, err := refresh(f, s, first, retryKey)
			unavailable(f, mlapi.Tokens{}, err)
			f.must(logout(f.t.Context(), f.Service, first))
			_, err = refresh(f, s, first, retryKey) // the key opens no ended session
			wantInvalidToken(t, err)
		}},
	})
}
