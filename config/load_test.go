package config

import (
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "write the messages of testdata/*.env into their .txt files")

// TestFiles loads every testdata/*.env. What is said about NAME.env stands in
// NAME.txt: the warnings of a good one, the error: and hint: lines of a bad one.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.env")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := Load(Options{File: file})
			var b strings.Builder
			if strings.HasSuffix(file, ".good.env") {
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range c.Warnings {
					b.WriteString(w.String() + "\n")
				}
			} else {
				var all Errors
				if !errors.As(err, &all) || c != nil {
					t.Fatalf("Load = %v, %v; want no configuration and Errors", c, err)
				}
				all.Print(&b)
			}
			got := strings.ReplaceAll(b.String(), "testdata"+string(filepath.Separator), "")
			golden(t, strings.TrimSuffix(file, ".env")+".txt", got)
			if strings.Contains(got, "geheim") || strings.Contains(got, "YouShould") {
				t.Errorf("a secret is shown:\n%s", got)
			}
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestGoodFiles(t *testing.T) {
	tests := map[string]func(*Config){
		"nothing": func(*Config) {},
		"template": func(c *Config) {
			c.Logging.Level, c.Logging.File = LevelDebug, "./files/log.txt"
			c.Auth.Clients = []Credential{
				{"ClientA", "YouShouldReplaceTheseCredentials"}, {"ClientB", "YouShouldAlsoReplaceThese"}}
			c.Auth.PublicKeyFile, c.Auth.PrivateKeyFile = "./files/auth_public_key.pem", "./files/auth_private_key.pem"
			c.Auth.PrivateKeySecret = "YouShouldReplaceThisString"
			c.API.Model, c.API.Encodings = "./resources/classification_model.joblib", "./resources/categorical_feature_encoding.csv"
			c.API.ConvertClassScores = True
		},
		"secret-kept": func(c *Config) { c.Auth.PrivateKeySecret = " kept as it is " },
		"spellings": func(c *Config) {
			c.App = "Fraud desk"
			c.CORS = CORS{Origins: []string{"http://localhost:3000", "https://APP.example.com"}}
			c.Logging = Logging{Level: LevelCritical, Format: FormatJSON}
			c.Auth = Auth{Enabled: true, Route: "v1/auth", Issuer: "MLAPIAS", Algorithm: "RS256",
				Clients:   []Credential{{"ClientA", "Pa$WORD1"}, {"Client B", `say "x" # y`}},
				AccessTTL: time.Minute, RefreshTTL: 525600 * time.Minute, SessionTTL: 5256000 * time.Minute,
				RefreshGrace: 30 * time.Second, PrivateKeySecretFile: "/run/secrets/key"}
			c.Store = Store{URL: "postgres://mlapi:p%40ss@db:5432/mlapi", Outage: OutageServe, Patience: time.Hour}
			c.API = API{Enabled: true, Route: "v1/api", ConvertClassScores: False, ConvertAnomalyScores: true,
				Preprocess: []string{"celsius", "categorical"}, Postprocess: []string{"label"},
				UnknownCategory: "OTHER", MaxBodyBytes: 1, MaxRows: 10}
			c.Server = Server{Address: "::1", Data: "/srv/mlapi", TLSCert: "cert.pem", TLSKey: "key.pem",
				TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.7/32"), netip.MustParsePrefix("192.168.0.0/16"),
					netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("10.0.0.8/32")}}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			want := Default()
			change(&want)
			got, err := Load(Options{File: "testdata/" + name + ".good.env"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := diffConfig(want, *got); diff != "" {
				t.Errorf("Load (-want +got):\n%s", diff)
			}
		})
	}
}

// diffConfig compares all but the warnings, secrets as they are.
func diffConfig(want, got Config) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Config{}, "Warnings"),
		cmp.Comparer(func(a, b Secret) bool { return a.Reveal() == b.Reveal() }),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }))
}

