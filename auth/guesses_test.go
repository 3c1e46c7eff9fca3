package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clock is a time that only the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

// counters is a CounterStore in memory whose clock the test moves; package authtest
// tests real ones.
type counters struct {
	clock
	mu   sync.Mutex
	kept map[string]Counter
	err  error
	// asked is how often there was a question.
	asked int
}

func (s *counters) Count(ctx context.Context, keys []string, decide func(time.Time, []Counter)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if err := cmp.Or(s.err, ctx.Err()); err != nil {
		return err
	}
	list := make([]Counter, len(keys))
	for i, key := range keys {
		if len(key) > 64 || slices.Contains(keys[:i], key) {
			return fmt.Errorf("the key %q", key)
		}
		list[i] = s.kept[key]
		list[i].Recent = slices.Clone(list[i].Recent)
	}
	decide(s.t.Truncate(time.Second), list)
	for i, key := range keys {
		s.kept[key] = list[i]
		if len(list[i].Recent) > 64 {
			return errors.New("too long")
		}
	}
	return nil
}

func newTestGuesses() (*guesses, *counters) {
	s := &counters{clock: clock{time.Unix(1_800_000_000, 0)}, kept: map[string]Counter{}}
	return newGuesses(s, s.now), s
}

var attacker = netip.MustParseAddr("198.51.100.7")

func of(name string, from netip.Addr) *attempt { return &attempt{name: name, address: from} }

