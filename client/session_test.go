package client_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mlapi/client"
)

var oneRow = [][]any{{"TCP", 3}}

func predict(t *testing.T, c *client.Client) error {
	t.Helper()
	_, err := client.Predict[int](t.Context(), c, oneRow)
	return err
}

func mustPredict(t *testing.T, c *client.Client) {
	t.Helper()
	if err := predict(t, c); err != nil {
		t.Fatal(err)
	}
}

// status checks that err is the server's refusal with that status.
func status(t *testing.T, err error, want int) *client.Error {
	t.Helper()
	e, ok := errors.AsType[*client.Error](err)
	if !ok || e.Status != want {
		t.Fatalf("error %v, want an *Error of status %d", err, want)
	}
	return e
}

func TestLogin(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	e := status(t, c.Login(t.Context(), "ann", "wrong"), 401)
	if e.Code != "invalid_credentials" {
		t.Errorf("code %q", e.Code)
	}
	status(t, predict(t, c), 401) // no session: sent without a token, refused
	if got := s.count("POST /auth/refresh/"); got != 0 {
		t.Errorf("%d refreshes without a session", got)
	}
	if err := c.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	mustPredict(t, c)
	mustPredict(t, c)
	if got := s.count("POST /auth/refresh/"); got != 1 {
		t.Errorf("%d refreshes for two calls, want 1", got)
	}
	// A login that fails leaves the session that is there.
	status(t, c.Login(t.Context(), "ann", "wrong"), 401)
	mustPredict(t, c)
}

func TestOneRefreshForManyCalls(t *testing.T) {
	s := newServer(t)
	s.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/auth/refresh/" {
			time.Sleep(20 * time.Millisecond) // so that all calls come while it runs
		}
		return false
	}
	c := s.loggedIn(t)
	for round := 1; round <= 3; round++ {
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := client.Predict[int](t.Context(), c, oneRow); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := s.count("POST /auth/refresh/"); got != round {
			t.Fatalf("round %d: %d refreshes", round, got)
		}
		s.forgetAccess() // the next round begins with a hundred 401s
	}
}

func TestRefreshBeforeExpiry(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t)
	mustPredict(t, c)
	mustPredict(t, c)
	if got := s.count("POST /auth/refresh/"); got != 1 {
		t.Fatalf("%d refreshes at once, want 1", got)
	}
	client.Age(c, time.Hour-time.Minute)
	mustPredict(t, c)
	if got := s.count("POST /auth/refresh/"); got != 1 {
		t.Fatalf("%d refreshes a minute before the end, want 1", got)
	}
	client.Age(c, 45*time.Second)
	mustPredict(t, c)
	if got := s.count("POST /auth/refresh/"); got != 2 {
		t.Errorf("%d refreshes 15 s before the end, want 2", got)
	}
	if got := s.count("POST /api/ml/"); got != 4 {
		t.Errorf("%d predictions were sent, want 4: none was refused", got)
	}
}

func TestRefusedTokenIsRefreshedOnce(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t)
	mustPredict(t, c)
	s.set(func() {
		s.before = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/api/ml/" {
				problem(w, 401, "invalid_token", "")
				return true
			}
			return false
		}
	})
	before, refreshes := s.count("POST /api/ml/"), s.count("POST /auth/refresh/")
	status(t, predict(t, c), 401)
	if got := s.count("POST /api/ml/") - before; got != 2 {
		t.Errorf("a request that is always refused was sent %d times, want 2", got)
	}
	if got := s.count("POST /auth/refresh/") - refreshes; got != 1 {
		t.Errorf("%d refreshes, want 1", got)
	}
}

func TestSessionThatIsOver(t *testing.T) {
	s := newServer(t)
	kept := new(memory)
	c := s.loggedIn(t, client.KeepTokens(kept))
	mustPredict(t, c)
	s.set(func() { s.session = 0 })
	status(t, predict(t, c), 401)
	if got := kept.token(); got != "" {
		t.Errorf("the dead session's token is kept: %q", got)
	}
	refreshes := s.count("POST /auth/refresh/")
	status(t, predict(t, c), 401)
	if got := s.count("POST /auth/refresh/"); got != refreshes {
		t.Errorf("a dead session's token was presented again")
	}
	if err := c.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	mustPredict(t, c)
}

