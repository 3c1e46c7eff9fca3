package authtest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

func otherStore(t *testing.T, h *harness) {
	a, b := h.store(), h.store()
	h.add(a, "ann")
	h.is("adding in the other store", b.AddClient(t.Context(), auth.Client{Name: "ann"}, auth.Event{}), auth.ErrExists)
	h.login(b, "ann", "one")
	h.state(a, "one", auth.Active, 1)
	h.yes("rotating here", true)(rotate(t.Context(), a, "one", 1, head(1)))
	h.yes("rotating the same there", false)(rotate(t.Context(), b, "one", 1, head(2)))
	h.yes("ending there", true)(end(t.Context(), b, "one", 2, auth.Blocked, "replay"))
	h.yes("rotating what ended there", false)(rotate(t.Context(), a, "one", 2, head(2)))
	if ids, _ := h.ended(a, 0); !slices.Equal(ids, []string{"one"}) {
		t.Errorf("the feed here tells %q of what ended there", ids)
	}
}

func reopened(t *testing.T, h *harness) {
	s := h.open(t, h.place)
	h.add(s, "ann")
	h.add(s, "bob")
	for _, name := range []string{"ann", "bob"} {
		h.yes("the login", true)(start(t.Context(), s, session(name, name), aHash, true))
	}
	h.yes("rotating", true)(rotate(t.Context(), s, "ann", 1, head(1)))
	h.yes("ending", true)(end(t.Context(), s, "bob", 1, auth.Blocked, "replay"))
	ann := h.client(s, "ann")
	_, position := h.ended(s, 0)
	h.close(s)

	s = h.store()
	after := h.client(s, "ann")
	after.ReadAt = ann.ReadAt
	if !reflect.DeepEqual(after, ann) {
		t.Errorf("the client was %+v and is %+v", ann, after)
	}
	h.state(s, "ann", auth.Active, 2)
	if got := h.session(s, "ann").Head; !sameHead(got, head(1)) {
		t.Errorf("the head came back as %+v", got)
	}
	h.state(s, "bob", auth.Blocked, 1)
	h.yes("a once-only credential after reopening", false)(start(t.Context(), s, session("ann", "again"), aHash, true))
	h.yes("the old generation after reopening", false)(rotate(t.Context(), s, "ann", 1, head(9)))
	if ids, next := h.ended(s, 0); !slices.Equal(ids, []string{"bob"}) || next != position {
		t.Errorf("the feed tells %q up to %d, want bob up to %d", ids, next, position)
	}
	h.yes("ending ann", true)(end(t.Context(), s, "ann", 1, auth.Revoked, "logout"))
	if ids, _ := h.ended(s, position); !slices.Equal(ids, []string{"ann"}) {
		t.Errorf("from the position kept over the reopening the feed tells %q", ids)
	}
}

func cancelled(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	h.login(s, "ann", "one")
	before := h.client(s, "ann")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	changed := before
	changed.PasswordHash = "new"
	for name, err := range map[string]error{
		"Client":       second(s.Client(ctx, "ann")),
		"Clients":      second(s.Clients(ctx)),
		"AddClient":    s.AddClient(ctx, auth.Client{Name: "bob"}, auth.Event{}),
		"UpdateClient": s.UpdateClient(ctx, changed, "reason", auth.Event{}),
		"StartSession": second(start(ctx, s, session("ann", "two"), aHash, false)),
		"Session":      second(s.Session(ctx, "one")),
		"Rotate":       second(rotate(ctx, s, "one", 1, head(1))),
		"EndSession":   second(end(ctx, s, "one", 1, auth.Revoked, "reason")),
		"EndedSince":   func() error { _, _, err := s.EndedSince(ctx, 0); return err }(),
		"Prune":        s.Prune(ctx, time.Now().Add(48*time.Hour)),
	} {
		h.is(name+" with a cancelled context", err, context.Canceled)
	}
	h.state(s, "one", auth.Active, 1)
	h.is("the client not added", second(s.Client(t.Context(), "bob")), auth.ErrNotFound)
	h.is("the session not started", second(s.Session(t.Context(), "two")), auth.ErrNotFound)
	if got := h.client(s, "ann"); got.PasswordHash != before.PasswordHash {
		t.Error("a cancelled update changed the client")
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	h.is("a deadline that has passed", second(rotate(late, s, "one", 1, head(1))), context.DeadlineExceeded)
}

// cancelledAnywhere rotates under contexts that end after ever longer times, and
// checks that what was reported is what is there.
func cancelledAnywhere(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	h.login(s, "ann", "one")
	gen, yes, no := int64(1), 0, 0
	wait := time.Duration(0)
	for range 150 {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		rotated, err := rotate(ctx, s, "one", gen, head(gen))
		cancel()
		switch {
		case err == nil && rotated:
			gen++
			yes++
			wait = wait * 3 / 4 // back into the region where it fails
		case rotated || err == nil:
			t.Fatalf("the rotation of the newest generation: %t, error %v", rotated, err)
		default:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("a rotation cut off: %v", err)
			}
			no++
			wait += 20 * time.Microsecond
		}
		h.state(s, "one", auth.Active, gen)
	}
	t.Logf("%d rotations, %d cut off before their commit", yes, no)
	if yes == 0 || no == 0 {
		t.Errorf("%d rotations and %d cut off: the times tried do not show anything", yes, no)
	}
}
