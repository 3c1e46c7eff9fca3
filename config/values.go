package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The greatest values that are allowed.
const (
	maxPort      = 65535
	maxBodyBytes = 1 << 40
	maxRows      = 1_000_000_000
	maxTTL       = 525600 * time.Minute
)

const truthWords = "allowed are t, true, yes, y, on, 1 and f, false, no, n, off, 0, in any case"

// setter is what reads the text of one key into the configuration.
type setter = func(c *Config, value string) *fault

func parseTruth(value string) (bool, *fault) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "t", "true", "yes", "y", "on", "1":
		return true, nil
	case "f", "false", "no", "n", "off", "0":
		return false, nil
	}
	return false, &fault{"is neither true nor false", truthWords}
}

func truth(field func(*Config) *bool) setter {
	return func(c *Config, value string) *fault {
		v, f := parseTruth(value)
		*field(c) = v
		return f
	}
}

func setClassScores(c *Config, value string) *fault {
	v, f := parseTruth(value)
	c.API.ConvertClassScores = False
	if v {
		c.API.ConvertClassScores = True
	}
	return f
}

// number reads a whole number from least to most, in decimal digits only.
func number[T int | int64](field func(*Config) *T, least, most int64) setter {
	return func(c *Config, value string) *fault {
		v, f := parseNumber(value, least, most)
		*field(c) = T(v)
		return f
	}
}

func parseNumber(value string, least, most int64) (int64, *fault) {
	value = strings.TrimSpace(value)
	allowed := fmt.Sprintf("allowed are whole numbers from %d to %d", least, most)
	if value == "" || strings.Trim(value, "0123456789") != "" {
		return 0, &fault{"is not a whole number", allowed}
	}
	v, err := strconv.ParseInt(value, 10, 64)
	if err != nil || v < least || v > most {
		return 0, &fault{"is out of range", allowed}
	}
	return v, nil
}

func parseTTL(value string) (time.Duration, *fault) {
	v, f := parseNumber(value, 1, int64(maxTTL/time.Minute))
	if f != nil {
		f.hint = "allowed are whole minutes from 1 to 525600 (a year)"
	}
	return time.Duration(v) * time.Minute, f
}

func setAccessTTL(c *Config, value string) (f *fault) {
	c.Auth.AccessTTL, f = parseTTL(value)
	return f
}

func setRefreshTTL(c *Config, value string) (f *fault) {
	c.Auth.RefreshTTL, f = parseTTL(value)
	return f
}

func setSessionTTL(c *Config, value string) *fault {
	const most = 10 * maxTTL
	v, f := parseNumber(value, 0, int64(most/time.Minute))
	if f != nil {
		f.hint = "allowed are whole minutes from 1 to 5256000 (ten years), and 0 for sessions without an end"
		return f
	}
	c.Auth.SessionTTL = time.Duration(v) * time.Minute
	return nil
}

// seconds reads a whole number of seconds.
func seconds(field func(*Config) *time.Duration, least, most int64) setter {
	return func(c *Config, value string) *fault {
		v, f := parseNumber(value, least, most)
		if f == nil {
			*field(c) = time.Duration(v) * time.Second
		}
		return f
	}
}

// setStore looks at the scheme alone: whether the database is there is for whoever
// opens it. The value may hold a password and is never shown.
func setStore(c *Config, value string) *fault {
	v := strings.TrimSpace(value)
	for _, scheme := range [...]string{"postgres://", "postgresql://"} {
		if strings.HasPrefix(v, scheme) {
			c.Store.URL = Secret(v)
			return nil
		}
	}
	return &fault{"is not the URL of a database",
		"give postgres://user:password@host:5432/database, or nothing for one file in the data folder"}
}

func setOutage(c *Config, value string) *fault {
	switch v := Outage(strings.TrimSpace(value)); v {
	case OutageRefuse, OutageServe:
		c.Store.Outage = v
		return nil
	}
	return &fault{"is not a way to treat access tokens", "allowed are refuse (answer 503) and serve (accept what is valid in itself)"}
}

// text reads a name as it is: it ends in tokens and log lines.
func text(field func(*Config) *string) setter {
	return func(c *Config, value string) *fault {
		if !printable(value) {
			return &fault{"has characters that cannot be printed, or only spaces", "use letters, digits and punctuation"}
		}
		*field(c) = value
		return nil
	}
}

// path reads the name of a file or folder as it is; relative ones are relative to
// the working folder.
func path(field func(*Config) *string) setter {
	return func(c *Config, value string) *fault {
		if strings.TrimSpace(value) == "" || strings.ContainsRune(value, 0) {
			return &fault{"is not a path", "give a path, absolute or relative to the working folder"}
		}
		*field(c) = value
		return nil
	}
}

func printable(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) != "" &&
		strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// split cuts a comma list and trims its entries.
func split(value string) []string {
	entries := strings.Split(value, ",")
	for i, e := range entries {
		entries[i] = strings.TrimSpace(e)
	}
	return entries
}

