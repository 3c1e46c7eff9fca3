package app

import (
	"context"
	"errors"
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
	root.SetArgs(dashedKey(env.Args))
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
	root.SetFlagErrorFunc(flagError)
	root.Version = versionLine(debug.ReadBuildInfo())
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(c.serve(), c.predict(), c.inspect(), c.client(), c.keys(), c.token(), c.audit(), c.version())
	return root
}

// flagError says what is wrong with the flags of a command.
func flagError(cmd *cobra.Command, err error) error {
	if p, ok := errors.AsType[*problemError](err); ok {
		return p // of a flag that says it by itself
	}
	if cmd.HasSubCommands() && cmd.Flags().NArg() > 0 {
		return unknownCommand(cmd, cmd.Flags().Arg(0)) // whose flag it would be
	}
	p := misuse("%v", err).hint("see %s --help", cmd.CommandPath())
	if _, arguments, ok := strings.Cut(cmd.Use, " "); ok {
		name, _, _ := strings.Cut(arguments, " ")
		p.hint("see %s --help; where the %s itself begins with a dash, put -- and a space before it", cmd.CommandPath(), name)
	}
	return p
}

// textFlag adds a flag that cannot be empty: a variable of a shell that is not set
// must not do as if the flag were not there. usage has the value's name in backquotes.
func textFlag(cmd *cobra.Command, into *string, name, usage string) {
	cmd.Flags().Func(name, usage, func(text string) error {
		if text == "" {
			return misuse("--%s is empty", name).hint("give a value, or leave --%s out; is a variable of the shell not set?", name)
		}
		*into = text
		return nil
	})
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
