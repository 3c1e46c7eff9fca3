package app_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

// auditLines returns the entries that mlapi audit --json prints, one a line.
func auditLines(t *testing.T, folder string, flags ...string) []auth.Entry {
	t.Helper()
	r := runIn(t, folder, "", append([]string{"audit", "--json"}, flags...)...)
	if r.status != 0 || r.stderr != "" {
		t.Fatalf("mlapi audit %s: exit status %d\n%s", strings.Join(flags, " "), r.status, r.stderr)
	}
	var entries []auth.Entry
	for line := range strings.Lines(r.stdout) {
		var e auth.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		entries = append(entries, e)
	}
	return entries
}

// intruder runs SQL on the store of a folder over a connection of its own.
func intruder(t *testing.T, folder string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "data", "mlapi.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestAuditFilters asks for entries by client and time, of a server that runs.
func TestAuditFilters(t *testing.T) {
	s := startServer(t, t.TempDir())
	if status, _ := s.reset("anna", "hunter2"); status != http.StatusUnauthorized {
		t.Fatal("an unknown client was let in")
	}
	s.run("client", "add", "bert")
	name, password := credentialIn(t, s.run("client", "add", "anna"))
	_, refresh := s.login(name, password)
	s.run("client", "disable", "anna")
	s.run("client", "instances", "bert", "add", "two words")
	// Half of the log is of yesterday; the chain is of no concern here.
	intruder(t, s.folder, `UPDATE audit SET at = at - 86400 WHERE position <= 4`)
	all := auditLines(t, s.folder)
	yesterday := all[3].At.Format(time.RFC3339)
	if len(all) < 9 || yesterday[len(yesterday)-1] != 'Z' {
		t.Fatalf("the log has %d entries, the time is %s", len(all), yesterday)
	}
	for flags, want := range map[string]func(e auth.Entry) bool{
		"--client anna":                        func(e auth.Entry) bool { return e.Client == "anna" },
		"--client=bert":                        func(e auth.Entry) bool { return e.Client == "bert" },
		"--since 2h":                           func(e auth.Entry) bool { return e.Position > 4 },
		"--until 2h":                           func(e auth.Entry) bool { return e.Position <= 4 },
		"--since 48h --until 0s":               func(e auth.Entry) bool { return e.At.Before(time.Now()) },
		"--client anna --since 2h":             func(e auth.Entry) bool { return e.Client == "anna" && e.Position > 4 },
		"--since 2100-01-01":                   func(auth.Entry) bool { return false },
		"--until 2020-01-01T00:00:00+02:00":    func(auth.Entry) bool { return false },
		"--since " + yesterday + " --until 2h": func(e auth.Entry) bool { return e.Position <= 4 && !e.At.Before(all[3].At) },
		"--until " + yesterday:                 func(e auth.Entry) bool { return e.At.Before(all[3].At) },
	} {
		var wanted []auth.Entry
		for _, e := range all {
			if want(e) {
				wanted = append(wanted, e)
			}
		}
		if got := auditLines(t, s.folder, strings.Split(flags, " ")...); fmt.Sprint(got) != fmt.Sprint(wanted) {
			t.Errorf("%s\n got %v\nwant %v", flags, got, wanted)
		}
		table := runIn(t, s.folder, "", append([]string{"audit"}, strings.Split(flags, " ")...)...)
		if lines := strings.Count(table.stdout, "\n"); lines != len(wanted)+1 {
			t.Errorf("%s: the table has %d lines, want %d:\n%s", flags, lines, len(wanted)+1, table.stdout)
		}
	}
	exported := runIn(t, s.folder, "", "audit", "--json").stdout + runIn(t, s.folder, "", "audit").stdout
	for _, secret := range []string{"hunter2", password, refresh, "argon2"} {
		if strings.Contains(exported, secret) {
			t.Errorf("the log holds a secret: %.12s...", secret)
		}
	}
}

// TestAuditVerifyNamesTheEntry: whoever writes into the database is found by the first
// entry that is not as it was.
func TestAuditVerifyNamesTheEntry(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"anna", "bert", "carl", "dora", "emil", "fritz"} {
		runIn(t, folder, "", "client", "add", name)
	}
	path := filepath.Join(folder, "data", "mlapi.db")
	intruder(t, folder, `PRAGMA wal_checkpoint(TRUNCATE)`)
	whole := read(t, path)
	head := jsonOf[verified](t, folder, "audit", "verify")
	if head.Entries != 6 {
		t.Fatalf("verify says %+v", head)
	}
	for statement, want := range map[string]string{
		`UPDATE audit SET client = 'mallory' WHERE position = 3`:      "entry 3, or one before it, is not as it was written",
		`UPDATE audit SET at = at + 1 WHERE position = 4`:             "entry 4, or one before it, is not as it was written",
		`UPDATE audit SET at = 9000000000000 WHERE position = 4`:      "entry 4 is not as it was written",
		`UPDATE audit SET hash = hash || '0' WHERE position = 2`:      "entry 2, or one before it, is not as it was written",
		`UPDATE audit SET action = 'client add ' WHERE position = 1`:  "entry 1, or one before it, is not as it was written",
		`UPDATE audit SET detail = x'00' || 'x' WHERE position = 6`:   "entry 6, or one before it, is not as it was written",
		`DELETE FROM audit WHERE position = 3`:                        "entry 3 is missing or out of place",
		`DELETE FROM audit WHERE position = 1`:                        "entry 1 is missing or out of place",
		`UPDATE audit SET position = position + 1 WHERE position = 6`: "entry 6 is missing or out of place",
		`INSERT INTO audit SELECT 7, at, action, outcome, actor, client, instance, session, key, address, request, detail, hash FROM audit WHERE position = 6`: "entry 7, or one before it, is not as it was written",
	} {
		for _, leftover := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + leftover)
		}
		write(t, path, whole)
		intruder(t, folder, statement)
		for _, flags := range [][]string{nil, {"--json"}, {"--head", head.Head}} {
			runIn(t, folder, "", append([]string{"audit", "verify"}, flags...)...).
				wantError(t, 1, "error: the audit log was changed: "+want, "hint: compare it with an export")
		}
	}
}

