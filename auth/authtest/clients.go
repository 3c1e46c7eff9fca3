package authtest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

func clientsAreKept(t *testing.T, h *harness) {
	s := h.store()
	used := time.Now().Add(-time.Hour).Truncate(time.Second)
	for _, want := range []auth.Client{
		{Name: "plain", PasswordHash: aHash},
		{Name: "full", PasswordHash: aHash, ConfigHash: aHash + "config", Disabled: auth.ByConfiguration,
			Instances: []auth.Instance{{UsedAt: used}, {Name: "east"}, {Name: "west", UsedAt: used}}},
		{Name: "no password"},
	} {
		h.fatal(s.AddClient(t.Context(), want, auth.Event{}))
		got := h.client(s, want.Name)
		if len(want.Instances) == 0 {
			want.Instances = []auth.Instance{{}}
		}
		for i, instance := range got.Instances {
			if i < len(want.Instances) && instance.UsedAt.Equal(want.Instances[i].UsedAt) && !instance.CreatedAt.IsZero() {
				want.Instances[i].UsedAt, want.Instances[i].CreatedAt = instance.UsedAt, instance.CreatedAt
			}
		}
		want.CreatedAt, want.ReadAt = got.CreatedAt, got.ReadAt
		if !reflect.DeepEqual(got, want) {
			t.Errorf("kept %+v, want %+v", got, want)
		}
	}
	if err := s.AddClient(t.Context(), auth.Client{PasswordHash: aHash}, auth.Event{}); err == nil {
		t.Error("a client without a name was added")
	}
}

// names differ from one another in what a store might fold, trim, match or
// escape.
var names = []string{
	"Client", "client", "CLIENT", "ClientA", "Clien", "Client ", " Client", "Client\t",
	"Cl%", "%", "_", "Cl_ent", "*", "Cl?ent", `O'Brien`, `"quoted"`, `back\slash`, "a;--", "$1", "?", ":name",
	"né", "ne\u0301", "ß", "ss", "ſ", "İ", "i", "日本", "👩‍🔬", "0", "00", "1e2", "null", "NULL",
	"line\nbreak", "bell\a",
}

// noNames are what a client cannot be called, but somebody may ask for.
var noNames = []string{"", "high\xff", "high\xfe\xff", "\xc3", "zero\x00", "\x00", "ann\x00"}

func namesAreBytes(t *testing.T, h *harness) {
	s := h.store()
	for i, name := range names {
		h.is("reading "+name+" before it was added", second(s.Client(t.Context(), name)), auth.ErrNotFound)
		h.add(s, name)
		h.login(s, name, id(i))
	}
	for i, name := range names {
		if got := h.client(s, name); got.Name != name {
			t.Errorf("%q came back as %q", name, got.Name)
		}
		if got := h.session(s, id(i)); got.Client != name || got.State != auth.Active {
			t.Errorf("the session of %q is %s and of %q", name, got.State, got.Client)
		}
	}
	h.add(s, "ann")
	h.login(s, "ann", "session of ann")
	for _, name := range noNames {
		h.is(fmt.Sprintf("Client %q", name), second(s.Client(t.Context(), name)), auth.ErrNotFound)
		h.is(fmt.Sprintf("LiveSession of %q", name), second(s.LiveSession(t.Context(), name, "")), auth.ErrNotFound)
		if name != "" {
			h.is(fmt.Sprintf("LiveSession of the instance %q", name), second(s.LiveSession(t.Context(), "ann", name)), auth.ErrNotFound)
		}
	}
	changed := h.client(s, "Client")
	changed.Disabled = auth.ByOperator
	h.fatal(s.UpdateClient(t.Context(), changed, "disabled", auth.Event{}))
	for i, name := range names {
		want := auth.Active
		if name == "Client" {
			want = auth.Revoked
		}
		h.state(s, id(i), want, 1)
		if got := h.client(s, name); (got.Disabled != "") != (name == "Client") {
			t.Errorf("%q: disabled by %q", name, got.Disabled)
		}
	}
}

// usedAt returns when an instance used the credential up.
func usedAt(c auth.Client, instance string) time.Time {
	i, _ := c.Instance(instance)
	return i.UsedAt
}

func id(i int) string { return "session-" + string(rune('A'+i/26)) + string(rune('a'+i%26)) }

// second drops the first of two results.
func second[T any](_ T, err error) error { return err }

func addedOnce(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	h.is("adding again", s.AddClient(t.Context(), auth.Client{Name: "ann", PasswordHash: "other"}, auth.Event{}), auth.ErrExists)
	if got := h.client(s, "ann"); got.PasswordHash != aHash {
		t.Errorf("the second AddClient changed the client: %+v", got)
	}
}

