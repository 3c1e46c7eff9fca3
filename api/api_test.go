package api_test

import (
	"regexp"
	"strings"
	"testing"

	"example.com/mlapi/api"
)

// row is one request and what must come back. In header values $ACCESS and
// $REFRESH stand for live tokens.
type row struct {
	name, method, target string
	header               []string
	body                 string

	status int
	want   []string // "Key: value" of headers, "Key:" for one that must be absent
	text   string   // the whole body, or, with ... at its end, how it begins
}

const (
	health    = `{"status":"ok"}` + "\n"
	modelJSON = `{"name":"ml","model":"RandomForestClassifier","classes":[0,1],"features":[` +
		`{"name":"protocol","type":"category","categories":["TCP","UDP","OTHER"]},{"name":"rate","type":"number"}]}` + "\n"
	notFound  = `{"title":"Not Found","status":404,"detail":"There is nothing at this path.","code":"not_found"}`
	noToken   = `{"title":"Unauthorized","status":401,"detail":"The token is missing, malformed, expired or revoked.","code":"invalid_token"}`
	noEntry   = `{"title":"Unauthorized","status":401,"detail":"The name or password is wrong, or the credential was used before.","code":"invalid_credentials"}`
	problemCT = "Content-Type: application/problem+json"
	asHTML    = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	withToken = "Authorization: $ACCESS"
)

