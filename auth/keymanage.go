package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ListKeys returns all keys of a store, in the order of their activation, and what
// they are good for, where tokens live for at most lifetime.
func ListKeys(ctx context.Context, store KeyStore, lifetime time.Duration) ([]KeyInfo, error) {
	rows, now, err := store.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: read the signing keys: %w", err)
	}
	return keyInfos(rows, now, lifetime), nil
}

// RotateKey adds a new signing key of an algorithm to a store, sealed with the
// secret. It signs once others that keep the published keys can have it
// (AnnounceTime), or at once where now is set.
func RotateKey(ctx context.Context, store KeyStore, secret, algorithm string, now bool) (KeyInfo, error) {
	delay := AnnounceTime
	if now {
		delay = 0
	}
	return makeKey(ctx, store, secret, algorithm, delay, "rotated by an operator")
}

// makeKey makes a key, adds it and returns what it is good for.
func makeKey(ctx context.Context, store KeyStore, secret, algorithm string, delay time.Duration, detail string) (KeyInfo, error) {
	sealer, err := NewSealer(secret)
	if err != nil {
		return KeyInfo{}, err
	}
	key, err := generateKey(algorithm)
	if err != nil {
		return KeyInfo{}, err
	}
	if _, err := addKey(ctx, store, sealer, key, false, delay, ActorOperator, detail); err != nil {
		return KeyInfo{}, fmt.Errorf("auth: add a signing key: %w", err)
	}
	return findKey(ctx, store, key.id)
}

// findKey returns what a key of a store is good for.
func findKey(ctx context.Context, store KeyStore, id string) (KeyInfo, error) {
	infos, err := ListKeys(ctx, store, time.Hour)
	if err != nil {
		return KeyInfo{}, err
	}
	i := slices.IndexFunc(infos, func(k KeyInfo) bool { return k.ID == id })
	if i < 0 {
		return KeyInfo{}, setupf("mlapi keys list shows the keys", "there is no signing key %q", cutName(id))
	}
	return infos[i], nil
}

// CompromiseKey throws a key away that somebody else may have: its tokens are refused
// from now on, and the sessions whose newest refresh token it signed end. Where it was
// the one that signs, a new one of the algorithm takes its place before; replacement
// is otherwise the zero KeyInfo.
func CompromiseKey(ctx context.Context, store KeyStore, secret, algorithm, id string) (ended int, replacement KeyInfo, err error) {
	info, err := findKey(ctx, store, id)
	switch {
	case err != nil:
		return 0, KeyInfo{}, err
	case info.State == KeyCompromised:
		return 0, KeyInfo{}, errGone(id)
	case info.State == KeyActive:
		if replacement, err = makeKey(ctx, store, secret, algorithm, 0, "in place of a compromised key"); err != nil {
			return 0, KeyInfo{}, err
		}
	}
	e := Event{Action: ActionCompromise, Outcome: Done, Actor: ActorOperator, Key: id}
	ended, err = store.CompromiseKey(ctx, id, e)
	if errors.Is(err, ErrNotFound) { // somebody else was faster
		return 0, replacement, errGone(id)
	}
	if err != nil {
		return 0, replacement, fmt.Errorf("auth: throw a signing key away: %w", err)
	}
	return ended, replacement, nil
}

func errGone(id string) error {
	return setupf("mlapi keys list shows the keys", "the signing key %s was thrown away before", id)
}
