package sqlite_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi/auth"
	"example.com/mlapi/store"
	"example.com/mlapi/store/sqlite"
)

// TestALostFileIsNoticed takes the files away from under an open store: every
// operation is a Fault until they are back, so that nothing is used up or given
// out in a file that the next start will not find.
func TestALostFileIsNoticed(t *testing.T) {
	remove := func(t *testing.T, path string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name string
		lose func(t *testing.T, path string)
	}{
		{"removed", remove},
		{"moved", func(t *testing.T, path string) {
			if err := os.Rename(path, path+".old"); err != nil {
				t.Fatal(err)
			}
		}},
		{"replaced", func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			remove(t, path)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"emptied", func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}},
		{"without its -wal", func(t *testing.T, path string) { remove(t, path+"-wal") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "mlapi.db")
			s := open(t, path)
			defer s.Close() // a lost file may make an error of it
			addClient(t, s, "ada")
			startSession(t, s, "ada", "one")
			test.lose(t, path)
			for name, err := range everyOperation(t, s) {
				var fault *store.Fault
				if !errors.As(err, &fault) || !strings.Contains(fault.Problem, "removed or replaced while in use") || fault.Advice == "" {
					t.Errorf("%s: %v, want a Fault that says so", name, err)
				}
			}
		})
	}
}

func everyOperation(t *testing.T, s *store.Store) map[string]error {
	t.Helper()
	ctx, errs := t.Context(), map[string]error{}
	_, errs["Client"] = s.Client(ctx, "ada")
	_, errs["Client of nobody"] = s.Client(ctx, "nobody")
	_, errs["Clients"] = s.Clients(ctx)
	errs["AddClient"] = s.AddClient(ctx, auth.Client{Name: "eve", PasswordHash: aHash})
	errs["UpdateClient"] = s.UpdateClient(ctx, auth.Client{Name: "ada", PasswordHash: aHash}, "")
	_, errs["StartSession"] = s.StartSession(ctx, auth.Session{ID: "two", Client: "ada", Head: head()}, aHash, false)
	_, errs["Session"] = s.Session(ctx, "one")
	_, errs["Rotate"] = s.Rotate(ctx, "one", 1, head())
	_, errs["EndSession"] = s.EndSession(ctx, "one", 1, auth.Revoked, "test")
	_, _, errs["EndedSince"] = s.EndedSince(ctx, math.MaxInt64)
	return errs
}

// TestAnotherProcessDoesNotTakeTheFilesAway: a command that opens and closes the
// store beside a server leaves it as it was.
func TestAnotherProcessDoesNotTakeTheFilesAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := opened(t, path)
	for range 3 {
		beside := open(t, path)
		addClient(t, beside, "client-"+t.Name()+string(rune('a'+len(clientsOf(t, s)))))
		closeStore(t, beside)
	}
	if got := len(clientsOf(t, s)); got != 3 {
		t.Errorf("%d clients, want 3", got)
	}
}

func clientsOf(t *testing.T, s *store.Store) []auth.Client {
	t.Helper()
	clients, err := s.Clients(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return clients
}

func TestExists(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "mlapi.db")
	if sqlite.Exists(path) || sqlite.Exists(folder) {
		t.Error("a database where there is none")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if sqlite.Exists(path) {
		t.Error("an empty file counts as a database")
	}
	opened(t, path)
	if !sqlite.Exists(path) {
		t.Error("no database after Open")
	}
}
