//go:build integration

package app_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mlapi/resources"
	"example.com/mlapi/store/postgres/pgtest"
)

const (
	patience = 2 * time.Second
	// answerLimit is what any answer may take while the database is away.
	answerLimit = 15 * time.Second
)

// onPostgres starts a server on a PostgreSQL database. Its clients are ann and bob.
func onPostgres(t *testing.T, url, outage string) *server {
	t.Helper()
	return startServer(t, t.TempDir(), postgresEnviron(url, outage)...)
}

func postgresEnviron(url, outage string) []string {
	return []string{"MLAPI_STORE=" + url, "MLAPI_STORE_OUTAGE=" + outage,
		"MLAPI_STORE_PATIENCE_SECS=" + strconv.Itoa(int(patience/time.Second)),
		"AUTH_PRIVATE_KEY_SAVE_SECRET=a secret of the tests", "AUTH_CLIENTS_RESET_ONLY_ONCE=False",
		"AUTH_CLIENTS_RESET_USN=ann,bob", "AUTH_CLIENTS_RESET_PWD=her own password,his own password"}
}

// reply is what came of a request.
type reply struct {
	status     int
	body       string
	retryAfter string
	took       time.Duration
}

// ask sends a request, with an Idempotency-Key as a client does.
func (s *server) ask(method, route, bearer, contentType, body string) reply {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.url+route, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", bearer)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Idempotency-Key", "one-request")
	begin := time.Now()
	answer, err := insecure().Do(r)
	if err != nil {
		s.t.Errorf("%s: no answer after %v: %v", route, time.Since(begin), err)
		return reply{}
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, string(text), answer.Header.Get("Retry-After"), time.Since(begin)}
}

func (s *server) use(access string) reply {
	s.t.Helper()
	return s.ask(http.MethodPost, "/api/ml/", access, "application/json", resources.ExampleRows)
}

// wantUnavailable fails the test where an answer is not 503 without tokens, with the
// time to try again.
func (s *server) wantUnavailable(what string, r reply) {
	s.t.Helper()
	if r.status != http.StatusServiceUnavailable || r.retryAfter == "" || strings.Contains(r.body, "Bearer") {
		s.t.Errorf("%s: %d, Retry-After %q, %s", what, r.status, r.retryAfter, r.body)
	}
}

// wantNoTokens tries all that needs the database at once.
func (s *server) wantNoTokens(refresh string) {
	s.t.Helper()
	const form = "application/x-www-form-urlencoded"
	var all sync.WaitGroup
	for what, request := range map[string][4]string{
		"login":          {"POST", "/auth/reset/", "", "username=ann&password=her+own+password"},
		"unknown login":  {"POST", "/auth/reset/", "", "username=nobody&password=x"},
		"refresh":        {"POST", "/auth/refresh/", refresh, ""},
		"refresh by GET": {"GET", "/auth/refresh/", refresh, ""},
		"logout":         {"POST", "/auth/revoke/", refresh, ""},
	} {
		all.Go(func() { s.wantUnavailable(what, s.ask(request[0], request[1], request[2], form, request[3])) })
	}
	all.Wait()
}

// until waits until an access token is answered with a status, and returns how long
// that took.
func (s *server) until(access string, status int, limit time.Duration) time.Duration {
	s.t.Helper()
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		r := s.use(access)
		if r.status == status {
			return time.Since(begin)
		}
		if time.Since(begin) > limit {
			s.t.Fatalf("after %v still %d, want %d: %s", limit, r.status, status, r.body)
		}
	}
}