// splitFilled is split for lists in which an empty entry is a slip of the pen.
func splitFilled(value string) ([]string, *fault) {
	entries := split(value)
	for i, e := range entries {
		if e == "" {
			return nil, &fault{fmt.Sprintf("has an empty entry (number %d of %d)", i+1, len(entries)),
				"give a comma list without empty entries, such as a, b"}
		}
	}
	return entries, nil
}

func names(field func(*Config) *[]string) setter {
	return func(c *Config, value string) *fault {
		entries, f := splitFilled(value)
		*field(c) = entries
		return f
	}
}

// route reads a route: lower-cased, slashes trimmed.
func route(field func(*Config) *string) setter {
	return func(c *Config, value string) *fault {
		v, f := parseRoute(value)
		*field(c) = v
		return f
	}
}

func parseRoute(value string) (string, *fault) {
	v := strings.Trim(strings.TrimSpace(value), "/")
	allowed := "allowed are letters, digits, - and _, with single slashes inside, such as auth or v1/auth"
	switch {
	case v == "":
		return "", &fault{"is empty", allowed}
	case strings.Contains(v, "//"):
		return "", &fault{"has an empty part", allowed}
	case strings.IndexFunc(v, notInRoute) >= 0:
		return "", &fault{"has characters that a route cannot have", allowed}
	}
	return strings.ToLower(v), nil
}

func notInRoute(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '/'
}

// setAddress reads an IP address. A host name is not taken: whether it means this
// machine alone could change after the start was allowed.
func setAddress(c *Config, value string) *fault {
	value = strings.TrimSpace(value)
	if strings.EqualFold(value, "localhost") {
		c.Server.Address = "127.0.0.1"
		return nil
	}
	bare := value
	if strings.HasPrefix(value, "[") && strings.HasSuffix(value, "]") {
		bare = value[1 : len(value)-1]
	}
	addr, err := netip.ParseAddr(bare)
	if err != nil {
		return &fault{"is not an IP address",
			"allowed are 127.0.0.1 (this machine only), 0.0.0.0 (every network) or an address of this machine, without a port"}
	}
	c.Server.Address = addr.Unmap().String()
	return nil
}

func setTrustedProxies(c *Config, value string) *fault {
	entries, f := splitFilled(value)
	if f != nil {
		return f
	}
	c.Server.TrustedProxies = nil
	for _, e := range entries {
		p, f := parseNetwork(e)
		if f != nil {
			return f
		}
		c.Server.TrustedProxies = append(c.Server.TrustedProxies, p)
	}
	return nil
}

func parseNetwork(entry string) (netip.Prefix, *fault) {
	const allowed = "allowed are addresses and networks, such as 10.0.0.7, 192.168.0.0/16, fd00::/8"
	if addr, err := netip.ParseAddr(entry); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(entry)
	if err != nil || p.Addr().Is4In6() {
		return p, &fault{"has " + quote(entry) + ", which is neither an address nor a network", allowed}
	}
	if p != p.Masked() {
		return p, &fault{"has " + quote(entry) + ", whose address has bits beyond its network",
			"write " + p.Masked().String() + " for the network or " + p.Addr().String() + " for the address"}
	}
	return p, nil
}

func setLevel(c *Config, value string) *fault {
	switch v := strings.TrimSpace(value); v {
	case "0", "10", "20", "30", "40", "50":
		n, _ := strconv.Atoi(v)
		c.Logging.Level = Level(n)
		return nil
	}
	return &fault{"is not a logging level",
		"allowed are 0 (off), 10 (debug), 20 (info), 30 (warning), 40 (error), 50 (critical)"}
}

func setFormat(c *Config, value string) *fault {
	switch v := Format(strings.TrimSpace(value)); v {
	case FormatText, FormatJSON:
		c.Logging.Format = v
		return nil
	}
	return &fault{"is not a form of log lines", "allowed are text and json"}
}

// setAlgorithm takes the three names as RFC 7518 writes them. Another case is
// refused, not corrected: what else reads the key would not understand it.
func setAlgorithm(c *Config, value string) *fault {
	v := strings.TrimSpace(value)
	switch v {
	case "RS256", "RS384", "RS512":
		c.Auth.Algorithm = v
		return nil
	}
	hint := "allowed are RS256, RS384 and RS512"
	switch upper := strings.ToUpper(v); upper {
	case "RS256", "RS384", "RS512":
		hint = "did you mean " + upper + "? " + hint
	}
	return &fault{"is not an algorithm that tokens are signed with", hint}
}

func setKeySecret(c *Config, value string) *fault {
	if strings.TrimSpace(value) == "" {
		return &fault{"has only spaces", "give a long random text, or nothing to leave the key file plain"}
	}
	c.Auth.PrivateKeySecret = Secret(value)
	return nil
}

func setUnknownCategory(c *Config, value string) *fault {
	if strings.TrimSpace(value) == "" {
		return &fault{"has only spaces", "allowed are error, or the name of the category that stands for all others, such as OTHER"}
	}
	c.API.UnknownCategory = value
	if strings.EqualFold(strings.TrimSpace(value), ErrorCategory) {
		c.API.UnknownCategory = ErrorCategory
	}
	return nil
}
