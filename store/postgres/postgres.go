// Package postgres opens a PostgreSQL database as a store of clients and sessions
// that several servers share.
//
//	s, err := postgres.Open(ctx, "postgres://mlapi:password@db:5432/mlapi")
//	if err != nil {
//		return err // a *store.Fault: what is wrong, and a hint what to do
//	}
//	defer s.Close()
//
// The tables are made, and brought up to date, by whichever process comes first. The
// user must own them, or the database; nothing else is needed. PostgreSQL 12 and
// later work.
//
// Transactions run at READ COMMITTED. What two of them could race for is decided by
// the WHERE clause of an UPDATE, or under the lock of a row, or under one of the
// advisory locks of package store. Ended sessions are told with NOTIFY, so that a
// follower learns of them at once.
package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/mlapi/store"
)

const (
	connections    = 8 // of a process, beside the one that listens
	idleFor        = 5 * time.Minute
	connectLimit   = 5 * time.Second
	statementLimit = "10s" // longer than any of ours takes
	// operationLimit is for a server that does not answer at all; one that does says
	// itself, before that, what took too long.
	operationLimit = 12 * time.Second
	// lockSpace keeps our advisory locks apart from those of others in the database.
	lockSpace = 0x6d6c6170 // "mlap"
)

// Open connects to the database of an URL, or of a connection string of libpq, and
// brings its tables up to date. Errors are *store.Fault; none holds the password.
func Open(ctx context.Context, url string) (*store.Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, &store.Fault{
			Problem: "MLAPI_STORE is not the URL of a PostgreSQL database", // the error repeats the URL
			Advice:  "write postgres://user:password@host:5432/database, with %40 for an @ in the password and the like",
		}
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > connectLimit {
		config.ConnectTimeout = connectLimit
	}
	config.RuntimeParams["application_name"] = "mlapi"
	config.RuntimeParams["statement_timeout"] = statementLimit
	config.RuntimeParams["idle_in_transaction_session_timeout"] = statementLimit
	e := explainer{place: placeOf(config)}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(idleFor)
	if err := prepare(ctx, db, e); err != nil {
		_ = db.Close() // the first error is the one to tell
		return nil, e.explain(err)
	}
	l := &listener{config: config.Copy()}
	return store.New(db, db, store.Dialect{
		Clock:     "floor(extract(epoch FROM clock_timestamp()))::bigint",
		Lock:      `SELECT pg_advisory_xact_lock(1835819376, $1)`, // lockSpace
		ForUpdate: " FOR UPDATE",
		Again:     again,
		Wait:      l.wait,
		Explain:   e.explain,
		Limit:     operationLimit,
		Close:     l.close,
	}), nil
}

// prepare makes sure that the database can be written and its tables are ours.
func prepare(ctx context.Context, db *sql.DB, e explainer) error {
	var readOnly string
	if err := db.QueryRowContext(ctx, `SHOW transaction_read_only`).Scan(&readOnly); err != nil {
		return err
	}
	if readOnly == "on" {
		return &store.Fault{Problem: "the database " + e.place + " can only be read",
			Advice: "name the primary server, not a standby, and a user who may write"}
	}
	return migrate(ctx, db, e)
}
