package auth_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// The scenarios that other projects test their rotation of refresh tokens with, or
// were told about by their users, put to ours. Where the others differ among each
// other the contract decides, and a comment says so. Scopes, offline access and the
// other grants of OAuth are not ours.
type scenario struct {
	name   string
	seenAt string // the project that has it
	config func(*auth.Config)
	run    func(*testing.T, *fixture)
}

func graceOf(d time.Duration) func(*auth.Config) {
	return func(cfg *auth.Config) { cfg.Grace = d }
}

func runScenarios(t *testing.T, scenarios []scenario) {
	t.Parallel()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, func(cfg *auth.Config) {
				if s.config != nil {
					s.config(cfg)
				}
			})
			s.run(t, f)
			if t.Failed() {
				t.Logf("a scenario of %s", s.seenAt)
			}
		})
	}
}

// chain logs in and refreshes until the newest token is of generation n. It returns
// all refresh tokens and all access tokens, oldest first.
func (f *fixture) chain(n int) (refreshes, accesses []string) {
	f.t.Helper()
	refreshes = []string{f.login()}
	for len(refreshes) < n {
		access, refresh := f.refresh(refreshes[len(refreshes)-1])
		refreshes, accesses = append(refreshes, refresh), append(accesses, access)
	}
	return refreshes, accesses
}

// wantRefused fails the test where one of the refresh tokens is exchanged.
func (f *fixture) wantRefused(s *auth.Service, refreshes ...string) {
	f.t.Helper()
	for i, token := range refreshes {
		tokens, err := s.Refresh(f.t.Context(), token, fromHome)
		if code := mlapi.AsError(err); err == nil || code.Code != "invalid_token" || tokens != (mlapi.Tokens{}) {
			f.t.Errorf("refresh token %d of %d: %v, %v", i+1, len(refreshes), tokens, err)
		}
	}
}

// wantDead fails the test where an access token works.
func (f *fixture) wantDead(accesses ...string) {
	f.t.Helper()
	for i, token := range accesses {
		if _, err := f.Authorise(f.t.Context(), token); err == nil || mlapi.AsError(err).Code != "invalid_token" {
			f.t.Errorf("access token %d of %d: %v", i+1, len(accesses), err)
		}
	}
}

// wantAlive fails the test where an access token does not work.
func (f *fixture) wantAlive(accesses ...string) {
	f.t.Helper()
	for i, token := range accesses {
		if _, err := f.Authorise(f.t.Context(), token); err != nil {
			f.t.Errorf("access token %d of %d: %v", i+1, len(accesses), err)
		}
	}
}

// wantState fails the test where the session of a token is in another state.
func (f *fixture) wantState(token string, want auth.State) {
	f.t.Helper()
	if row := f.row(token); row.State != want {
		f.t.Errorf("the session is %s (%s), want %s", row.State, row.Reason, want)
	}
}

// must fails the test where an operator's command did not work.
func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// later is a store whose clock is ahead, or behind, of when its rows were written.
type later struct {
	auth.Store
	by time.Duration
}

func (s later) Client(ctx context.Context, name string) (auth.Client, error) {
	c, err := s.Store.Client(ctx, name)
	c.ReadAt = c.ReadAt.Add(s.by)
	return c, err
}

func (s later) Session(ctx context.Context, id string) (auth.Session, error) {
	row, err := s.Store.Session(ctx, id)
	row.ReadAt = row.ReadAt.Add(s.by)
	return row, err
}

func (s later) LiveSession(ctx context.Context, client, instance string) (auth.Session, error) {
	row, err := s.Store.LiveSession(ctx, client, instance)
	row.ReadAt = row.ReadAt.Add(s.by)
	return row, err
}

