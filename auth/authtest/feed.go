package authtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

// ended reads the feed from a position.
func (h *harness) ended(s auth.Store, position int64) (ids []string, next int64) {
	h.t.Helper()
	ids, next, err := s.EndedSince(h.t.Context(), position)
	h.fatal(err)
	return ids, next
}

func feedTellsEnds(t *testing.T, h *harness) {
	s := h.store()
	ids, position := h.ended(s, 0)
	if len(ids) != 0 {
		t.Fatalf("the feed of an empty store tells %q", ids)
	}
	for _, name := range []string{"ann", "bob", "eve"} {
		h.add(s, name)
		h.login(s, name, name+"-1")
	}
	changed := h.client(s, "eve")
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"nothing", func() {}, nil},
		{"a later login", func() { h.login(s, "ann", "ann-2") }, []string{"ann-1"}},
		{"a logout", func() {
			h.yes("ending", true)(end(t.Context(), s, "ann-2", 1, auth.Revoked, "logout"))
		}, []string{"ann-2"}},
		{"a replay", func() {
			h.yes("ending", true)(end(t.Context(), s, "bob-1", 1, auth.Blocked, "replay"))
		}, []string{"bob-1"}},
		{"an end that did not happen", func() {
			h.yes("ending", false)(end(t.Context(), s, "bob-1", 1, auth.Blocked, "replay"))
		}, nil},
		{"a rotation", func() { h.yes("rotating", true)(rotate(t.Context(), s, "eve-1", 1, head(1))) }, nil},
		{"an update without a reason", func() { h.fatal(s.UpdateClient(t.Context(), changed, "", auth.Event{})) }, nil},
		{"an update with a reason", func() { h.fatal(s.UpdateClient(t.Context(), changed, "changed", auth.Event{})) }, []string{"eve-1"}},
		{"an update of a client without sessions", func() { h.fatal(s.UpdateClient(t.Context(), changed, "changed", auth.Event{})) }, nil},
	} {
		step.do()
		got, next := h.ended(s, position)
		if !slices.Equal(got, step.want) {
			t.Errorf("after %s the feed tells %q, want %q", step.name, got, step.want)
		}
		again, _ := h.ended(s, position)
		if !slices.Equal(again, got) {
			t.Errorf("after %s the same position tells %q, then %q", step.name, got, again)
		}
		position = next
		if rest, _ := h.ended(s, position); len(rest) != 0 {
			t.Errorf("after %s the feed tells %q twice", step.name, rest)
		}
	}
	all, next := h.ended(s, 0)
	if want := []string{"ann-1", "ann-2", "bob-1", "eve-1"}; !slices.Equal(all, want) || next != position {
		t.Errorf("from the beginning: %q and position %d, want %q and %d", all, next, want, position)
	}
}

