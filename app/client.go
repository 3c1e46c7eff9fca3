package app

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/mlapi/auth"
	"example.com/mlapi/config"
)

// storeCommand is a command that works on the store itself, so it needs no running
// server and no token; running ones follow within a second.
type storeCommand struct {
	use, short, long string
	args             cobra.PositionalArgs
	creates          bool                     // makes sense without a store: one is made
	flags            func(cmd *cobra.Command) // adds flags of its own
	run              func(ctx context.Context, w *storeWork, args []string) error
}

// storeWork is what a command on the store works with.
type storeWork struct {
	*command
	cfg    *config.Config
	store  auth.Store
	asJSON bool
}

// groupOf returns a command that only has subcommands, which work on the store.
func (c *command) groupOf(use, short string, subs ...storeCommand) *cobra.Command {
	group := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	for _, sub := range subs {
		group.AddCommand(c.onStore(sub))
	}
	return group
}

// onStore makes a command that opens the configured store.
func (c *command) onStore(what storeCommand) *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use: what.use, Short: what.short, Long: what.long, Args: what.args,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := c.load(c.changed(cmd, map[string]string{"data": data}))
			if err != nil {
				return err
			}
			return c.withStore(cmd.Context(), cfg, what.creates, func(store auth.Store) error {
				return what.run(cmd.Context(), &storeWork{command: c, cfg: cfg, store: store, asJSON: asJSON}, args)
			})
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "`folder` of the keys and the store (default ./data, or MLAPI_DATA)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, for scripts")
	if what.flags != nil {
		what.flags(cmd)
	}
	return cmd
}

