package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/client"
)

// loseAnswers makes the server lose the next n answers of a route after it acted.
func (s *server) loseAnswers(path string, n int, act http.HandlerFunc) {
	s.set(func() {
		s.before = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != path || n == 0 {
				return false
			}
			n--
			act(httptest.NewRecorder(), r)
			dropConnection(w)
			return true
		}
	})
}

// TestLostAnswer: the server rotates and its answer is lost. The access token at hand is
// used meanwhile, each call asks for the answer once more, and it comes in the end.
func TestLostAnswer(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t)
	mustPredict(t, c)
	key := client.KeyOf(c)
	s.loseAnswers("/auth/refresh/", 1000, s.refresh)
	client.Age(c, time.Hour-15*time.Second) // due, not expired
	for range 3 {
		begun := time.Now()
		mustPredict(t, c)
		if took := time.Since(begun); took > 200*time.Millisecond {
			t.Errorf("a call with a good access token waited %v for a refresh", took)
		}
		client.Age(c, 2*time.Second)
	}
	client.Age(c, 15*time.Second) // now it has expired, and the call waits for the answer
	sent := s.count("POST /api/ml/")
	if err := predict(t, c); !errors.Is(err, client.ErrAnswerLost) {
		t.Errorf("no answer at all: %v, want ErrAnswerLost", err)
	}
	if got := s.count("POST /api/ml/"); got != sent {
		t.Error("an access token that has expired was sent")
	}
	if client.KeyOf(c) != key {
		t.Error("the exchange goes on with another key")
	}
	s.loseAnswers("/auth/refresh/", 1, s.refresh)
	mustPredict(t, c)
	if got := s.generation; got != 3 {
		t.Errorf("the session is at generation %d: each exchange counts once, want 3", got)
	}
	if client.KeyOf(c) == key {
		t.Error("the next token is exchanged with the key of the last")
	}
}

// TestServerThatDoesNotKnow: 502, 503 and 504 say nothing about whether the server
// acted, so the exchange is repeated; 429 and refusals are answers.
func TestServerThatDoesNotKnow(t *testing.T) {
	for code, wantTries := range map[int]int{502: 2, 503: 2, 504: 2, 500: 2, 429: 1, 400: 1, 401: 1, 403: 1} {
		s := newServer(t)
		c := s.loggedIn(t)
		failing := true
		s.set(func() {
			s.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/auth/refresh/" || !failing {
					return false
				}
				failing = false
				problem(w, code, "some_code", "")
				return true
			}
		})
		err := predict(t, c)
		if tries := s.count("POST /auth/refresh/"); tries != wantTries {
			t.Errorf("%d: %d tries, want %d", code, tries, wantTries)
		}
		if wantTries == 2 && err != nil {
			t.Errorf("%d and then an answer: %v", code, err)
		} else if wantTries == 1 {
			status(t, err, code)
		}
	}
}

// TestLostLogin: a credential that works once is not used up by an answer that got lost,
// not even where the process died and another one goes on.
func TestLostLogin(t *testing.T) {
	s := newServer(t)
	store := new(memory)
	c := s.client(t, client.KeepTokens(store))
	s.loseAnswers("/auth/reset/", 1, s.reset)
	if err := c.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	if s.sessions != 1 {
		t.Errorf("%d sessions, want 1", s.sessions)
	}
	s.loseAnswers("/auth/reset/", 1000, s.reset)
	if err := c.Login(t.Context(), "ann", "secret"); !errors.Is(err, client.ErrAnswerLost) {
		t.Fatalf("error %v, want ErrAnswerLost", err)
	}
	s.set(func() { s.before = nil })
	next := s.client(t, client.KeepTokens(store))
	if err := next.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	if s.sessions != 2 {
		t.Errorf("%d sessions, want 2: the second login is one, in whatever process", s.sessions)
	}
	mustPredict(t, next)
	if err := next.Login(t.Context(), "ann", "secret"); err != nil || s.sessions != 3 {
		t.Errorf("a login after one that was answered: %v, %d sessions, want 3", err, s.sessions)
	}
}

// TestCrashInARefresh: the process that rotated died before the answer came; the next
// one asks for the same answer.
func TestCrashInARefresh(t *testing.T) {
	s := newServer(t)
	store := new(memory)
	c := s.loggedIn(t, client.KeepTokens(store))
	s.loseAnswers("/auth/refresh/", 1000, s.refresh)
	if err := predict(t, c); !errors.Is(err, client.ErrAnswerLost) {
		t.Fatalf("error %v, want ErrAnswerLost", err)
	}
	s.set(func() { s.before = nil })
	mustPredict(t, s.client(t, client.KeepTokens(store)))
}

// TestKeptTokenAlone: what is kept may come from elsewhere.
func TestKeptTokenAlone(t *testing.T) {
	s := newServer(t)
	store := new(memory)
	s.loggedIn(t, client.KeepTokens(store))
	token, _, _ := strings.Cut(store.token(), " ")
	store.saved = []string{token}
	mustPredict(t, s.client(t, client.KeepTokens(store)))
	for _, text := range store.saved {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) || len(strings.Fields(text)) > 3 {
			t.Errorf("%q was kept", text)
		}
	}
}

// TestLoginThatIsRefused leaves the kept session as it was.
func TestLoginThatIsRefused(t *testing.T) {
	s := newServer(t)
	store := new(memory)
	s.loggedIn(t, client.KeepTokens(store))
	before := store.token()
	c := s.client(t, client.KeepTokens(store)) // has not loaded it yet
	status(t, c.Login(t.Context(), "ann", "wrong"), 401)
	if got := store.token(); got != before {
		t.Errorf("kept %q, before it was %q", got, before)
	}
	mustPredict(t, c)
}

// TestLoginThatCannotBeKept sends nothing: a credential that works once would be lost.
func TestLoginThatCannotBeKept(t *testing.T) {
	s := newServer(t)
	c := s.client(t, client.KeepTokens(&memory{fail: errors.New("the disk is full")}))
	if err := c.Login(t.Context(), "ann", "secret"); !errors.Is(err, client.ErrNotKept) || s.count("POST /auth/reset/") != 0 {
		t.Errorf("error %v, %d logins were sent; want ErrNotKept and none", err, s.count("POST /auth/reset/"))
	}
}

// TestRefresh: on demand, once for all who ask at the same time.
func TestRefresh(t *testing.T) {
	s := newServer(t)
	status(t, s.client(t).Refresh(t.Context()), 401)
	c := s.loggedIn(t)
	for range 3 {
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	mustPredict(t, c)
	if got := s.generation; got != 4 {
		t.Errorf("generation %d, want 4", got)
	}
	s.set(func() { s.session = 0 })
	status(t, c.Refresh(t.Context()), 401)
}

// TestInstance names itself at each login.
func TestInstance(t *testing.T) {
	s := newServer(t)
	var got []string
	s.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/auth/reset/" {
			_ = r.ParseForm()
			got = append(got, strings.Join(r.PostForm["instance"], ","))
		}
		return false
	}
	s.loggedIn(t, client.Instance("eu-1"))
	s.loggedIn(t)
	if len(got) != 2 || got[0] != "eu-1" || got[1] != "" {
		t.Errorf("instances %q", got)
	}
}