// shifted returns a service whose own clock, and the store's, are ahead by so much.
func (f *fixture) shifted(own, store time.Duration) *auth.Service {
	f.t.Helper()
	cfg := f.cfg
	cfg.Store = later{Store: f.store, by: store}
	s, err := auth.NewAt(cfg, func() time.Time { return time.Now().Add(own) })
	f.must(err)
	return s
}

// onward refreshes at a service, which must work.
func (f *fixture) onward(s *auth.Service, token string) string {
	f.t.Helper()
	tokens, err := s.Refresh(f.t.Context(), token, fromHome)
	if err != nil {
		f.t.Fatalf("refresh: %v", err)
	}
	f.log.secret(tokens.Refresh)
	return tokens.Refresh
}

// TestOthersReuse: somebody presents a refresh token that was exchanged before.
func TestOthersReuse(t *testing.T) {
	runScenarios(t, []scenario{
		// Keycloak and Duende refuse the old token and leave the new one alive; the
		// contract and RFC 9700 end all.
		{name: "the token before the newest", seenAt: "ory/hydra, panva/node-oidc-provider", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(2)
			f.wantAlive(accesses...)
			f.wantRefused(f.Service, refreshes[0])
			f.wantState(refreshes[0], auth.Blocked)
			f.wantDead(accesses...)
			f.wantRefused(f.Service, refreshes[1], refreshes[0])
		}},
		{name: "the first of four, then each from the newest on", seenAt: "supabase/auth", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(4)
			f.wantRefused(f.Service, refreshes[0])
			slices.Reverse(refreshes)
			f.wantRefused(f.Service, refreshes...)
			f.wantDead(accesses...)
		}},
		{name: "the token before the last two, within the grace", seenAt: "supabase/auth, ory/hydra, django-oauth-toolkit",
			config: graceOf(30 * time.Second), run: func(t *testing.T, f *fixture) {
				refreshes, accesses := f.chain(3)
				f.wantRefused(f.Service, refreshes[0])
				f.wantState(refreshes[0], auth.Blocked)
				f.wantRefused(f.Service, refreshes[2], refreshes[1])
				f.wantDead(accesses...)
			}},
		// Hydra and Auth0 give out a second branch; ours is one chain, as Dex' and Supabase's.
		{name: "within the grace", seenAt: "dexidp/dex, supabase/auth, better-auth", config: graceOf(30 * time.Second),
			run: func(t *testing.T, f *fixture) {
				refreshes, accesses := f.chain(2)
				access, again := f.refresh(refreshes[0])
				if again != refreshes[1] {
					f.t.Error("one token has two successors")
				}
				_, third := f.refresh(again)
				f.wantAlive(append(accesses, access)...)
				f.wantRefused(f.Service, refreshes[0]) // two generations back by now
				f.wantRefused(f.Service, third)
			}},
		{name: "the tokens of a repeated answer after the reuse was noticed", seenAt: "keycloak/keycloak",
			config: graceOf(30 * time.Second), run: func(t *testing.T, f *fixture) {
				refreshes, accesses := f.chain(2)
				for range 3 { // as often as the grace allows
					access, _ := f.refresh(refreshes[0])
					accesses = append(accesses, access)
				}
				f.wantAlive(accesses...)
				f.wantRefused(f.Service, refreshes...)
				f.wantDead(accesses...)
			}},
		{name: "after the grace was configured", seenAt: "keycloak/keycloak", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			f.wantRefused(f.Service, refreshes[0])
			f.wantRefused(f.another(graceOf(30*time.Second)), refreshes...) // what ended stays so
		}},
		{name: "after the grace was taken away", seenAt: "keycloak/keycloak", config: graceOf(30 * time.Second),
			run: func(t *testing.T, f *fixture) {
				refreshes, _ := f.chain(2)
				f.refresh(refreshes[0])
				f.wantRefused(f.another(graceOf(0)), refreshes...)
			}},
		{name: "after a restart", seenAt: "keycloak/keycloak (CVE-2026-9802)", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(3)
			restarted := f.another(func(cfg *auth.Config) { cfg.Store = f.open() })
			f.wantRefused(restarted, refreshes[1], refreshes[2])
			refusedWithin(t, time.Second, f.Service, accesses[1])
		}},
		{name: "all within one second", seenAt: "keycloak/keycloak (50999)", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(12)
			slices.Sort(refreshes[:11])
			if len(slices.Compact(refreshes[:11])) != 11 {
				f.t.Error("two generations have the same token")
			}
			f.wantRefused(f.Service, refreshes[5])
			f.wantState(refreshes[5], auth.Blocked)
		}},
		{name: "again, of a session that was blocked", seenAt: "openstack/keystone", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			f.wantRefused(f.Service, refreshes[0])
			ended := f.row(refreshes[0])
			f.wantRefused(f.Service, refreshes...)
			wantInvalidToken(t, logout(f.t.Context(), f.Service, refreshes[1]))
			if row := f.row(refreshes[0]); row.Reason != ended.Reason || row.EndedAt != ended.EndedAt {
				f.t.Errorf("why the session ended is lost: %s at %v", row.Reason, row.EndedAt)
			}
		}},
	})
}

