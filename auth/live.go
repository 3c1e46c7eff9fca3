package auth

import (
	"sync"
	"sync/atomic"
)

// liveSession is a session that this process has verified a token of, or is just
// verifying one. It is looked at on every request, so the mark is atomic.
type liveSession struct {
	id     string
	client string
	ended  atomic.Bool
	users  int // who took it; guarded by liveSessions.mu
}

// liveSessions are the sessions in use in this process. Whoever wants to rely on
// a session takes it before reading its row: an end that the row does not show yet
// then finds it here and marks it.
type liveSessions struct {
	mu   sync.Mutex
	byID map[string]*liveSession
}

func newLiveSessions() *liveSessions { return &liveSessions{byID: make(map[string]*liveSession)} }

// take returns the session of that id, which must be released once for each take.
// Once marked as ended it stays so.
func (l *liveSessions) take(id, client string) *liveSession {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.byID[id]
	if s == nil {
		s = &liveSession{id: id, client: client}
		l.byID[id] = s
	}
	s.users++
	return s
}

func (l *liveSessions) release(s *liveSession) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.users--; s.users == 0 {
		delete(l.byID, s.id)
	}
}

// end marks the session of that id, where it is in use, as ended.
func (l *liveSessions) end(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.byID[id]; s != nil {
		s.ended.Store(true)
	}
}

// endOthers marks all sessions of a client but one as ended: what a login does.
func (l *liveSessions) endOthers(client, except string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, s := range l.byID {
		if s.client == client && id != except {
			s.ended.Store(true)
		}
	}
}
