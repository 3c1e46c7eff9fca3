package auth_test

import (
	"context"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/store/sqlite"
)

const storeSecret = "store secret 0815"

// ringStore is a store in a file, and what is told of its keys.
type ringStore struct {
	t    testing.TB
	path string
	auth.Store
	log *logBook
}

func newRingStore(t testing.TB) *ringStore {
	t.Helper()
	s := &ringStore{t: t, path: filepath.Join(t.TempDir(), "mlapi.db"), log: &logBook{}}
	s.log.secret(storeSecret)
	s.log.secret(keySecret)
	t.Cleanup(func() { s.log.check(t) })
	s.Store = s.another()
	return s
}

// another opens the store once more, as another process would.
func (s *ringStore) another() auth.Store {
	s.t.Helper()
	store, err := sqlite.Open(s.t.Context(), s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { store.Close() })
	return store
}

// files returns paths in a folder that is not there yet.
func (s *ringStore) files() auth.KeyFiles {
	dir := filepath.Join(s.t.TempDir(), "keys")
	return auth.KeyFiles{Public: filepath.Join(dir, "public.pem"), Private: filepath.Join(dir, "private.pem"), Algorithm: "RS256"}
}

// config returns what a ring of the store is made of, without files.
func (s *ringStore) config(changes ...func(*auth.KeyRingConfig)) auth.KeyRingConfig {
	cfg := auth.KeyRingConfig{
		Store: s, Files: auth.KeyFiles{Algorithm: "RS256"}, Secret: storeSecret, Lifetime: refreshTTL,
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, change := range changes {
		change(&cfg)
	}
	return cfg
}

func withFiles(files auth.KeyFiles) func(*auth.KeyRingConfig) {
	return func(cfg *auth.KeyRingConfig) { cfg.Files = files }
}

func withSecret(secret string) func(*auth.KeyRingConfig) {
	return func(cfg *auth.KeyRingConfig) { cfg.Secret = secret }
}

// ring opens a ring, which must work.
func (s *ringStore) ring(changes ...func(*auth.KeyRingConfig)) *auth.KeyRing {
	s.t.Helper()
	ring, err := auth.OpenKeyRing(s.t.Context(), s.config(changes...))
	if err != nil {
		s.t.Fatal(err)
	}
	return ring
}

// refuses opens a ring, which must fail with an error and a hint that hold words,
// and neither a secret.
func (s *ringStore) refuses(words []string, changes ...func(*auth.KeyRingConfig)) {
	s.t.Helper()
	_, err := auth.OpenKeyRing(s.t.Context(), s.config(changes...))
	wantSetup(s.t, err, words...)
}

func wantSetup(t testing.TB, err error, words ...string) {
	t.Helper()
	var hinter interface{ Hint() string }
	if !errors.As(err, &hinter) || hinter.Hint() == "" {
		t.Fatalf("got %v, want an error with a hint", err)
	}
	text := err.Error() + "\n" + hinter.Hint()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q does not hold %q", text, word)
		}
	}
	if strings.Contains(text, storeSecret) || strings.Contains(text, keySecret) {
		t.Errorf("%q holds a secret", text)
	}
}

// do runs a statement on the database behind the store's back.
func (s *ringStore) do(query string, args ...any) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatal(err)
	}
}

// pass lets time pass for the keys.
func (s *ringStore) pass(d time.Duration) {
	s.t.Helper()
	s.do(`UPDATE keys SET created_at = created_at - $1, active_at = active_at - $1, compromised_at = compromised_at - $1`, int64(d/time.Second))
}

// states returns the states of all keys, in the order of their activation.
func (s *ringStore) states() string {
	s.t.Helper()
	infos, err := auth.ListKeys(s.t.Context(), s, refreshTTL)
	if err != nil {
		s.t.Fatal(err)
	}
	var states []string
	for _, info := range infos {
		states = append(states, string(info.State))
	}
	return strings.Join(states, " ")
}

func (s *ringStore) wantStates(want string) {
	s.t.Helper()
	if got := s.states(); got != want {
		s.t.Errorf("the keys are %s, want %s", got, want)
	}
}

func (s *ringStore) rotate(now bool) string {
	s.t.Helper()
	s.pass(time.Second) // or RotateKey would wait for the next one
	info, err := auth.RotateKey(s.t.Context(), s, storeSecret, "RS256", now)
	if err != nil {
		s.t.Fatal(err)
	}
	return info.ID
}

