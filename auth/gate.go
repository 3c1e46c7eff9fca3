package auth

import (
	"context"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	hashSlots     = 2               // password hashes at once
	hashQueue     = 1024            // logins that wait for one
	hashPatience  = 128             // those of them from one address
	hashAfterglow = 3 * time.Second // after the last hash, memory goes back
)

// hashGate limits how many password hashes run and wait at once, so that a crowd
// of logins takes neither all memory nor all cores. Addresses take turns: however
// many logins one address sends, one from elsewhere is next but one. Where the
// queue is full, the address that waits most gives way.
type hashGate struct {
	mu      sync.Mutex
	free    int          // slots
	waiting int          // logins, in all lines
	lines   []*hashLine  // in order of their turns; none is empty
	last    atomic.Int64 // when a slot was last given back, Unix nanoseconds; 0: memory was returned since
}

// hashLine are the logins of one address that wait, in the order they came.
type hashLine struct {
	address netip.Addr
	logins  []chan bool // true: here is a slot; false: give way
}

// newHashGate returns a gate that first settles soon after the start: SyncClients
// may have hashed before there was a gate.
func newHashGate() *hashGate {
	g := &hashGate{free: hashSlots}
	g.last.Store(time.Now().UnixNano())
	return g
}

// enter waits for a slot on behalf of an address; leave gives it back. A queue
// that is full is a Throttled error, a caller that goes away an Unavailable one.
func (g *hashGate) enter(ctx context.Context, address netip.Addr) error {
	turn := g.join(address)
	select {
	case ok := <-turn:
		if !ok {
			return errThrottled(time.Second)
		}
		return nil
	case <-ctx.Done():
		if !g.quit(address, turn) && <-turn {
			g.leave() // the slot came at the same moment
		}
		return errUnavailable("waiting for a password hash: %w", ctx.Err())
	}
}

// join takes a slot or stands in line. The channel gets one answer.
func (g *hashGate) join(address netip.Addr) chan bool {
	turn := make(chan bool, 1)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.free > 0 {
		g.free--
		turn <- true
		return turn
	}
	line := g.line(address)
	if line == nil {
		line = &hashLine{address: address}
		g.lines = append(g.lines, line)
	}
	line.logins = append(line.logins, turn)
	g.waiting++
	switch {
	case len(line.logins) > hashPatience:
		g.giveWay(line)
	case g.waiting > hashQueue:
		g.giveWay(slices.MaxFunc(g.lines, func(a, b *hashLine) int { return len(a.logins) - len(b.logins) }))
	}
	return turn
}

// giveWay sends the last login of a line away.
func (g *hashGate) giveWay(line *hashLine) {
	last := len(line.logins) - 1
	line.logins[last] <- false
	g.remove(line, last)
}

// quit takes a login that waits no more out of its line, and reports whether it
// was still there.
func (g *hashGate) quit(address netip.Addr, turn chan bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	line := g.line(address)
	if line == nil {
		return false
	}
	i := slices.Index(line.logins, turn)
	if i < 0 {
		return false
	}
	g.remove(line, i)
	return true
}

// leave gives the slot to the address whose turn it is.
func (g *hashGate) leave() {
	g.last.Store(time.Now().UnixNano())
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.lines) == 0 {
		g.free++
		return
	}
	line := g.lines[0]
	g.lines = append(slices.Delete(g.lines, 0, 1), line) // its next turn comes after all others
	line.logins[0] <- true
	g.remove(line, 0)
}

// line returns the line of an address, or nil. There are at most hashQueue lines,
// and a look at all of them costs nothing beside the hash that follows.
func (g *hashGate) line(address netip.Addr) *hashLine {
	i := slices.IndexFunc(g.lines, func(l *hashLine) bool { return l.address == address })
	if i < 0 {
		return nil
	}
	return g.lines[i]
}

// remove takes login i out of a line, and the line away where it was the last.
func (g *hashGate) remove(line *hashLine, i int) {
	g.waiting--
	line.logins = slices.Delete(line.logins, i, i+1)
	if len(line.logins) == 0 {
		i := slices.Index(g.lines, line)
		g.lines = slices.Delete(g.lines, i, i+1)
	}
}

// settle gives the memory of a burst of hashes back to the system once the last of
// them is a while ago: the garbage collector alone keeps 19 MiB apiece for minutes.
func (g *hashGate) settle() {
	last := g.last.Load()
	if last == 0 || time.Now().UnixNano()-last < int64(hashAfterglow) || !g.last.CompareAndSwap(last, 0) {
		return
	}
	debug.FreeOSMemory()
}
