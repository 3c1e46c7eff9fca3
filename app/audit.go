package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/mlapi/auth"
)

// audit is the command that reads the audit log.
func (c *command) audit() *cobra.Command {
	var filter auditFilter
	cmd := c.onStore(storeCommand{
		use: "audit", short: "Read and export the log of logins, refreshes, ended sessions and changes",
		long: `Print the audit log, oldest entry first: who did what, when, from where, and with what
outcome. With --json it prints one JSON object a line, the form to export. The log is
a chain of hashes: mlapi audit verify shows whether it was changed.`,
		args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		flags: filter.flags,
		run: func(ctx context.Context, w *storeWork, _ []string) error {
			return printAudit(ctx, w, &filter)
		},
	})
	var head string
	cmd.AddCommand(c.onStore(storeCommand{
		use: "verify", short: "Check that no entry of the audit log was changed",
		long: `Check the chain of hashes of the audit log from its beginning. It prints the hash of
the last entry: kept elsewhere and given with --head later, it also shows that nothing
was cut off at the end, or the whole log written anew.

Exit status: 0 the log is whole, 1 it is not, or it cannot be read.`,
		args: exactArgs(),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().Func("head", "a `hash` that an earlier verify printed: it must be in the log", func(text string) error {
				return readHead(text, &head)
			})
		},
		run: func(ctx context.Context, w *storeWork, _ []string) error { return verifyAudit(ctx, w, head) },
	}))
	return cmd
}

// auditFilter is what a person asks of the audit log.
type auditFilter struct {
	client   string
	from, to time.Time
}

func (f *auditFilter) flags(cmd *cobra.Command) {
	textFlag(cmd, &f.client, "client", "only entries about the client of this `name`")
	for _, flag := range [...]struct {
		name, usage string
		into        *time.Time
	}{
		{"since", "only entries from this `time` on: 2026-11-24 (from 0:00 UTC), 2026-11-24T10:00:00Z, or 24h (ago)", &f.from},
		{"until", "only entries before this `time`", &f.to},
	} {
		cmd.Flags().Func(flag.name, flag.usage, func(text string) (err error) {
			*flag.into, err = auditTime(flag.name, text, time.Now())
			return err
		})
	}
}

// readHead reads the hash of an entry. One that was cut off while it was copied is no
// sign of a changed log.
func readHead(text string, into *string) error {
	if sum, err := hex.DecodeString(text); err != nil || len(sum) != sha256.Size {
		return misuse("--head is not the hash of an entry").hint("give the 64 digits that mlapi audit verify printed as the last hash")
	}
	*into = strings.ToLower(text)
	return nil
}

// auditTime reads a day (its beginning, UTC), a moment, or a time ago.
func auditTime(flag, text string, now time.Time) (time.Time, error) {
	for _, layout := range [...]string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, misuse("--%s %q is not a time", flag, text).
		hint("give a day (2026-11-24), a moment (2026-11-24T10:00:00Z), or how long ago (90m, 24h)")
}

func (f *auditFilter) wants(e auth.Entry) bool {
	return (f.client == "" || e.Client == f.client) &&
		(f.from.IsZero() || !e.At.Before(f.from)) && (f.to.IsZero() || e.At.Before(f.to))
}

func printAudit(ctx context.Context, w *storeWork, filter *auditFilter) error {
	if !filter.to.IsZero() && !filter.from.Before(filter.to) {
		return misuse("--since is not before --until: no entry can be meant").hint("--since is the earlier time; 48h is earlier than 24h")
	}
	if filter.client != "" { // no client is ever removed, so a name that is unknown is mistyped
		if err := w.known(ctx, filter.client); err != nil {
			return err
		}
	}
	if w.asJSON {
		lines := json.NewEncoder(w.env.Stdout)
		return w.store.Entries(ctx, 0, func(e auth.Entry) error {
			if !filter.wants(e) {
				return nil
			}
			return lines.Encode(e)
		})
	}
	table := tabwriter.NewWriter(w.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "AT\tWHO\tWHAT\tOUTCOME\tCLIENT\tINSTANCE\tFROM\tWHY")
	const together = 500 // lines that share the widths of their columns, and memory
	lines := 0
	err := w.store.Entries(ctx, 0, func(e auth.Entry) error {
		if !filter.wants(e) {
			return nil
		}
		if lines++; lines%together == 0 {
			if err := table.Flush(); err != nil {
				return err
			}
		}
		why := strings.Join(strings.Fields(e.Key+" "+e.Detail), " ")
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", stamp(e.At), e.Actor, e.Action, e.Outcome,
			orDash(e.Client), orDash(e.Instance), orDash(e.Address), orDash(why))
		return err
	})
	return errors.Join(err, table.Flush())
}

// verifyAudit walks the chain. head, where given, must be the hash of an entry.
func verifyAudit(ctx context.Context, w *storeWork, head string) error {
	seen := head == ""
	last, err := auth.VerifyAudit(ctx, w.store, func(e auth.Entry) error {
		seen = seen || e.Hash == head
		return nil
	})
	if err == nil && !seen {
		err = fmt.Errorf("%w: no entry has the hash given with --head", auth.ErrAuditBroken)
	}
	if errors.Is(err, auth.ErrAuditBroken) {
		return problem(err, "%v", err).hint("compare it with an export or a copy of the store; somebody, or something, wrote into the database")
	}
	if err != nil {
		return err
	}
	if w.asJSON {
		return writeJSON(w.env.Stdout, struct {
			Entries int64  `json:"entries"`
			Head    string `json:"head"`
		}{last.Position, last.Hash})
	}
	if last.Position == 0 {
		_, err = fmt.Fprintln(w.env.Stdout, "The audit log is empty.")
		return err
	}
	_, err = fmt.Fprintf(w.env.Stdout, "The audit log is whole: %s.\nIts last hash is %s\n", amount(last.Position, "entry", "entries"), last.Hash)
	return err
}
