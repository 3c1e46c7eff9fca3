package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"sync"
	"time"
)

const (
	rememberedWaits = 1 << 14
	// waitsKnownFor is how long a wait is believed without asking the store again: a
	// success elsewhere may have ended it.
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
	waits *lru[string, knownWait]
}

// knownWait is what this process learned about a key when it last asked the store.
type knownWait struct{ until, learned time.Time }

func newGuesses(store CounterStore, now func() time.Time) *guesses {
	return &guesses{store: store, now: now, waits: newLRU[string, knownWait](rememberedWaits)}
}

// attempt is one login, as far as it counts.
type attempt struct {
	name, passwordHash string // the hash is that of the client of the name, "" where no password is right
	instance           string
	known              bool // the instance logged in before
	address            netip.Addr
	counted            failure // what begin counted it as
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
// once; an address stays familiar, as a credential that counts once has a new secret
// for every login. Names are hashed: they may be passwords in the wrong field.
func (a *attempt) keys() []string {
	address := guessAddress(a.address).String()
	keys := make([]string, attemptCounters)
	keys[pairCounter] = counterKey("pair", a.name, a.passwordHash, address)
	keys[addressCounter] = addressKey(a.address)
	keys[nameCounter] = counterKey("name", a.name, a.passwordHash, a.pool())
	keys[familiarCounter] = counterKey("familiar", a.name, address)
	return keys
}

// pool says which attempts share a bound on guesses from everywhere. The instance
// without a name, which everybody can name, always has its own: if only that of a
// client did, it would tell which names are clients'. Who knows the name of another
// instance can find out, in a hundred guesses, that it logged in.
func (a *attempt) pool() string {
	if a.known || a.instance == "" {
		return "instance " + a.instance
	}
	return "others"
}

func addressKey(from netip.Addr) string { return counterKey("address", guessAddress(from).String()) }

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

// waitOf returns how long an address has to wait for any name, as far as this process
// knows; 0 means that begin decides.
func (g *guesses) waitOf(address netip.Addr) time.Duration { return g.known(addressKey(address)) }

// wait returns how long an attempt has to wait, as far as this process knows; 0 means
// that begin decides.
func (g *guesses) wait(a *attempt) time.Duration {
	keys := a.keys()
	return g.known(keys[pairCounter], keys[addressCounter], nameFrom(keys))
}

// nameFrom returns what the wait for a name from everywhere is remembered under: it
// does not hold for every address.
func nameFrom(keys []string) string { return keys[nameCounter] + " " + keys[familiarCounter] }

// known returns the longest wait that is remembered under the keys.
func (g *guesses) known(keys ...string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	var wait time.Duration
	for _, key := range keys {
		if w := g.waits.get(key); w != nil && now.Sub(w.learned) < waitsKnownFor {
			wait = max(wait, w.until.Sub(now))
		}
	}
	return wait
}

// remember notes the waits of an attempt with these keys.
func (g *guesses) remember(keys []string, w waits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	note := func(key string, wait time.Duration) {
		if wait <= 0 {
			g.waits.remove(key)
			return
		}
		*g.waits.add(key) = knownWait{until: now.Add(wait), learned: now}
	}
	note(keys[pairCounter], w.pair)
	note(keys[addressCounter], w.address)
	note(nameFrom(keys), w.name)
}

// begin counts an attempt as failed, or returns how long it has to wait instead. A
// begun attempt must be ended with end exactly once. After an error of the store it
// must not go on: its guess may not have been counted.
func (g *guesses) begin(ctx context.Context, a *attempt) (wait time.Duration, err error) {
	if wait := g.wait(a); wait > 0 { // others may have failed since the caller asked
		return wait, nil
	}
	keys := a.keys()
	var before, after waits
	var counted failure
	err = g.store.Count(ctx, keys, func(now time.Time, counters []Counter) {
		mend(now, counters)
		counted = failure{}
		before = waitsOf(now, counters)
		after = before
		if before.longest() == 0 {
			counted = countFailure(now, counters)
			after = waitsOf(now, counters)
			counted.delay = after.longest()
		}
	})
	if err != nil {
		return 0, err
	}
	a.counted = counted
	g.remember(keys, after)
	return before.longest(), nil
}

// end ends an attempt. One that succeeded takes its count back, clears what was
// counted for its name from its address and makes the address a familiar one, also
// where its request has gone away meanwhile; otherwise end returns the delay that the
// attempt caused, for the log.
func (g *guesses) end(ctx context.Context, a *attempt, succeeded bool) (delay time.Duration, err error) {
	if !succeeded {
		return a.counted.delay, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	keys := a.keys()
	var after waits
	err = g.store.Count(ctx, keys, func(now time.Time, counters []Counter) {
		mend(now, counters)
		takeBack(now, counters, a.counted)
		after = waitsOf(now, counters)
	})
	if err == nil {
		g.remember(keys, after)
	}
	return 0, err
}
