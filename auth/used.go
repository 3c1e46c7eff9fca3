package auth

import "sync"

// mostUsed bounds what is remembered of used tokens between two writings.
const mostUsed = 1 << 16

// usedTokens remembers of which generations an access token was used, until that is
// kept in the store. Forgetting one is harmless: it lets a lost answer be repeated
// for longer.
type usedTokens struct {
	mu     sync.Mutex
	newest map[string]int64 // by session
}

func newUsedTokens() *usedTokens { return &usedTokens{newest: make(map[string]int64)} }

func (u *usedTokens) add(used ...Generation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, g := range used {
		if len(u.newest) < mostUsed || u.newest[g.Session] > 0 {
			u.newest[g.Session] = max(u.newest[g.Session], g.Number)
		}
	}
}

// take returns what was added since the last time.
func (u *usedTokens) take() []Generation {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.newest) == 0 {
		return nil
	}
	used := make([]Generation, 0, len(u.newest))
	for session, number := range u.newest {
		used = append(used, Generation{Session: session, Number: number})
	}
	clear(u.newest)
	return used
}
