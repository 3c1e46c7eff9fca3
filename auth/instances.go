package auth

import (
	"context"
	"errors"
	"slices"
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
func AddInstance(ctx context.Context, store ClientStore, client, instance string) error {
	if err := CheckInstance(instance); err != nil || instance == "" {
		if err == nil {
			err = errors.New("it is empty, which is the instance that every client has")
		}
		return setupf("choose another name", "the instance cannot be called so: %w", err)
	}
	return changeClient(ctx, store, client, "", "instance added: "+instance, func(c *Client) error {
		if _, there := c.Instance(instance); there {
			return setupf("mlapi client list shows the instances", "the client %q has an instance %q already", client, instance)
		}
		if len(c.Instances) >= maxInstances {
			return setupf("remove one that is not needed any more: mlapi client instances "+shellQuote(client)+" remove INSTANCE",
				"the client %q has %d instances already, the most there can be", client, len(c.Instances))
		}
		c.Instances = append(c.Instances, Instance{Name: instance})
		return nil
	})
}

// RemoveInstance takes a registered instance away. Its sessions end.
func RemoveInstance(ctx context.Context, store ClientStore, client, instance string) error {
	return changeClient(ctx, store, client, "", "instance removed: "+instance, func(c *Client) error {
		i := slices.IndexFunc(c.Instances, func(i Instance) bool { return i.Name == instance && instance != "" })
		if i < 0 {
			return setupf("mlapi client list shows the instances; case counts", "the client %q has no registered instance %q", client, cutName(instance))
		}
		c.Instances = slices.Delete(c.Instances, i, i+1)
		return nil
	})
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
