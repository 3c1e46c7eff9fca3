package store

import (
	"context"
	"time"

	"example.com/mlapi/auth"
)

// Keys returns all signing keys in the order of their activation.
func (s *Store) Keys(ctx context.Context) ([]auth.StoredKey, time.Time, error) {
	keys, now, err := s.keys(ctx)
	if err := s.outcome(ctx, err); err != nil {
		return nil, time.Time{}, err
	}
	return keys, now, nil
}

func (s *Store) keys(ctx context.Context) (keys []auth.StoredKey, now time.Time, err error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	err = s.read.QueryRowContext(ctx, s.sql(`SELECT {clock}`)).Scan((*seconds)(&now))
	if err != nil {
		return nil, now, err
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, algorithm, public, private, created_at, active_at, compromised_at FROM keys
		ORDER BY active_at, created_at, id`)
	if err != nil {
		return nil, now, err
	}
	defer rows.Close()
	for rows.Next() {
		var k auth.StoredKey
		if err := rows.Scan(&k.ID, &k.Algorithm, &k.Public, &k.Private, (*seconds)(&k.CreatedAt),
			(*seconds)(&k.ActiveAt), (*seconds)(&k.CompromisedAt)); err != nil {
			return nil, now, err
		}
		keys = append(keys, k)
	}
	return keys, now, rows.Err()
}

// AddKey adds a signing key, and reports whether it did; where it is there already the
// error is auth.ErrExists.
func (s *Store) AddKey(ctx context.Context, k auth.StoredKey, first bool, delay time.Duration, e auth.Event) (bool, error) {
	added := false
	err := s.transact(ctx, func(ctx context.Context, w *work) error {
		added = false
		if err := w.lock(ctx, keysLock); err != nil {
			return err
		}
		var all, same int
		err := w.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN id = $1 THEN 1 ELSE 0 END), 0) FROM keys`, k.ID).Scan(&all, &same)
		switch {
		case err != nil:
			return err
		case first && all > 0:
			return nil
		case same > 0:
			return auth.ErrExists
		}
		_, err = w.ExecContext(ctx, s.sql(`
			INSERT INTO keys (id, algorithm, public, private, created_at, active_at)
			VALUES ($1, $2, $3, $4, {clock}, {clock} + $5)`),
			k.ID, k.Algorithm, k.Public, k.Private, int64(delay/time.Second))
		w.tell(e)
		added = err == nil
		return err
	})
	return added && err == nil, err
}

// CompromiseKey marks a key, ends the sessions whose newest refresh token it signed,
// and returns how many.
func (s *Store) CompromiseKey(ctx context.Context, id string, e auth.Event) (int, error) {
	ended := 0
	err := s.transact(ctx, func(ctx context.Context, w *work) error {
		marked, err := changed(w.ExecContext(ctx, s.sql(`
			UPDATE keys SET compromised_at = {clock} WHERE id = $1 AND compromised_at IS NULL`), id))
		if err == nil && !marked {
			err = auth.ErrNotFound
		}
		if err != nil {
			return err
		}
		w.tell(e)
		ended, err = w.end(ctx, `key_id = $1`, []any{id}, auth.Revoked, "its signing key was compromised", e)
		return err
	})
	return ended, err
}
