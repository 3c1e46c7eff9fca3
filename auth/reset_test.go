package auth_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// Of many that present a right once-only credential one gets in. The others are
// refused and count, so beyond the free attempts they wait.
func TestOnceOnlyCredential(t *testing.T) {
	for _, presenters := range []int{16, 24} {
		f := start(t, onlyOnce)
		counts := kinds(inParallel(presenters, func(int) error {
			_, err := f.Reset(t.Context(), by(name, password, home))
			return err
		}))
		if counts[""] != 1 || counts["invalid_credentials"]+counts["too_many_attempts"] != presenters-1 ||
			presenters <= 20 && counts["too_many_attempts"] > 0 {
			t.Errorf("%d presenters: %v", presenters, counts)
		}
		f.log.want(t, "level=WARN", "login refused", "client="+name, "mlapi client reset "+name)
	}
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
	_, err = f.Refresh(t.Context(), refresh, fromHome)
	wantInvalidToken(t, err)
	f.refresh(second)
}

// Whatever a login with a name and a password is refused for, it counts, and the
// attempt after the last free one has to wait: the limits tell nobody which of the
// passwords tried was a right one that was used before.
func TestEveryRefusalCounts(t *testing.T) {
	f := start(t, onlyOnce)
	f.login()
	for _, c := range []auth.Client{
		{Name: "disabled", Disabled: auth.ByOperator}, {Name: "revoked"}, {Name: "damaged", PasswordHash: "$argon2id$broken"},
	} {
		if err := f.store.AddClient(t.Context(), c, auth.Event{}); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range [][2]string{
		{name, "wrong"}, {name, password}, {"nobody", password}, {"disabled", password}, {"revoked", password}, {"damaged", password},
	} {
		from := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		for try := range 20 {
			_, err := f.Reset(t.Context(), by(c[0], c[1], from))
			if wantInvalidCredentials(t, err); t.Failed() {
				t.Fatalf("%s with %q: try %d", c[0], c[1], try+1)
			}
		}
		for _, password := range []string{"wrong", password} {
			_, err := f.Reset(t.Context(), by(c[0], password, from))
			wantKind(t, err, mlapi.Throttled, "too_many_attempts")
		}
	}
	f.log.want(t, "level=WARN", "too many refused logins", "client="+name, "address=198.51.100.1")
}

// What an operator does for a client that was locked out helps at once; the limit
// of its address holds on.
func TestNewSecretStartsAFreshCount(t *testing.T) {
	f := start(t, onlyOnce)
	f.login()
	for i := range 25 {
		_, err := f.Reset(t.Context(), by(name, []string{"wrong", password}[i%2], home))
		if want := i < 20; want != (mlapi.AsError(err).Kind == mlapi.Unauthenticated) {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	secret, err := auth.ResetClient(t.Context(), f.store, name)
	if err != nil {
		t.Fatal(err)
	}
	f.log.secret(secret)
	if _, err := f.Reset(t.Context(), by(name, secret, home)); err != nil {
		t.Fatalf("the new secret from the address that was locked out: %v", err)
	}
	for i := range 80 {
		_, err := f.Reset(t.Context(), by(fmt.Sprint("name ", i), "wrong", home))
		wantInvalidCredentials(t, err)
	}
	if secret, err = auth.ResetClient(t.Context(), f.store, name); err != nil {
		t.Fatal(err)
	}
	_, err = f.Reset(t.Context(), by(name, secret, home))
	wantKind(t, err, mlapi.Throttled, "too_many_attempts")
}

// A success clears the guesses for that name from that address.
func TestSuccessClearsGuesses(t *testing.T) {
	f := start(t)
	for range 2 {
		for range 19 {
			_, err := f.Reset(t.Context(), by(name, "wrong", home))
			wantInvalidCredentials(t, err)
		}
		f.login()
	}
}

func TestRequestsWithoutNameOrPasswordAreNotCounted(t *testing.T) {
	f := start(t)
	for i := range 42 {
		c := [][2]string{{name, ""}, {"", password}}[i%2]
		_, err := f.Reset(t.Context(), by(c[0], c[1], home))
		wantInvalidCredentials(t, err)
	}
	f.login()
}

// At most 100 failed logins a minute from one address, whatever the names.
func TestFailedLoginsOfOneAddress(t *testing.T) {
	f := start(t)
	errs := inParallel(120, func(i int) error {
		_, err := f.Reset(t.Context(), by(fmt.Sprint("name ", i), "wrong", home))
		return err
	})
	counts := kinds(errs)
	if counts["invalid_credentials"] != 100 || counts["too_many_attempts"] != 20 {
		t.Errorf("120 failed logins: %v", counts)
	}
	_, err := f.Reset(t.Context(), by(name, password, netip.MustParseAddr("::ffff:192.0.2.1")))
	wantKind(t, err, mlapi.Throttled, "too_many_attempts")
	if _, err := f.Reset(t.Context(), by(name, password, netip.MustParseAddr("192.0.2.2"))); err != nil {
		t.Errorf("the right password from elsewhere: %v", err)
	}
}

// Every login that is looked at costs one argon2id, whoever asks, and one that is
// throttled none. 19 MiB of memory each show that it ran.
func TestLoginsCostTheSame(t *testing.T) {
	f := start(t, onlyOnce)
	if err := f.store.AddClient(t.Context(), auth.Client{Name: "disabled", Disabled: auth.ByOperator}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	mebibytes := func(name, password string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = f.Reset(t.Context(), by(name, password, home))
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
	for _, target := range []string{"nobody", name} {
		for range 20 {
			_, _ = f.Reset(t.Context(), by(target, "wrong", home))
		}
		if got := mebibytes(target, "wrong"); got >= 19 {
			t.Errorf("a throttled login of %s: %d MiB", target, got)
		}
	}
}

// Throttled logins, which hash nothing, are answered at a fixed time, so that they
// do not show whether there is a client to read.
func TestThrottledLoginsTakeTheSame(t *testing.T) {
	f := start(t)
	for _, target := range []string{name, "nobody"} {
		for range 20 {
			_, _ = f.Reset(t.Context(), by(target, "wrong", home))
		}
		for range 20 {
			began := time.Now()
			_, err := f.Reset(t.Context(), by(target, "wrong", home))
			wantKind(t, err, mlapi.Throttled, "too_many_attempts")
			if took := time.Since(began); took < 2*time.Millisecond {
				t.Errorf("%s is answered after %v", target, took)
			}
		}
	}
}

// The log names known clients alone: people type passwords into the wrong field.
func TestLogDoesNotNameStrangers(t *testing.T) {
	f := start(t)
	for _, stranger := range []string{"hunter2-in-the-wrong-field", "x\nlevel=ERROR msg=forged"} {
		_, err := f.Reset(t.Context(), by(stranger, "p", home))
		wantInvalidCredentials(t, err)
	}
	_, err := f.Reset(t.Context(), by(name, "wrong", home))
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
	if err := f.store.UpdateClient(t.Context(), c, "", auth.Event{}); err != nil {
		t.Fatal(err)
	}
	_, err = f.Reset(t.Context(), by(name, password, home))
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
	_, err := s.Reset(t.Context(), by(name, password, home))
	wantInvalidCredentials(t, err)
	f.log.want(t, "login refused", "meanwhile")
}

// changing is a real store where something happens right before a session starts.
type changing struct {
	auth.Store
	change func()
}

func (s *changing) StartSession(ctx context.Context, row auth.Session, login auth.LoginCheck, e auth.Event) (auth.Session, error) {
	s.change()
	return s.Store.StartSession(ctx, row, login, e)
}

// A disabled client is like a name that does not exist, also to the limits, and
// the log knows better.
func TestDisabledClient(t *testing.T) {
	f := start(t)
	c, err := f.store.Client(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	c.Disabled = auth.ByOperator
	if err := f.store.UpdateClient(t.Context(), c, "", auth.Event{}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_, err := f.Reset(t.Context(), by(name, password, home))
		wantInvalidCredentials(t, err)
	}
	// Its password is not even compared, else this were a warning.
	f.log.want(t, "level=INFO", "login refused", `reason="client disabled"`, "client="+name)
	_, err = f.Reset(t.Context(), by(name, password, home))
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
	_, err := s.Reset(t.Context(), by(strings.ToLower(name), password, home))
	wantInvalidCredentials(t, err)
}
