package config

import (
	"strconv"
	"time"
)

// Validate checks a configuration that a program made itself, by the rules that Load
// goes by. The error is [Errors], naming the keys that stand for the fields. Warnings
// are not looked at.
func (c *Config) Validate() error {
	var all Errors
	faulty := map[string]bool{}
	for _, k := range keys() {
		get, ok := scalars()[k.name]
		if !ok {
			continue
		}
		value, next := get(c), *c
		f := k.set(&next, value)
		if f == nil && get(&next) != value {
			f = &fault{"is not in its plain form", "write " + quote(get(&next))}
		}
		if f != nil {
			faulty[k.name] = true
			all = append(all, &Error{Key: k.name, Value: quote(value), Problem: f.problem, Hint: f.hint})
		}
	}
	all = append(all, c.contradictions(func(string) setting { return setting{} }, faulty)...)
	if len(all) > 0 {
		return all
	}
	return nil
}

// scalars returns, for the keys of one value that cannot be anything, the text that
// sets the field to what it is.
func scalars() map[string]func(*Config) string {
	return map[string]func(*Config) string{
		"FLASK_APP":                 func(c *Config) string { return c.App },
		"MLAPI_ADDRESS":             func(c *Config) string { return c.Server.Address },
		"MLAPI_PORT":                func(c *Config) string { return strconv.Itoa(c.Server.Port) },
		"MLAPI_DATA":                func(c *Config) string { return c.Server.Data },
		"LOGGING_LEVEL":             func(c *Config) string { return strconv.Itoa(int(c.Logging.Level)) },
		"LOGGING_FORMAT":            func(c *Config) string { return string(c.Logging.Format) },
		"AUTH_ROUTE":                func(c *Config) string { return c.Auth.Route },
		"AUTH_ISSUER":               func(c *Config) string { return c.Auth.Issuer },
		"AUTH_ALGORITHM":            func(c *Config) string { return c.Auth.Algorithm },
		"AUTH_ACCESS_TTL_MINS":      func(c *Config) string { return minutes(c.Auth.AccessTTL) },
		"AUTH_REFRESH_TTL_MINS":     func(c *Config) string { return minutes(c.Auth.RefreshTTL) },
		"AUTH_SESSION_TTL_MINS":     func(c *Config) string { return minutes(c.Auth.SessionTTL) },
		"AUTH_REFRESH_GRACE_SECS":   func(c *Config) string { return wholeSeconds(c.Auth.RefreshGrace) },
		"MLAPI_STORE_OUTAGE":        func(c *Config) string { return string(c.Store.Outage) },
		"MLAPI_STORE_PATIENCE_SECS": func(c *Config) string { return wholeSeconds(c.Store.Patience) },
		"API_ROUTE":                 func(c *Config) string { return c.API.Route },
		"API_UNKNOWN_CATEGORY":      func(c *Config) string { return c.API.UnknownCategory },
		"API_MAX_BODY_BYTES":        func(c *Config) string { return strconv.FormatInt(c.API.MaxBodyBytes, 10) },
		"API_MAX_ROWS":              func(c *Config) string { return strconv.Itoa(c.API.MaxRows) },
	}
}

// minutes returns d in minutes, or in a form that is no number where it is not whole.
func minutes(d time.Duration) string {
	if d%time.Minute != 0 {
		return d.String()
	}
	return strconv.FormatInt(int64(d/time.Minute), 10)
}

// wholeSeconds returns d in seconds, or in a form that is no number where it is not
// whole.
func wholeSeconds(d time.Duration) string {
	if d%time.Second != 0 {
		return d.String()
	}
	return strconv.FormatInt(int64(d/time.Second), 10)
}
