package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// The values that the template's .env had for people to replace.
const (
	placeholderCredentials = "YouShouldReplaceTheseCredentials"
	placeholderAlso        = "YouShouldAlsoReplaceThese"
	placeholderSecret      = "YouShouldReplaceThisString"
)

// rule is something that several values must keep together.
type rule struct {
	keys  []string // which it is about; it is not asked where one of them is faulty
	check func(c *Config) *Error
}

func rules() []rule {
	return []rule{
		{[]string{"AUTH_CLIENTS_RESET_USN", "AUTH_CLIENTS_RESET_PWD"}, checkClients},
		{[]string{"API_ROUTE", "AUTH_ROUTE"}, checkRoutes},
		{[]string{"API_CONVERT_ANOMALY_SCORES", "API_CONVERT_CLASS_SCORES"}, checkConversions},
		{[]string{"MLAPI_TLS_CERT", "MLAPI_TLS_KEY"}, checkTLS},
		{[]string{"AUTH_PRIVATE_KEY_SAVE_FILEPATH", "AUTH_PUBLIC_KEY_SAVE_FILEPATH", "MLAPI_DATA"}, checkKeyFiles},
		{[]string{"AUTH_PRIVATE_KEY_SAVE_SECRET", "AUTH_PRIVATE_KEY_SAVE_SECRET_FILE"}, checkKeySecret},
	}
}

// contradictions returns where the values contradict each other. said says what a key
// was set to and where; rules about faulty keys are left out, their fault is told
// already.
func (c *Config) contradictions(said func(key string) setting, faulty map[string]bool) Errors {
	var all Errors
next:
	for _, r := range rules() {
		for _, k := range r.keys {
			if faulty[k] {
				continue next
			}
		}
		if e := r.check(c); e != nil {
			s := said(e.Key)
			if e.Source = s.source; e.Value == "" && s.value != "" {
				e.Value = quote(s.value)
			}
			all = append(all, e)
		}
	}
	if !faulty["MLAPI_ADDRESS"] && !c.Server.Loopback() {
		for _, p := range c.placeholders() {
			all = append(all, &Error{Key: p.Key, Source: said(p.Key).source, Hint: p.Hint,
				Problem: p.Problem + ", and the server can be reached from other machines"})
		}
	}
	return all
}

func checkClients(c *Config) *Error {
	names, passwords := 0, 0
	seen := map[string]bool{}
	for _, client := range c.Auth.Clients {
		if seen[client.Name] && client.Name != "" {
			return &Error{Key: "AUTH_CLIENTS_RESET_USN", Problem: "has the name " + quote(client.Name) + " twice",
				Hint: "give every client a name of its own"}
		}
		seen[client.Name] = true
		if client.Name != "" {
			names++
		}
		if client.Password != "" {
			passwords++
		}
	}
	hint := "give as many passwords as names, in the same order; a comma always separates, so a password cannot have one"
	switch {
	case names == passwords && names == len(c.Auth.Clients):
		return nil
	case passwords == 0:
		return &Error{Key: "AUTH_CLIENTS_RESET_USN", Problem: "is set without AUTH_CLIENTS_RESET_PWD", Hint: hint}
	case names == 0:
		return &Error{Key: "AUTH_CLIENTS_RESET_PWD", Problem: "is set without AUTH_CLIENTS_RESET_USN", Hint: hint}
	}
	return &Error{Key: "AUTH_CLIENTS_RESET_USN",
		Problem: fmt.Sprintf("and AUTH_CLIENTS_RESET_PWD differ in length: %d and %d", names, passwords), Hint: hint}
}

func checkRoutes(c *Config) *Error {
	api, auth := c.API.Route, c.Auth.Route
	problem := ""
	switch {
	case api == auth:
		problem = "is the same as AUTH_ROUTE"
	case strings.HasPrefix(api, auth+"/"):
		problem = "lies inside AUTH_ROUTE, " + quote(auth)
	case strings.HasPrefix(auth, api+"/"):
		problem = "has AUTH_ROUTE inside it, " + quote(auth)
	default:
		return nil
	}
	return &Error{Key: "API_ROUTE", Value: quote(api), Problem: problem, Hint: "give each a route of its own, such as api and auth"}
}

func checkConversions(c *Config) *Error {
	if c.API.ConvertClassScores != True || !c.API.ConvertAnomalyScores {
		return nil
	}
	return &Error{Key: "API_CONVERT_ANOMALY_SCORES", Problem: "is on together with API_CONVERT_CLASS_SCORES",
		Hint: "set API_CONVERT_CLASS_SCORES=False for an outlier detector, or leave API_CONVERT_ANOMALY_SCORES off"}
}

