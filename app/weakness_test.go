package app_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The weaknesses of the template that concern the whole program. Those of one part
// are in the tests of auth and api, under the same kind of name.

// TestWeakness02RestartForgets: the template kept keys and sessions in memory, so a
// restart killed every token and revived the used-up credential.
func TestWeakness02RestartForgets(t *testing.T) {
	folder := t.TempDir()
	s := startServer(t, folder)
	name, password := s.firstCredential()
	access, refresh := s.login(name, password)
	s.kill()
	s = startServer(t, folder)
	predicted(t, s, access)
	if status, _ := s.reset(name, password); status != http.StatusUnauthorized {
		t.Errorf("the used-up credential: %d, want 401", status)
	}
	status, body := s.refresh(refresh)
	tokensOf(t, status, body, 2)
}

// TestWeakness10Configuration: with AUTH_ENABLED=False the template's API answered
// 401 for ever; `rs256` booted and then failed at every login; an empty name and
// password in the configuration let anybody in.
func TestWeakness10Configuration(t *testing.T) {
	for _, test := range []struct{ environ, want string }{
		{"AUTH_ALGORITHM=rs256", "RS256"},
		{"AUTH_CLIENTS_RESET_USN=,", "AUTH_CLIENTS_RESET_USN"},
		{"AUTH_CLIENTS_RESET_USN=a", "AUTH_CLIENTS_RESET_PWD"},
	} {
		cmd := command(t.Context(), t.TempDir(), []string{test.environ, "MLAPI_PORT=0"}, "serve")
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 2 || !strings.Contains(string(out), test.want) {
			t.Errorf("%s: exit status %d\n%s", test.environ, code, out)
		}
	}
	open := startServer(t, t.TempDir(), "AUTH_ENABLED=False")
	predicted(t, open, "")
}

// TestWeakness11PickleRunsCode: the template ran whatever a model file told it to.
func TestWeakness11PickleRunsCode(t *testing.T) {
	folder := t.TempDir()
	mark := filepath.Join(folder, "it-ran")
	write(t, filepath.Join(folder, "model.joblib"), "cposix\nsystem\n(S'touch "+mark+"'\ntR.")
	cmd := command(context.Background(), folder, append(quick, "API_MODEL_FILEPATH=model.joblib"), "serve")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "posix.system") || !strings.Contains(string(out), "hint: ") {
		t.Errorf("a pickle that runs a program: %v\n%s", err, out)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the pickle ran")
	}
}

// TestWeakness12WorldReadableFiles: the template's private key could be read by all.
func TestWeakness12WorldReadableFiles(t *testing.T) {
	s := startServer(t, t.TempDir(), "LOGGING_FILEPATH=log/mlapi.log")
	s.login(s.firstCredential())
	err := filepath.WalkDir(s.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == s.folder {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 && d.Name() != "auth_public_key.pem" {
			return fmt.Errorf("%s has mode %o", path, mode)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
