package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	good := Default()
	if err := good.Validate(); err != nil {
		t.Errorf("Default is refused: %v", err)
	}
	tests := []struct {
		name   string
		change func(*Config)
		want   []string // the keys of the errors
	}{
		{"port", func(c *Config) { c.Server.Port = -1 }, []string{"MLAPI_PORT"}},
		{"address", func(c *Config) { c.Server.Address = "localhost" }, []string{"MLAPI_ADDRESS"}},
		{"no address", func(c *Config) { c.Server.Address = "" }, []string{"MLAPI_ADDRESS"}},
		{"route not plain", func(c *Config) { c.API.Route = "/API/" }, []string{"API_ROUTE"}},
		{"algorithm", func(c *Config) { c.Auth.Algorithm = "HS256" }, []string{"AUTH_ALGORITHM"}},
		{"half a minute", func(c *Config) { c.Auth.AccessTTL = 90 * time.Second }, []string{"AUTH_ACCESS_TTL_MINS"}},
		{"no lifetime", func(c *Config) { c.Auth.RefreshTTL = 0 }, []string{"AUTH_REFRESH_TTL_MINS"}},
		{"no outage", func(c *Config) { c.Store.Outage = "" }, []string{"MLAPI_STORE_OUTAGE"}},
		{"half a second", func(c *Config) { c.Store.Patience = time.Second / 2 }, []string{"MLAPI_STORE_PATIENCE_SECS"}},
		{"grace", func(c *Config) { c.Auth.RefreshGrace = time.Minute }, []string{"AUTH_REFRESH_GRACE_SECS"}},
		{"endless", func(c *Config) { c.Auth.SessionTTL = -time.Minute }, []string{"AUTH_SESSION_TTL_MINS"}},
		{"two secrets", func(c *Config) { c.Auth.PrivateKeySecret, c.Auth.PrivateKeySecretFile = "x", "y" },
			[]string{"AUTH_PRIVATE_KEY_SAVE_SECRET_FILE"}},
		{"level", func(c *Config) { c.Logging.Level = 11 }, []string{"LOGGING_LEVEL"}},
		{"format", func(c *Config) { c.Logging.Format = "" }, []string{"LOGGING_FORMAT"}},
		{"no rows", func(c *Config) { c.API.MaxRows = 0 }, []string{"API_MAX_ROWS"}},
		{"no bytes", func(c *Config) { c.API.MaxBodyBytes = 0 }, []string{"API_MAX_BODY_BYTES"}},
		{"equal routes", func(c *Config) { c.API.Route = "auth" }, []string{"API_ROUTE"}},
		{"both conversions", func(c *Config) { c.API.ConvertClassScores, c.API.ConvertAnomalyScores = True, true },
			[]string{"API_CONVERT_ANOMALY_SCORES"}},
		{"TLS", func(c *Config) { c.Server.TLSKey = "key.pem" }, []string{"MLAPI_TLS_KEY"}},
		{"nobody, no password", func(c *Config) { c.Auth.Clients = []Credential{{}} }, []string{"AUTH_CLIENTS_RESET_USN"}},
		{"crossed", func(c *Config) { c.Auth.Clients = []Credential{{"a", ""}, {"", "b"}} }, []string{"AUTH_CLIENTS_RESET_USN"}},
		{"twice", func(c *Config) { c.Auth.Clients = []Credential{{"a", "x"}, {"a", "y"}} }, []string{"AUTH_CLIENTS_RESET_USN"}},
		{"placeholder, open", func(c *Config) { c.Server.Address, c.Auth.PrivateKeySecret = "0.0.0.0", placeholderSecret },
			[]string{"AUTH_PRIVATE_KEY_SAVE_SECRET"}},
		{"placeholder, closed", func(c *Config) { c.Auth.PrivateKeySecret = placeholderSecret }, nil},
		{"zero", func(c *Config) { *c = Config{} }, []string{"FLASK_APP", "MLAPI_ADDRESS", "MLAPI_DATA", "LOGGING_FORMAT", "AUTH_ROUTE",
			"AUTH_ISSUER", "AUTH_ALGORITHM", "AUTH_ACCESS_TTL_MINS", "AUTH_REFRESH_TTL_MINS", "API_ROUTE", "API_MAX_BODY_BYTES",
			"API_MAX_ROWS", "API_UNKNOWN_CATEGORY", "MLAPI_STORE_OUTAGE", "MLAPI_STORE_PATIENCE_SECS"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Default()
			tt.change(&c)
			err := c.Validate()
			var all Errors
			if !errors.As(err, &all) && err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range all {
				got = append(got, e.Key)
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("Validate blames %v, want %v: %v", got, tt.want, err)
			}
		})
	}
}

func TestScalarsAreKeys(t *testing.T) {
	for name := range scalars() {
		if !slices.ContainsFunc(keys(), func(k key) bool { return k.name == name }) {
			t.Errorf("%s is no key", name)
		}
	}
}

func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"0.0.0.0": false, "::": false, "10.0.0.1": false, "localhost": false, "": false, "127.0.0.1:80": false,
	} {
		if s := (Server{Address: address}); s.Loopback() != want {
			t.Errorf("Loopback of %q is not %t", address, want)
		}
	}
}

