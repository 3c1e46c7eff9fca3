package config

import "testing"

func TestSentOrigin(t *testing.T) {
	tests := []struct {
		entry string
		meant string // "" where it cannot be told
		sent  bool   // whether a browser sends the entry as it is
	}{
		{"*", "", true},
		{"http://localhost:3000", "http://localhost:3000", true},
		{"http://localhost", "http://localhost", true},
		{"https://app.example.com", "https://app.example.com", true},
		{"https://APP.Example.com:8443", "https://APP.Example.com:8443", true},
		{"http://[::1]:3000", "http://[::1]:3000", true},
		{"http://[2001:db8::1]", "http://[2001:db8::1]", true},
		{"https://xn--bcher-kva.example", "https://xn--bcher-kva.example", true},
		{"https://my_host", "https://my_host", true},
		{"chrome-extension://abcdefgh", "chrome-extension://abcdefgh", true},
		{"capacitor://localhost", "capacitor://localhost", true},
		{"https://a.example:80", "https://a.example:80", true},

		{"localhost", "http://localhost:3000", false},
		{"LOCALHOST", "http://LOCALHOST:3000", false},
		{"localhost:5173", "http://localhost:5173", false},
		{"localhost/", "http://localhost:3000", false},
		{"127.0.0.1", "http://127.0.0.1:3000", false},
		{"127.0.0.1:80", "http://127.0.0.1", false},
		{"[::1]", "http://[::1]:3000", false},
		{"app.example.com", "https://app.example.com", false},
		{"app.example.com:8443", "https://app.example.com:8443", false},
		{"app.example.com/login", "https://app.example.com", false},
		{"//app.example.com", "https://app.example.com", false},
		{"10.0.0.1", "https://10.0.0.1", false},
		{"https://app.example.com/", "https://app.example.com", false},
		{"https://app.example.com/path?q#f", "https://app.example.com", false},
		{"https://app.example.com?q", "https://app.example.com", false},
		{"https://app.example.com:443", "https://app.example.com", false},
		{"http://app.example.com:80/", "http://app.example.com", false},
		{"http://a.example:0080", "http://a.example", false},
		{"http://a.example:08080", "http://a.example:8080", false},
		{"HTTPS://app.example.com", "https://app.example.com", false},

		{"https://*.example.com", "", false},
		{"https?://.*", "", false},
		{"https://", "", false},
		{"://a.example", "", false},
		{"https://user@a.example", "", false},
		{"https://a.example:0", "", false},
		{"https://a.example:", "", false},
		{"https://a.example:65536", "", false},
		{"https://a.example:+80", "", false},
		{"https://bücher.example", "", false},
		{"http://::1", "", false},
		{"http://[::1", "", false},
		{"http://[::1]x", "", false},
		{"http://[fe80::1%25eth0]", "", false},
		{"http://[127.0.0.1]", "", false},
		{"1http://a.example", "", false},
		{"ht tp://a.example", "", false},
		{"a b", "", false},
	}
	for _, tt := range tests {
		meant, why := sentOrigin(tt.entry)
		if meant != tt.meant || (why == "") != tt.sent {
			t.Errorf("sentOrigin(%q) = %q, %q; want %q, sent %t", tt.entry, meant, why, tt.meant, tt.sent)
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
