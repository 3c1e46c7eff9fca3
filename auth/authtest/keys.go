package authtest

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

func key(id string) auth.StoredKey {
	return auth.StoredKey{ID: id, Algorithm: "RS256", Public: []byte("public\x00 " + id), Private: []byte("private\xff " + id)}
}

func firstKey(t *testing.T, h *harness) {
	s, other := h.store(), h.store()
	if rows, now, err := s.Keys(t.Context()); err != nil || len(rows) != 0 || now.IsZero() {
		t.Fatalf("an empty store has keys %v at %v, error %v", rows, now, err)
	}
	added := race(h, presenters, func(ctx context.Context, i int) (bool, error) {
		return pick(i, s, other).AddKey(ctx, key(fmt.Sprint(i)), true, 0, auth.Event{})
	})
	rows, _, err := s.Keys(t.Context())
	h.fatal(err)
	if added != 1 || len(rows) != 1 {
		t.Errorf("%d first keys were added, %d are there", added, len(rows))
	}
}

func keys(t *testing.T, h *harness) {
	s := h.store()
	ctx := t.Context()
	h.yes("a later key", true)(s.AddKey(ctx, key("later"), false, time.Hour, auth.Event{}))
	h.yes("a key", true)(s.AddKey(ctx, key("now"), false, 0, auth.Event{}))
	h.yes("a first key that is not", false)(s.AddKey(ctx, key("first"), true, 0, auth.Event{}))
	h.is("the same key", second(s.AddKey(ctx, key("now"), false, 0, auth.Event{})), auth.ErrExists)
	rows, now, err := s.Keys(ctx)
	h.fatal(err)
	if len(rows) != 2 || rows[0].ID != "now" || rows[1].ID != "later" {
		t.Fatalf("the keys are %+v", rows)
	}
	if in := rows[1].ActiveAt.Sub(rows[1].CreatedAt); in != time.Hour || rows[0].ActiveAt.After(now) || !rows[0].ActiveAt.Equal(rows[0].CreatedAt) {
		t.Errorf("active at %v and %v, now %v", rows[0].ActiveAt, rows[1].ActiveAt, now)
	}
	got, want := rows[1], key("later")
	if !bytes.Equal(got.Public, want.Public) || !bytes.Equal(got.Private, want.Private) || got.Algorithm != want.Algorithm || !got.CompromisedAt.IsZero() {
		t.Errorf("kept %+v", got)
	}
}

func compromise(t *testing.T, h *harness) {
	s := h.store()
	ctx := t.Context()
	h.yes("a key", true)(s.AddKey(ctx, key("key-0"), false, 0, auth.Event{}))
	for _, name := range []string{"ann", "bob"} {
		h.add(s, name)
		h.login(s, name, name)
	}
	h.yes("rotating bob", true)(rotate(ctx, s, "bob", 1, head(1))) // signed by key-1
	h.is("an unknown key", second(s.CompromiseKey(ctx, "none", auth.Event{})), auth.ErrNotFound)
	ended, err := s.CompromiseKey(ctx, "key-0", auth.Event{})
	h.fatal(err)
	if ended != 1 {
		t.Errorf("%d sessions ended, want 1", ended)
	}
	h.state(s, "ann", auth.Revoked, 1)
	h.state(s, "bob", auth.Active, 2)
	if ids, _ := h.ended(s, 0); len(ids) != 1 || ids[0] != "ann" {
		t.Errorf("the feed tells %q", ids)
	}
	h.is("a key that was marked", second(s.CompromiseKey(ctx, "key-0", auth.Event{})), auth.ErrNotFound)
	rows, _, err := s.Keys(ctx)
	h.fatal(err)
	if rows[0].CompromisedAt.IsZero() {
		t.Error("the key is not marked")
	}
}

func countersRace(t *testing.T, h *harness) {
	s, other := h.store(), h.store()
	lists := [][]string{{"a", "b", "c"}, {"c", "b", "a"}, {"b"}, {"c", "a"}}
	race(h, presenters, func(ctx context.Context, i int) (bool, error) {
		for range 5 {
			err := pick(i, s, other).Count(ctx, lists[i%len(lists)], func(now time.Time, counters []auth.Counter) {
				for k := range counters {
					counters[k].Failed++
					counters[k].Expires = now.Add(time.Hour)
				}
			})
			if err != nil {
				return false, err
			}
		}
		return true, nil
	})
	want := map[string]int{"a": 90, "b": 90, "c": 90}
	err := s.Count(t.Context(), []string{"a", "b", "c"}, func(_ time.Time, counters []auth.Counter) {
		for i, key := range []string{"a", "b", "c"} {
			if counters[i].Failed != want[key] {
				t.Errorf("%s counted %d, want %d", key, counters[i].Failed, want[key])
			}
		}
	})
	h.fatal(err)
}

func countersKept(t *testing.T, h *harness) {
	s := h.store()
	count := func(decide func(now time.Time, counters []auth.Counter)) {
		t.Helper()
		h.fatal(s.Count(t.Context(), []string{"one", "two"}, decide))
	}
	until := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	want := auth.Counter{Failed: 7, Recent: []byte{0, 255, 1}, Until: until, Expires: until.Add(time.Hour)}
	count(func(now time.Time, counters []auth.Counter) {
		if !reflect.DeepEqual(counters, make([]auth.Counter, 2)) {
			t.Errorf("new counters are %+v", counters)
		}
		if now.Nanosecond() != 0 || time.Since(now).Abs() > time.Minute {
			t.Errorf("now is %v", now)
		}
		counters[1] = want
	})
	count(func(_ time.Time, counters []auth.Counter) {
		got := counters[1]
		if got.Failed != 7 || !bytes.Equal(got.Recent, want.Recent) || !got.Until.Equal(until) || !got.Expires.Equal(want.Expires) || counters[0].Failed != 0 {
			t.Errorf("kept %+v", counters)
		}
	})
	h.fatal(s.Prune(t.Context(), until))
	count(func(_ time.Time, counters []auth.Counter) {
		if counters[1].Failed != 7 {
			t.Error("a counter was pruned before its time")
		}
	})
	h.fatal(s.Prune(t.Context(), until.Add(2*time.Hour)))
	count(func(_ time.Time, counters []auth.Counter) {
		if counters[1].Failed != 0 {
			t.Error("a counter that is over was not pruned")
		}
		counters[0].Failed = 1
	})
	count(func(_ time.Time, counters []auth.Counter) { counters[0] = auth.Counter{} })
	count(func(_ time.Time, counters []auth.Counter) {
		if counters[0].Failed != 0 {
			t.Error("a counter that was made zero is kept")
		}
	})
}
