package auth_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// Of many that present a right once-only credential one gets in, and none of the
// others is taken for a guesser.
func TestOnceOnlyCredential(t *testing.T) {
	f := start(t, onlyOnce)
	errs := inParallel(24, func(int) error {
		_, err := f.Reset(t.Context(), name, password, home)
		return err
	})
	wantCounts(t, kinds(errs), map[string]int{"": 1, "invalid_credentials": 23})
	for range 30 { // more than the free guesses
		_, err := f.Reset(t.Context(), name, password, home)
		wantInvalidCredentials(t, err)
	}
	f.log.want(t, "level=WARN", "login refused", "client="+name, "mlapi client reset "+name)
}

func TestLoginEndsTheEarlierSession(t *testing.T) {
	f := start(t)
	access, refresh := f.refresh(f.login())
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	second := f.login()
	_, err := f.Authorise(t.Context(), access) // at once
	wantInvalidToken(t, err)
	_, _, err = f.Refresh(t.Context(), refresh)
	wantInvalidToken(t, err)
	f.refresh(second)
}

// A used credential neither counts as a guess nor clears guesses.
func TestUsedCredentialIsNeutral(t *testing.T) {
	f := start(t, onlyOnce)
	f.login()
	guess := func(password string) error {
		_, err := f.Reset(t.Context(), name, password, home)
		return err
	}
	for range 19 {
		wantInvalidCredentials(t, guess("wrong"))
	}
	for range 5 {
		wantInvalidCredentials(t, guess(password))
	}
	wantInvalidCredentials(t, guess("wrong"))
	wantKind(t, guess(password), mlapi.Throttled, "too_many_attempts")
	f.log.want(t, "level=WARN", "too many wrong passwords", "client="+name, "address=192.0.2.1")
}

// A success clears the guesses for that name from that address.
func TestSuccessClearsGuesses(t *testing.T) {
	f := start(t)
	for range 2 {
		for range 19 {
			_, err := f.Reset(t.Context(), name, "wrong", home)
			wantInvalidCredentials(t, err)
		}
		f.login()
	}
}

func TestRequestsWithoutNameOrPasswordAreNotCounted(t *testing.T) {
	f := start(t)
	for i := range 42 {
		c := [][2]string{{name, ""}, {"", password}}[i%2]
		_, err := f.Reset(t.Context(), c[0], c[1], home)
		wantInvalidCredentials(t, err)
	}
	f.login()
}

// At most 100 failed logins a minute from one address, whatever the names.
func TestFailedLoginsOfOneAddress(t *testing.T) {
	f := start(t)
	errs := inParallel(120, func(i int) error {
		_, err := f.Reset(t.Context(), fmt.Sprint("name ", i), "wrong", home)
		return err
	})
	counts := kinds(errs)
	if counts["invalid_credentials"] != 100 || counts["too_many_attempts"] != 20 {
		t.Errorf("120 failed logins: %v", counts)
	}
	_, err := f.Reset(t.Context(), name, password, netip.MustParseAddr("::ffff:192.0.2.1"))
	wantKind(t, err, mlapi.Throttled, "too_many_attempts")
	if _, err := f.Reset(t.Context(), name, password, netip.MustParseAddr("192.0.2.2")); err != nil {
		t.Errorf("the right password from elsewhere: %v", err)
	}
}

// Every login that is looked at costs one argon2id, whoever asks, and one that is
// throttled none. 19 MiB of memory each show that it ran.
func TestLoginsCostTheSame(t *testing.T) {
	f := start(t, onlyOnce)
	if err := f.store.AddClient(t.Context(), auth.Client{Name: "disabled", Disabled: true}); err != nil {
		t.Fatal(err)
	}
	mebibytes := func(name, password string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = f.Reset(t.Context(), name, password, home)
		runtime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) >> 20
	}
	for _, c := range [][2]string{
		{"nobody", password}, {name, "wrong"}, {"disabled", password}, {"", ""}, {name, ""}, {name, password}, {name, password},
	} {
		if got := mebibytes(c[0], c[1]); got < 19 || got >= 38 {
			t.Errorf("%q with %q: %d MiB, want those of one hash", c[0], c[1], got)
		}
	}
	for range 20 {
		_, _ = f.Reset(t.Context(), "nobody", "wrong", home)
	}
	if got := mebibytes("nobody", "wrong"); got >= 19 {
		t.Errorf("a throttled login: %d MiB", got)
	}
}

