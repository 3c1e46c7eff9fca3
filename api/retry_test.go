package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/auth"
)

// TestIdempotencyKey: the same request with the same key gets the same refresh token,
// in whatever form the key is written; a malformed key uses nothing up.
func TestIdempotencyKey(t *testing.T) {
	g := newRig(t, func(c *api.Config) { c.Auth = newAuth(t, true) })
	good := form("username", "ada", "password", password)
	send := func(path, token, body string, keys ...string) response {
		t.Helper()
		header := []string{}
		if body != "" {
			header = append(header, formType)
		}
		if token != "" {
			header = append(header, "Authorization: "+token)
		}
		for _, key := range keys {
			header = append(header, "Idempotency-Key: "+key)
		}
		return g.send("POST", path, header, body)
	}
	bad := row{status: 400, want: []string{problemCT}, text: `{"title":"Bad Request","status":400,"detail":"The Idempotency-Key must be sent once...`}
	for _, keys := range [][]string{{""}, {"a", "b"}, {"a b"}, {"é"}, {`""`}, {strings.Repeat("k", 256)}, {"a\tb"}} {
		check(t, bad, send("/auth/reset/", "", good, keys...))
	}
	login := g.tokens(send("/auth/reset/", "", good, "login-1"), 1)
	if again := g.tokens(send("/auth/reset/", "", good, `"login-1"`), 1); again[0] != login[0] {
		t.Error("the repeated login got another token")
	}
	check(t, row{status: 401, text: noEntry}, send("/auth/reset/", "", good, "login-2"))

	for _, keys := range [][]string{{""}, {"a", "b"}, {"a b"}} {
		check(t, bad, send("/auth/refresh/", login[0], "", keys...))
	}
	first := g.tokens(send("/auth/refresh/", login[0], "", `"re\"fresh"`), 2)
	for _, method := range []string{"GET", "POST"} {
		again := g.tokens(g.send(method, "/auth/refresh/", []string{"Authorization: " + login[0], `Idempotency-Key: re"fresh`}, ""), 2)
		if again[1] != first[1] || again[0] == first[0] {
			t.Errorf("%s: the repeated refresh got another refresh token, or the same access token", method)
		}
	}
	if got := send("/auth/refresh/", login[0], "", "another"); got.status != 401 {
		t.Errorf("a replay with another key: %d", got.status)
	}
	if got := send("/auth/refresh/", first[1], "", "third"); got.status != 401 {
		t.Errorf("the session goes on after a replay: %d", got.status)
	}
}

// TestInstanceField: each instance has a session; a name that cannot be one is a wrong
// credential like any other.
func TestInstanceField(t *testing.T) {
	g := newRig(t)
	login := func(contentType, body string) string {
		t.Helper()
		return g.tokens(g.send("POST", "/auth/reset/", []string{contentType}, body), 1)[0]
	}
	plain := login(formType, form("username", "ada", "password", password))
	east := login(formType, form("username", "ada", "password", password, "instance", "east", "instance", "west"))
	login(partsType, parts("username", "ada", "password", password, "instance", "west"))
	login(formType, form("username", "ada", "password", password, "instance", "east"))
	refresh := func(token string) int {
		return g.send("POST", "/auth/refresh/", []string{"Authorization: " + token}, "").status
	}
	if got := refresh(east); got != 401 {
		t.Errorf("the replaced session of east: %d", got)
	}
	if got := refresh(plain); got != 200 {
		t.Errorf("the session without an instance: %d", got)
	}
	for _, instance := range []string{strings.Repeat("x", 65), "a\nb", " east"} {
		check(t, row{status: 401, text: noEntry},
			g.send("POST", "/auth/reset/", []string{formType}, form("username", "ada", "password", password, "instance", instance)))
	}
}

