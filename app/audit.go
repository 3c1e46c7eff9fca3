package app

import (
	"context"
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
		args: cobra.ArbitraryArgs,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&filter.client, "client", "", "only entries about this client")
			cmd.Flags().StringVar(&filter.since, "since", "", "only entries from then on: 2026-11-24, 2026-11-24T10:00:00Z, or 24h (ago)")
			cmd.Flags().StringVar(&filter.until, "until", "", "only entries before then")
		},
		run: func(ctx context.Context, w *storeWork, args []string) error {
			if len(args) > 0 {
				return misuse("%q is not a command of mlapi audit", args[0]).hint("see mlapi audit --help")
			}
			return printAudit(ctx, w, &filter)
		},
	})
	cmd.AddCommand(c.onStore(storeCommand{
		use: "verify", short: "Check that no entry of the audit log was changed",
		long: `Check the chain of hashes of the audit log from its beginning. It prints the hash of
the last entry: kept elsewhere and given with --head later, it also shows that nothing
was cut off at the end, or the whole log written anew.

Exit status: 0 the log is whole, 1 it is not.`,
		args: exactArgs(),
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&filter.head, "head", "", "a hash that an earlier verify printed: it must be in the log")
		},
		run: func(ctx context.Context, w *storeWork, _ []string) error { return verifyAudit(ctx, w, filter.head) },
	}))
	return cmd
}

// auditFilter is what a person asks of the audit log.
type auditFilter struct {
	client, since, until string
	head                 string
	from, to             time.Time
}

// read turns the flags into times.
func (f *auditFilter) read(now time.Time) (err error) {
	if f.from, err = auditTime("since", f.since, now); err != nil {
		return err
	}
	f.to, err = auditTime("until", f.until, now)
	return err
}

// auditTime reads a day (its beginning, UTC), a moment, or a time ago.
func auditTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
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
	if err := filter.read(time.Now()); err != nil {
		return err
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
	_, err = fmt.Fprintf(w.env.Stdout, "The audit log is whole: %d entries.\nIts last hash is %s\n", last.Position, orDash(last.Hash))
	return err
}