// withStore calls f with the configured store, which is created only where the
// command makes sense without one.
func (c *command) withStore(ctx context.Context, cfg *config.Config, creates bool, f func(auth.Store) error) (err error) {
	if !creates && !storeExists(cfg) {
		return misuse("there is no store in the data folder %s", cfg.Server.Data).
			hint("name the folder of the server with --data or MLAPI_DATA, or run this where the server runs")
	}
	if err := openDataFolder(cfg.Server.Data); err != nil {
		return err
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return f(store)
}

// client is the command group that rules who may log in.
func (c *command) client() *cobra.Command {
	return c.groupOf("client", "Say who may log in, also while servers run",
		storeCommand{use: "add NAME", short: "Create a client and show its password, once",
			long: `Create a client and show its password, once: the store keeps a hash of it alone. The
client can log in at once. A name is 1 to 128 bytes, without commas; case counts.
The store is made where there is none yet.`,
			args: newNameArgs, creates: true, run: addClient},
		storeCommand{use: "reset NAME", short: "Give a client a new password, shown once, and end its sessions",
			long: `Give a client a new password and show it, once. The one before no longer works, the
client's sessions end, and it may log in again, also where it was disabled or revoked,
or has used up a password that counts once.`,
			args: exactArgs("NAME"), run: resetClient},
		storeCommand{use: "list", short: "List the clients and their instances",
			long: `List the clients, a line for each instance. CREDENTIAL says whether the instance can log
in: unused, used (when it last did), disabled or revoked. RULED BY is "configuration"
for clients that AUTH_CLIENTS_RESET_USN names.`,
			args: exactArgs(), run: listClients},
		storeCommand{use: "sessions NAME", short: "List a client's sessions, also those that ended lately",
			long: `List a client's sessions, oldest first, and for a week those that have ended. STATE is
active, expired (not refreshed in time), revoked (a new login, or an operator) or
blocked (an old refresh token was presented: somebody may have a copy).`,
			args: exactArgs("NAME"), run: listSessions},
		storeCommand{use: "instances NAME [add|remove INSTANCE]", short: "List, add or remove the places that a client may log in from",
			long: `List, add or remove the instances of a client. Each instance logs in with the client's
name and password and its own name (the form's field "instance"), and has a session
of its own. Where AUTH_CLIENTS_RESET_ONLY_ONCE is on, only those that were added may
log in, each once. Removing one ends its session.`,
			args: instanceArgs, run: changeInstances},
		storeCommand{use: "disable NAME", short: "End a client's sessions and keep it out, until enable",
			long: `End a client's sessions and keep it out, until mlapi client enable. Running servers refuse
its tokens within a second. Its password stays.`,
			args: exactArgs("NAME"), run: change(auth.DisableClient, toldDisabled)},
		storeCommand{use: "enable NAME", short: "Let a disabled client log in again, with its password",
			long: `Let a disabled client log in again, with the password that it has. A password that
counts once and was used, or that was revoked, stays so: then it needs mlapi client reset.`,
			args: exactArgs("NAME"), run: change(auth.EnableClient, toldEnabled)},
		storeCommand{use: "revoke NAME", short: "End a client's sessions and its password, until reset",
			long: `End a client's sessions, and make its password worthless, until mlapi client reset gives
it a new one. Running servers refuse its tokens within a second.`,
			args: exactArgs("NAME"), run: change(auth.RevokeClient, toldRevoked)},
	)
}

// newNameArgs takes the name of a client that is to be: a bad one makes no store.
func newNameArgs(cmd *cobra.Command, args []string) error {
	if err := exactArgs("NAME")(cmd, args); err != nil {
		return err
	}
	if err := auth.CheckName(args[0]); err != nil {
		return misuse("the name %s cannot be used: %v", quoteCut(args[0]), err).
			hint("a name is 1 to 128 bytes of UTF-8 that can be printed, without commas and without spaces at its ends")
	}
	return nil
}

func addClient(ctx context.Context, w *storeWork, args []string) error {
	secret, err := auth.AddClient(ctx, w.store, args[0])
	if err != nil {
		return err
	}
	return w.showCredential(args[0], secret)
}

func resetClient(ctx context.Context, w *storeWork, args []string) error {
	secret, err := auth.ResetClient(ctx, w.store, args[0])
	if err != nil {
		return err
	}
	return w.showCredential(args[0], secret)
}

// showCredential prints a new password: the command was called to see it.
func (w *storeWork) showCredential(name, secret string) error {
	if w.asJSON {
		return writeJSON(w.env.Stdout, struct {
			Name     string `json:"name"`
			Password string `json:"password"`
		}{name, secret})
	}
	text := credentialText(w.cfg, knownExample(w.cfg), knownURL(w.cfg), &auth.Credential{Name: name, Password: secret})
	_, err := fmt.Fprint(w.env.Stdout, text)
	return err
}

// change returns a command that does something to a client. told says what became
// of it.
func change(do func(context.Context, auth.ClientStore, string) error, told func(*config.Config, clientJSON) string) func(context.Context, *storeWork, []string) error {
	return func(ctx context.Context, w *storeWork, args []string) error {
		if err := do(ctx, w.store, args[0]); err != nil {
			return err
		}
		c, err := auth.FindClient(ctx, w.store, args[0])
		if err != nil {
			return err
		}
		// What it is now: a revoked client that is enabled stays revoked.
		now := clientOf(c)
		if w.asJSON {
			return writeJSON(w.env.Stdout, struct {
				Name   string `json:"name"`
				Status string `json:"status"`
			}{now.Name, now.Status})
		}
		_, err = fmt.Fprintln(w.env.Stdout, told(w.cfg, now))
		return err
	}
}

func toldDisabled(cfg *config.Config, c clientJSON) string {
	return fmt.Sprintf("The sessions of %s have ended and it cannot log in. To let it in again: %s", c.Name, clientCommand(cfg, "enable", c.Name))
}

func toldRevoked(cfg *config.Config, c clientJSON) string {
	return fmt.Sprintf("The sessions of %s have ended and its password no longer works. To let it in again: %s", c.Name, clientCommand(cfg, "reset", c.Name))
}

func toldEnabled(cfg *config.Config, c clientJSON) string {
	switch {
	case c.Status == "revoked":
		return fmt.Sprintf("%s is no longer disabled, but its password was revoked. To let it in: %s", c.Name, clientCommand(cfg, "reset", c.Name))
	case cfg.Auth.ResetOnlyOnce:
		return fmt.Sprintf("%s may log in again, where its password is unused. To give it a new one: %s", c.Name, clientCommand(cfg, "reset", c.Name))
	}
	return c.Name + " may log in again, with the password that it has."
}

// instanceArgs takes NAME, or NAME add INSTANCE, or NAME remove INSTANCE.
func instanceArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 1, len(args) == 3 && args[1] == "remove":
		return nil
	case len(args) != 3 || args[1] != "add":
		return misuse("%s takes NAME, NAME add INSTANCE or NAME remove INSTANCE, and got %q", cmd.CommandPath(), args).
			hint("see %s --help", cmd.CommandPath())
	}
	if err := auth.CheckInstance(args[2]); err != nil {
		return misuse("the instance %s cannot be called so: %v", quoteCut(args[2]), err).
			hint("a name is 1 to 64 bytes of UTF-8 that can be printed, without spaces at its ends")
	}
	if args[2] == "" {
		return misuse("the name of the instance is empty").hint("choose another name; the instance without a name is there already")
	}
	return nil
}

func changeInstances(ctx context.Context, w *storeWork, args []string) error {
	if len(args) == 3 {
		do := auth.AddInstance
		if args[1] == "remove" {
			do = auth.RemoveInstance
		}
		if err := do(ctx, w.store, args[0], args[2]); err != nil {
			return err
		}
	}
	c, err := auth.FindClient(ctx, w.store, args[0])
	if err != nil {
		return err
	}
	if w.asJSON {
		return writeJSON(w.env.Stdout, instancesOf(c))
	}
	table := tabwriter.NewWriter(w.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "INSTANCE\tCREDENTIAL")
	told := clientOf(c)
	for _, instance := range told.Instances {
		fmt.Fprintf(table, "%s\t%s\n", orDash(instance.Name), credentialState(told, instance))
	}
	return table.Flush()
}