// TestJWKS: the public keys, for everybody, to be kept for a while.
func TestJWKS(t *testing.T) {
	ring := auth.NewKeyRing(signingKey())
	g := newRig(t, func(c *api.Config) { c.Keys = ring })
	const path = "/.well-known/jwks.json"
	got := g.send("GET", path, []string{"Origin: https://app.example"}, "")
	check(t, row{status: 200, want: []string{"Content-Type: application/json", "Cache-Control: public, max-age=300",
		"Access-Control-Allow-Origin: https://app.example"}, text: `{"keys":[{...`}, got)
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(got.body), &set); err != nil || len(set.Keys) != 1 {
		t.Fatal(got.body, err)
	}
	if key := set.Keys[0]; len(key) != 6 || key["kid"] != signingKey().ID() || key["use"] != "sig" || key["kty"] != "RSA" || key["alg"] != "RS256" {
		t.Errorf("the key is %v", key)
	}
	check(t, row{status: 200}, g.send("HEAD", path, nil, ""))
	check(t, row{status: 405, want: []string{"Allow: GET, HEAD, OPTIONS"}, text: "{..."}, g.send("POST", path, nil, ""))
	check(t, row{status: 404, text: "{..."}, g.send("GET", path+"/", nil, ""))
	off := newRig(t, func(c *api.Config) { c.Keys, c.AuthEnabled, c.Open = ring, false, true })
	check(t, row{status: 404, text: "{..."}, off.send("GET", path, nil, ""))
	check(t, row{status: 404, text: "{..."}, newRig(t).send("GET", path, nil, ""))
}

// lossy is an authoriser that counts what it hears of lost answers.
type lossy struct {
	*nobody
	lost atomic.Int32
}

func (l *lossy) Undelivered(_ context.Context, given mlapi.Tokens) {
	if given.Refresh == "b.b.b" {
		l.lost.Add(1)
	}
}

// goneWriter is a connection that broke.
type goneWriter struct {
	http.ResponseWriter
	write, flush error
}

func (w *goneWriter) Write(p []byte) (int, error) {
	if w.write != nil {
		return 0, w.write
	}
	return w.ResponseWriter.Write(p)
}

func (w *goneWriter) FlushError() error { return w.flush }

// TestUndelivered: tokens that cannot be written, or whose receiver has gone, are told
// of; answers that are sent, and those without tokens, are not.
func TestUndelivered(t *testing.T) {
	broken := errors.New("broken pipe")
	for name, c := range map[string]struct {
		path         string
		write, flush error
		gone         bool
		want         int32
	}{
		"sent":                 {path: "/auth/refresh/"},
		"not written":          {path: "/auth/refresh/", write: broken, want: 1},
		"not flushed":          {path: "/auth/refresh/", flush: broken, want: 1},
		"gone":                 {path: "/auth/refresh/", gone: true, want: 1},
		"login, gone":          {path: "/auth/reset/", gone: true, want: 1},
		"logout, not written":  {path: "/auth/revoke/", write: broken},
		"a page, not written":  {path: "/auth/", write: broken},
		"refused, not written": {path: "/auth/reset/?x", write: broken},
	} {
		t.Run(name, func(t *testing.T) {
			l := &lossy{nobody: newNobody()}
			l.caller, l.access, l.refresh = mlapi.Caller{Name: "ada", Session: "s"}, "a.a.a", "b.b.b"
			if strings.HasSuffix(c.path, "x") {
				l.err = &mlapi.Error{Kind: mlapi.Unauthenticated, Code: "no", Detail: "No."}
			}
			g := newRig(t, func(cfg *api.Config) { cfg.Auth = l })
			body := strings.NewReader(form("username", "ada", "password", "x"))
			r := httptest.NewRequest("POST", c.path, body)
			if c.path == "/auth/" {
				r = httptest.NewRequest("GET", c.path, nil)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer t.t.t")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := &goneWriter{ResponseWriter: httptest.NewRecorder(), write: c.write, flush: c.flush}
			if c.gone {
				cancel()
			}
			g.handler.ServeHTTP(w, r.WithContext(ctx))
			if got := l.lost.Load(); got != c.want {
				t.Errorf("told %d times, want %d", got, c.want)
			}
		})
	}
}
