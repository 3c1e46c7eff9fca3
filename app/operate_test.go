package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

// TestStoreCommandsRefuse: every wrong use is told of with what to do about it, and
// changes nothing.
func TestStoreCommandsRefuse(t *testing.T) {
	folder := t.TempDir()
	for _, args := range [][]string{
		{"client", "list"}, {"client", "reset", "anna"}, {"client", "sessions", "anna"}, {"client", "instances", "anna"},
		{"client", "disable", "anna"}, {"client", "enable", "anna"}, {"client", "revoke", "anna"},
		{"keys", "list"}, {"keys", "rotate"}, {"keys", "compromise", "K"}, {"audit"}, {"audit", "verify"},
	} {
		runIn(t, folder, "", args...).wantError(t, 2, "error: there is no store in the data folder ./data", "--data")
	}
	runIn(t, folder, "", "client", "add", "a,b").wantError(t, 2, `the name "a,b" cannot be used: it holds a comma`)
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Fatalf("refused commands left %v, %v", left, err)
	}
	runIn(t, folder, "", "client", "add", "anna")
	runIn(t, folder, "", "client", "instances", "anna", "add", "lab")
	runIn(t, folder, "", "keys", "rotate", "--now")
	lost := activeKey(t, folder)
	if r := runIn(t, folder, "", "keys", "compromise", "--", lost); r.status != 0 {
		t.Fatal(r)
	}
	before := runIn(t, folder, "", "audit", "--json").stdout
	for _, test := range []struct {
		args   string // parted by spaces; "_" stands for one
		status int
		want   string
	}{
		{"client add anna", 1, `there is a client "anna" already`},
		{"client add _x", 2, "begins or ends with a space"},
		{"client add " + strings.Repeat("n", 129), 2, "it has more than 128 bytes"},
		{"client add a\x1b[2J", 2, `"a\x1b[2J" cannot be used: it holds a character that cannot be printed`},
		{"client add a\xff", 2, "it is not UTF-8"},
		{"client add", 2, "mlapi client add takes NAME, and got 0 arguments"},
		{"client add a b", 2, "mlapi client add takes NAME, and got 2 arguments"},
		{"client add -x", 2, "where the NAME itself begins with a dash, put -- "},
		{"client reset Anna", 1, `there is no client "Anna"`},
		{"client sessions nobody", 1, `there is no client "nobody"`},
		{"client disable nobody", 1, `there is no client "nobody"`},
		{"client enable nobody", 1, `there is no client "nobody"`},
		{"client revoke nobody", 1, `there is no client "nobody"`},
		{"client list anna", 2, "mlapi client list takes no arguments"},
		{"client disable", 2, "mlapi client disable takes NAME"},
		{"client disable anna lab", 2, "mlapi client disable takes NAME, and got 2 arguments"},
		{"client disabel anna", 2, "did you mean mlapi client disable?"},
		{"client instances", 2, "takes NAME, NAME add INSTANCE or NAME remove INSTANCE"},
		{"client instances anna add", 2, "takes NAME, NAME add INSTANCE or NAME remove INSTANCE"},
		{"client instances anna drop lab", 2, "takes NAME, NAME add INSTANCE or NAME remove INSTANCE"},
		{"client instances nobody", 1, `there is no client "nobody"`},
		{"client instances nobody add lab", 1, `there is no client "nobody"`},
		{"client instances anna add lab", 1, `the client "anna" has an instance "lab" already`},
		{"client instances anna add " + strings.Repeat("i", 65), 2, "it has more than 64 bytes"},
		{"client instances anna add ", 2, "the name of the instance is empty"},
		{"client instances anna add a\nb", 2, "it holds a character that cannot be printed"},
		{"client instances anna remove lob", 1, `there is no client "anna" with an instance "lob"`},
		{"client list --jsno", 2, "unknown flag: --jsno"},
		{"keys list all", 2, "mlapi keys list takes no arguments"},
		{"keys rotate now", 2, "mlapi keys rotate takes no arguments"},
		{"keys rotat", 2, "did you mean mlapi keys rotate?"},
		{"keys compromise", 2, "mlapi keys compromise takes KEY, and got 0 arguments"},
		{"keys compromise nope", 1, `there is no signing key "nope"`},
		{"keys compromise -nope", 2, "where the KEY itself begins with a dash, put -- "},
		{"keys compromise -" + lost[1:], 1, `there is no signing key "-`},
		{"keys compromise --" + lost[2:], 1, `there is no signing key "--`},
		{"keys compromise -" + lost[1:] + " b", 2, "takes KEY, and got 2 arguments"},
		{"keys compromise -- " + lost, 1, "the signing key " + lost + " was thrown away before"},
		{"audit verfy", 2, "did you mean mlapi audit verify?"},
		{"audit verify now", 2, "mlapi audit verify takes no arguments"},
		{"audit verify --head ", 2, "--head is not the hash of an entry"},
		{"audit verify --head abc", 2, "--head is not the hash of an entry"},
		{"audit --client ", 2, "--client is empty"},
		{"audit --client nobody", 1, `there is no client "nobody"`},
		{"audit --since yesterday", 2, `--since "yesterday" is not a time`},
		{"audit --since 2026-13-01", 2, `--since "2026-13-01" is not a time`},
		{"audit --until -5m", 2, `--until "-5m" is not a time`},
		{"audit --until ", 2, `--until "" is not a time`},
		{"audit --since 1h --until 2h", 2, "--since is not before --until"},
	} {
		args := strings.Split(test.args, " ")
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "_x", " x")
		}
		runIn(t, folder, "", args...).wantError(t, test.status, test.want)
		words := 2 // of the command itself
		if args[0] == "audit" && args[1] != "verify" {
			words = 1
		}
		runIn(t, folder, "", slices.Insert(args, words, "--json")...).wantError(t, test.status, test.want)
	}
	if after := runIn(t, folder, "", "audit", "--json").stdout; after != before {
		t.Errorf("what was refused changed the store:\n%s", strings.TrimPrefix(after, before))
	}
}

