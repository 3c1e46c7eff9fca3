package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"example.com/mlapi/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the file at path up to date: into WAL mode, and its tables to
// the newest of the migrations in files. A file that is up to date costs three
// queries; otherwise one process at a time does the work.
func migrate(ctx context.Context, db *sql.DB, path string, files fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	current, wal, err := state(ctx, db)
	if err != nil {
		return err
	}
	if current > newest {
		return &store.Fault{
			Problem: fmt.Sprintf("the database %s was written by a newer mlapi: its tables are at version %d, this one knows them up to %d", path, current, newest),
			Advice:  "run the newer mlapi, or restore the copy of the file from before the upgrade; the file was left as it is",
		}
	}
	if current < newest || !wal {
		return upgrade(ctx, db, path, provider)
	}
	return writable(ctx, db)
}

// state returns the version of the newest migration in the file, 0 where there is
// none, and whether the file is in WAL mode.
func state(ctx context.Context, db *sql.DB) (version int64, wal bool, err error) {
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return 0, false, err
	}
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1`,
		goose.DefaultTablename).Scan(&tables)
	if err == nil && tables > 0 {
		err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+goose.DefaultTablename).Scan(&version)
	}
	return version, mode == "wal", err
}

// upgrade runs the migrations that are missing. Each is a transaction of its own,
// so the next start carries on where a killed process stopped.
//
// goose has no lock for SQLite. The lock is an exclusive transaction on an empty
// database beside the file: it ends with the process that holds it, whatever
// becomes of that.
func upgrade(ctx context.Context, db *sql.DB, path string, provider *goose.Provider) (err error) {
	name := path + "-migrate"
	if err := createFile(name); err != nil {
		return explainer{path: name}.file(err)
	}
	beside, err := open(name, 1, "_txlock=exclusive")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, beside.Close()) }()
	lock, err := beside.BeginTx(ctx, nil)
	if err != nil {
		return explainer{path: name}.explain(err)
	}
	defer func() { _ = lock.Rollback() }() // fails only where ctx ended it before

	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return &store.Fault{
			Problem: fmt.Sprintf("the database %s cannot be shared between processes where it lies (its journal mode stays %q)", path, mode),
			Advice:  "the file must lie on a local disk; name another folder with MLAPI_DATA",
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	return nil
}

// writable makes sure at start that the file can be written, not at the first
// login: SQLite opens a file for reading where it cannot open it for writing. It
// takes a statement that writes, though it changes nothing: BEGIN IMMEDIATE
// alone succeeds on such a file.
func writable(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `DELETE FROM `+goose.DefaultTablename+` WHERE FALSE`)
	return err
}
