package postgres

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"example.com/mlapi/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationTable is where goose notes what was done.
const migrationTable = "mlapi_migrations"

// migrate brings the tables up to date. Processes that start at once take turns.
func migrate(ctx context.Context, db *sql.DB, e explainer) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockSpace), lock.WithLockTimeout(1, 30))
	if err != nil {
		return fmt.Errorf("making the lock of the migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(migrationTable),
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	current, err := version(ctx, db)
	switch {
	case err != nil:
		return err
	case current > newest:
		return &store.Fault{
			Problem: fmt.Sprintf("the database %s was written by a newer mlapi: its tables are at version %d, this one knows them up to %d", e.place, current, newest),
			Advice:  "run the newer mlapi, or restore the copy of the database from before the upgrade; nothing was changed",
		}
	case current == newest:
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	return nil
}

// version returns the newest migration that was done, 0 where there is none.
func version(ctx context.Context, db *sql.DB) (v int64, err error) {
	var there bool
	err = db.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, migrationTable).Scan(&there)
	if err == nil && there {
		err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+migrationTable).Scan(&v)
	}
	return v, err
}
