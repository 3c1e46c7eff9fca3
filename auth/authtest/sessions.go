package authtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

func loginConditions(t *testing.T, h *harness) {
	s := h.store()
	for _, c := range []auth.Client{
		{Name: "ann", PasswordHash: aHash},
		{Name: "disabled", PasswordHash: aHash, Disabled: auth.ByOperator},
		{Name: "used", PasswordHash: aHash, Instances: []auth.Instance{{UsedAt: time.Now().Add(-time.Hour)}}},
		{Name: "open"}, // no password hash: no password is right
	} {
		h.fatal(s.AddClient(t.Context(), c, auth.Event{}))
	}
	for i, c := range []struct {
		client, hash string
		once, want   bool
	}{
		{"nobody", aHash, false, false},
		{"nobody", "", false, false},
		{"ann", "", false, false},
		{"ann", "other", false, false},
		{"ann", aHash + " ", false, false},
		{"ann", aHash[:len(aHash)-1], false, false},
		{"ANN", aHash, false, false},
		{"disabled", aHash, false, false},
		{"disabled", aHash, true, false},
		{"open", "", false, false},
		{"open", "", true, false},
		{"used", aHash, true, false},
		{"used", aHash, false, true},
		{"ann", aHash, true, true},
		{"ann", aHash, true, false},
		{"ann", aHash, false, true},
		{"ann", aHash, true, false},
	} {
		name := fmt.Sprintf("login %d of %q with %q, once %t", i, c.client, c.hash, c.once)
		h.yes(name, c.want)(start(t.Context(), s, session(c.client, id(i)), c.hash, c.once))
		_, err := s.Session(t.Context(), id(i))
		if c.want {
			h.fatal(err)
		} else {
			h.is(name+" left a session", err, auth.ErrNotFound)
		}
	}
}

func loginStarts(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	given := session("ann", "one")
	given.State, given.Generation, given.Reason = auth.Blocked, 7, "none of these count"
	h.yes("the login", true)(start(t.Context(), s, given, aHash, false))
	got := h.session(s, "one")
	if !sameHead(got.Head, given.Head) {
		t.Errorf("the head is %+v, want %+v", got.Head, given.Head)
	}
	if !got.StartedAt.Equal(got.Retry.RotatedAt) || got.StartedAt.IsZero() || got.StartedAt.After(got.ReadAt) {
		t.Errorf("started at %v, rotated at %v, read at %v", got.StartedAt, got.Retry.RotatedAt, got.ReadAt)
	}
	got.Head, got.ReadAt, got.StartedAt, got.Retry.RotatedAt = auth.Head{}, time.Time{}, time.Time{}, time.Time{}
	if want := (auth.Session{ID: "one", Client: "ann", State: auth.Active, Generation: 1}); got != want {
		t.Errorf("the session is %+v, want %+v", got, want)
	}
	c := h.client(s, "ann")
	if used := usedAt(c, ""); used.IsZero() || used.After(c.ReadAt) {
		t.Errorf("the credential is marked used at %v, read at %v", used, c.ReadAt)
	}
}

func loginReplaces(t *testing.T, h *harness) {
	s := h.store()
	for _, name := range []string{"Client", "ClientA", "client"} {
		h.add(s, name)
		h.login(s, name, name+"-1")
	}
	h.login(s, "Client", "Client-2")
	h.state(s, "Client-1", auth.Revoked, 1)
	if h.session(s, "Client-1").Reason == "" {
		t.Error("the session that was replaced has no reason")
	}
	h.state(s, "Client-2", auth.Active, 1)
	h.state(s, "ClientA-1", auth.Active, 1)
	h.state(s, "client-1", auth.Active, 1)
	h.yes("rotating the session that was replaced", false)(rotate(t.Context(), s, "Client-1", 1, head(1)))

	// A session that ended for another reason keeps it.
	h.yes("blocking", true)(end(t.Context(), s, "Client-2", 1, auth.Blocked, "replay"))
	h.login(s, "Client", "Client-3")
	h.state(s, "Client-2", auth.Blocked, 1)
	if got := h.session(s, "Client-2").Reason; got != "replay" {
		t.Errorf("the blocked session's reason became %q", got)
	}
}

