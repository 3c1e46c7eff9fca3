package api_test

import (
	"strings"
	"testing"

	"example.com/mlapi/api"
)

// everywhere are requests with answers of every kind.
var everywhere = []row{
	{method: "GET", target: "/", status: 200},
	{method: "GET", target: "/nope", status: 404},
	{method: "GET", target: "/api", status: 308},
	{method: "PUT", target: "/api/ml/", status: 405},
	{method: "POST", target: "/api/ml/", status: 401},
	{method: "HEAD", target: "/auth/refresh/", status: 405},
	{method: "POST", target: "/auth/reset/", status: 401},
	{method: "POST", target: "/auth/reset/", header: []string{"Content-Length: 99999"}, status: 413},
	{method: "OPTIONS", target: "/api/ml/", status: 200},
	{method: "OPTIONS", target: "*", status: 200},
}

func TestCORSIsOnEveryAnswer(t *testing.T) {
	star := func(c *api.Config) { c.Origins = []string{"*"} }
	off := func(c *api.Config) { c.CORS = false }
	named := func(c *api.Config) {
		c.Origins = []string{"https://App.example", "http://localhost:3000", "localhost", "null"}
	}
	for _, tt := range []struct {
		name, allowed string
		change        func(*api.Config)
		origin        []string
		byOrigin      bool
	}{
		{"none sent", "", named, nil, true},
		{"admitted", "https://app.example", named, []string{"https://app.example"}, true},
		{"host's case ignored", "https://APP.Example", named, []string{"https://APP.Example"}, true},
		{"port", "http://localhost:3000", named, []string{"http://localhost:3000"}, true},
		{"localhost, literally", "localhost", named, []string{"localhost"}, true},
		{"null, where it is listed", "null", named, []string{"null"}, true},
		{"localhost in other case", "", named, []string{"Localhost"}, true},
		{"localhost with a scheme", "", named, []string{"http://localhost"}, true},
		{"other port", "", named, []string{"http://localhost:3001"}, true},
		{"other scheme", "", named, []string{"http://app.example"}, true},
		{"other case of the scheme", "", named, []string{"HTTPS://app.example"}, true},
		{"longer", "", named, []string{"https://app.example.evil.example"}, true},
		{"subdomain", "", named, []string{"https://x.app.example"}, true},
		{"slash behind", "", named, []string{"https://app.example/"}, true},
		{"a letter that folds", "", named, []string{"http://localhoſt:3000"}, true},
		{"two origins", "", named, []string{"https://app.example", "https://app.example"}, true},
		{"list", "", named, []string{"https://app.example, localhost"}, true},
		{"star itself", "", named, []string{"*"}, true},
		{"star, with origin", "*", star, []string{"https://any.example"}, false},
		{"star, none sent", "*", star, nil, false},
		{"off", "", off, []string{"https://app.example"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, tt.change, func(c *api.Config) { c.Auth = newNobody401() })
			for _, r := range everywhere {
				header := r.header
				for _, origin := range tt.origin {
					header = append(header, "Origin: "+origin)
				}
				got := g.send(r.method, r.target, header, "")
				if got.status != r.status {
					t.Errorf("%s %s: %d, want %d", r.method, r.target, got.status, r.status)
				}
				if allowed := strings.Join(got.header.Values("Access-Control-Allow-Origin"), " and "); allowed != tt.allowed {
					t.Errorf("%s %s: Allow-Origin %q, want %q", r.method, r.target, allowed, tt.allowed)
				}
				if vary := got.header.Get("Vary"); strings.Contains(vary, "Origin") != tt.byOrigin {
					t.Errorf("%s %s: Vary %q", r.method, r.target, vary)
				}
				if _, ok := got.header["Access-Control-Allow-Credentials"]; ok {
					t.Errorf("%s %s: credentials allowed", r.method, r.target)
				}
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	star := func(c *api.Config) { c.Origins = []string{"*"} }
	off := func(c *api.Config) { c.CORS = false }
	same := func(*api.Config) {}
	for _, tt := range []struct {
		name, target, origin, methods string
		change                        func(*api.Config)
	}{
		{"model", "/api/ml/", "https://app.example", "GET, HEAD, OPTIONS, POST", same},
		{"reset", "/auth/reset/", "https://app.example", "OPTIONS, POST", same},
		{"other origin", "/api/ml/", "https://evil.example", "", same},
		{"no origin", "/api/ml/", "", "", same},
		{"star", "/api/ml/", "https://any.example", "GET, HEAD, OPTIONS, POST", star},
		{"star without origin", "/api/ml/", "", "", star},
		{"off", "/api/ml/", "https://app.example", "", off},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, tt.change, func(c *api.Config) { c.Auth = newNobody401() })
			header := []string{"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type"}
			if tt.origin != "" {
				header = append(header, "Origin: "+tt.origin)
			}
			headers := ""
			if tt.methods != "" {
				headers = "Authorization, Content-Type, Idempotency-Key"
			}
			check(t, row{status: 200, want: []string{
				"Access-Control-Allow-Methods: " + tt.methods, "Access-Control-Allow-Headers: " + headers, "Access-Control-Allow-Credentials:",
			}}, g.send("OPTIONS", tt.target, header, ""))
		})
	}
}