// try makes one attempt and returns how long it had to wait instead.
func try(t *testing.T, g *guesses, a *attempt, succeeded bool) time.Duration {
	t.Helper()
	if wait := g.wait(a); wait > 0 {
		return wait
	}
	wait, err := g.begin(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if wait > 0 {
		return wait
	}
	if _, err := g.end(t.Context(), a, succeeded); err != nil {
		t.Fatal(err)
	}
	return 0
}

func TestDelayGrows(t *testing.T) {
	g, c := newTestGuesses()
	for i := range freeGuesses {
		if wait := try(t, g, of("name", attacker), false); wait != 0 {
			t.Fatalf("attempt %d waits %v", i+1, wait)
		}
	}
	want := time.Second
	for range 20 {
		got := try(t, g, of("name", attacker), false)
		if got < want || got > want+time.Second {
			t.Fatalf("the delay is %v, want %v", got, want)
		}
		c.advance(want) // a second before it ends, by a clock that rounds down
		if wait := try(t, g, of("name", attacker), false); wait == 0 {
			t.Fatalf("%v were not waited for", want)
		}
		c.advance(time.Second)
		if wait := try(t, g, of("name", attacker), false); wait != 0 {
			t.Fatalf("after the delay: %v", wait)
		}
		want = min(2*want, time.Hour)
	}
	if want != time.Hour {
		t.Errorf("the longest delay is %v", want)
	}
	// Another name, another address and another secret are not held up.
	secret := of("name", attacker)
	secret.passwordHash = "another"
	for _, other := range []*attempt{of("nam", attacker), of("name", netip.MustParseAddr("198.51.100.8")), secret} {
		if wait := try(t, g, other, true); wait != 0 {
			t.Errorf("another waits %v", wait)
		}
	}
}

func TestSuccessTakesItsCountBack(t *testing.T) {
	g, _ := newTestGuesses()
	for range 3 {
		for i := range freeGuesses - 1 {
			if wait := try(t, g, of("name", attacker), false); wait != 0 {
				t.Fatalf("attempt %d waits %v", i+1, wait)
			}
		}
		if wait := try(t, g, of("name", attacker), true); wait != 0 {
			t.Fatalf("the right one waits %v", wait)
		}
	}
	g, _ = newTestGuesses()
	for i := range 300 { // successes do not use up the address
		if wait := try(t, g, of(fmt.Sprint(i), attacker), true); wait != 0 {
			t.Fatalf("login %d waits %v", i, wait)
		}
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
		a, b := of("n", netip.MustParseAddr(c.a)).keys(), of("n", netip.MustParseAddr(c.b)).keys()
		if slices.Equal(a, b) != c.same {
			t.Errorf("%s and %s are the same: %v", c.a, c.b, !c.same)
		}
	}
	g, _ := newTestGuesses()
	if wait := try(t, g, of("n", netip.Addr{}), false); wait != 0 {
		t.Error("an unknown address waits")
	}
}

// At most 100 failed logins fall into any minute of one address.
func TestGuessesPerMinute(t *testing.T) {
	g, c := newTestGuesses()
	var failed []time.Time
	for i := range 3000 {
		if wait := try(t, g, of(fmt.Sprint("name ", i), attacker), false); wait == 0 {
			failed = append(failed, c.now())
		} else if wait > 66*time.Second {
			t.Fatalf("a wait of %v", wait)
		}
		c.advance(137 * time.Millisecond)
	}
	if len(failed) < 300 {
		t.Errorf("only %d were let through", len(failed))
	}
	for i := range failed[guessesPerMinute:] {
		if span := failed[i+guessesPerMinute].Sub(failed[i]); span < time.Minute-time.Second {
			t.Fatalf("101 failed logins within %v", span)
		}
	}
	if wait := try(t, g, of("name", netip.MustParseAddr("198.51.100.8")), true); wait != 0 {
		t.Errorf("another address waits %v", wait)
	}
}

// A crowd, in two processes, has no more tries than a queue.
func TestCrowd(t *testing.T) {
	g, s := newTestGuesses()
	both := []*guesses{g, newGuesses(s, s.now)}
	var let, names atomic.Int64
	var all sync.WaitGroup
	for i := range 400 {
		all.Go(func() {
			a := of("name", attacker)
			if wait, err := both[i%2].begin(t.Context(), a); wait == 0 && err == nil {
				let.Add(1)
			}
			a = of(fmt.Sprint(i), netip.MustParseAddr("198.51.100.8"))
			if wait, err := both[i%2].begin(t.Context(), a); wait == 0 && err == nil {
				names.Add(1)
			}
		})
	}
	all.Wait()
	if let.Load() != freeGuesses || names.Load() != guessesPerMinute {
		t.Errorf("%d tries of one name and %d of one address", let.Load(), names.Load())
	}
}

// A name has a bound over all addresses, which does not lock out those that logged
// in before, nor instances that did.
func TestGuessesFromEverywhere(t *testing.T) {
	g, c := newTestGuesses()
	owner, stranger := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("203.0.113.250")
	if wait := try(t, g, of("name", owner), true); wait != 0 {
		t.Fatal(wait)
	}
	from := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}) }
	for i := range freeOfName {
		if wait := try(t, g, of("name", from(i)), false); wait != 0 {
			t.Fatalf("guess %d waits %v", i+1, wait)
		}
	}
	let := 0
	for i := range 3600 {
		if try(t, g, of("name", from(1000+i)), false) == 0 {
			let++
		}
		c.advance(time.Second)
	}
	if let < 5 || let > 15 {
		t.Errorf("%d guesses in the hour after the free ones", let)
	}
	if wait := try(t, g, of("name", stranger), true); wait == 0 {
		t.Error("an address that never logged in is let through")
	}
	if wait := try(t, g, of("name", owner), true); wait != 0 {
		t.Errorf("the owner waits %v", wait)
	}
	instance := of("name", stranger)
	instance.instance, instance.known = "east", true
	if wait := try(t, g, instance, true); wait != 0 {
		t.Errorf("an instance that logged in before waits %v", wait)
	}
	if wait := try(t, g, of("nobody", stranger), false); wait != 0 {
		t.Errorf("another name waits %v", wait)
	}
	c.advance(familiarFor)
	for i := range freeOfName {
		try(t, g, of("name", from(i)), false)
	}
	if wait := try(t, g, of("name", owner), true); wait == 0 {
		t.Error("an address is familiar for ever")
	}
}