func pages() []row {
	headings := "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Health Check</title></head>\n<body>\n<h1>Health Check</h1>\n<p>OK</p>..."
	return []row{
		{"root", "GET", "/", nil, "", 200, []string{"Content-Type: application/json", "Content-Length: 16", "Vary: Origin, Accept", "Content-Security-Policy:"}, health},
		{"root, HEAD", "HEAD", "/", nil, "", 200, []string{"Content-Length: 16"}, ""},
		{"root as HTML", "GET", "/", []string{asHTML}, "", 200, []string{"Content-Type: text/html; charset=utf-8",
			"Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}, headings},
		{"root with a query", "GET", "/?a=b", nil, "", 200, nil, health},
		{"auth", "GET", "/auth/", nil, "", 200, nil, health},
		{"api", "GET", "/api/", nil, "", 200, nil, health},
		{"api, HEAD", "HEAD", "/api/", nil, "", 200, nil, ""},
		{"page with a body", "GET", "/api/", nil, "ignored", 200, nil, health},
		{"absolute form", "GET", "http://other.example/api/", nil, "", 200, nil, health},
		{"absolute form without a path", "GET", "http://other.example", nil, "", 200, nil, health},
		{"every answer's headers", "GET", "/", []string{"X-Request-ID: mine"}, "", 200,
			[]string{"X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cache-Control: no-store", "Server:", "Pragma:"}, health},
		{"model", "GET", "/api/ml/", []string{withToken}, "", 200, nil, modelJSON},
		{"model, HEAD", "HEAD", "/api/ml/", []string{withToken}, "", 200, []string{"Content-Length: " + itoa(len(modelJSON))}, ""},
		{"model as HTML", "GET", "/api/ml/", []string{withToken, asHTML}, "", 200, nil,
			"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>ML Model</title></head>\n<body>\n<h1>ML Model</h1>\n<p>RandomForestClassifier [0 1]</p>\n" +
				"<table>\n<tr><th>feature</th><th>takes</th></tr>\n<tr><td>protocol</td><td>category: TCP, UDP, OTHER</td></tr>\n" +
				"<tr><td>rate</td><td>number</td></tr>\n</table>\n</body>\n</html>\n"},
		{"JSON ranked above", "GET", "/", []string{"Accept: text/html;q=0.5, application/json"}, "", 200, nil, health},
		{"JSON ranked equal", "GET", "/", []string{"Accept: text/html, application/json"}, "", 200, nil, health},
		{"anything", "GET", "/", []string{"Accept: */*"}, "", 200, nil, health},
	}
}

func order() []row {
	return []row{
		{"unknown path", "GET", "/nope", nil, "", 404, []string{problemCT, "WWW-Authenticate:"}, notFound},
		{"unknown path under api", "GET", "/api/nope", nil, "", 404, nil, notFound},
		{"unknown path, method and all", "FROB", "/api/nope/", nil, "x", 404, nil, notFound},
		{"unknown path, OPTIONS", "OPTIONS", "/api/nope/", nil, "", 404, []string{"Allow:"}, notFound},
		{"unknown path as HTML", "GET", "/<script>", []string{asHTML}, "", 404, []string{"Content-Type: text/html; charset=utf-8"},
			"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>..."},
		{"unknown path, HEAD", "HEAD", "/nope", nil, "", 404, []string{problemCT}, ""},
		{"other case", "GET", "/API/", nil, "", 404, nil, notFound},
		{"other case of the rest", "GET", "/api/ML/", nil, "", 404, nil, notFound},
		{"dot segment", "GET", "/./api/", nil, "", 404, nil, notFound},
		{"dot segment at the end", "GET", "/api/.", nil, "", 404, nil, notFound},
		{"dot-dot segment", "GET", "/api/../api/", nil, "", 404, nil, notFound},
		{"encoded letter", "GET", "/%61pi/", nil, "", 404, nil, notFound},
		{"encoded slash", "GET", "/api%2fml/", nil, "", 404, nil, notFound},
		{"encoded last slash", "GET", "/api%2f", nil, "", 404, nil, notFound},
		{"encoded dots", "GET", "/api/%2e%2e/api/", nil, "", 404, nil, notFound},
		{"semicolon", "GET", "/api/;x", nil, "", 404, nil, notFound},
		{"trailing space", "GET", "/api/%20", nil, "", 404, nil, notFound},
		{"NUL", "GET", "/api/%00", nil, "", 404, nil, notFound},
		{"fragment", "GET", "/api/#x", nil, "", 404, nil, notFound},
		{"star, not OPTIONS", "GET", "*", nil, "", 404, nil, notFound},
		{"encoded star", "OPTIONS", "/%2a", nil, "", 404, nil, notFound},
		{"absolute form of a star", "OPTIONS", "http://x.example/*", nil, "", 404, nil, notFound},
		{"no path at all", "GET", "mailto:x", nil, "", 404, nil, notFound},
		{"CONNECT", "CONNECT", "example.com:443", nil, "", 404, nil, notFound},

		{"missing slash", "GET", "/api", nil, "", 308, []string{"Location: /api/", "Content-Length: 0", "Content-Type:"}, ""},
		{"missing slash, query", "GET", "/api/ml?output=all&x=%20y", nil, "", 308, []string{"Location: /api/ml/?output=all&x=%20y"}, ""},
		{"missing slash before the token", "POST", "/api/ml", nil, "[[1]]", 308, []string{"Location: /api/ml/"}, ""},
		{"missing slash before the method", "PUT", "/auth/reset", nil, "", 308, []string{"Location: /auth/reset/", "Allow:"}, ""},
		{"missing slash before OPTIONS", "OPTIONS", "/auth/reset", nil, "", 308, nil, ""},
		{"repeated slashes", "GET", "/api//ml/", nil, "", 308, []string{"Location: /api/ml/"}, ""},
		{"repeated slashes everywhere", "GET", "///api///ml///", nil, "", 308, []string{"Location: /api/ml/"}, ""},
		{"repeated and missing", "GET", "//api//ml?x", nil, "", 308, []string{"Location: /api/ml/?x"}, ""},
		{"only slashes", "GET", "//", nil, "", 308, []string{"Location: /"}, ""},
		{"another host in the path", "GET", "//evil.example/", nil, "", 404, []string{"Location:"}, notFound},
		{"another host in the path, and dots", "GET", "//evil.example/../api/", nil, "", 404, []string{"Location:"}, notFound},
		{"backslash", "GET", "/\\evil.example/", nil, "", 404, []string{"Location:"}, notFound},
		{"absolute form, missing slash", "GET", "http://evil.example/api/ml", nil, "", 308, []string{"Location: /api/ml/"}, ""},
		{"query that is none", "GET", "/api?<a>#\"b\xff", nil, "", 308, []string{"Location: /api/?%3Ca%3E%23%22b%FF"}, ""},

		{"OPTIONS root", "OPTIONS", "/", nil, "", 200, []string{"Allow: GET, HEAD, OPTIONS", "Content-Length: 0", "Content-Type:"}, ""},
		{"OPTIONS model without token", "OPTIONS", "/api/ml/", nil, "", 200, []string{"Allow: GET, HEAD, OPTIONS, POST", "WWW-Authenticate:"}, ""},
		{"OPTIONS reset", "OPTIONS", "/auth/reset/", nil, "", 200, []string{"Allow: OPTIONS, POST"}, ""},
		{"OPTIONS refresh", "OPTIONS", "/auth/refresh/", nil, "", 200, []string{"Allow: GET, OPTIONS, POST"}, ""},
		{"OPTIONS revoke", "OPTIONS", "/auth/revoke/", nil, "", 200, []string{"Allow: OPTIONS, POST"}, ""},
		{"OPTIONS *", "OPTIONS", "*", nil, "", 200, []string{"Allow: GET, HEAD, OPTIONS, POST"}, ""},

		{"wrong method before the token", "PUT", "/api/ml/", nil, "x", 405, []string{"Allow: GET, HEAD, OPTIONS, POST", problemCT, "WWW-Authenticate:"},
			`{"title":"Method Not Allowed","status":405,"detail":"This path takes GET, HEAD, OPTIONS, POST.","code":"method_not_allowed"}`},
		{"wrong method on a page", "POST", "/", nil, "x", 405, []string{"Allow: GET, HEAD, OPTIONS"}, `{"title":"Method Not Allowed"...`},
		{"DELETE", "DELETE", "/api/ml/", []string{withToken}, "", 405, nil, `{"title":"Method Not Allowed"...`},
		{"TRACE", "TRACE", "/", nil, "", 405, nil, `{"title":"Method Not Allowed"...`},
		{"CONNECT to a path", "CONNECT", "/api/ml/", nil, "", 405, nil, `{"title":"Method Not Allowed"...`},
		{"lower-case method", "get", "/", nil, "", 405, nil, `{"title":"Method Not Allowed"...`},
		{"GET reset", "GET", "/auth/reset/", nil, "", 405, []string{"Allow: OPTIONS, POST"}, `{"title":"Method Not Allowed"...`},
		{"HEAD reset", "HEAD", "/auth/reset/", nil, "", 405, nil, ""},
		{"HEAD refresh", "HEAD", "/auth/refresh/", []string{"Authorization: $REFRESH"}, "", 405, []string{"Allow: GET, OPTIONS, POST"}, ""},
		{"GET revoke", "GET", "/auth/revoke/", []string{"Authorization: $REFRESH"}, "", 405, nil, `{"title":"Method Not Allowed"...`},

		{"token before content type and body", "POST", "/api/ml/", []string{"Content-Type: text/plain"}, "no json", 401, []string{problemCT, "WWW-Authenticate: Bearer"}, noToken},
		{"token before the body's size", "POST", "/api/ml/", []string{jsonType, "Content-Length: 999999999"}, "", 401, nil, noToken},
		{"token before the output", "POST", "/api/ml/?output=frob", nil, "", 401, nil, noToken},
		{"token as HTML", "POST", "/api/ml/", []string{asHTML}, "", 401, []string{"WWW-Authenticate: Bearer"},
			"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>401 Unauthorized</title></head>\n<body>\n<h1>401 Unauthorized</h1>..."},
		{"model without token", "GET", "/api/ml/", nil, "", 401, nil, noToken},
		{"model without token, HEAD", "HEAD", "/api/ml/", nil, "", 401, []string{"WWW-Authenticate: Bearer"}, ""},
		{"content type before the body", "POST", "/api/ml/", []string{withToken, "Content-Type: text/plain"}, "no json", 400, nil, `{"title":"Bad Request","status":400,"detail":"The content type must be application/json, in UTF-8.","code":"unsupported_content_type"}`},
	}
}

func tokenRows() []row {
	refused := func(name string, header ...string) row {
		return row{name, "POST", "/api/ml/", append(header, jsonType), "[[0,0]]", 401, []string{"WWW-Authenticate: Bearer"}, noToken}
	}
	return []row{
		refused("no token"),
		refused("empty header", "Authorization:"),
		refused("word only", "Authorization: Bearer"),
		refused("other scheme", "Authorization: Basic $TOKEN"),
		refused("no scheme", "Authorization: $TOKEN"),
		refused("word twice", "Authorization: Bearer $ACCESS"),
		refused("no space", "Authorization: Bearer$TOKEN"),
		refused("tab", "Authorization: Bearer\t$TOKEN"),
		refused("colon", "Authorization: Bearer: $TOKEN"),
		refused("quotes", `Authorization: Bearer "$TOKEN"`),
		refused("two tokens", "Authorization: $ACCESS $TOKEN"),
		refused("a comma list", "Authorization: $ACCESS, $ACCESS"),
		refused("two headers", "Authorization: $ACCESS", "Authorization: $ACCESS"),
		refused("two headers, one of them empty", "Authorization: $ACCESS", "Authorization:"),
		refused("refresh token", "Authorization: $REFRESH"),
		refused("a forged one", "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."),
		refused("other header", "X-Authorization: $ACCESS"),
		refused("cookie", "Cookie: access_token=$TOKEN"),
		refused("very long", "Authorization: Bearer "+strings.Repeat("a", 9000)),
		{"token in the query", "GET", "/api/ml/?access_token=$TOKEN", nil, "", 401, nil, noToken},
		{"token in a form", "POST", "/api/ml/", []string{formType}, "access_token=$TOKEN", 401, nil, noToken},
		{"scheme in lower case", "GET", "/api/ml/", []string{"Authorization: bearer $TOKEN"}, "", 200, nil, modelJSON},
		{"scheme in upper case", "GET", "/api/ml/", []string{"Authorization: BEARER $TOKEN"}, "", 200, nil, modelJSON},
		{"spaces around", "GET", "/api/ml/", []string{"Authorization:   Bearer   $TOKEN  "}, "", 200, nil, modelJSON},
		{"refresh without token", "POST", "/auth/refresh/", nil, "", 401, []string{"WWW-Authenticate: Bearer", "Pragma:"}, noToken},
		{"refresh with an access token", "GET", "/auth/refresh/", []string{withToken}, "", 401, nil, noToken},
		{"refresh with a large body", "POST", "/auth/refresh/", []string{"Authorization: $REFRESH", "Content-Length: 65537"}, "", 413, nil, `{"title":"Request Entity Too Large"...`},
		{"revoke without token", "POST", "/auth/revoke/", nil, "", 401, nil, noToken},
		{"revoke with nonsense", "POST", "/auth/revoke/", []string{"Authorization: Bearer nonsense"}, "", 401, nil, noToken},
	}
}

func TestRows(t *testing.T) {
	g := newRig(t)
	refresh := g.reset()
	both := g.tokens(g.send("POST", "/auth/refresh/", []string{"Authorization: " + refresh}, ""), 2)
	access, refresh := both[0], both[1]
	replace := strings.NewReplacer("$ACCESS", access, "$REFRESH", refresh, "$TOKEN", strings.TrimPrefix(access, "Bearer "))
	for part, rows := range map[string][]row{
		"pages": pages(), "order": order(), "tokens": tokenRows(), "predictions": predictionRows(), "bodies": bodyRows(),
	} {
		for _, r := range rows {
			t.Run(part+"/"+r.name, func(t *testing.T) {
				header := make([]string, len(r.header))
				for i, line := range r.header {
					header[i] = replace.Replace(line)
				}
				h := *g
				h.t = t
				check(t, r, h.send(r.method, replace.Replace(r.target), header, replace.Replace(r.body)))
			})
		}
	}
	// Nothing of all this cost the session anything.
	if got := g.send("GET", "/auth/refresh/", []string{"Authorization: " + refresh}, ""); got.status != 200 {
		t.Errorf("refresh after all rows: %d %s", got.status, got.body)
	}
}

var requestID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// check compares an answer with what its row wants.
func check(t *testing.T, r row, got response) {
	t.Helper()
	if got.status != r.status {
		t.Errorf("status %d, want %d", got.status, r.status)
	}
	if start, ok := strings.CutSuffix(r.text, "..."); ok && !strings.HasPrefix(got.body, start) || !ok && got.body != r.text {
		t.Errorf("body %s\nwant %s", got.body, r.text)
	}
	for _, line := range r.want {
		key, value, _ := strings.Cut(line, ":")
		if g, w := strings.Join(got.header.Values(key), "; also "), strings.TrimSpace(value); g != w {
			t.Errorf("%s: %s, want %s", key, g, w)
		}
	}
	if !requestID.MatchString(got.header.Get("X-Request-Id")) {
		t.Errorf("X-Request-ID: %q", got.header.Get("X-Request-Id"))
	}
}

func TestNewRefuses(t *testing.T) {
	pipeline := pipelineOf(t, classifier(), nil)
	good := func() api.Config {
		return api.Config{Auth: newNobody(), AuthEnabled: true, AuthRoute: "auth", APIEnabled: true, APIRoute: "api",
			Pipeline: pipeline, MaxBodyBytes: 1, MaxRows: 1}
	}
	if _, err := api.New(good()); err != nil {
		t.Fatalf("a good configuration: %v", err)
	}
	for _, tt := range []struct {
		name   string
		change func(*api.Config)
		want   string
	}{
		{"zero value", func(c *api.Config) { *c = api.Config{} }, "no authoriser"},
		{"no authoriser", func(c *api.Config) { c.Auth = nil }, "no authoriser"},
		{"open with auth", func(c *api.Config) { c.Open = true }, "contradict"},
		{"no pipeline", func(c *api.Config) { c.Pipeline = nil }, "without a model"},
		{"no body limit", func(c *api.Config) { c.MaxBodyBytes = 0 }, "API_MAX_BODY_BYTES"},
		{"no row limit", func(c *api.Config) { c.MaxRows = 0 }, "API_MAX_ROWS"},
		{"star among origins", func(c *api.Config) { c.CORS, c.Origins = true, []string{"*", "https://a.example"} }, "CORS_ORIGINS"},
		{"empty route", func(c *api.Config) { c.AuthRoute = "" }, "AUTH_ROUTE"},
		{"outer slash", func(c *api.Config) { c.APIRoute = "/api" }, "API_ROUTE"},
		{"upper case", func(c *api.Config) { c.APIRoute = "Api" }, "API_ROUTE"},
		{"dots", func(c *api.Config) { c.APIRoute = ".." }, "API_ROUTE"},
		{"equal", func(c *api.Config) { c.APIRoute = "auth" }, "inside the other"},
		{"one inside the other", func(c *api.Config) { c.APIRoute = "auth/api" }, "inside the other"},
		{"the other inside", func(c *api.Config) { c.AuthRoute = "api/x" }, "inside the other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := good()
			tt.change(&cfg)
			if h, err := api.New(cfg); h != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want one with %q", err, tt.want)
			}
		})
	}
	for _, names := range [][2]string{{"auth", "auth2"}, {"v1/auth", "v1/api"}, {"a-b_c", "0"}} {
		cfg := good()
		cfg.AuthRoute, cfg.APIRoute = names[0], names[1]
		if _, err := api.New(cfg); err != nil {
			t.Errorf("%v: %v", names, err)
		}
	}
}

