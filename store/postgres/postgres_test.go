//go:build integration

package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/auth/authtest"
	"example.com/mlapi/store"
	"example.com/mlapi/store/postgres"
	"example.com/mlapi/store/postgres/pgtest"
)

func open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	server := pgtest.Start(t)
	var mu sync.Mutex
	places := map[string]string{}
	authtest.TestStore(t, func(t *testing.T, place string) auth.Store {
		mu.Lock()
		if places[place] == "" {
			places[place] = server.Database(t)
		}
		url := places[place]
		mu.Unlock()
		return open(t, url)
	})
}

func TestProcessesOpenANewDatabaseAtOnce(t *testing.T) {
	url := pgtest.Start(t).Database(t)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			s, err := postgres.Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s := open(t, url)
	defer s.Close()
	if _, err := s.Clients(t.Context()); err != nil {
		t.Error(err)
	}
}

// Every fault is told to a person, without the password.
func TestFaults(t *testing.T) {
	server := pgtest.Start(t)
	good, err := url.Parse(server.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(u *url.URL)) string {
		u := *good
		f(&u)
		return u.String()
	}
	newer := server.Database(t)
	s := open(t, newer)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	execSQL(t, newer, `INSERT INTO mlapi_migrations (version_id, is_applied) VALUES (99, true)`)
	standby := server.Database(t)
	for name, c := range map[string]struct{ url, want string }{
		"no URL":         {"postgres://mlapi:s3cret-p@ss@[::1/x", "is not the URL"},
		"a bad port":     {change(func(u *url.URL) { u.Host = "127.0.0.1:99999" }), "is not the URL"},
		"nobody there":   {change(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "cannot be reached"},
		"wrong password": {change(func(u *url.URL) { u.User = url.UserPassword("mlapi", "s3cret-p@ss-wrong") }), "refuses the user or the password"},
		"no database":    {change(func(u *url.URL) { u.Path = "/none" }), "there is no database none"},
		"read only":      {standby + "?default_transaction_read_only=on", "can only be read"},
		"a newer mlapi":  {newer, "a newer mlapi: its tables are at version 99"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := postgres.Open(t.Context(), c.url)
			var fault *store.Fault
			if !errors.As(err, &fault) || s != nil || !strings.Contains(err.Error(), c.want) || fault.Hint() == "" {
				t.Fatalf("error %v, want a fault with %q and a hint", err, c.want)
			}
			for _, text := range []string{fmt.Sprintf("%v %+v %#v", err, err, fault), fault.Hint()} {
				if strings.Contains(text, "s3cret") {
					t.Errorf("the password is told: %s", text)
				}
			}
		})
	}
}

