package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// rotator is a client that refreshes all the time and remembers what it was told.
type rotator struct {
	name, password string
	newest         string   // the newest refresh token it received
	older          []string // those before
	waiting        bool     // a request was sent and not answered
}

// rotate refreshes until the server is gone.
func (r *rotator) rotate(s *server) {
	for {
		r.waiting = true
		status, body := s.refresh(r.newest)
		if status == 0 {
			return
		}
		r.waiting = false
		if status != http.StatusOK {
			s.t.Errorf("%s: refresh under load: %d %s", r.name, status, body)
			return
		}
		r.older = append(r.older, r.newest)
		r.newest = tokensOf(s.t, status, body, 2)[1]
	}
}

// TestKillLosesNoCommittedSession kills the real process with SIGKILL in a loop
// under load. After each restart every session whose last answer arrived goes on,
// no old refresh token and no used-up credential works, and a session whose answer
// was lost is either as it was or blocked by what looks like a replay, never doubled.
func TestKillLosesNoCommittedSession(t *testing.T) {
	folder := t.TempDir()
	s := startServer(t, folder, "LOGGING_LEVEL=40")
	var clients []*rotator
	for i := range 4 {
		name, password := credentialIn(t, s.run("client", "add", fmt.Sprintf("rotator-%d", i)))
		r := &rotator{name: name, password: password}
		_, r.newest = s.login(name, password)
		clients = append(clients, r)
	}
	idle, idlePassword := credentialIn(t, s.run("client", "add", "idle"))
	_, resting := s.login(idle, idlePassword)

	rounds, lost := 6, 0
	for range rounds {
		var wg sync.WaitGroup
		for _, r := range clients {
			wg.Go(func() { r.rotate(s) })
		}
		time.Sleep(time.Duration(50+rand.IntN(200)) * time.Millisecond)
		s.kill()
		wg.Wait()
		s = startServer(t, folder, "LOGGING_LEVEL=40")
		for _, r := range clients {
			lost += r.check(t, s)
		}
	}
	status, body := s.refresh(resting)
	tokensOf(t, status, body, 2)
	if status, _ := s.reset(idle, idlePassword); status != http.StatusUnauthorized {
		t.Errorf("a used-up credential was revived: %d", status)
	}
	rotations := 0
	for _, r := range clients {
		rotations += len(r.older)
	}
	t.Logf("%d kills, %d rotations, %d answers lost after the commit", rounds, rotations, lost)
	if rotations == 0 {
		t.Error("there was no load")
	}
}

// check looks at one session after a restart, and logs in anew where it has ended.
// It returns 1 where the kill came between the commit and the answer.
func (r *rotator) check(t *testing.T, s *server) (lost int) {
	t.Helper()
	if status, _ := s.reset(r.name, r.password); status != http.StatusUnauthorized {
		t.Errorf("%s: a used-up credential was revived: %d", r.name, status)
	}
	status, body := s.refresh(r.newest)
	switch {
	case status == http.StatusOK:
		r.older = append(r.older, r.newest)
		r.newest = tokensOf(t, status, body, 2)[1]
		if len(r.older)%3 == 0 { // a used token must stay used; trying it ends the session
			old := r.older[len(r.older)-1]
			if status, _ := s.refresh(old); status != http.StatusUnauthorized {
				t.Errorf("%s: a used refresh token was revived: %d", r.name, status)
			}
			if status, _ := s.refresh(r.newest); status != http.StatusUnauthorized {
				t.Errorf("%s: the session outlived a replay: %d", r.name, status)
			}
			r.again(t, s)
		}
	case status == http.StatusUnauthorized && r.waiting:
		lost = 1
		r.again(t, s)
	default:
		t.Errorf("%s: a committed session was lost: %d %s", r.name, status, body)
		r.again(t, s)
	}
	return lost
}

func (r *rotator) again(t *testing.T, s *server) {
	t.Helper()
	_, r.password = credentialIn(t, s.run("client", "reset", r.name))
	_, r.newest = s.login(r.name, r.password)
}
