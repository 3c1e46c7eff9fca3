package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi"
	"example.com/mlapi/api"
)

// form is an urlencoded body of the pairs given.
func form(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1]))
	}
	return b.String()
}

// parts is a multipart body of the pairs given, with the boundary "b".
func parts(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", pairs[i], pairs[i+1])
	}
	return b.String() + "--b--\r\n"
}

const (
	partsType = "Content-Type: multipart/form-data; boundary=b"
	basic     = "Authorization: Basic YWRhOm9wZW4gc2VzYW1l"
)

func TestResetLetsIn(t *testing.T) {
	g := newRig(t)
	for _, tt := range []struct{ name, contentType, body string }{
		{"urlencoded", formType, form("username", "ada", "password", password)},
		{"with a charset", formType + "; charset=UTF-8", form("username", "ada", "password", password)},
		{"other order and fields", formType, form("x", "y", "password", password, "username", "ada")},
		{"first of repeated fields", formType, form("username", "ada", "password", password, "username", "eve", "password", "wrong")},
		{"not encoded by the caller", formType, "username=ada&password=open sesame, 1% of the time; %26 really"},
		{"name with a space", formType, "username=Ada+Lovelace&password=x+y%2bz"},
		{"multipart", partsType, parts("username", "ada", "password", password)},
		{"multipart, first of repeated fields", partsType, parts("username", "ada", "password", password, "password", "wrong")},
		{"multipart, quoted boundary", `Content-Type: multipart/form-data; boundary="b"`, parts("username", "ada", "password", password)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := *g
			h.t = t
			got := h.send("POST", "/auth/reset/", []string{tt.contentType}, tt.body)
			h.tokens(got, 1)
			check(t, row{status: 200, want: []string{"Content-Type: application/json", "Cache-Control: no-store", "Pragma: no-cache", "Vary: Origin"}, text: `["Bearer ey...`}, got)
		})
	}
}

// TestResetRefusalsAreAllTheSame uses a credential that is good once and is not
// used up by any of them.
func TestResetRefusalsAreAllTheSame(t *testing.T) {
	g := newRig(t, func(c *api.Config) { c.Auth = newAuth(t, true) })
	good := form("username", "ada", "password", password)
	rows := []struct {
		name, target string
		header       []string
		body         string
	}{
		{"wrong password", "", []string{formType}, form("username", "ada", "password", "wrong")},
		{"unknown name", "", []string{formType}, form("username", "eve", "password", password)},
		{"other case of the name", "", []string{formType}, form("username", "Ada", "password", password)},
		{"other case of the password", "", []string{formType}, form("username", "ada", "password", strings.ToUpper(password))},
		{"space behind the name", "", []string{formType}, form("username", "ada ", "password", password)},
		{"space behind the password", "", []string{formType}, form("username", "ada", "password", password+" ")},
		{"empty fields", "", []string{formType}, form("username", "", "password", "")},
		{"empty password", "", []string{formType}, form("username", "ada", "password", "")},
		{"first password empty", "", []string{formType}, form("username", "ada", "password", "", "password", password)},
		{"no password", "", []string{formType}, form("username", "ada")},
		{"no name", "", []string{formType}, form("password", password)},
		{"upper-case fields", "", []string{formType}, form("Username", "ada", "Password", password)},
		{"wrong first, right second", "", []string{formType}, form("username", "ada", "password", "wrong", "password", password)},
		{"no body", "", []string{formType}, ""},
		{"no body nor type", "", nil, ""},
		{"query", "?" + good, []string{formType}, ""},
		{"query and half a form", "?password=" + url.QueryEscape(password), []string{formType}, "username=ada"},
		{"Basic header", "", []string{basic}, ""},
		{"Basic header and empty form", "", []string{basic, formType}, ""},
		{"JSON", "", []string{jsonType}, `{"username":"ada","password":"` + password + `"}`},
		{"form without its type", "", nil, good},
		{"form as text", "", []string{"Content-Type: text/plain"}, good},
		{"form with two types", "", []string{formType, formType}, good},
		{"form with a malformed type", "", []string{"Content-Type: /"}, good},
		{"multipart without a boundary", "", []string{"Content-Type: multipart/form-data"}, parts("username", "ada", "password", password)},
		{"multipart with another boundary", "", []string{"Content-Type: multipart/form-data; boundary=c"}, parts("username", "ada", "password", password)},
		{"multipart, cut", "", []string{partsType}, strings.TrimSuffix(parts("username", "ada", "password", password), "--b--\r\n")},
		{"multipart, files", "", []string{partsType}, strings.ReplaceAll(parts("username", "ada", "password", password), "\r\n\r\n", "; filename=\"f\"\r\n\r\n")},
		{"multipart, other kind", "", []string{"Content-Type: multipart/mixed; boundary=b"}, parts("username", "ada", "password", password)},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			h := *g
			h.t = t
			got := h.send("POST", "/auth/reset/"+r.target, r.header, r.body)
			check(t, row{status: 401, want: []string{problemCT, "WWW-Authenticate: Bearer", "Content-Length: " + itoa(len(noEntry)), "Pragma:", "Retry-After:"}, text: noEntry}, got)
		})
	}
	g.tokens(g.send("POST", "/auth/reset/", []string{formType}, good), 1)
	check(t, row{status: 401, text: noEntry}, g.send("POST", "/auth/reset/", []string{formType}, good))
}

