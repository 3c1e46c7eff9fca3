package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/mlapi/auth"
	"example.com/mlapi/config"
	"example.com/mlapi/store/sqlite"
)

// client is the command group that rules who may log in. It works on the store
// itself, so it needs no running server and no token; a running one follows within
// a second.
func (c *command) client() *cobra.Command {
	var data string
	group := &cobra.Command{
		Use:   "client",
		Short: "Add, reset, list and revoke clients, also while the server runs",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	group.PersistentFlags().StringVar(&data, "data", "", "folder of the keys and the store (default ./data, or MLAPI_DATA)")
	sub := func(use, short string, args cobra.PositionalArgs, creates bool, run clientFunc) {
		group.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: args,
			RunE: func(cmd *cobra.Command, args []string) error {
				flags := c.changed(cmd, map[string]string{"data": data})
				return c.withStore(cmd.Context(), flags, creates, func(cfg *config.Config, store auth.ClientStore) error {
					return run(cmd.Context(), cfg, store, args)
				})
			},
		})
	}
	sub("add NAME", "Create a client and show its password, once", exactArgs("NAME"), true, c.addClient)
	sub("reset NAME", "Give a client a new password, shown once, unused again", exactArgs("NAME"), false, c.resetClient)
	sub("list", "List the clients", exactArgs(), false, c.listClients)
	sub("revoke NAME", "End a client's sessions and its password; reset lets it in again", exactArgs("NAME"), false, c.revokeClient)
	return group
}

type clientFunc func(ctx context.Context, cfg *config.Config, store auth.ClientStore, args []string) error

// withStore calls f with the store of the configured data folder, which is created
// only where the command makes sense without one.
func (c *command) withStore(ctx context.Context, flags map[string]string, creates bool, f func(*config.Config, auth.ClientStore) error) (err error) {
	cfg, err := c.load(flags)
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Server.Data, storeFile)
	if !creates && !sqlite.Exists(path) {
		return misuse("there is no store in the data folder %s", cfg.Server.Data).
			hint("name the folder of the server with --data or MLAPI_DATA, or run this where the server runs")
	}
	if err := openDataFolder(cfg.Server.Data); err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return f(cfg, store)
}

func (c *command) addClient(ctx context.Context, cfg *config.Config, store auth.ClientStore, args []string) error {
	secret, err := auth.AddClient(ctx, store, args[0])
	if err != nil {
		return err
	}
	return c.showCredential(cfg, args[0], secret)
}

func (c *command) resetClient(ctx context.Context, cfg *config.Config, store auth.ClientStore, args []string) error {
	secret, err := auth.ResetClient(ctx, store, args[0])
	if err != nil {
		return err
	}
	return c.showCredential(cfg, args[0], secret)
}

func (c *command) revokeClient(ctx context.Context, cfg *config.Config, store auth.ClientStore, args []string) error {
	if err := auth.RevokeClient(ctx, store, args[0]); err != nil {
		return err
	}
	fmt.Fprintf(c.env.Stdout, "The sessions of %s have ended and its password no longer works. To let it in again: mlapi client reset %s%s\n", args[0], args[0], dataFlag(cfg))
	return nil
}

func (c *command) listClients(ctx context.Context, _ *config.Config, store auth.ClientStore, _ []string) error {
	clients, err := store.Clients(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tCREDENTIAL\tRULED BY\tCREATED")
	for _, one := range clients {
		ruler := "store"
		if one.ConfigHash != "" {
			ruler = "configuration"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", one.Name, credentialState(one), ruler, one.CreatedAt.UTC().Format(time.RFC3339))
	}
	return w.Flush()
}

func credentialState(c auth.Client) string {
	switch {
	case c.Disabled:
		return "disabled"
	case c.PasswordHash == "":
		return "revoked"
	case !c.UsedAt.IsZero():
		return "used " + c.UsedAt.UTC().Format(time.RFC3339)
	}
	return "unused"
}

// showCredential prints a new password: the command was called to see it.
func (c *command) showCredential(cfg *config.Config, name, secret string) error {
	text := credentialText(cfg, knownExample(cfg), knownURL(cfg), &auth.Credential{Name: name, Password: secret})
	_, err := fmt.Fprint(c.env.Stdout, text)
	return err
}