func execSQL(t *testing.T, url, query string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// Wait returns soon after a session of another store ended, and when the connection
// was lost and made again.
func TestWait(t *testing.T) {
	server := pgtest.Start(t)
	url := server.Database(t)
	s, other := open(t, url), open(t, url)
	defer s.Close()
	defer other.Close()
	if err := s.AddClient(t.Context(), auth.Client{Name: "ann", PasswordHash: "hash"}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	told := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			err := s.Wait(ctx)
			told <- err
			if err != nil {
				return
			}
		}
	}()
	within := func(what string, limit time.Duration) {
		t.Helper()
		select {
		case err := <-told:
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		case <-time.After(limit):
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
	within("the first connection", 5*time.Second)
	login(t, other, "one")
	login(t, other, "two") // ends the first
	within("an end", time.Second)
	server.Kill(t)
	server.Restart(t)
	within("another connection", 15*time.Second)
	login(t, other, "three")
	within("an end after it", time.Second)
	cancel()
	if err := <-told; !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func login(t *testing.T, s auth.Store, id string) {
	t.Helper()
	now := time.Now()
	session := auth.Session{ID: id, Client: "ann", Head: auth.Head{IssuedAt: now, ExpiresAt: now.Add(time.Hour)}}
	for range 20 { // pooled connections to a killed server fail first
		got, err := s.StartSession(t.Context(), session, auth.LoginCheck{PasswordHash: "hash"}, auth.Event{})
		if err == nil && got.ID == id {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no login of %s", id)
}

// TestKilledServer kills the server under writers, again and again. What was told to
// be committed is there; a rotation is done once or not at all.
func TestKilledServer(t *testing.T) {
	server := pgtest.Start(t)
	url := server.Database(t)
	s := open(t, url)
	defer s.Close()
	if err := s.AddClient(t.Context(), auth.Client{Name: "ann", PasswordHash: "hash"}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	login(t, s, "chain")
	committed, total := int64(1), 0
	for round := range 5 {
		killed := make(chan struct{})
		time.AfterFunc(time.Duration(50+30*round)*time.Millisecond, func() {
			server.Kill(t)
			close(killed)
		})
		for {
			ok, err := s.Rotate(t.Context(), auth.Session{ID: "chain", Generation: committed + 1,
				Head: auth.Head{IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}}, auth.Event{Action: auth.ActionRefresh})
			if err != nil {
				var fault *store.Fault
				if !errors.As(err, &fault) {
					t.Fatalf("a killed server is %v", err)
				}
				break
			}
			if !ok {
				t.Fatal("the newest generation was not rotated")
			}
			committed++
			total++
		}
		<-killed
		server.Restart(t)
		var row auth.Session
		var err error
		for range 50 {
			if row, err = s.Session(t.Context(), "chain"); err == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err != nil || row.Generation < committed || row.Generation > committed+1 {
			t.Fatalf("round %d: generation %d after %d, %v", round, row.Generation, committed, err)
		}
		committed = row.Generation
		if _, err := auth.VerifyAudit(t.Context(), s, nil); err != nil {
			t.Fatal(err)
		}
	}
	if total < 5 {
		t.Errorf("only %d rotations: the rounds hardly ran", total)
	}
}

// TestServerThatDoesNotAnswer: everything ends, with a fault, though the server keeps
// quiet and no connection breaks; and goes on when it speaks again.
func TestServerThatDoesNotAnswer(t *testing.T) {
	way, url := pgtest.NewWay(t, pgtest.Start(t).Database(t))
	s := open(t, url)
	defer s.Close()
	if err := s.AddClient(t.Context(), auth.Client{Name: "ann", PasswordHash: "hash"}, auth.Event{}); err != nil {
		t.Fatal(err)
	}
	login(t, s, "one")
	ctx := t.Context()
	calls := map[string]func() error{
		"Client":      func() error { _, err := s.Client(ctx, "ann"); return err },
		"Clients":     func() error { _, err := s.Clients(ctx); return err },
		"Session":     func() error { _, err := s.Session(ctx, "one"); return err },
		"LiveSession": func() error { _, err := s.LiveSession(ctx, "ann", ""); return err },
		"Sessions":    func() error { _, err := s.Sessions(ctx, "ann"); return err },
		"EndedSince":  func() error { _, _, err := s.EndedSince(ctx, 0); return err },
		"Keys":        func() error { _, _, err := s.Keys(ctx); return err },
		"Entries":     func() error { return s.Entries(ctx, 0, func(auth.Entry) error { return nil }) },
		"Record":      func() error { return s.Record(ctx, auth.Event{Action: auth.ActionLogin}) },
		"Rotate": func() error {
			_, err := s.Rotate(ctx, auth.Session{ID: "one", Generation: 2, Head: auth.Head{IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}},
				auth.Event{Action: auth.ActionRefresh})
			return err
		},
	}
	way.Block()
	begin := time.Now()
	var all sync.WaitGroup
	for name, call := range calls { // more than there are connections
		all.Go(func() {
			err := call()
			var fault *store.Fault
			if took := time.Since(begin); !errors.As(err, &fault) || fault.Hint() == "" || took > 20*time.Second {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
	all.Wait()
	t.Logf("all had ended after %v", time.Since(begin))
	way.Free()
	for name, call := range calls {
		if err := call(); err != nil {
			t.Errorf("%s afterwards: %v", name, err)
		}
	}
	if row, err := s.Session(ctx, "one"); err != nil || row.Generation != 2 || row.State != auth.Active {
		t.Errorf("the session is %s at generation %d, %v", row.State, row.Generation, err)
	}
}