// asked is an authoriser that remembers what it was asked.
type asked struct {
	*nobody
	names, passwords []string
}

func (a *asked) Reset(_ context.Context, login mlapi.Login) (mlapi.Tokens, error) {
	a.names, a.passwords = append(a.names, login.Name), append(a.passwords, login.Password)
	return mlapi.Tokens{}, a.err
}

// TestHalfCredentialsAreNoGuess: a name without a password must neither count
// against that name nor take another time, so the authoriser hears of neither.
func TestHalfCredentialsAreNoGuess(t *testing.T) {
	a := &asked{nobody: newNobody401()}
	g := newRig(t, func(c *api.Config) { c.Auth = a })
	for _, body := range []string{form("username", "ada"), form("password", "x"), "", form("username", "ada", "password", "x")} {
		g.send("POST", "/auth/reset/", []string{formType}, body)
	}
	if diff := cmp.Diff([]string{"", "", "", "ada"}, a.names) + cmp.Diff([]string{"", "", "", "x"}, a.passwords); diff != "" {
		t.Error(diff)
	}
}

// TestResetRefusalsTakeAsLong compares what is refused without a look at a
// password with a wrong one: each costs one argon2id.
func TestResetRefusalsTakeAsLong(t *testing.T) {
	g := newRig(t)
	fastest := func(header []string, body string) time.Duration {
		least := time.Hour
		for range 5 {
			start := time.Now()
			if got := g.send("POST", "/auth/reset/", header, body); got.status != 401 {
				t.Fatalf("%d %s", got.status, got.body)
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	want := fastest([]string{formType}, form("username", "ada", "password", "wrong"))
	for name, got := range map[string]time.Duration{
		"no body":      fastest(nil, ""),
		"JSON":         fastest([]string{jsonType}, `{"username":"ada"}`),
		"unknown name": fastest([]string{formType}, form("username", "eve", "password", "wrong")),
	} {
		if got < want/3 {
			t.Errorf("%s takes %v, a wrong password %v", name, got, want)
		}
	}
}

func TestRefreshAndReplay(t *testing.T) {
	g := newRig(t)
	first := g.reset()
	for _, method := range []string{"GET", "POST"} {
		got := g.send(method, "/auth/refresh/", []string{"Authorization: " + first, "Accept: text/html"}, "")
		check(t, row{status: 200, want: []string{"Content-Type: application/json", "Cache-Control: no-store", "Pragma: no-cache"}, text: `["Bearer ey...`}, got)
		both := g.tokens(got, 2)
		if got := g.send("GET", "/api/ml/", []string{"Authorization: " + both[0]}, ""); got.status != 200 {
			t.Errorf("%s: the access token answers %d", method, got.status)
		}
		if method == "GET" {
			first = both[1]
			continue
		}
		// The token before is old now: its use is a replay and ends everything.
		check(t, row{status: 401, text: noToken}, g.send("GET", "/auth/refresh/", []string{"Authorization: " + first}, ""))
		check(t, row{status: 401, text: noToken}, g.send("GET", "/auth/refresh/", []string{"Authorization: " + both[1]}, ""))
		check(t, row{status: 401, text: noToken}, g.send("GET", "/api/ml/", []string{"Authorization: " + both[0]}, ""))
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	g := newRig(t)
	for i := range 21 {
		got := g.send("POST", "/auth/reset/", []string{formType}, form("username", "ada", "password", "wrong"))
		if want := 401; i < 20 && got.status != want {
			t.Fatalf("guess %d: %d %s", i+1, got.status, got.body)
		}
		if i == 20 && (got.status != 429 || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, `"title":"Too Many Requests","status":429`)) {
			t.Errorf("guess 21: %d %s, Retry-After %s", got.status, got.body, got.header.Get("Retry-After"))
		}
	}
}

// TestAuthoriserIsNotBelieved: an authoriser that answers nonsense without an
// error lets nobody in.
func TestAuthoriserIsNotBelieved(t *testing.T) {
	login := form("username", "ada", "password", password)
	bearer := "Authorization: Bearer abc"
	ada := mlapi.Caller{Name: "ada"}
	for _, tt := range []struct {
		name, method, target, header, body string
		auth                               *nobody
		status                             int
		retry, text                        string
	}{
		{"nobody let in", "GET", "/api/ml/", bearer, "", &nobody{}, 500, "", ""},
		{"a session without a name", "GET", "/api/ml/", bearer, "", &nobody{caller: mlapi.Caller{Session: "s"}}, 500, "", ""},
		{"unknown error", "GET", "/api/ml/", bearer, "", &nobody{caller: mlapi.Caller{Name: "a"}, err: errors.New("secret")}, 500, "", ""},
		{"empty token of reset", "POST", "/auth/reset/", formType, login, &nobody{caller: ada}, 500, "", ""},
		{"tokens for nobody", "POST", "/auth/reset/", formType, login, &nobody{refresh: "abc"}, 500, "", ""},
		{"refresh for nobody", "POST", "/auth/refresh/", bearer, "", &nobody{access: "abc", refresh: "abc"}, 500, "", ""},
		{"revocation for nobody", "POST", "/auth/revoke/", bearer, "", &nobody{}, 500, "", ""},
		{"token that breaks the JSON", "POST", "/auth/reset/", formType, login, &nobody{caller: ada, refresh: `a"b`}, 500, "", ""},
		{"empty credential accepted", "POST", "/auth/reset/", formType, "", &nobody{refresh: "abc"}, 401, "", noEntry},
		{"own words for a refusal", "POST", "/auth/reset/", formType, login, &nobody{err: &mlapi.Error{Kind: mlapi.Unauthenticated, Code: "no_such_client", Detail: "eve is unknown"}}, 401, "", noEntry},
		{"empty access token", "POST", "/auth/refresh/", bearer, "", &nobody{caller: ada, refresh: "abc"}, 500, "", ""},
		{"failed revocation", "POST", "/auth/revoke/", bearer, "", &nobody{err: errors.New("secret")}, 500, "", ""},
		{"store away", "POST", "/auth/refresh/", bearer, "", &nobody{err: &mlapi.Error{Kind: mlapi.Unavailable, Code: "unavailable", Detail: "Try again.", RetryAfter: 1500 * time.Millisecond, Cause: errors.New("secret")}}, 503, "2",
			`{"title":"Service Unavailable","status":503,"detail":"Try again.","code":"unavailable"}`},
		{"store away, without a time", "POST", "/auth/revoke/", bearer, "", &nobody{err: &mlapi.Error{Kind: mlapi.Unavailable, Code: "unavailable"}}, 503, "1", `{"title":"Service Unavailable"...`},
		{"throttled", "POST", "/auth/reset/", formType, login, &nobody{err: &mlapi.Error{Kind: mlapi.Throttled, Code: "too_many_attempts", RetryAfter: time.Hour}}, 429, "3600", `{"title":"Too Many Requests"...`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, func(c *api.Config) { c.Auth = tt.auth })
			got := g.send(tt.method, tt.target, []string{tt.header}, tt.body)
			if tt.text == "" {
				tt.text = `{"title":"Internal Server Error","status":500,"detail":"The server failed to answer this request.","code":"internal"}`
			}
			check(t, row{status: tt.status, want: []string{"Retry-After: " + tt.retry}, text: tt.text}, got)
		})
	}
}
