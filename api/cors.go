package api

import (
	"net/http"
	"strings"
)

// cors marks answers for the browsers of admitted origins. The zero value admits
// none and leaves no mark.
type cors struct {
	enabled bool
	any     bool
	origins map[string]bool // as folded
}

func newCORS(enabled bool, origins []string) cors {
	c := cors{enabled: enabled, origins: make(map[string]bool, len(origins))}
	for _, origin := range origins {
		c.any = c.any || origin == "*"
		c.origins[foldOrigin(origin)] = true
	}
	return c
}

// foldOrigin makes the host of an origin lower case; its scheme is lower case
// already in what browsers send. What is no origin ("localhost", "null") stays as
// it is and admits only itself, literally.
func foldOrigin(origin string) string {
	scheme, host, ok := strings.Cut(origin, "://")
	if !ok {
		return origin
	}
	lower := func(r rune) rune { // ASCII only: other letters must not become a host
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return scheme + "://" + strings.Map(lower, host)
}

// admitted returns the request's Origin, once, if it is admitted by name.
func (c *cors) admitted(r *http.Request) ([]string, bool) {
	sent := r.Header["Origin"]
	if !c.enabled || c.any || len(sent) != 1 || !c.origins[foldOrigin(sent[0])] {
		return nil, false
	}
	return sent, true
}

// mark sets the header that admits the request's origin, and tells whether the
// answer depends on the Origin header: that it does also where there is none.
func (c *cors) mark(h http.Header, r *http.Request) (byOrigin bool) {
	if !c.enabled {
		return false
	}
	if c.any {
		h["Access-Control-Allow-Origin"] = allOrigins
		return false
	}
	if origin, ok := c.admitted(r); ok {
		h["Access-Control-Allow-Origin"] = origin
	}
	return true
}

// preflight returns the headers of an OPTIONS answer for a route.
func (c *cors) preflight(r *http.Request, allow []string) http.Header {
	h := http.Header{"Allow": allow}
	if _, ok := c.admitted(r); ok || c.enabled && c.any && len(r.Header["Origin"]) == 1 {
		h["Access-Control-Allow-Methods"] = allow
		h["Access-Control-Allow-Headers"] = headersOfCORS
	}
	return h
}