// outageOf takes the database away from a running server and gives it back, and
// looks at everything in between.
func outageOf(t *testing.T, s *server, outage string, away, back, end func()) {
	t.Helper()
	seen, refresh := s.login("ann", "her own password")
	ends, _ := s.login("bob", "his own password")
	predicted(t, s, seen)
	predicted(t, s, ends)
	status, body := s.refresh(refresh)
	both := tokensOf(t, status, body, 2)
	unseen, refresh := both[0], both[1]

	away()
	gone := time.Now()
	if r := s.use(seen); r.status != http.StatusOK {
		t.Errorf("a token seen before, at once: %d %s", r.status, r.body)
	}
	var meanwhile sync.WaitGroup
	meanwhile.Go(func() { s.wantNoTokens(refresh) })
	if outage == "refuse" {
		s.until(seen, http.StatusServiceUnavailable, answerLimit)
		for what, access := range map[string]string{"seen": seen, "unseen": unseen, "ends": ends} {
			s.wantUnavailable(what, s.use(access))
		}
	} else {
		s.until(unseen, http.StatusOK, answerLimit)
		for _, access := range []string{seen, unseen, ends, unseen} {
			if r := s.use(access); r.status != http.StatusOK || r.took > time.Second {
				t.Errorf("while the database is away: %d after %v: %s", r.status, r.took, r.body)
			}
		}
		for _, bad := range []string{"", "Bearer x", refresh, seen + "x"} {
			if r := s.use(bad); r.status != http.StatusUnauthorized {
				t.Errorf("not valid in itself: %d", r.status)
			}
		}
	}
	took := time.Since(gone)
	t.Logf("decided %v after the database had gone", took.Round(time.Millisecond))
	if took > patience+2*time.Second {
		t.Errorf("decided %v after the database had gone, want about %v", took, patience)
	}
	meanwhile.Wait()
	s.wantNoTokens(refresh)
	if !s.says("the feed of ended sessions cannot be read") {
		t.Errorf("the log does not tell:\n%s", s.errors())
	}
	if r := s.ask(http.MethodGet, "/", "", "", ""); r.status != http.StatusOK {
		t.Errorf("the health check: %d", r.status)
	}

	back()
	end()
	if took := s.until(ends, http.StatusUnauthorized, 10*time.Second); took > time.Second {
		t.Errorf("an ended session was answered for %v", took)
	}
	s.until(seen, http.StatusOK, 10*time.Second)
	s.until(unseen, http.StatusOK, 10*time.Second)
	if r := s.ask(http.MethodPost, "/auth/refresh/", refresh, "", ""); r.status != http.StatusOK {
		t.Errorf("a refresh token that was refused by nobody: %d %s", r.status, r.body)
	}
	if strings.Contains(s.errors(), "panic") || strings.Contains(s.errors(), "s3cret") {
		t.Errorf("the log:\n%s", s.errors())
	}
}

// TestPostgresStopped stops PostgreSQL under a running server and starts it again.
func TestPostgresStopped(t *testing.T) {
	t.Setenv("MLAPI_TEST_POSTGRES", "") // one that may be stopped
	for _, outage := range []string{"refuse", "serve"} {
		t.Run(outage, func(t *testing.T) {
			db := pgtest.Start(t)
			url := db.Database(t)
			s := onPostgres(t, url, outage)
			outageOf(t, s, outage, func() { db.Kill(t) }, func() { db.Restart(t) }, func() { disable(t, url, "bob") })
		})
	}
}

// TestPostgresOutOfReach cuts the way to PostgreSQL without a word: no connection
// breaks, no answer comes. Meanwhile somebody who reaches it ends a session.
func TestPostgresOutOfReach(t *testing.T) {
	db := pgtest.Start(t)
	for _, outage := range []string{"refuse", "serve"} {
		t.Run(outage, func(t *testing.T) {
			direct := db.Database(t)
			way, url := pgtest.NewWay(t, direct)
			s := onPostgres(t, url, outage)
			outageOf(t, s, outage, way.Block, func() {
				disable(t, direct, "bob")
				way.Free()
			}, func() {})
		})
	}
}

// disable shuts a client out from elsewhere.
func disable(t *testing.T, url, name string) {
	t.Helper()
	cmd := command(t.Context(), t.TempDir(), append(postgresEnviron(url, "refuse"), quick...), "client", "disable", name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mlapi client disable: %v\n%s", err, out)
	}
}
