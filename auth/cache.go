package auth

import (
	"crypto/sha256"
	"sync"

	"example.com/mlapi"
)

const (
	cacheShards    = 16
	cachePerShard  = 1024
	evictionSample = 8
)

// tokenHash is what a verified token is remembered by: the SHA-256 of the whole of
// it, signature included.
type tokenHash [sha256.Size]byte

// verifiedToken is an access token whose signature, claims and session were right.
type verifiedToken struct {
	caller    mlapi.Caller
	expiresAt int64 // Unix seconds
	session   *liveSession
	key       *Key // that signed it
}

// live reports whether the token is still good at now (Unix seconds).
func (v *verifiedToken) live(now int64) bool {
	return now < v.expiresAt && !v.session.ended.Load() && !v.key.lost.Load()
}

// tokenCache remembers verified access tokens, because a signature costs 30 to 300
// us to verify and a row must be read beside it. It is bounded, never holds a
// failure, and an entry is good until its token expires or its session ends.
type tokenCache struct {
	sessions *liveSessions
	shards   [cacheShards]cacheShard
}

type cacheShard struct {
	mu      sync.RWMutex
	entries map[tokenHash]*verifiedToken
	_       [32]byte // keeps the locks of two shards off one cache line
}

func newTokenCache(sessions *liveSessions) *tokenCache {
	c := &tokenCache{sessions: sessions}
	for i := range c.shards {
		c.shards[i].entries = make(map[tokenHash]*verifiedToken)
	}
	return c
}

func (c *tokenCache) shard(hash *tokenHash) *cacheShard { return &c.shards[hash[0]%cacheShards] }

// get returns the caller that a token was verified for, where it is still good.
func (c *tokenCache) get(hash *tokenHash, now int64) (mlapi.Caller, bool) {
	shard := c.shard(hash)
	shard.mu.RLock()
	v := shard.entries[*hash]
	shard.mu.RUnlock()
	if v == nil || !v.live(now) {
		return mlapi.Caller{}, false
	}
	return v.caller, true
}

// put remembers a token. The cache takes over the caller's take of v.session.
func (c *tokenCache) put(hash tokenHash, v *verifiedToken, now int64) {
	shard := c.shard(&hash)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if old := shard.entries[hash]; old != nil {
		c.sessions.release(old.session)
	} else if len(shard.entries) >= cachePerShard {
		c.evict(shard, now)
	}
	shard.entries[hash] = v
}

// evict makes room in a full shard: dead entries of a small sample, or else one
// live one. Maps are walked from a random place.
func (c *tokenCache) evict(shard *cacheShard, now int64) {
	seen := 0
	for hash, v := range shard.entries {
		seen++
		dead := !v.live(now)
		if dead || seen == evictionSample && len(shard.entries) >= cachePerShard {
			delete(shard.entries, hash)
			c.sessions.release(v.session)
		}
		if seen == evictionSample {
			return
		}
	}
}

// sweep forgets the tokens that are over at now.
func (c *tokenCache) sweep(now int64) {
	c.removeIf(func(v *verifiedToken) bool { return !v.live(now) })
}

// clear forgets all tokens; each is verified anew, with its row, when it comes.
func (c *tokenCache) clear() { c.removeIf(func(*verifiedToken) bool { return true }) }

func (c *tokenCache) removeIf(over func(*verifiedToken) bool) {
	for i := range c.shards {
		shard := &c.shards[i]
		shard.mu.Lock()
		for hash, v := range shard.entries {
			if over(v) {
				delete(shard.entries, hash)
				c.sessions.release(v.session)
			}
		}
		shard.mu.Unlock()
	}
}
