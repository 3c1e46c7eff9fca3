package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"

	"example.com/mlapi/store"
)

// held is a database's files as they were when it was opened, held so that they
// can be told from others.
type held struct {
	explainer
	files []file
	// connection is a pool of one that nobody uses, so that nothing interrupts it and
	// database/sql never drops it. While it is open SQLite does not delete the
	// -wal and the -shm by itself, which it does with a file's last connection, and
	// the system does not give the files' numbers to new ones.
	connection *sql.DB
}

// file is one of them: the database, its -wal or its -shm. Whoever loses one of
// the latter has lost the newest commits, or the lock that keeps writers apart.
type file struct {
	path, suffix string
	info         fs.FileInfo
}

// hold opens a connection to the database at an absolute path, in WAL mode, and
// remembers its files. Errors are the driver's or a *store.Fault.
func hold(ctx context.Context, e explainer, path string) (*held, error) {
	connection, err := open(path, 1)
	if err != nil {
		return nil, err
	}
	h := &held{explainer: e, connection: connection}
	var tables int // reading is what opens the -wal and the -shm
	if err := connection.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		_ = connection.Close()
		return nil, err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			_ = connection.Close()
			return nil, h.lost(suffix, err)
		}
		h.files = append(h.files, file{path: path + suffix, suffix: suffix, info: info})
	}
	return h, nil
}

// check returns a *store.Fault where a path does not name the file that was opened
// or cannot be looked at, or where the database is empty. It opens nothing:
// closing a descriptor of a database drops the locks that this process holds on
// it (POSIX).
func (h *held) check() error {
	for _, f := range h.files {
		info, err := os.Stat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return h.lost(f.suffix, err)
		case err != nil:
			return h.file(err)
		case !os.SameFile(info, f.info):
			return h.lost(f.suffix, errors.New("another file lies there"))
		case f.suffix == "" && info.Size() == 0:
			return h.lost(f.suffix, errors.New("it is empty"))
		}
	}
	return nil
}

func (h *held) lost(suffix string, cause error) error {
	return &store.Fault{
		Problem: "the database file " + h.path + suffix + " was removed or replaced while in use",
		Advice: "stop the server, restore the file and its -wal from a backup and start the server again; " +
			"a credential used or a session ended since that backup works again: renew it with mlapi client reset NAME",
		Cause: cause,
	}
}

func (h *held) close() error { return h.connection.Close() }
