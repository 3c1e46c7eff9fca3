//go:build integration

package app_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mlapi/store/postgres/pgtest"
)

// cluster is three servers on one PostgreSQL, and nginx in front of them.
type cluster struct {
	t        *testing.T
	database *pgtest.Server
	url      string // of the database
	ship     bool   // whether the servers are the shipped command
	environ  []string
	ports    []string
	servers  []*server
	front    *server // nginx
	client   *http.Client
}

// startCluster starts everything. The servers start at the same time, so that each
// finds neither a key nor a client.
func startCluster(t *testing.T, ship bool, environ ...string) *cluster {
	t.Helper()
	t.Setenv("MLAPI_TEST_POSTGRES", "") // one that may be killed
	c := &cluster{t: t, database: pgtest.Start(t), ship: ship, servers: make([]*server, 3)}
	c.url = c.database.Database(t)
	c.environ = slices.Concat(quick, postgresEnviron(c.url, "refuse"), []string{"MLAPI_TRUSTED_PROXIES=127.0.0.1", "LOGGING_LEVEL=30"}, environ)
	for i := range c.servers {
		c.ports = append(c.ports, freePort(t))
		c.servers[i] = c.launch(i)
	}
	for _, s := range c.servers {
		s.awaitAddress()
	}
	secure, _ := startNginx(t, c.servers...)
	c.front = &server{t: t, url: "https://" + secure}
	c.client = &http.Client{Timeout: answerLimit, Transport: &http.Transport{
		MaxIdleConnsPerHost: 64, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	return c
}

// launch starts the process of a server, always at the same address.
func (c *cluster) launch(i int) *server {
	c.t.Helper()
	cmd := c.command("serve")
	cmd.Env = append(cmd.Env, "MLAPI_PORT="+c.ports[i])
	return launch(c.t, cmd)
}

// command returns mlapi with the servers' settings, in a folder of its own.
func (c *cluster) command(args ...string) *exec.Cmd {
	c.t.Helper()
	cmd := command(context.Background(), c.t.TempDir(), c.environ, args...)
	if c.ship {
		return shipped(c.t, cmd)
	}
	return cmd
}

// refresh sends a refresh through nginx. Status 0 means that no answer came.
func (c *cluster) refresh(token, key string) (status int, tokens []string) {
	answer, err := c.client.Do(refreshRequest(c.t, http.MethodPost, c.front.url, token, key))
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK && json.NewDecoder(answer.Body).Decode(&tokens) != nil {
		return 0, nil
	}
	return answer.StatusCode, tokens
}

// generation reads the claim gen of a token.
func generation(t *testing.T, token string) int {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Gen int }
	if err := json.Unmarshal(raw, &claims); err != nil || claims.Gen == 0 {
		t.Fatalf("no generation in %s", raw)
	}
	return claims.Gen
}

// TestClusterHasOneKey: servers that start together on an empty database agree on the
// key, and each takes what another has signed.
func TestClusterHasOneKey(t *testing.T) {
	c := startCluster(t, false)
	_, first := call(http.MethodGet, c.servers[0].url+"/.well-known/jwks.json", "", "", "")
	for i, s := range c.servers {
		if _, body := call(http.MethodGet, s.url+"/.well-known/jwks.json", "", "", ""); body != first || !strings.Contains(body, `"kid"`) {
			t.Errorf("server %d publishes\n%s\nand server 0\n%s", i, body, first)
		}
		access, refresh := s.login("ann", "her own password")
		for _, other := range c.servers {
			predicted(t, other, access)
			status, body := other.refresh(refresh)
			refresh = tokensOf(t, status, body, 2)[1]
		}
	}
}

// TestPresentersOfOneToken: of 24 that present one refresh token at once to three
// servers, one wins, and the session ends because the others are taken for thieves. With
// one key they are one client that repeats itself, and all are told the same.
func TestPresentersOfOneToken(t *testing.T) {
	c := startCluster(t, false)
	for round := range 100 {
		for _, key := range []string{"", "one-refresh"} {
			s := c.servers[round%len(c.servers)]
			_, token := s.login("ann", "her own password")
			given, refused := c.present(token, key, 24)
			next := c.newest(given)
			switch {
			case key == "" && (len(given) != 1 || refused != 23):
				t.Fatalf("round %d: %d winners and %d refused", round, len(given), refused)
			case key != "" && (len(given) != 24 || len(next) != 1):
				t.Fatalf("round %d: %d of 24 with one key are answered, with %d successors", round, len(given), len(next))
			}
			status, _ := c.refresh(next[0], "another")
			if want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusOK}[key == ""]; status != want {
				t.Fatalf("round %d, key %q: the successor is answered %d, want %d", round, key, status, want)
			}
		}
	}
}

// present presents a token n times at once and returns the answers with tokens, and how
// often it was refused.
func (c *cluster) present(token, key string, n int) (given [][]string, refused int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range n {
		all.Go(func() {
			<-begin
			status, tokens := c.refresh(token, key)
			mu.Lock()
			defer mu.Unlock()
			switch status {
			case http.StatusOK:
				given = append(given, tokens)
			case http.StatusUnauthorized:
				refused++
			default:
				c.t.Errorf("a refresh is answered %d", status)
			}
		})
	}
	close(begin)
	all.Wait()
	return given, refused
}

// newest returns the different refresh tokens of answers.
func (c *cluster) newest(given [][]string) (list []string) {
	c.t.Helper()
	for _, tokens := range given {
		if len(tokens) != 2 {
			c.t.Fatalf("%d tokens in an answer", len(tokens))
		}
		if !slices.Contains(list, tokens[1]) {
			list = append(list, tokens[1])
		}
	}
	return list
}

// TestEndsAreSeenElsewhere: what ends a session on one server ends it on the others
// within a second, though they remember its access token as good.
func TestEndsAreSeenElsewhere(t *testing.T) {
	c := startCluster(t, false)
	a := c.servers[0]
	for what, end := range map[string]func(refresh, used string){
		"logout": func(refresh, _ string) { call(http.MethodPost, a.url+"/auth/revoke/", refresh, "", "") },
		"replay": func(_, used string) { a.refresh(used) },
		"disabled": func(string, string) {
			if out, err := c.command("client", "disable", "ann").CombinedOutput(); err != nil {
				t.Errorf("mlapi client disable: %v\n%s", err, out)
			}
			if out, err := c.command("client", "enable", "ann").CombinedOutput(); err != nil {
				t.Errorf("mlapi client enable: %v\n%s", err, out)
			}
		},
	} {
		_, used := a.login("ann", "her own password")
		status, body := a.refresh(used)
		both := tokensOf(t, status, body, 2)
		for _, s := range c.servers {
			predicted(t, s, both[0])
		}
		end(both[1], used)
		begin := time.Now()
		if status, _ := a.predict(both[0], "[]"); what != "disabled" && status != http.StatusUnauthorized {
			t.Errorf("%s: %d where it happened, at once", what, status)
		}
		for i, s := range c.servers {
			refusedWithin(t, time.Second-time.Since(begin), func() int { status, _ := s.predict(both[0], "[]"); return status })
			t.Logf("%s: refused by server %d after %v", what, i, time.Since(begin).Round(time.Millisecond))
		}
	}
}
