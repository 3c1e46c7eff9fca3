package auth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// learnEvery is how often, at most, an unknown kid makes a KeyRing read the store.
	learnEvery = time.Second
	// keyReadLimit is how long such a reading may take.
	keyReadLimit = 2 * time.Second
	// keyIDBytes is the length of an identifier: SHA-256 in base64url.
	keyIDBytes = 43
)

// KeyRing holds the signing keys of a service: the one that signs, those that will,
// and those whose tokens are still about. A key is next (published, so that others
// know it in time), then active, then retired, until all that it signed has
// expired, then dropped; a compromised one leaves at once. All of that follows from
// the store's rows and its clock, so that all processes agree. A KeyRing is safe
// for concurrent use, and asking it for a key takes no lock.
type KeyRing struct {
	config KeyRingConfig
	sealer *Sealer // nil: one key for ever, and no store
	log    *slog.Logger
	clock  func() time.Time // this process's
	known  atomic.Pointer[keySet]

	turn    chan struct{} // holds one value while somebody reads the store; guards what follows
	learned time.Time     // when an unknown kid last made it read
	filed   string        // the key that the files hold, or could not be made to hold
	active  string        // the key that the log was last told of
}

// keySet is what a KeyRing knows. It is never changed.
type keySet struct {
	rows []StoredKey // all of the store's, in the order of their activation
	keys []ringKey   // those that can be of use, in the same order
	byID map[string]*ringKey
	// The store's clock, and this process's at the same time.
	stored, read time.Time
}

// ringKey is a key and what becomes of it.
type ringKey struct {
	*Key
	life keyLife
}

// NewKeyRing returns the ring of one key that is active for ever and is kept
// elsewhere: in files that nobody rotates, or in a key management service.
func NewKeyRing(key *Key) *KeyRing {
	r := newKeyRing(KeyRingConfig{})
	set := &keySet{keys: []ringKey{{Key: key}}, read: r.clock()}
	set.byID = map[string]*ringKey{key.id: &set.keys[0]}
	set.stored = set.read
	r.known.Store(set)
	return r
}

func newKeyRing(cfg KeyRingConfig) *KeyRing {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &KeyRing{config: cfg, log: cfg.Logger, clock: time.Now, turn: make(chan struct{}, 1)}
}

// now returns the store's clock, as it was last known and has gone on since.
func (s *keySet) now(local time.Time) time.Time { return s.stored.Add(local.Sub(s.read)) }

// signer returns the newest key that signs: the active one, or, where its private
// half cannot be opened here, the one before it as long as that is good. Nil where
// there is none.
func (s *keySet) signer(now time.Time) *Key {
	for i := range slices.Backward(s.keys) {
		k := &s.keys[i]
		if k.signer != nil && (k.life.state(now) == KeyActive || k.life.state(now) == KeyRetired) {
			return k.Key
		}
	}
	return nil
}

// find returns the key of that id, where what it signed is accepted at now.
func (s *keySet) find(id string, now time.Time) *Key {
	if k := s.byID[id]; k != nil && k.life.verifies(now) {
		return k.Key
	}
	return nil
}

// Active returns the key that signs, by the store's clock. It is never nil; where
// no key may sign any more, it is one with which signing fails.
func (r *KeyRing) Active() *Key {
	set := r.known.Load()
	if k := set.signer(set.now(r.clock())); k != nil {
		return k
	}
	return &Key{}
}

// byID returns the key of that identifier, for what it signed; nil where it is not
// known, not active yet, compromised, or dropped.
func (r *KeyRing) byID(id string) *Key {
	set := r.known.Load()
	return set.find(id, set.now(r.clock()))
}

// forToken returns the key of a token's kid, as byID does. For one that is not
// known it reads the store, because another process may have added it: once a
// second at most, whatever comes. Who asks meanwhile waits for that reading.
func (r *KeyRing) forToken(ctx context.Context, id string) *Key {
	if k := r.byID(id); k != nil || r.sealer == nil || len(id) != keyIDBytes {
		return k
	}
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-r.turn }()
	if k := r.byID(id); k != nil {
		return k
	}
	if now := r.clock(); r.learned.IsZero() || now.Sub(r.learned) >= learnEvery {
		r.learned = now
		// The caller may hang up: the reading is for all.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyReadLimit)
		defer cancel()
		if err := r.follow(ctx); err != nil {
			r.log.WarnContext(ctx, "a token has an unknown key, and the signing keys could not be read again", "error", err)
		}
	}
	return r.byID(id)
}

