package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// How long after a connection was lost another one is tried.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 5 * time.Second
)

// listener waits for what the feed's trigger tells, on a connection of its own. A
// store's Wait makes followers faster and is never relied on, so errors are not told:
// the follower's own readings show whether the database is there.
type listener struct {
	config *pgx.ConnConfig

	mu    sync.Mutex // one waits at a time
	conn  *pgx.Conn
	pause time.Duration
}

// wait returns nil when something may have ended, also after a connection was lost, or
// ctx's error.
func (l *listener) wait(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ctx.Err() == nil {
		if l.conn == nil {
			if !l.connect(ctx) {
				l.rest(ctx)
				continue
			}
			return nil // what was told meanwhile is missed
		}
		if _, err := l.conn.WaitForNotification(ctx); err == nil {
			return nil
		}
		l.drop()
	}
	l.drop()
	return ctx.Err()
}

// connect listens on a new connection, and reports whether it does.
func (l *listener) connect(ctx context.Context) bool {
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return false
	}
	l.conn = conn
	if _, err := conn.Exec(ctx, `LISTEN mlapi_ended`); err != nil {
		l.drop()
		return false
	}
	l.pause = 0
	return true
}

// rest waits before the next try, longer each time.
func (l *listener) rest(ctx context.Context) {
	l.pause = min(max(firstPause, 2*l.pause), longestPause)
	select {
	case <-ctx.Done():
	case <-time.After(l.pause):
	}
}

func (l *listener) drop() {
	if l.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx) // it is of no use any more
	l.conn = nil
}

func (l *listener) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
	return nil
}
