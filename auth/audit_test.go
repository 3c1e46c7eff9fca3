package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/auth"
)

// entries returns the audit log, whose chain must be whole.
func (f *fixture) entries() []auth.Entry {
	f.t.Helper()
	var all []auth.Entry
	_, err := auth.VerifyAudit(f.t.Context(), f.store, func(e auth.Entry) error {
		all = append(all, e)
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

// What happens is in the audit log: who, what, from where, with what outcome.
func TestAuditTellsTheStory(t *testing.T) {
	f := start(t, onlyOnce)
	ctx := mlapi.WithRequestID(t.Context(), "request-1")
	if _, err := f.Reset(ctx, by(name, "wrong", home)); err == nil {
		t.Fatal("a wrong password was let in")
	}
	if _, err := f.Reset(ctx, by("hunter2", "ClientA", home)); err == nil {
		t.Fatal("an unknown name was let in")
	}
	first := f.login()
	session := f.row(first).ID
	f.refreshKeyed(first, retryKey)
	f.refreshKeyed(first, retryKey)
	_, err := f.Refresh(t.Context(), first, mlapi.Origin{})
	wantInvalidToken(t, err)
	if _, err := auth.ResetClient(t.Context(), f.store, name); err != nil {
		t.Fatal(err)
	}
	client := func(action, outcome, detail string) auth.Event {
		return auth.Event{Action: action, Outcome: outcome, Actor: auth.ActorClient, Client: name, Session: session,
			Address: home.String(), Detail: detail}
	}
	refused := client(auth.ActionLogin, auth.Refused, "wrong password")
	refused.Session, refused.Request = "", "request-1"
	unknown := refused
	unknown.Client, unknown.Detail = "", "unknown name"
	blocked := client(auth.ActionEnd, string(auth.Blocked), "replay of an old refresh token")
	blocked.Address = ""
	want := []auth.Event{
		{Action: auth.ActionAdd, Outcome: auth.Done, Actor: auth.ActorConfiguration, Client: name},
		refused, unknown,
		client(auth.ActionLogin, auth.Done, ""),
		client(auth.ActionRefresh, auth.Done, ""),
		client(auth.ActionRepeat, auth.Done, "the same idempotency key"),
		blocked,
		{Action: auth.ActionUpdate, Outcome: auth.Done, Actor: auth.ActorOperator, Client: name, Detail: "secret reset by an operator"},
	}
	got := f.entries()
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d: %+v", len(got), len(want), got)
	}
	for i, e := range got {
		if e.Event != want[i] {
			t.Errorf("entry %d\n got %+v\nwant %+v", i+1, e.Event, want[i])
		}
		if age := time.Since(e.At); age < -5*time.Second || age > time.Minute {
			t.Errorf("entry %d is of %v", i+1, e.At)
		}
		if strings.Contains(toJSON(e), "hunter2") || strings.Contains(toJSON(e), retryKey) {
			t.Errorf("entry %d holds what may be a secret: %+v", i+1, e)
		}
	}
}

// changedLog is an audit log into which somebody wrote.
type changedLog struct {
	auth.Audit
	change func([]auth.Entry) []auth.Entry
}

func (l *changedLog) Entries(ctx context.Context, after int64, yield func(auth.Entry) error) error {
	var all []auth.Entry
	err := l.Audit.Entries(ctx, after, func(e auth.Entry) error { all = append(all, e); return nil })
	for _, e := range l.change(all) {
		err = errors.Join(err, yield(e))
	}
	return err
}

func TestVerifyAudit(t *testing.T) {
	f := start(t)
	token := f.login()
	for range 4 {
		_, token = f.refresh(token)
	}
	whole := f.entries()
	last, err := auth.VerifyAudit(t.Context(), f.store, nil)
	if err != nil || last != whole[len(whole)-1] {
		t.Fatalf("VerifyAudit returned %+v, %v", last, err)
	}
	rehash := func(all []auth.Entry, i int) {
		hash, err := auth.ChainHash(all[i-1].Hash, all[i])
		if err != nil {
			t.Fatal(err)
		}
		all[i].Hash = hash
	}
	for what, c := range map[string]struct {
		change func([]auth.Entry) []auth.Entry
		want   string
	}{
		"an entry changed":        {func(e []auth.Entry) []auth.Entry { e[2].Address = "192.0.2.66"; return e }, "entry 3"},
		"a time changed":          {func(e []auth.Entry) []auth.Entry { e[2].At = e[2].At.Add(time.Second); return e }, "entry 3"},
		"changed with its hash":   {func(e []auth.Entry) []auth.Entry { e[2].Client = "x"; rehash(e, 2); return e }, "entry 4"},
		"an entry removed":        {func(e []auth.Entry) []auth.Entry { return append(e[:2], e[3:]...) }, "entry 3"},
		"removed and renumbered":  {func(e []auth.Entry) []auth.Entry { e[3].Position = 3; return append(e[:2], e[3:]...) }, "entry 3"},
		"the first entry removed": {func(e []auth.Entry) []auth.Entry { return e[1:] }, "entry 1"},
		"two entries swapped": {func(e []auth.Entry) []auth.Entry {
			e[2].Event, e[3].Event = e[3].Event, e[2].Event
			e[2].Detail = "x"
			return e
		}, "entry 3"},
		"an entry twice": {func(e []auth.Entry) []auth.Entry { return append(e, e[len(e)-1]) }, "entry 7"},
	} {
		_, err := auth.VerifyAudit(t.Context(), &changedLog{f.store, c.change}, nil)
		if !errors.Is(err, auth.ErrAuditBroken) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
}
