package auth

import (
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"
)

// Limits on guessing (NIST SP 800-63B-4 allows a growing delay of up to an hour).
const (
	freeGuesses       = 20 // failed in a row for one name from one address, answered at once
	firstDelay        = time.Second
	longestDelay      = time.Hour
	guessesPerMinute  = 100 // failed from one address
	rememberedGuesses = 1 << 15
)

// guesses counts failed logins, for each name from each address and for each
// address, and says how long the next attempt has to wait. It lives in memory: an
// attacker who could restart the server needs no password.
//
// A login fails for whatever reason it is refused. To count wrong passwords alone
// would tell whoever tries long enough that a used-up one is right.
//
// An attempt is begun before its password is checked and ended after, and what is
// under way counts as if it had failed, so a crowd of attempts at once has no more
// of them than a queue. They wait for each other rather than being refused: all of
// them may be right.
type guesses struct {
	mu        sync.Mutex
	ended     *sync.Cond // an attempt ended
	now       func() time.Time
	pairs     *lru[guessKey, pairCount]
	addresses *lru[netip.Addr, addressCount]
}

// guessKey is a name, with the secret that it has now, from an address. A client
// with a new secret starts a fresh count, so that what an operator does for one
// that was locked out helps at once. Names are hashed: they may be long, and they
// may be passwords in the wrong field.
type guessKey struct {
	name    [sha256.Size]byte // of the name's hash and the password hash
	address netip.Addr
}

type pairCount struct {
	failed   int // in a row
	underway int
	until    time.Time // the next attempt is allowed from then on
}

type addressCount struct {
	recent   window
	underway int
}

func newGuesses(now func() time.Time) *guesses {
	g := &guesses{
		now:       now,
		pairs:     newLRU[guessKey](rememberedGuesses, func(p *pairCount) bool { return p.underway > 0 }),
		addresses: newLRU[netip.Addr](rememberedGuesses, func(a *addressCount) bool { return a.underway > 0 }),
	}
	g.ended = sync.NewCond(&g.mu)
	return g
}

// newGuessKey returns the key of a name from an address. passwordHash is that of
// the client of the name, "" where no password is right.
func newGuessKey(name, passwordHash string, from netip.Addr) guessKey {
	hash := sha256.Sum256([]byte(name))
	return guessKey{
		name:    sha256.Sum256(append(hash[:], passwordHash...)),
		address: guessAddress(from),
	}
}

// guessAddress returns what counts of an address. IPv4 counts as it is, also when
// written as IPv6; of IPv6 the first 64 bits count, which is what one subscriber
// gets.
func guessAddress(from netip.Addr) netip.Addr {
	from = from.Unmap().WithZone("")
	if from.Is6() {
		prefix, _ := from.Prefix(64) // 64 is always a valid length there
		from = prefix.Addr()
	}
	return from
}

// wait returns how long an attempt has to wait; 0 means that it may begin.
func (g *guesses) wait(key guessKey) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.delay(g.pairs.get(key), g.addresses.get(key.address))
}

func (g *guesses) delay(p *pairCount, a *addressCount) time.Duration {
	now := g.now()
	var wait time.Duration
	if p != nil {
		wait = max(0, p.until.Sub(now))
	}
	if a != nil {
		wait = max(wait, a.recent.wait(now, guessesPerMinute))
	}
	return wait
}

// begin starts an attempt, or returns how long it has to wait. Where the attempts
// under way could use up what is left, it first waits for them to end; an attempt
// lasts for one password hash, so that is soon. A begun attempt must be ended with
// end exactly once.
func (g *guesses) begin(key guessKey) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		// Looked up in each turn: an ended attempt may have removed them.
		p, a := g.pairs.get(key), g.addresses.get(key.address)
		if wait := g.delay(p, a); wait > 0 {
			return wait
		}
		pairFull := p != nil && p.underway > 0 && p.failed+p.underway >= freeGuesses
		addressFull := a != nil && a.underway > 0 && a.recent.count(g.now())+a.underway >= guessesPerMinute
		if !pairFull && !addressFull {
			break
		}
		g.ended.Wait()
	}
	g.pairs.add(key).underway++
	g.addresses.add(key.address).underway++
	return 0
}

// end ends an attempt and counts it where it failed. It returns the delay that
// this one caused, for the log.
func (g *guesses) end(key guessKey, failed bool) (delay time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.ended.Broadcast()
	p, a := g.pairs.add(key), g.addresses.add(key.address)
	p.underway--
	a.underway--
	if failed {
		now := g.now()
		p.failed++
		a.recent.add(now)
		p.until = now.Add(delayAfter(p.failed))
		delay = g.delay(p, a)
	}
	if p.failed == 0 && p.underway == 0 {
		g.pairs.remove(key)
	}
	if a.underway == 0 && a.recent.count(g.now()) == 0 {
		g.addresses.remove(key.address)
	}
	return delay
}

// clear forgets the failed attempts for a name from an address, after a success.
func (g *guesses) clear(key guessKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p := g.pairs.get(key); p != nil {
		p.failed, p.until = 0, time.Time{}
		if p.underway == 0 {
			g.pairs.remove(key)
		}
	}
}

// delayAfter returns the delay after so many failed attempts in a row: none, then
// 1 s, doubled with each, up to an hour.
func delayAfter(failed int) time.Duration {
	steps := failed - freeGuesses
	switch {
	case steps < 0:
		return 0
	case steps >= 12: // 2^12 s is more than an hour
		return longestDelay
	}
	return firstDelay << steps
}

// window counts events of the last minute, in steps of 5 s: an event counts for 60
// to 65 s, so never more than the limit fall into any minute.
type window struct {
	steps [windowSteps]uint8 // a step holds at most guessesPerMinute
	last  int64              // the newest step, in units of windowStep since 1970
}

const (
	windowStep  = 5 * time.Second
	windowSteps = int64(time.Minute/windowStep) + 1
)

func (w *window) advance(now time.Time) {
	step := now.UnixNano() / int64(windowStep)
	for i := w.last + 1; i <= step && i <= w.last+windowSteps; i++ {
		w.steps[i%windowSteps] = 0
	}
	w.last = max(w.last, step) // a clock that is set back changes nothing
}

func (w *window) add(now time.Time) {
	w.advance(now)
	w.steps[w.last%windowSteps]++
}

func (w *window) count(now time.Time) int {
	w.advance(now)
	n := 0
	for _, step := range w.steps {
		n += int(step)
	}
	return n
}

// wait returns how long it takes until fewer than limit events count.
func (w *window) wait(now time.Time, limit int) time.Duration {
	n := w.count(now)
	for i := w.last + 1; n >= limit && i <= w.last+windowSteps; i++ {
		if n -= int(w.steps[i%windowSteps]); n < limit {
			return time.Unix(0, i*int64(windowStep)).Sub(now)
		}
	}
	return 0
}
