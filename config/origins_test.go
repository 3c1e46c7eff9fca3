package config

import "testing"

func TestOriginsThatBrowsersSend(t *testing.T) {
	for _, entry := range []string{
		"*",
		"http://localhost:3000",
		"http://localhost",
		"https://app.example.com",
		"https://APP.Example.com:8443",
		"http://[::1]:3000",
		"http://[2001:db8::1]",
		"https://xn--bcher-kva.example",
		"https://my_host",
		"chrome-extension://abcdefgh",
		"capacitor://localhost",
		"https://a.example:80",
	} {
		if meant, why := sentOrigin(entry); why != "" {
			t.Errorf("sentOrigin(%q) = %q, %q; but browsers send it", entry, meant, why)
		}
	}
}

func TestOriginsThatWereMeant(t *testing.T) {
	for entry, want := range map[string]string{
		"localhost":                        "http://localhost:3000",
		"LOCALHOST":                        "http://LOCALHOST:3000",
		"localhost:5173":                   "http://localhost:5173",
		"localhost/":                       "http://localhost:3000",
		"127.0.0.1":                        "http://127.0.0.1:3000",
		"127.0.0.1:80":                     "http://127.0.0.1",
		"[::1]":                            "http://[::1]:3000",
		"app.example.com":                  "https://app.example.com",
		"app.example.com:8443":             "https://app.example.com:8443",
		"app.example.com/login":            "https://app.example.com",
		"//app.example.com":                "https://app.example.com",
		"10.0.0.1":                         "https://10.0.0.1",
		"https://app.example.com/":         "https://app.example.com",
		"https://app.example.com/path?q#f": "https://app.example.com",
		"https://app.example.com?q":        "https://app.example.com",
		"https://app.example.com:443":      "https://app.example.com",
		"http://app.example.com:80/":       "http://app.example.com",
		"http://a.example:0080":            "http://a.example",
		"http://a.example:08080":           "http://a.example:8080",
		"HTTPS://app.example.com":          "https://app.example.com",
	} {
		if meant, why := sentOrigin(entry); meant != want || why == "" {
			t.Errorf("sentOrigin(%q) = %q, %q; want %q and why", entry, meant, why, want)
		}
	}
}

func TestOriginsThatCannotBeTold(t *testing.T) {
	for _, entry := range []string{
		"https://*.example.com",
		"https?://.*",
		"https://",
		"://a.example",
		"https://user@a.example",
		"https://a.example:0",
		"https://a.example:",
		"https://a.example:65536",
		"https://a.example:+80",
		"https://bücher.example",
		"http://::1",
		"http://[::1",
		"http://[::1]x",
		"http://[fe80::1%25eth0]",
		"http://[127.0.0.1]",
		"1http://a.example",
		"ht tp://a.example",
		"a b",
	} {
		if meant, why := sentOrigin(entry); meant != "" || why == "" {
			t.Errorf("sentOrigin(%q) = %q, %q; want nothing but why", entry, meant, why)
		}
	}
}

// TestOriginsUnset proves that nobody is nagged about a default.
func TestOriginsUnset(t *testing.T) {
	for want, lines := range map[int][]string{
		0: {"CORS_ENABLED=True"},
		1: {"CORS_ORIGINS=localhost"},
		2: {"CORS_ORIGINS=http://localhost:3000, localhost, https://a.example, null"},
	} {
		c, err := Load(Options{File: write(t, lines...)})
		if err != nil || len(c.Warnings) != want {
			t.Errorf("%s: %v, %v; want %d warnings", lines, c, err, want)
		}
	}
	if c, err := Load(Options{File: write(t, "CORS_ORIGINS=*")}); err != nil || len(c.Warnings) != 0 || len(c.CORS.Origins) != 1 {
		t.Errorf("*: %v, %v", c, err)
	}
	c, err := Load(Options{File: write(t, "CORS_ENABLED=False", "CORS_ORIGINS=localhost")})
	if err != nil || len(c.Warnings) != 0 {
		t.Errorf("warned of the origins although CORS is off: %v, %v", c, err)
	}
}
