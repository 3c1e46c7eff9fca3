package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxNameBytes bounds a client's name: it stands in every token.
const maxNameBytes = 128

// Credential is a client as the configuration names it.
type Credential struct {
	Name     string
	Password string
}

// LogValue keeps the password out of logs.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.Name) }

// String keeps the password out of messages.
func (c Credential) String() string { return c.Name }

// GoString keeps the password out of messages.
func (c Credential) GoString() string { return fmt.Sprintf("auth.Credential{Name: %q}", c.Name) }

// SyncClients makes the store follow the configuration, which rules the clients
// that it names or has named before:
//
//   - a new name becomes a client; one that the store ruled until now is taken over
//     with the configured password;
//   - a password that differs from the one the configuration last gave replaces the
//     client's, ends its sessions and counts as unused;
//   - the same password changes nothing, so a credential that was used up stays so,
//     and a secret set by [ResetClient] stays good; a client that comes back with
//     it is enabled again;
//   - a name that is gone is disabled and its sessions end;
//   - a client that an operator disabled stays so.
//
// Other clients belong to the store and are left alone. What [CheckCredentials]
// refuses is an error, and then nothing is changed.
func SyncClients(ctx context.Context, store ClientStore, configured []Credential, logger *slog.Logger) error {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	if err := CheckCredentials(configured); err != nil {
		return err
	}
	clients, err := store.Clients(ctx)
	if err != nil {
		return fmt.Errorf("auth: read the clients: %w", err)
	}
	known := make(map[string]Client, len(clients))
	for _, c := range clients {
		known[c.Name] = c
	}
	named := make(map[string]bool, len(configured))
	for i, plan := range planClients(known, configured) {
		named[configured[i].Name] = true
		if err := plan.apply(ctx, store, logger); err != nil {
			return err
		}
	}
	for _, c := range clients {
		if c.ConfigHash == "" || c.Disabled != "" || named[c.Name] {
			continue
		}
		c.Disabled = ByConfiguration
		const why = "client left the configuration"
		if err := store.UpdateClient(ctx, c, why, clientEvent(ActionUpdate, ActorConfiguration, c.Name, why)); err != nil {
			return fmt.Errorf("auth: disable client %q: %w", c.Name, err)
		}
		logger.InfoContext(ctx, "client disabled: the configuration does not name it any more", "client", c.Name)
	}
	return nil
}