func failedLogin(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	h.add(s, "bob")
	h.login(s, "ann", "one")
	_, position, err := s.EndedSince(t.Context(), 0)
	h.fatal(err)

	h.yes("a login with another hash", false)(start(t.Context(), s, session("ann", "two"), "other", false))
	// The identifier is taken: the whole login is undone, the use of the credential too.
	if ok, err := start(t.Context(), s, session("bob", "one"), aHash, true); ok || err == nil {
		t.Errorf("a login with a taken identifier: started %t, error %v", ok, err)
	}
	if used := usedAt(h.client(s, "bob"), ""); !used.IsZero() {
		t.Errorf("a login that failed used the credential up, at %v", used)
	}
	if ok, err := start(t.Context(), s, session("ann", "one"), aHash, false); ok || err == nil {
		t.Errorf("a login with its own old identifier: started %t, error %v", ok, err)
	}
	h.state(s, "one", auth.Active, 1)
	ids, _, err := s.EndedSince(t.Context(), position)
	h.fatal(err)
	if len(ids) != 0 {
		t.Errorf("logins that failed ended %q", ids)
	}
}

func onceHasOneWinner(t *testing.T, h *harness) {
	s, other := h.store(), h.store()
	h.add(s, "ann")
	winners := race(h, presenters, func(ctx context.Context, i int) (bool, error) {
		return start(ctx, pick(i, s, other), session("ann", id(i)), aHash, true)
	})
	if winners != 1 {
		t.Errorf("%d of %d logins with one once-only credential started", winners, presenters)
	}
	live := 0
	for i := range presenters {
		if got, err := s.Session(t.Context(), id(i)); err == nil && got.State == auth.Active {
			live++
		}
	}
	if live != 1 {
		t.Errorf("%d sessions are live, want 1", live)
	}
}

// pick deals the presenters of a race out to two stores of the same data.
func pick(i int, a, b auth.Store) auth.Store {
	if i%2 == 0 {
		return a
	}
	return b
}

func rotationHasOneWinner(t *testing.T, h *harness) {
	s, other := h.store(), h.store()
	h.add(s, "ann")
	h.login(s, "ann", "one")
	for gen := int64(1); gen <= 5; gen++ {
		var mu sync.Mutex
		var won auth.Head
		winners := race(h, presenters, func(ctx context.Context, i int) (bool, error) {
			mine := head(100*gen + int64(i))
			ok, err := rotate(ctx, pick(i, s, other), "one", gen, mine)
			if ok {
				mu.Lock()
				won = mine
				mu.Unlock()
			}
			return ok, err
		})
		if winners != 1 {
			t.Fatalf("%d of %d rotations of generation %d won", winners, presenters, gen)
		}
		h.state(s, "one", auth.Active, gen+1)
		if got := h.session(s, "one").Head; !sameHead(got, won) {
			t.Fatalf("the head is %+v, the winner's was %+v", got, won)
		}
	}
}

func rotationConditions(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	h.add(s, "bob")
	h.login(s, "ann", "one")
	h.login(s, "bob", "two")
	h.yes("the first rotation", true)(rotate(t.Context(), s, "one", 1, head(1)))
	for _, gen := range []int64{-1, 0, 1, 3} {
		h.yes(fmt.Sprintf("rotating generation %d of a session at 2", gen), false)(rotate(t.Context(), s, "one", gen, head(9)))
	}
	got := h.session(s, "one")
	if got.Generation != 2 || !sameHead(got.Head, head(1)) {
		t.Errorf("rotations that failed changed the session: %+v", got)
	}
	h.yes("ending", true)(end(t.Context(), s, "one", 1, auth.Blocked, "replay"))
	h.yes("rotating an ended session", false)(rotate(t.Context(), s, "one", 2, head(9)))
	h.state(s, "one", auth.Blocked, 2)
	h.state(s, "two", auth.Active, 1)
}

func endConditions(t *testing.T, h *harness) {
	s := h.store()
	for i, state := range []auth.State{auth.Blocked, auth.Revoked} {
		name := fmt.Sprintf("client-%d", i)
		h.add(s, name)
		h.login(s, name, name)
		h.yes("rotating", true)(rotate(t.Context(), s, name, 1, head(1)))

		h.yes("ending a generation that is not reached", false)(end(t.Context(), s, name, 3, state, "too early"))
		h.state(s, name, auth.Active, 2)
		h.yes("ending", true)(end(t.Context(), s, name, 2, state, "the reason"))
		h.state(s, name, state, 2)
		h.yes("ending again", false)(end(t.Context(), s, name, 1, auth.Revoked, "another"))
		h.state(s, name, state, 2)
		if got := h.session(s, name).Reason; got != "the reason" {
			t.Errorf("the reason is %q, want the first", got)
		}
	}
	h.add(s, "ann")
	h.login(s, "ann", "one")
	for _, state := range []auth.State{auth.Active, "", "expired"} {
		if ended, err := end(t.Context(), s, "one", 1, state, "reason"); ended || err == nil {
			t.Errorf("ending a session as %q: ended %t, error %v", state, ended, err)
		}
	}
	h.state(s, "one", auth.Active, 1)
}

