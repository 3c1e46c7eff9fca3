package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"example.com/mlapi/client"
)

// lossy is a proxy in front of a server that breaks connections: before a request went
// on, after the server has answered, or in the middle of its answer.
type lossy struct {
	*httptest.Server
	t      *testing.T
	target string

	mu     sync.Mutex
	random *rand.Rand
	// lose says what becomes of the answer to a request.
	lose  func(random *rand.Rand, r *http.Request) loss
	total map[loss]int
}

type loss uint8

const (
	nothing loss = iota
	request
	answer
	halfOfTheAnswer
)

// aThird loses 30 % of all requests to the routes of authorisation.
func aThird(random *rand.Rand, r *http.Request) loss {
	if strings.HasPrefix(r.URL.Path, "/auth/") && random.IntN(10) < 3 {
		return request + loss(random.IntN(3))
	}
	return nothing
}

func newLossy(t *testing.T, target string, lose func(*rand.Rand, *http.Request) loss) *lossy {
	t.Helper()
	p := &lossy{t: t, target: target, lose: lose, random: rand.New(rand.NewPCG(5, 2)), total: map[loss]int{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *lossy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	lost := p.lose(p.random, r)
	p.total[lost]++
	p.mu.Unlock()
	if lost == request {
		p.hangUp(w, nil)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	on, err := http.NewRequest(r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return
	}
	on.Header = r.Header.Clone()
	got, err := http.DefaultTransport.RoundTrip(on)
	if err != nil {
		p.t.Errorf("the server itself: %v", err)
		return
	}
	defer got.Body.Close()
	if lost == nothing {
		for name, values := range got.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(got.StatusCode)
		_, _ = io.Copy(w, got.Body)
		return
	}
	var text bytes.Buffer
	if err := got.Write(&text); err != nil { // reads the answer to its end: the server knows of no loss
		p.t.Error(err)
	}
	if lost == answer {
		text.Reset()
	}
	p.hangUp(w, text.Bytes()[:text.Len()/2])
}

// hangUp writes what is left of an answer and resets the connection.
func (p *lossy) hangUp(w http.ResponseWriter, rest []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.t.Error(err)
		return
	}
	_, _ = conn.Write(rest)
	if tcp, ok := conn.(*net.TCPConn); ok && len(rest) == 0 {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// loggedIn returns a refresh token of a client, straight from the server.
func loggedIn(t *testing.T, s *server, form url.Values) string {
	t.Helper()
	answer, err := http.PostForm(s.url+"/auth/reset/", form)
	if err != nil {
		t.Fatal(err)
	}
	list := bearers(t, answer)
	if len(list) != 1 {
		t.Fatalf("the login answered %d", answer.StatusCode)
	}
	return list[0]
}

// bearers reads the tokens of an answer, none where it refuses or half of it was lost.
func bearers(t *testing.T, got *http.Response) (list []string) {
	t.Helper()
	defer got.Body.Close()
	if got.StatusCode >= 500 {
		t.Errorf("status %d", got.StatusCode)
	}
	if got.StatusCode == http.StatusOK {
		if err := json.NewDecoder(got.Body).Decode(&list); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
	}
	return list
}

// credential is what the test logs in with.
var credential = url.Values{"username": {"ann"}, "password": {"her own password"}}

// serverWithAnn starts a server without a model, whose client ann may log in once only.
func serverWithAnn(t *testing.T) *server {
	t.Helper()
	return startServer(t, t.TempDir(), "API_ENABLED=False", "AUTH_CLIENTS_RESET_ONLY_ONCE=True",
		"AUTH_CLIENTS_RESET_USN=ann", "AUTH_CLIENTS_RESET_PWD=her own password")
}

// TestThousandRotations: clients behind a proxy that loses three answers in ten are
// never locked out, though they keep nothing but their session.
func TestThousandRotations(t *testing.T) {
	s := startServer(t, t.TempDir(), "API_ENABLED=False", "AUTH_CLIENTS_RESET_ONLY_ONCE=False",
		"AUTH_CLIENTS_RESET_USN=ann", "AUTH_CLIENTS_RESET_PWD=her own password")
	proxy := newLossy(t, s.url, aThird)
	const instances, each = 20, 50
	var all sync.WaitGroup
	for i := range instances {
		all.Go(func() {
			if err := rotate(t.Context(), proxy.URL, fmt.Sprint(i), each); err != nil {
				t.Errorf("instance %d: %v", i, err)
			}
		})
	}
	all.Wait()
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	t.Logf("%d rotations; lost: %d requests, %d answers, %d halves of answers", instances*each,
		proxy.total[request], proxy.total[answer], proxy.total[halfOfTheAnswer])
	for _, lost := range []loss{request, answer, halfOfTheAnswer} {
		if proxy.total[lost] < instances*each/20 {
			t.Errorf("only %d losses of kind %d: the proxy is too good", proxy.total[lost], lost)
		}
	}
}

// rotate logs an instance of ann in and refreshes its session n times, in a process that
// is killed after each ten.
func rotate(ctx context.Context, base, instance string, n int) error {
	kept := new(oneSession)
	var c *client.Client
	for i := range n {
		if i%10 == 0 {
			var err error
			if c, err = client.New(base, client.KeepTokens(kept), client.Instance(instance)); err != nil {
				return err
			}
		}
		if i == 0 {
			if err := c.Login(ctx, "ann", "her own password"); err != nil {
				return err
			}
		}
		if err := c.Refresh(ctx); err != nil {
			return fmt.Errorf("rotation %d: %w", i, err)
		}
	}
	return nil
}

// oneSession is a TokenStore in memory.
type oneSession struct{ text string }

func (k *oneSession) Load(context.Context) (string, error)         { return k.text, nil }
func (k *oneSession) Save(_ context.Context, session string) error { k.text = session; return nil }

// TestResentGET: Go's own client sends a GET again where a connection that it kept
// breaks. With a key that is the same refresh, without one it is a replay.
func TestResentGET(t *testing.T) {
	for _, key := range []string{"", "one-refresh"} {
		s := serverWithAnn(t)
		sent := 0
		proxy := newLossy(t, s.url, func(_ *rand.Rand, r *http.Request) loss {
			if r.URL.Path != "/auth/refresh/" {
				return nothing
			}
			if sent++; sent == 1 {
				return answer
			}
			return nothing
		})
		token := loggedIn(t, s, credential)
		h := &http.Client{Transport: new(http.Transport)}
		warm, err := h.Get(proxy.URL + "/") // so that there is a connection to keep
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, warm.Body)
		_ = warm.Body.Close()
		got, err := h.Do(refreshRequest(t, "GET", proxy.URL, token, key))
		if err != nil {
			t.Fatal(err)
		}
		list := bearers(t, got)
		if sent != 2 {
			t.Fatalf("key %q: the refresh was sent %d times, want 2", key, sent)
		}
		if locked := len(list) == 0; locked != (key == "") {
			t.Errorf("key %q: locked out: %v", key, locked)
		}
	}
}

// refreshRequest is a refresh as curl would send it.
func refreshRequest(t *testing.T, method, base, token, key string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, base+"/auth/refresh/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return r
}

// TestLossWithoutAKey: a client that repeats a lost refresh without a key ends its
// session, because nobody can tell it from a thief.
func TestLossWithoutAKey(t *testing.T) {
	s := serverWithAnn(t)
	proxy := newLossy(t, s.url, aThird)
	token := loggedIn(t, s, credential)
	h := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 100 {
		got, err := h.Do(refreshRequest(t, "POST", proxy.URL, token, ""))
		if err != nil {
			continue // lost: what else but again?
		}
		list := bearers(t, got)
		if got.StatusCode == http.StatusUnauthorized {
			return // locked out, as it must be
		}
		if len(list) == 2 {
			token = list[1]
		}
	}
	t.Error("a hundred tries without a key, and no replay was noticed")
}

// TestThiefBesideAClientWithKeys: a thief of a used token ends the session, whether he
// brings no key or one of his own; with the key of the exchange itself, which only the
// client knows, nothing is new once its answer has arrived and ten seconds have passed.
func TestThiefBesideAClientWithKeys(t *testing.T) {
	for _, key := range []string{"", "the-thief's-own"} {
		s := serverWithAnn(t)
		proxy := newLossy(t, s.url, aThird)
		kept := new(oneSession)
		c, err := client.New(proxy.URL, client.KeepTokens(kept))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Login(t.Context(), "ann", "her own password"); err != nil {
			t.Fatal(err)
		}
		stolen, _, _ := strings.Cut(kept.text, " ")
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := http.DefaultClient.Do(refreshRequest(t, "POST", s.url, "Bearer "+stolen, key))
		if err != nil {
			t.Fatal(err)
		}
		if got.StatusCode != http.StatusUnauthorized || len(bearers(t, got)) > 0 {
			t.Errorf("key %q: the thief is answered %d", key, got.StatusCode)
		}
		err = c.Refresh(t.Context())
		if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != http.StatusUnauthorized {
			t.Errorf("key %q: the session goes on after a theft: %v", key, err)
		}
	}
}
