package app

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWritePrivate: what was there before decides nothing.
func TestWritePrivate(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "elsewhere")
	if err := os.WriteFile(target, []byte("untouched"), 0o644); err != nil {
		t.Fatal(err)
	}
	open, link := filepath.Join(folder, "open"), filepath.Join(folder, "link")
	if err := os.WriteFile(open, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{open, link, filepath.Join(folder, "new")} {
		if err := writePrivate(path, "secret"); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
	}
	if raw, err := os.ReadFile(target); err != nil || string(raw) != "untouched" {
		t.Errorf("the link was followed: %q, %v", raw, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 4 {
		t.Errorf("%d files, want 4 (%v)", len(left), err)
	}
}
