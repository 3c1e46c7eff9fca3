package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/mlapi/auth"
)

// keys is the command group that rules the keys which sign tokens.
func (c *command) keys() *cobra.Command {
	var now bool
	return c.groupOf("keys", "List and replace the keys that sign tokens, also while servers run",
		storeCommand{use: "list", short: "List the signing keys and what becomes of them",
			long: `List the signing keys, in the order in which they sign. STATE is next (published, does
not sign yet), active (signs), retired (its tokens are accepted until they expire),
dropped (they have expired) or compromised (they are refused).`,
			args: exactArgs(), run: listKeys},
		storeCommand{use: "rotate", short: "Make a new signing key",
			long: `Make a new signing key of the configured algorithm. It is published at once and signs
once everybody who keeps the published keys can have it; tokens of the key before
stay good until they expire. Running servers follow by themselves.`,
			args: exactArgs(),
			flags: func(cmd *cobra.Command) {
				cmd.Flags().BoolVar(&now, "now", false, "sign with it at once: others who keep the published keys may refuse its tokens for some minutes")
			},
			run: func(ctx context.Context, w *storeWork, _ []string) error { return rotateKey(ctx, w, now) }},
		storeCommand{use: "compromise KEY", short: "Throw a key away that somebody else may have",
			long: `Throw a key away that somebody else may have: all tokens that it signed are refused
from now on, and the sessions whose newest token is one of them end. Where it was
the one that signs, a new one takes its place at once. Clients log in again; where
credentials count once, give them new ones with mlapi client reset. KEY is
an identifier that mlapi keys list shows, the kid of tokens.`,
			args: exactArgs("KEY"), run: compromiseKey},
	)
}

// dashedKey returns the arguments of mlapi keys compromise with an identifier that
// begins with a dash, as one in 64 does, behind "--": it is no flag, and whoever
// throws a key away is in a hurry.
func dashedKey(args []string) []string {
	if len(args) < 3 || args[0] != "keys" || !slices.Contains(args, "compromise") || slices.Contains(args, "--") {
		return args
	}
	i := slices.IndexFunc(args, func(text string) bool {
		sum, err := base64.RawURLEncoding.DecodeString(text)
		return strings.HasPrefix(text, "-") && err == nil && len(sum) == sha256.Size
	})
	if i < 0 {
		return args
	}
	return slices.Concat(args[:i], args[i+1:], []string{"--", args[i]})
}

func listKeys(ctx context.Context, w *storeWork, _ []string) error {
	keys, err := auth.ListKeys(ctx, w.store, tokenLifetime(w.cfg))
	if err != nil {
		return err
	}
	if w.asJSON {
		return writeJSON(w.env.Stdout, keys)
	}
	if len(keys) == 0 {
		_, err := fmt.Fprintln(w.env.Stdout, "There is no key yet: the first start of a server makes one.")
		return err
	}
	table := tabwriter.NewWriter(w.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tALGORITHM\tSTATE\tSINCE\tUNTIL")
	for _, k := range keys {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Algorithm, k.State, stamp(k.Since), stamp(k.Until))
	}
	return table.Flush()
}

func rotateKey(ctx context.Context, w *storeWork, now bool) error {
	secret, err := storeSecret(w.cfg)
	if err != nil {
		return err
	}
	key, err := auth.RotateKey(ctx, w.store, secret, w.cfg.Auth.Algorithm, now)
	if err != nil {
		return err
	}
	if w.asJSON {
		return writeJSON(w.env.Stdout, key)
	}
	if now {
		_, err = fmt.Fprintf(w.env.Stdout, "The key %s (%s) signs from now on.\n", key.ID, key.Algorithm)
		return err
	}
	_, err = fmt.Fprintf(w.env.Stdout, "The key %s (%s) is published and signs from %s on.\n", key.ID, key.Algorithm, stamp(key.Until))
	return err
}

func compromiseKey(ctx context.Context, w *storeWork, args []string) error {
	secret, err := storeSecret(w.cfg)
	if err != nil {
		return err
	}
	ended, replacement, err := auth.CompromiseKey(ctx, w.store, secret, w.cfg.Auth.Algorithm, args[0])
	if err != nil {
		return err
	}
	if w.asJSON {
		return writeJSON(w.env.Stdout, struct {
			ID          string `json:"id"`
			Ended       int    `json:"ended_sessions"`
			Replacement string `json:"replacement,omitempty"`
		}{args[0], ended, replacement.ID})
	}
	var text strings.Builder
	fmt.Fprintf(&text, "The key %s is no longer accepted; %s.\n", args[0], amount(int64(ended), "session has ended", "sessions have ended"))
	if replacement.ID != "" {
		fmt.Fprintf(&text, "The key %s signs from now on.\n", replacement.ID)
	}
	if ended > 0 && w.cfg.Auth.ResetOnlyOnce {
		fmt.Fprintf(&text, "Their credentials are used up. To give a client a new one: mlapi client reset NAME%s\n", dataFlag(w.cfg))
	}
	_, err = fmt.Fprint(w.env.Stdout, text.String())
	return err
}
