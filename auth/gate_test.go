package auth

import (
	"context"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"example.com/mlapi"
)

func address(last byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, last}) }

// fullGate returns a gate whose slots are all taken.
func fullGate(t *testing.T) *hashGate {
	t.Helper()
	g := newHashGate()
	for range hashSlots {
		if err := g.enter(t.Context(), address(0)); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestHashGateTakesTurns(t *testing.T) {
	g := fullGate(t)
	// A crowd stands at one address before the others come.
	var crowd []chan bool
	for range hashPatience {
		crowd = append(crowd, g.join(address(1)))
	}
	owner, guest := g.join(address(2)), g.join(address(3))
	for i, next := range []chan bool{crowd[0], owner, guest, crowd[1], crowd[2]} {
		g.leave()
		select {
		case ok := <-next:
			if !ok {
				t.Fatalf("turn %d was refused", i)
			}
		default:
			t.Fatalf("turn %d went to somebody else", i)
		}
	}
}

func TestHashGateBoundsTheQueue(t *testing.T) {
	throttled := func(err error) bool {
		e := mlapi.AsError(err)
		return e != nil && e.Kind == mlapi.Throttled && e.RetryAfter == time.Second
	}
	g := fullGate(t)
	for range hashPatience {
		g.join(address(1))
	}
	if err := g.enter(t.Context(), address(1)); !throttled(err) {
		t.Errorf("one address beyond its patience: %v", err)
	}
	for last := byte(2); g.waiting < hashQueue; last++ {
		for range hashPatience / 2 {
			g.join(address(last))
		}
	}
	// The longest line gives way to the newcomer.
	longest := g.line(address(1))
	before := len(longest.logins)
	owner := g.join(address(250))
	if len(longest.logins) != before-1 || g.waiting != hashQueue {
		t.Errorf("the longest line went from %d to %d, the queue is %d", before, len(longest.logins), g.waiting)
	}
	for range len(g.lines) {
		g.leave()
	}
	if len(owner) == 0 || !<-owner {
		t.Error("the newcomer had no turn in the first round")
	}
}

func TestHashGateForgetsWhoHasGone(t *testing.T) {
	g := fullGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		waiting.Go(func() { errs[i] = g.enter(ctx, address(byte(i%3))) })
	}
	for full := false; !full; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		full = g.waiting == len(errs)
		g.mu.Unlock()
	}
	cancel()
	waiting.Wait()
	for _, err := range errs {
		if mlapi.AsError(err).Kind != mlapi.Unavailable {
			t.Errorf("a caller that has gone: %v", err)
		}
	}
	if g.waiting != 0 || len(g.lines) != 0 {
		t.Errorf("%d still wait in %d lines", g.waiting, len(g.lines))
	}
	for range hashSlots {
		g.leave()
	}
	if g.free != hashSlots {
		t.Errorf("%d slots are free, want %d", g.free, hashSlots)
	}
}

// TestHashGateLosesNoSlot lets callers go away at the very moment of their turn.
func TestHashGateLosesNoSlot(t *testing.T) {
	g := newHashGate()
	var all sync.WaitGroup
	for i := range 2000 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			if i%2 == 0 {
				go cancel()
			}
			defer cancel()
			if g.enter(ctx, address(byte(i%7))) == nil {
				runtime.Gosched()
				g.leave()
			}
		})
	}
	all.Wait()
	if g.free != hashSlots || g.waiting != 0 || len(g.lines) != 0 {
		t.Errorf("%d slots free, %d waiting, %d lines", g.free, g.waiting, len(g.lines))
	}
}

func TestMemoryGoesBackToTheSystem(t *testing.T) {
	g := newHashGate()
	if err := g.enter(t.Context(), address(0)); err != nil {
		t.Fatal(err)
	}
	hashPassword("secret")
	g.leave()
	g.settle()
	if g.last.Load() == 0 {
		t.Error("settled while hashes may follow")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g.last.Store(time.Now().Add(-hashAfterglow).UnixNano())
	g.settle()
	runtime.ReadMemStats(&after)
	if g.last.Load() != 0 {
		t.Error("not settled")
	}
	resident := func(m runtime.MemStats) uint64 { return (m.HeapSys - m.HeapReleased) >> 20 }
	if resident(after) > 15 {
		t.Errorf("the heap holds %d MiB, before %d", resident(after), resident(before))
	}
	forced := after.NumForcedGC
	g.settle() // once is enough
	runtime.ReadMemStats(&after)
	if after.NumForcedGC != forced {
		t.Error("settled again with nothing to do")
	}
}