// TestOthersCrowds: several present one refresh token at the same time.
func TestOthersCrowds(t *testing.T) {
	present := func(f *fixture, n int, token string) (given []string, codes map[string]int) {
		given = make([]string, n)
		errs := inParallel(n, func(i int) error {
			tokens, err := f.Refresh(f.t.Context(), token, fromHome)
			given[i] = tokens.Refresh
			return err
		})
		return slices.DeleteFunc(given, func(token string) bool { return token == "" }), kinds(errs)
	}
	runScenarios(t, []scenario{
		{name: "two", seenAt: "panva/node-oidc-provider, ory/hydra (3604)", run: func(t *testing.T, f *fixture) {
			first := f.login()
			given, codes := present(f, 2, first)
			if len(given) != 1 || codes["invalid_token"] != 1 {
				f.t.Fatalf("%d winners, %v", len(given), codes)
			}
			f.wantRefused(f.Service, given...)
		}},
		{name: "twenty", seenAt: "supabase/auth, keycloak/keycloak (CVE-2026-1035)", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(4)
			given, codes := present(f, 20, refreshes[3])
			if len(given) > 1 || len(given)+codes["invalid_token"] != 20 {
				f.t.Errorf("%d winners, %v", len(given), codes)
			}
			f.wantState(refreshes[0], auth.Blocked)
			f.wantRefused(f.Service, given...)
		}},
		// Hydra lets any number through, unless it is told a number.
		{name: "as many as the grace allows", seenAt: "ory/hydra, duendesoftware", config: graceOf(30 * time.Second), run: func(t *testing.T, f *fixture) {
			first := f.login()
			given, codes := present(f, 4, first)
			if len(given) != 4 || len(slices.Compact(given)) != 1 {
				f.t.Fatalf("%d answers with %d different tokens, %v", len(given), len(slices.Compact(given)), codes)
			}
			f.onward(f.Service, given[0])
		}},
		{name: "more than the grace allows", seenAt: "ory/hydra", config: graceOf(30 * time.Second), run: func(t *testing.T, f *fixture) {
			first := f.login()
			given, codes := present(f, 12, first)
			if len(given) > 4 || len(given)+codes["invalid_token"] != 12 {
				f.t.Errorf("%d answers, %v", len(given), codes)
			}
			f.wantState(first, auth.Blocked)
			f.wantRefused(f.Service, given...)
		}},
	})
}