// TestNamesForAShell: what is printed to be pasted works, also for names that a shell
// or the command itself would take for something else.
func TestNamesForAShell(t *testing.T) {
	folder := t.TempDir()
	data := filepath.Join(folder, "da ta")
	for name, want := range map[string]string{
		"anna":      "mlapi client enable anna --data '" + data + "'\n",
		"-x":        "mlapi client enable --data '" + data + "' -- -x\n",
		"a b's $HO": `mlapi client enable 'a b'\''s $HO' --data '` + data + "'\n",
	} {
		added := runIn(t, folder, "", "client", "add", "--data", data, "--", name)
		reset := strings.Replace(strings.TrimSuffix(want, "\n"), "enable", "reset", 1)
		if added.status != 0 || !strings.Contains(added.stdout, "for a new one: "+reset+"\n") {
			t.Errorf("%q: %s does not hold %s", name, added.stdout, reset)
		}
		again := runIn(t, folder, "", "client", "add", "--data", data, "--", name)
		again.wantError(t, 1, "hint: mlapi client reset ")
		if name == "-x" && !strings.Contains(again.stderr, "hint: mlapi client reset -- ") {
			t.Errorf("the hint would be taken for a flag:\n%s", again.stderr)
		}
		if r := runIn(t, folder, "", "client", "disable", "--data", data, "--", name); !strings.HasSuffix(r.stdout, want) {
			t.Errorf("%q: %s\ndoes not end with %s", name, r.stdout, want)
		}
	}
}

// TestChangesReachRunningServers: a change by a command is followed by the server
// within a second of the command's end.
func TestChangesReachRunningServers(t *testing.T) {
	s := startServer(t, t.TempDir(), "AUTH_CLIENTS_RESET_ONLY_ONCE=False")
	name, password := credentialIn(t, s.run("client", "add", "anna"))
	s.run("client", "add", "bert")
	for _, test := range []struct{ verb, letsIn string }{{"disable", "enable"}, {"revoke", "reset"}, {"reset", ""}} {
		access, refresh := s.login(name, password)
		predicted(t, s, access)
		shown := s.run("client", test.verb, name)
		refusedWithin(t, time.Second, func() int { status, _ := s.predict(access, "[]"); return status })
		if status, _ := s.refresh(refresh); status != http.StatusUnauthorized {
			t.Errorf("refresh after %s: %d, want 401", test.verb, status)
		}
		if status, body := s.reset(name, password); status != http.StatusUnauthorized {
			t.Errorf("login after %s: %d %s, want 401", test.verb, status, body)
		}
		if test.letsIn != "" {
			shown = s.run("client", test.letsIn, name)
		}
		if strings.Contains(shown, "Password") {
			_, password = credentialIn(t, shown)
		}
		again, _ := s.login(name, password)
		predicted(t, s, again)
		if status, _ := s.predict(access, "[]"); status != http.StatusUnauthorized {
			t.Errorf("a token from before %s is good again: %d", test.verb, status)
		}
	}
}

