package auth_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// The tests named TestWeaknessNN are about the weaknesses of the program that
// mlapi grew out of, by their number in the contract. Those of HTTP are in api.

// 1: a refresh token's identity was its whole second, so that one token could be
// refreshed many times within it.
func TestWeakness01SecondAsIdentity(t *testing.T) {
	f := start(t)
	token := f.login()
	seen := map[string]bool{token: true}
	began := time.Now()
	for range 20 { // many to a second
		_, token = f.refresh(token)
		if seen[token] {
			t.Fatal("a refresh token was given out twice")
		}
		seen[token] = true
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Fatalf("20 refreshes took %v: no two in a second, so nothing is proven", took)
	}
	first := token
	if _, err := f.Refresh(t.Context(), first, fromHome); err != nil {
		t.Fatal(err)
	}
	_, err := f.Refresh(t.Context(), first, fromHome) // in the same second
	wantInvalidToken(t, err)
	if state := f.row(first).State; state != auth.Blocked {
		t.Errorf("a replay within the second left the session %s", state)
	}
}

// 2: each worker had keys and sessions of its own.
func TestWeakness02EachWorkerItsOwn(t *testing.T) {
	f := start(t, onlyOnce)
	workers := []*auth.Service{f.Service}
	for range 2 {
		store := f.open()
		workers = append(workers, f.another(func(cfg *auth.Config) { cfg.Store = store }))
	}
	tokens := make([]string, 12)
	errs := inParallel(len(tokens), func(i int) error {
		given, err := workers[i%3].Reset(t.Context(), by(name, password, home))
		tokens[i] = given.Refresh
		return err
	})
	wantCounts(t, kinds(errs), map[string]int{"": 1, "invalid_credentials": 11})

	_, second := f.refresh(strings.Join(tokens, ""))
	access, third := f.refresh(second)
	for i := range 30 {
		if _, err := workers[i%3].Authorise(t.Context(), access); err != nil {
			t.Fatalf("worker %d refuses a valid token: %v", i%3, err)
		}
	}
	// A restart: another service, the same store and key.
	restarted := f.another()
	if _, err := restarted.Authorise(t.Context(), access); err != nil {
		t.Errorf("an access token after a restart: %v", err)
	}
	if _, err := restarted.Refresh(t.Context(), third, fromHome); err != nil {
		t.Errorf("a refresh token after a restart: %v", err)
	}
	_, err := restarted.Reset(t.Context(), by(name, password, home))
	wantInvalidCredentials(t, err)
}

// 3: sessions were matched by the beginning of a name.
func TestWeakness03NamePrefix(t *testing.T) {
	f := start(t)
	f.configure(auth.Credential{Name: name, Password: password}, auth.Credential{Name: "Client", Password: "another password"})
	access, refresh := f.refresh(f.login())
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	other, err := f.Reset(t.Context(), by("Client", "another password", home))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Errorf("the login of Client ended the session of ClientA: %v", err)
	}
	f.refresh(refresh)
	if err := logout(t.Context(), f.Service, other.Refresh); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Errorf("the logout of Client ended the session of ClientA: %v", err)
	}
	for _, wrong := range []string{"clienta", "CLIENTA", "ClientA ", " ClientA", "ClientA\x00", "Client%", "Client_"} {
		_, err := f.Reset(t.Context(), by(wrong, password, netip.MustParseAddr("192.0.2.9")))
		wantInvalidCredentials(t, err)
	}
}