func clientsAreSorted(t *testing.T, h *harness) {
	s := h.store()
	if got, err := s.Clients(t.Context()); err != nil || len(got) != 0 {
		t.Fatalf("an empty store has clients %v, error %v", got, err)
	}
	for _, name := range names {
		h.add(s, name)
	}
	clients, err := s.Clients(t.Context())
	h.fatal(err)
	var got []string
	for _, c := range clients {
		got = append(got, c.Name)
		if one := h.client(s, c.Name); one.PasswordHash != c.PasswordHash || !one.CreatedAt.Equal(c.CreatedAt) || c.ReadAt.IsZero() {
			t.Errorf("Clients gives %+v, Client gives %+v", c, one)
		}
	}
	want := slices.Sorted(slices.Values(names))
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func updateReplaces(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	h.add(s, "bob")
	h.login(s, "ann", "one")
	before := h.client(s, "ann")
	want := auth.Client{Name: "ann", PasswordHash: "new", ConfigHash: "config", Disabled: auth.ByOperator,
		CreatedAt: before.CreatedAt.Add(-time.Hour)}
	h.fatal(s.UpdateClient(t.Context(), want, "", auth.Event{}))

	got := h.client(s, "ann")
	if got.PasswordHash != "new" || got.ConfigHash != "config" || got.Disabled != auth.ByOperator {
		t.Errorf("after the update: %+v", got)
	}
	if used := usedAt(got, ""); !used.IsZero() {
		t.Errorf("a new password counts as used, at %v", used)
	}
	if !got.CreatedAt.Equal(before.CreatedAt) {
		t.Errorf("created at %v, was %v: that is the store's", got.CreatedAt, before.CreatedAt)
	}
	if got := h.client(s, "bob"); got.PasswordHash != aHash || got.Disabled != "" {
		t.Errorf("another client was changed: %+v", got)
	}
	h.state(s, "one", auth.Active, 1) // no reason: the sessions go on
}

func updateKeepsUse(t *testing.T, h *harness) {
	s := h.store()
	h.add(s, "ann")
	read := h.client(s, "ann") // unused
	h.yes("the login in between", true)(start(t.Context(), s, session("ann", "one"), aHash, true))
	read.ConfigHash = "config"
	h.fatal(s.UpdateClient(t.Context(), read, "", auth.Event{}))
	if usedAt(h.client(s, "ann"), "").IsZero() {
		t.Error("the update made a used credential unused")
	}
	h.yes("a second login with the credential", false)(start(t.Context(), s, session("ann", "two"), aHash, true))
}

func updateEndsSessions(t *testing.T, h *harness) {
	s := h.store()
	for _, name := range []string{"ann", "bob"} {
		h.add(s, name)
		h.login(s, name, name+"-1")
	}
	_, position, err := s.EndedSince(t.Context(), 0)
	h.fatal(err)
	ann := h.client(s, "ann")
	ann.Disabled = auth.ByOperator
	h.fatal(s.UpdateClient(t.Context(), ann, "the operator's reason", auth.Event{}))

	h.state(s, "ann-1", auth.Revoked, 1)
	if got := h.session(s, "ann-1").Reason; got != "the operator's reason" {
		t.Errorf("the session's reason is %q", got)
	}
	h.state(s, "bob-1", auth.Active, 1)
	ids, _, err := s.EndedSince(t.Context(), position)
	h.fatal(err)
	if !slices.Equal(ids, []string{"ann-1"}) {
		t.Errorf("the feed tells %q, want ann-1 alone", ids)
	}
}

func notFound(t *testing.T, h *harness) {
	s := h.store()
	h.is("Client", second(s.Client(t.Context(), "nobody")), auth.ErrNotFound)
	h.is("Client without a name", second(s.Client(t.Context(), "")), auth.ErrNotFound)
	h.is("UpdateClient", s.UpdateClient(t.Context(), auth.Client{Name: "nobody"}, "reason", auth.Event{}), auth.ErrNotFound)
	h.is("Session", second(s.Session(t.Context(), "none")), auth.ErrNotFound)
	h.is("Client again", second(s.Client(t.Context(), "nobody")), auth.ErrNotFound)
	h.yes("Rotate of no session", false)(rotate(t.Context(), s, "none", 1, head(0)))
	h.yes("EndSession of no session", false)(end(t.Context(), s, "none", 1, auth.Revoked, "reason"))
}