// TestRemovedInstanceEndsItsSessionAlone: so it is told at client sessions, too.
func TestRemovedInstanceEndsItsSessionAlone(t *testing.T) {
	s := startServer(t, t.TempDir())
	name, password := credentialIn(t, s.run("client", "add", "anna"))
	at := func(instance string) (int, string) {
		return call(http.MethodPost, s.url+"/auth/reset/", "", "application/x-www-form-urlencoded",
			"username="+name+"&password="+password+"&instance="+instance)
	}
	if status, _ := at("lab"); status != http.StatusUnauthorized {
		t.Fatalf("an instance that nobody added: %d", status)
	}
	s.run("client", "instances", name, "add", "lab")
	access := map[string]string{}
	for _, instance := range []string{"lab", ""} {
		status, body := at(instance)
		status, body = s.refresh(tokensOf(t, status, body, 1)[0])
		access[instance] = tokensOf(t, status, body, 2)[0]
		predicted(t, s, access[instance])
	}
	s.run("client", "instances", name, "remove", "lab")
	refusedWithin(t, time.Second, func() int { status, _ := s.predict(access["lab"], "[]"); return status })
	predicted(t, s, access[""])
	states := map[string]string{}
	for _, session := range jsonOf[[]struct{ Instance, State, Reason string }](t, s.folder, "client", "sessions", name) {
		states[session.Instance] = session.State + " " + session.Reason
	}
	if states["lab"] != "revoked instance removed by an operator" || states[""] != "active " || len(states) != 2 {
		t.Errorf("the sessions are %q", states)
	}
}

// TestKeysReachRunningServers: a new key is published and signs, and what a
// compromised one signed is refused, within a second and without a restart.
func TestKeysReachRunningServers(t *testing.T) {
	s := startServer(t, t.TempDir(), "AUTH_CLIENTS_RESET_ONLY_ONCE=False")
	name, password := s.firstCredential()
	first := activeKey(t, s.folder)
	published := func(id string) bool {
		status, body := call(http.MethodGet, s.url+"/.well-known/jwks.json", "", "", "")
		return status == http.StatusOK && strings.Contains(body, id)
	}
	within := func(what string, done func() bool) {
		t.Helper()
		for begin := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Since(begin) > time.Second {
				t.Fatalf("%s: not within a second", what)
			}
		}
	}
	next := jsonOf[auth.KeyInfo](t, s.folder, "keys", "rotate")
	within("the next key is published", func() bool { return published(next.ID) })
	if wait := next.Until.Sub(next.Since); next.State != auth.KeyNext || wait < 5*time.Minute {
		t.Errorf("the next key is %+v: others cannot have it when it signs", next)
	}
	now := jsonOf[auth.KeyInfo](t, s.folder, "keys", "rotate", "--now")
	within("the new key signs", func() bool {
		newer, _ := s.login(name, password)
		return tokenKey(t, newer) == now.ID
	})
	access, refresh := s.login(name, password)
	predicted(t, s, access)
	told := s.run("keys", "compromise", "--", now.ID)
	if !strings.Contains(told, "1 session has ended") || !strings.Contains(told, "signs from now on") {
		t.Errorf("told:\n%s", told)
	}
	refusedWithin(t, time.Second, func() int { status, _ := s.predict(access, "[]"); return status })
	if status, _ := s.refresh(refresh); status != http.StatusUnauthorized {
		t.Errorf("a refresh token of the compromised key: %d, want 401", status)
	}
	within("the compromised key is no longer published", func() bool { return !published(now.ID) })
	if !published(first) {
		t.Error("the key before it is not published any more")
	}
	access, _ = s.login(name, password)
	predicted(t, s, access)
}