func TestAnswersThatAreNoTokens(t *testing.T) {
	for _, answer := range []string{
		``, `{}`, `[]`, `["Bearer a"]`, `["Bearer a","Bearer b","Bearer c"]`, `["a","b"]`, `["Bearer ","Bearer "]`,
		`["Basic a","Basic b"]`, `["Bearer a\nb","Bearer b"]`, `["Bearer a","Bearer b"] []`, `[1,2]`, `null`,
	} {
		s := newServer(t)
		c := s.loggedIn(t)
		s.set(func() {
			s.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/auth/refresh/" {
					return false
				}
				_, _ = w.Write([]byte(answer))
				return true
			}
		})
		if err := predict(t, c); !errors.Is(err, client.ErrAnswerLost) {
			t.Errorf("%s: error %v, want ErrAnswerLost", answer, err)
		}
	}
}

// TestServerAway: a server that cannot be reached, or that asks to wait, costs the
// session nothing.
func TestServerAway(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t)
	mustPredict(t, c)
	s.set(func() {
		s.before = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/auth/refresh/" {
				return false
			}
			w.Header().Set("Retry-After", "7")
			problem(w, 503, "unavailable", "")
			return true
		}
	})
	client.Age(c, time.Hour-15*time.Second)
	mustPredict(t, c)
	mustPredict(t, c)
	if got := s.count("POST /auth/refresh/"); got != 2 {
		t.Errorf("%d refreshes, want 2: the server asked to wait", got)
	}
	client.Age(c, 3*time.Second)
	mustPredict(t, c)
	if got := s.count("POST /auth/refresh/"); got != 2 {
		t.Errorf("%d refreshes after 3 s of 7, want 2", got)
	}
	client.Age(c, 5*time.Second)
	mustPredict(t, c)
	if got := s.count("POST /auth/refresh/"); got != 3 {
		t.Errorf("%d refreshes after the wait, want 3", got)
	}
	client.Age(c, 15*time.Second) // now the access token has expired
	if e := status(t, predict(t, c), 503); e.RetryAfter != 7*time.Second {
		t.Errorf("RetryAfter is %v", e.RetryAfter)
	}
	s.set(func() { s.before = nil })
	mustPredict(t, c)

	c, err := client.New("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Login(t.Context(), "ann", "secret"); err == nil || errors.Is(err, client.ErrAnswerLost) {
		t.Errorf("nobody listens: %v, want an error other than ErrAnswerLost", err)
	}
}

// block makes the server hold requests to a path until release is called.
// Reached is closed when the first has come.
func (s *server) block(path string) (reached chan struct{}, release func()) {
	reached, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.set(func() {
		s.before = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == path {
				once.Do(func() { close(reached) })
				<-leave
			}
			return false
		}
	})
	return reached, sync.OnceFunc(func() { close(leave) })
}

// TestFailedRefreshIsShared: calls that wait for one refresh fail with it, they
// do not line up for one each.
func TestFailedRefreshIsShared(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t)
	reached, release := s.block("/auth/refresh/")
	defer release()
	held := s.before
	s.set(func() {
		s.before = func(w http.ResponseWriter, r *http.Request) bool {
			held(w, r)
			if r.URL.Path == "/auth/refresh/" {
				problem(w, 429, "too_many_requests", "")
				return true
			}
			return false
		}
	})
	var wg sync.WaitGroup
	begun := new(atomic.Int32)
	for range 30 {
		wg.Go(func() {
			begun.Add(1)
			if _, err := c.Predict(t.Context(), oneRow); err == nil {
				t.Error("a prediction without an access token")
			}
		})
	}
	<-reached
	for begun.Load() < 30 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	release()
	wg.Wait()
	if got := s.count("POST /auth/refresh/"); got != 1 {
		t.Errorf("%d refreshes, want 1", got)
	}
}

