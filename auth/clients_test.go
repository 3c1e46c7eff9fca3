package auth_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

// canLogIn reports whether a credential is right and unused.
func (f *fixture) canLogIn(name, password string) bool {
	f.t.Helper()
	_, err := f.Reset(f.t.Context(), by(name, password, home))
	return err == nil
}

func (f *fixture) want(when string, name, password string, want bool) {
	f.t.Helper()
	if got := f.canLogIn(name, password); got != want {
		f.t.Errorf("%s: %s logs in with %q: %v", when, name, password, got)
	}
}

func TestSyncClients(t *testing.T) {
	f := start(t, onlyOnce)
	a := auth.Credential{Name: "a", Password: "one"}
	a2 := auth.Credential{Name: "a", Password: "two"}
	b := auth.Credential{Name: "b", Password: "bee"}
	own, err := auth.AddClient(t.Context(), f.store, "own")
	if err != nil {
		t.Fatal(err)
	}
	f.configure(a, b)
	f.want("new", "a", "one", true)
	f.want("used", "a", "one", false)

	f.configure(a, b)
	f.want("the same password", "a", "one", false)

	tokens, err := f.Reset(t.Context(), by("b", "bee", home))
	if err != nil {
		t.Fatal(err)
	}
	f.configure(a2, b)
	f.want("the old password", "a", "one", false)
	f.want("a changed password", "a", "two", true)
	_, token := f.refresh(tokens.Refresh) // b's session goes on

	f.configure(a2)
	_, err = f.Refresh(t.Context(), token, fromHome)
	wantInvalidToken(t, err)
	f.want("gone", "b", "bee", false)

	f.configure(a2, b)
	f.want("back with the same password, used up", "b", "bee", false)
	f.configure(a2)
	f.configure(a2, auth.Credential{Name: "b", Password: "new"})
	f.want("back with another password", "b", "new", true)

	f.configure()
	f.want("none configured", "a", "two", false)
	f.want("the store's own", "own", own, true)
	f.configure(auth.Credential{Name: "own", Password: "taken over"})
	f.want("taken over, old", "own", own, false)
	f.want("taken over", "own", "taken over", true)
}

func TestChangedPasswordEndsSessions(t *testing.T) {
	f := start(t)
	access, refresh := f.refresh(f.login())
	f.configure(auth.Credential{Name: name, Password: password})
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Errorf("the same password ended the session: %v", err)
	}
	f.configure(auth.Credential{Name: name, Password: "another"})
	refusedWithin(t, time.Second, f.Service, access)
	_, err := f.Refresh(t.Context(), refresh, fromHome)
	wantInvalidToken(t, err)
}

// Changed means different from what the configuration last gave: a secret that an
// operator set stays good until the configuration changes.
func TestOperatorsSecretHoldsAcrossRestarts(t *testing.T) {
	f := start(t, onlyOnce)
	configured := auth.Credential{Name: name, Password: password}
	secret, err := auth.ResetClient(t.Context(), f.store, name)
	if err != nil {
		t.Fatal(err)
	}
	f.configure(configured)
	f.want("after a reset", name, password, false)
	f.want("after a reset", name, secret, true)
	f.configure(configured)
	f.want("used", name, secret, false)
	if err := auth.RevokeClient(t.Context(), f.store, name); err != nil {
		t.Fatal(err)
	}
	f.configure(configured)
	f.want("revoked", name, password, false)
	f.want("revoked", name, secret, false)
	f.want("revoked", name, "", false)
	f.configure(auth.Credential{Name: name, Password: "changed"})
	f.want("changed", name, "changed", true)
}

func TestResetOfAClientThatLeftTheConfiguration(t *testing.T) {
	f := start(t)
	f.configure()
	f.want("gone", name, password, false)
	secret, err := auth.ResetClient(t.Context(), f.store, name)
	if err != nil {
		t.Fatal(err)
	}
	f.want("reset", name, secret, true)
	f.configure()
	f.want("it belongs to the store now", name, secret, true)
}

func TestResetClientEndsSessions(t *testing.T) {
	f := start(t)
	access, _ := f.refresh(f.login())
	if _, err := auth.ResetClient(t.Context(), f.store, name); err != nil {
		t.Fatal(err)
	}
	refusedWithin(t, time.Second, f.Service, access)
}