// write makes a .env file of the lines and returns its path.
func write(t *testing.T, lines ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPrecedence(t *testing.T) {
	file := write(t, "MLAPI_PORT=1", "MLAPI_DATA=file", "AUTH_ISSUER=file", "AUTH_ROUTE=${R}", "R=late")
	tests := []struct {
		name    string
		environ []string
		flags   map[string]string
		want    string // port, data, issuer
	}{
		{"file", nil, nil, "1 file file"},
		{"environment over file", []string{"MLAPI_PORT=2", "AUTH_ISSUER=env"}, nil, "2 file env"},
		{"flag over both", []string{"MLAPI_PORT=2"}, map[string]string{"port": "3", "data": "flag"}, "3 flag file"},
		{"nothing in the environment is as unset", []string{"MLAPI_PORT=", "AUTH_ISSUER="}, nil, "1 file file"},
		{"nothing in a flag is as unset", []string{"MLAPI_PORT=2"}, map[string]string{"port": ""}, "2 file file"},
		{"the last of two counts", []string{"MLAPI_PORT=2", "MLAPI_PORT=4"}, nil, "4 file file"},
		{"no value at all", []string{"MLAPI_PORT", "=C:=x"}, nil, "1 file file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Load(Options{File: file, Environ: append(tt.environ, "R=fromenv"), Flags: tt.flags})
			if err != nil {
				t.Fatal(err)
			}
			_, port, _ := strings.Cut(c.Server.Listen(), ":")
			if got := port + " " + c.Server.Data + " " + c.Auth.Issuer; got != tt.want || c.Auth.Route != "fromenv" {
				t.Errorf("got %s and route %s, want %s", got, c.Auth.Route, tt.want)
			}
		})
	}
}

func TestNoFile(t *testing.T) {
	for _, file := range []string{filepath.Join(t.TempDir(), ".env"), t.TempDir()} {
		c, err := Load(Options{File: file})
		if err != nil || len(c.Warnings) > 0 {
			t.Fatalf("Load(%s) = %v, %v", file, c, err)
		}
		if diff := diffConfig(Default(), *c); diff != "" {
			t.Errorf("Load(%s) (-default +got):\n%s", file, diff)
		}
	}
}

// TestFileInWorkingFolder is what everybody relies on: no option, .env is read.
func TestFileInWorkingFolder(t *testing.T) {
	t.Chdir(filepath.Dir(write(t, "MLAPI_PORT=81")))
	c, err := Load(Options{})
	if err != nil || c.Server.Port != 81 {
		t.Fatalf("Load = %+v, %v", c, err)
	}
	t.Setenv("MLAPI_PORT", "82")
	if c, err = Load(Options{}); err != nil || c.Server.Port != 81 {
		t.Fatalf("Load looked into the environment by itself: %+v, %v", c, err)
	}
}

func TestFileLimits(t *testing.T) {
	good := write(t, "MLAPI_PORT=81", "#"+strings.Repeat("x", maxFile-len("MLAPI_PORT=81\n#")))
	if _, err := Load(Options{File: good}); err != nil {
		t.Errorf("a file of the greatest size: %v", err)
	}
	bad := write(t, "MLAPI_PORT=81", "#"+strings.Repeat("x", maxFile-len("MLAPI_PORT=81\n#")+1))
	if _, err := Load(Options{File: bad}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file over the greatest size: %v", err)
	}
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Options{File: loop}); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a file that cannot be opened: %v", err)
	}
}

// message is a set of sources and what Print says of them, "" where all is well.
type message struct {
	name    string
	environ []string
	flags   map[string]string
	want    string
}

