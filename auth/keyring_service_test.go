package auth_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// countedKeys counts how often the keys are read.
type countedKeys struct {
	auth.Store
	reads atomic.Int64
}

func (s *countedKeys) Keys(ctx context.Context) ([]auth.StoredKey, time.Time, error) {
	s.reads.Add(1)
	return s.Store.Keys(ctx)
}

// ringed is a service whose keys are in its store, and another one of another
// process.
type ringed struct {
	*fixture
	keys        *ringStore
	reads       *countedKeys // of the other process
	ring, other *auth.KeyRing
	elsewhere   *auth.Service
}

// startRinged returns services that do not run: they learn of keys when they are
// made to.
func startRinged(t *testing.T) *ringed {
	t.Helper()
	r := &ringed{}
	r.fixture = start(t, func(cfg *auth.Config) {
		r.keys = &ringStore{t: t, Store: cfg.Store, log: &logBook{secrets: []string{storeSecret}}}
	})
	r.keys.path = r.path
	t.Cleanup(func() { r.keys.log.check(t) })
	r.ring = r.keys.ring()
	r.reads = &countedKeys{Store: r.open()}
	r.other = r.keys.ring(func(cfg *auth.KeyRingConfig) { cfg.Store = r.reads })
	r.Service = r.service(r.ring)
	r.elsewhere = r.service(r.other)
	return r
}

