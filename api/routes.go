package api

import (
	"net/http"
	"slices"
	"strings"
)

// handler answers one method of a route. What it returns is written by write.
type handler func(x *exchange) (answer, error)

// methods are the handlers of a route.
type methods map[string]handler

// route is a path with its methods.
type route struct {
	path    string
	methods methods
	allow   []string // the Allow header's value, made of methods
}

// routes is the table of contents. Paths match exactly.
func (s *server) routes() []route {
	list := []route{
		{path: "/", methods: pageOf(s.health)},
	}
	if s.config.AuthEnabled {
		auth := "/" + s.config.AuthRoute + "/"
		list = append(list,
			route{path: auth, methods: pageOf(s.health)},
			route{path: auth + "reset/", methods: methods{http.MethodPost: s.reset}},
			// HEAD must not rotate, so it is no GET here.
			route{path: auth + "refresh/", methods: methods{http.MethodGet: s.refresh, http.MethodPost: s.refresh}},
			route{path: auth + "revoke/", methods: methods{http.MethodPost: s.revoke}},
		)
	}
	if s.config.AuthEnabled && s.config.Keys != nil {
		list = append(list, route{path: "/.well-known/jwks.json", methods: pageOf(s.keys)})
	}
	if s.config.APIEnabled {
		api := "/" + s.config.APIRoute + "/"
		list = append(list,
			route{path: api, methods: pageOf(s.health)},
			route{path: api + "ml/", methods: methods{
				http.MethodGet:  s.authorised(s.describe),
				http.MethodHead: s.authorised(s.describe),
				http.MethodPost: s.authorised(s.predict),
			}},
		)
	}
	return list
}

// pageOf are the methods of a page without side effects.
func pageOf(h handler) methods { return methods{http.MethodGet: h, http.MethodHead: h} }

// tableOf prepares the routes for look-up by path.
func tableOf(routes []route) map[string]route {
	table := make(map[string]route, len(routes)+1)
	all := methods{}
	for _, r := range routes {
		r.allow = []string{allowed(r.methods)}
		table[r.path] = r
		for method, h := range r.methods {
			all[method] = h
		}
	}
	// OPTIONS * asks about the server as a whole (RFC 9110, section 9.3.7). Nothing
	// else can be done with it: no path is "*".
	table["*"] = route{path: "*", allow: []string{allowed(all)}}
	return table
}

func allowed(m methods) string {
	list := []string{http.MethodOptions}
	for method := range m {
		list = append(list, method)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// find returns the route of the request, or the path of the route that it nearly
// names: with a last slash added or repeated slashes made one. Both are empty for
// an unknown path.
func (s *server) find(r *http.Request) (found route, location string) {
	u := r.URL
	path := u.Path
	switch {
	case u.RawPath != "":
		return route{}, "" // percent-encoded where nothing needs it
	case path == "*":
		if r.Method == http.MethodOptions {
			return s.table["*"], ""
		}
		return route{}, ""
	case path == "" && u.Host != "" && r.Method != http.MethodConnect:
		path = "/" // http://host and http://host/ are the same (RFC 9110, section 4.2.3)
	}
	if found, ok := s.table[path]; ok {
		return found, ""
	}
	if near := clean(path); near != path {
		if found, ok := s.table[near]; ok {
			return route{}, found.path
		}
	}
	return route{}, ""
}

// clean makes repeated slashes one and adds a missing last slash.
func clean(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	b := make([]byte, 0, len(path)+1)
	for _, c := range []byte(path) {
		if c != '/' || len(b) == 0 || b[len(b)-1] != '/' {
			b = append(b, c)
		}
	}
	if b[len(b)-1] != '/' {
		b = append(b, '/')
	}
	return string(b)
}

// dispatch answers the request by its route, in the order of checks.
func (s *server) dispatch(x *exchange) (answer, error) {
	found, location := s.find(x.r)
	x.route = found
	switch {
	case location != "":
		if q := x.r.URL.RawQuery; q != "" {
			location += "?" + escapeQuery(q)
		}
		return answer{status: http.StatusPermanentRedirect, header: http.Header{"Location": {location}}}, nil
	case found.path == "":
		return answer{}, &problem{Status: http.StatusNotFound, Code: "not_found", Detail: "There is nothing at this path."}
	case x.r.Method == http.MethodOptions:
		return answer{status: http.StatusOK, header: s.cors.preflight(x.r, found.allow)}, nil
	}
	h, ok := found.methods[x.r.Method]
	if !ok {
		return answer{}, &problem{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
			Detail: "This path takes " + found.allow[0] + ".", header: http.Header{"Allow": found.allow}}
	}
	return h(x)
}

// escapeQuery percent-encodes what must not stand in a query (RFC 3986, section
// 3.4), so that whatever was sent cannot break out of the Location header.
func escapeQuery(q string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(q) {
		if c > ' ' && c < 0x7f && !strings.ContainsRune(`"#<>\^`+"`{|}", rune(c)) {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
