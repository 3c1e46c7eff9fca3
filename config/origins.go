package config

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
)

func setOrigins(c *Config, value string) *fault {
	entries, f := splitFilled(value)
	if f != nil {
		return f
	}
	for _, e := range entries {
		if e == "*" && len(entries) > 1 {
			return &fault{"has * beside other origins", "give * alone to admit every origin, or the origins without it"}
		}
	}
	c.CORS.Origins = entries
	return nil
}

// originDoubts warns of entries that no browser sends as the Origin header, which is
// scheme://host, with the port where it is not the scheme's own, and nothing else
// (RFC 6454 section 6.2).
func originDoubts(origins []string) []Warning {
	var all []Warning
	for _, o := range origins {
		if o == "null" {
			all = append(all, Warning{Key: "CORS_ORIGINS", Problem: "admits null, which every sandboxed page and local file sends",
				Hint: "name the pages' origin instead"})
			continue
		}
		meant, why := sentOrigin(o)
		if why == "" {
			continue
		}
		w := Warning{Key: "CORS_ORIGINS", Problem: "has " + quote(o) + ", which no browser sends: " + why}
		if meant != "" {
			w.Hint = "did you mean " + meant + "?"
		}
		all = append(all, w)
	}
	return all
}

// sentOrigin says why no browser sends entry, "" where one does, and what it would
// send instead where that can be told. Upper case in the host is no reason: hosts
// are compared without regard to case.
func sentOrigin(entry string) (meant, why string) {
	if entry == "*" {
		return "", ""
	}
	scheme, rest, found := strings.Cut(entry, "://")
	if !found {
		scheme, rest = "", strings.TrimPrefix(entry, "//")
	}
	after := ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest, after = rest[:i], rest[i:]
	}
	host, port, ok := splitHost(rest)
	sent := strings.ToLower(scheme)
	if !ok || found && !schemeName(sent) {
		return "", "it is neither scheme://host nor scheme://host:port, and patterns are not known"
	}
	sentPort := strings.TrimLeft(port, "0")
	switch {
	case !found:
		sent, sentPort = guess(host, sentPort)
		why = "it has no scheme"
	case sent != scheme:
		why = "its scheme has upper-case letters"
	case after != "":
		why = "it goes on after the host"
	}
	if sent == "http" && sentPort == "80" || sent == "https" && sentPort == "443" {
		sentPort = ""
	}
	if why == "" && sentPort != port {
		why = "browsers write the port without leading zeros and leave out the scheme's own"
	}
	meant = sent + "://" + host
	if sentPort != "" {
		meant += ":" + sentPort
	}
	return meant, why
}

// guess returns the scheme that was probably meant with a host alone: on this machine
// plain HTTP, at the port of a development server where none is said; elsewhere HTTPS.
func guess(host, port string) (scheme, withPort string) {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if !strings.EqualFold(host, "localhost") && (err != nil || !addr.IsLoopback()) {
		return "https", port
	}
	return "http", cmp.Or(port, "3000")
}

// splitHost cuts host:port. It is ok where the host is a name or an address in the
// characters that browsers send (an internationalised name is sent as xn--...) and
// the port, where there is one, is from 1 to 65535.
func splitHost(s string) (host, port string, ok bool) {
	host, port, found := strings.Cut(s, ":")
	if end := strings.Index(s, "]"); strings.HasPrefix(s, "[") && end > 0 {
		addr, err := netip.ParseAddr(s[1:end])
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", "", false
		}
		host = s[:end+1]
		if port, found = strings.CutPrefix(s[end+1:], ":"); !found && port != "" {
			return "", "", false
		}
	} else if host == "" || strings.IndexFunc(host, notInHost) >= 0 {
		return "", "", false
	}
	if !found {
		return host, "", true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return host, port, err == nil && n > 0
}

func notInHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}

// schemeName reports whether s is a scheme in lower case (RFC 3986 section 3.1).
func schemeName(s string) bool {
	return s != "" && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}
