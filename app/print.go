package app

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/mlapi/config"
)

// shellWord returns text as one word of a POSIX shell, without quotes where it needs
// none.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.@:/", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return shellQuote(text)
}

// clientCommand returns "mlapi client VERB NAME" for a shell, with the flag that leads
// to the same data folder. Behind a name that looks like a flag it would be an argument.
func clientCommand(cfg *config.Config, verb, name string) string {
	command := "mlapi client " + verb
	if strings.HasPrefix(name, "-") {
		return command + dataFlag(cfg) + " -- " + shellWord(name)
	}
	return command + " " + shellWord(name) + dataFlag(cfg)
}

// quoteCut quotes what may be long for a message.
func quoteCut(text string) string {
	const most = 64
	if len(text) > most {
		return fmt.Sprintf("%q...", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

// amount returns a number of things: "1 entry", "2 entries".
func amount(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// writeJSON prints a value for scripts.
func writeJSON(w io.Writer, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

// stamp prints a time of the store, in UTC.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// orDash prints a text in a table, where an empty cell would be no cell.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// inWords says how long a time is away: "in 5 minutes", "3 hours ago".
func inWords(d time.Duration) string {
	if d < 0 {
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

// span says how long a duration is, in its largest unit of which there are two or
// more.
func span(d time.Duration) string {
	for _, unit := range [...]struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if n := d / unit.size; n >= 2 {
			return fmt.Sprintf("%d %s", n, unit.name)
		}
	}
	if n := d / time.Second; n != 1 {
		return fmt.Sprintf("%d seconds", n)
	}
	return "1 second"
}
