package authtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"example.com/mlapi/auth"
)

// entries returns the audit log after a position.
func (h *harness) entries(s auth.Store, after int64) []auth.Entry {
	h.t.Helper()
	var all []auth.Entry
	h.fatal(s.Entries(h.t.Context(), after, func(e auth.Entry) error {
		all = append(all, e)
		return nil
	}))
	return all
}

// endedBy returns the entry of a session that ended by an event.
func endedBy(e auth.Event, session, client, instance string, state auth.State, reason string) auth.Event {
	e.Action, e.Outcome, e.Detail = auth.ActionEnd, string(state), reason
	e.Session, e.Client, e.Instance = session, client, instance
	return e
}

// told checks the entries that came since it was last asked.
func (h *harness) told(s auth.Store, when string, want []auth.Event) {
	h.t.Helper()
	seen := h.entries(s, 0)
	if len(seen) != h.total+len(want) {
		h.t.Fatalf("%s: %d new entries, want %d: %+v", when, len(seen)-h.total, len(want), seen)
	}
	for i, e := range seen[h.total:] {
		if e.Event != want[i] {
			h.t.Errorf("%s:\n got %+v\nwant %+v", when, e.Event, want[i])
		}
	}
	h.total = len(seen)
}

func auditTells(t *testing.T, h *harness) {
	s := h.store()
	ctx := t.Context()
	e := auth.Event{Action: "act", Outcome: "done", Actor: "somebody", Client: "ann", Instance: "east", Session: "s", Key: "k",
		Address: "192.0.2.1", Request: "r", Detail: "é\n<&>"}
	h.fatal(s.Record(ctx, e))
	if got := h.entries(s, 0); len(got) != 1 || got[0].Event != e || got[0].Position != 1 || got[0].At.IsZero() || got[0].At.Nanosecond() != 0 {
		t.Fatalf("the log is %+v", got)
	}
	bad := errors.New("stop here")
	ann := auth.Client{Name: "ann", PasswordHash: aHash}
	step := func(name string, err error, want ...auth.Event) {
		t.Helper()
		h.fatal(err)
		h.told(s, name, want)
	}
	h.total = 1
	do := func(_ any, err error) error { return err }
	step("AddClient", s.AddClient(ctx, ann, e), e)
	h.is("AddClient again", s.AddClient(ctx, ann, e), auth.ErrExists)
	step("nothing", nil)
	one := session("ann", "one")
	login := auth.LoginCheck{PasswordHash: aHash}
	step("a refused login", do(s.StartSession(ctx, one, auth.LoginCheck{PasswordHash: "x"}, e)))
	step("a login", do(s.StartSession(ctx, one, login, e)), e)
	step("a later login", do(s.StartSession(ctx, session("ann", "two"), login, e)), endedBy(e, "one", "ann", "", auth.Revoked, "a later login"), e)
	step("no rotation", do(s.Rotate(ctx, auth.Session{ID: "two", Generation: 3, Head: head(1)}, e)))
	step("a rotation", do(s.Rotate(ctx, auth.Session{ID: "two", Generation: 2, Head: head(1)}, e)), e)
	step("a repeat", do(s.Repeat(ctx, auth.Generation{Session: "two", Number: 2}, 1, e)), e)
	step("no repeat", do(s.Repeat(ctx, auth.Generation{Session: "two", Number: 2}, 1, e)))
	step("no end", do(s.EndSession(ctx, "two", 5, auth.Blocked, "replay", e)))
	step("an end", do(s.EndSession(ctx, "two", 1, auth.Blocked, "replay", auth.Event{Outcome: e.Outcome, Actor: e.Actor, Key: e.Key, Address: e.Address, Request: e.Request})),
		endedBy(e, "two", "ann", "", auth.Blocked, "replay"))
	step("an instance", do(s.AddInstance(ctx, "ann", "east", 2, e)), e)
	step("no instance", do(s.AddInstance(ctx, "ann", "west", 2, e)))
	step("its login", do(s.StartSession(ctx, of("ann", "east", "three"), login, e)), e)
	step("without it", s.RemoveInstance(ctx, "ann", "east", "gone", e), e, endedBy(e, "three", "ann", "east", auth.Revoked, "gone"))
	step("an update", s.UpdateClient(ctx, ann, "", e), e)
	h.is("no update", s.UpdateClient(ctx, auth.Client{Name: "bob"}, "", e), auth.ErrNotFound)
	step("a key", do(s.AddKey(ctx, key("key-1"), false, 0, e)), e)
	step("no key", do(s.AddKey(ctx, key("other"), true, 0, e)))
	step("a compromised key", do(s.CompromiseKey(ctx, "key-1", e)), e)
	err := s.Entries(ctx, 2, func(got auth.Entry) error {
		if got.Position != 3 {
			t.Errorf("after 2 comes %d", got.Position)
		}
		return bad
	})
	h.is("Entries stopped", err, bad)
}

// auditChain writes from two stores at once: positions without gaps, one chain.
func auditChain(t *testing.T, h *harness) {
	s, other := h.store(), h.store()
	const each = 40
	for i := range presenters {
		h.add(s, fmt.Sprint("client ", i))
	}
	race(h, presenters, func(ctx context.Context, i int) (bool, error) {
		for k := range each {
			e := auth.Event{Action: "act", Outcome: auth.Done, Actor: auth.ActorServer, Detail: fmt.Sprint(i, " ", k)}
			var err error
			if k%4 == 0 {
				_, err = pick(i, s, other).StartSession(ctx, session(fmt.Sprint("client ", i), fmt.Sprint(i, " ", k)),
					auth.LoginCheck{PasswordHash: aHash}, e)
			} else {
				err = pick(i, s, other).Record(ctx, e)
			}
			if err != nil {
				return false, err
			}
		}
		return true, nil
	})
	count := 0
	last, err := auth.VerifyAudit(t.Context(), s, func(auth.Entry) error { count++; return nil })
	h.fatal(err)
	want := presenters*each + presenters*(each/4-1) // each later login ends a session
	if count != want || last.Position != int64(want) {
		t.Errorf("%d entries up to position %d, want %d", count, last.Position, want)
	}
}
