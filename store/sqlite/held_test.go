//go:build !windows

package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/store"
)

// What Windows does not allow with files that are open: all of this.

func remove(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// replace puts a copy of a file in its place.
func replace(t *testing.T, name string) {
	t.Helper()
	write(t, name+".copy", read(t, name))
	rename(t, name+".copy", name)
}

// TestLostFilesAreNoticed loses the files of an open database in every way, and
// then asks for everything.
func TestLostFilesAreNoticed(t *testing.T) {
	t.Parallel()
	const gone = "was removed or replaced while in use"
	for _, c := range []struct {
		name          string
		lose          func(t *testing.T, path string)
		problem, file string
	}{
		{"all removed", func(t *testing.T, path string) { remove(t, path, path+"-wal", path+"-shm") }, gone, ""},
		{"the file removed", func(t *testing.T, path string) { remove(t, path) }, gone, ""},
		{"the -wal removed", func(t *testing.T, path string) { remove(t, path+"-wal") }, gone, "-wal"},
		{"the -shm removed", func(t *testing.T, path string) { remove(t, path+"-shm") }, gone, "-shm"},
		{"the file replaced", func(t *testing.T, path string) { replace(t, path) }, gone + ": another file", ""},
		{"the -wal replaced", func(t *testing.T, path string) { replace(t, path+"-wal") }, gone + ": another file", "-wal"},
		{"the file emptied", func(t *testing.T, path string) { write(t, path, nil) }, gone + ": it is empty", ""},
		{"the folder moved", func(t *testing.T, path string) { rename(t, filepath.Dir(path), filepath.Dir(path)+"2") }, gone, ""},
		{"the folder replaced by a file", func(t *testing.T, path string) {
			rename(t, filepath.Dir(path), filepath.Dir(path)+"2")
			write(t, filepath.Dir(path), []byte("x"))
		}, "cannot be opened", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "data", "mlapi.db")
			s := open(t, path)
			addClient(t, s, "ann")
			startSession(t, s, "ann", "one")
			c.lose(t, path)
			for name, err := range everything(t.Context(), s) {
				t.Run(name, func(t *testing.T) { fault(t, err, path+c.file, c.problem) })
			}
			_ = s.Close() // it may fail, or save what it can
		})
	}
}

// everything calls each method of a store with one session, "one" of "ann".
func everything(ctx context.Context, s auth.Store) map[string]error {
	_, client := s.Client(ctx, "ann")
	_, clients := s.Clients(ctx)
	_, session := s.Session(ctx, "one")
	_, none := s.Session(ctx, "none")
	_, _, ended := s.EndedSince(ctx, 0)
	_, start := start(ctx, s, auth.Session{ID: "two", Client: "ann", Head: head()}, aHash, false)
	_, rotate := rotate(ctx, s, "one", 1, head())
	_, end := end(ctx, s, "one", 1, auth.Blocked, "replay")
	return map[string]error{
		"Client": client, "Clients": clients, "Session": session, "no Session": none, "EndedSince": ended,
		"StartSession": start, "Rotate": rotate, "EndSession": end,
		"AddClient":    s.AddClient(ctx, auth.Client{Name: "bob", PasswordHash: aHash}, auth.Event{}),
		"UpdateClient": s.UpdateClient(ctx, auth.Client{Name: "ann", PasswordHash: aHash}, "reason", auth.Event{}),
		"Prune":        s.Prune(ctx, time.Now()),
	}
}

// TestLostFileSaysWhatToDo: a backup, a restart, and what comes back with them.
func TestLostFileSaysWhatToDo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := opened(t, path)
	remove(t, path)
	_, err := s.Clients(t.Context())
	var f *store.Fault
	if !errors.As(err, &f) || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("error %v, want a *store.Fault of os.ErrNotExist", err)
	}
	for _, want := range []string{"stop the server", "backup", "start", "mlapi client reset"} {
		if !strings.Contains(f.Hint(), want) {
			t.Errorf("the hint is %q, want it with %q", f.Hint(), want)
		}
	}
}

// TestLostFileIsNotMadeAnew: an empty database in its place would be taken for the
// real one by the next start.
func TestLostFileIsNotMadeAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := open(t, path) // has read nothing: the connections for that come now
	remove(t, path, path+"-wal", path+"-shm")
	for name, err := range everything(t.Context(), s) {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	_ = s.Close()
	if names, err := filepath.Glob(path + "*"); err != nil || len(names) != 1 || names[0] != path+"-migrate" {
		t.Errorf("there are %q, error %v; want the -migrate alone", names, err)
	}
}

// TestFilesThatAreBack: what was asked while they were away has changed nothing,
// and all goes on.
func TestFilesThatAreBack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := opened(t, filepath.Join(dir, "mlapi.db"))
	addClient(t, s, "ann")
	startSession(t, s, "ann", "one")
	rename(t, dir, dir+"2")
	for name, err := range everything(t.Context(), s) {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	rename(t, dir+"2", dir)
	got, err := s.Session(t.Context(), "one")
	if err != nil || got.State != auth.Active || got.Generation != 1 {
		t.Errorf("the session is %s at %d, error %v", got.State, got.Generation, err)
	}
	clients, err := s.Clients(t.Context())
	if err != nil || len(clients) != 1 {
		t.Errorf("there are %d clients, error %v", len(clients), err)
	}
}

// TestClosingLeavesABackupAlone: SQLite deletes a -wal that its last connection
// leaves behind, but not the one that somebody put back meanwhile.
func TestClosingLeavesABackupAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := open(t, path)
	addClient(t, s, "ann")
	backup := map[string][]byte{path: read(t, path), path + "-wal": read(t, path+"-wal")}
	remove(t, path, path+"-wal", path+"-shm")
	for name, data := range backup {
		write(t, name, data)
	}
	if err := s.AddClient(t.Context(), auth.Client{Name: "bob"}, auth.Event{}); err == nil {
		t.Error("a replaced file takes a client")
	}
	_ = s.Close()
	for name, data := range backup {
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s is not what was put back, error %v", name, err)
		}
	}
	if _, err := opened(t, path).Client(t.Context(), "ann"); err != nil {
		t.Errorf("the backup: %v", err)
	}
}

// TestInterruptedCallsLoseNothing: database/sql drops a connection that was
// interrupted, and with its last one SQLite deletes the -wal. That is no loss.
func TestInterruptedCallsLoseNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := opened(t, path)
	unlock := lock(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.AddClient(ctx, auth.Client{Name: "ann"}, auth.Event{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
	unlock() // which closes the other connection
	// A new -wal might well get the old one's number, and be taken for it.
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("SQLite deleted a file that is in use: %v", err)
		}
	}
	addClient(t, s, "ann")
}
