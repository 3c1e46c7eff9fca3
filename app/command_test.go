package app_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"example.com/mlapi/auth"
)

// result is what a run of the command left.
type result struct {
	stdout, stderr string
	status         int
}

// runIn runs mlapi in a folder, with what it reads on standard input.
func runIn(t *testing.T, folder, stdin string, args ...string) result {
	t.Helper()
	cmd := command(t.Context(), folder, quick, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatalf("mlapi %s: %v", strings.Join(args, " "), err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// wantError demands an exit status, nothing but an error with a hint, and the texts in
// it.
func (r result) wantError(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status || r.stdout != "" || !strings.HasPrefix(r.stderr, "error: ") || !strings.Contains(r.stderr, "\nhint: ") {
		t.Errorf("exit status %d, want %d and an error with a hint:\n%s%s", r.status, status, r.stdout, r.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(r.stderr, text) {
			t.Errorf("%q is not in:\n%s", text, r.stderr)
		}
	}
}

// jsonOf runs a command with --json that must succeed, and decodes what it prints.
func jsonOf[T any](t *testing.T, folder string, args ...string) (value T) {
	t.Helper()
	r := runIn(t, folder, "", append(args, "--json")...)
	if err := json.Unmarshal([]byte(r.stdout), &value); err != nil || r.status != 0 {
		t.Fatalf("mlapi %s: exit status %d, %v\n%s%s", strings.Join(args, " "), r.status, err, r.stdout, r.stderr)
	}
	return value
}

// verified is the JSON of mlapi audit verify.
type verified struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
}

// activeKey returns the identifier of the key that signs.
func activeKey(t *testing.T, folder string) string {
	t.Helper()
	for _, k := range jsonOf[[]auth.KeyInfo](t, folder, "keys", "list") {
		if k.State == auth.KeyActive {
			return k.ID
		}
	}
	t.Fatal("no key is active")
	return ""
}

// masked returns an output without what differs from run to run. What takes its place
// is as long, so that the columns of tables stay where they are.
func masked(text string) string {
	for _, m := range [...]struct{ pattern, mask string }{
		{`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`, "2026-11-24T10:00:00Z"},
		{`"(iat|exp)":\d{10}`, `"$1":1795514400`},
		{`"request":"[0-9a-f]{16}"`, `"request":"0123456789abcdef"`},
		{`\b[0-9a-f]{64}\b`, strings.Repeat("0", 64)},
		{`[A-Za-z0-9_-]{43}`, strings.Repeat("K", 43)},
		{`\b[A-Z2-7]{26}\b`, strings.Repeat("X", 26)},
		{`127\.0\.0\.1:\d+`, "127.0.0.1:8080"},
		{`RS256`, "RS512"}, // the tests' keys are small
		{`\(\d+ seconds? ago\)`, "(0 seconds ago)"},
	} {
		text = regexp.MustCompile(m.pattern).ReplaceAllString(text, m.mask)
	}
	return text
}

// TestTranscripts runs the commands in the documents and in testdata, one after the
// other beside a server, and compares all that they print.
func TestTranscripts(t *testing.T) {
	for _, path := range []string{"../docs/commands.md", "testdata/json.md"} {
		t.Run(path, func(t *testing.T) {
			blocks := codeBlocks(t, path, "console")
			if len(blocks) == 0 {
				t.Fatal("it shows no command")
			}
			_, bin := docsFolder(t)
			s := &transcript{server: startServer(t, t.TempDir()), path: bin}
			for _, block := range blocks {
				s.play(block)
			}
		})
	}
}

// transcript is a server and the variables that a person's shell would have.
type transcript struct {
	*server
	path   string
	tokens string // the answer to the refresh of the client that was added last
	secret []string
}

// play runs the lines of a block that begin with "$ " and compares what follows them.
func (s *transcript) play(block string) {
	s.t.Helper()
	for step := range strings.SplitSeq("\n"+block, "\n$ ") {
		line, want, _ := strings.Cut(step, "\n")
		if line == "" {
			continue
		}
		got := s.shell(line)
		if strings.TrimRight(masked(got), "\n") != strings.TrimRight(masked(want), "\n") {
			s.t.Errorf("$ %s\n%s\nis shown as\n%s", line, got, want)
		}
		for _, secret := range s.secret {
			if strings.Contains(got, secret) {
				s.t.Errorf("$ %s\nprints a password or token again:\n%s", line, got)
			}
		}
		if name, added := strings.CutPrefix(line, "mlapi client add "); added {
			s.enter(strings.TrimSuffix(name, " --json"), got)
		}
	}
}

// shell runs a line as a person would, and returns what the terminal shows.
func (s *transcript) shell(line string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "sh", "-c", strings.ReplaceAll(line, "http://127.0.0.1:8080", s.url))
	cmd.Dir = s.folder
	cmd.Env = append(quick[:len(quick):len(quick)], "PATH="+s.path, "HOME="+s.folder, "TOKENS="+s.tokens)
	if strings.Contains(line, "$KEY") {
		cmd.Env = append(cmd.Env, "KEY="+activeKey(s.t, s.folder))
	}
	if strings.Contains(line, "$HEAD") {
		cmd.Env = append(cmd.Env, "HEAD="+jsonOf[verified](s.t, s.folder, "audit", "verify").Head)
	}
	said, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return string(said)
}

// enter logs a client in whose password was shown, and refreshes once.
func (s *transcript) enter(name, shown string) {
	s.t.Helper()
	password := regexp.MustCompile(`\b[A-Z2-7]{26}\b`).FindString(shown)
	status, body := s.reset(name, password)
	first := tokensOf(s.t, status, body, 1)[0]
	status, s.tokens = s.refresh(first)
	s.secret = append(s.secret, password, first)
	for _, token := range tokensOf(s.t, status, s.tokens, 2) {
		s.secret = append(s.secret, strings.TrimPrefix(token, "Bearer "))
	}
}

// TestJSONIsDocumented: docs/commands.md names every field that --json prints.
func TestJSONIsDocumented(t *testing.T) {
	docs := read(t, "../docs/commands.md")
	inTokens := regexp.MustCompile(`"(header|claims)":\{[^}]*\},`) // what is in them is the token's
	fields := regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(inTokens.ReplaceAllString(read(t, "testdata/json.md"), ""), -1)
	if len(fields) < 100 {
		t.Fatalf("%d fields are found", len(fields))
	}
	for _, field := range fields {
		if !strings.Contains(docs, "`"+field[1]+"`") {
			t.Errorf("docs/commands.md does not name %s", field[1])
		}
	}
}
