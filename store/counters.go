package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.com/mlapi/auth"
)

// Count lets decide change the counters of some keys, in one transaction that no
// other of one of the keys overlaps.
func (s *Store) Count(ctx context.Context, keys []string, decide func(now time.Time, counters []auth.Counter)) error {
	// Every transaction locks in the same order, so that none waits for another in turn.
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(keys[a], keys[b]) })
	return s.transact(ctx, func(ctx context.Context, w *work) error {
		counters := make([]auth.Counter, len(keys))
		for _, i := range order {
			var err error
			if counters[i], err = w.counter(ctx, keys[i]); err != nil {
				return err
			}
		}
		var now time.Time
		if err := w.QueryRowContext(ctx, s.sql(`SELECT {clock}`)).Scan((*seconds)(&now)); err != nil {
			return err
		}
		before := slices.Clone(counters)
		for i := range before {
			before[i].Recent = slices.Clone(before[i].Recent)
		}
		decide(now, counters)
		for _, i := range order {
			if sameCounter(before[i], counters[i]) {
				continue
			}
			if err := w.keepCounter(ctx, keys[i], counters[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// counter returns the counter of a key and keeps other transactions away from it.
func (w *work) counter(ctx context.Context, key string) (auth.Counter, error) {
	var c auth.Counter
	if w.dialect.ForUpdate != "" { // a row that is not there cannot be locked
		_, err := w.ExecContext(ctx, `
			INSERT INTO counters (key, failed, recent, until, expires_at) VALUES ($1, 0, $2, 0, 0)
			ON CONFLICT (key) DO NOTHING`, key, []byte{})
		if err != nil {
			return c, err
		}
	}
	rows, err := w.QueryContext(ctx, `SELECT failed, recent, until, expires_at FROM counters WHERE key = $1`+w.dialect.ForUpdate, key)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() {
		var until, expires int64
		if err := rows.Scan(&c.Failed, &c.Recent, &until, &expires); err != nil {
			return c, err
		}
		if len(c.Recent) == 0 {
			c.Recent = nil
		}
		if until > 0 {
			c.Until = time.Unix(until, 0).UTC()
		}
		if expires > 0 {
			c.Expires = time.Unix(expires, 0).UTC()
		}
	}
	return c, rows.Err()
}

// keepCounter keeps a counter; one that is zero is deleted.
func (w *work) keepCounter(ctx context.Context, key string, c auth.Counter) error {
	if c.Failed == 0 && len(c.Recent) == 0 && c.Until.IsZero() && c.Expires.IsZero() {
		_, err := w.ExecContext(ctx, `DELETE FROM counters WHERE key = $1`, key)
		return err
	}
	unix := func(t time.Time) int64 {
		if t.IsZero() {
			return 0
		}
		return t.Unix()
	}
	recent := c.Recent
	if recent == nil {
		recent = []byte{}
	}
	_, err := w.ExecContext(ctx, `
		INSERT INTO counters (key, failed, recent, until, expires_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key) DO UPDATE
		SET failed = excluded.failed, recent = excluded.recent, until = excluded.until, expires_at = excluded.expires_at`,
		key, c.Failed, recent, unix(c.Until), unix(c.Expires))
	return err
}

func sameCounter(a, b auth.Counter) bool {
	return a.Failed == b.Failed && slices.Equal(a.Recent, b.Recent) && a.Until.Equal(b.Until) && a.Expires.Equal(b.Expires)
}
