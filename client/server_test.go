package client_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mlapi/client"
)

// server answers as the contract says: refresh tokens work once, but for the same
// Idempotency-Key, and a replay ends the session. It has one client, "ann" with the password "secret".
type server struct {
	*httptest.Server

	mu         sync.Mutex
	ttl        time.Duration // of access tokens, as their claims say
	session    int           // number of the live session; 0: none
	sessions   int
	generation int
	key        string          // of the exchange that gave this generation
	accepted   map[string]bool // access tokens
	calls      map[string]int  // by method and path

	// before, where set, sees each request first and reports whether it answered.
	before func(w http.ResponseWriter, r *http.Request) bool
	// predictions, where set, answers a prediction.
	predictions func(w http.ResponseWriter, r *http.Request)
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{ttl: time.Hour, accepted: map[string]bool{}, calls: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]string{"status": "ok"}) })
	mux.HandleFunc("POST /auth/reset/", s.reset)
	mux.HandleFunc("POST /auth/refresh/", s.refresh)
	mux.HandleFunc("POST /auth/revoke/", s.revoke)
	mux.HandleFunc("GET /api/ml/", s.info)
	mux.HandleFunc("POST /api/ml/", s.predict)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls[r.Method+" "+r.URL.Path]++
		before := s.before
		s.mu.Unlock()
		if before == nil || !before(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) client(t *testing.T, options ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(s.URL, options...)
	if err != nil {
		t.Fatal(err)
	}
	client.SetPatience(c, 250*time.Millisecond) // two attempts
	return c
}

// loggedIn returns a client with a session.
func (s *server) loggedIn(t *testing.T, options ...client.Option) *client.Client {
	t.Helper()
	c := s.client(t, options...)
	if err := c.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	return c
}

// count returns how often a route was called.
func (s *server) count(route string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[route]
}

// set changes the server while it runs.
func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// forgetAccess makes the server refuse the access tokens it gave.
func (s *server) forgetAccess() { s.set(func() { s.accepted = map[string]bool{} }) }

// token returns a token in the form of a JWT, for the live session.
func (s *server) token(kind string) string {
	// The server's clock is wrong by a day: it is none of the client's business.
	now := time.Now().Add(24 * time.Hour)
	claims := fmt.Sprintf(`{"aud":%q,"sid":%d,"gen":%d,"iat":%d,"exp":%d,"n":%d}`,
		kind, s.session, s.generation, now.Unix(), now.Add(s.ttl).Unix(), len(s.accepted))
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

func (s *server) reset(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.PostFormValue("username") != "ann" || r.PostFormValue("password") != "secret" {
		problem(w, 401, "invalid_credentials", "")
		return
	}
	if key := r.Header.Get("Idempotency-Key"); s.session == 0 || s.generation > 1 || key == "" || key != s.key {
		s.sessions++
		s.key = key
	}
	s.session, s.generation = s.sessions, 1
	s.accepted = map[string]bool{}
	reply(w, 200, []string{"Bearer " + s.token("refresh")})
}

func (s *server) refresh(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sid, gen := presented(r)
	key := r.Header.Get("Idempotency-Key")
	switch {
	case s.session == 0 || sid != s.session:
		problem(w, 401, "invalid_token", "")
		return
	case gen == s.generation-1 && key != "" && key == s.key: // the same exchange once more
	case gen != s.generation:
		s.session = 0
		problem(w, 401, "invalid_token", "")
		return
	default:
		s.generation++
		s.key = key
	}
	access := s.token("access")
	s.accepted[access] = true
	reply(w, 200, []string{"Bearer " + access, "Bearer " + s.token("refresh")})
}

func (s *server) revoke(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sid, _ := presented(r); s.session == 0 || sid != s.session {
		problem(w, 401, "invalid_token", "")
		return
	}
	s.session = 0
	w.WriteHeader(http.StatusNoContent)
}

// presented returns the session and generation of the token sent.
func presented(r *http.Request) (sid, gen int) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return 0, 0
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct{ Sid, Gen int }
	_ = json.Unmarshal(payload, &claims)
	return claims.Sid, claims.Gen
}

// authorised reports whether the access token is good, and answers where not.
func (s *server) authorised(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != 0 && s.accepted[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
		return true
	}
	problem(w, 401, "invalid_token", "The token is missing, wrong or expired.")
	return false
}

func (s *server) info(w http.ResponseWriter, r *http.Request) {
	if s.authorised(w, r) {
		reply(w, 200, json.RawMessage(`{"name":"ml","model":"RandomForestClassifier","classes":[0,1],
			"features":[{"name":"protocol","type":"category","categories":["TCP","UDP"]},{"name":"x1","type":"number"}]}`))
	}
}

func (s *server) predict(w http.ResponseWriter, r *http.Request) {
	if !s.authorised(w, r) {
		return
	}
	s.mu.Lock()
	predictions := s.predictions
	s.mu.Unlock()
	if predictions != nil {
		predictions(w, r)
		return
	}
	var rows [][]any
	if err := json.NewDecoder(r.Body).Decode(&rows); err != nil {
		problem(w, 400, "not_rows", "")
		return
	}
	reply(w, 200, make([]int, len(rows)))
}

func reply(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func problem(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"title": http.StatusText(status), "status": status, "code": code, "detail": detail,
	})
}

// dropConnection breaks the connection without an answer.
func dropConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}