// TestAuditVerifyWithHead: the end that was cut off, and a log that was written anew,
// show by a hash that was kept elsewhere.
func TestAuditVerifyWithHead(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"anna", "bert", "carl"} {
		runIn(t, folder, "", "client", "add", name)
	}
	kept := jsonOf[verified](t, folder, "audit", "verify").Head
	whole := func(when string, want int) {
		t.Helper()
		for _, head := range []string{kept, strings.ToUpper(kept)} {
			r := runIn(t, folder, "", "audit", "verify", "--head", head)
			if r.status != 0 || !strings.Contains(r.stdout, fmt.Sprintf("The audit log is whole: %d entries.\n", want)) {
				t.Errorf("%s: exit status %d\n%s%s", when, r.status, r.stdout, r.stderr)
			}
		}
	}
	whole("at once", 3)
	runIn(t, folder, "", "client", "add", "dora")
	whole("when the log has grown", 4)
	cut := func(when string, entries int64) {
		t.Helper()
		if got := jsonOf[verified](t, folder, "audit", "verify"); got.Entries != entries {
			t.Errorf("%s: without --head verify says %+v", when, got)
		}
		runIn(t, folder, "", "audit", "verify", "--head", kept).
			wantError(t, 1, "the audit log was changed: no entry has the hash given with --head")
	}
	intruder(t, folder, `DELETE FROM audit WHERE position > 2`)
	cut("the end was cut off", 2)
	runIn(t, folder, "", "client", "add", "emil")
	cut("the log went on", 3)
	intruder(t, folder, `DELETE FROM audit`)
	runIn(t, folder, "", "audit", "verify", "--head", kept).wantError(t, 1, "no entry has the hash given with --head")
	if r := runIn(t, folder, "", "audit", "verify"); r.stdout != "The audit log is empty.\n" {
		t.Errorf("an empty log: %q", r.stdout)
	}
	runIn(t, folder, "", "client", "add", "fritz")
	if r := runIn(t, folder, "", "audit", "verify"); !strings.Contains(r.stdout, "is whole: 1 entry.\n") {
		t.Errorf("a new log: %q", r.stdout)
	}
}
