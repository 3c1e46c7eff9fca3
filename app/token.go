package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"example.com/mlapi/auth"
	"example.com/mlapi/client"
)

// mostTokens bounds what mlapi token inspect reads of its input, in bytes.
const mostTokens = 64 << 10

// token is the command group about tokens.
func (c *command) token() *cobra.Command {
	group := c.groupOf("token", "Explain tokens, and check their signatures")
	group.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return errTokenArgument("mlapi token has no such command or flag")
	}
	group.SetFlagErrorFunc(tokenFlagError)
	var key string
	var asJSON bool
	inspect := &cobra.Command{
		Use:   "inspect",
		Short: "Explain the tokens on standard input",
		Long: `Explain the tokens on standard input: what they claim, until when they are good, and
whether their signatures are right. A token may stand there alone, after the word
Bearer, or in the JSON list that a server answered. Whether a session has ended only
the server knows.

Exit status: 0 the tokens are good in themselves, 1 one is not.`,
		Example: `  echo "$ACCESS" | mlapi token inspect --key data/auth_public_key.pem
  echo "$TOKENS" | mlapi token inspect --key https://models.example.org/.well-known/jwks.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errTokenArgument("mlapi token inspect takes no arguments")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.inspectTokens(cmd.Context(), key, asJSON)
		},
	}
	textFlag(inspect, &key, "key", "public key to check the signature with: a PEM or JWKS `file`, or the URL of one")
	inspect.Flags().BoolVar(&asJSON, "json", false, "print JSON, for scripts: an object for each token, one a line")
	group.AddCommand(inspect)
	return group
}

// errTokenArgument is about arguments that may hold a token, so it does not repeat
// them.
func errTokenArgument(text string) error {
	return misuse("%s", text).
		hint("give the token on standard input, where others on this machine do not see it: echo \"$ACCESS\" | mlapi token inspect")
}

// tokenFlagError is flagError where an argument or what was taken for a flag may be a
// token.
func tokenFlagError(cmd *cobra.Command, err error) error {
	const short = 64 // of a message; a token is longer
	if cmd.HasSubCommands() || len(err.Error()) > short {
		if p, ok := errors.AsType[*problemError](err); ok {
			return p
		}
		return errTokenArgument("mlapi token has no such command or flag")
	}
	return flagError(cmd, err)
}

func (c *command) inspectTokens(ctx context.Context, key string, asJSON bool) error {
	keys, err := publicKeys(ctx, key)
	if err != nil {
		return err
	}
	tokens, err := readTokens(c.env.Stdin)
	if err != nil {
		return err
	}
	bad := false
	for i, raw := range tokens {
		report, err := auth.InspectToken(raw, keys, time.Now())
		if err != nil {
			return misuse("what stands on standard input is no token: %v", err).
				hint("give the token as it came, such as: echo \"$ACCESS\" | mlapi token inspect")
		}
		bad = bad || len(report.Problems) > 0
		switch {
		case asJSON:
			err = json.NewEncoder(c.env.Stdout).Encode(report)
		case i > 0:
			_, err = io.WriteString(c.env.Stdout, "\n")
			fallthrough
		default:
			err = errors.Join(err, explainToken(c.env.Stdout, report, time.Now()))
		}
		if err != nil {
			return err
		}
	}
	if bad {
		return statusError(exitFailed)
	}
	return nil
}

// publicKeys reads the keys of a file or an URL; nil where none is named.
func publicKeys(ctx context.Context, key string) (auth.PublicKeys, error) {
	var content []byte
	var err error
	switch {
	case key == "":
		return nil, nil
	case strings.HasPrefix(key, "https://"), strings.HasPrefix(key, "http://"):
		content, err = client.FetchKeys(ctx, key)
	default:
		content, err = readRegular(key, mostTokens)
		err = plain(err)
	}
	var keys auth.PublicKeys
	if err == nil {
		keys, err = auth.ParsePublicKeys(content)
	}
	if err != nil {
		return nil, misuse("--key %s: %v", shownKey(key), err).
			hint("name the public key of the server: data/auth_public_key.pem, or its URL /.well-known/jwks.json")
	}
	return keys, nil
}

// shownKey returns what --key names, fit for a message: without the password of an URL,
// and cut where it may be the token itself.
func shownKey(key string) string {
	if u, err := url.Parse(key); err == nil && u.Host != "" {
		return u.Redacted()
	}
	if strings.Count(key, ".") == 2 && len(key) > 100 {
		return key[:10] + "..."
	}
	return key
}

// readTokens returns the tokens on standard input.
func readTokens(r io.Reader) ([]string, error) {
	if r == nil {
		r = strings.NewReader("")
	}
	content, err := io.ReadAll(io.LimitReader(r, mostTokens+1))
	if err != nil {
		return nil, problem(err, "standard input cannot be read: %v", err)
	}
	if len(content) > mostTokens {
		return nil, misuse("standard input holds more than %d bytes, which is no token", mostTokens).
			hint("give one token, or the list that the server answered")
	}
	content = bytes.TrimSpace(content)
	var list []string
	listed := json.Unmarshal(content, &list) == nil
	if len(content) == 0 || listed && len(list) == 0 {
		return nil, misuse("there is no token on standard input").hint("give it so: echo \"$ACCESS\" | mlapi token inspect")
	}
	if !listed {
		list = []string{strings.Trim(string(content), `"`)}
	}
	for i, text := range list {
		if scheme, token, ok := strings.Cut(text, " "); ok && strings.EqualFold(scheme, "Bearer") {
			list[i] = strings.TrimSpace(token)
		}
	}
	return list, nil
}

// explainToken prints a report for a person.
func explainToken(w io.Writer, r *auth.TokenReport, now time.Time) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Token      %s\nSignature  %s\n", r.Kind, r.Signature)
	for _, moment := range [...]struct {
		name string
		at   time.Time
	}{{"Issued", r.IssuedAt}, {"Expires", r.ExpiresAt}} {
		if !moment.at.IsZero() {
			fmt.Fprintf(&b, "%-10s %s (%s)\n", moment.name, stamp(moment.at), inWords(moment.at.Sub(now)))
		}
	}
	fmt.Fprintf(&b, "Header     %s\nClaims     %s\n", printableJSON(r.Header), printableJSON(r.Claims))
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "Problem    %s\n", p)
	}
	if len(r.Problems) == 0 {
		b.WriteString("It is good in itself; whether its session has ended only the server knows.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printableJSON returns JSON on one line that can do nothing to a terminal.
func printableJSON(text json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return "(no JSON)"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, b.String())
}
