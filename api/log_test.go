package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/api"
)

func TestLogLine(t *testing.T) {
	g := newRig(t)
	access := g.access()
	for _, tt := range []struct {
		row
		want string // regular expression
	}{
		{row{method: "POST", target: "/api/ml/?output=all&secret=sesame", header: []string{jsonType, "Authorization: " + access}, body: `[["TCP",0.123456],["UDP",1]]`},
			`^time=\S+ level=INFO msg=request client=ada address=127\.0\.0\.1 method=POST path=/api/ml/ status=200 rows=2 time=[0-9.]+(µs|ms|s) request=ID\n$`},
		{row{method: "POST", target: "/api/ml/", header: []string{jsonType, "Authorization: " + access}, body: `[["TCP",0],["SECRET",0]]`},
			`client=ada .*path=/api/ml/ status=400 rows=2 .* code=unknown_category`},
		{row{method: "POST", target: "/api/ml/", header: []string{"Authorization: Bearer a.secret.b"}}, `level=INFO msg=request client="" .*status=401 .* code=invalid_token`},
		{row{method: "POST", target: "/auth/reset/", header: []string{formType}, body: form("username", "secret", "password", "secret")}, `path=/auth/reset/ status=401 .* code=invalid_credentials`},
		{row{method: "GET", target: "/no%0Ape\"level=ERROR"}, `level=INFO .*path="/no%0Ape%22level=ERROR" status=404 `},
		{row{method: "GET", target: "/" + strings.Repeat("a", 5000)}, `path=/a{127}\.\.\. status=404 `},
		{row{method: strings.Repeat("M", 500), target: "/"}, `method=M{16}\.\.\. path=/ status=405 `},
		{row{method: "GET", target: "/api"}, `path=/api status=308 `},
	} {
		got := g.send(tt.method, tt.target, tt.header, tt.body)
		id := got.header.Get("X-Request-Id")
		line := g.waitLog("request=" + id)
		if !regexp.MustCompile(strings.ReplaceAll(tt.want, "ID", id)).MatchString(line) {
			t.Errorf("%.60s: %s\nwant %s", tt.target, line, tt.want)
		}
	}
	for _, secret := range []string{"sesame", "secret", "SECRET", "0.123456", "UDP", strings.TrimPrefix(access, "Bearer ")} {
		if strings.Contains(g.log.String(), secret) {
			t.Errorf("%s is in the log:\n%s", secret, g.log.String())
		}
	}
}

// TestLogNamesTheClient: once the client is proven, also by what makes and ends
// sessions, the request's line has it; a token that proves nothing leaves it out.
func TestLogNamesTheClient(t *testing.T) {
	g := newRig(t)
	reset := g.send("POST", "/auth/reset/", []string{formType}, form("username", "ada", "password", password))
	first := "Authorization: " + g.tokens(reset, 1)[0]
	refresh := g.send("POST", "/auth/refresh/", []string{first}, "")
	access := "Authorization: " + g.tokens(refresh, 2)[0]
	for _, tt := range []struct {
		name string
		got  response
		want string
	}{
		{"reset", reset, "client=ada .*path=/auth/reset/ status=200 "},
		{"refresh", refresh, "client=ada .*path=/auth/refresh/ status=200 "},
		{"revoke", g.send("POST", "/auth/revoke/", []string{access}, ""), "client=ada .*path=/auth/revoke/ status=204 "},
		{"wrong password", g.send("POST", "/auth/reset/", []string{formType}, form("username", "ada", "password", "wrong")), `client="" .*status=401 `},
		{"ended session", g.send("POST", "/auth/refresh/", []string{first}, ""), `client="" .*status=401 `},
		{"ended twice", g.send("POST", "/auth/revoke/", []string{access}, ""), `client="" .*status=401 `},
	} {
		line := g.waitLog("request=" + tt.got.header.Get("X-Request-Id"))
		if !regexp.MustCompile(tt.want).MatchString(line) {
			t.Errorf("%s: %s\nwant %s", tt.name, line, tt.want)
		}
	}
}

// counting counts what gets past Enabled.
type counting struct {
	slog.Handler
	level   slog.Level
	records *int
}

func (c counting) Enabled(_ context.Context, l slog.Level) bool { return l >= c.level }
func (c counting) Handle(context.Context, slog.Record) error    { *c.records++; return nil }

func TestLogLevelIsAskedFirst(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelInfo: 1, slog.LevelWarn: 0, slog.LevelError + 100: 0} {
		records := 0
		h, err := api.New(api.Config{Auth: newNobody(), Logger: slog.New(counting{slog.DiscardHandler, level, &records})})
		if err != nil {
			t.Fatal(err)
		}
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if records != want {
			t.Errorf("level %v: %d records, want %d", level, records, want)
		}
	}
}

// TestAddressBehindProxies: the log and the limits on guessing see the address that
// a trusted proxy vouches for.
func TestAddressBehindProxies(t *testing.T) {
	g := newRig(t, func(c *api.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	wrong := form("username", "ada", "password", "wrong")
	for range 20 {
		g.send("POST", "/auth/reset/", []string{formType, "X-Forwarded-For: 203.0.113.7"}, wrong)
	}
	if got := g.send("POST", "/auth/reset/", []string{formType, "X-Forwarded-For: 198.51.100.9, 203.0.113.7"}, wrong); got.status != 429 {
		t.Errorf("guess 21 from the address: %d", got.status)
	}
	if got := g.send("POST", "/auth/reset/", []string{formType, "X-Forwarded-For: 203.0.113.8"}, wrong); got.status != 401 {
		t.Errorf("first guess from another address: %d", got.status)
	}
	g.waitLog("address=203.0.113.7")
	if strings.Contains(g.log.String(), "198.51.100.9") {
		t.Error("an address that the caller made up is in the log")
	}
}

// TestAbortIsLeftToNetHTTP: the one panic that is a request to cut the connection.
func TestAbortIsLeftToNetHTTP(t *testing.T) {
	h, err := api.New(api.Config{AuthEnabled: true, AuthRoute: "auth", Auth: aborting{newNobody()}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("recovered %v", p)
		}
	}()
	r := httptest.NewRequest("POST", "/auth/refresh/", nil)
	r.Header.Set("Authorization", "Bearer a")
	h.ServeHTTP(httptest.NewRecorder(), r)
	t.Error("no panic")
}

type aborting struct{ *nobody }

func (aborting) Refresh(context.Context, string, mlapi.Origin) (mlapi.Tokens, error) {
	panic(http.ErrAbortHandler)
}
