package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of the data folder that the app itself names.
const (
	storeFile       = "mlapi.db"
	lockFile        = "mlapi.lock"
	firstClientFile = "first-client.txt"
	addressFile     = "address.txt" // where the server was last reached
)

// openDataFolder creates the data folder where it is missing (0700).
func openDataFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return misuse("MLAPI_DATA: the data folder %s cannot be created: %v", path, plain(err)).
			hint("name another folder with --data or MLAPI_DATA")
	}
	return nil
}

// lockDataFolder makes sure that this process is the only server on the folder.
// The lock ends with the file's Close, or with the process.
func lockDataFolder(path string) (*os.File, error) {
	name := filepath.Join(path, lockFile)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, problem(err, "the data folder %s cannot be used: %v", path, plain(err)).
			hint("the user who runs mlapi must be able to write there; or name another folder with --data or MLAPI_DATA")
	}
	ok, err := tryLock(f)
	if err == nil && ok {
		return f, nil
	}
	_ = f.Close()
	if err != nil {
		return nil, problem(err, "the lock file %s cannot be locked: %v", name, plain(err)).
			hint("the data folder must lie on a local disk")
	}
	return nil, problem(nil, "another mlapi server is already running on the data folder %s", path).
		hint("stop that one first, or give this one a folder of its own with --data or MLAPI_DATA")
}

// openRegular opens a file that must be a regular one, perhaps behind links: a
// device or a pipe would be read for ever.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	return os.Open(path)
}

// readRegular reads a small regular file whole.
func readRegular(path string, most int64) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("it is larger than %d bytes", most)
	}
	return content, err
}

// plain strips the operation and path that an *fs.PathError repeats.
func plain(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
