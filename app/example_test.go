package app_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// bundlePath returns models of model/sklearn/testdata/bundles, as API_MODEL_FILEPATH
// takes them.
func bundlePath(t *testing.T, names ...string) string {
	t.Helper()
	folder, err := filepath.Abs("../model/sklearn/testdata/bundles")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		names[i] = folder + "/" + name
	}
	return strings.Join(names, ",")
}

var sentRows = regexp.MustCompile(`-d '([^']*)'`)

// TestExampleFitsTheModel: the lines that client commands print predict with the model
// that is served, though the commands are not told of it.
func TestExampleFitsTheModel(t *testing.T) {
	for name, c := range map[string]struct{ model, rows string }{
		"texts":      {bundlePath(t, "file_vectorizer.pkl", "file_text_model.pkl"), `[["some text"]]`},
		"categories": {bundlePath(t, "encoders_scaler.pkl"), ""},
		"the sample": {"", `[["tcp","domain","S0",0,0,0,206,0.04]]`},
	} {
		folder := t.TempDir()
		var environ []string
		if c.model != "" {
			environ = append(environ, "API_MODEL_FILEPATH="+c.model)
		}
		s := startServer(t, folder, environ...)
		out := s.run("client", "add", "anna")
		rows := sentRows.FindStringSubmatch(out)
		if rows == nil || c.rows != "" && rows[1] != c.rows {
			t.Errorf("%s: no rows %s in\n%s", name, c.rows, out)
			continue
		}
		access, _ := s.login(credentialIn(t, out))
		if status, body := s.predict(access, rows[1]); status != http.StatusOK {
			t.Errorf("%s: %s is answered by %d %s", name, rows[1], status, body)
		}
		s.kill()
	}
}

// TestNoExample: before any start with a model of one's own nothing is made up.
func TestNoExample(t *testing.T) {
	folder := t.TempDir()
	out, err := command(t.Context(), folder, []string{"API_MODEL_FILEPATH=model.joblib"}, "client", "add", "anna").Output()
	if err != nil || sentRows.Match(out) || !strings.Contains(string(out), "\ncurl -fsS -H \"Authorization: $ACCESS\" http://127.0.0.1:8080/api/ml/\n") {
		t.Errorf("%v, %s", err, out)
	}
}
