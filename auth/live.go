package auth

import (
	"sync"
	"sync/atomic"
)

// liveSession is a session that this process has verified a token of, or is just
// verifying one. It is looked at on every request, so the mark is atomic.
type liveSession struct {
	id       string
	ended    atomic.Bool
	client   string // guarded by liveSessions.mu, as all that follows
	instance string
	placed   bool // client and instance are known
	users    int  // who took it
}

// liveSessions are the sessions in use in this process. Whoever wants to rely on
// a session takes it before reading its row, places it after, and reads again where
// a login came between: an end that the row does not show yet then finds it here
// and marks it.
type liveSessions struct {
	mu     sync.Mutex
	byID   map[string]*liveSession
	logins atomic.Uint64 // how often endOthers was called
	// gone are sessions that have ended, in use or not; nil: not remembered.
	gone map[string]struct{}
}

// mostGone bounds liveSessions.gone.
const mostGone = 1 << 17

// newLiveSessions returns the sessions of a process that starts. With remember set
// they know, as far as there is room, all that have ended, which is wanted where
// the store may be away.
func newLiveSessions(remember bool) *liveSessions {
	l := &liveSessions{byID: make(map[string]*liveSession)}
	if remember {
		l.gone = make(map[string]struct{})
	}
	return l
}

// take returns the session of that id, which must be released once for each take.
// Once marked as ended it stays so.
func (l *liveSessions) take(id string) *liveSession {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.byID[id]
	if s == nil {
		s = &liveSession{id: id}
		l.byID[id] = s
	}
	s.users++
	return s
}

// place notes whose a session is, as its row says.
func (l *liveSessions) place(s *liveSession, row Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.client, s.instance, s.placed = row.Client, row.Instance, true
}

// ended reports whether the session of that id is known to have ended.
func (l *liveSessions) ended(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, gone := l.gone[id]; gone {
		return true
	}
	s := l.byID[id]
	return s != nil && s.ended.Load()
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
	if l.gone == nil {
		return
	}
	for old := range l.gone {
		if len(l.gone) < mostGone {
			break
		}
		delete(l.gone, old)
	}
	l.gone[id] = struct{}{}
}

// endOthers marks the sessions of the client and instance of row, but that one, as
// ended: what a login does.
func (l *liveSessions) endOthers(row Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.logins.Add(1)
	for id, s := range l.byID {
		if s.placed && s.client == row.Client && s.instance == row.Instance && id != row.ID {
			s.ended.Store(true)
		}
	}
}
