package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of instances.
const (
	maxInstanceBytes = 64   // of a name
	maxInstances     = 1000 // of a client, registered
)

// AddInstance registers an instance of a client: where credentials count once, each
// registered instance may log in once.
func AddInstance(ctx context.Context, store InstanceStore, client, instance string) error {
	if err := CheckInstance(instance); err != nil {
		return setupf("choose another name", "the instance cannot be called so: %w", err)
	}
	if instance == "" {
		return setupf("choose another name; the instance without a name is there already", "the name of the instance is empty")
	}
	e := clientEvent(ActionUpdate, ActorOperator, client, "instance added")
	e.Instance = instance
	added, err := store.AddInstance(ctx, client, instance, maxInstances, e)
	switch {
	case errors.Is(err, ErrNotFound):
		return errNoClient(client)
	case errors.Is(err, ErrExists):
		return setupf("mlapi client list shows the instances", "the client %q has an instance %q already", client, instance)
	case err != nil:
		return fmt.Errorf("auth: add instance %q of client %q: %w", instance, client, err)
	case !added:
		return setupf("remove one that is not needed any more: mlapi client instances "+shellArgument(client)+" remove INSTANCE",
			"the client %q has %d instances already, the most there can be", client, maxInstances)
	}
	return nil
}

// RemoveInstance takes a registered instance away. Its sessions end.
func RemoveInstance(ctx context.Context, store InstanceStore, client, instance string) error {
	const why = "instance removed by an operator"
	e := clientEvent(ActionUpdate, ActorOperator, client, why)
	e.Instance = instance
	err := store.RemoveInstance(ctx, client, instance, why, e)
	if errors.Is(err, ErrNotFound) {
		return setupf("mlapi client list shows clients and instances; case counts", "there is no client %q with an instance %q",
			cutName(client), cutName(instance))
	}
	if err != nil {
		return fmt.Errorf("auth: remove instance %q of client %q: %w", instance, client, err)
	}
	return nil
}

// CheckInstance says whether an instance may be called so: at most 64 bytes of
// printable UTF-8, without spaces at the ends; the empty name is the one of where
// no instance is named. The error ends a sentence and does not hold the name.
func CheckInstance(name string) error {
	switch {
	case len(name) > maxInstanceBytes:
		return errors.New("it has more than 64 bytes")
	case !utf8.ValidString(name):
		return errors.New("it is not UTF-8")
	case strings.TrimSpace(name) != name:
		return errors.New("it begins or ends with a space")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("it holds a character that cannot be printed")
	}
	return nil
}
