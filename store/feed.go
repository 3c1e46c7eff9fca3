package store

import (
	"context"
	"database/sql"
	"time"
)

// EndedSince returns the sessions that ended after a position of the feed, in
// the order they ended, and the position to ask from next. Where nothing ended
// it reads one row. A position that was not given yet, such as math.MaxInt64,
// is a way to ask for the newest one alone: it returns no ids.
func (s *Store) EndedSince(ctx context.Context, position int64) (ids []string, next int64, err error) {
	ids, next, err = s.readFeed(ctx, position)
	if err := s.outcome(ctx, err); err != nil {
		return nil, position, err
	}
	return ids, next, nil
}

func (s *Store) readFeed(ctx context.Context, position int64) (ids []string, next int64, err error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	// The newest position first: what is written after this is asked for next time.
	err = s.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(position), 0) FROM ended`).Scan(&next)
	if err != nil || next <= position {
		return nil, next, err
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT session FROM ended WHERE position > $1 AND position <= $2 ORDER BY position`, position, next)
	if err != nil {
		return nil, next, err
	}
	ids, err = readIDs(rows)
	return ids, next, err
}

// Wait returns when the feed may have something new, where the database can tell.
func (s *Store) Wait(ctx context.Context) error {
	if s.dialect.Wait == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.dialect.Wait(ctx)
}

// Prune deletes what was over before the given time: sessions that ended, reached
// their end or whose newest refresh token expired, entries of the feed, and counters.
// The feed's newest entry stays, as the mark of the newest position.
func (s *Store) Prune(ctx context.Context, before time.Time) error {
	return s.transact(ctx, func(ctx context.Context, w *work) error {
		for _, query := range []string{
			`DELETE FROM sessions WHERE ended_at < $1 OR expires_at < $1 OR ends_at < $1`,
			`DELETE FROM ended WHERE ended_at < $1 AND position < (SELECT MAX(position) FROM ended)`,
			`DELETE FROM counters WHERE expires_at < $1`,
		} {
			if _, err := w.ExecContext(ctx, query, before.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
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
