package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"example.com/mlapi/store"
)

// explainer puts the driver's errors into words for whoever runs the server.
type explainer struct{ path string }

// explain returns a *store.Fault for an error of the driver, other errors as
// they are.
func (e explainer) explain(err error) error {
	var fault *store.Fault
	if errors.As(err, &fault) {
		return err
	}
	var cause *sqlite.Error
	if !errors.As(err, &cause) {
		return fmt.Errorf("the database %s: %w", e.path, err)
	}
	problem, advice := e.words(cause.Code())
	return &store.Fault{Problem: fmt.Sprintf(problem, e.path), Advice: advice, Cause: err}
}

// words returns the problem (with %s for the path) and the advice that go with an
// extended result code of SQLite.
func (e explainer) words(code int) (problem, advice string) {
	switch code {
	case sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE,
		// A -shm that finds no room is one of these, and not SQLITE_FULL.
		sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP:
		return "the disk of the database %s is full or cannot be written",
			"free space on that disk; where it has some, look for its errors in the system's log; nothing that was committed is lost"
	}
	switch code & 0xff { // the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "the database %s is locked by another program",
			"find what else has it open (another mlapi command, a backup, a database tool) and let it finish, then try again"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return "the database %s cannot be written",
			"the user who runs mlapi must own the file, its -wal and -shm, and be able to write in their folder"
	case sqlite3.SQLITE_CANTOPEN:
		return "the database %s cannot be opened",
			"the user who runs mlapi must be able to read and write the file and its folder; or name another folder with MLAPI_DATA"
	case sqlite3.SQLITE_NOTADB:
		return "the file %s is not a database of mlapi",
			"move the file away (a new one is then made), or name another folder with MLAPI_DATA"
	case sqlite3.SQLITE_CORRUPT:
		return "the database %s is damaged",
			"stop the server and restore a copy, together with its -wal; or move the file away: a new one is then made, without the clients and sessions of this one"
	case sqlite3.SQLITE_FULL:
		return "the database %s cannot grow, its disk is full",
			"free space on that disk; nothing that was committed is lost"
	case sqlite3.SQLITE_IOERR:
		return "the disk failed under the database %s",
			"look at the system's log for the disk and whether it is full; the file must lie on a local disk"
	}
	return "the database %s refused a query", "this is a fault of mlapi or of the file's tables: report it with this text"
}

// file returns the Fault of a file that can be neither found nor made.
func (e explainer) file(err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = fmt.Errorf("%s %s: %w", cause.Op, cause.Path, cause.Err)
	}
	code := sqlite3.SQLITE_CANTOPEN
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		code = sqlite3.SQLITE_FULL
	}
	problem, advice := e.words(code)
	return &store.Fault{Problem: fmt.Sprintf(problem, e.path), Advice: advice, Cause: err}
}