// An address that logged in to a name stays familiar when the name gets a new secret:
// otherwise a credential that counts once would have no familiar address ever.
func TestFamiliarWithANewSecret(t *testing.T) {
	g, _ := newTestGuesses()
	owner := netip.MustParseAddr("192.0.2.1")
	try(t, g, of("name", owner), true)
	for i := range freeOfName + 1 {
		a := of("name", netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
		a.passwordHash = "new"
		if wait := try(t, g, a, false); (wait > 0) != (i == freeOfName) {
			t.Fatalf("guess %d waits %v", i+1, wait)
		}
	}
	again := of("name", owner)
	again.passwordHash = "new"
	if wait := try(t, g, again, true); wait != 0 {
		t.Errorf("the owner waits %v", wait)
	}
}

// Neither the bounds nor the number of questions to the store tell a name of a
// client from any other, for who knows no name of an instance that logged in.
func TestUnknownNamesAreAlike(t *testing.T) {
	type step struct {
		wait  time.Duration
		asked int
	}
	script := func(clients bool) (steps []step) {
		g, s := newTestGuesses()
		for i := range 2*freeOfName + 30 {
			a := of("name", netip.AddrFrom4([4]byte{10, 0, 1, byte(i / 10)}))
			if i > freeOfName {
				a.instance = fmt.Sprint("guess ", i%3)
			}
			if clients {
				a.passwordHash, a.known = "hash", a.instance == ""
			}
			wait := try(t, g, a, false)
			steps = append(steps, step{wait, s.asked})
			s.advance(time.Second / 4)
		}
		return steps
	}
	client, nobody := script(true), script(false)
	if !slices.Equal(client, nobody) {
		t.Errorf("a client:\n%v\nnobody:\n%v", client, nobody)
	}
	if client[freeOfName].wait == 0 {
		t.Error("the script reaches no bound")
	}
}

// A flood of attempts that have to wait asks the store next to nothing.
func TestThrottledAttemptsAskNothing(t *testing.T) {
	g, s := newTestGuesses()
	for i := range guessesPerMinute {
		try(t, g, of(fmt.Sprint(i), attacker), false)
	}
	before := s.asked
	for i := range 10_000 {
		if wait := try(t, g, of(fmt.Sprint(i), attacker), false); wait == 0 {
			t.Fatalf("attempt %d does not wait", i)
		}
		if g.waitOf(attacker) == 0 {
			t.Fatal("the address is not known to wait")
		}
		s.advance(time.Millisecond)
	}
	if asked := s.asked - before; asked > 3 {
		t.Errorf("10,000 attempts in 10 s asked the store %d times", asked)
	}
}

// A success counts although its request has gone away.
func TestSuccessOfWhoHasGone(t *testing.T) {
	g, s := newTestGuesses()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 * freeGuesses {
		a := of("name", attacker)
		if wait, err := g.begin(t.Context(), a); wait != 0 || err != nil {
			t.Fatal(wait, err)
		}
		if _, err := g.end(gone, a, true); err != nil {
			t.Fatal(err)
		}
	}
	if g.waitOf(attacker) != 0 || s.kept[of("name", attacker).keys()[pairCounter]].Failed != 0 {
		t.Error("the successes count as failed")
	}
}

// The counts are those of the store: another process and a restart know them.
func TestCountsAreShared(t *testing.T) {
	g, s := newTestGuesses()
	for range freeGuesses {
		try(t, g, of("name", attacker), false)
	}
	restarted := newGuesses(s, s.now)
	if wait := restarted.wait(of("name", attacker)); wait != 0 {
		t.Fatal("a wait without the store")
	}
	if wait := try(t, restarted, of("name", attacker), true); wait == 0 {
		t.Error("a restart forgot the guesses")
	}
	// What a success elsewhere ended is not waited for long.
	clear(s.kept)
	s.advance(waitsKnownFor)
	if wait := try(t, restarted, of("name", attacker), true); wait != 0 {
		t.Errorf("a wait of %v that the store does not know", wait)
	}
}

func TestNoGuessWithoutTheStore(t *testing.T) {
	g, s := newTestGuesses()
	s.err = errors.New("away")
	if wait, err := g.begin(t.Context(), of("name", attacker)); !errors.Is(err, s.err) || wait != 0 {
		t.Errorf("begin: %v, %v", wait, err)
	}
}

// Names and addresses are kept as hashes alone.
func TestCountersTellNothing(t *testing.T) {
	g, s := newTestGuesses()
	try(t, g, of("hunter2", attacker), false)
	text := fmt.Sprint(slices.Sorted(maps.Keys(s.kept)))
	for _, secret := range []string{"hunter2", "198.51"} {
		if len(s.kept) == 0 || strings.Contains(text, secret) {
			t.Errorf("the keys are %s", text)
		}
	}
}

// The memory of waits is bounded, and what is used is what stays.
func TestWaitsAreBounded(t *testing.T) {
	g, _ := newTestGuesses()
	first := of("first", attacker)
	g.remember(first.keys(), waits{pair: time.Minute})
	for i := range rememberedWaits + 100 {
		g.remember(of(fmt.Sprint(i), attacker).keys(), waits{pair: time.Minute})
		g.wait(first)
	}
	if n := len(g.waits.entries); n != rememberedWaits || g.waits.order.Len() != n {
		t.Errorf("%d waits are remembered", n)
	}
	if g.wait(first) == 0 || g.wait(of("0", attacker)) != 0 {
		t.Error("the wait used last was forgotten before the others")
	}
}