// TestAddresses holds what MLAPI_ADDRESS may be written as, and that it is said to be
// reachable from this machine only where that is sure.
func TestAddresses(t *testing.T) {
	for value, want := range map[string]string{
		"localhost": "127.0.0.1:8080", "LocalHost": "127.0.0.1:8080", "127.0.0.2": "127.0.0.2:8080", "::1": "[::1]:8080",
		"[::1]": "[::1]:8080", "0.0.0.0": "0.0.0.0:8080", "::": "[::]:8080", "::ffff:10.0.0.1": "10.0.0.1:8080", " 10.0.0.1 ": "10.0.0.1:8080",
	} {
		c := Default()
		if f := setAddress(&c, value); f != nil || c.Server.Listen() != want {
			t.Errorf("%q listens on %s, %v; want %s", value, c.Server.Listen(), f, want)
		}
	}
	for _, value := range []string{"example.com", "*", "127.1", "127.0.0.1:80", "[::1]:80", "[::1", "localhost.", "0x7f.0.0.1", "2130706433"} {
		c := Default()
		if f := setAddress(&c, value); f == nil {
			t.Errorf("%q was taken, listening on %s", value, c.Server.Listen())
		}
	}
}

// TestRouteAlphabet goes over every ASCII character and some beyond it.
func TestRouteAlphabet(t *testing.T) {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/"
	for r := rune(0); r <= 0x130; r++ {
		want := strings.ContainsRune(allowed, r)
		if _, f := parseRoute("x" + string(r) + "x"); (f == nil) != want {
			t.Errorf("a route with %q is taken: %t", r, !want)
		}
		want = strings.ContainsRune(strings.Replace(allowed, "/", ".", 1), r)
		if _, _, ok := splitHost("x" + string(r) + "x"); ok != want && r != ':' {
			t.Errorf("a host with %q is taken: %t", r, ok)
		}
	}
	if _, f := parseRoute("\u212a"); f == nil {
		t.Error("the Kelvin sign, whose lower case is k, was taken")
	}
	if v, f := parseRoute(" //V1/Auth// "); f != nil || v != "v1/auth" {
		t.Errorf("parseRoute = %q, %v", v, f)
	}
}

func TestTruthWords(t *testing.T) {
	for word, want := range map[string]bool{
		"t": true, "true": true, "yes": true, "y": true, "on": true, "1": true, "TRUE": true, " Yes ": true, "oN": true,
		"f": false, "false": false, "no": false, "n": false, "off": false, "0": false, "False": false, "OFF": false,
	} {
		if got, f := parseTruth(word); f != nil || got != want {
			t.Errorf("%q is %t, %v", word, got, f)
		}
	}
	for _, word := range []string{"", "tr", "truee", "2", "01", "nein", "enabled", "ja", "true false"} {
		if _, f := parseTruth(word); f == nil {
			t.Errorf("%q was taken", word)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	c := Default()
	c.Server.Data = "d"
	if public, private := c.KeyFiles(); public != "d/auth_public_key.pem" || private != "d/auth_private_key.pem" {
		t.Errorf("KeyFiles = %s, %s", public, private)
	}
	c.Auth.PublicKeyFile, c.Auth.PrivateKeyFile = "./a.pem", "/b.pem"
	if public, private := c.KeyFiles(); public != "./a.pem" || private != "/b.pem" {
		t.Errorf("KeyFiles = %s, %s", public, private)
	}
}

func TestTristate(t *testing.T) {
	for _, fallback := range []bool{true, false} {
		if !True.Or(fallback) || False.Or(fallback) || Unset.Or(fallback) != fallback {
			t.Errorf("Or(%t): True %t, False %t, Unset %t", fallback, True.Or(fallback), False.Or(fallback), Unset.Or(fallback))
		}
	}
}

func TestLevels(t *testing.T) {
	last := -100
	for _, l := range []Level{LevelDebug, LevelInfo, LevelWarning, LevelError, LevelCritical} {
		level, on := l.Slog()
		if !on || int(level) <= last {
			t.Errorf("level %d is %v, %t", l, level, on)
		}
		last = int(level)
	}
	for _, l := range []Level{LevelOff, 15} {
		if _, on := l.Slog(); on {
			t.Errorf("level %d logs", l)
		}
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"MLAPI_PROT": "MLAPI_PORT", "AUTH_ACCESS_TTL": "AUTH_ACCESS_TTL_MINS", "API_MAXROWS": "API_MAX_ROWS",
		"AUTH_PRIVATE_KEY_FILEPATH": "AUTH_PRIVATE_KEY_SAVE_FILEPATH", "AUTH_CLIENT_RESET_PWD": "AUTH_CLIENTS_RESET_PWD",
	} {
		if got := nearest(name, keys()).name; got != want {
			t.Errorf("nearest(%s) = %s, want %s", name, got, want)
		}
	}
	for pair, want := range map[[2]string]int{{"", "abc"}: 3, {"abc", ""}: 3, {"abc", "abc"}: 0, {"abc", "acb"}: 1, {"abc", "xbc"}: 1,
		{"abc", "ab"}: 1, {"ca", "abc"}: 3, {"kitten", "sitting"}: 3} {
		if got := distance(pair[0], pair[1]); got != want {
			t.Errorf("distance(%q, %q) = %d, want %d", pair[0], pair[1], got, want)
		}
	}
}
