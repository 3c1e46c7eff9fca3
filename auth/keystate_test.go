package auth

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// epoch is the beginning of the stories of keys.
var epoch = time.Unix(1_800_000_000, 0)

// seconds after epoch.
func at(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }

// row is a key that is active, and marked as compromised, that many seconds after
// epoch; the latter with 0: never.
func keyRow(id string, active, compromised int) StoredKey {
	k := StoredKey{ID: id, Algorithm: "RS256", CreatedAt: epoch.Add(-time.Hour), ActiveAt: at(active)}
	if compromised != 0 {
		k.CompromisedAt = at(compromised)
	}
	return k
}

// The life of keys follows from their rows alone, to the second. Tokens live for
// 100 s.
func TestKeyStates(t *testing.T) {
	const lifetime = 100 * time.Second
	one := []StoredKey{keyRow("a", 10, 0)}
	two := []StoredKey{keyRow("a", 10, 0), keyRow("b", 50, 0)}
	replaced := []StoredKey{keyRow("a", 10, 30), keyRow("b", 30, 0)}
	late := []StoredKey{keyRow("a", 10, 0), keyRow("b", 50, 300), keyRow("c", 300, 0)}
	gap := []StoredKey{keyRow("a", 10, 0), keyRow("b", 50, 70), keyRow("c", 90, 0)}
	never := []StoredKey{keyRow("a", 10, 0), keyRow("b", 50, 20)}
	same := []StoredKey{keyRow("a", 10, 0), keyRow("b", 10, 0)}
	for _, c := range []struct {
		name string
		keys []StoredKey
		at   int
		want string
	}{
		{"one", one, 9, "next"},
		{"one", one, 10, "active"},
		{"one", one, 1e8, "active"},
		{"two", two, 9, "next next"},
		{"two", two, 10, "active next"},
		{"two", two, 49, "active next"},
		{"two", two, 50, "retired active"},
		{"two", two, 51, "retired active"},
		{"two", two, 149, "retired active"},
		{"two", two, 150, "dropped active"},
		{"two", two, 1e8, "dropped active"},
		{"compromised and replaced", replaced, 30, "compromised active"},
		{"compromised and replaced", replaced, 1e8, "compromised active"},
		// A key that was dropped stays so, whatever becomes of its successor.
		{"successor compromised late", late, 300, "dropped compromised active"},
		{"successor compromised late", late, 399, "dropped compromised active"},
		// Without a replacement the key before signs again, and what it signs then is
		// good for as long as it would have been.
		{"compromised and not replaced yet", gap, 70, "active compromised next"},
		{"compromised and not replaced yet", gap, 89, "active compromised next"},
		{"compromised and not replaced yet", gap, 90, "retired compromised active"},
		{"compromised and not replaced yet", gap, 189, "retired compromised active"},
		{"compromised and not replaced yet", gap, 190, "dropped compromised active"},
		{"compromised before its time", never, 50, "active compromised"},
		{"compromised before its time", never, 1e8, "active compromised"},
		{"two of one second", same, 9, "next next"},
		{"two of one second", same, 10, "retired active"},
		{"two of one second", same, 110, "dropped active"},
		{"none", nil, 10, ""},
	} {
		states, kept := "", slices.Clone(c.keys)
		for i, info := range keyInfos(c.keys, at(c.at), lifetime) {
			if i > 0 {
				states += " "
			}
			states += string(info.State)
		}
		if states != c.want {
			t.Errorf("%s, %d s: %s, want %s", c.name, c.at, states, c.want)
		}
		if fmt.Sprint(kept) != fmt.Sprint(c.keys) {
			t.Errorf("%s: the rows were changed", c.name)
		}
	}
}

// Since when and until when a key is in its state.
func TestKeyInfoBounds(t *testing.T) {
	keys := []StoredKey{keyRow("c", 90, 0), keyRow("x", 20, 60), keyRow("a", 10, 0), keyRow("b", 50, 0)} // in any order
	for _, c := range []struct {
		at    int
		want  []string
		since []time.Time
		until []time.Time
	}{
		{70, []string{"a retired", "x compromised", "b active", "c next"},
			[]time.Time{at(20), at(60), at(50), epoch.Add(-time.Hour)},
			[]time.Time{at(120), {}, at(90), at(90)}},
		{200, []string{"a dropped", "x compromised", "b dropped", "c active"},
			[]time.Time{at(120), at(60), at(190), at(90)},
			[]time.Time{{}, {}, {}, {}}},
	} {
		infos := keyInfos(keys, at(c.at), 100*time.Second)
		if len(infos) != len(c.want) {
			t.Fatalf("%d keys", len(infos))
		}
		for i, info := range infos {
			if got := info.ID + " " + string(info.State); got != c.want[i] || !info.Since.Equal(c.since[i]) || !info.Until.Equal(c.until[i]) {
				t.Errorf("%d s: %s from %v to %v, want %s from %v to %v", c.at, got, info.Since, info.Until, c.want[i], c.since[i], c.until[i])
			}
		}
	}
}

// Whatever the rows are, one key is active where any may be, and what a key signs
// is accepted for its whole life.
func TestKeyLivesInAnyStory(t *testing.T) {
	const lifetime, end = 7, 40
	for story := range 20_000 {
		rows := storyOf(story)
		signedUntil := map[string]int{} // the last second in which a key signed
		for now := range end {
			// What was known at that time.
			var known []StoredKey
			for _, k := range rows {
				if !k.CompromisedAt.IsZero() && k.CompromisedAt.After(at(now)) {
					k.CompromisedAt = time.Time{}
				}
				known = append(known, k)
			}
			lives, active, may := keyLives(known, lifetime*time.Second), 0, 0
			for i, k := range known {
				switch state := lives[i].state(at(now)); {
				case state == KeyActive:
					active++
					signedUntil[k.ID] = now
				case state == KeyDropped && signedUntil[k.ID] > 0 && now < signedUntil[k.ID]+lifetime:
					t.Fatalf("story %d, %d s: %s was dropped, and signed at %d s\n%v", story, now, k.ID, signedUntil[k.ID], rows)
				}
				if k.CompromisedAt.IsZero() && !k.ActiveAt.After(at(now)) {
					may = 1
				}
			}
			if active != may {
				t.Fatalf("story %d, %d s: %d active keys, want %d\n%v", story, now, active, may, rows)
			}
		}
	}
}

// storyOf returns up to four keys, whose times follow from a number.
func storyOf(n int) []StoredKey {
	next := func(below int) int {
		n = n*1_103_515_245 + 12_345
		return (n >> 16 & 0x7fff) % below
	}
	var rows []StoredKey
	for i := range 1 + next(4) {
		compromised := 0
		if next(3) == 0 {
			compromised = 1 + next(30)
		}
		rows = append(rows, keyRow(fmt.Sprint("key-", i), next(25), compromised))
	}
	return inOrder(rows)
}
