package authtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

// of returns a session of an instance to start.
func of(client, instance, id string) auth.Session {
	s := session(client, id)
	s.Instance = instance
	return s
}

func instances(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	for _, instance := range []string{"", "east", "East", "east "} {
		h.yes("the login of "+instance, true)(start(t.Context(), s, of("ann", instance, "1"+instance), aHash, false))
	}
	h.yes("another login of east", true)(start(t.Context(), s, of("ann", "east", "2east"), aHash, false))
	h.state(s, "1east", auth.Revoked, 1)
	for _, id := range []string{"1", "1East", "1east ", "2east"} {
		h.state(s, id, auth.Active, 1)
		got := h.session(s, id)
		live, err := s.LiveSession(t.Context(), "ann", got.Instance)
		h.fatal(err)
		if live.ID != id || got.Instance != id[1:] {
			t.Errorf("the live session of %q is %q, its instance %q", got.Instance, live.ID, got.Instance)
		}
	}
	h.is("LiveSession of an unknown instance", second(s.LiveSession(t.Context(), "ann", "west")), auth.ErrNotFound)
	h.is("LiveSession of nobody", second(s.LiveSession(t.Context(), "bob", "")), auth.ErrNotFound)
	h.yes("ending", true)(end(t.Context(), s, "1", 1, auth.Revoked, "logout"))
	h.is("LiveSession after the end", second(s.LiveSession(t.Context(), "ann", "")), auth.ErrNotFound)
	all, err := s.Sessions(t.Context(), "ann")
	h.fatal(err)
	if len(all) != 5 || !slices.IsSortedFunc(all, func(a, b auth.Session) int { return a.StartedAt.Compare(b.StartedAt) }) {
		t.Errorf("%d sessions are kept: %+v", len(all), all)
	}
	for _, got := range all {
		if got.EndedAt.IsZero() != (got.State == auth.Active) {
			t.Errorf("session %q is %s and ended at %v", got.ID, got.State, got.EndedAt)
		}
	}
	if none, err := s.Sessions(t.Context(), "bob"); err != nil || len(none) != 0 {
		t.Errorf("nobody has sessions %v, %v", none, err)
	}
}

func instanceRegister(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	ctx := t.Context()
	h.yes("an unregistered instance, once", false)(start(ctx, s, of("ann", "east", "0"), aHash, true))
	h.yes("adding", true)(s.AddInstance(ctx, "ann", "east", 3, auth.Event{}))
	h.is("adding again", second(s.AddInstance(ctx, "ann", "east", 3, auth.Event{})), auth.ErrExists)
	h.is("adding to nobody", second(s.AddInstance(ctx, "bob", "east", 3, auth.Event{})), auth.ErrNotFound)
	h.yes("adding another", true)(s.AddInstance(ctx, "ann", "west", 3, auth.Event{}))
	h.yes("adding one too many", false)(s.AddInstance(ctx, "ann", "north", 3, auth.Event{}))
	for i, instance := range []string{"east", "west", ""} {
		h.yes("the first login of "+instance, true)(start(ctx, s, of("ann", instance, id(i)), aHash, true))
		h.yes("the second login of "+instance, false)(start(ctx, s, of("ann", instance, id(10+i)), aHash, true))
	}
	h.is("removing that without a name", s.RemoveInstance(ctx, "ann", "", "gone", auth.Event{}), auth.ErrNotFound)
	h.is("removing an unknown one", s.RemoveInstance(ctx, "ann", "north", "gone", auth.Event{}), auth.ErrNotFound)
	h.fatal(s.RemoveInstance(ctx, "ann", "east", "gone", auth.Event{}))
	h.state(s, id(0), auth.Revoked, 1)
	h.state(s, id(1), auth.Active, 1)
	if got := h.session(s, id(0)).Reason; got != "gone" {
		t.Errorf("the reason is %q", got)
	}
	h.yes("adding it again", true)(s.AddInstance(ctx, "ann", "east", 3, auth.Event{}))
	h.yes("its login", true)(start(ctx, s, of("ann", "east", id(20)), aHash, true))
	var registered []string
	for _, i := range h.client(s, "ann").Instances {
		registered = append(registered, i.Name)
	}
	if !slices.Equal(registered, []string{"", "east", "west"}) {
		t.Errorf("the instances are %q", registered)
	}
	added := race(h, presenters, func(ctx context.Context, i int) (bool, error) {
		return s.AddInstance(ctx, "ann", fmt.Sprint("many ", i), 10, auth.Event{})
	})
	if n := len(h.client(s, "ann").Instances); added != 7 || n != 10 {
		t.Errorf("%d instances were added, %d are there, at most 10", added, n)
	}
}

