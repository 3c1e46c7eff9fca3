package auth

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"example.com/mlapi"
)

// KeyRingConfig is what a KeyRing is made of.
type KeyRingConfig struct {
	// Store keeps the keys; nil: the files alone do, and their key is never rotated.
	Store KeyStore
	// Files hold a copy of the active key, in the place where earlier versions had the
	// only one. Without paths there are none. Algorithm is that of a key that is made.
	Files    KeyFiles
	Secret   string        `json:"-"` // seals the private halves in the store
	Lifetime time.Duration // the longest that a token lives
	Logger   *slog.Logger  // nil: no log
}

// OpenKeyRing returns the ring of a store's keys, and brings store and files
// together:
//
//   - An empty store gets the key of the files, which is made where there is none.
//     Of processes that start at once one adds its key; the others take that.
//   - Files that hold a key that the store does not know were put there by a person:
//     the key is added and active at once, and the log says so.
//   - In every other case the store decides, and the files are written anew where
//     they hold another key than the active one, or are not there.
//   - A store without an active key (all are compromised) gets a new one.
//
// An active key whose private half cannot be opened with the secret, and is not in
// the files either, is an error, and so is one of another algorithm than that of
// Files, unless one of that algorithm is announced. Errors have a Hint.
func OpenKeyRing(ctx context.Context, cfg KeyRingConfig) (*KeyRing, error) {
	r := newKeyRing(cfg)
	if cfg.Store == nil {
		key, err := LoadKey(cfg.Files, r.log)
		if err != nil {
			return nil, err
		}
		return NewKeyRing(key), nil
	}
	if _, err := keyBits(cfg.Files.Algorithm); err != nil {
		return nil, err
	}
	if cfg.Lifetime < time.Second {
		return nil, mlapi.Internalf("auth: a KeyRing needs the Lifetime of tokens")
	}
	var err error
	if r.sealer, err = NewSealer(cfg.Secret); err != nil {
		return nil, err
	}
	rows, now, err := cfg.Store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	file, err := r.meet(ctx, &rows, &now)
	if err != nil {
		return nil, err
	}
	r.learn(rows, now, file)
	if err := r.checkActive(ctx, file); err != nil {
		return nil, err
	}
	r.settle(ctx)
	return r, nil
}

// meet brings the keys of the store and the files together. It returns the files'
// key, or nil where there is none, and leaves what the store has then in rows.
func (r *KeyRing) meet(ctx context.Context, rows *[]StoredKey, now *time.Time) (file *Key, err error) {
	file, made, err := r.readFiles(len(*rows) == 0)
	if err != nil || file == nil {
		return nil, err
	}
	r.filed = file.id
	if r.config.Files.Private == "" {
		r.filed = ""
	}
	first := len(*rows) == 0
	if first {
		detail := "first key"
		if !made {
			detail = "first key, from the key files"
		}
		added, err := r.add(ctx, file, true, detail)
		if err != nil {
			return nil, err
		}
		if *rows, *now, err = r.config.Store.Keys(ctx); err != nil {
			return nil, err
		}
		if added || made {
			return file, nil // or another process was faster: its key is as good
		}
	}
	for _, row := range *rows {
		if row.ID == file.id {
			return file, nil
		}
	}
	if _, err := newKey(file.public, file.signer, r.config.Files.Algorithm); err != nil {
		return nil, inFile(r.config.Files.Private, err)
	}
	if _, err := r.add(ctx, file, false, "from the key files"); err != nil {
		return nil, err
	}
	r.log.WarnContext(ctx, "the key files hold a key that the store did not know: it is the active signing key from now on",
		"file", r.config.Files.Private, "key", file.id)
	*rows, *now, err = r.config.Store.Keys(ctx)
	return file, err
}

// readFiles returns the key of the files, of any size that there is an algorithm
// for: what becomes of it, the store decides. Where there are none it returns nil,
// or, with create, makes a key of the configured algorithm.
func (r *KeyRing) readFiles(create bool) (file *Key, made bool, err error) {
	files := r.config.Files
	if files.Public == "" && files.Private == "" {
		if !create {
			return nil, false, nil
		}
		file, err = generateKey(files.Algorithm)
		return file, true, err
	}
	if !create {
		missing, err := files.missing()
		if err != nil || missing {
			return nil, false, err
		}
	}
	private, made, err := loadPrivateKey(files, !create, r.log)
	if err != nil {
		return nil, false, err
	}
	file, err = NewKey(private, algorithmOf(&private.PublicKey, files.Algorithm))
	return file, made, err
}

// generateKey makes a key.
func generateKey(algorithm string) (*Key, error) {
	bits, err := keyBits(algorithm)
	if err != nil {
		return nil, err
	}
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("auth: make a signing key: %w", err)
	}
	return NewKey(private, algorithm)
}

// add adds a key to the store, active at once.
func (r *KeyRing) add(ctx context.Context, k *Key, first bool, detail string) (added bool, err error) {
	return addKey(ctx, r.config.Store, r.sealer, k, first, 0, ActorServer, detail)
}

