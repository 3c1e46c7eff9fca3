package app

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"example.com/mlapi/auth"
	"example.com/mlapi/config"
)

// welcome tells the person who started the server how to call it.
func (c *command) welcome(cfg *config.Config, a *App, base string) error {
	if a.pipeline != nil {
		info := a.pipeline.Model.Info()
		fmt.Fprintf(c.env.Stdout, "Model    %s, %d features, written by %s\n", info.Estimator, len(info.Features), info.Writer)
	}
	fmt.Fprintf(c.env.Stdout, "Address  %s\n", base)
	if !cfg.Auth.Enabled {
		return nil
	}
	// The client commands show lines for this address and this model, whatever flags and
	// variables chose them.
	rows := ""
	if a.pipeline != nil {
		rows = exampleRows(cfg, a.pipeline)
	}
	err := errors.Join(writePrivate(filepath.Join(cfg.Server.Data, addressFile), base+"\n"),
		writePrivate(filepath.Join(cfg.Server.Data, exampleFile), rows+"\n"))
	if err != nil {
		return problem(err, "the data folder %s cannot be written: %v", cfg.Server.Data, plain(err)).
			hint("the user who runs mlapi must be able to write there")
	}
	if a.first == nil {
		fmt.Fprintln(c.env.Stdout, "Clients  mlapi client list; a lost or used-up credential: mlapi client reset NAME"+dataFlag(cfg))
		return nil
	}
	text := credentialText(cfg, rows, base, a.first)
	if c.env.Terminal {
		_, err = fmt.Fprint(c.env.Stdout, "\n", text)
		return err
	}
	// A journal or a file keeps what it is told: the credential goes elsewhere.
	path := filepath.Join(cfg.Server.Data, firstClientFile)
	if err := writePrivate(path, text); err != nil {
		return problem(err, "the first client's credential cannot be written to %s: %v", path, plain(err)).
			hint("make the folder writable, then get a new credential with: mlapi client reset %s", a.first.Name)
	}
	fmt.Fprintf(c.env.Stdout, "Client   %s; its credential and three lines to try it are in %s (delete it once read)\n", a.first.Name, path)
	return nil
}

// writePrivate puts a file at path that only its owner can read, whatever was there
// before: a file that exists would keep its mode, and a link would be followed.
func writePrivate(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// credentialText shows a new credential and three lines for a shell that use it.
// rows fit the model; they may be "".
func credentialText(cfg *config.Config, rows, base string, c *auth.Credential) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Client   %s\nPassword %s\n", c.Name, c.Password)
	b.WriteString("This is the only time the password is shown. Try it, one line after the other:\n\n")
	for _, line := range curlLines(cfg, rows, base, c) {
		b.WriteString(line + "\n")
	}
	if cfg.Auth.ResetOnlyOnce {
		fmt.Fprintf(&b, "\nThe password works once; for a new one: %s\n", clientCommand(cfg, "reset", c.Name))
	}
	return b.String()
}

// curlLines are the login, the refresh and a prediction, or, without rows, a look at the
// features of the model; the tokens stay in shell variables.
func curlLines(cfg *config.Config, rows, base string, c *auth.Credential) []string {
	const newKey = "Idempotency-Key: $(head -c 16 /dev/urandom | base64)" // one for all tries of a curl
	lines := []string{
		fmt.Sprintf(`REFRESH=$(curl -fsS --retry 3 -H "%s" %s/%s/reset/ --data-urlencode %s --data-urlencode %s | cut -d'"' -f2)`,
			newKey, base, cfg.Auth.Route, shellQuote("username="+c.Name), shellQuote("password="+c.Password)),
		fmt.Sprintf(`TOKENS=$(curl -fsS --retry 3 -H "%s" -X POST -H "Authorization: $REFRESH" %s/%s/refresh/); ACCESS=$(echo "$TOKENS" | cut -d'"' -f2); REFRESH=$(echo "$TOKENS" | cut -d'"' -f4)`,
			newKey, base, cfg.Auth.Route),
	}
	switch {
	case cfg.API.Enabled && rows != "":
		lines = append(lines, fmt.Sprintf(`curl -fsS -H "Authorization: $ACCESS" -H 'Content-Type: application/json' -d %s %s/%s/ml/`,
			shellQuote(rows), base, cfg.API.Route))
	case cfg.API.Enabled:
		lines = append(lines, fmt.Sprintf(`curl -fsS -H "Authorization: $ACCESS" %s/%s/ml/`, base, cfg.API.Route))
	}
	return lines
}

// dataFlag returns the flag that leads a command to the same data folder, or "".
func dataFlag(cfg *config.Config) string {
	if cfg.Server.Data == config.Default().Server.Data {
		return ""
	}
	return " --data " + shellQuote(cfg.Server.Data)
}

// shellQuote quotes s for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// knownURL returns where the server is reached, for commands that do not listen
// themselves: where it was last started, or what the configuration says.
func knownURL(cfg *config.Config) string {
	text, err := readRegular(filepath.Join(cfg.Server.Data, addressFile), 1<<10)
	if u, bad := url.Parse(strings.TrimSpace(string(text))); err == nil && bad == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	scheme := "http"
	if cfg.Server.TLS() {
		scheme = "https"
	}
	return baseURL(scheme, &net.TCPAddr{IP: net.ParseIP(cfg.Server.Address), Port: cfg.Server.Port})
}
