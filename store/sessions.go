package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"example.com/mlapi/auth"
)

// replaced is why a session ended whose client's instance logged in again.
const replaced = "a later login"

// StartSession logs in, where the client's rows allow it at this moment: see
// auth.SessionStore. An empty password hash is never right. The times of s.Head
// are kept in whole seconds; its State and Generation do not count. An identifier
// that is taken is an error.
func (s *Store) StartSession(ctx context.Context, session auth.Session, login auth.LoginCheck, e auth.Event) (auth.Session, error) {
	var started auth.Session
	err := s.transact(ctx, func(ctx context.Context, w *work) (err error) {
		started, err = w.start(ctx, session, login, e)
		return err
	})
	if err != nil {
		return auth.Session{}, err
	}
	return started, nil
}

func (w *work) start(ctx context.Context, session auth.Session, login auth.LoginCheck, e auth.Event) (auth.Session, error) {
	// The client's row first: whatever else changes this client waits from here on.
	right, err := changed(w.ExecContext(ctx, `
		UPDATE clients SET name = name
		WHERE name = $1 AND password_hash = $2 AND password_hash <> '' AND disabled_by = ''`,
		session.Client, login.PasswordHash))
	if err != nil || !right {
		return auth.Session{}, err
	}
	if session.Retry.Key != "" {
		earlier, err := w.session(ctx, w.Tx, `
			WHERE client = $1 AND instance = $2 AND state = 'active' AND generation = 1 AND retry_key = $3
				AND confirmed = 0 AND expires_at > {clock} AND (ends_at IS NULL OR ends_at > {clock})`,
			session.Client, session.Instance, session.Retry.Key)
		if err == nil {
			again := e
			again.Action, again.Session, again.Detail = auth.ActionRepeat, earlier.ID, "the same login, sent twice"
			w.tell(again)
			return earlier, nil
		}
		if !errors.Is(err, auth.ErrNotFound) {
			return auth.Session{}, err
		}
	}
	marked, err := changed(w.ExecContext(ctx, w.sql(`
		UPDATE instances SET used_at = {clock}
		WHERE client = $1 AND name = $2 AND (used_at IS NULL OR NOT $3)`),
		session.Client, session.Instance, login.Once))
	if err != nil || !marked && login.Once {
		return auth.Session{}, err
	}
	_, err = w.end(ctx, `client = $1 AND instance = $2`, []any{session.Client, session.Instance}, auth.Revoked, replaced, e)
	if err != nil {
		return auth.Session{}, err
	}
	_, err = w.ExecContext(ctx, w.sql(`
		INSERT INTO sessions (id, client, instance, state, generation, issued_at, expires_at, key_id, retry_key,
			rotated_at, confirmed, undelivered, repeats, started_at, ends_at, reason)
		VALUES ($1, $2, $3, 'active', 1, $4, $5, $6, $7, {clock}, 0, 0, 0, {clock}, $8, '')`),
		session.ID, session.Client, session.Instance, session.Head.IssuedAt.Unix(), session.Head.ExpiresAt.Unix(),
		session.Head.KeyID, session.Retry.Key, seconds(session.EndsAt))
	if err != nil {
		return auth.Session{}, err
	}
	w.tell(e)
	return w.session(ctx, w.Tx, `WHERE id = $1`, session.ID)
}

const selectSessions = `
	SELECT id, client, instance, state, generation, issued_at, expires_at, key_id, retry_key, rotated_at, confirmed,
		undelivered, repeats, started_at, ends_at, ended_at, reason, {clock}
	FROM sessions `

// querier is a pool or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// session returns the one session that the condition is true of, or auth.ErrNotFound.
func (s *Store) session(ctx context.Context, from querier, where string, args ...any) (auth.Session, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	session, err := scanSession(from.QueryRowContext(ctx, s.sql(selectSessions+where), args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = auth.ErrNotFound
	}
	return session, err
}

func scanSession(row scanner) (auth.Session, error) {
	var a auth.Session
	err := row.Scan(&a.ID, &a.Client, &a.Instance, &a.State, &a.Generation, (*seconds)(&a.Head.IssuedAt), (*seconds)(&a.Head.ExpiresAt),
		&a.Head.KeyID, &a.Retry.Key, (*seconds)(&a.Retry.RotatedAt), &a.Retry.Confirmed, &a.Retry.Undelivered, &a.Retry.Repeats,
		(*seconds)(&a.StartedAt), (*seconds)(&a.EndsAt), (*seconds)(&a.EndedAt), &a.Reason, (*seconds)(&a.ReadAt))
	return a, err
}

// Session returns the session of that id, or auth.ErrNotFound.
func (s *Store) Session(ctx context.Context, id string) (auth.Session, error) {
	session, err := s.session(ctx, s.read, `WHERE id = $1`, id)
	if err := s.outcome(ctx, err); err != nil {
		return auth.Session{}, err
	}
	return session, nil
}

// LiveSession returns the active session of a client's instance, or
// auth.ErrNotFound.
func (s *Store) LiveSession(ctx context.Context, client, instance string) (auth.Session, error) {
	if client = asked(client); instance != asked(instance) {
		client = "" // nobody's; an empty instance is somebody's
	}
	session, err := s.session(ctx, s.read, `WHERE client = $1 AND instance = $2 AND state = 'active'`, client, asked(instance))
	if err := s.outcome(ctx, err); err != nil {
		return auth.Session{}, err
	}
	return session, nil
}

// Sessions returns the sessions of a client, oldest first.
func (s *Store) Sessions(ctx context.Context, client string) ([]auth.Session, error) {
	sessions, err := s.sessions(ctx, client)
	if err := s.outcome(ctx, err); err != nil {
		return nil, err
	}
	return sessions, nil
}

func (s *Store) sessions(ctx context.Context, client string) ([]auth.Session, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, s.sql(selectSessions+`WHERE client = $1 ORDER BY started_at, id`), client)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var sessions []auth.Session
	for rows.Next() {
		session, err := scanSession(rows)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, session)
	}
	return sessions, rows.Err()
}