func newPasswordFreesInstances(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	h.yes("adding", true)(s.AddInstance(t.Context(), "ann", "east", 3, auth.Event{}))
	for _, instance := range []string{"", "east"} {
		h.yes("the login", true)(start(t.Context(), s, of("ann", instance, "1"+instance), aHash, true))
	}
	ann := h.client(s, "ann")
	ann.PasswordHash = "another"
	h.fatal(s.UpdateClient(t.Context(), ann, "new secret", auth.Event{}))
	for _, instance := range []string{"", "east"} {
		h.state(s, "1"+instance, auth.Revoked, 1)
		h.yes("the login", true)(start(t.Context(), s, of("ann", instance, "2"+instance), "another", true))
	}
}

func rehash(t *testing.T, h *harness) {
	s := h.store()
	h.fatal(s.AddClient(t.Context(), auth.Client{Name: "ann", PasswordHash: aHash, ConfigHash: aHash}, auth.Event{}))
	h.add(s, "bob")
	h.yes("the login", true)(start(t.Context(), s, session("ann", "one"), aHash, true))
	h.fatal(s.Rehash(t.Context(), "ann", aHash, "stronger"))
	h.fatal(s.Rehash(t.Context(), "ann", aHash, "too late"))
	got := h.client(s, "ann")
	if got.PasswordHash != "stronger" || got.ConfigHash != "stronger" || usedAt(got, "").IsZero() {
		t.Errorf("after it: %+v", got)
	}
	h.state(s, "one", auth.Active, 1)
	if got := h.client(s, "bob"); got.PasswordHash != aHash {
		t.Error("another client was changed")
	}
}

// keyed returns a session of an instance of ann to start, with the hash of a key.
func keyed(instance, id, key string) auth.Session {
	one := of("ann", instance, id)
	one.Retry.Key = key
	return one
}

func loginSentTwiceAtOnce(t *testing.T, h *harness) {
	s, other := h.store(), h.store()
	for round, once := range []bool{true, false} {
		name := fmt.Sprint("client ", round)
		h.add(s, name)
		got := make([]string, presenters)
		race(h, presenters, func(ctx context.Context, i int) (bool, error) {
			one := keyed("", fmt.Sprint(name, i), "a key")
			one.Client = name
			given, err := pick(i, s, other).StartSession(ctx, one, auth.LoginCheck{PasswordHash: aHash, Once: once}, auth.Event{})
			got[i] = given.ID
			return err == nil, err
		})
		if got[0] == "" || slices.ContainsFunc(got, func(id string) bool { return id != got[0] }) {
			t.Errorf("once %t: the sessions are %q", once, got)
		}
	}
}

