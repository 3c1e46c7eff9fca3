package app

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is the version of this source tree; a binary built from a tagged module
// says that version instead.
const release = "0.1.0"

func (c *command) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(c.env.Stdout, versionLine(debug.ReadBuildInfo()))
			return err
		},
	}
}

// versionLine reads the version from what the Go linker stamped into the binary.
func versionLine(info *debug.BuildInfo, ok bool) string {
	version, commit, changed := release, "unknown", ""
	if ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			version = v
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = " (with changes)"
			}
		}
	}
	return fmt.Sprintf("mlapi %s commit %s%s %s", version, commit, changed, runtime.Version())
}
