package auth

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// clock is a time that only the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

func newTestGuesses() (*guesses, *clock) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	return newGuesses(c.now), c
}

var attacker = netip.MustParseAddr("198.51.100.7")

// attempt makes one attempt and returns how long it had to wait instead.
func attempt(g *guesses, key guessKey, failed bool) time.Duration {
	if wait := g.begin(key); wait > 0 {
		return wait
	}
	g.end(key, failed)
	return 0
}

func TestDelayGrows(t *testing.T) {
	g, c := newTestGuesses()
	key := newGuessKey("name", "", attacker)
	for i := range freeGuesses {
		if wait := attempt(g, key, true); wait != 0 {
			t.Fatalf("attempt %d waits %v", i+1, wait)
		}
	}
	want := time.Second
	for range 20 {
		if got := g.wait(key); got != want {
			t.Fatalf("the delay is %v, want %v", got, want)
		}
		c.advance(want - time.Nanosecond)
		if wait := attempt(g, key, true); wait != time.Nanosecond {
			t.Fatalf("just before the end of the delay: %v", wait)
		}
		c.advance(time.Nanosecond)
		if wait := attempt(g, key, true); wait != 0 {
			t.Fatalf("after the delay: %v", wait)
		}
		want = min(2*want, time.Hour)
	}
	if want != time.Hour {
		t.Errorf("the longest delay is %v", want)
	}
	// Another name, another address and another secret are not held up.
	for _, other := range []guessKey{
		newGuessKey("nam", "", attacker), newGuessKey("name", "", netip.MustParseAddr("198.51.100.8")), newGuessKey("name", "hash", attacker),
	} {
		if wait := attempt(g, other, false); wait != 0 {
			t.Errorf("another waits %v", wait)
		}
	}
}

func TestSuccessClearsAndNeutralDoesNot(t *testing.T) {
	g, _ := newTestGuesses()
	key := newGuessKey("name", "", attacker)
	for range freeGuesses - 1 {
		attempt(g, key, true)
	}
	attempt(g, key, false) // right, but its login lost to another: neither counts nor clears
	attempt(g, key, true)
	if g.wait(key) == 0 {
		t.Error("a right password without a login cleared the count")
	}
	g.clear(key)
	for i := range freeGuesses {
		if wait := attempt(g, key, true); wait != 0 {
			t.Fatalf("after a success attempt %d waits %v", i+1, wait)
		}
	}
	if g.wait(key) != time.Second {
		t.Error("the count did not begin anew after a success")
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
		{"::ffff:192.0.2.1", "::", false},
	} {
		a, b := newGuessKey("n", "", netip.MustParseAddr(c.a)), newGuessKey("n", "", netip.MustParseAddr(c.b))
		if (a == b) != c.same {
			t.Errorf("%s and %s are the same: %v", c.a, c.b, a == b)
		}
	}
	g, _ := newTestGuesses()
	if wait := attempt(g, newGuessKey("n", "", netip.Addr{}), true); wait != 0 {
		t.Error("an unknown address waits")
	}
}

// At most 100 failed logins fall into any minute of one address.
func TestGuessesPerMinute(t *testing.T) {
	g, c := newTestGuesses()
	var failed []time.Time
	for i := range 3000 {
		key := newGuessKey(fmt.Sprint("name ", i), "", attacker)
		if wait := attempt(g, key, true); wait > 0 {
			if wait > 65*time.Second {
				t.Fatalf("a wait of %v", wait)
			}
			if i%10 == 0 { // an obedient guesser among the hasty
				c.advance(wait)
				if again := g.wait(key); again > 0 {
					t.Fatalf("after the wait another of %v", again)
				}
			}
		} else {
			failed = append(failed, c.now())
		}
		c.advance(137 * time.Millisecond)
	}
	if len(failed) < 300 {
		t.Errorf("only %d were let through", len(failed))
	}
	for i := range failed[guessesPerMinute:] {
		if span := failed[i+guessesPerMinute].Sub(failed[i]); span < time.Minute {
			t.Fatalf("101 failed logins within %v", span)
		}
	}
	if wait := attempt(g, newGuessKey("name", "", netip.MustParseAddr("198.51.100.8")), false); wait != 0 {
		t.Errorf("another address waits %v", wait)
	}
}

