//go:build integration

package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// persistent is a client that refreshes all the time, and repeats what is not answered
// with the same key.
type persistent struct {
	used, newest       string // refresh tokens
	started            int    // generation after the login
	rotations, repeats int
}

// rotate refreshes until stop is closed. Anything but tokens or "try again" is a loss.
func (p *persistent) rotate(c *cluster, stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		if err := p.once(c, fmt.Sprint("rotation-", p.rotations)); err != nil {
			return err
		}
	}
}

func (p *persistent) once(c *cluster, key string) error {
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		status, tokens := c.refresh(p.newest, key)
		switch {
		case status == http.StatusOK && len(tokens) == 2:
			p.used, p.newest = p.newest, tokens[1]
			p.rotations++
			return nil
		case status == 0, status == http.StatusBadGateway, status == http.StatusGatewayTimeout, status == http.StatusServiceUnavailable:
			p.repeats++
		default:
			return fmt.Errorf("after %d rotations: %d with %d tokens", p.rotations, status, len(tokens))
		}
	}
	return fmt.Errorf("after %d rotations: no answer within 30 s", p.rotations)
}

// TestKilledServersAndDatabase kills servers and PostgreSQL with SIGKILL under clients
// that repeat with a key. Each session goes on, and its generation has grown by one for
// each refresh that its client counts: nothing was lost and nothing happened twice.
func TestKilledServersAndDatabase(t *testing.T) {
	c := startCluster(t, false)
	clients := make([]*persistent, 8)
	for i := range clients {
		token := loggedIn(t, c.servers[0], instanceOfAnn(i))
		clients[i] = &persistent{newest: token, started: generation(t, token)}
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for i, p := range clients {
		all.Go(func() {
			if err := p.rotate(c, stop); err != nil {
				t.Errorf("client %d: %v", i, err)
			}
		})
	}
	const kills = 3
	for range kills {
		c.kill(rand.IntN(len(c.servers)), func() {})
		c.kill(rand.IntN(len(c.servers)), func() { // with the database, and both come back
			c.database.Kill(t)
			pause()
			c.database.Restart(t)
		})
		c.database.Kill(t)
		pause()
		c.database.Restart(t)
		pause()
	}
	close(stop)
	all.Wait()
	c.account(clients)
}

// kill kills a server and starts it again.
func (c *cluster) kill(i int, meanwhile func()) {
	c.t.Helper()
	c.servers[i].kill()
	meanwhile()
	pause()
	c.servers[i] = c.launch(i)
	c.servers[i].awaitAddress()
	pause()
}

// account compares what the clients count with what the servers did.
func (c *cluster) account(clients []*persistent) {
	c.t.Helper()
	rotations, repeats := 0, 0
	for i, p := range clients {
		rotations, repeats = rotations+p.rotations, repeats+p.repeats
		if grown := generation(c.t, p.newest) - p.started; grown != p.rotations {
			c.t.Errorf("client %d counts %d refreshes, the session's generation has grown by %d", i, p.rotations, grown)
		}
		if status, tokens := c.refresh(p.newest, "the-last"); status != http.StatusOK || len(tokens) != 2 {
			c.t.Errorf("client %d: the session afterwards: %d", i, status)
		}
		if status, _ := c.refresh(p.used, ""); status != http.StatusUnauthorized {
			c.t.Errorf("client %d: a used token afterwards: %d", i, status)
		}
	}
	c.t.Logf("%d rotations, %d requests sent again", rotations, repeats)
	if rotations < 100 || repeats < 20 {
		c.t.Error("too few for a test")
	}
	if out, err := c.command("audit", "verify").CombinedOutput(); err != nil {
		c.t.Errorf("mlapi audit verify: %v\n%s", err, out)
	}
}

// instanceOfAnn is a login that ends no other's session.
func instanceOfAnn(i int) url.Values {
	return url.Values{"username": {"ann"}, "password": {"her own password"}, "instance": {fmt.Sprint(i)}}
}

// pause lets the clients go on for a while.
func pause() { time.Sleep(time.Duration(300+rand.IntN(400)) * time.Millisecond) }
