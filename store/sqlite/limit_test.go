//go:build linux || darwin

package sqlite_test

import (
	"errors"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// limitFiles lets no file of this process grow over a number of bytes: what is
// beyond fails with EFBIG, of which SQLite makes what it makes of a full disk.
func limitFiles(bytes string) error {
	n, err := strconv.ParseUint(bytes, 10, 64)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if limit.Max < n {
		return errors.New("the hard limit is lower")
	}
	limit.Cur = n
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}

// TestNoRoomAtStart opens databases where nothing more can be written, not even
// the -shm of one that is up to date.
func TestNoRoomAtStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there, other := filepath.Join(dir, "there.db"), filepath.Join(dir, "other.db")
	closeStore(t, open(t, there))
	closeStore(t, open(t, other))
	for _, c := range []struct{ name, path, limit string }{
		{"the -shm", there, "1000"},
		{"the -shm, not a byte", other, "0"},
		{"a new file", filepath.Join(dir, "new.db"), "1000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := child(t, "limited", c.path, c.limit)
			var said strings.Builder
			cmd.Stderr = &said
			if err := cmd.Run(); err == nil {
				t.Fatal("the database was opened")
			}
			for _, want := range []string{c.path, " is full or cannot be written", "hint: free space"} {
				if !strings.Contains(said.String(), want) {
					t.Errorf("the child said %q, want it with %q", said.String(), want)
				}
			}
		})
	}
	t.Run("room again", func(t *testing.T) { addClient(t, opened(t, there), "ann") })
}
