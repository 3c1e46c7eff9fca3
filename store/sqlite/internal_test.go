package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/store"
)

// pool opens the file with settings as Open does, and more.
func pool(t *testing.T, path string, settings ...string) *sql.DB {
	t.Helper()
	if err := createFile(path); err != nil {
		t.Fatal(err)
	}
	db, err := open(path, 1, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// created returns the path of a file with tables.
func created(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConnectionSettings(t *testing.T) {
	t.Parallel()
	db := pool(t, created(t))
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
		"cache_size": "-512", "trusted_schema": "0", "cell_size_check": "1", "journal_size_limit": "4194304",
	} {
		var got string
		if err := db.QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q (error %v)", pragma, got, want, err)
		}
	}
}

func TestASessionNeedsItsClient(t *testing.T) {
	t.Parallel()
	db := pool(t, created(t))
	_, err := db.Exec(`INSERT INTO sessions (id, client, state, generation, issued_at, expires_at, key_id, reason)
		VALUES ('one', 'nobody', 'active', 1, 0, 0, '', '')`)
	if err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") {
		t.Errorf("a session of nobody: %v", err)
	}
}

// TestNobodyRewritesTheSchema: SQL alone, should some ever come from outside,
// cannot damage the file.
func TestNobodyRewritesTheSchema(t *testing.T) {
	t.Parallel()
	db := pool(t, created(t))
	if _, err := db.Exec(`PRAGMA writable_schema = ON`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DELETE FROM sqlite_schema`); err == nil {
		t.Error("the schema was deleted")
	}
}

// TestUpgrade brings a file of the first version up to date: its clients, used
// credentials and live sessions go on.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	first := fstest.MapFS{}
	const name = "00001_clients_and_sessions.sql"
	content, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		t.Fatal(err)
	}
	first[name] = &fstest.MapFile{Data: content}
	db := pool(t, path, "_txlock=immediate")
	if err := migrate(t.Context(), db, path, first); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`INSERT INTO clients VALUES ('ann', 'hash', 'config', 0, 1700000000, 1600000000), ('bob', 'hash', '', 0, NULL, 1600000001),
			('gone', 'hash', 'config', 1, NULL, 1600000002)`,
		`INSERT INTO sessions VALUES ('one', 'ann', 'active', 3, 1700000100, 4000000000, 'k', '', NULL),
			('old', 'ann', 'blocked', 2, 1700000000, 4000000000, 'k', 'replay', 1700000001),
			('two', 'ann', 'active', 1, 1700000050, 4000000000, 'k', '', NULL)`,
		`INSERT INTO ended (session, ended_at) VALUES ('old', 1700000001)`,
	} {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	clients, err := s.Clients(t.Context())
	if err != nil || len(clients) != 3 {
		t.Fatal(clients, err)
	}
	for i, want := range []struct {
		used     int64
		disabled auth.Ruler
	}{{1700000000, ""}, {0, ""}, {0, auth.ByConfiguration}} {
		c := clients[i]
		if len(c.Instances) != 1 || c.Disabled != want.disabled || c.Instances[0].UsedAt.IsZero() != (want.used == 0) ||
			want.used != 0 && c.Instances[0].UsedAt.Unix() != want.used || c.CreatedAt.Unix() != 1600000000+int64(i) {
			t.Errorf("client %+v, want %+v", c, want)
		}
	}
	live, err := s.LiveSession(t.Context(), "ann", "")
	if err != nil || live.ID != "one" || live.Generation != 3 || live.StartedAt.Unix() != 1700000100 || live.Retry.RotatedAt.Unix() != 1700000100 || !live.EndsAt.IsZero() {
		t.Errorf("the live session is %+v, %v", live, err)
	}
	if old, err := s.Session(t.Context(), "two"); err != nil || old.State != auth.Revoked {
		t.Errorf("of two live sessions the older is %+v, %v", old, err)
	}
	rotated, err := s.Rotate(t.Context(), auth.Session{ID: "one", Generation: 4, Head: live.Head}, auth.Event{Action: auth.ActionRefresh})
	if err != nil || !rotated {
		t.Errorf("rotating: %t, %v", rotated, err)
	}
	if _, err := auth.VerifyAudit(t.Context(), s, nil); err != nil {
		t.Error(err)
	}
}

// TestNoSharedMemory: a database that cannot have a write-ahead log, as on a
// network's disk, is refused. One in memory cannot either.
func TestNoSharedMemory(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	path := filepath.Join(t.TempDir(), "mlapi.db")
	var f *store.Fault
	err = migrate(t.Context(), db, path, fstest.MapFS{"1_one.sql": {Data: []byte(first)}})
	if !errors.As(err, &f) || !strings.Contains(f.Problem, path) || !strings.Contains(f.Advice, "local disk") {
		t.Errorf("error %v, want a fault that names the file and a local disk", err)
	}
}

// TestDriverFaults provokes the driver's own errors and checks the words.
func TestDriverFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		provoke func(t *testing.T, path string) error
		problem string
		advice  string
	}{
		{"locked", func(t *testing.T, path string) error {
			tx, err := pool(t, path, "_txlock=immediate").Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }()
			second := pool(t, path, "_txlock=immediate")
			if _, err := second.Exec(`PRAGMA busy_timeout = 10`); err != nil {
				t.Fatal(err)
			}
			return writable(t.Context(), second)
		}, "is locked by another program", "let it finish"},
		{"read-only", func(t *testing.T, path string) error {
			files, err := fs.Sub(migrations, "migrations")
			if err != nil {
				t.Fatal(err)
			}
			return migrate(t.Context(), pool(t, path, "_txlock=immediate", "mode=ro"), path, files)
		}, "cannot be written", "must own the file"},
		{"no such folder", func(t *testing.T, path string) error {
			db, err := open(filepath.Join(path+"-none", "x.db"), 1)
			if err != nil {
				return err
			}
			defer db.Close()
			return db.Ping()
		}, "cannot be opened", "MLAPI_DATA"},
		{"another schema", func(t *testing.T, path string) error {
			_, err := pool(t, path).Exec(`SELECT nothing FROM nowhere`)
			return err
		}, "refused a query", "report it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := created(t)
			err := explainer{path: path}.explain(c.provoke(t, path))
			var f *store.Fault
			if !errors.As(err, &f) {
				t.Fatalf("error %v, want a *store.Fault", err)
			}
			if !strings.Contains(f.Problem, c.problem) || !strings.Contains(f.Problem, path) || !strings.Contains(f.Advice, c.advice) {
				t.Errorf("problem %q, advice %q", f.Problem, f.Advice)
			}
		})
	}
}

// TestNoRoomForAFile: what the system says of a file that could not be made.
func TestNoRoomForAFile(t *testing.T) {
	t.Parallel()
	for cause, problem := range map[syscall.Errno]string{
		syscall.ENOSPC: "its disk is full", syscall.EDQUOT: "its disk is full", syscall.EACCES: "cannot be opened",
	} {
		err := explainer{path: "x.db"}.file(&fs.PathError{Op: "open", Path: "/data/x.db", Err: cause})
		var f *store.Fault
		if !errors.As(err, &f) || !strings.Contains(f.Problem, problem) || !errors.Is(err, cause) {
			t.Errorf("%v: %v, want one with %q", cause, err, problem)
		}
	}
}

// TestFullDisk fills a database that may not grow: the write that does not fit
// fails with a fault, what was committed before stays, and reading goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := created(t)
	db := pool(t, path, "_txlock=immediate", "_pragma=max_page_count(16)")
	s := store.New(db, db, store.Dialect{Clock: "unixepoch()", Explain: explainer{path: path}.explain})
	var err error
	kept := 0
	for ; kept < 1000 && err == nil; kept++ {
		err = s.AddClient(t.Context(), auth.Client{Name: fmt.Sprint(kept), PasswordHash: strings.Repeat("h", 1000)}, auth.Event{})
	}
	kept--
	var f *store.Fault
	if !errors.As(err, &f) || !strings.Contains(f.Problem, "its disk is full") {
		t.Fatalf("after %d clients: %v", kept, err)
	}
	clients, err := s.Clients(t.Context())
	if err != nil || len(clients) != kept {
		t.Errorf("%d clients are there, error %v; %d were added", len(clients), err, kept)
	}
}

const (
	first  = "-- +goose Up\nCREATE TABLE one (a INTEGER);\n"
	second = "-- +goose Up\nCREATE TABLE two (a INTEGER);\n"
	faulty = "-- +goose Up\nCREATE TABLE two (a INTEGER);\nINSERT INTO nowhere VALUES (1);\n"
)

func TestMigrationsContinueWhereTheyStopped(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	if err := createFile(path); err != nil {
		t.Fatal(err)
	}
	db := pool(t, path, "_txlock=immediate")
	files := fstest.MapFS{"1_one.sql": {Data: []byte(first)}}
	check := func(when string, want int64, tables int) {
		t.Helper()
		version, wal, err := state(t.Context(), db)
		if err != nil || version != want || !wal {
			t.Errorf("%s: version %d, WAL %t, error %v; want version %d", when, version, wal, err, want)
		}
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM sqlite_schema WHERE name IN ('one', 'two')`).Scan(&n); err != nil || n != tables {
			t.Errorf("%s: %d tables, error %v; want %d", when, n, err, tables)
		}
	}
	for _, step := range []struct {
		name, second string
		fails        bool
		version      int64
		tables       int
	}{
		{"the first", "", false, 1, 1},
		{"a faulty second", faulty, true, 1, 1},
		{"the second, put right", second, false, 2, 2},
		{"nothing new", second, false, 2, 2},
	} {
		if step.second != "" {
			files["2_two.sql"] = &fstest.MapFile{Data: []byte(step.second)}
		}
		err := migrate(t.Context(), db, path, files)
		if (err != nil) != step.fails {
			t.Errorf("%s: error %v", step.name, err)
		}
		check(step.name, step.version, step.tables)
	}
}

