package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

func newProxies(list []netip.Prefix) proxies {
	p := make(proxies, 0, len(list))
	for _, prefix := range list {
		if a := prefix.Addr(); a.Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(a.Unmap(), prefix.Bits()-96)
		}
		p = append(p, prefix)
	}
	return p
}

func (p proxies) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(a) })
}

// client returns the caller's address: the peer's, or, where the peer is a trusted
// proxy, the last address in X-Forwarded-For that is not one. Each hop appends the
// address it saw, so the list is read from its end, and only as far as those that
// wrote it are trusted: what stands further in front, the caller may have made up.
// An entry that is no address ends the walk at the hop before it.
//
// It is the zero Addr where the peer has none, as on a Unix socket.
func (p proxies) client(r *http.Request) netip.Addr {
	address, _ := parseHop(r.RemoteAddr)
	if len(p) == 0 || !p.trusted(address) {
		return address
	}
	fields := r.Header["X-Forwarded-For"]
	for i := len(fields) - 1; i >= 0; i-- {
		rest, more := fields[i], true
		for more {
			var entry string
			if k := strings.LastIndexByte(rest, ','); k >= 0 {
				rest, entry = rest[:k], rest[k+1:]
			} else {
				entry, more = rest, false
			}
			hop, ok := parseHop(strings.Trim(entry, " \t"))
			if !ok {
				return address
			}
			if address = hop; !p.trusted(address) {
				return address
			}
		}
	}
	return address
}

// parseHop reads an address, with or without a port. An IPv4 address in IPv6 form
// is the same address; a zone means nothing to others.
func parseHop(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		both, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		address = both.Addr()
	}
	return address.Unmap().WithZone(""), true
}
