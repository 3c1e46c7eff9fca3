package app

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestNoFlagTakesASecret: whoever may list the processes of a machine reads their
// arguments. Secrets come from the environment, from files and from standard input.
func TestNoFlagTakesASecret(t *testing.T) {
	names := regexp.MustCompile(`(?m)^ +(-\w, )?--[\w-]+`)
	secret := regexp.MustCompile("secret|passw|pwd|token|private|credential|store")
	var flags, commands int
	var look func(cmd *cobra.Command)
	look = func(cmd *cobra.Command) {
		commands++
		for _, flag := range names.FindAllString(cmd.Flags().FlagUsages(), -1) {
			flags++
			if secret.MatchString(flag) {
				t.Errorf("%s takes %s", cmd.CommandPath(), flag)
			}
		}
		if _, arguments, _ := strings.Cut(cmd.Use, " "); secret.MatchString(strings.ToLower(arguments)) {
			t.Errorf("%s takes %s", cmd.CommandPath(), arguments)
		}
		for _, sub := range cmd.Commands() {
			look(sub)
		}
	}
	look((&command{parts: newParts(nil)}).root())
	if commands < 20 || flags < 20 {
		t.Errorf("%d commands with %d flags were looked at", commands, flags)
	}
}