// TestMigrationsAreForwardOnly: a migration that can be undone could lose data by
// an accident, and the newer version's own data besides.
func TestMigrationsAreForwardOnly(t *testing.T) {
	t.Parallel()
	names, err := migrations.ReadDir("migrations")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations, error %v", len(names), err)
	}
	for _, name := range names {
		data, err := migrations.ReadFile("migrations/" + name.Name())
		if err != nil || !strings.HasPrefix(string(data), "-- +goose Up\n") || strings.Contains(string(data), "+goose Down") {
			t.Errorf("%s has not one Up and no Down (error %v)", name.Name(), err)
		}
	}
}

// TestOneProcessMigratesAtATime holds the lock of another process's migration.
func TestOneProcessMigratesAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	if err := createFile(path + "-migrate"); err != nil {
		t.Fatal(err)
	}
	lock, err := pool(t, path+"-migrate", "_txlock=exclusive").Begin()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		s, err := Open(t.Context(), path)
		if err == nil {
			err = s.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("Open did not wait for the lock: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// BenchmarkCheck is what every operation pays once, and every COMMIT twice.
func BenchmarkCheck(b *testing.B) {
	path := filepath.Join(b.TempDir(), "mlapi.db")
	s, err := Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	h, err := hold(b.Context(), explainer{path: path}, path)
	if err != nil {
		b.Fatal(err)
	}
	defer h.close()
	for b.Loop() {
		if err := h.check(); err != nil {
			b.Fatal(err)
		}
	}
}
