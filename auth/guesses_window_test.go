package auth

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestWindowIsKept(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var w window
	for i := range 7 {
		w.add(now.Add(time.Duration(i) * 7 * time.Second))
	}
	now = now.Add(42 * time.Second)
	if again := decodeWindow(w.encode()); again != w || again.count(now) != 7 {
		t.Errorf("kept as %v, was %v", again, w)
	}
	if n := len(w.encode()); n > 64 {
		t.Errorf("a window has %d bytes", n)
	}
	for _, damaged := range [][]byte{nil, {1, 2}, append(w.encode(), 0), slices.Repeat([]byte{255}, windowBytes)} {
		again := decodeWindow(damaged)
		again.add(now)
		if wait := again.wait(now, guessesPerMinute); wait > windowLasts {
			t.Errorf("%v: a wait of %v", damaged, wait)
		}
	}
}

// However events come, successes among them, at most the limit fall into a minute.
func TestWindowIsExact(t *testing.T) {
	const limit = 10
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		now := time.Unix(1_800_000_000+random.Int64N(60), 0)
		var w window
		var failed, started []time.Time
		for range 500 {
			now = now.Add(time.Duration(random.IntN(4)) * time.Second)
			for len(started) > 0 && random.IntN(2) == 0 { // it succeeds, or stays counted
				if at := started[0]; random.IntN(2) == 0 {
					w.remove(at)
				} else {
					failed = append(failed, at)
				}
				started = started[1:]
			}
			if w.wait(now, limit) == 0 {
				w.add(now)
				started = append(started, now)
			}
		}
		slices.SortFunc(failed, time.Time.Compare)
		for i := limit; i < len(failed); i++ {
			// Whole seconds: two that are 60 apart may be within a minute.
			if span := failed[i].Sub(failed[i-limit]); span <= time.Minute {
				t.Fatalf("%d events within %v", limit+1, span)
			}
		}
		if len(failed) < 50 {
			t.Fatalf("only %d events", len(failed))
		}
	}
}

func TestWindowWaitIsEnough(t *testing.T) {
	for start := range 5 {
		now := time.Unix(1_800_000_000+int64(start), 0)
		var w window
		for range guessesPerMinute {
			w.add(now)
		}
		wait := w.wait(now, guessesPerMinute)
		if wait < time.Minute || wait > windowLasts || w.wait(now.Add(wait-time.Second), guessesPerMinute) == 0 || w.wait(now.Add(wait), guessesPerMinute) != 0 {
			t.Errorf("from second %d: a wait of %v", start, wait)
		}
	}
}

// A clock that is set back neither unlocks nor locks for longer than a minute.
func TestWindowWithAClockSetBack(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var w window
	for range guessesPerMinute {
		w.add(now)
	}
	now = now.Add(-24 * time.Hour)
	if wait := w.wait(now, guessesPerMinute); wait == 0 || wait > windowLasts {
		t.Errorf("set back a day: a wait of %v", wait)
	}
	now = now.Add(windowLasts)
	if wait := w.wait(now, guessesPerMinute); wait != 0 {
		t.Errorf("a minute later: a wait of %v", wait)
	}
}
