package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestExampleEnv holds .env.example to the table of keys: every key, with its default,
// explained, in the order of the table's groups.
func TestExampleEnv(t *testing.T) {
	data, err := os.ReadFile("../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	setting := regexp.MustCompile(`^#([A-Z_]+)=(.*)$`)
	stated := map[string]string{}
	explained := false
	for i, line := range strings.Split(string(data), "\n") {
		if len(line) > 88 {
			t.Errorf("line %d is longer than 88 characters", i+1)
		}
		m := setting.FindStringSubmatch(line)
		switch {
		case m != nil:
			if _, twice := stated[m[1]]; twice || !explained {
				t.Errorf("line %d: %s stands twice or is not explained", i+1, m[1])
			}
			stated[m[1]] = m[2]
		case line == "":
			explained = false
		case strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "# ---"):
			explained = true
		case line != "#" && !strings.HasPrefix(line, "# ---"):
			t.Errorf("line %d is neither a comment nor a setting: %s", i+1, line)
		}
	}
	for _, k := range keys() {
		got, found := stated[k.name]
		delete(stated, k.name)
		switch {
		case !found:
			t.Errorf("%s is missing", k.name)
		case k.name == "API_CONVERT_CLASS_SCORES":
			// Its default depends on the model; the contract calls it True.
			if got != "True" {
				t.Errorf("%s=%s, want True", k.name, got)
			}
		case got != k.fallback:
			t.Errorf("%s=%s, but its default is %q", k.name, got, k.fallback)
		}
	}
	for name := range stated {
		t.Errorf("%s is no key", name)
	}
}

// TestExampleEnvLoads loads .env.example as it is and with every setting switched on:
// both are the defaults.
func TestExampleEnvLoads(t *testing.T) {
	data, err := os.ReadFile("../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	on := regexp.MustCompile(`(?m)^#([A-Z_]+=)`).ReplaceAllString(string(data), "$1")
	for text, want := range map[string]struct {
		scores   Tristate
		warnings []string // the keys
	}{
		string(data): {Unset, nil},
		// The one default that is worth a warning once somebody writes it down.
		on: {True, []string{"CORS_ORIGINS"}},
	} {
		c, err := Load(Options{File: write(t, text)})
		if err != nil {
			t.Fatal(err)
		}
		var warned []string
		for _, w := range c.Warnings {
			warned = append(warned, w.Key)
		}
		if !slices.Equal(warned, want.warnings) {
			t.Errorf("warnings %v, want those of %v", c.Warnings, want.warnings)
		}
		defaults := Default()
		defaults.API.ConvertClassScores = want.scores
		if diff := diffConfig(defaults, *c); diff != "" {
			t.Errorf("not the defaults (-want +got):\n%s", diff)
		}
	}
}

func TestKeysAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range keys() {
		if seen[k.name] || !ours(k.name) && k.name != "FLASK_APP" || k.meaning == "" || k.set == nil {
			t.Errorf("%s stands twice, has a foreign prefix, no meaning or no setter", k.name)
		}
		seen[k.name] = true
		if secret := strings.HasSuffix(k.name, "_PWD") || strings.HasSuffix(k.name, "_SECRET") || k.name == "MLAPI_STORE"; secret != k.secret {
			t.Errorf("%s: secret is %t", k.name, k.secret)
		}
	}
}
