package store

import (
	"context"
	"database/sql"
	"errors"

	"example.com/mlapi/auth"
)

// Record appends an event by itself.
func (s *Store) Record(ctx context.Context, e auth.Event) error {
	return s.transact(ctx, func(_ context.Context, w *work) error {
		w.tell(e)
		return nil
	})
}

// record appends what the transaction told to the audit log, as its last work: where
// writers overlap, the lock that keeps the chain in order is held until the commit.
func (w *work) record(ctx context.Context) error {
	if len(w.events) == 0 {
		return nil
	}
	if err := w.lock(ctx, auditLock); err != nil {
		return err
	}
	var last auth.Entry
	err := w.QueryRowContext(ctx, w.sql(`SELECT position, hash FROM audit ORDER BY position DESC LIMIT 1`)).Scan(&last.Position, &last.Hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	next := auth.Entry{Position: last.Position}
	if err := w.QueryRowContext(ctx, w.sql(`SELECT {clock}`)).Scan((*seconds)(&next.At)); err != nil {
		return err
	}
	previous := last.Hash
	for _, e := range w.events {
		next.Position++
		next.Event = e
		if next.Hash, err = auth.ChainHash(previous, next); err != nil {
			return err
		}
		previous = next.Hash
		_, err := w.ExecContext(ctx, `
			INSERT INTO audit (position, at, action, outcome, actor, client, instance, session, key, address, request, detail, hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			next.Position, next.At.Unix(), e.Action, e.Outcome, e.Actor, e.Client, e.Instance, e.Session, e.Key,
			e.Address, e.Request, e.Detail, next.Hash)
		if err != nil {
			return err
		}
	}
	return nil
}

// entriesTogether is how many entries are read at once: no transaction is held open
// while somebody reads slowly.
const entriesTogether = 500

// Entries calls yield for the entries after a position, in order.
func (s *Store) Entries(ctx context.Context, after int64, yield func(auth.Entry) error) error {
	for {
		entries, err := s.entries(ctx, after)
		if err := s.outcome(ctx, err); err != nil {
			return err
		}
		for _, e := range entries {
			if err := yield(e); err != nil {
				return err
			}
			after = e.Position
		}
		if len(entries) < entriesTogether {
			return nil
		}
	}
}

func (s *Store) entries(ctx context.Context, after int64) ([]auth.Entry, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, `
		SELECT position, at, action, outcome, actor, client, instance, session, key, address, request, detail, hash
		FROM audit WHERE position > $1 ORDER BY position LIMIT $2`, after, entriesTogether)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	entries := make([]auth.Entry, 0, entriesTogether)
	for rows.Next() {
		var e auth.Entry
		if err := rows.Scan(&e.Position, (*seconds)(&e.At), &e.Action, &e.Outcome, &e.Actor, &e.Client, &e.Instance, &e.Session,
			&e.Key, &e.Address, &e.Request, &e.Detail, &e.Hash); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}