// TestOthersEnds: a session ended between two refreshes.
func TestOthersEnds(t *testing.T) {
	again := func(f *fixture, secret string, old ...string) {
		f.t.Helper()
		tokens, err := f.Reset(f.t.Context(), by(name, secret, home))
		f.must(err)
		f.log.secret(tokens.Refresh)
		f.wantRefused(f.Service, old...) // and that does not touch the new session
		f.wantState(tokens.Refresh, auth.Active)
		f.refresh(tokens.Refresh)
	}
	logoutWith := func(f *fixture, token string) { f.must(logout(f.t.Context(), f.Service, token)) }
	runScenarios(t, []scenario{
		{name: "blocked, then a login", seenAt: "supabase/auth, authgate", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(3)
			f.wantRefused(f.Service, refreshes[0])
			again(f, password, refreshes...)
		}},
		{name: "logout with the newest refresh token, then a login", seenAt: "keycloak/keycloak, duendesoftware", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(2)
			logoutWith(f, refreshes[1])
			f.wantRefused(f.Service, refreshes[1])
			f.wantDead(accesses...)
			f.wantState(refreshes[0], auth.Revoked)
			again(f, password, refreshes...)
		}},
		{name: "logout with an old refresh token", seenAt: "ory/hydra", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(4)
			logoutWith(f, refreshes[0])
			f.wantRefused(f.Service, refreshes...)
			f.wantDead(accesses...)
		}},
		{name: "logout with an access token", seenAt: "vimalloc/flask-jwt-extended", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(3)
			logoutWith(f, accesses[0])
			f.wantRefused(f.Service, refreshes[2])
			f.wantDead(accesses...)
		}},
		{name: "a login while the session lives", seenAt: "keycloak/keycloak (16081), dexidp/dex (973)", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			again(f, password, refreshes...)
			f.wantState(refreshes[0], auth.Revoked)
		}},
		{name: "client disabled", seenAt: "keycloak/keycloak, duendesoftware, simplejwt", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(2)
			f.must(auth.DisableClient(f.t.Context(), f.store, name))
			f.wantRefused(f.Service, refreshes[1])
			refusedWithin(t, time.Second, f.Service, accesses[0])
			f.must(auth.EnableClient(f.t.Context(), f.store, name))
			again(f, password, refreshes...) // nothing of before comes back
		}},
		{name: "password changed by an operator", seenAt: "simplejwt", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(2)
			secret, err := auth.ResetClient(f.t.Context(), f.store, name)
			f.must(err)
			f.log.secret(secret)
			f.wantRefused(f.Service, refreshes[1])
			refusedWithin(t, time.Second, f.Service, accesses[0])
			_, err = f.Reset(f.t.Context(), by(name, password, home))
			wantInvalidCredentials(t, err)
			again(f, secret, refreshes...)
		}},
		{name: "password changed in the configuration", seenAt: "simplejwt", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			f.configure(auth.Credential{Name: name, Password: "another pass phrase"})
			f.wantRefused(f.Service, refreshes[1])
			again(f, "another pass phrase", refreshes...)
		}},
		{name: "client gone and back", seenAt: "panva/node-oidc-provider, keycloak/keycloak", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			f.must(auth.SyncClients(f.t.Context(), f.store, nil, nil))
			f.wantRefused(f.Service, refreshes[1])
			f.configure(auth.Credential{Name: name, Password: password})
			again(f, password, refreshes...)
		}},
		{name: "revoked by an operator", seenAt: "ory/hydra, zitadel/zitadel", run: func(t *testing.T, f *fixture) {
			refreshes, _ := f.chain(2)
			f.must(auth.RevokeClient(f.t.Context(), f.store, name))
			f.wantRefused(f.Service, refreshes...)
			f.wantState(refreshes[0], auth.Revoked)
		}},
		{name: "the row is gone", seenAt: "ory/fosite, ory/hydra (janitor)", run: func(t *testing.T, f *fixture) {
			refreshes, accesses := f.chain(2)
			logoutWith(f, refreshes[1])
			f.must(f.store.Prune(f.t.Context(), time.Now().Add(time.Hour)))
			f.wantRefused(f.Service, refreshes...)
			f.wantDead(accesses...)
		}},
	})
}
