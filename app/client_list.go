package app

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"example.com/mlapi/auth"
)

// clientJSON is a client as mlapi client list --json tells of it.
type clientJSON struct {
	Name      string         `json:"name"`
	Status    string         `json:"status"` // enabled, disabled or revoked
	Disabled  auth.Ruler     `json:"disabled_by,omitempty"`
	Ruler     string         `json:"ruled_by"` // store or configuration
	CreatedAt time.Time      `json:"created_at"`
	Instances []instanceJSON `json:"instances"`
}

// instanceJSON is an instance in the JSON of commands.
type instanceJSON struct {
	Name   string    `json:"name"`
	UsedAt time.Time `json:"used_at,omitzero"` // when it last logged in; absent: not with this password
}

func clientOf(c auth.Client) clientJSON {
	told := clientJSON{Name: c.Name, Status: "enabled", Disabled: c.Disabled, Ruler: "store", CreatedAt: c.CreatedAt, Instances: instancesOf(c)}
	if c.ConfigHash != "" {
		told.Ruler = "configuration"
	}
	switch {
	case c.Disabled != "":
		told.Status = "disabled"
	case c.PasswordHash == "":
		told.Status = "revoked"
	}
	return told
}

func instancesOf(c auth.Client) []instanceJSON {
	told := make([]instanceJSON, len(c.Instances))
	for i, instance := range c.Instances {
		told[i] = instanceJSON{Name: instance.Name, UsedAt: instance.UsedAt}
	}
	return told
}

func listClients(ctx context.Context, w *storeWork, _ []string) error {
	clients, err := w.store.Clients(ctx)
	if err != nil {
		return err
	}
	told := make([]clientJSON, len(clients))
	for i, c := range clients {
		told[i] = clientOf(c)
	}
	if w.asJSON {
		return writeJSON(w.env.Stdout, told)
	}
	table := tabwriter.NewWriter(w.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tINSTANCE\tCREDENTIAL\tRULED BY\tCREATED")
	for _, c := range told {
		for _, instance := range c.Instances {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.Name, orDash(instance.Name), credentialState(c, instance), c.Ruler, stamp(c.CreatedAt))
		}
	}
	return table.Flush()
}

func credentialState(c clientJSON, instance instanceJSON) string {
	switch {
	case c.Disabled == auth.ByOperator:
		return "disabled by an operator"
	case c.Status != "enabled":
		return c.Status
	case !instance.UsedAt.IsZero():
		return "used " + stamp(instance.UsedAt)
	}
	return "unused"
}

func listSessions(ctx context.Context, w *storeWork, args []string) error {
	if err := w.known(ctx, args[0]); err != nil {
		return err
	}
	sessions, err := w.store.Sessions(ctx, args[0])
	if err != nil {
		return err
	}
	told := make([]sessionJSON, len(sessions))
	for i, s := range sessions {
		told[i] = sessionOf(s)
	}
	if w.asJSON {
		return writeJSON(w.env.Stdout, told)
	}
	table := tabwriter.NewWriter(w.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SESSION\tINSTANCE\tSTATE\tREFRESHES\tBEGAN\tREFRESHED\tENDS\tWHY")
	for _, s := range told {
		ends := s.ExpiresAt
		if !s.EndedAt.IsZero() {
			ends = s.EndedAt
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", s.ID, orDash(s.Instance), s.State, s.Generation-1,
			stamp(s.StartedAt), stamp(s.RefreshedAt), stamp(ends), orDash(s.Reason))
	}
	return table.Flush()
}

// known refuses the name of no client.
func (w *storeWork) known(ctx context.Context, name string) error {
	_, err := auth.FindClient(ctx, w.store, name)
	return err
}

// sessionJSON is a session as mlapi client sessions --json tells of it.
type sessionJSON struct {
	ID          string    `json:"id"`
	Instance    string    `json:"instance"`
	State       string    `json:"state"`      // active, expired, blocked or revoked
	Generation  int64     `json:"generation"` // of the newest refresh token, from 1
	StartedAt   time.Time `json:"started_at"`
	RefreshedAt time.Time `json:"refreshed_at"`
	ExpiresAt   time.Time `json:"expires_at"` // unless it is refreshed before
	EndsAt      time.Time `json:"ends_at,omitzero"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Reason      string    `json:"reason,omitempty"`
}

func sessionOf(s auth.Session) sessionJSON {
	told := sessionJSON{
		ID: s.ID, Instance: s.Instance, State: string(s.State), Generation: s.Generation, StartedAt: s.StartedAt,
		RefreshedAt: s.Retry.RotatedAt, ExpiresAt: s.Head.ExpiresAt, EndsAt: s.EndsAt, EndedAt: s.EndedAt, Reason: s.Reason,
	}
	if !s.EndsAt.IsZero() && s.EndsAt.Before(told.ExpiresAt) {
		told.ExpiresAt = s.EndsAt
	}
	if s.State == auth.Active && !s.ReadAt.Before(told.ExpiresAt) {
		told.State = "expired"
	}
	return told
}
