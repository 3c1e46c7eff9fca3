package auth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
	"example.com/mlapi/store/sqlite"
)

const (
	name       = "ClientA"
	password   = "correct horse battery staple"
	issuer     = "MLAPIAS"
	accessTTL  = time.Hour
	refreshTTL = 24 * time.Hour
)

// home is the address that honest clients come from.
var home = netip.MustParseAddr("192.0.2.1")

// fromHome is where honest requests for tokens come from.
var fromHome = mlapi.Origin{Address: home}

// by returns a login of the client's instance without a name.
func by(name, password string, from netip.Addr) mlapi.Login {
	return mlapi.Login{Name: name, Password: password, Origin: mlapi.Origin{Address: from}}
}

// keyed returns the origin of a request with an Idempotency-Key.
func keyed(key string) mlapi.Origin { return mlapi.Origin{Address: home, RetryKey: key} }

// rsaKey is the one signing key of this test binary.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// fixture is a store in a file with one client, and a service on it.
type fixture struct {
	*auth.Service
	t     testing.TB
	path  string
	store auth.Store
	key   *auth.Key
	log   *logBook
	cfg   auth.Config
}

// start returns a fixture whose service runs. Changes are made to its
// configuration first.
func start(t testing.TB, changes ...func(*auth.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, path: filepath.Join(t.TempDir(), "mlapi.db"), log: &logBook{}}
	f.store = f.open()
	f.log.secret(password)
	t.Cleanup(func() { f.log.check(t) })
	var err error
	if f.key, err = auth.NewKey(rsaKey(), "RS256"); err != nil {
		t.Fatal(err)
	}
	f.cfg = auth.Config{
		Store: f.store, Keys: auth.NewKeyRing(f.key), Issuer: issuer, AccessTTL: accessTTL, RefreshTTL: refreshTTL,
		Logger: slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, change := range changes {
		change(&f.cfg)
	}
	f.configure(auth.Credential{Name: name, Password: password})
	f.Service = f.another()
	return f
}

func onlyOnce(cfg *auth.Config) { cfg.ResetOnlyOnce = true }

// open opens the store once more, as another process would.
func (f *fixture) open() auth.Store {
	f.t.Helper()
	s, err := sqlite.Open(f.t.Context(), f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { s.Close() })
	return s
}

// another returns one more running service of the same configuration.
func (f *fixture) another(changes ...func(*auth.Config)) *auth.Service {
	f.t.Helper()
	cfg := f.cfg
	for _, change := range changes {
		change(&cfg)
	}
	s, err := auth.New(cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	run(f.t, s)
	return s
}

func run(t testing.TB, s *auth.Service) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// configure makes the store follow a configuration.
func (f *fixture) configure(clients ...auth.Credential) {
	f.t.Helper()
	for _, c := range clients {
		f.log.secret(c.Password)
	}
	if err := auth.SyncClients(f.t.Context(), f.store, clients, f.cfg.Logger); err != nil {
		f.t.Fatal(err)
	}
}

// login logs a client in, which must work.
func (f *fixture) login() string {
	f.t.Helper()
	tokens, err := f.Reset(f.t.Context(), by(name, password, home))
	if err != nil || tokens.Caller != (mlapi.Caller{Name: name, Session: f.row(tokens.Refresh).ID}) || tokens.Generation != 1 || tokens.Access != "" {
		f.t.Fatalf("login: %v, %v", tokens, err)
	}
	f.log.secret(tokens.Refresh)
	return tokens.Refresh
}

// refresh refreshes, which must work.
func (f *fixture) refresh(token string) (access, refresh string) {
	f.t.Helper()
	return f.refreshKeyed(token, "")
}

// refreshKeyed refreshes with an Idempotency-Key, which must work.
func (f *fixture) refreshKeyed(token, key string) (access, refresh string) {
	f.t.Helper()
	tokens, err := f.Refresh(f.t.Context(), token, keyed(key))
	if err != nil || tokens.Caller.Session != f.row(token).ID || tokens.Caller.Name != f.row(token).Client {
		f.t.Fatalf("refresh: %v, %v", tokens, err)
	}
	if got := payload(f.t, tokens.Refresh)["gen"]; got != float64(tokens.Generation) {
		f.t.Errorf("tokens of generation %d hold %v", tokens.Generation, got)
	}
	f.log.secret(tokens.Access)
	f.log.secret(tokens.Refresh)
	f.log.secret(key)
	return tokens.Access, tokens.Refresh
}

// logout ends the session of a token. Where it does, it must say whose it was.
func logout(ctx context.Context, s *auth.Service, token string) error {
	caller, err := s.Revoke(ctx, token, fromHome)
	if (err == nil) != (caller.Name != "" && caller.Session != "") {
		return fmt.Errorf("Revoke returned %+v and %w", caller, err)
	}
	return err
}

// row returns the row of a token's session.
func (f *fixture) row(token string) auth.Session {
	f.t.Helper()
	row, err := f.store.Session(f.t.Context(), payload(f.t, token)["sid"].(string))
	if err != nil {
		f.t.Fatal(err)
	}
	return row
}

// wantKind fails the test where err is not an *mlapi.Error of that kind and code.
func wantKind(t *testing.T, err error, kind mlapi.Kind, code string) {
	t.Helper()
	var e *mlapi.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Code != code {
		t.Errorf("got error %v, want kind %d, code %s", err, kind, code)
	}
}

func wantInvalidToken(t *testing.T, err error) {
	t.Helper()
	wantKind(t, err, mlapi.Unauthenticated, "invalid_token")
}

func wantInvalidCredentials(t *testing.T, err error) {
	t.Helper()
	wantKind(t, err, mlapi.Unauthenticated, "invalid_credentials")
}

// part returns a decoded part of a token: 0 the header, 1 the payload.
func part(t testing.TB, token string, i int) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[i])
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

func header(t testing.TB, token string) map[string]any  { return part(t, token, 0) }
func payload(t testing.TB, token string) map[string]any { return part(t, token, 1) }

// seal signs a header and a payload, given as JSON, with RS256 and the test key.
func seal(header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(header)) + "." + encode([]byte(payload))
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, rsaKey(), crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return input + "." + encode(signature)
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// logBook keeps the log and the secrets that must not be in it.
type logBook struct {
	mu      sync.Mutex
	text    bytes.Buffer
	secrets []string
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logBook) secret(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = append(l.secrets, s)
}

// check fails the test where a secret or anything like a token was logged.
func (l *logBook) check(t testing.TB) {
	text := l.String()
	for _, secret := range append(l.secrets, "eyJ", "$argon2id$") {
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("the log holds the secret %q", secret)
		}
	}
}

// want fails the test where no line of the log holds all of the words.
func (l *logBook) want(t *testing.T, words ...string) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			return
		}
	}
	t.Errorf("no line of the log holds %q:\n%s", words, l)
}

// inParallel calls fn n times at once and returns the errors.
func inParallel(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var ready, all sync.WaitGroup
	ready.Add(1)
	for i := range n {
		all.Go(func() {
			ready.Wait()
			errs[i] = fn(i)
		})
	}
	ready.Done()
	all.Wait()
	return errs
}

// kinds counts errors by code; nil is "".
func kinds(errs []error) map[string]int {
	counts := make(map[string]int)
	for _, err := range errs {
		code := ""
		if err != nil {
			code = mlapi.AsError(err).Code
		}
		counts[code]++
	}
	return counts
}

func wantCounts(t *testing.T, got map[string]int, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