func TestRouteNamesAndSwitches(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*api.Config)
		status map[string]int // by "METHOD path"
	}{
		{"other names", func(c *api.Config) { c.AuthRoute, c.APIRoute = "v1/login", "v1/models" }, map[string]int{
			"GET /v1/login/": 200, "GET /v1/models/": 200, "POST /v1/models/ml/": 401, "POST /v1/login/refresh/": 401,
			"GET /v1/": 404, "GET /v1": 404, "GET /auth/": 404, "GET /api/ml/": 404, "GET /v1/models": 308,
		}},
		{"no api", func(c *api.Config) { c.APIEnabled, c.Pipeline = false, nil }, map[string]int{
			"GET /": 200, "GET /auth/": 200, "GET /api/": 404, "GET /api": 404, "POST /api/ml/": 404, "OPTIONS /api/ml/": 404,
		}},
		{"no auth routes", func(c *api.Config) { c.AuthEnabled = false }, map[string]int{
			"GET /auth/": 404, "POST /auth/reset/": 404, "POST /auth/refresh": 404, "GET /api/ml/": 401,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, tt.change)
			for line, want := range tt.status {
				method, target, _ := strings.Cut(line, " ")
				if got := g.send(method, target, nil, ""); got.status != want {
					t.Errorf("%s: %d, want %d", line, got.status, want)
				}
			}
		})
	}
}