// follow makes rings look at the store.
func follow(t testing.TB, rings ...*auth.KeyRing) {
	t.Helper()
	for _, ring := range rings {
		if err := ring.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// fileKey returns the identifier of the key that the files hold, which must fit.
func fileKey(t testing.TB, files auth.KeyFiles) string {
	t.Helper()
	for _, path := range []string{files.Public, files.Private} {
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, algorithm := range []string{"RS256", "RS384"} {
		files.Algorithm = algorithm
		if key, err := auth.LoadKey(files, nil); err == nil {
			return key.ID()
		} else if algorithm == "RS384" {
			t.Fatal(err)
		}
	}
	return ""
}

// published returns the identifiers of the JWKS, in order.
func published(t testing.TB, ring *auth.KeyRing) []string {
	t.Helper()
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(ring.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, k := range set.Keys {
		ids = append(ids, k["kid"].(string))
	}
	return ids
}

func wantPublished(t testing.TB, ring *auth.KeyRing, want ...string) {
	t.Helper()
	if got := published(t, ring); !slices.Equal(got, want) {
		t.Errorf("published are %v, want %v", got, want)
	}
}

// Of many processes that start at once on an empty store one makes the first key,
// and all have it, in their files, too.
func TestFirstStartOfManyProcesses(t *testing.T) {
	for name, shared := range map[string]bool{"own files": false, "shared files": true} {
		t.Run(name, func(t *testing.T) {
			s := newRingStore(t)
			const starts = 20
			stores, files := make([]auth.Store, starts), make([]auth.KeyFiles, starts)
			for i := range starts {
				stores[i], files[i] = s.another(), s.files()
				if shared {
					files[i] = files[0]
				}
			}
			rings := make([]*auth.KeyRing, starts)
			errs := inParallel(starts, func(i int) (err error) {
				cfg := s.config(withFiles(files[i]))
				cfg.Store = stores[i]
				rings[i], err = auth.OpenKeyRing(t.Context(), cfg)
				return err
			})
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			s.wantStates("active")
			want := rings[0].Active().ID()
			for i, ring := range rings {
				if ring.Active().ID() != want || fileKey(t, files[i]) != want {
					t.Errorf("start %d has key %s and files of %s, want %s", i, ring.Active().ID(), fileKey(t, files[i]), want)
				}
			}
			if again := s.ring(withFiles(files[1])); again.Active().ID() != want {
				t.Error("a later start has another key")
			}
			s.wantStates("active")
		})
	}
}

// The key files of an earlier version become the first key, and stay as they are.
func TestKeyFilesAreImported(t *testing.T) {
	s := newRingStore(t)
	files := s.files()
	files.Secret = keySecret
	key, err := auth.LoadKey(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(files.Private)
	if err != nil {
		t.Fatal(err)
	}
	if id := s.ring(withFiles(files)).Active().ID(); id != key.ID() {
		t.Errorf("the active key is %s, want that of the files, %s", id, key.ID())
	}
	if after, err := os.ReadFile(files.Private); err != nil || string(after) != string(before) {
		t.Errorf("the private file was written, %v", err)
	}
	// Another process, elsewhere, has the same key from the store, and writes it, plain
	// or encrypted as it is told.
	other := s.files()
	if id := s.ring(withFiles(other)).Active().ID(); id != key.ID() || fileKey(t, other) != key.ID() {
		t.Errorf("another process has %s and files of %s", id, fileKey(t, other))
	}
	other = s.files()
	other.Secret = "another secret"
	s.ring(withFiles(other))
	if text, err := os.ReadFile(other.Private); err != nil || !strings.HasPrefix(string(text), "-----BEGIN ENCRYPTED") {
		t.Errorf("the private file begins with %.30s, %v", text, err)
	}
	s.wantStates("active")
	if n := countEntries(t, s, auth.ActionKeyAdd); n != 1 {
		t.Errorf("%d entries of added keys", n)
	}
}

// countEntries returns how many entries of an action the audit log has.
func countEntries(t *testing.T, s auth.Store, action string) (n int) {
	t.Helper()
	err := s.Entries(t.Context(), 0, func(e auth.Entry) error {
		if e.Action == action {
			n++
			if e.Key == "" || e.Outcome != auth.Done {
				t.Errorf("the entry is %+v", e)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Files with a key that the store knows, but that is not the active one, are
// written anew, also where a crash left the private one alone.
func TestKeyFilesThatTheStoreKnowsBetter(t *testing.T) {
	s := newRingStore(t)
	files := s.files()
	s.ring(withFiles(files))
	stale := map[string][]byte{}
	for _, path := range []string{files.Public, files.Private} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stale[path] = content
	}
	restore := func() {
		for path, content := range stale {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	active := s.rotate(true)
	if id := s.ring(withFiles(files)).Active().ID(); id != active || fileKey(t, files) != active {
		t.Errorf("the active key is %s, the files hold %s, want %s", id, fileKey(t, files), active)
	}
	restore()
	if err := os.Remove(files.Public); err != nil {
		t.Fatal(err)
	}
	if s.ring(withFiles(files)); fileKey(t, files) != active {
		t.Error("a private file alone was not replaced")
	}
	restore()
	retired, _, err := firstKey(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := auth.CompromiseKey(t.Context(), s, storeSecret, "RS256", retired); err != nil {
		t.Fatal(err)
	}
	if id := s.ring(withFiles(files)).Active().ID(); id != active || fileKey(t, files) != active {
		t.Error("files with a compromised key were not replaced")
	}
	// A private file that is missing beside a public one still stops the start.
	if err := os.Remove(files.Private); err != nil {
		t.Fatal(err)
	}
	s.refuses([]string{"private.pem is missing"}, withFiles(files))
	s.wantStates("compromised active")
}

// firstKey returns the identifiers of the first and the last key.
func firstKey(t *testing.T, s *ringStore) (first, last string, err error) {
	t.Helper()
	infos, err := auth.ListKeys(t.Context(), s, refreshTTL)
	if err != nil || len(infos) == 0 {
		return "", "", errors.Join(errors.New("no keys"), err)
	}
	return infos[0].ID, infos[len(infos)-1].ID, nil
}

// Files with a key that the store does not know were put there by a person: it is
// the active one from then on, for the processes that run already, too.
func TestKeyFilesThatAPersonReplaced(t *testing.T) {
	s := newRingStore(t)
	files, elsewhere := s.files(), s.files()
	running := s.ring(withFiles(elsewhere))
	old := running.Active().ID()
	key, err := auth.LoadKey(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if id := s.ring(withFiles(files)).Active().ID(); id != key.ID() {
		t.Errorf("the active key is %s, want %s", id, key.ID())
	}
	s.log.want(t, "level=WARN", key.ID(), files.Private)
	s.wantStates("retired active")
	follow(t, running)
	if running.Active().ID() != key.ID() || fileKey(t, elsewhere) != key.ID() {
		t.Error("the process that ran did not follow")
	}
	wantPublished(t, running, key.ID(), old)
	// One of another size than configured is refused, and nothing is added.
	files = s.files()
	if _, err := auth.LoadKey(files, nil); err != nil {
		t.Fatal(err)
	}
	files.Algorithm = "RS384"
	s.refuses([]string{files.Private, "2048 bits, RS384 takes 3072"}, withFiles(files))
	s.wantStates("retired active")
}

// A key of another algorithm than the configured one stops the start, and rotating
// is the way out, with or without the time to announce the new key.
func TestAnotherAlgorithmThanTheActiveKeys(t *testing.T) {
	s := newRingStore(t)
	files := s.files()
	s.ring(withFiles(files))
	files.Algorithm = "RS384"
	s.refuses([]string{files.Private, "2048 bits, RS384 takes 3072", "RS256 2048", "mlapi keys rotate"}, withFiles(files))
	next, err := auth.RotateKey(t.Context(), s, storeSecret, "RS384", false)
	if err != nil || next.Algorithm != "RS384" || next.State != auth.KeyNext {
		t.Fatalf("rotated to %+v, %v", next, err)
	}
	ring := s.ring(withFiles(files))
	if ring.Active().Algorithm() != "RS256" {
		t.Error("the announced key signs already")
	}
	s.pass(auth.AnnounceTime)
	follow(t, ring)
	if ring.Active().ID() != next.ID || ring.Active().Algorithm() != "RS384" {
		t.Errorf("the active key is %s of %s", ring.Active().ID(), ring.Active().Algorithm())
	}
	if fileKey(t, files) != next.ID {
		t.Error("the files hold another key")
	}
	s.ring(withFiles(files))
	files.Algorithm = "RS256"
	s.refuses([]string{files.Private, "3072 bits, RS256 takes 2048"}, withFiles(files))
}

// The secret of the store and that of the files are two, and a store whose secret
// is another verifies what it cannot sign.
func TestSecretOfTheStore(t *testing.T) {
	s := newRingStore(t)
	s.refuses([]string{"no secret", "set a secret"}, withSecret(""))
	if s.states() != "" {
		t.Error("a key was made without a secret")
	}
	files := s.files()
	old := s.ring(withFiles(files)).Active().ID()
	active := s.rotate(true)
	s.ring(withFiles(files))
	another := withSecret("another secret")
	s.refuses([]string{active, "cannot be opened", "secret"}, another)
	s.refuses([]string{active, "cannot be opened", "secret"}, another, withFiles(auth.KeyFiles{
		Public: files.Public + ".none", Private: files.Private + ".none", Algorithm: "RS256"}))
	ring := s.ring(another, withFiles(files))
	if ring.Active().ID() != active {
		t.Errorf("the active key is %s, want that of the files, %s", ring.Active().ID(), active)
	}
	s.log.want(t, "level=WARN", active, "key files is used", "another secret")
	s.log.want(t, "level=WARN", old, "only verifies")
	wantPublished(t, ring, active, old)
	// A key that it cannot open is added: it goes on with the one that it has.
	unknown := s.rotate(true)
	follow(t, ring)
	if ring.Active().ID() != active || fileKey(t, files) != active {
		t.Errorf("it signs with %s", ring.Active().ID())
	}
	s.log.want(t, "level=ERROR", unknown, "cannot be opened here")
	wantPublished(t, ring, unknown, old, active)
	// The way out that the hint names: a new pair of files.
	fresh := s.files()
	key, err := auth.LoadKey(fresh, nil)
	if err != nil {
		t.Fatal(err)
	}
	if id := s.ring(another, withFiles(fresh)).Active().ID(); id != key.ID() {
		t.Errorf("the active key is %s, want the new one", id)
	}
}

// Files that cannot be written do not stop a running server: the store has the key.
func TestKeyFilesThatCannotBeWritten(t *testing.T) {
	s := newRingStore(t)
	files := s.files()
	ring := s.ring(withFiles(files))
	dir := filepath.Dir(files.Private)
	if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	active := s.rotate(true)
	follow(t, ring, ring)
	if ring.Active().ID() != active {
		t.Error("the ring did not follow")
	}
	s.log.want(t, "level=WARN", "could not be brought to the active signing key", files.Private)
	if n := strings.Count(s.log.String(), "could not be brought"); n != 1 {
		t.Errorf("the log was told %d times", n)
	}
}

// Whoever reads the private file while it is replaced reads a whole key, and only
// its owner can.
func TestKeyFilesAreReplacedInOneStep(t *testing.T) {
	s := newRingStore(t)
	files := s.files()
	ring := s.ring(withFiles(files))
	var stop atomic.Bool
	read := make(chan int)
	go func() {
		n := 0
		for ; !stop.Load(); n++ {
			content, err := os.ReadFile(files.Private)
			block, _ := pem.Decode(content)
			if err != nil || block == nil {
				t.Errorf("read %d bytes, %v", len(content), err)
				break
			}
			if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
				t.Error(err)
			}
			if info, err := os.Stat(files.Private); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the mode is %v, %v", info.Mode(), err)
			}
		}
		read <- n
	}()
	for range 4 {
		active := s.rotate(true)
		follow(t, ring)
		if fileKey(t, files) != active {
			t.Error("the files hold another key")
		}
	}
	stop.Store(true)
	t.Logf("read %d times", <-read)
	if entries, err := os.ReadDir(filepath.Dir(files.Private)); err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

// Of keys that are made in one second the last one signs: each gets a second of
// its own.
func TestKeysOfOneSecond(t *testing.T) {
	s := newRingStore(t)
	s.ring()
	for range 2 {
		info, err := auth.RotateKey(t.Context(), s, storeSecret, "RS256", true)
		if err != nil || info.State != auth.KeyActive {
			t.Errorf("rotated to %+v, %v", info, err)
		}
		if id := s.ring().Active().ID(); id != info.ID {
			t.Errorf("%s signs, not %s", id, info.ID)
		}
	}
	s.wantStates("retired retired active")
}

// A ring of one key needs no store and never changes.
func TestRingOfOneKey(t *testing.T) {
	key, err := auth.NewKey(rsaKey(), "RS256")
	if err != nil {
		t.Fatal(err)
	}
	ring := auth.NewKeyRing(key)
	follow(t, ring)
	if ring.Active() != key {
		t.Error("another key is active")
	}
	wantPublished(t, ring, key.ID())
	files := newRingStore(t).files()
	ring, err = auth.OpenKeyRing(t.Context(), auth.KeyRingConfig{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	if fileKey(t, files) != ring.Active().ID() {
		t.Error("without a store the files' key is not the active one")
	}
}

// The published set has what RFC 7517 asks for and nothing private, and our own
// reader takes it.
func TestJWKS(t *testing.T) {
	s := newRingStore(t)
	ring := s.ring()
	next := s.rotate(false)
	follow(t, ring)
	var set map[string][]map[string]any
	if err := json.Unmarshal(ring.JWKS(), &set); err != nil || len(set) != 1 || len(set["keys"]) != 2 {
		t.Fatalf("%s, %v", ring.JWKS(), err)
	}
	for _, k := range set["keys"] {
		if len(k) != 6 || k["kty"] != "RSA" || k["use"] != "sig" || k["alg"] != "RS256" || k["e"] != "AQAB" {
			t.Errorf("published %v", k)
		}
	}
	wantPublished(t, ring, ring.Active().ID(), next)
	keys, err := auth.ParsePublicKeys(ring.JWKS())
	if err != nil || len(keys) != 2 || !keys[ring.Active().ID()].Equal(ring.Active().Public()) || keys[next] == nil {
		t.Errorf("read back as %v, %v", keys, err)
	}
}

// A row whose halves do not belong together is not used, neither to sign nor to
// verify, and where it was the active one another takes its place.
func TestDamagedKeyOfTheStore(t *testing.T) {
	s := newRingStore(t)
	first := s.ring().Active().ID()
	second := s.rotate(true)
	third := s.rotate(false)
	s.do(`UPDATE keys SET public = (SELECT public FROM keys WHERE id = $1) WHERE id = $2`, first, second)
	ring := s.ring()
	s.log.want(t, "level=ERROR", second, "damaged", first)
	if id := ring.Active().ID(); id == first || id == second || id == third {
		t.Errorf("the active key is %s", id)
	}
	wantPublished(t, ring, ring.Active().ID(), third, first)
	// A private half of another key is one that cannot be opened.
	s.do(`UPDATE keys SET private = (SELECT private FROM keys WHERE id = $1) WHERE id = $2`, first, ring.Active().ID())
	s.refuses([]string{ring.Active().ID(), "cannot be opened"})
}

// A store whose keys are all compromised, or not active yet, gets a new one.
func TestStoreWithoutAnActiveKey(t *testing.T) {
	s := newRingStore(t)
	first := s.ring().Active().ID()
	if _, err := s.CompromiseKey(t.Context(), first, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	s.rotate(false)
	ring := s.ring()
	if id := ring.Active().ID(); id == first {
		t.Error("a compromised key is active")
	}
	s.wantStates("compromised active next")
	s.log.want(t, "level=WARN", "no active signing key")
	if n := countEntries(t, s, auth.ActionKeyAdd); n != 3 {
		t.Errorf("%d entries of added keys", n)
	}
}

func TestOpenKeyRingRefuses(t *testing.T) {
	s := newRingStore(t)
	s.refuses([]string{"AUTH_ALGORITHM"}, withFiles(auth.KeyFiles{Algorithm: "RS1024"}))
	if _, err := auth.OpenKeyRing(t.Context(), s.config(func(cfg *auth.KeyRingConfig) { cfg.Lifetime = 0 })); err == nil {
		t.Error("a ring without a lifetime of tokens")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := auth.OpenKeyRing(ctx, s.config()); !errors.Is(err, context.Canceled) {
		t.Errorf("a store that cannot be read: %v", err)
	}
	ring := s.ring()
	if err := ring.Follow(ctx); !errors.Is(err, context.Canceled) || ring.Active().ID() == "" {
		t.Errorf("a store that cannot be read any more: %v", err)
	}
}