// TestFailedLoginIsItsOwn: a refresh that waits for a login does not fail with it.
func TestFailedLoginIsItsOwn(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t)
	reached, release := s.block("/auth/reset/")
	defer release()
	failed := make(chan error, 1)
	go func() { failed <- c.Login(t.Context(), "ann", "wrong") }()
	<-reached
	predicted := make(chan error, 1)
	go func() {
		_, err := c.Predict(t.Context(), oneRow)
		predicted <- err
	}()
	time.Sleep(20 * time.Millisecond)
	release()
	status(t, <-failed, 401)
	if err := <-predicted; err != nil {
		t.Error(err)
	}
}

// TestRefreshOutlivesItsCaller: the call that began a refresh is cancelled; the
// tokens that then come are not lost.
func TestRefreshOutlivesItsCaller(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/auth/reset/", "/auth/refresh/"} {
		c := s.client(t)
		if path == "/auth/refresh/" {
			c = s.loggedIn(t)
		}
		reached, release := make(chan struct{}), make(chan struct{})
		s.set(func() {
			s.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path {
					s.set(func() { s.before = nil })
					close(reached)
					<-release
				}
				return false
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			if path == "/auth/reset/" {
				done <- c.Login(ctx, "ann", "secret")
				return
			}
			_, err := c.Predict(ctx, oneRow)
			done <- err
		}()
		<-reached
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want the context's", path, err)
		}
		refreshes := s.count("POST /auth/refresh/")
		close(release)
		mustPredict(t, c)
		if got := s.count("POST /auth/refresh/") - refreshes; path == "/auth/refresh/" && got != 0 {
			t.Errorf("%d more refreshes: the tokens of the first were lost", got)
		}
	}
}

func TestRevoke(t *testing.T) {
	s := newServer(t)
	kept := new(memory)
	c := s.client(t, client.KeepTokens(kept))
	if err := c.Revoke(t.Context()); err != nil || s.count("POST /auth/revoke/") != 0 {
		t.Errorf("without a session: %v, and %d calls", err, s.count("POST /auth/revoke/"))
	}
	if err := c.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	mustPredict(t, c)
	if err := c.Revoke(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.session != 0 || kept.token() != "" {
		t.Errorf("the server's session is %d, the kept token %q", s.session, kept.token())
	}
	status(t, predict(t, c), 401)

	if err := c.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	s.set(func() { s.session = 0 })
	status(t, c.Revoke(t.Context()), 401)
	if kept.token() != "" {
		t.Error("the token of a logout that was refused is kept")
	}
}

// memory is a TokenStore, and remembers what was saved.
type memory struct {
	mu    sync.Mutex
	saved []string
	fail  error
}

func (m *memory) Load(context.Context) (string, error) { return m.token(), m.fail }

func (m *memory) Save(_ context.Context, refresh string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.saved = append(m.saved, refresh)
	return nil
}

func (m *memory) token() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.saved) == 0 {
		return ""
	}
	return m.saved[len(m.saved)-1]
}

func TestKeptTokenOutlivesTheProcess(t *testing.T) {
	s := newServer(t)
	kept := new(memory)
	first := s.loggedIn(t, client.KeepTokens(kept))
	mustPredict(t, first)
	for range 3 {
		mustPredict(t, s.client(t, client.KeepTokens(kept)))
	}
	if logins := s.count("POST /auth/reset/"); logins != 1 {
		t.Errorf("%d logins, want 1", logins)
	}
	// The key of the login, and five tokens.
	if n := len(kept.saved); n != 6 || len(slices.Compact(slices.Clone(kept.saved))) != n {
		t.Errorf("%d texts were kept, want 6 different ones", n)
	}
}

func TestTokenStoreThatFails(t *testing.T) {
	s := newServer(t)
	kept := new(memory)
	c := s.loggedIn(t, client.KeepTokens(kept))
	kept.fail = errors.New("the disk is full")
	if err := predict(t, c); !errors.Is(err, client.ErrNotKept) || !errors.Is(err, kept.fail) {
		t.Errorf("error %v, want ErrNotKept with its cause", err)
	}
	mustPredict(t, c) // the new tokens are there all the same
	if err := predict(t, s.client(t, client.KeepTokens(kept))); !errors.Is(err, kept.fail) {
		t.Errorf("loading: %v, want the store's error", err)
	}
}
