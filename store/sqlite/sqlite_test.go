package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/auth/authtest"
	"example.com/mlapi/store"
	"example.com/mlapi/store/sqlite"
)

func TestStore(t *testing.T) {
	t.Parallel()
	authtest.TestStore(t, func(t *testing.T, place string) auth.Store {
		return open(t, filepath.Join(place, "mlapi.db"))
	})
}

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// opened returns a store that is closed when the test ends.
func opened(t testing.TB, path string) *store.Store {
	t.Helper()
	s := open(t, path)
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

const aHash = "$argon2id$..."

func addClient(t testing.TB, s auth.Store, name string) {
	t.Helper()
	if err := s.AddClient(t.Context(), auth.Client{Name: name, PasswordHash: aHash}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
}

func startSession(t testing.TB, s auth.Store, client, id string) {
	t.Helper()
	ok, err := start(t.Context(), s, auth.Session{ID: id, Client: client, Head: head()}, aHash, false)
	if err != nil || !ok {
		t.Fatalf("session %q started: %t, error %v", id, ok, err)
	}
}

func head() auth.Head {
	now := time.Now().Truncate(time.Second)
	return auth.Head{IssuedAt: now, ExpiresAt: now.Add(time.Hour), KeyID: "k"}
}

func TestOpenTakesAnyPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"plain.db", "with spaces.db", "what?.db", "a?mode=memory&cache=shared", "50%.db", "%41%00.db", "a#b.db",
		":memory:", "file:x.db", "O'Brien.db", "日本.db", "new/folder/deep/x.db", "semi;colon&and+plus=.db",
	} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, `?:`) {
			continue // not a file name there
		}
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path)
		addClient(t, s, "ann")
		closeStore(t, s)
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: no file was written there: %v", name, err)
		}
		again := opened(t, path)
		if _, err := again.Client(t.Context(), "ann"); err != nil {
			t.Errorf("%q opened again: %v", name, err)
		}
	}
}

func TestOpenTakesRelativePaths(t *testing.T) {
	t.Chdir(t.TempDir())
	addClient(t, opened(t, ":memory:"), "ann")
	if _, err := os.Stat(":memory:"); err != nil {
		t.Errorf("a name that means memory to SQLite: %v", err)
	}
}

func TestFilesBelongToTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // no such modes there
	}
	path := filepath.Join(t.TempDir(), "data", "mlapi.db")
	check := func(s *store.Store, client string) {
		t.Helper()
		addClient(t, s, client) // writes the -wal
		for name, want := range map[string]fs.FileMode{
			filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600,
		} {
			info, err := os.Stat(name)
			if err != nil {
				t.Error(err)
			} else if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has mode %o, want %o", name, got, want)
			}
		}
	}
	first := opened(t, path)
	check(first, "ann")
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(name, 0o664); err != nil {
			t.Fatal(err)
		}
	}
	check(opened(t, path), "bob")
}

// fault checks that err is told to a person: what is wrong with which file, and
// what to do.
func fault(t *testing.T, err error, path, problem string) {
	t.Helper()
	var f *store.Fault
	if !errors.As(err, &f) {
		t.Fatalf("error %v (%T), want a *store.Fault", err, err)
	}
	if !strings.Contains(f.Error(), problem) || !strings.Contains(f.Error(), path) {
		t.Errorf("the error is %q, want one with %q and %q", f, problem, path)
	}
	if f.Hint() == "" || strings.Contains(f.Error()+f.Hint(), "\n") {
		t.Errorf("the hint is %q", f.Hint())
	}
}

func TestOpenFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	write(t, text, []byte(strings.Repeat("These are notes, not a database.\n", 400)))
	damaged := filepath.Join(dir, "damaged.db")
	s := open(t, damaged)
	for i := range 200 {
		addClient(t, s, fmt.Sprint(i))
	}
	closeStore(t, s)
	data := read(t, damaged)
	for i := 100; i < len(data); i++ {
		data[i] = 0xA5
	}
	write(t, damaged, data)

	for _, c := range []struct{ name, path, problem string }{
		{"no name", "", "cannot be opened"},
		{"a folder", dir, "is a folder"},
		{"below a file", filepath.Join(text, "mlapi.db"), "cannot be opened"},
		{"another kind of file", text, "is not a database"},
		{"a damaged file", damaged, "is damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sqlite.Open(t.Context(), c.path)
			fault(t, err, c.path, c.problem)
		})
	}
	if !bytes.Equal(read(t, damaged), data) {
		t.Error("opening a damaged file changed it")
	}
}

