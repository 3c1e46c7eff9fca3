package app_test

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// insecure returns an HTTP client that takes the tests' own certificates and keeps
// no connection, so that a killed server leaves nothing behind in it.
func insecure() *http.Client {
	return &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		},
	}
}

// call sends a request and returns the status and the body; status 0 means that
// no answer came.
func call(method, target, bearer, contentType, body string) (int, string) {
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	if bearer != "" {
		r.Header.Set("Authorization", bearer)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	answer, err := insecure().Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(text)
}

// tokensOf returns the tokens of an answer of reset or refresh.
func tokensOf(t *testing.T, status int, body string, want int) []string {
	t.Helper()
	var list []string
	if status != http.StatusOK || json.Unmarshal([]byte(body), &list) != nil || len(list) != want {
		t.Fatalf("answer %d %s, want 200 and %d tokens", status, body, want)
	}
	return list
}

func (s *server) reset(name, password string) (int, string) {
	form := url.Values{"username": {name}, "password": {password}}
	return call(http.MethodPost, s.url+"/auth/reset/", "", "application/x-www-form-urlencoded", form.Encode())
}

func (s *server) refresh(token string) (int, string) {
	return call(http.MethodPost, s.url+"/auth/refresh/", token, "", "")
}

func (s *server) predict(access, rows string) (int, string) {
	return call(http.MethodPost, s.url+"/api/ml/", access, "application/json", rows)
}

// login logs in and returns an access token and the newest refresh token.
func (s *server) login(name, password string) (access, refresh string) {
	s.t.Helper()
	status, body := s.reset(name, password)
	first := tokensOf(s.t, status, body, 1)[0]
	status, body = s.refresh(first)
	both := tokensOf(s.t, status, body, 2)
	return both[0], both[1]
}
