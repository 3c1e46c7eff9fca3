// Package pgtest runs a real PostgreSQL server for tests.
//
//	server := pgtest.Start(t)
//	s, err := postgres.Open(t.Context(), server.Database(t))
//
// The server lives in a temporary folder and ends with the test. Its programs are
// those of Debian's package postgresql; where they are missing the test fails and says
// so. MLAPI_TEST_POSTGRES names a server to use instead, by the URL of a database
// whose user may create others.
package pgtest

import (
	"bytes"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// password is that of the server's user. Nothing may ever print it.
const password = "s3cret-p@ss"

// Server is a running PostgreSQL server.
type Server struct {
	url     url.URL // of the database that is always there
	folder  string  // "" where it runs by itself
	bin     string
	as      *syscall.Credential
	process *exec.Cmd
	log     *bytes.Buffer
	made    atomic.Int64
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	if text := os.Getenv("MLAPI_TEST_POSTGRES"); text != "" {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal("MLAPI_TEST_POSTGRES is no URL")
		}
		return &Server{url: *u}
	}
	s := &Server{bin: binaries(t), as: unprivileged(t)}
	folder, err := os.MkdirTemp("", "pg") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.stop()
		_ = os.RemoveAll(folder)
	})
	s.folder = folder
	if s.as != nil {
		if err := os.Chown(folder, int(s.as.Uid), int(s.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(folder, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.run(t, "initdb", "-D", filepath.Join(folder, "data"), "-U", "mlapi", "-A", "scram-sha-256", "--pwfile", secret,
		"-E", "UTF8", "--locale=C.UTF-8")
	s.url = url.URL{Scheme: "postgres", User: url.UserPassword("mlapi", password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t))), Path: "/postgres"}
	s.Restart(t)
	return s
}

// binaries returns the folder of the server's programs.
func binaries(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err == nil && len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	t.Fatal("there is no PostgreSQL server: apt-get install postgresql")
	return ""
}

// unprivileged returns whom the server runs as, since it refuses root; nil: us.
func unprivileged(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("PostgreSQL does not run as root, and there is no user postgres or nobody")
	return nil
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.folder
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return cmd
}

func (s *Server) run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Restart starts the server, which must not be running, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.url.Host)
	s.log = new(bytes.Buffer)
	s.process = s.command("postgres", "-D", filepath.Join(s.folder, "data"), "-h", host, "-p", port, "-k", s.folder,
		"-c", "max_connections=60", "-c", "log_min_messages=warning")
	s.process.Stdout, s.process.Stderr = s.log, s.log
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	db := s.admin(t)
	defer db.Close()
	for deadline := time.Now().Add(30 * time.Second); db.PingContext(t.Context()) != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.stop()
			t.Fatalf("PostgreSQL does not answer:\n%s", s.log)
		}
	}
}

// Kill ends the server and all its processes with SIGKILL: nothing is tidied up.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.process == nil {
		t.Fatal("PostgreSQL does not run, or was not started by this test: unset MLAPI_TEST_POSTGRES")
	}
	// The first process goes first: it would start others in place of its children.
	id := s.process.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", id, id))
	if err != nil {
		t.Fatal(err)
	}
	_ = s.process.Process.Kill()
	for _, child := range strings.Fields(string(text)) {
		if id, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(id, syscall.SIGKILL)
		}
	}
	_ = s.process.Wait()
	s.process = nil
}

// stop ends the server at once, and the memory that its processes share.
func (s *Server) stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(syscall.SIGQUIT)
	_ = s.process.Wait()
	s.process = nil
}

func (s *Server) admin(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", s.url.String())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// URL returns the URL of a database of the server.
func (s *Server) URL(database string) string {
	u := s.url
	u.Path = "/" + database
	return u.String()
}

// Database makes a fresh database and returns its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("t%d_%d", os.Getpid(), s.made.Add(1))
	s.Create(t, name)
	return s.URL(name)
}

// Create makes a database of that name.
func (s *Server) Create(t testing.TB, name string) {
	t.Helper()
	db := s.admin(t)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE DATABASE "`+strings.ReplaceAll(name, `"`, `""`)+`"`); err != nil {
		t.Fatal(err)
	}
}