func TestSyncClientsRefuses(t *testing.T) {
	f := start(t)
	ok := auth.Credential{Name: "ok", Password: "kept secret"}
	const usn, pwd = "AUTH_CLIENTS_RESET_USN: ", "AUTH_CLIENTS_RESET_PWD: "
	for _, c := range []struct {
		bad  auth.Credential
		want string
	}{
		{auth.Credential{Password: "kept secret"}, usn + "entry 2 cannot be a client's name: it is empty"},
		{auth.Credential{Name: "x"}, pwd + `the client "x" has no password`},
		{auth.Credential{Name: "ok", Password: "kept secret"}, usn + `the client "ok" is named twice`},
		{auth.Credential{Name: "a,b", Password: "kept secret"}, usn + "entry 2 cannot be a client's name: it holds a comma"},
		{auth.Credential{Name: "a\nb", Password: "kept secret"}, usn + "entry 2 cannot be a client's name: it holds a character that cannot be printed"},
		{auth.Credential{Name: "\xff", Password: "kept secret"}, usn + "entry 2 cannot be a client's name: it is not UTF-8"},
		{auth.Credential{Name: " a", Password: "kept secret"}, usn + "entry 2 cannot be a client's name: it begins or ends with a space"},
		{auth.Credential{Name: strings.Repeat("a", 129), Password: "kept secret"}, usn + "entry 2 cannot be a client's name: it has more than 128 bytes"},
	} {
		configured := []auth.Credential{ok, c.bad}
		for _, err := range []error{auth.CheckCredentials(configured), auth.SyncClients(t.Context(), f.store, configured, nil)} {
			var hinter interface{ Hint() string }
			if err == nil || err.Error() != c.want || !errors.As(err, &hinter) || hinter.Hint() == "" {
				t.Errorf("%q: %v, want %s", c.bad.Name, err, c.want)
			}
		}
	}
	longest := []auth.Credential{ok, {Name: strings.Repeat("a", 128), Password: "kept secret"}, {Name: "Zoë with spaces", Password: "kept secret"}}
	if err := auth.CheckCredentials(longest); err != nil {
		t.Error(err)
	}
	if _, err := f.store.Client(t.Context(), "ok"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a refused configuration was half taken over: %v", err)
	}
	if c, err := f.store.Client(t.Context(), name); err != nil || c.Disabled != "" {
		t.Errorf("a refused configuration disabled a client: %+v, %v", c, err)
	}
}

// What an operator disabled the configuration does not enable.
func TestDisabledClients(t *testing.T) {
	f := start(t)
	access, _ := f.refresh(f.login())
	if err := auth.DisableClient(t.Context(), f.store, name); err != nil {
		t.Fatal(err)
	}
	refusedWithin(t, time.Second, f.Service, access)
	configured := auth.Credential{Name: name, Password: password}
	f.configure(configured)
	f.want("disabled", name, password, false)
	f.configure(auth.Credential{Name: name, Password: "changed"})
	f.want("disabled, with another password", name, "changed", false)
	if err := auth.EnableClient(t.Context(), f.store, name); err != nil {
		t.Fatal(err)
	}
	f.want("enabled", name, "changed", true)
	f.configure()
	if err := auth.EnableClient(t.Context(), f.store, name); err != nil {
		t.Fatal(err)
	}
	f.configure()
	f.want("enabled, so it belongs to the store", name, "changed", true)
	wantHinted(t, auth.DisableClient(t.Context(), f.store, "nobody"), `no client "nobody"`)
}

// wantHinted fails the test where err does not hold a text or has no Hint.
func wantHinted(t *testing.T, err error, text string) {
	t.Helper()
	var hinter interface{ Hint() string }
	if err == nil || !strings.Contains(err.Error(), text) || !errors.As(err, &hinter) || hinter.Hint() == "" {
		t.Errorf("error %v, want one with %q and a hint", err, text)
	}
}

func TestManyConfiguredClients(t *testing.T) {
	f := start(t)
	var many []auth.Credential
	for i := range 20 {
		many = append(many, auth.Credential{Name: fmt.Sprint("client ", i), Password: fmt.Sprint("password ", i)})
	}
	f.configure(many...)
	many[7].Password = "another"
	f.configure(many...)
	for _, i := range []int{0, 7, 19} {
		f.want("of many", many[i].Name, many[i].Password, true)
	}
	f.want("of many", "client 7", "password 7", false)
}

func TestOperatorCommands(t *testing.T) {
	f := start(t)
	secret, err := auth.AddClient(t.Context(), f.store, "Zoë at home")
	if err != nil || len(secret) < 26 {
		t.Fatalf("AddClient = %q, %v", secret, err)
	}
	f.want("added", "Zoë at home", secret, true)
	c, err := f.store.Client(t.Context(), "Zoë at home")
	if err != nil || strings.Contains(fmt.Sprint(c), secret) || c.ConfigHash != "" {
		t.Errorf("the store holds %+v, %v", c, err)
	}
	another, err := auth.ResetClient(t.Context(), f.store, "Zoë at home")
	if err != nil || another == secret {
		t.Errorf("ResetClient gave the same secret, %v", err)
	}
	f.want("the old secret", "Zoë at home", secret, false)
	f.want("the new secret", "Zoë at home", another, true)

	for text, call := range map[string]func() error{
		"there is a client": func() error { _, err := auth.AddClient(t.Context(), f.store, name); return err },
		"is empty":          func() error { _, err := auth.AddClient(t.Context(), f.store, ""); return err },
		"more than 128":     func() error { _, err := auth.AddClient(t.Context(), f.store, strings.Repeat("n", 200)); return err },
		"a comma":           func() error { _, err := auth.AddClient(t.Context(), f.store, "a,b"); return err },
		`no client "clienta"`: func() error {
			_, err := auth.ResetClient(t.Context(), f.store, "clienta")
			return err
		},
		`no client "Client"`: func() error { return auth.RevokeClient(t.Context(), f.store, "Client") },
	} {
		err := call()
		var hinter interface{ Hint() string }
		if err == nil || !strings.Contains(err.Error(), text) || !errors.As(err, &hinter) || hinter.Hint() == "" {
			t.Errorf("%v, want an error with a hint about %q", err, text)
		}
	}
}

func TestCredentialsHideTheirPassword(t *testing.T) {
	c := auth.Credential{Name: "n", Password: "hidden"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "c", c)
	text := fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c) + log.String()
	if strings.Contains(text, "hidden") || !strings.Contains(text, "n") {
		t.Errorf("%s", text)
	}
}