// A clock that is set back neither unlocks nor locks for longer.
func TestGuessesWithAClockSetBack(t *testing.T) {
	g, c := newTestGuesses()
	for i := range guessesPerMinute {
		attempt(g, newGuessKey(fmt.Sprint(i), "", attacker), true)
	}
	key := newGuessKey("x", "", attacker)
	c.advance(-time.Hour)
	if g.wait(key) == 0 {
		t.Error("unlocked")
	}
	c.advance(time.Hour + 66*time.Second)
	if wait := g.wait(key); wait != 0 {
		t.Errorf("a wait of %v", wait)
	}
}

// Attempts under way count: a crowd has no more tries than a queue, but is not
// refused while those before it may still be right.
func TestGuessesUnderWay(t *testing.T) {
	for _, wrong := range []bool{true, false} {
		g, _ := newTestGuesses()
		key := newGuessKey("name", "", attacker)
		var mu sync.Mutex
		let, refused, underway, most := 0, 0, 0, 0
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				wait := g.begin(key)
				mu.Lock()
				if wait > 0 {
					refused++
					mu.Unlock()
					return
				}
				let++
				underway++
				most = max(most, underway)
				mu.Unlock()
				time.Sleep(100 * time.Microsecond)
				mu.Lock()
				underway--
				mu.Unlock()
				g.end(key, wrong)
			})
		}
		all.Wait()
		switch {
		case wrong && (let != freeGuesses || refused != 200-freeGuesses):
			t.Errorf("wrong ones: %d let through, %d refused", let, refused)
		case !wrong && (let != 200 || refused != 0):
			t.Errorf("right ones: %d let through, %d refused", let, refused)
		case most > freeGuesses:
			t.Errorf("%d at once", most)
		}
	}
}

// The same for the limit of an address over many names.
func TestGuessesUnderWayOfOneAddress(t *testing.T) {
	g, _ := newTestGuesses()
	var mu sync.Mutex
	let := 0
	var all sync.WaitGroup
	for i := range 500 {
		all.Go(func() {
			key := newGuessKey(fmt.Sprint(i), "", attacker)
			if g.begin(key) > 0 {
				return
			}
			time.Sleep(100 * time.Microsecond)
			g.end(key, true)
			mu.Lock()
			let++
			mu.Unlock()
		})
	}
	all.Wait()
	if let != guessesPerMinute {
		t.Errorf("%d let through", let)
	}
}

// The memory of guesses is bounded, and nothing is kept where nothing was wrong.
func TestGuessesAreBounded(t *testing.T) {
	g, _ := newTestGuesses()
	for i := range 100 {
		attempt(g, newGuessKey(fmt.Sprint(i), "", attacker), false)
	}
	if len(g.pairs.entries)+len(g.addresses.entries) != 0 {
		t.Errorf("%d names and %d addresses without a wrong attempt", len(g.pairs.entries), len(g.addresses.entries))
	}
	held := newGuessKey("held", "", netip.MustParseAddr("203.0.113.1"))
	if wait := g.begin(held); wait != 0 {
		t.Fatal(wait)
	}
	for i := range rememberedGuesses + 1000 {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		attempt(g, newGuessKey("name", "", address), true)
	}
	if len(g.pairs.entries) != rememberedGuesses || len(g.addresses.entries) != rememberedGuesses || g.pairs.order.Len() != rememberedGuesses {
		t.Errorf("%d names and %d addresses are kept", len(g.pairs.entries), len(g.addresses.entries))
	}
	if g.pairs.get(held) == nil || g.addresses.get(held.address) == nil {
		t.Error("an attempt under way was forgotten")
	}
	g.end(held, false)
}