func checkTLS(c *Config) *Error {
	switch cert, key := c.Server.TLSCert, c.Server.TLSKey; {
	case cert != "" && key == "":
		return &Error{Key: "MLAPI_TLS_CERT", Value: quote(cert), Problem: "is set without MLAPI_TLS_KEY",
			Hint: "HTTPS needs both files; set neither for plain HTTP"}
	case cert == "" && key != "":
		return &Error{Key: "MLAPI_TLS_KEY", Value: quote(key), Problem: "is set without MLAPI_TLS_CERT",
			Hint: "HTTPS needs both files; set neither for plain HTTP"}
	}
	return nil
}

func checkKeySecret(c *Config) *Error {
	if c.Auth.PrivateKeySecret == "" || c.Auth.PrivateKeySecretFile == "" {
		return nil
	}
	return &Error{Key: "AUTH_PRIVATE_KEY_SAVE_SECRET_FILE", Value: quote(c.Auth.PrivateKeySecretFile),
		Problem: "is set beside AUTH_PRIVATE_KEY_SAVE_SECRET", Hint: "set one of the two: the secret itself, or the file that holds it"}
}

func checkKeyFiles(c *Config) *Error {
	public, private := c.KeyFiles()
	if filepath.Clean(public) != filepath.Clean(private) {
		return nil
	}
	return &Error{Key: "AUTH_PUBLIC_KEY_SAVE_FILEPATH", Value: quote(public), Problem: "is the file of the private key too",
		Hint: "give AUTH_PRIVATE_KEY_SAVE_FILEPATH another path"}
}

// placeholders returns what is left of the template's values, never saying a value.
func (c *Config) placeholders() []Warning {
	const hint = "replace it by a long random text, such as openssl rand -hex 24 prints"
	var all []Warning
	for i, client := range c.Auth.Clients {
		name := fmt.Sprintf("client %d, %s", i+1, quote(client.Name))
		if isPlaceholder(client.Name) {
			name = fmt.Sprintf("client %d", i+1)
			all = append(all, Warning{Key: "AUTH_CLIENTS_RESET_USN", Hint: "replace it by the client's name",
				Problem: "still has the template's placeholder as the name of " + name})
		}
		if isPlaceholder(client.Password.Reveal()) {
			all = append(all, Warning{Key: "AUTH_CLIENTS_RESET_PWD", Hint: hint,
				Problem: "still has the template's placeholder as the password of " + name})
		}
	}
	if isPlaceholder(c.Auth.PrivateKeySecret.Reveal()) {
		all = append(all, Warning{Key: "AUTH_PRIVATE_KEY_SAVE_SECRET", Hint: hint, Problem: "still is the template's placeholder"})
	}
	return all
}

// fewestCharacters are those that a password chosen by people must have at least (OWASP
// ASVS 5.0, 6.2.1). Shorter ones work, as they did in the template, and are told of.
const fewestCharacters = 8

// shortPasswords returns who has a password that is too short, never saying how short.
func (c *Config) shortPasswords() []Warning {
	var all []Warning
	for i, client := range c.Auth.Clients {
		if utf8.RuneCountInString(client.Password.Reveal()) >= fewestCharacters {
			continue
		}
		all = append(all, Warning{Key: "AUTH_CLIENTS_RESET_PWD",
			Problem: fmt.Sprintf("has a password of fewer than %d characters for client %d, %s", fewestCharacters, i+1, quote(client.Name)),
			Hint:    "replace it by a long random text, such as openssl rand -hex 24 prints"})
	}
	return all
}

func isPlaceholder(value string) bool {
	switch value {
	case placeholderCredentials, placeholderAlso, placeholderSecret:
		return true
	}
	return false
}

// doubts returns what is allowed but probably not meant.
func (c *Config) doubts(said func(key string) setting) []Warning {
	var all []Warning
	if !c.Auth.Enabled {
		all = append(all, Warning{Key: "AUTH_ENABLED", Problem: "is off: whoever reaches the server can use the model",
			Hint: "set AUTH_ENABLED=True unless that is meant"})
	}
	if !c.Server.Loopback() && !c.Server.TLS() {
		all = append(all, Warning{Key: "MLAPI_ADDRESS", Problem: "lets other machines in without TLS: passwords and tokens can be read on the way",
			Hint: "set MLAPI_TLS_CERT and MLAPI_TLS_KEY, or listen on 127.0.0.1 behind a proxy that speaks TLS"})
	}
	if c.Server.Loopback() {
		all = append(all, c.placeholders()...)
	}
	all = append(all, c.shortPasswords()...)
	if c.CORS.Enabled && said("CORS_ORIGINS").source != defaultSource {
		all = append(all, originDoubts(c.CORS.Origins)...)
	}
	for _, p := range c.Server.TrustedProxies {
		if p.Bits() == 0 {
			all = append(all, Warning{Key: "MLAPI_TRUSTED_PROXIES", Problem: "trusts every address: callers can say that they come from anywhere",
				Hint: "name the proxy's own address"})
		}
	}
	for i := range all {
		all[i].Source = said(all[i].Key).source
	}
	return all
}
