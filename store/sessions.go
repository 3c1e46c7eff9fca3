package store

import (
	"context"
	"database/sql"
	"errors"

	"example.com/mlapi/auth"
)

// replaced is why a session ended whose client logged in again.
const replaced = "a later login"

// StartSession logs in, where the client's row allows it at this moment: see
// auth.SessionStore. An empty password hash is never right. The times of s.Head
// are kept in whole seconds; its State, Generation and Reason do not count. An
// identifier that is taken is an error.
func (s *Store) StartSession(ctx context.Context, session auth.Session, passwordHash string, once bool) (bool, error) {
	started := false
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		marked, err := changed(tx.ExecContext(ctx, s.sql(`
			UPDATE clients SET used_at = {clock}
			WHERE name = $1 AND password_hash = $2 AND password_hash <> ''
				AND NOT disabled AND (used_at IS NULL OR NOT $3)`),
			session.Client, passwordHash, once))
		if err != nil || !marked {
			return err
		}
		if _, err := s.end(ctx, tx, ofClient, session.Client, 0, auth.Revoked, replaced); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO sessions (id, client, state, generation, issued_at, expires_at, key_id, reason)
			VALUES ($1, $2, 'active', 1, $3, $4, $5, '')`,
			session.ID, session.Client, session.Head.IssuedAt.Unix(), session.Head.ExpiresAt.Unix(), session.Head.KeyID)
		started = err == nil
		return err
	})
	return started && err == nil, err
}

// Session returns the session of that id, or auth.ErrNotFound.
func (s *Store) Session(ctx context.Context, id string) (auth.Session, error) {
	var session auth.Session
	var issued, expires, read int64
	err := s.read.QueryRowContext(ctx, s.sql(`
		SELECT id, client, state, generation, issued_at, expires_at, key_id, reason, {clock}
		FROM sessions WHERE id = $1`), id).
		Scan(&session.ID, &session.Client, &session.State, &session.Generation,
			&issued, &expires, &session.Head.KeyID, &session.Reason, &read)
	if errors.Is(err, sql.ErrNoRows) {
		err = auth.ErrNotFound
	}
	if err := s.outcome(ctx, err); err != nil {
		return auth.Session{}, err
	}
	session.Head.IssuedAt, session.Head.ExpiresAt = seconds(issued), seconds(expires)
	session.ReadAt = seconds(read)
	return session, nil
}

// Rotate advances an active session from generation gen to gen+1, and reports
// whether it did.
func (s *Store) Rotate(ctx context.Context, id string, gen int64, head auth.Head) (bool, error) {
	rotated := false
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		rotated, err = changed(tx.ExecContext(ctx, `
			UPDATE sessions
			SET generation = generation + 1, issued_at = $3, expires_at = $4, key_id = $5
			WHERE id = $1 AND generation = $2 AND state = 'active'`,
			id, gen, head.IssuedAt.Unix(), head.ExpiresAt.Unix(), head.KeyID))
		return err
	})
	return rotated && err == nil, err
}

// EndSession ends a session that is active and at generation minGeneration or
// later, and reports whether it did. The state is auth.Blocked or auth.Revoked;
// any other is an error of the tables' constraints.
func (s *Store) EndSession(ctx context.Context, id string, minGeneration int64, state auth.State, reason string) (bool, error) {
	ended := false
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		n, err := s.end(ctx, tx, ofID, id, minGeneration, state, reason)
		ended = n > 0
		return err
	})
	return ended && err == nil, err
}

// What end takes its key for.
const (
	ofClient = "client"
	ofID     = "id"
)

// end ends the active sessions whose column is key and whose generation is at
// least minGeneration, writes them into the feed, and returns how many it ended.
//
// Positions of the feed must become visible in their order, or a follower misses
// some. SQLite lets one writer in at a time, so they do; a database whose writers
// overlap needs a lock here that is held until the commit.
func (s *Store) end(ctx context.Context, tx *sql.Tx, column, key string, minGeneration int64, state auth.State, reason string) (int, error) {
	rows, err := tx.QueryContext(ctx, s.sql(`
		UPDATE sessions SET state = $3, reason = $4, ended_at = {clock}
		WHERE `+column+` = $1 AND generation >= $2 AND state = 'active'
		RETURNING id`), key, minGeneration, string(state), reason)
	if err != nil {
		return 0, err
	}
	ids, err := readIDs(rows)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := tx.ExecContext(ctx, s.sql(`INSERT INTO ended (session, ended_at) VALUES ($1, {clock})`), id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// readIDs reads rows of one text to their end and closes them.
func readIDs(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