// CheckCredentials says whether SyncClients would take these clients, without a
// store: a start can refuse them before it makes anything. Its errors name the key
// of the configuration and have a Hint.
func CheckCredentials(configured []Credential) error {
	const (
		pairs = "AUTH_CLIENTS_RESET_USN and AUTH_CLIENTS_RESET_PWD are comma lists of the same length, without empty entries"
		names = "a client's name is 1 to 128 bytes of UTF-8 that can be printed, without commas and without spaces at its ends"
	)
	seen := make(map[string]bool, len(configured))
	for i, c := range configured {
		if err := CheckName(c.Name); err != nil {
			return setupf(names, "AUTH_CLIENTS_RESET_USN: entry %d cannot be a client's name: %w", i+1, err)
		}
		if c.Password == "" {
			return setupf(pairs, "AUTH_CLIENTS_RESET_PWD: the client %q has no password", c.Name)
		}
		if seen[c.Name] {
			return setupf("name each client once", "AUTH_CLIENTS_RESET_USN: the client %q is named twice", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// clientPlan is what becomes of one configured client.
type clientPlan struct {
	client    Client
	write     func(ctx context.Context, store ClientStore, c Client) error // nil: nothing to do
	happening string                                                       // for the log
}

func (p *clientPlan) apply(ctx context.Context, store ClientStore, logger *slog.Logger) error {
	if p.write == nil {
		return nil
	}
	if err := p.write(ctx, store, p.client); err != nil {
		return fmt.Errorf("auth: %s: client %q: %w", p.happening, p.client.Name, err)
	}
	logger.InfoContext(ctx, p.happening, "client", p.client.Name)
	return nil
}

// planClients decides what becomes of each configured client. Comparing a password
// with its hash takes 20 ms, so as many run at once as logins may.
func planClients(known map[string]Client, configured []Credential) []clientPlan {
	plans := make([]clientPlan, len(configured))
	slots := make(chan struct{}, hashSlots)
	var all sync.WaitGroup
	for i, credential := range configured {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			plans[i] = planClient(known, credential)
		})
	}
	all.Wait()
	return plans
}

func planClient(known map[string]Client, credential Credential) clientPlan {
	update := func(endReason, detail string) func(context.Context, ClientStore, Client) error {
		return func(ctx context.Context, store ClientStore, c Client) error {
			return store.UpdateClient(ctx, c, endReason, clientEvent(ActionUpdate, ActorConfiguration, c.Name, detail))
		}
	}
	c, exists := known[credential.Name]
	same := exists && c.ConfigHash != ""
	if same {
		// A hash that cannot be read is as one of another password.
		same, _ = checkPassword(c.ConfigHash, credential.Password)
	}
	if same && c.Disabled != ByConfiguration {
		return clientPlan{}
	}
	if same {
		c.Disabled = ""
		return clientPlan{client: c, write: update("", "enabled"), happening: "client enabled: the configuration names it again"}
	}
	hash := hashPassword(credential.Password)
	if !exists {
		return clientPlan{
			client: Client{Name: credential.Name, PasswordHash: hash, ConfigHash: hash},
			write: func(ctx context.Context, store ClientStore, c Client) error {
				return addConfigured(ctx, store, c)
			},
			happening: "client added from the configuration",
		}
	}
	c.PasswordHash, c.ConfigHash = hash, hash
	if c.Disabled == ByConfiguration {
		c.Disabled = ""
	}
	const why = "password changed in the configuration"
	return clientPlan{client: c, write: update(why, why), happening: "client's password taken from the configuration"}
}

// addConfigured creates a configured client. Where another process that starts with
// the same configuration was faster there is nothing left to do.
func addConfigured(ctx context.Context, store ClientStore, c Client) error {
	err := store.AddClient(ctx, c, clientEvent(ActionAdd, ActorConfiguration, c.Name, ""))
	if errors.Is(err, ErrExists) {
		return nil
	}
	return err
}

// AddClient creates a client with a generated secret and returns that secret: 26
// letters and digits holding 130 random bits. It is kept as a hash alone, so this
// is the one time it can be shown. The store rules the client.
func AddClient(ctx context.Context, store ClientStore, name string) (secret string, err error) {
	if err := CheckName(name); err != nil {
		return "", setupf("choose another name", "the name %q cannot be used: %w", cutName(name), err)
	}
	secret = rand.Text()
	err = store.AddClient(ctx, Client{Name: name, PasswordHash: hashPassword(secret)}, clientEvent(ActionAdd, ActorOperator, name, ""))
	switch {
	case errors.Is(err, ErrExists):
		return "", setupf(resetCommand(name)+" gives it a new secret", "there is a client %q already", name)
	case err != nil:
		return "", fmt.Errorf("auth: add client %q: %w", name, err)
	}
	return secret, nil
}

// ResetClient gives a client a new generated secret, as AddClient does, and
// returns it. It counts as unused for all instances, the client's sessions end, and
// a revoked or disabled client may log in again. A client that the configuration
// rules stays ruled by it, but for one that was disabled because the configuration
// does not name it any more: that one belongs to the store from now on.
func ResetClient(ctx context.Context, store ClientStore, name string) (secret string, err error) {
	secret = rand.Text()
	err = changeClient(ctx, store, name, "secret reset by an operator", "secret reset by an operator", func(c *Client) {
		if c.Disabled == ByConfiguration {
			c.ConfigHash = ""
		}
		c.Disabled, c.PasswordHash = "", hashPassword(secret)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// RevokeClient shuts a client out: its sessions end and no password is right any
// more, until ResetClient, or a changed password in the configuration, gives it
// another one.
func RevokeClient(ctx context.Context, store ClientStore, name string) error {
	return changeClient(ctx, store, name, "revoked by an operator", "revoked by an operator", func(c *Client) {
		c.PasswordHash = ""
	})
}

// DisableClient shuts a client out until EnableClient lets it in again with the
// same secret: its sessions end. The configuration does not undo it.
func DisableClient(ctx context.Context, store ClientStore, name string) error {
	return changeClient(ctx, store, name, "disabled by an operator", "disabled by an operator", func(c *Client) {
		c.Disabled = ByOperator
	})
}

// EnableClient undoes DisableClient. What was used up stays so. A client that the
// configuration does not name any more belongs to the store from now on.
func EnableClient(ctx context.Context, store ClientStore, name string) error {
	return changeClient(ctx, store, name, "", "enabled by an operator", func(c *Client) {
		if c.Disabled == ByConfiguration {
			c.ConfigHash = ""
		}
		c.Disabled = ""
	})
}

// changeClient changes what is kept of a client; detail is for the audit log. Its
// sessions end where endReason is not empty.
func changeClient(ctx context.Context, store ClientStore, name, endReason, detail string, change func(*Client)) error {
	c, err := FindClient(ctx, store, name)
	if err != nil {
		return err
	}
	change(&c)
	if err := store.UpdateClient(ctx, c, endReason, clientEvent(ActionUpdate, ActorOperator, name, detail)); err != nil {
		return fmt.Errorf("auth: change client %q: %w", name, err)
	}
	return nil
}

// FindClient returns the client of that name; an error has a Hint.
func FindClient(ctx context.Context, store ClientStore, name string) (Client, error) {
	c, err := store.Client(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return Client{}, errNoClient(name)
	case err != nil:
		return Client{}, fmt.Errorf("auth: read client %q: %w", cutName(name), err)
	}
	return c, nil
}

func errNoClient(name string) error {
	return setupf("mlapi client list shows the names; case counts", "there is no client %q", cutName(name))
}

// CheckName says whether a client may be called so: 1 to 128 bytes of printable
// UTF-8, without commas, which part the names in the configuration, and without
// spaces at the ends, which the configuration trims. The error ends a sentence
// ("it holds a comma") and does not hold the name.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("it is empty")
	case len(name) > maxNameBytes:
		return fmt.Errorf("it has more than %d bytes", maxNameBytes)
	case !utf8.ValidString(name):
		return errors.New("it is not UTF-8")
	case strings.Contains(name, ","):
		return errors.New("it holds a comma")
	case strings.TrimSpace(name) != name:
		return errors.New("it begins or ends with a space")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("it holds a character that cannot be printed")
	}
	return nil
}

// cutName returns a name fit for a message.
func cutName(name string) string {
	if len(name) > maxNameBytes {
		return name[:maxNameBytes] + "..."
	}
	return name
}
