package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

// Limits on guessing (NIST SP 800-63B-4 §3.2.2: at most 100 in a row for an account,
// and a growing delay of up to an hour).
const (
	freeGuesses      = 20  // failed in a row for one name from one address, answered at once
	freeOfName       = 100 // failed in a row for one name, from all addresses that never logged in to it
	firstDelay       = time.Second
	longestDelay     = time.Hour
	guessesPerMinute = 100 // failed from one address
	countersLast     = 2 * longestDelay
	familiarFor      = 90 * 24 * time.Hour
	rememberedWaits  = 1 << 15
	// waitsKnownFor is how long a wait is remembered without asking the store again:
	// it may have ended there, by a success elsewhere.
	waitsKnownFor = 5 * time.Second
)

// guesses counts failed logins in the store, so that all processes share the counts
// and a restart forgets none: for each name from each address, for each address, and
// for each name from all addresses that never logged in to it. It says how long the
// next attempt has to wait.
//
// A login fails for whatever reason it is refused. To count wrong passwords alone
// would tell whoever tries long enough that a used-up one is right. An attempt counts
// as failed from before its password is checked, and a success takes that back, so a
// crowd of attempts at once, in any number of processes, has no more of them than a
// queue.
//
// The bound on a name from everywhere would let anybody lock its owner out. So it
// holds for those addresses only that never logged in to the name, and each instance
// that logged in before has a bound of its own.
type guesses struct {
	store CounterStore
	now   func() time.Time

	mu    sync.Mutex
	waits *lru[string, time.Time] // until when what is counted under a key has to wait, as far as known
}

func newGuesses(store CounterStore, now func() time.Time) *guesses {
	return &guesses{store: store, now: now, waits: newLRU[string](rememberedWaits, func(*time.Time) bool { return false })}
}

// attempt is one login, as far as it counts.
type attempt struct {
	name, passwordHash string // the hash is that of the client of the name, "" where no password is right
	instance           string
	known              bool // the instance logged in before
	address            netip.Addr
	delay              time.Duration // that it causes where it fails; set by begin
}

// The counters of an attempt, in the order of keys.
const (
	pairCounter     = iota // the name from the address
	addressCounter         // the address
	nameCounter            // the name from everywhere
	familiarCounter        // the address logged in to the name before
	attemptCounters
)

// keys returns what an attempt is counted under. A client with a new secret starts a
// fresh count, so that what an operator does for one that was locked out helps at
// once. Names are hashed: they may be passwords in the wrong field.
func (a *attempt) keys() []string {
	address := guessAddress(a.address).String()
	pool := "others"
	if a.known {
		pool = "instance " + a.instance
	}
	keys := make([]string, attemptCounters)
	keys[pairCounter] = counterKey("pair", a.name, a.passwordHash, address)
	keys[addressCounter] = counterKey("address", address)
	keys[nameCounter] = counterKey("name", a.name, a.passwordHash, pool)
	keys[familiarCounter] = counterKey("familiar", a.name, address)
	return keys
}

