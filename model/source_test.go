package model_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// beside is a format whose model is the content of the file that the file names.
var beside = model.Format{
	Name:   "name",
	Detect: func([]byte) bool { return true },
	Read: func(src *model.Source, _ model.Limits) (mlapi.Model, error) {
		name, err := io.ReadAll(src)
		if err != nil {
			return nil, err
		}
		r, more, err := src.Sibling(string(name))
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if more != 12*int64(len(content)) && !strings.HasSuffix(string(name), ".z") {
			return nil, fmt.Errorf("%d bytes raise the limit by %d", len(content), more)
		}
		return &loaded{value: string(content)}, r.Close()
	},
}

// TestSibling opens files beside a file, and no others.
func TestSibling(t *testing.T) {
	outside := t.TempDir()
	folder := filepath.Join(outside, "models")
	write := func(path, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, path string) {
		t.Helper()
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(folder, "a.npy"), "content")
	write(filepath.Join(folder, "a.npy.z"), string(compressed(t, "zlib", []byte("content"))))
	write(filepath.Join(folder, "bomb.npy.z"), string(compressed(t, "zlib", make([]byte, 40<<20))))
	write(filepath.Join(folder, "deep", "a.npy"), "content")
	write(filepath.Join(outside, "secret.npy"), "secret")
	link("a.npy", filepath.Join(folder, "inside.npy"))
	link("../secret.npy", filepath.Join(folder, "up.npy"))
	link(filepath.Join(outside, "secret.npy"), filepath.Join(folder, "far.npy"))
	for name, want := range map[string]string{
		"a.npy": "content", "a.npy.z": "content", "inside.npy": "content",
		"b.npy": "no such file", "up.npy": "escapes", "far.npy": "escapes", "deep": "no regular file", "deep/a.npy": "not the name of a file",
		"../secret.npy": "not the name of a file", ".": "not the name of a file", "..": "not the name of a file", `deep\a.npy`: "not the name of a file",
		filepath.Join(outside, "secret.npy"): "not the name of a file", "bomb.npy.z": "too much memory once it is decompressed",
	} {
		path := filepath.Join(folder, "main")
		write(path, name)
		m, err := model.Open(path, []model.Format{beside})
		if err != nil && strings.Contains(err.Error(), want) {
			continue
		}
		if err != nil || m.(*loaded).value != want {
			t.Errorf("%q: %+v, %v; want %q", name, m, err, want)
		}
	}
	// What is not on disk has nothing beside it, wherever the process stands.
	t.Chdir(folder)
	if _, err := model.OpenReader("main", strings.NewReader("a.npy"), 5, []model.Format{beside}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("beside a stream: %v", err)
	}
	write("main", "a.npy")
	if m, err := model.Open("main", []model.Format{beside}); err != nil || m.(*loaded).value != "content" {
		t.Errorf("with a relative path: %+v, %v", m, err)
	}
}

// TestDictionaryCounts checks that the memory of a decompressor with a large dictionary
// is taken from that of the values.
func TestDictionaryCounts(t *testing.T) {
	for _, compression := range compressions {
		data := compressed(t, compression, []byte("\x80\x02K\x05."))
		var got model.Limits
		format := model.Format{Name: "any", Detect: func([]byte) bool { return true }, Read: func(src *model.Source, limits model.Limits) (mlapi.Model, error) {
			got = limits
			_, err := io.Copy(io.Discard, src)
			return &loaded{}, err
		}}
		// The size of a file of 10 MB: with the largest dictionary, 64 MiB, less than 20 times that.
		if _, err := model.OpenReader("m", bytes.NewReader(data), 10e6, []model.Format{format}); err != nil {
			t.Fatal(err)
		}
		most := int64(200e6)
		if compression == "xz" || compression == "lzma" {
			most -= 64 << 20
		}
		if got.Memory > most || got.Memory < 100e6 {
			t.Errorf("%q: %d bytes are allowed", compression, got.Memory)
		}
	}
}

// TestZF reads the container of old joblib, whose header Python 2 wrote with a space
// more, and refuses a wrong size.
func TestZF(t *testing.T) {
	content := []byte("\x80\x02K\x05.")
	for header, want := range map[string]string{
		"ZF0x5                ":    "",
		"ZF0x5                 ":   "",
		"ZF0x5L                ":   "",
		"ZF0x4                ":    "another size",
		"ZF0x6                ":    "another size",
		"ZF0x                 ":    "does not read",
		"ZF0xffffffffffffffffffff": "does not read",
		"ZF0x5                  ":  "does not read",
		"ZF0x5":                    "does not read",
	} {
		m, err := open(append([]byte(header), compressed(t, "zlib", content)...))
		if want == "" && (err != nil || m.value != int64(5) || m.compression != "ZF") {
			t.Errorf("%q: %+v, %v", header, m, err)
		}
		var e *model.Error
		if want != "" && (!errors.As(err, &e) || e.Kind != model.Broken || !strings.Contains(e.What+errors.Unwrap(e).Error(), want)) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

var _ pickle.Opener = (*model.Source)(nil).Sibling