// 4: guessing had no limit, and passwords lay in clear.
func TestWeakness04Guessing(t *testing.T) {
	f := start(t)
	attacker := netip.MustParseAddr("198.51.100.7")
	for _, target := range []string{name, "nobody"} {
		began := time.Now()
		guess := func(i int) error {
			_, err := f.Reset(t.Context(), by(target, fmt.Sprint("wrong ", i), attacker))
			return err
		}
		counts := kinds(inParallel(1000, guess))
		if counts[""] != 0 || counts["invalid_credentials"] < 20 || counts["invalid_credentials"] > 20+int(time.Since(began)/time.Second) {
			t.Errorf("%s: 1,000 guesses at once: %v", target, counts)
		}
		if counts["invalid_credentials"]+counts["too_many_attempts"] != 1000 {
			t.Errorf("%s: 1,000 guesses at once: %v", target, counts)
		}
		_, err := f.Reset(t.Context(), by(target, password, attacker))
		wantKind(t, err, mlapi.Throttled, "too_many_attempts")
		if wait := mlapi.AsError(err).RetryAfter; wait < time.Second || wait > time.Hour {
			t.Errorf("RetryAfter %v", wait)
		}
	}
	f.login() // from elsewhere, at once

	raw, err := os.ReadFile(f.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(string(raw), password) {
		t.Error("the password is not kept as an argon2id hash alone")
	}
}

// 6: one lost response locked a client out for good, and of 16 concurrent
// refreshes the one success was dead already. The strict rule holds until keyed
// retries come: the session is blocked, the log says what helps, and it helps.
func TestWeakness06LostResponse(t *testing.T) {
	f := start(t, onlyOnce)
	first := f.login()
	f.refresh(first) // the answer is lost
	_, err := f.Refresh(t.Context(), first, fromHome)
	wantInvalidToken(t, err)
	_, err = f.Reset(t.Context(), by(name, password, home))
	wantInvalidCredentials(t, err)
	f.log.want(t, "level=WARN", "an old refresh token was presented", "client="+name, "mlapi client reset "+name)
	f.log.want(t, "level=WARN", "login refused", "credential used before", "mlapi client reset "+name)

	secret, err := auth.ResetClient(t.Context(), f.store, name)
	if err != nil {
		t.Fatal(err)
	}
	token, err := f.Reset(t.Context(), by(name, secret, home))
	if err != nil {
		t.Fatalf("login with the new secret: %v", err)
	}
	f.refresh(token.Refresh)
}

func TestWeakness06ConcurrentRefreshes(t *testing.T) {
	f := start(t)
	for _, presenters := range []int{16, 24} {
		first := f.login()
		accesses, refreshes := make([]string, presenters), make([]string, presenters)
		errs := inParallel(presenters, func(i int) error {
			tokens, err := f.Refresh(t.Context(), first, fromHome)
			accesses[i], refreshes[i] = tokens.Access, tokens.Refresh
			return err
		})
		wantCounts(t, kinds(errs), map[string]int{"": 1, "invalid_token": presenters - 1})
		if row := f.row(first); row.State != auth.Blocked || row.Generation != 2 {
			t.Errorf("the session is %s at generation %d", row.State, row.Generation)
		}
		_, err := f.Refresh(t.Context(), strings.Join(refreshes, ""), fromHome)
		wantInvalidToken(t, err)
		_, err = f.Authorise(t.Context(), strings.Join(accesses, ""))
		wantInvalidToken(t, err)
	}
}

// 7: there was no logout and no revocation.
func TestWeakness07NoRevocation(t *testing.T) {
	f := start(t)
	for name, pick := range map[string]func(first, access, second string) string{
		"access token":           func(_, access, _ string) string { return access },
		"newest refresh token":   func(_, _, second string) string { return second },
		"a refresh token before": func(first, _, _ string) string { return first },
	} {
		first := f.login()
		access, second := f.refresh(first)
		if _, err := f.Authorise(t.Context(), access); err != nil {
			t.Fatal(err)
		}
		if err := logout(t.Context(), f.Service, pick(first, access, second)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_, err := f.Authorise(t.Context(), access)
		wantInvalidToken(t, err)
		_, err = f.Refresh(t.Context(), second, fromHome)
		wantInvalidToken(t, err)
		wantInvalidToken(t, logout(t.Context(), f.Service, pick(first, access, second)))
		if row := f.row(second); row.State != auth.Revoked {
			t.Errorf("%s: the session is %s", name, row.State)
		}
	}
	// An operator ends sessions too, within a second.
	access, _ := f.refresh(f.login())
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	if err := auth.RevokeClient(t.Context(), f.open(), name); err != nil {
		t.Fatal(err)
	}
	refusedWithin(t, time.Second, f.Service, access)
	_, err := f.Reset(t.Context(), by(name, password, home))
	wantInvalidCredentials(t, err)
}

// refusedWithin fails the test where a service still authorises a token after a
// while.
func refusedWithin(t *testing.T, limit time.Duration, s *auth.Service, access string) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		_, err := s.Authorise(t.Context(), access)
		if err != nil {
			wantInvalidToken(t, err)
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still authorised after %v", limit)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// 10: an empty name and password in the configuration let anybody in, and rs256
// booted but used credentials up without ever giving a token.
func TestWeakness10EmptyCredentials(t *testing.T) {
	f := start(t)
	for _, c := range []auth.Credential{{}, {Name: "x"}, {Password: "x"}} {
		if err := auth.SyncClients(t.Context(), f.store, []auth.Credential{c}, nil); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
	// Not even a store that holds such clients lets anybody in.
	if err := f.store.AddClient(t.Context(), auth.Client{Name: "hollow"}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"", ""}, {"hollow", ""}, {"", password}, {name, ""}, {"hollow", "x"}} {
		_, err := f.Reset(t.Context(), by(c[0], c[1], home))
		wantInvalidCredentials(t, err)
	}
}

func TestWeakness10Algorithm(t *testing.T) {
	for _, algorithm := range []string{"rs256", "RS257", "", "HS256", "none", "ES256"} {
		if _, err := auth.NewKey(rsaKey(), algorithm); err == nil {
			t.Errorf("a key for %q", algorithm)
		}
		dir := t.TempDir()
		files := auth.KeyFiles{Public: dir + "/public.pem", Private: dir + "/private.pem", Algorithm: algorithm}
		if _, err := auth.LoadKey(files, nil); err == nil || !strings.Contains(fmt.Sprint(err), "algorithm") {
			t.Errorf("LoadKey with %q: %v", algorithm, err)
		}
	}
}

// Whatever is wrong with a login, the answer is the same to the byte.
func TestRefusedLoginsAreAlike(t *testing.T) {
	f := start(t, onlyOnce)
	f.login()
	if err := f.store.AddClient(t.Context(), auth.Client{Name: "off", Disabled: auth.ByOperator, PasswordHash: "$argon2id$broken"}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	var first string
	for _, c := range [][2]string{
		{"nobody", password}, {name, "wrong"}, {name, password}, {"", ""}, {name, ""}, {"", password}, {"off", password},
		{strings.Repeat("n", 60<<10), strings.Repeat("p", 60<<10)}, {"\xff\x00", "\xff\x00"}, {name, password + "\x00"},
	} {
		_, err := f.Reset(t.Context(), by(c[0], c[1], home))
		wantInvalidCredentials(t, err)
		e := mlapi.AsError(err)
		text, err := json.Marshal([]any{e.Kind, e.Code, e.Detail, e.RetryAfter})
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Errorf("%.20q is answered by %s, others by %s", c, text, first)
		}
	}
}
