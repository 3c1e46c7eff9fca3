package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"example.com/mlapi/auth"
)

// selectClients gives a row for each instance, and so at least one for each client.
const selectClients = `
	SELECT c.name, c.password_hash, c.config_hash, c.disabled_by, c.created_at, i.name, i.used_at, i.created_at, {clock}
	FROM clients c JOIN instances i ON i.client = c.name `

const clientOrder = ` ORDER BY c.name, i.name`

// Client returns the client of that name, or auth.ErrNotFound.
func (s *Store) Client(ctx context.Context, name string) (auth.Client, error) {
	clients, err := s.clients(ctx, selectClients+`WHERE c.name = $1`+clientOrder, asked(name))
	if err == nil && len(clients) == 0 {
		err = auth.ErrNotFound
	}
	if err := s.outcome(ctx, err); err != nil {
		return auth.Client{}, err
	}
	return clients[0], nil
}

// asked returns a name as a database takes it for a text. No client and no instance has
// a name that is not UTF-8 or holds a zero byte, but anybody can ask for one: the name
// that it becomes is nobody's either.
func asked(name string) string {
	if utf8.ValidString(name) && !strings.ContainsRune(name, 0) {
		return name
	}
	return ""
}

// Clients returns all clients, sorted by the bytes of their names.
func (s *Store) Clients(ctx context.Context) ([]auth.Client, error) {
	clients, err := s.clients(ctx, selectClients+clientOrder)
	if err := s.outcome(ctx, err); err != nil {
		return nil, err
	}
	return clients, nil
}

func (s *Store) clients(ctx context.Context, query string, args ...any) ([]auth.Client, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, s.sql(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var clients []auth.Client
	for rows.Next() {
		var c auth.Client
		var i auth.Instance
		if err := rows.Scan(&c.Name, &c.PasswordHash, &c.ConfigHash, &c.Disabled, (*seconds)(&c.CreatedAt),
			&i.Name, (*seconds)(&i.UsedAt), (*seconds)(&i.CreatedAt), (*seconds)(&c.ReadAt)); err != nil {
			return nil, err
		}
		if n := len(clients); n > 0 && clients[n-1].Name == c.Name {
			clients[n-1].Instances = append(clients[n-1].Instances, i)
			continue
		}
		c.Instances = []auth.Instance{i}
		clients = append(clients, c)
	}
	return clients, rows.Err()
}

// AddClient creates a client, or returns auth.ErrExists. An empty name is an
// error of the tables' constraints.
func (s *Store) AddClient(ctx context.Context, c auth.Client, e auth.Event) error {
	return s.transact(ctx, func(ctx context.Context, w *work) error {
		added, err := changed(w.ExecContext(ctx, s.sql(`
			INSERT INTO clients (name, password_hash, config_hash, disabled_by, created_at)
			VALUES ($1, $2, $3, $4, {clock})
			ON CONFLICT (name) DO NOTHING`),
			c.Name, c.PasswordHash, c.ConfigHash, string(c.Disabled)))
		if err == nil && !added {
			err = auth.ErrExists
		}
		if err != nil {
			return err
		}
		instances := c.Instances
		if _, there := c.Instance(""); !there {
			instances = append([]auth.Instance{{}}, instances...)
		}
		for _, i := range instances {
			_, err := w.ExecContext(ctx, s.sql(`
				INSERT INTO instances (client, name, used_at, created_at) VALUES ($1, $2, $3, {clock})`),
				c.Name, i.Name, seconds(i.UsedAt))
			if err != nil {
				return err
			}
		}
		w.tell(e)
		return nil
	})
}

// UpdateClient replaces what is kept of a client but for CreatedAt and its
// instances, or returns auth.ErrNotFound; where endReason is not empty, the client's
// live sessions are revoked with it. Only a new password hash makes used credentials
// unused: a login between the caller's reading and writing is not forgotten.
func (s *Store) UpdateClient(ctx context.Context, c auth.Client, endReason string, e auth.Event) error {
	return s.transact(ctx, func(ctx context.Context, w *work) error {
		// The row first, so that whatever else changes this client waits.
		var before string
		err := w.QueryRowContext(ctx, `SELECT password_hash FROM clients WHERE name = $1`+s.dialect.ForUpdate, c.Name).Scan(&before)
		if errors.Is(err, sql.ErrNoRows) {
			return auth.ErrNotFound
		}
		if err == nil {
			_, err = w.ExecContext(ctx, `
				UPDATE clients SET password_hash = $2, config_hash = $3, disabled_by = $4 WHERE name = $1`,
				c.Name, c.PasswordHash, c.ConfigHash, string(c.Disabled))
		}
		if err == nil && before != c.PasswordHash {
			_, err = w.ExecContext(ctx, `UPDATE instances SET used_at = NULL WHERE client = $1`, c.Name)
		}
		if err == nil && endReason != "" {
			_, err = w.end(ctx, `client = $1`, []any{c.Name}, auth.Revoked, endReason, e)
		}
		w.tell(e)
		return err
	})
}

// Rehash puts another hash of the same password in place of old.
func (s *Store) Rehash(ctx context.Context, name, old, hash string) error {
	return s.transact(ctx, func(ctx context.Context, w *work) error {
		_, err := w.ExecContext(ctx, `
			UPDATE clients
			SET password_hash = CASE WHEN password_hash = $2 THEN $3 ELSE password_hash END,
				config_hash = CASE WHEN config_hash = $2 THEN $3 ELSE config_hash END
			WHERE name = $1 AND (password_hash = $2 OR config_hash = $2)`, name, old, hash)
		return err
	})
}

// AddInstance registers an instance, and reports whether there was room for it.
func (s *Store) AddInstance(ctx context.Context, client, instance string, most int, e auth.Event) (bool, error) {
	room := false
	err := s.transact(ctx, func(ctx context.Context, w *work) error {
		var name string
		err := w.QueryRowContext(ctx, `SELECT name FROM clients WHERE name = $1`+s.dialect.ForUpdate, client).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return auth.ErrNotFound
		}
		var count, there int
		if err == nil {
			err = w.QueryRowContext(ctx, `
				SELECT COUNT(*), COALESCE(SUM(CASE WHEN name = $2 THEN 1 ELSE 0 END), 0) FROM instances WHERE client = $1`,
				client, instance).Scan(&count, &there)
		}
		room = count < most
		switch {
		case err != nil:
			return err
		case there > 0:
			return auth.ErrExists
		case !room:
			return nil
		}
		w.tell(e)
		_, err = w.ExecContext(ctx, s.sql(`INSERT INTO instances (client, name, created_at) VALUES ($1, $2, {clock})`), client, instance)
		return err
	})
	return room && err == nil, err
}

// RemoveInstance takes an instance away and revokes its session.
func (s *Store) RemoveInstance(ctx context.Context, client, instance, endReason string, e auth.Event) error {
	return s.transact(ctx, func(ctx context.Context, w *work) error {
		if _, err := w.ExecContext(ctx, `UPDATE clients SET name = name WHERE name = $1`, client); err != nil {
			return err // for the lock of the row
		}
		removed, err := changed(w.ExecContext(ctx, `DELETE FROM instances WHERE client = $1 AND name = $2 AND name <> ''`, client, instance))
		if err == nil && !removed {
			err = auth.ErrNotFound
		}
		if err != nil {
			return err
		}
		w.tell(e)
		_, err = w.end(ctx, `client = $1 AND instance = $2`, []any{client, instance}, auth.Revoked, endReason, e)
		return err
	})
}
