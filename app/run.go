package app

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Env is the world around a run of the command.
type Env struct {
	Args     []string  // without the program's name
	Environ  []string  // "KEY=value"
	Stdin    io.Reader // nil is empty
	Stdout   io.Writer
	Stderr   io.Writer
	Terminal bool // a person, not a file or a journal, reads Stdout
}

// Main runs the command with the process's arguments, environment and signals,
// and exits: 0 done, 1 failed, 2 wrong use or configuration; mlapi inspect says more
// with 3 and 4.
func Main(options ...Option) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(Run(ctx, Env{
		Args:     os.Args[1:],
		Environ:  os.Environ(),
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Terminal: term.IsTerminal(int(os.Stdout.Fd())),
	}, options...))
}

// Run runs the command in env until it is done or ctx ends, and returns its exit
// status.
func Run(ctx context.Context, env Env, options ...Option) int {
	c := &command{env: env, parts: newParts(options)}
	root := c.root()
	root.SetArgs(env.Args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	return report(env.Stderr, root.ExecuteContext(ctx))
}

// command is what the subcommands share.
type command struct {
	env   Env
	parts *parts
}

func (c *command) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "mlapi",
		Short:         "Serve a machine-learning model over an authorised HTTPS API",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misuse("%v", err).hint("see %s --help", cmd.CommandPath())
	})
	root.Version = versionLine(debug.ReadBuildInfo())
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(c.serve(), c.predict(), c.inspect(), c.client(), c.keys(), c.token(), c.audit(), c.version())
	return root
}

func unknownCommand(cmd *cobra.Command, name string) error {
	cmd.SuggestionsMinimumDistance = 2
	p := misuse("%q is not a command of %s", name, cmd.CommandPath())
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return p.hint("did you mean %s %s?", cmd.CommandPath(), strings.Join(near, " or "))
	}
	return p.hint("see %s --help", cmd.CommandPath())
}

// exactArgs takes exactly the named arguments.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		if len(names) == 0 {
			return misuse("%s takes no arguments, and got %q", cmd.CommandPath(), args).hint("see %s --help", cmd.CommandPath())
		}
		return misuse("%s takes %s, and got %d arguments", cmd.CommandPath(), strings.Join(names, " and "), len(args)).
			hint("%s", "usage: "+cmd.UseLine())
	}
}