// Rotate advances an active session to next.Generation from the one before, and
// reports whether it did.
func (s *Store) Rotate(ctx context.Context, next auth.Session, e auth.Event) (bool, error) {
	return s.once(ctx, e, `
		UPDATE sessions
		SET generation = $2, issued_at = $3, expires_at = $4, key_id = $5, retry_key = $6,
			rotated_at = {clock}, undelivered = 0, repeats = 0
		WHERE id = $1 AND generation + 1 = $2 AND state = 'active'`,
		next.ID, next.Generation, next.Head.IssuedAt.Unix(), next.Head.ExpiresAt.Unix(), next.Head.KeyID, next.Retry.Key)
}

// Repeat counts one more answer with the newest tokens, and reports whether it did.
func (s *Store) Repeat(ctx context.Context, g auth.Generation, most int, e auth.Event) (bool, error) {
	return s.once(ctx, e, `
		UPDATE sessions SET repeats = repeats + 1
		WHERE id = $1 AND generation = $2 AND state = 'active' AND repeats < $3`, g.Session, g.Number, most)
}

// once runs one statement in a transaction, and reports whether it changed a row: only
// then the event is told.
func (s *Store) once(ctx context.Context, e auth.Event, query string, args ...any) (bool, error) {
	done := false
	err := s.transact(ctx, func(ctx context.Context, w *work) (err error) {
		done, err = changed(w.ExecContext(ctx, s.sql(query), args...))
		if done {
			w.tell(e)
		}
		return err
	})
	return done && err == nil, err
}

// Confirm notes that tokens of these generations were used.
func (s *Store) Confirm(ctx context.Context, used []auth.Generation) error {
	return s.transact(ctx, func(ctx context.Context, w *work) error {
		for _, g := range used {
			_, err := w.ExecContext(ctx, `UPDATE sessions SET confirmed = $2 WHERE id = $1 AND confirmed < $2`, g.Session, g.Number)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Undelivered notes that the answer with the newest tokens could not be sent.
func (s *Store) Undelivered(ctx context.Context, g auth.Generation) error {
	_, err := s.once(ctx, auth.Event{}, `UPDATE sessions SET undelivered = 1 WHERE id = $1 AND generation = $2`, g.Session, g.Number)
	return err
}

// EndSession ends a session that is active and at generation minGeneration or
// later, and reports whether it did. The state is auth.Blocked or auth.Revoked;
// any other is an error of the tables' constraints.
func (s *Store) EndSession(ctx context.Context, id string, minGeneration int64, state auth.State, reason string, e auth.Event) (bool, error) {
	ended := false
	err := s.transact(ctx, func(ctx context.Context, w *work) error {
		n, err := w.end(ctx, `id = $1 AND generation >= $2`, []any{id, minGeneration}, state, reason, e)
		ended = n > 0
		return err
	})
	return ended && err == nil, err
}

// end ends the active sessions that the condition is true of, writes them into the
// feed and the audit log, and returns how many it ended.
//
// Positions of the feed must become visible in their order, or a follower misses
// some: hence the lock until the commit, where writers overlap.
func (w *work) end(ctx context.Context, where string, args []any, state auth.State, reason string, e auth.Event) (int, error) {
	n := len(args)
	rows, err := w.QueryContext(ctx, w.sql(fmt.Sprintf(`
		UPDATE sessions SET state = $%d, reason = $%d, ended_at = {clock}
		WHERE %s AND state = 'active'
		RETURNING id, client, instance`, n+1, n+2, where)), append(args[:n:n], string(state), reason)...)
	if err != nil {
		return 0, err
	}
	ended, err := readEnded(rows)
	if err != nil || len(ended) == 0 {
		return 0, err
	}
	if err := w.lock(ctx, feedLock); err != nil {
		return 0, err
	}
	for _, session := range ended {
		if _, err := w.ExecContext(ctx, w.sql(`INSERT INTO ended (session, ended_at) VALUES ($1, {clock})`), session.ID); err != nil {
			return 0, err
		}
		told := e
		told.Action, told.Outcome, told.Detail = auth.ActionEnd, string(state), reason
		told.Session, told.Client, told.Instance = session.ID, session.Client, session.Instance
		w.tell(told)
	}
	return len(ended), nil
}

// readEnded reads rows of sessions to their end and closes them.
func readEnded(rows *sql.Rows) ([]auth.Session, error) {
	defer rows.Close()
	var ended []auth.Session
	for rows.Next() {
		var s auth.Session
		if err := rows.Scan(&s.ID, &s.Client, &s.Instance); err != nil {
			return nil, err
		}
		ended = append(ended, s)
	}
	return ended, rows.Err()
}
