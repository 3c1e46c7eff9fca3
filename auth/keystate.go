package auth

import (
	"slices"
	"time"
)

// JWKSMaxAge is for how long others may keep the published keys.
const JWKSMaxAge = 5 * time.Minute

// AnnounceTime is how long a key is published before it signs, so that whoever
// keeps the published keys as long as he may has it by then: JWKSMaxAge, and what
// it takes all processes to learn of a key and to agree on the time.
const AnnounceTime = JWKSMaxAge + 2*clockSkew

// KeyState is what a signing key is good for. It follows from the rows of the
// store and its clock, and is kept nowhere.
type KeyState string

// The states of a signing key, in the order in which it goes through them.
const (
	KeyNext    KeyState = "next"    // published, does not sign yet
	KeyActive  KeyState = "active"  // signs
	KeyRetired KeyState = "retired" // verifies what it signed
	KeyDropped KeyState = "dropped" // all that it signed has expired
	// KeyCompromised is a key of which somebody else may have a copy. It leaves at
	// once, from whatever state it is in.
	KeyCompromised KeyState = "compromised"
)

// KeyInfo says what a signing key is good for, and until when.
type KeyInfo struct {
	ID        string    `json:"id"`
	Algorithm string    `json:"algorithm"`
	State     KeyState  `json:"state"`
	Since     time.Time `json:"since"`          // when it came to that state
	Until     time.Time `json:"until,omitzero"` // when it will leave it; zero: not known, or never
}

// keyLife is when a key comes to its states.
type keyLife struct {
	created    time.Time
	active     time.Time
	superseded time.Time // when the next one takes over; zero: none does
	dropped    time.Time // zero where superseded is
	lost       time.Time // when it was marked as compromised; zero: it was not
}

// keyLives returns the lives of keys that are in the order of their activation.
// The active key is the one that is not compromised and was activated last.
// Tokens live for at most lifetime.
//
// A key is superseded while a later one is active. That can end: a compromised key
// without a successor makes way for the one before it. What counts is the last
// time that it was superseded, so that what it signed meanwhile stays good.
func keyLives(keys []StoredKey, lifetime time.Duration) []keyLife {
	lives := make([]keyLife, len(keys))
	for i, k := range keys {
		life := keyLife{created: k.CreatedAt, active: k.ActiveAt, lost: k.CompromisedAt}
		var covered time.Time // until when the later keys looked at so far go on without a gap
		forever := false
		for _, later := range keys[i+1:] {
			switch {
			case !later.CompromisedAt.IsZero() && !later.CompromisedAt.After(later.ActiveAt):
				continue // it never was active
			case !forever && (life.superseded.IsZero() || later.ActiveAt.After(covered)):
				life.superseded = later.ActiveAt
			}
			if later.CompromisedAt.IsZero() {
				forever = true
			} else if later.CompromisedAt.After(covered) {
				covered = later.CompromisedAt
			}
		}
		if !forever {
			life.superseded = time.Time{}
		} else {
			life.dropped = life.superseded.Add(lifetime)
		}
		lives[i] = life
	}
	return lives
}

// state returns the state at now.
func (l *keyLife) state(now time.Time) KeyState {
	switch {
	case !l.lost.IsZero():
		return KeyCompromised
	case now.Before(l.active):
		return KeyNext
	case l.superseded.IsZero() || now.Before(l.superseded):
		return KeyActive
	case now.Before(l.dropped):
		return KeyRetired
	}
	return KeyDropped
}

// bounds returns since when and until when the key is in the given state.
func (l *keyLife) bounds(state KeyState) (since, until time.Time) {
	switch state {
	case KeyCompromised:
		return l.lost, time.Time{}
	case KeyNext:
		return l.created, l.active
	case KeyActive:
		return l.active, l.superseded
	case KeyRetired:
		return l.superseded, l.dropped
	}
	return l.dropped, time.Time{}
}

// verifies reports whether tokens of the key are accepted at now: from its
// activation, less how much clocks differ, until it is dropped.
func (l *keyLife) verifies(now time.Time) bool {
	return l.lost.IsZero() && !now.Before(l.active.Add(-clockSkew)) && (l.dropped.IsZero() || now.Before(l.dropped))
}

// inOrder returns keys in the order of their activation; the store's order decides
// between those of one second.
func inOrder(keys []StoredKey) []StoredKey {
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, func(a, b StoredKey) int { return a.ActiveAt.Compare(b.ActiveAt) })
	return keys
}

// keyInfos returns what the keys are good for at now.
func keyInfos(keys []StoredKey, now time.Time, lifetime time.Duration) []KeyInfo {
	keys = inOrder(keys)
	infos := make([]KeyInfo, len(keys))
	for i, life := range keyLives(keys, lifetime) {
		state := life.state(now)
		infos[i] = KeyInfo{ID: keys[i].ID, Algorithm: keys[i].Algorithm, State: state}
		infos[i].Since, infos[i].Until = life.bounds(state)
	}
	return infos
}