// The log names known clients alone: people type passwords into the wrong field.
func TestLogDoesNotNameStrangers(t *testing.T) {
	f := start(t)
	for _, stranger := range []string{"hunter2-in-the-wrong-field", "x\nlevel=ERROR msg=forged"} {
		_, err := f.Reset(t.Context(), stranger, "p", home)
		wantInvalidCredentials(t, err)
	}
	_, err := f.Reset(t.Context(), name, "wrong", home)
	wantInvalidCredentials(t, err)
	text := f.log.String()
	if strings.Contains(text, "hunter2") || strings.Contains(text, "forged") {
		t.Errorf("the log names strangers: %s", text)
	}
	f.log.want(t, "login refused", `reason="unknown name"`, "address=192.0.2.1")
	f.log.want(t, "login refused", `reason="wrong password"`, "client="+name)
}

// A hash that cannot be read lets nobody in, and the operator is told.
func TestDamagedHashInTheStore(t *testing.T) {
	f := start(t)
	c, err := f.store.Client(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	c.PasswordHash = "$argon2id$v=19$m=4000000000,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if err := f.store.UpdateClient(t.Context(), c, ""); err != nil {
		t.Fatal(err)
	}
	_, err = f.Reset(t.Context(), name, password, home)
	wantInvalidCredentials(t, err)
	f.log.want(t, "level=WARN", "damaged", "mlapi client reset "+name)
}

// A credential that an operator changes while it is checked is not let in.
func TestCredentialChangedMeanwhile(t *testing.T) {
	f := start(t)
	store := &changing{Store: f.store, change: func() {
		if _, err := auth.ResetClient(t.Context(), f.store, name); err != nil {
			t.Error(err)
		}
	}}
	s := f.another(func(cfg *auth.Config) { cfg.Store = store })
	_, err := s.Reset(t.Context(), name, password, home)
	wantInvalidCredentials(t, err)
	f.log.want(t, "login refused", "meanwhile")
}

// changing is a real store where something happens right before a session starts.
type changing struct {
	auth.Store
	change func()
}

func (s *changing) StartSession(ctx context.Context, row auth.Session, hash string, once bool) (bool, error) {
	s.change()
	return s.Store.StartSession(ctx, row, hash, once)
}

// A disabled client is like a name that does not exist, also to the limits, and
// the log knows better.
func TestDisabledClient(t *testing.T) {
	f := start(t)
	c, err := f.store.Client(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	c.Disabled = true
	if err := f.store.UpdateClient(t.Context(), c, ""); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_, err := f.Reset(t.Context(), name, password, home)
		wantInvalidCredentials(t, err)
	}
	f.log.want(t, "login refused", `reason="client disabled"`, "client="+name)
	_, err = f.Reset(t.Context(), name, password, home)
	wantKind(t, err, mlapi.Throttled, "too_many_attempts")
}

// lenient is a store that breaks its contract: it finds a client by any name.
type lenient struct{ auth.Store }

func (s lenient) Client(ctx context.Context, _ string) (auth.Client, error) {
	return s.Store.Client(ctx, name)
}

func TestLoginComparesTheNameItself(t *testing.T) {
	f := start(t)
	s := f.another(func(cfg *auth.Config) { cfg.Store = lenient{f.store} })
	_, err := s.Reset(t.Context(), strings.ToLower(name), password, home)
	wantInvalidCredentials(t, err)
}