func TestDamageFoundLaterIsAFault(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := open(t, path)
	for i := range 300 {
		addClient(t, s, fmt.Sprint("client-", i))
	}
	closeStore(t, s)
	data := read(t, path)
	for i := 5 * 4096; i < len(data); i++ { // the schema's page stays whole
		data[i] = 0xA5
	}
	write(t, path, data)
	_, err := opened(t, path).Clients(t.Context())
	fault(t, err, path, "is damaged")
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	closeStore(t, open(t, path))
	execSQL(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (7, 1)`)
	before := read(t, path)
	_, err := sqlite.Open(t.Context(), path)
	fault(t, err, path, "a newer mlapi: its tables are at version 7")
	if !bytes.Equal(read(t, path), before) {
		t.Error("the file was changed")
	}
}

func TestACopyInAnotherJournalModeIsPutBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := open(t, path)
	addClient(t, s, "ann")
	closeStore(t, s)
	execSQL(t, path, `PRAGMA journal_mode = DELETE`)
	again := opened(t, path)
	addClient(t, again, "bob")
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Errorf("the file is not in WAL mode: %v", err)
	}
	if _, err := again.Client(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
}

// TestAnotherProcessDoesNotTakeTheFilesAway: a command that opens and closes the
// store beside a server leaves it as it was.
func TestAnotherProcessDoesNotTakeTheFilesAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := opened(t, path)
	for i := range 3 {
		beside := open(t, path)
		addClient(t, beside, fmt.Sprint("client-", i))
		closeStore(t, beside)
	}
	if clients, err := s.Clients(t.Context()); err != nil || len(clients) != 3 {
		t.Errorf("%d clients, want 3; error %v", len(clients), err)
	}
}

func TestExists(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made, empty := filepath.Join(dir, "made.db"), filepath.Join(dir, "empty.db")
	closeStore(t, open(t, made))
	write(t, empty, nil)
	for path, want := range map[string]bool{
		made: true, empty: false, dir: false, filepath.Join(dir, "none.db"): false, os.DevNull: false, "": false,
	} {
		if got := sqlite.Exists(path); got != want {
			t.Errorf("Exists(%q) is %t", path, got)
		}
	}
}

// execSQL runs a statement on the file, past the store.
func execSQL(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// lock takes the write lock as another program would, until the function it
// returns is called.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := db.Close(); err != nil { // which rolls back
			t.Error(err)
		}
	}
}

// TestWaitingForAnotherWriterEndsWithTheContext holds the write lock as another
// program would: readers go on, a writer waits, no longer than its context.
func TestWaitingForAnotherWriterEndsWithTheContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := opened(t, path)
	addClient(t, s, "ann")
	startSession(t, s, "ann", "one")

	unlock := lock(t, path)
	if _, err := s.Session(t.Context(), "one"); err != nil {
		t.Errorf("reading beside a writer: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	rotated, err := rotate(ctx, s, "one", 1, head())
	if rotated || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("rotated %t, error %v, want the context's", rotated, err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("the wait took %v", took)
	}

	done := make(chan error, 1)
	go func() {
		ok, err := rotate(t.Context(), s, "one", 1, head())
		if err == nil && !ok {
			err = errors.New("it did not rotate")
		}
		done <- err
	}()
	time.Sleep(20 * time.Millisecond)
	unlock()
	if err := <-done; err != nil {
		t.Errorf("a rotation that waited for the lock: %v", err)
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "mlapi.db")
	closeStore(b, open(b, path))
	for b.Loop() {
		closeStore(b, open(b, path))
	}
}

func BenchmarkOpenNew(b *testing.B) {
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		closeStore(b, open(b, filepath.Join(dir, fmt.Sprint(i))))
	}
}

func BenchmarkRotate(b *testing.B) {
	s := opened(b, filepath.Join(b.TempDir(), "mlapi.db"))
	addClient(b, s, "ann")
	startSession(b, s, "ann", "one")
	for gen := int64(1); b.Loop(); gen++ {
		if ok, err := rotate(b.Context(), s, "one", gen, head()); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkSession(b *testing.B) {
	s := opened(b, filepath.Join(b.TempDir(), "mlapi.db"))
	addClient(b, s, "ann")
	startSession(b, s, "ann", "one")
	for b.Loop() {
		if _, err := s.Session(b.Context(), "one"); err != nil {
			b.Fatal(err)
		}
	}
}

// start is a login without an event, and whether it started the session given.
func start(ctx context.Context, s auth.Store, session auth.Session, hash string, once bool) (bool, error) {
	got, err := s.StartSession(ctx, session, auth.LoginCheck{PasswordHash: hash, Once: once}, auth.Event{})
	return err == nil && got.ID == session.ID, err
}

// rotate advances a session from a generation.
func rotate(ctx context.Context, s auth.Store, id string, gen int64, head auth.Head) (bool, error) {
	return s.Rotate(ctx, auth.Session{ID: id, Generation: gen + 1, Head: head}, auth.Event{})
}

// end ends a session without an event.
func end(ctx context.Context, s auth.Store, id string, minGeneration int64, state auth.State, reason string) (bool, error) {
	return s.EndSession(ctx, id, minGeneration, state, reason, auth.Event{})
}