func rotateAgainstEnd(t *testing.T, h *harness) {
	s, other := h.store(), h.store()
	h.add(s, "ann")
	for i := range 10 {
		name := id(i)
		h.login(s, "ann", name)
		var rotated, ended bool
		race(h, 2, func(ctx context.Context, k int) (ok bool, err error) {
			if k == 0 {
				rotated, err = rotate(ctx, s, name, 1, head(1))
			} else {
				ended, err = end(ctx, other, name, 1, auth.Revoked, "logout")
			}
			return false, err
		})
		want := int64(1)
		if rotated {
			want = 2
		}
		if !ended {
			t.Fatalf("round %d: the logout lost against a rotation", i)
		}
		h.state(s, name, auth.Revoked, want)
		h.yes("rotating after the end", false)(rotate(t.Context(), s, name, want, head(2)))
	}
}

func clock(t *testing.T, h *harness) {
	s := h.store()
	const slack = 5 * time.Second // the store's machine may be another
	earliest := time.Now().Add(-slack)
	h.add(s, "ann")
	h.login(s, "ann", "one")
	c, one := h.client(s, "ann"), h.session(s, "one")
	clients, err := s.Clients(t.Context())
	h.fatal(err)
	latest := time.Now().Add(slack)
	times := map[string]time.Time{
		"Client.CreatedAt": c.CreatedAt, "Instance.UsedAt": usedAt(c, ""), "Client.ReadAt": c.ReadAt,
		"Session.ReadAt": one.ReadAt, "Clients: ReadAt": clients[0].ReadAt,
	}
	for name, at := range times {
		if at.Before(earliest) || at.After(latest) {
			t.Errorf("%s is %v, not about now", name, at)
		}
		if at.Nanosecond() != 0 {
			t.Errorf("%s is %v, not in whole seconds", name, at)
		}
	}
	if c.CreatedAt.After(c.ReadAt) || one.ReadAt.Before(c.CreatedAt) {
		t.Errorf("created at %v, read at %v and %v: the clock runs backwards", c.CreatedAt, c.ReadAt, one.ReadAt)
	}
	odd := session("ann", "two")
	odd.Head.IssuedAt = odd.Head.IssuedAt.Add(999 * time.Millisecond)
	h.yes("a login with part of a second", true)(start(t.Context(), s, odd, aHash, false))
	if got := h.session(s, "two").Head.IssuedAt; !got.Equal(head(0).IssuedAt) {
		t.Errorf("issued at %v came back as %v, want the whole second", odd.Head.IssuedAt, got)
	}
}

// manySessions checks that no operation walks over all sessions: with thousands
// of them each takes milliseconds, not tens. Where commits are slow it makes do
// with as many sessions as it could start in a few seconds.
func manySessions(t *testing.T, h *harness) {
	s := h.store()
	const clients, most, least, patience = 16, 10_000, 64, 5 * time.Second
	for c := range clients {
		h.add(s, fmt.Sprintf("client-%d", c))
	}
	total := 0
	for start := time.Now(); total < most && (total < least || time.Since(start) < patience); total++ {
		h.login(s, fmt.Sprintf("client-%d", total%clients), fmt.Sprintf("session-%d", total))
	}
	last := fmt.Sprintf("session-%d", total-1)
	gen := int64(0)
	for _, op := range []struct {
		name string
		do   func() error
	}{
		{"Session", func() error { _, err := s.Session(t.Context(), last); return err }},
		{"Rotate", func() error { gen++; _, err := rotate(t.Context(), s, last, gen, head(gen)); return err }},
		{"Client", func() error { _, err := s.Client(t.Context(), "client-3"); return err }},
		{"EndedSince the newest", func() error {
			_, _, err := s.EndedSince(t.Context(), int64(total-clients))
			return err
		}},
	} {
		var took []time.Duration
		for range 21 {
			start := time.Now()
			h.fatal(op.do())
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		median := took[len(took)/2]
		t.Logf("%d sessions: %s takes %v (median), %v at most", total, op.name, median, took[len(took)-1])
		if median > 50*time.Millisecond {
			t.Errorf("with %d sessions %s takes %v", total, op.name, median)
		}
	}
	start := time.Now()
	ids, _, err := s.EndedSince(t.Context(), 0)
	h.fatal(err)
	if took := time.Since(start); len(ids) != total-clients || took > time.Second {
		t.Errorf("the whole feed: %d ids in %v, want %d", len(ids), took, total-clients)
	}
}
