package app_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/mlapi/app"
)

// asCommand makes the test binary be the mlapi command itself, so that tests start
// real processes without building anything.
const asCommand = "MLAPI_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		_ = os.Unsetenv(asCommand)
		app.Main()
		return
	}
	testscript.Main(m, map[string]func(){"mlapi": func() { app.Main() }})
}

// TestScripts runs the stories of testdata/script against the real command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

// server is a running mlapi process.
type server struct {
	t       *testing.T
	cmd     *exec.Cmd
	folder  string // working folder; the data folder is its "data"
	url     string
	address chan string // is told the url once
	began   time.Time
	started time.Duration // from start of the process to its first answer

	mu     sync.Mutex
	stderr strings.Builder
	output strings.Builder
}

// settings of a test server that keep the start quick: a small key.
var quick = []string{"AUTH_ALGORITHM=RS256", "MLAPI_PORT=0"}

// command returns mlapi with the given arguments in folder.
func command(ctx context.Context, folder string, environ []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Dir = folder
	cmd.Env = append([]string{asCommand + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + folder}, environ...)
	return cmd
}

// shipped makes a command that of users, built as they have it, for what is measured:
// the tests' own binary may carry the race detector, which takes several times the time
// and memory.
func shipped(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	cmd.Path = filepath.Join(t.TempDir(), "mlapi")
	cmd.Env = slices.DeleteFunc(cmd.Env, func(pair string) bool { return strings.HasPrefix(pair, asCommand+"=") })
	if out, err := exec.Command("go", "build", "-o", cmd.Path, "../cmd/mlapi").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return cmd
}

// startServer starts "mlapi serve" in folder and waits until it answers.
func startServer(t *testing.T, folder string, environ ...string) *server {
	t.Helper()
	s := launch(t, command(context.Background(), folder, append(quick[:len(quick):len(quick)], environ...), "serve"))
	s.awaitAddress()
	return s
}

// launch starts a server's process; awaitAddress waits until it answers.
func launch(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, folder: cmd.Dir, cmd: cmd, address: make(chan string, 1), began: time.Now()}
	s.cmd.Stderr = lockedWriter{&s.mu, &s.stderr}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kill() })
	go func() {
		defer close(s.address)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			_, _ = io.WriteString(lockedWriter{&s.mu, &s.output}, lines.Text()+"\n")
			if url, ok := strings.CutPrefix(lines.Text(), "Address"); ok {
				s.address <- strings.TrimSpace(url)
			}
		}
	}()
	return s
}

func (s *server) awaitAddress() {
	s.t.Helper()
	if s.url = <-s.address; s.url == "" {
		_ = s.cmd.Wait()
		s.t.Fatalf("the server ended before it served:\n%s", s.errors())
	}
	s.waitHealthy()
	s.started = time.Since(s.began)
}

func (s *server) waitHealthy() {
	s.t.Helper()
	for range 200 {
		answer, err := insecure().Get(s.url + "/")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("the server never answered:\n%s", s.errors())
}

// kill ends the process with SIGKILL: nothing is tidied up.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// stop ends the process with SIGTERM and returns its exit status.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

func (s *server) errors() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

// says waits until the server has printed or logged text.
func (s *server) says(text string) bool {
	for range 200 {
		if strings.Contains(s.errors()+s.printed(), text) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func (s *server) printed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// run runs another mlapi command on the server's folder and returns what it printed.
func (s *server) run(args ...string) string {
	s.t.Helper()
	out, err := command(context.Background(), s.folder, quick, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("mlapi %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// firstCredential reads the credential that the first start wrote down.
func (s *server) firstCredential() (name, password string) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.folder, "data", "first-client.txt"))
	if err != nil {
		s.t.Fatal(err)
	}
	return credentialIn(s.t, string(text))
}

// credentialIn finds the credential in what a person is shown.
func credentialIn(t *testing.T, text string) (name, password string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, "Client "); ok {
			name = strings.TrimSpace(v)
		}
		if v, ok := strings.CutPrefix(line, "Password "); ok {
			password = strings.TrimSpace(v)
		}
	}
	if name == "" || password == "" {
		t.Fatalf("no credential in:\n%s", text)
	}
	return name, password
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