// counterKey returns a key of at most 64 bytes that stands for the words.
func counterKey(kind string, words ...string) string {
	sum := sha256.New()
	for _, word := range words {
		one := sha256.Sum256([]byte(word))
		sum.Write(one[:])
	}
	return kind + " " + base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
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

// wait returns how long an attempt has to wait, as far as this process knows; 0 means
// that begin decides.
func (g *guesses) wait(a *attempt) time.Duration {
	keys := a.keys()
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	var wait time.Duration
	for _, key := range []string{keys[pairCounter], keys[addressCounter], nameFrom(keys)} {
		if until := g.waits.get(key); until != nil {
			wait = max(wait, until.Sub(now))
		}
	}
	return wait
}

// nameFrom returns what the wait for a name from everywhere is remembered under: it
// does not hold for every address.
func nameFrom(keys []string) string { return keys[nameCounter] + " " + keys[familiarCounter] }

// remember notes how long what is counted under a key has to wait.
func (g *guesses) remember(key string, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait <= 0 {
		g.waits.remove(key)
		return
	}
	*g.waits.add(key) = g.now().Add(min(wait, waitsKnownFor))
}

// begin counts an attempt as failed, or returns how long it has to wait instead. A
// begun attempt must be ended with end exactly once.
func (g *guesses) begin(ctx context.Context, a *attempt) (wait time.Duration, err error) {
	keys := a.keys()
	var waits waits
	err = g.store.Count(ctx, keys, func(now time.Time, counters []Counter) {
		if waits = waitsOf(now, counters); waits.longest() == 0 {
			countFailure(now, counters)
			after := waitsOf(now, counters)
			a.delay = after.longest()
		}
	})
	if err != nil {
		return 0, err
	}
	g.remember(keys[pairCounter], waits.pair)
	g.remember(keys[addressCounter], waits.address)
	g.remember(nameFrom(keys), waits.name)
	return waits.longest(), nil
}

// end ends an attempt. One that succeeded takes its count back and clears what was
// counted for its name from its address; otherwise end returns the delay that it
// caused, for the log.
func (g *guesses) end(ctx context.Context, a *attempt, succeeded bool) (delay time.Duration, err error) {
	if !succeeded {
		return a.delay, nil
	}
	return 0, g.store.Count(ctx, a.keys(), takeBack)
}

// waits are how long an attempt has to wait, for each reason.
type waits struct{ pair, address, name time.Duration }

func (w waits) longest() time.Duration { return max(w.pair, w.address, w.name) }

// waitsOf returns how long the next attempt with these counters has to wait at now.
func waitsOf(now time.Time, counters []Counter) waits {
	until := func(c Counter) time.Duration { return max(0, c.Until.Sub(now)) }
	w := waits{pair: until(counters[pairCounter])}
	var recent window
	recent.decode(counters[addressCounter].Recent)
	w.address = recent.wait(now, guessesPerMinute)
	if familiar := counters[familiarCounter]; !familiar.Expires.After(now) {
		w.name = until(counters[nameCounter])
	}
	return w
}

// countFailure counts one more failed attempt at now.
func countFailure(now time.Time, counters []Counter) {
	fail := func(c *Counter, free int) {
		if !c.Expires.After(now) {
			*c = Counter{}
		}
		c.Failed++
		if delay := delayAfter(c.Failed, free); delay > 0 {
			// The store's clock has whole seconds, of which one may be all but over.
			c.Until = now.Add(delay + time.Second)
		}
		c.Expires = now.Add(countersLast)
	}
	fail(&counters[pairCounter], freeGuesses)
	if !counters[familiarCounter].Expires.After(now) {
		fail(&counters[nameCounter], freeOfName)
	}
	var recent window
	address := &counters[addressCounter]
	recent.decode(address.Recent)
	recent.add(now)
	address.Recent, address.Expires = recent.encode(), now.Add(countersLast)
}

// takeBack makes an attempt that countFailure counted one that succeeded.
func takeBack(now time.Time, counters []Counter) {
	counters[pairCounter] = Counter{}
	if !counters[familiarCounter].Expires.After(now) { // otherwise it was not counted there
		counters[nameCounter] = Counter{}
	}
	counters[familiarCounter] = Counter{Expires: now.Add(familiarFor)}
	var recent window
	address := &counters[addressCounter]
	recent.decode(address.Recent)
	recent.remove(now)
	address.Recent = recent.encode()
	if recent.count(now) == 0 {
		*address = Counter{}
	}
}

// delayAfter returns the delay after so many failed attempts in a row, of which some
// are free: none, then 1 s, doubled with each, up to an hour.
func delayAfter(failed, free int) time.Duration {
	steps := failed - free
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

// remove takes the newest event back.
func (w *window) remove(now time.Time) {
	w.advance(now)
	for i := w.last; i > w.last-windowSteps; i-- {
		if step := &w.steps[i%windowSteps]; *step > 0 {
			*step--
			return
		}
	}
}

// encode returns the window as it is kept.
func (w *window) encode() []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(w.last)), w.steps[:]...)
}

// decode reads what encode returned; anything else is an empty window.
func (w *window) decode(text []byte) {
	*w = window{}
	if len(text) == 8+len(w.steps) {
		w.last = max(0, int64(binary.BigEndian.Uint64(text)))
		copy(w.steps[:], text[8:])
	}
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