func checkMessages(t *testing.T, tests []message) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(Options{File: filepath.Join(t.TempDir(), "none"), Environ: tt.environ, Flags: tt.flags})
			var b strings.Builder
			var all Errors
			if errors.As(err, &all) {
				all.Print(&b)
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSources holds what each place is called.
func TestSources(t *testing.T) {
	checkMessages(t, []message{
		{"environment", []string{"API_MAX_ROWS=x"}, nil, `error: API_MAX_ROWS="x" (environment) is not a whole number
hint: allowed are whole numbers from 1 to 1000000000
`},
		{"flag", []string{"MLAPI_PORT=5"}, map[string]string{"port": "99999"}, `error: MLAPI_PORT="99999" (flag --port) is out of range
hint: allowed are whole numbers from 0 to 65535
`},
		{"debug", nil, map[string]string{"debug": "perhaps"}, `error: --debug="perhaps" (flag --debug) is neither true nor false
hint: ` + truthWords + "\n"},
		{"unknown flag", nil, map[string]string{"prot": "5"}, `error: flag --prot stands for no key
hint: this is a fault of the program
`},
		{"flag without a name", nil, map[string]string{"": "5"}, `error: flag -- stands for no key
hint: this is a fault of the program
`},
		{"default", []string{"AUTH_ROUTE=api"}, nil, `error: API_ROUTE="api" (default) is the same as AUTH_ROUTE
hint: give each a route of its own, such as api and auth
`},
	})
}

// TestEnvironmentNames holds which names are ours in the environment.
func TestEnvironmentNames(t *testing.T) {
	checkMessages(t, []message{
		{"unknown in the environment", []string{"MLAPI_TLS_CRET=geheim"}, nil, `error: MLAPI_TLS_CRET (environment) is not a key
hint: did you mean MLAPI_TLS_CERT (PEM file of the certificate chain)?
`},
		{"another program's", []string{"AUTH_TOKEN=x", "API_KEY=x", "CORS_X=x", "LOGGING_X=x", "MLAPI=x", "XMLAPI_PROT=x"}, nil, ""},
		{"Kubernetes, Service mlapi", []string{"MLAPI_SERVICE_HOST=10.0.0.11", "MLAPI_SERVICE_PORT=80", "MLAPI_SERVICE_PORT_HTTP=80",
			"MLAPI_PORT=tcp://10.0.0.11:80", "MLAPI_PORT_80_TCP=tcp://10.0.0.11:80", "MLAPI_PORT_80_TCP_ADDR=10.0.0.11"}, nil, ""},
		{"Kubernetes, Service mlapi-db", []string{"MLAPI_DB_SERVICE_HOST=10.0.0.11"}, nil, `error: MLAPI_DB_SERVICE_HOST (environment) is not a key
hint: did you mean MLAPI_TLS_CERT (PEM file of the certificate chain)? If Kubernetes set it for a Service, put enableServiceLinks: false into the pod's spec
`},
		{"Kubernetes, other protocols", []string{"MLAPI_PORT=udp://10.0.0.11:80"}, nil, ""},
		{"Kubernetes, the third protocol", []string{"MLAPI_PORT=sctp://10.0.0.11:80"}, nil, ""},
		{"Kubernetes, ports of Service mlapi-db", []string{"MLAPI_DB_PORT=tcp://10.0.0.11:80", "MLAPI_DB_PORT_80_TCP=tcp://10.0.0.11:80", "MLAPI_DB_SERVICE_PORT=80"}, nil,
			`error: MLAPI_DB_PORT (environment) is not a key
hint: did you mean MLAPI_PORT (port to listen on, 0 for a free one)? If Kubernetes set it for a Service, put enableServiceLinks: false into the pod's spec
error: MLAPI_DB_PORT_80_TCP (environment) is not a key
hint: did you mean MLAPI_PORT (port to listen on, 0 for a free one)? If Kubernetes set it for a Service, put enableServiceLinks: false into the pod's spec
error: MLAPI_DB_SERVICE_PORT (environment) is not a key
hint: did you mean MLAPI_TLS_CERT (PEM file of the certificate chain)? If Kubernetes set it for a Service, put enableServiceLinks: false into the pod's spec
`},
	})
}

// TestShownValues holds how a value is shown, and values that only the environment has.
func TestShownValues(t *testing.T) {
	checkMessages(t, []message{
		{"control character first", []string{"AUTH_ISSUER=\nx"}, nil, `error: AUTH_ISSUER="\nx" (environment) has characters that cannot be printed, or only spaces
hint: use letters, digits and punctuation
`},
		{"quotes of docker --env-file", []string{`MLAPI_PORT="80"`}, nil, `error: MLAPI_PORT="\"80\"" (environment) is not a whole number
hint: allowed are whole numbers from 0 to 65535; the quotes are part of the value here: leave them out
`},
		{"one quote", []string{`MLAPI_PORT="`}, nil, `error: MLAPI_PORT="\"" (environment) is not a whole number
hint: allowed are whole numbers from 0 to 65535
`},
		{"terminal escapes", []string{"MLAPI_PORT=\x1b[2J", "MLAPI_\x1b[2J=1"}, nil, `error: "MLAPI_\x1b[2J" (environment) is not a key
hint: did you mean MLAPI_PORT (port to listen on, 0 for a free one)?
error: MLAPI_PORT="\x1b[2J" (environment) is not a whole number
hint: allowed are whole numbers from 0 to 65535
`},
		{"long value", []string{"MLAPI_PORT=" + strings.Repeat("é", 50)}, nil, `error: MLAPI_PORT="` + strings.Repeat("é", 40) +
			`" (and 20 more bytes) (environment) is not a whole number
hint: allowed are whole numbers from 0 to 65535
`},
		{"long value cut inside a letter", []string{"MLAPI_PORT=x" + strings.Repeat("é", 50)}, nil, `error: MLAPI_PORT="x` + strings.Repeat("é", 39) +
			`" (and 22 more bytes) (environment) is not a whole number
hint: allowed are whole numbers from 0 to 65535
`},
		{"long name", []string{"MLAPI_" + strings.Repeat("X", 10000) + "=1"}, nil, `error: "MLAPI_` + strings.Repeat("X", 74) +
			`" (and 9926 more bytes) (environment) is not a key
hint: did you mean MLAPI_TRUSTED_PROXIES (addresses and networks of proxies whose forwarding headers count)?
`},
		{"empty entry", []string{"MLAPI_TRUSTED_PROXIES=10.0.0.1,"}, nil, `error: MLAPI_TRUSTED_PROXIES="10.0.0.1," (environment) has an empty entry (number 2 of 2)
hint: give a comma list without empty entries, such as a, b
`},
		{"zone", []string{"MLAPI_TRUSTED_PROXIES=fe80::1%eth0"}, nil, `error: MLAPI_TRUSTED_PROXIES="fe80::1%eth0" (environment) has "fe80::1%eth0", which is neither an address nor a network
hint: allowed are addresses and networks, such as 10.0.0.7, 192.168.0.0/16, fd00::/8
`},
		{"mapped network", []string{"MLAPI_TRUSTED_PROXIES=::ffff:10.0.0.0/104"}, nil, `error: MLAPI_TRUSTED_PROXIES="::ffff:10.0.0.0/104" (environment) has "::ffff:10.0.0.0/104", which is neither an address nor a network
hint: allowed are addresses and networks, such as 10.0.0.7, 192.168.0.0/16, fd00::/8
`},
		{"NUL in a path", []string{"MLAPI_DATA=a\x00b"}, nil, `error: MLAPI_DATA="a\x00b" (environment) is not a path
hint: give a path, absolute or relative to the working folder
`},
	})
}

// TestKubernetesPortInFile proves that the exception is the environment's alone.
func TestKubernetesPortInFile(t *testing.T) {
	for _, line := range []string{"MLAPI_PORT=tcp://10.0.0.11:80", "MLAPI_SERVICE_HOST=10.0.0.11"} {
		if _, err := Load(Options{File: write(t, line)}); err == nil {
			t.Errorf("%s in the file was taken", line)
		}
	}
}

func TestDebugFlag(t *testing.T) {
	file := write(t, "LOGGING_LEVEL=50", "LOGGING_FORMAT=json")
	for flag, want := range map[string]Logging{
		"true":  {Level: LevelDebug, Format: FormatText},
		"false": {Level: LevelCritical, Format: FormatJSON},
	} {
		c, err := Load(Options{File: file, Flags: map[string]string{"debug": flag}})
		if err != nil || c.Logging != want {
			t.Errorf("--debug=%s: %+v, %v; want %+v", flag, c, err, want)
		}
	}
}

// TestErrorsUnwrap proves that each fault is found by errors.As, as callers look.
func TestErrorsUnwrap(t *testing.T) {
	_, err := Load(Options{File: write(t, "MLAPI_PORT=x", "API_MAX_ROWS=y")})
	var one *Error
	if !errors.As(err, &one) || one.Key != "MLAPI_PORT" || one.Value != `"x"` || !strings.HasSuffix(one.Source, ".env line 1") {
		t.Errorf("errors.As = %+v", one)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 2 {
		t.Errorf("Error() = %q, want two lines", err)
	}
}
