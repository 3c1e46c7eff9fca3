package auth

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"example.com/mlapi"
)

func remember(c *tokenCache, i int, session string, expires, now int64) tokenHash {
	hash := tokenHash(sha256.Sum256([]byte(fmt.Sprint(i))))
	c.put(hash, &verifiedToken{
		caller: mlapi.Caller{Name: "n", Session: session}, expiresAt: expires, session: c.sessions.take(session), key: &Key{},
	}, now)
	return hash
}

func cacheLen(c *tokenCache) (n int) {
	for i := range c.shards {
		n += len(c.shards[i].entries)
	}
	return n
}

func TestCacheForgets(t *testing.T) {
	c := newTokenCache(newLiveSessions(false))
	a, b := remember(c, 1, "s1", 100, 0), remember(c, 2, "s2", 200, 0)
	for _, step := range []struct {
		now  int64
		a, b bool
	}{{99, true, true}, {100, false, true}, {199, false, true}, {200, false, false}} {
		_, gotA := c.get(&a, step.now)
		_, gotB := c.get(&b, step.now)
		if gotA != step.a || gotB != step.b {
			t.Errorf("at %d: %v, %v", step.now, gotA, gotB)
		}
	}
	c.sessions.end("s2")
	if _, ok := c.get(&b, 0); ok {
		t.Error("a token of an ended session")
	}
	c.sweep(100)
	if cacheLen(c) != 0 || len(c.sessions.byID) != 0 {
		t.Errorf("%d tokens and %d sessions after the sweep", cacheLen(c), len(c.sessions.byID))
	}
	fresh := remember(c, 3, "s2", 200, 0) // an ended session's mark goes with its last token; the row knows
	if _, ok := c.get(&fresh, 0); !ok {
		t.Error("a mark outlived its session")
	}
	c.clear()
	if cacheLen(c) != 0 || len(c.sessions.byID) != 0 {
		t.Error("not clear")
	}
}

// The cache is bounded whatever comes, and a session is known exactly as long as
// the cache holds a token of it.
func TestCacheIsBounded(t *testing.T) {
	c := newTokenCache(newLiveSessions(false))
	for i := range 3 * cacheShards * cachePerShard {
		expires := int64(1000)
		if i%3 == 0 {
			expires = 1 // dead already: the first to go
		}
		remember(c, i, fmt.Sprint("s", i%5000), expires, 10)
	}
	if n := cacheLen(c); n > cacheShards*cachePerShard || n < cacheShards*cachePerShard/2 {
		t.Errorf("%d tokens", n)
	}
	users := 0
	for _, s := range c.sessions.byID {
		users += s.users
	}
	if users != cacheLen(c) {
		t.Errorf("%d tokens and %d takes of sessions", cacheLen(c), users)
	}
	again := remember(c, -1, "again", 1000, 10)
	remember(c, -1, "again", 1000, 10)
	if s := c.sessions.byID["again"]; s.users != 1 {
		t.Errorf("a token remembered twice counts %d times", s.users)
	}
	if _, ok := c.get(&again, 10); !ok {
		t.Error("a token just remembered is gone")
	}
}

func TestEndOthers(t *testing.T) {
	l := newLiveSessions(false)
	take := func(id, client, instance string) *liveSession {
		s := l.take(id)
		l.place(s, Session{ID: id, Client: client, Instance: instance})
		return s
	}
	keep, other, foreign, apart := take("1", "Client", ""), take("2", "Client", ""), take("3", "ClientA", ""), take("4", "Client", "east")
	unread := l.take("5") // its row is just being read: whoever reads it looks again
	before := l.logins.Load()
	l.endOthers(Session{ID: "1", Client: "Client"})
	if keep.ended.Load() || !other.ended.Load() || foreign.ended.Load() || apart.ended.Load() || unread.ended.Load() {
		t.Error("the wrong sessions ended")
	}
	if l.logins.Load() == before {
		t.Error("nobody learns that a login came between")
	}
}

// Where the store may be away, ends are remembered for longer than their tokens.
func TestEndsAreRemembered(t *testing.T) {
	for _, remember := range []bool{true, false} {
		l := newLiveSessions(remember)
		for i := range mostGone + 10 {
			l.end(fmt.Sprint(i))
		}
		if l.ended(fmt.Sprint(mostGone+9)) != remember || len(l.gone) > mostGone || l.ended("x") {
			t.Errorf("remember %t: %d are remembered", remember, len(l.gone))
		}
	}
}

// A token of a key that is known as compromised is no longer remembered.
func TestCacheForgetsLostKeys(t *testing.T) {
	c := newTokenCache(newLiveSessions(false))
	key := &Key{}
	hash := tokenHash{1}
	c.put(hash, &verifiedToken{caller: mlapi.Caller{Name: "n"}, expiresAt: 100, session: c.sessions.take("s"), key: key}, 0)
	if _, ok := c.get(&hash, 1); !ok {
		t.Fatal("not remembered")
	}
	key.lost.Store(true)
	if _, ok := c.get(&hash, 1); ok {
		t.Error("a token of a lost key")
	}
}
