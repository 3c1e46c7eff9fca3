//go:build integration

package app_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// retryingConf is an nginx that keeps its default: a GET whose upstream breaks is sent
// to the next one. Words in capitals are replaced.
const retryingConf = `
worker_processes 1;
error_log FOLDER/error.log;
pid FOLDER/pid;
events { worker_connections 64; }
http {
TEMPORARY
    access_log FOLDER/access.log;
    upstream mlapi {
        server FIRST max_fails=0;
        server SECOND max_fails=0 backup;
    }
    server {
        listen 127.0.0.1:PORT;
        location / { proxy_pass http://mlapi; proxy_http_version 1.1; }
    }
}
`

// startRetryingNginx runs the real nginx in front of two addresses of one server, of
// which the first is tried first, and returns its URL.
func startRetryingNginx(t *testing.T, first, second string) string {
	t.Helper()
	nginx := program(t, "nginx", "apt-get install nginx-light")
	folder, port := t.TempDir(), freePort(t)
	conf := strings.NewReplacer("FOLDER", folder, "TEMPORARY", temporaryPaths(folder), "PORT", port,
		"FIRST", strings.TrimPrefix(first, "http://"), "SECOND", strings.TrimPrefix(second, "http://")).Replace(retryingConf)
	write(t, folder+"/nginx.conf", conf)
	cmd := exec.Command(nginx, "-c", folder+"/nginx.conf", "-g", "daemon off;")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	proxied := &server{t: t, url: "http://127.0.0.1:" + port}
	proxied.waitHealthy()
	return proxied.url
}

// dropper is a way to a server that loses the answers to refreshes while it is on, and
// counts them.
func dropper(t *testing.T, s *server, on *atomic.Bool) (proxy *lossy, refreshes *atomic.Int64) {
	t.Helper()
	refreshes = new(atomic.Int64)
	return newLossy(t, s.url, func(_ *rand.Rand, r *http.Request) loss {
		if r.URL.Path != "/auth/refresh/" {
			return nothing
		}
		refreshes.Add(1)
		if on.Load() {
			return answer
		}
		return nothing
	}), refreshes
}

// refreshThrough sends a refresh and returns the status and the tokens.
func refreshThrough(t *testing.T, method, base, token, key string) (int, []string) {
	t.Helper()
	got, err := insecure().Do(refreshRequest(t, method, base, token, key))
	if err != nil {
		t.Fatal(err)
	}
	if got.StatusCode == http.StatusBadGateway { // nginx', not ours
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
		return got.StatusCode, nil
	}
	return got.StatusCode, bearers(t, got)
}

// TestNginxSendsAGETAgain: by default nginx repeats a GET by itself when an answer is
// lost, and the client never knows. With a key that is the same refresh, twenty times
// in a row; without one the session ends.
func TestNginxSendsAGETAgain(t *testing.T) {
	var on atomic.Bool
	on.Store(true)
	t.Run("with a key", func(t *testing.T) {
		s := serverWithAnn(t)
		proxy, lost := dropper(t, s, &on)
		front := startRetryingNginx(t, proxy.URL, s.url)
		token := loggedIn(t, s, credential)
		for i := range 20 {
			status, list := refreshThrough(t, http.MethodGet, front, token, "key-"+string(rune('a'+i)))
			if status != http.StatusOK || len(list) != 2 {
				t.Fatalf("refresh %d: %d with %d tokens", i, status, len(list))
			}
			token = list[1]
		}
		if lost.Load() != 20 {
			t.Errorf("%d answers were lost, want 20", lost.Load())
		}
		if !s.says("the newest tokens are given out once more") || strings.Contains(s.errors(), "the session is blocked") {
			t.Errorf("no answer was repeated, or a session was blocked:\n%s", s.errors())
		}
		if status, list := refreshThrough(t, http.MethodPost, s.url, token, "the-last"); status != http.StatusOK || len(list) != 2 {
			t.Errorf("the session afterwards: %d", status)
		}
	})
	t.Run("without a key", func(t *testing.T) {
		s := serverWithAnn(t)
		proxy, lost := dropper(t, s, &on)
		front := startRetryingNginx(t, proxy.URL, s.url)
		status, list := refreshThrough(t, http.MethodGet, front, loggedIn(t, s, credential), "")
		if status != http.StatusUnauthorized || len(list) > 0 || lost.Load() != 1 || !s.says("the session is blocked") {
			t.Errorf("%d with %d tokens, after %d lost answers", status, len(list), lost.Load())
		}
	})
	t.Run("a POST is the client's to repeat", func(t *testing.T) {
		s := serverWithAnn(t)
		proxy, lost := dropper(t, s, &on)
		front := startRetryingNginx(t, proxy.URL, s.url)
		token := loggedIn(t, s, credential)
		if status, _ := refreshThrough(t, http.MethodPost, front, token, "one-key"); status != http.StatusBadGateway || lost.Load() != 1 {
			t.Errorf("%d after %d lost answers, want 502 after 1", status, lost.Load())
		}
		if status, list := refreshThrough(t, http.MethodPost, s.url, token, "one-key"); status != http.StatusOK || len(list) != 2 {
			t.Errorf("the client's own repeat: %d", status)
		}
	})
}

// TestShippedNginxRepeatsNothing: files/nginx.conf turns that off. The client gets a
// 502, repeats the refresh itself with the same key, and loses nothing.
func TestShippedNginxRepeatsNothing(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			var on atomic.Bool
			s := serverWithAnn(t)
			proxy, lost := dropper(t, s, &on)
			secure, _ := startNginx(t, &server{t: t, url: proxy.URL})
			front := "https://" + secure
			token := loggedIn(t, s, credential)
			for _, key := range []string{"first-key", "second-key"} {
				before := lost.Load()
				on.Store(true)
				if status, _ := refreshThrough(t, method, front, token, key); status != http.StatusBadGateway {
					t.Errorf("an answer was lost, and nginx says %d, want 502", status)
				}
				// A repeat would come at once.
				time.Sleep(100 * time.Millisecond)
				if n := lost.Load() - before; n != 1 {
					t.Errorf("the server saw %d requests, want 1", n)
				}
				on.Store(false)
				status, list := refreshThrough(t, method, front, token, key)
				if status != http.StatusOK || len(list) != 2 {
					t.Fatalf("repeated with the key: %d", status)
				}
				token = list[1]
			}
			if strings.Contains(s.errors(), "the session is blocked") {
				t.Errorf("the session was blocked:\n%s", s.errors())
			}
		})
	}
}