// feedMissesNothing follows the feed on a store of its own while writers end
// sessions on two others.
func feedMissesNothing(t *testing.T, h *harness) {
	const writers, logins = 6, 30
	a, b, follower := h.store(), h.store(), h.store()
	var want []string
	for w := range writers {
		h.add(a, fmt.Sprintf("client-%d", w))
		for i := range logins {
			want = append(want, fmt.Sprintf("session-%d-%d", w, i))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen []string
	var wg sync.WaitGroup
	wg.Go(func() {
		position, done := int64(0), false
		for !done {
			done = ctx.Err() != nil // one more round after the last writer
			ids, next, err := follower.EndedSince(t.Context(), position)
			if err != nil {
				t.Errorf("following: %v", err)
				return
			}
			if next < position {
				t.Errorf("the position went from %d back to %d", position, next)
			}
			seen, position = append(seen, ids...), next
		}
	})
	race(h, writers, func(ctx context.Context, w int) (bool, error) {
		s, name := pick(w, a, b), fmt.Sprintf("client-%d", w)
		for i := range logins {
			if ok, err := start(ctx, s, session(name, fmt.Sprintf("session-%d-%d", w, i)), aHash, false); err != nil || !ok {
				return ok, errors.Join(err, fmt.Errorf("login %d: started %t", i, ok))
			}
		}
		ok, err := end(ctx, s, fmt.Sprintf("session-%d-%d", w, logins-1), 1, auth.Revoked, "logout")
		return ok, err
	})
	cancel()
	wg.Wait()
	slices.Sort(seen)
	slices.Sort(want)
	if !slices.Equal(seen, want) {
		t.Errorf("the follower saw %d ends, %d different ones, of %d", len(seen), len(slices.Compact(seen)), len(want))
	}
}

func feedNewest(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	for i := range 3 {
		h.login(s, "ann", id(i))
	}
	_, want := h.ended(s, 0)
	if want <= 0 {
		t.Errorf("after two ends the position is %d", want)
	}
	ids, next := h.ended(s, math.MaxInt64)
	if len(ids) != 0 || next != want {
		t.Errorf("asked for the newest position alone: %q and %d, want none and %d", ids, next, want)
	}
	h.login(s, "ann", "later")
	if ids, _ := h.ended(s, next); !slices.Equal(ids, []string{id(2)}) {
		t.Errorf("following from there tells %q, want %q", ids, id(2))
	}
}

func prune(t *testing.T, h *harness) {
	s := h.store()
	now := h.now(s)
	for _, c := range []struct {
		id      string
		expires time.Time
		end     bool
	}{
		{"live", now.Add(time.Hour), false},
		{"expired", now.Add(-time.Hour), false},
		{"expired just now", now, false},
		{"ended", now.Add(time.Hour), true},
	} {
		h.add(s, c.id)
		one := session(c.id, c.id)
		one.Head.ExpiresAt = c.expires
		h.yes("the login", true)(start(t.Context(), s, one, aHash, true))
		if c.end {
			h.yes("ending", true)(end(t.Context(), s, c.id, 1, auth.Revoked, "logout"))
		}
	}
	check := func(when string, want ...string) {
		t.Helper()
		var got []string
		for _, id := range []string{"live", "expired", "expired just now", "ended"} {
			_, err := s.Session(t.Context(), id)
			if err == nil {
				got = append(got, id)
			} else {
				h.is(id, err, auth.ErrNotFound)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: there are %q, want %q", when, got, want)
		}
	}
	h.fatal(s.Prune(t.Context(), now.Add(-2*time.Hour)))
	check("pruned to before all", "live", "expired", "expired just now", "ended")
	h.fatal(s.Prune(t.Context(), now))
	check("pruned to now", "live", "expired just now", "ended")
	h.fatal(s.Prune(t.Context(), now.Add(time.Minute)))
	check("pruned to a minute from now", "live")
	for _, name := range []string{"live", "expired", "ended"} {
		h.yes("a second login of "+name+" after pruning", false)(start(t.Context(), s, session(name, "again"), aHash, true))
	}
	h.state(s, "live", auth.Active, 1)
}

// now returns the store's clock.
func (h *harness) now(s auth.Store) time.Time {
	h.t.Helper()
	h.add(s, "for the clock")
	return h.client(s, "for the clock").ReadAt
}

func pruneAndFeed(t *testing.T, h *harness) {
	s := h.store()
	now := h.now(s)
	h.add(s, "ann")
	for i := range 4 {
		h.login(s, "ann", id(i))
	}
	_, position := h.ended(s, 0)
	h.fatal(s.Prune(t.Context(), now.Add(-time.Hour)))
	if ids, _ := h.ended(s, 0); len(ids) != 3 {
		t.Errorf("pruning what was over an hour ago left %q of three ends just now", ids)
	}
	h.fatal(s.Prune(t.Context(), now.Add(time.Hour)))
	if ids, _ := h.ended(s, 0); len(ids) > 1 {
		t.Errorf("pruning to an hour from now left %q in the feed", ids)
	}
	ids, next := h.ended(s, position)
	if len(ids) != 0 || next != position {
		t.Errorf("a follower at %d reads %q and %d after pruning", position, ids, next)
	}
	fresh := int64(0)
	_, fresh = h.ended(s, fresh)
	h.login(s, "ann", "later") // ends the fourth
	for name, from := range map[string]int64{"that follower": position, "one that began after it": fresh} {
		if ids, _ := h.ended(s, from); !slices.Equal(ids, []string{id(3)}) {
			t.Errorf("%s reads %q, want %q", name, ids, id(3))
		}
	}
}