func (r *ringed) service(ring *auth.KeyRing) *auth.Service {
	r.t.Helper()
	cfg := r.cfg
	cfg.Keys = ring
	s, err := auth.New(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// mint returns a key pair that the store has from now on, active after delay, and
// a maker of tokens that it signs.
func (r *ringed) mint(delay time.Duration) (id string, sign func(good string) string) {
	r.t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		r.t.Fatal(err)
	}
	key, err := auth.NewKey(private, "RS256")
	if err != nil {
		r.t.Fatal(err)
	}
	row, err := auth.SealedRow(key, storeSecret)
	if err != nil {
		r.t.Fatal(err)
	}
	r.keys.pass(time.Second)
	if added, err := r.store.AddKey(r.t.Context(), row, false, delay, auth.Event{}); !added || err != nil {
		r.t.Fatalf("%v, %v", added, err)
	}
	return key.ID(), func(good string) string {
		return sealWith(private, crypto.SHA256, toJSON(with(header(r.t, good), "kid", key.ID())), toJSON(integers(payload(r.t, good))))
	}
}

func (r *ringed) wantAuthorised(s *auth.Service, token, what string) {
	r.t.Helper()
	if _, err := s.Authorise(r.t.Context(), token); err != nil {
		r.t.Errorf("%s is refused: %v", what, err)
	}
}

func (r *ringed) wantRefused(s *auth.Service, token, what string) {
	r.t.Helper()
	_, err := s.Authorise(r.t.Context(), token)
	var e *mlapi.Error
	if !errors.As(err, &e) || e.Code != "invalid_token" {
		r.t.Errorf("%s: %v, want a refusal", what, err)
	}
}

func kid(t testing.TB, token string) string { return header(t, token)["kid"].(string) }

// A key is announced, signs, verifies and is dropped, each at its time, for all
// processes; nobody is logged out by it.
func TestRotationOfKeys(t *testing.T) {
	r := startRinged(t)
	old := r.ring.Active().ID()
	oldAccess, first := r.refresh(r.login())
	next := r.keys.rotate(false)
	follow(t, r.ring, r.other)
	wantPublished(t, r.ring, old, next)
	r.keys.pass(auth.AnnounceTime - 10*time.Second)
	follow(t, r.ring, r.other)
	if r.ring.Active().ID() != old {
		t.Error("the announced key signs before its time")
	}
	_, second := r.refreshKeyed(first, retryKey)
	r.keys.pass(12 * time.Second)
	follow(t, r.ring, r.other)
	if r.ring.Active().ID() != next || r.other.Active().ID() != next {
		t.Errorf("%s signs, want %s", r.ring.Active().ID(), next)
	}
	wantPublished(t, r.ring, next, old)
	// A lost answer is made again with the key that made it.
	if _, again := r.refreshKeyed(first, retryKey); again != second || kid(t, again) != old {
		t.Error("a lost answer is another one under the next key")
	}
	r.wantAuthorised(r.elsewhere, oldAccess, "a token of the retired key")
	newAccess, third := r.refresh(second)
	if kid(t, newAccess) != next || kid(t, third) != next {
		t.Error("the new key does not sign")
	}
	r.wantAuthorised(r.elsewhere, newAccess, "a token of the new key")
	wantPublished(t, r.other, next, old)
	r.keys.pass(refreshTTL + time.Second)
	follow(t, r.ring, r.other)
	wantPublished(t, r.ring, next)
	r.wantRefused(r.service(r.keys.ring()), oldAccess, "a token of a dropped key, for who starts now")
	r.wantRefused(r.elsewhere, oldAccess, "a token of a dropped key")
	r.wantAuthorised(r.elsewhere, newAccess, "a token of the new key")
	r.keys.wantStates("dropped active")
}

// A token of a key that is announced cannot exist yet, but for the few seconds that
// clocks differ.
func TestTokenOfAKeyBeforeItsTime(t *testing.T) {
	r := startRinged(t)
	access, _ := r.refresh(r.login())
	id, sign := r.mint(60 * time.Second)
	early := sign(access)
	follow(t, r.ring)
	r.wantRefused(r.Service, early, "a token of an announced key")
	r.wantRefused(r.elsewhere, early, "a token of an announced key, elsewhere")
	r.keys.pass(50 * time.Second) // 10 s are left, or 9
	follow(t, r.ring)
	r.wantRefused(r.Service, early, "a token of an announced key")
	r.keys.pass(7 * time.Second)
	follow(t, r.ring)
	r.wantAuthorised(r.Service, early, "a token of a process whose clock is ahead")
	if r.ring.Active().ID() == id {
		t.Error("the key signs before its time")
	}
}

// A process that does not know a key yet learns of it from its first token.
func TestTokenOfAKeyOfAnotherProcess(t *testing.T) {
	r := startRinged(t)
	r.keys.rotate(true)
	follow(t, r.ring)
	access, refresh := r.refresh(r.login())
	if kid(t, access) == r.other.Active().ID() {
		t.Fatal("the other process knows the key already")
	}
	errs := inParallel(20, func(int) error {
		_, err := r.elsewhere.Authorise(t.Context(), access)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if _, err := r.elsewhere.Refresh(t.Context(), refresh, fromHome); err != nil {
		t.Error(err)
	}
}

// Tokens of unknown keys make a process read the store once a second, not more,
// and those that cannot be ours never.
func TestFloodOfUnknownKeys(t *testing.T) {
	r := startRinged(t)
	access, _ := r.refresh(r.login())
	unknown := func(n int) string {
		digest := make([]byte, n)
		rand.Read(digest)
		return seal(toJSON(with(header(t, access), "kid", base64.RawURLEncoding.EncodeToString(digest))), toJSON(integers(payload(t, access))))
	}
	reads := r.reads.reads.Load()
	for n, kid := range []string{unknown(31), unknown(33), unknown(1)} {
		r.wantRefused(r.elsewhere, kid, fmt.Sprint("a kid of another length ", n))
	}
	if n := r.reads.reads.Load() - reads; n != 0 {
		t.Errorf("kids that cannot be ours made it read %d times", n)
	}
	tokens := make([]string, 400)
	for i := range tokens {
		tokens[i] = unknown(32)
	}
	began := time.Now()
	errs := inParallel(len(tokens), func(i int) error {
		_, err := r.elsewhere.Authorise(t.Context(), tokens[i])
		return err
	})
	most := 1 + int64(time.Since(began)/time.Second)
	if n := r.reads.reads.Load() - reads; n < 1 || n > most {
		t.Errorf("%d unknown keys made it read %d times, at most %d", len(tokens), n, most)
	}
	wantCounts(t, kinds(errs), map[string]int{"invalid_token": len(tokens)})
	r.wantAuthorised(r.elsewhere, access, "a good token in a flood")
	time.Sleep(time.Second)
	before := r.reads.reads.Load()
	r.wantRefused(r.elsewhere, unknown(32), "an unknown key")
	if r.reads.reads.Load() != before+1 {
		t.Error("a second later it does not read again")
	}
}

// An unknown key while the store is away is a refusal, not a fault, and who hangs
// up does not wait.
func TestUnknownKeyWithoutAStore(t *testing.T) {
	r := startRinged(t)
	access, _ := r.refresh(r.login())
	_, sign := r.mint(0)
	fresh := sign(access)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := &countedKeys{Store: r.open()}
	ring := r.keys.ring(func(cfg *auth.KeyRingConfig) { cfg.Store = gone })
	s := r.service(ring)
	if closer, ok := gone.Store.(interface{ Close() error }); !ok || closer.Close() != nil {
		t.Fatal("the store cannot be closed")
	}
	_, sign = r.mint(0)
	r.wantRefused(s, sign(access), "an unknown key")
	if _, err := r.elsewhere.Authorise(ctx, fresh); err == nil {
		t.Error("authorised for somebody who hung up")
	}
}

// A compromised key leaves at once: its tokens are refused, remembered or not, its
// sessions end, and another key signs; sessions that others signed go on.
func TestCompromisedKey(t *testing.T) {
	r := startRinged(t)
	lost := r.ring.Active().ID()
	r.configure(auth.Credential{Name: name, Password: password}, auth.Credential{Name: "ClientB", Password: "another long password"})
	lostAccess, lostRefresh := r.refresh(r.login())
	tokens, err := r.Reset(t.Context(), by("ClientB", "another long password", home))
	if err != nil {
		t.Fatal(err)
	}
	sharedAccess, sharedRefresh := r.refresh(tokens.Refresh)
	r.keys.rotate(true)
	follow(t, r.ring)
	_, sharedRefresh = r.refresh(sharedRefresh) // its newest token is the new key's
	for _, s := range []*auth.Service{r.Service, r.elsewhere} {
		r.wantAuthorised(s, lostAccess, "a token before")
		r.wantAuthorised(s, sharedAccess, "a token before")
	}
	r.keys.wantStates("retired active")
	ended, replacement, err := auth.CompromiseKey(t.Context(), r.store, storeSecret, "RS256", lost)
	if err != nil || ended != 1 || replacement != (auth.KeyInfo{}) {
		t.Errorf("%d sessions ended, replacement %+v, %v", ended, replacement, err)
	}
	follow(t, r.ring, r.other)
	for _, s := range []*auth.Service{r.Service, r.elsewhere} {
		r.wantRefused(s, lostAccess, "a token of the compromised key")
		r.wantRefused(s, sharedAccess, "a token of the compromised key, its session alive")
		if _, err := s.Refresh(t.Context(), lostRefresh, fromHome); err == nil {
			t.Error("a refresh token of the compromised key is accepted")
		}
	}
	r.refresh(sharedRefresh)
	r.keys.wantStates("compromised active")
	wantPublished(t, r.ring, r.ring.Active().ID())
	if row := r.row(lostRefresh); row.State != auth.Revoked || row.Reason == "" {
		t.Errorf("the session is %s: %s", row.State, row.Reason)
	}
}

// Where the active key is compromised, a new one signs from the same moment on.
func TestCompromisedActiveKey(t *testing.T) {
	r := startRinged(t)
	lost := r.ring.Active().ID()
	access, _ := r.refresh(r.login())
	r.keys.pass(time.Second)
	ended, replacement, err := auth.CompromiseKey(t.Context(), r.store, storeSecret, "RS256", lost)
	if err != nil || ended != 1 || replacement.State != auth.KeyActive || replacement.ID == lost {
		t.Fatalf("%d sessions ended, replacement %+v, %v", ended, replacement, err)
	}
	follow(t, r.ring, r.other)
	r.wantRefused(r.Service, access, "a token of the compromised key")
	r.wantRefused(r.elsewhere, access, "a token of the compromised key")
	access, _ = r.refresh(r.login())
	if kid(t, access) != replacement.ID {
		t.Error("another key signs")
	}
	r.wantAuthorised(r.elsewhere, access, "a token of the replacement")
	r.keys.wantStates("compromised active")
	_, _, err = auth.CompromiseKey(t.Context(), r.store, storeSecret, "RS256", lost)
	wantSetup(t, err, lost, "before", "mlapi keys list")
	_, _, err = auth.CompromiseKey(t.Context(), r.store, storeSecret, "RS256", "none")
	wantSetup(t, err, "none", "mlapi keys list")
	r.keys.wantStates("compromised active")
	if n := countEntries(t, r.store, auth.ActionCompromise); n != 1 {
		t.Errorf("%d entries of compromised keys", n)
	}
}

// Where no key may sign any more, nothing is signed, and nothing breaks.
func TestNoKeyThatMaySign(t *testing.T) {
	r := startRinged(t)
	_, refresh := r.refresh(r.login())
	if _, err := r.store.CompromiseKey(t.Context(), r.ring.Active().ID(), auth.Event{}); err != nil {
		t.Fatal(err)
	}
	follow(t, r.ring)
	if _, err := r.Refresh(t.Context(), refresh, fromHome); err == nil {
		t.Error("refreshed")
	}
	_, err := r.Reset(t.Context(), by(name, password, home))
	wantKind(t, err, mlapi.Unavailable, "unavailable")
	wantPublished(t, r.ring)
	r.keys.log.want(t, "level=ERROR", "no active signing key", "mlapi keys rotate")
	r.keys.rotate(true)
	follow(t, r.ring)
	r.refresh(r.login())
}

// A ring can be asked by many while it learns.
func TestRingUnderLoad(t *testing.T) {
	r := startRinged(t)
	access, _ := r.refresh(r.login())
	var stop atomic.Bool
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for !stop.Load() {
				r.wantAuthorised(r.service(r.ring), access, "a good token")
				if r.ring.Active().ID() == "" || len(published(t, r.ring)) == 0 {
					t.Error("there is no key")
				}
			}
		})
	}
	for range 3 {
		r.keys.rotate(true)
		follow(t, r.ring, r.other)
	}
	stop.Store(true)
	all.Wait()
	same := r.ring.Active()
	follow(t, r.ring)
	if r.ring.Active() != same {
		t.Error("a key is opened again although nothing has changed")
	}
}
