package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"example.com/mlapi/auth"
)

const selectClients = `SELECT name, password_hash, config_hash, disabled, used_at, created_at, {clock} FROM clients `

// Client returns the client of that name, or auth.ErrNotFound.
func (s *Store) Client(ctx context.Context, name string) (auth.Client, error) {
	c, err := scanClient(s.read.QueryRowContext(ctx, s.sql(selectClients+`WHERE name = $1`), name))
	if errors.Is(err, sql.ErrNoRows) {
		err = auth.ErrNotFound
	}
	if err := s.outcome(ctx, err); err != nil {
		return auth.Client{}, err
	}
	return c, nil
}

// Clients returns all clients, sorted by the bytes of their names.
func (s *Store) Clients(ctx context.Context) ([]auth.Client, error) {
	var clients []auth.Client
	rows, err := s.read.QueryContext(ctx, s.sql(selectClients+`ORDER BY name`))
	if err == nil {
		clients, err = readClients(rows)
	}
	if err := s.outcome(ctx, err); err != nil {
		return nil, err
	}
	return clients, nil
}

// readClients reads rows of clients to their end and closes them.
func readClients(rows *sql.Rows) ([]auth.Client, error) {
	defer rows.Close()
	var clients []auth.Client
	for rows.Next() {
		c, err := scanClient(rows)
		if err != nil {
			return nil, err
		}
		clients = append(clients, c)
	}
	return clients, rows.Err()
}

func scanClient(row scanner) (auth.Client, error) {
	var c auth.Client
	var used sql.NullInt64
	var created, read int64
	if err := row.Scan(&c.Name, &c.PasswordHash, &c.ConfigHash, &c.Disabled, &used, &created, &read); err != nil {
		return auth.Client{}, err
	}
	if used.Valid {
		c.UsedAt = seconds(used.Int64)
	}
	c.CreatedAt, c.ReadAt = seconds(created), seconds(read)
	return c, nil
}

// AddClient creates a client, or returns auth.ErrExists. An empty name is an
// error of the tables' constraints.
func (s *Store) AddClient(ctx context.Context, c auth.Client) error {
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		added, err := changed(tx.ExecContext(ctx, s.sql(`
			INSERT INTO clients (name, password_hash, config_hash, disabled, used_at, created_at)
			VALUES ($1, $2, $3, $4, $5, {clock})
			ON CONFLICT (name) DO NOTHING`),
			c.Name, c.PasswordHash, c.ConfigHash, c.Disabled, usedAt(c.UsedAt)))
		if err == nil && !added {
			return auth.ErrExists
		}
		return err
	})
}

// UpdateClient replaces what is kept of a client but for CreatedAt, or returns
// auth.ErrNotFound; where endReason is not empty, the client's live sessions are
// revoked with it. A used credential stays used unless the password hash
// changes: a login between the caller's reading and writing is not forgotten.
func (s *Store) UpdateClient(ctx context.Context, c auth.Client, endReason string) error {
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		found, err := changed(tx.ExecContext(ctx, s.sql(`
			UPDATE clients
			SET password_hash = $2, config_hash = $3, disabled = $4,
				used_at = CASE WHEN password_hash = $2 THEN COALESCE($5, used_at) ELSE $5 END
			WHERE name = $1`),
			c.Name, c.PasswordHash, c.ConfigHash, c.Disabled, usedAt(c.UsedAt)))
		switch {
		case err != nil:
			return err
		case !found:
			return auth.ErrNotFound
		case endReason == "":
			return nil
		}
		_, err = s.end(ctx, tx, ofClient, c.Name, 0, auth.Revoked, endReason)
		return err
	})
}

func usedAt(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.Unix(), Valid: !t.IsZero()}
}