// addKey seals a key and adds it to a store. One that is there already is no error.
// One that is to sign at once is added in a second of its own: those of one second
// have no order, and another one might sign instead.
func addKey(ctx context.Context, store KeyStore, sealer *Sealer, k *Key, first bool, delay time.Duration, actor, detail string) (bool, error) {
	row, err := sealKey(k, sealer)
	if err != nil {
		return false, err
	}
	if delay == 0 && !first {
		if err := waitForSecond(ctx, store); err != nil {
			return false, err
		}
	}
	event := Event{Action: ActionKeyAdd, Outcome: Done, Actor: actor, Key: k.id, Detail: detail}
	added, err := store.AddKey(ctx, row, first, delay, event)
	if errors.Is(err, ErrExists) {
		return false, nil
	}
	return added, err
}

// waitForSecond returns once no key was activated in the store's present second.
func waitForSecond(ctx context.Context, store KeyStore) error {
	for {
		rows, now, err := store.Keys(ctx)
		if err != nil || !slices.ContainsFunc(rows, func(k StoredKey) bool { return k.ActiveAt.Equal(now) }) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// checkActive makes sure that there is an active key that can sign here, of the
// configured algorithm.
func (r *KeyRing) checkActive(ctx context.Context, file *Key) error {
	set := r.known.Load()
	active := set.inState(KeyActive)
	if active == nil {
		return r.replaceLost(ctx)
	}
	if active.signer == nil {
		return setupf("give the secret that the store's keys were sealed with; if it is lost, put a new pair of key files in place (openssl genrsa), or put back those with this key",
			"the private half of the active signing key %s cannot be opened in the store with the secret given, and the key files do not hold it", active.id)
	}
	algorithm := r.config.Files.Algorithm
	for i := range set.keys {
		k := &set.keys[i]
		if state := k.life.state(set.stored); k.Algorithm() == algorithm && (state == KeyActive || state == KeyNext) {
			return nil
		}
	}
	_, err := newKey(active.public, active.signer, algorithm)
	var setup *setupError
	if !errors.As(err, &setup) {
		return err
	}
	err = setupf(setup.hint+"; to go on with new keys of "+algorithm+": mlapi keys rotate", "%w", err)
	if file != nil && file.id == active.id && r.config.Files.Private != "" {
		return inFile(r.config.Files.Private, err)
	}
	return err
}

// inFile adds the file to a fault of the key that it holds.
func inFile(path string, err error) error {
	var setup *setupError
	if errors.As(err, &setup) {
		return setupf(setup.hint, "%s: %w", path, err)
	}
	return err
}

// replaceLost adds a new key where no key is active any more.
func (r *KeyRing) replaceLost(ctx context.Context) error {
	k, err := generateKey(r.config.Files.Algorithm)
	if err != nil {
		return err
	}
	if _, err := r.add(ctx, k, false, "there was no active key"); err != nil {
		return err
	}
	r.log.WarnContext(ctx, "the store had no active signing key: a new one was made", "key", k.id)
	rows, now, err := r.config.Store.Keys(ctx)
	if err != nil {
		return err
	}
	r.learn(rows, now, k)
	if r.known.Load().inState(KeyActive) == nil {
		return mlapi.Internalf("auth: a key was added to the store and is not there")
	}
	return nil
}

// inState returns the last key of that state, when the store was read; nil where
// there is none.
func (s *keySet) inState(state KeyState) *Key {
	for i := len(s.keys) - 1; i >= 0; i-- {
		if s.keys[i].life.state(s.stored) == state {
			return s.keys[i].Key
		}
	}
	return nil
}

// settle tells the log of a new active key, and writes it to the files where they
// hold another. The store is what counts: files that cannot be written are a
// warning.
func (r *KeyRing) settle(ctx context.Context) {
	k := r.known.Load().inState(KeyActive)
	if k == nil {
		if r.active != "" {
			r.log.ErrorContext(ctx, "there is no active signing key any more: no tokens are given out", "hint", "mlapi keys rotate --now")
			r.active = ""
		}
		return
	}
	if k.id != r.active {
		r.active = k.id
		r.log.InfoContext(ctx, "active signing key", "key", k.id, "algorithm", k.Algorithm())
		if k.signer == nil {
			r.log.ErrorContext(ctx, "the active signing key cannot be opened here with the secret: the one before signs as long as it may", "key", k.id)
		}
	}
	if k.id == r.filed || k.signer == nil || r.config.Files.Private == "" {
		return
	}
	r.filed = k.id // also where it fails: once is enough for the log
	private, ok := k.signer.(*rsa.PrivateKey)
	if !ok {
		return
	}
	if err := r.config.Files.write(private); err != nil {
		r.log.WarnContext(ctx, "the key files could not be brought to the active signing key; the store has it", "file", r.config.Files.Private, "error", err)
		return
	}
	r.log.InfoContext(ctx, "the key files hold the active signing key now", "file", r.config.Files.Private, "key", k.id)
}