// JWKS returns the public keys as RFC 7517 §5 has them, for others that verify our
// tokens: the active key first, then the next ones, then the retired ones. It may
// be kept for JWKSMaxAge.
func (r *KeyRing) JWKS() []byte {
	set := r.known.Load()
	now := set.now(r.clock())
	rank := map[KeyState]int{KeyActive: 1, KeyNext: 2, KeyRetired: 3}
	type published struct {
		rank int
		jwk  jwk
	}
	var all []published
	for i := range set.keys {
		k := &set.keys[i]
		if n := rank[k.life.state(now)]; n > 0 {
			all = append(all, published{n, k.jwk()})
		}
	}
	slices.SortStableFunc(all, func(a, b published) int { return cmp.Compare(a.rank, b.rank) })
	list := struct {
		Keys []jwk `json:"keys"`
	}{make([]jwk, len(all))}
	for i := range all {
		list.Keys[i] = all[i].jwk
	}
	text, err := json.Marshal(list)
	if err != nil {
		return []byte(`{"keys":[]}`) // texts alone: it cannot fail
	}
	return text
}

// Follow learns what became of the keys in the store, and keeps the key files as
// they should be. It is to be called about every second; where nothing has changed
// it costs one reading of the store. An error leaves all as it was.
func (r *KeyRing) Follow(ctx context.Context) error {
	if r.sealer == nil {
		return nil
	}
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turn }()
	return r.follow(ctx)
}

// follow is Follow for who has the turn.
func (r *KeyRing) follow(ctx context.Context) error {
	rows, now, err := r.config.Store.Keys(ctx)
	if err != nil {
		return err
	}
	r.learn(rows, now, nil)
	r.settle(ctx)
	return nil
}

// learn takes over what the store has. Keys that are known already stay what they
// are, so a private half is opened once. file is the key that was read from the
// files, or nil: it serves where its copy in the store cannot be opened.
func (r *KeyRing) learn(rows []StoredKey, now time.Time, file *Key) {
	before := r.known.Load()
	set := &keySet{rows: inOrder(rows), stored: now, read: r.clock()}
	if before != nil && slices.EqualFunc(before.rows, set.rows, sameRow) {
		set.keys, set.byID = before.keys, before.byID
		r.known.Store(set)
		return
	}
	set.byID = make(map[string]*ringKey, len(set.rows))
	lives := keyLives(set.rows, r.config.Lifetime)
	set.keys = make([]ringKey, 0, len(set.rows)) // never grows: byID points into it
	for i, row := range set.rows {
		state := lives[i].state(now)
		if state == KeyDropped || state == KeyCompromised || set.byID[row.ID] != nil {
			continue
		}
		k := before.key(row.ID)
		if k == nil {
			k = r.open(row, state, file)
		}
		if k == nil {
			continue
		}
		set.keys = append(set.keys, ringKey{Key: k, life: lives[i]})
		set.byID[row.ID] = &set.keys[len(set.keys)-1]
	}
	r.known.Store(set)
	r.forget(before, set)
}

// forget marks the keys that are of no use any more: what they signed may be
// remembered as right.
func (r *KeyRing) forget(before, set *keySet) {
	if before == nil {
		return
	}
	for i := range before.keys {
		k := &before.keys[i]
		switch {
		case set.byID[k.id] != nil:
			continue
		case k.life.state(set.stored) == KeyDropped:
			r.log.Info("a retired signing key is dropped: all that it signed has expired", "key", k.id)
		default:
			r.log.Warn("a signing key is trusted no longer: it is compromised, or gone from the store", "key", k.id)
		}
		k.lost.Store(true)
	}
}

// key returns the key of that id, or nil, also where s is.
func (s *keySet) key(id string) *Key {
	if s == nil || s.byID[id] == nil {
		return nil
	}
	return s.byID[id].Key
}

// sameRow reports whether what became of a key is as it was. Its halves never
// change: the identifier is that of the public one, which names the private one.
func sameRow(a, b StoredKey) bool {
	return a.ID == b.ID && a.Algorithm == b.Algorithm && a.ActiveAt.Equal(b.ActiveAt) &&
		a.CompromisedAt.Equal(b.CompromisedAt) && bytes.Equal(a.Public, b.Public)
}

// open returns the key of a row, or nil where it is of no use, and tells the log
// what is wrong with it.
func (r *KeyRing) open(row StoredKey, state KeyState, file *Key) *Key {
	k, sealFault, err := openKey(row, r.sealer)
	if err != nil {
		r.log.Error("a signing key of the store is damaged and not used", "key", row.ID, "error", err)
		return nil
	}
	if sealFault == nil {
		return k
	}
	if file != nil && file.id == row.ID {
		r.log.Warn("the private half of a signing key cannot be opened in the store: that of the key files is used", "key", row.ID, "error", sealFault)
		return file
	}
	r.log.Warn("the private half of a signing key cannot be opened in the store: it only verifies", "key", row.ID, "state", string(state), "error", sealFault)
	return k
}
