//go:build unix

package auth

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// within fails the test where fn takes so long that it must be waiting for
// somebody, and returns what fn returns.
func within(t *testing.T, fn func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- fn() }()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("it waits")
		return nil
	}
}

// wantHint fails the test where err has no hint, or where error and hint do not
// hold all of the words.
func wantHint(t *testing.T, err error, words ...string) {
	t.Helper()
	var setup *setupError
	if !errors.As(err, &setup) || setup.Hint() == "" {
		t.Fatalf("got %v, want an error with a hint", err)
	}
	for _, word := range words {
		if text := setup.Error() + "\n" + setup.Hint(); !strings.Contains(text, word) {
			t.Errorf("%q does not hold %q", text, word)
		}
	}
}

// makeNodes makes things that are no regular files in a short path (that of a
// socket has about 100 bytes), all readable by everybody, and returns them with
// what they are called.
func makeNodes(t *testing.T) (dir string, nodes map[string]string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "key")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	at := func(name string) string { return filepath.Join(dir, name) }
	listener, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	err = errors.Join(syscall.Mkfifo(at("pipe"), 0o600), os.Mkdir(at("folder"), 0o700), os.Symlink(at("pipe"), at("link")))
	for _, name := range []string{"pipe", "folder", "socket"} {
		err = errors.Join(err, os.Chmod(at(name), 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir, map[string]string{
		at("pipe"): "a named pipe", at("link"): "a named pipe", at("folder"): "a folder", at("socket"): "a socket",
	}
}

// Whatever is not a regular file is refused at once, for either half of the key,
// and stays as it is: the mode of a device must not change under everybody.
func TestKeyFileThatIsNoFile(t *testing.T) {
	dir, nodes := makeNodes(t)
	for node, what := range nodes {
		for _, files := range []KeyFiles{
			{Public: filepath.Join(dir, "none", "public.pem"), Private: node},
			{Public: node, Private: filepath.Join(dir, "none", "private.pem")},
		} {
			files.Algorithm = "RS256"
			err := within(t, func() error {
				_, err := LoadKey(files, nil)
				return err
			})
			wantHint(t, err, node, "is "+what, "regular file")
		}
		if info, err := os.Stat(node); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s became %v, %v", node, info, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was made beside a path that cannot be used: %v", err)
	}
}

func TestIrregularModes(t *testing.T) {
	for mode, want := range map[fs.FileMode]string{
		0o644:                                 "",
		fs.ModeDevice | 0o666:                 "a device",
		fs.ModeDevice | fs.ModeCharDevice:     "a device",
		fs.ModeIrregular:                      "something else",
		fs.ModeDir | fs.ModeSticky | 0o777:    "a folder",
		fs.ModeSetuid | fs.ModeSetgid | 0o755: "",
	} {
		err := refuseIrregular("key.pem", mode)
		if want == "" && err != nil {
			t.Errorf("mode %v: %v", mode, err)
		}
		if want != "" {
			wantHint(t, err, "key.pem", want)
		}
	}
}

// A pipe is looked at, not opened: whoever waits to write to it goes on waiting.
func TestPipeIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			err = file.Close()
		}
		opened <- err
	}()
	time.Sleep(50 * time.Millisecond) // the writer waits by now
	_, err := readKeyFile(path)
	wantHint(t, err, "a named pipe")
	select {
	case err := <-opened:
		t.Errorf("the pipe was opened: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // lets the writer go
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-opened, reader.Close()); err != nil {
		t.Error(err)
	}
}

// What comes to the path after it was looked at is refused too, without waiting.
func TestPipeThatComesLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	err := within(t, func() error {
		_, _, err := openRegular(path)
		return err
	})
	wantHint(t, err, path, "a named pipe")
}

// A link that points nowhere is not a missing file: what it should point to may be
// the only copy of the key.
func TestKeyFileLinkThatPointsNowhere(t *testing.T) {
	for _, half := range []string{"private.pem", "public.pem"} {
		dir := t.TempDir()
		files := KeyFiles{Public: filepath.Join(dir, "public.pem"), Private: filepath.Join(dir, "private.pem"), Algorithm: "RS256"}
		link := filepath.Join(dir, half)
		if err := os.Symlink("not-mounted/key.pem", link); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKey(files, nil)
		wantHint(t, err, link, "points nowhere", "not-mounted/key.pem", "delete the link")
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 || entries[0].Type() != fs.ModeSymlink {
			t.Errorf("%s: the folder holds %v, %v", half, entries, err)
		}
	}
}

// A key file that is gone before its mode could be looked at is told.
func TestKeyFileThatGoes(t *testing.T) {
	wantHint(t, tightenMode(filepath.Join(t.TempDir(), "private.pem"), nil), "private.pem", "deleted")
}
