// Package sqlite keeps a [store.Store] in one SQLite file on disk, the embedded
// default: no server, no cgo.
//
//	s, err := sqlite.Open(ctx, "data/mlapi.db")
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//
// Several processes may use the file at once, such as the command line beside a
// running server; it must lie on a local disk, because they share memory beside
// it. The file, its -wal and its -shm are readable by their owner alone.
//
// What was committed survives a killed process and a power cut: the journal is a
// write-ahead log, synced at every commit (synchronous FULL).
//
// Open brings the tables up to date by itself, forward only. A file written by a
// newer version is refused and left as it is.
//
// A file that is removed, replaced, moved or emptied while it is open is noticed
// by the next operation of whatever kind, and so is the loss of its -wal or -shm:
// every method returns a *store.Fault until the very same files are back. To put
// back a backup, stop the server first. What cannot be noticed is a file that is
// overwritten in place (cp onto it).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver

	"example.com/mlapi/store"
)

const (
	// busyTimeout is how long to wait for another process's transaction, in
	// milliseconds. Transactions take a few; a context ends the wait earlier.
	busyTimeout = "5000"
	// cacheKiB bounds each connection's page cache.
	cacheKiB = "512"
	// readers is how many connections read at once. There is one writer, because
	// SQLite has one: the others queue in Go, in order and without polling.
	readers = 2
)

// Exists reports whether there is a database, or anything else that Open would
// take for one, at path: a regular file with something in it. Where it says no,
// Open makes a new one or fails.
func Exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// Open opens the database file, creates it and its folder where they are missing
// (0600 and 0700), and brings its tables up to date. Any path is a file's, also
// one with spaces, '?', '%' or '#'. Errors are *store.Fault, with what to do.
func Open(ctx context.Context, path string) (*store.Store, error) {
	e := explainer{path: path}
	full, err := filepath.Abs(path)
	if path == "" {
		err = errors.New("no name was given")
	}
	if err == nil {
		err = createFile(full)
	}
	if err != nil {
		return nil, e.file(err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	write, err := open(full, 1, "_txlock=immediate")
	if err != nil {
		return nil, e.explain(err)
	}
	if err := migrate(ctx, write, full, files); err != nil {
		_ = write.Close()
		return nil, e.explain(err)
	}
	read, err := open(full, readers)
	if err != nil {
		_ = write.Close()
		return nil, e.explain(err)
	}
	held, err := hold(ctx, e, full)
	if err != nil {
		_ = errors.Join(read.Close(), write.Close())
		return nil, e.explain(err)
	}
	return store.New(write, read, store.Dialect{
		Clock: "unixepoch()", Explain: e.explain, Check: held.check, Close: held.close,
	}), nil
}

// createFile creates an empty file, which SQLite takes for an empty database, so
// that its mode is 0600 from the first byte on; SQLite gives -wal and -shm the
// mode of the file. A file that is there and open to others is tightened.
func createFile(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// Only a new file is opened and closed here: closing any descriptor of a
	// database drops the locks that this process holds on it (POSIX).
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case err == nil:
		return errors.Join(f.Close(), syncDir(dir))
	case errors.Is(err, fs.ErrExist):
		return tighten(path)
	}
	return err
}

// tighten takes the rights of group and others from the database's files.
func tighten(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.IsDir() {
			return &fs.PathError{Op: "open", Path: name, Err: errors.New("is a folder")}
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			if err := os.Chmod(name, mode&^0o077); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncDir makes a file's name in its folder durable. Not every system can sync a
// folder; what cannot be synced is not an error.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	_ = f.Sync()
	return f.Close()
}

// open returns a pool of connections to the file at an absolute path.
func open(path string, connections int, settings ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, settings...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// dsn returns the driver's name for the file: a URI, in which every byte of a
// path can be written.
func dsn(path string, settings ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/data/mlapi.db
	}
	query := append([]string{
		"mode=rw", // createFile creates, so that a lost file is not made anew
		"_defensive=1",
		"_pragma=busy_timeout(" + busyTimeout + ")",
		"_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)",
		"_pragma=trusted_schema(0)",
		"_pragma=cell_size_check(1)",
		"_pragma=cache_size(-" + cacheKiB + ")",
		"_pragma=journal_size_limit(4194304)",
	}, settings...)
	u := url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(query, "&")}
	return u.String()
}
