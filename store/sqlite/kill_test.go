package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/store"
	"example.com/mlapi/store/sqlite"
)

// The test binary is its own child process: with childVariable set it does what
// that names, to the database of its first argument.
const childVariable = "MLAPI_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(childVariable) {
	case "":
		os.Exit(m.Run())
	case "open":
		err = openAndClose(os.Args[1])
	case "limited":
		if err = limitFiles(os.Args[2]); err == nil {
			err = openAndClose(os.Args[1])
		}
	case "write":
		err = writeForEver(os.Args[1])
	default:
		err = errors.New("unknown " + childVariable)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		var f *store.Fault
		if errors.As(err, &f) {
			fmt.Fprintln(os.Stderr, "hint:", f.Hint())
		}
		os.Exit(1)
	}
}

func openAndClose(path string) error {
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return err
	}
	return s.Close()
}

// writeForEver rotates the session "chain" and uses up once-only credentials, and
// prints each step once it is committed.
func writeForEver(path string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	chain, err := s.Session(ctx, "chain")
	if err != nil {
		return err
	}
	for gen := chain.Generation; ; gen++ {
		rotated, err := rotate(ctx, s, "chain", gen, head())
		if err != nil || !rotated {
			return fmt.Errorf("rotating generation %d: %t, %w", gen, rotated, err)
		}
		fmt.Println("generation", gen+1)
		name := fmt.Sprintf("client-%d", gen)
		if err := s.AddClient(ctx, auth.Client{Name: name, PasswordHash: aHash}, auth.Event{}); err != nil {
			return err
		}
		started, err := start(ctx, s, auth.Session{ID: name, Client: name, Head: head()}, aHash, true)
		if err != nil || !started {
			return fmt.Errorf("login of %s: %t, %w", name, started, err)
		}
		fmt.Println("used", name)
	}
}

// child returns a command that runs this test binary as a child on the file.
func child(t *testing.T, what, path string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{path}, args...)...)
	cmd.Env = append(os.Environ(), childVariable+"="+what)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestProcessesOpenANewFileAtOnce: all of them migrate one file, none fails.
func TestProcessesOpenANewFileAtOnce(t *testing.T) {
	t.Parallel()
	for range 3 {
		path := filepath.Join(t.TempDir(), "mlapi.db")
		var children []*exec.Cmd
		for range 5 {
			cmd := child(t, "open", path)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			children = append(children, cmd)
		}
		for i, cmd := range children {
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		}
		addClient(t, opened(t, path), "ann")
	}
}

// TestKilledProcess kills a writing process without warning, again and again.
// What it said was committed must be there, what was half-way must be there as a
// whole or not at all, and no used credential may work again.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mlapi.db")
	s := open(t, path)
	addClient(t, s, "chain")
	startSession(t, s, "chain", "chain")
	closeStore(t, s)

	committed, used := int64(1), 0
	for round := range 20 {
		said := runAndKill(t, path, 2+rand.IntN(10), time.Duration(rand.IntN(5_000))*time.Microsecond)
		s := open(t, path)
		last := int64(0)
		for _, line := range said {
			word, value, _ := strings.Cut(line, " ")
			switch word {
			case "generation":
				n, err := strconv.ParseInt(value, 10, 64)
				if err != nil {
					t.Fatalf("the child said %q", line)
				}
				last = n
			case "used":
				checkUsed(t, s, value)
				used++
			default:
				t.Fatalf("the child said %q", line)
			}
		}
		chain, err := s.Session(t.Context(), "chain")
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		committed = max(committed, last)
		if chain.State != auth.Active || chain.Generation < committed || chain.Generation > committed+1 {
			t.Fatalf("round %d: the chain is %s at %d, the child said %d last", round, chain.State, chain.Generation, committed)
		}
		committed = chain.Generation
		checkWhole(t, s)
		if _, err := auth.VerifyAudit(t.Context(), s, nil); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		closeStore(t, s)
	}
	t.Logf("20 kills, %d generations, %d credentials used up", committed, used)
	if committed < 21 || used < 20 {
		t.Errorf("only %d generations and %d used credentials: a round committed nothing", committed, used)
	}
}

// runAndKill starts a writing child, kills it some time after it has said so many
// lines, and returns the whole lines it said. Counting lines, not time alone, makes
// every child commit something however slow the disk is.
func runAndKill(t *testing.T, path string, atLeast int, after time.Duration) []string {
	t.Helper()
	cmd := child(t, "write", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	var lines []string
	for len(lines) < atLeast {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("the child ended after %d lines: %v, %v", len(lines), err, cmd.Wait())
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	for {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the child was not killed: %v", err)
	}
	return lines
}

// checkUsed checks a credential that was used up before the kill.
func checkUsed(t *testing.T, s auth.Store, name string) {
	t.Helper()
	if got, err := s.Session(t.Context(), name); err != nil || got.State != auth.Active {
		t.Errorf("the committed session of %s: %s, error %v", name, got.State, err)
	}
	again := auth.Session{ID: name + "-again", Client: name, Head: head()}
	if started, err := start(t.Context(), s, again, aHash, true); err != nil || started {
		t.Errorf("the used credential of %s: a login started %t, error %v", name, started, err)
	}
}

// checkWhole checks that no login was committed in part: a credential is used
// where its session is there, and only there.
func checkWhole(t *testing.T, s auth.Store) {
	t.Helper()
	clients, err := s.Clients(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		_, err := s.Session(t.Context(), c.Name)
		if err != nil && !errors.Is(err, auth.ErrNotFound) {
			t.Fatal(err)
		}
		instance, _ := c.Instance("")
		if found := err == nil; found == instance.UsedAt.IsZero() {
			t.Errorf("%s: used at %v, its session there: %t", c.Name, instance.UsedAt, found)
		}
	}
}