func loginSentTwice(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	login := func(one auth.Session, hash string) string {
		t.Helper()
		got, err := s.StartSession(t.Context(), one, auth.LoginCheck{PasswordHash: hash, Once: true}, auth.Event{})
		h.fatal(err)
		return got.ID
	}
	if got := login(keyed("", "first", "k"), aHash); got != "first" {
		t.Fatal(got)
	}
	for _, c := range []struct {
		name, instance, key, hash, want string
	}{
		{"the same key", "", "k", aHash, "first"},
		{"another key", "", "l", aHash, ""},
		{"no key", "", "", aHash, ""},
		{"another password", "", "k", "other", ""},
		{"another instance", "east", "k", aHash, ""},
	} {
		if got := login(keyed(c.instance, "second", c.key), c.hash); got != c.want {
			t.Errorf("%s gives %q, want %q", c.name, got, c.want)
		}
	}
	h.fatal(s.Confirm(t.Context(), []auth.Generation{{Session: "first", Number: 1}}))
	if got := login(keyed("", "third", "k"), aHash); got != "" {
		t.Errorf("a login whose token was used gives %q", got)
	}
	h.add(s, "bob")
	bob := keyed("", "bob", "k")
	bob.Client = "bob"
	login(bob, aHash)
	h.yes("rotating", true)(rotate(t.Context(), s, "bob", 1, head(1)))
	bob.ID = "again"
	if got := login(bob, aHash); got != "" {
		t.Errorf("a login that was refreshed since gives %q", got)
	}
	h.add(s, "eve")
	over := keyed("", "over", "k")
	over.Client, over.EndsAt = "eve", time.Now().Add(-time.Minute)
	login(over, aHash)
	over.ID = "after"
	if got := login(over, aHash); got != "" {
		t.Errorf("a session that is over is given as %q", got)
	}
}

func deliveries(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	ctx := t.Context()
	ends := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	one := session("ann", "one")
	one.EndsAt, one.Retry.Key = ends, "first key"
	h.yes("the login", true)(start(ctx, s, one, aHash, false))
	check := func(when string, want auth.Retry) {
		t.Helper()
		got := h.session(s, "one")
		if got.Retry.RotatedAt.IsZero() || !got.EndsAt.Equal(ends) {
			t.Errorf("%s: rotated at %v, ends at %v", when, got.Retry.RotatedAt, got.EndsAt)
		}
		if got.Retry.RotatedAt = (time.Time{}); got.Retry != want {
			t.Errorf("%s: %+v, want %+v", when, got.Retry, want)
		}
	}
	now := func(number int64) auth.Generation { return auth.Generation{Session: "one", Number: number} }
	check("at login", auth.Retry{Key: "first key"})
	h.fatal(s.Undelivered(ctx, now(2)))
	check("another generation undelivered", auth.Retry{Key: "first key"})
	h.fatal(s.Undelivered(ctx, now(1)))
	check("undelivered", auth.Retry{Key: "first key", Undelivered: true})
	h.yes("a repeat", true)(s.Repeat(ctx, now(1), 2, auth.Event{}))
	h.yes("a repeat of another generation", false)(s.Repeat(ctx, now(2), 2, auth.Event{}))
	h.yes("a second repeat", true)(s.Repeat(ctx, now(1), 2, auth.Event{}))
	h.yes("one more than allowed", false)(s.Repeat(ctx, now(1), 2, auth.Event{}))
	check("repeated", auth.Retry{Key: "first key", Undelivered: true, Repeats: 2})
	h.yes("rotating", true)(s.Rotate(ctx, auth.Session{ID: "one", Generation: 2, Head: head(1), Retry: auth.Retry{Key: "second key"}}, auth.Event{}))
	check("rotated", auth.Retry{Key: "second key"})
	h.fatal(s.Confirm(ctx, []auth.Generation{{Session: "none", Number: 1}, now(2), now(1)}))
	check("confirmed", auth.Retry{Key: "second key", Confirmed: 2})
	h.fatal(s.Confirm(ctx, nil))
	h.yes("ending", true)(end(ctx, s, "one", 1, auth.Revoked, "logout"))
	h.yes("a repeat of an ended session", false)(s.Repeat(ctx, now(2), 9, auth.Event{}))
	wins := 0
	h.add(s, "bob")
	h.login(s, "bob", "two")
	wins = race(h, presenters, func(ctx context.Context, _ int) (bool, error) {
		return s.Repeat(ctx, auth.Generation{Session: "two", Number: 1}, 3, auth.Event{})
	})
	if wins != 3 {
		t.Errorf("%d repeats, at most 3", wins)
	}
}
