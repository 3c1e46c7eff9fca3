package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/app"
	"example.com/mlapi/config"
	"example.com/mlapi/model"
)

// lengths is a model that adds up an amount and the length of a text.
type lengths struct{ info mlapi.Info }

func (m *lengths) Info() *mlapi.Info { return &m.info }

func (m *lengths) Predict(_ context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	dst.Resize(x.Samples(), false, 1)
	for i := range x.Samples() {
		dst.Row(i)[0] = x.Row(i)[0] + float64(len(x.Texts[int(x.Row(i)[1])]))
	}
	return nil
}

// lengthsFormat takes any file for such a model.
func lengthsFormat() model.Format {
	return model.Format{
		Name:   "lengths",
		Detect: func([]byte) bool { return true },
		Read: func(src *model.Source, _ model.Limits) (mlapi.Model, error) {
			if _, err := io.Copy(io.Discard, src); err != nil {
				return nil, err
			}
			return &lengths{mlapi.Info{Estimator: "Lengths", Task: mlapi.Regressor, Outputs: 1,
				Features: []mlapi.Feature{{Name: "amount"}, {Name: "comment", Type: mlapi.TextFeature}}}}, nil
		},
	}
}

// openAPI is a configuration of a server without tokens.
func openAPI(change func(*config.Config)) *config.Config {
	cfg := config.Default()
	cfg.Auth.Enabled = false
	change(&cfg)
	return &cfg
}

// TestPreprocessorsFitTheModel serves a model that reads texts: what a column takes
// is the model's to say, under every name of a part.
func TestPreprocessorsFitTheModel(t *testing.T) {
	for _, names := range [][]string{nil, {"numeric"}} {
		a, err := app.New(t.Context(), openAPI(func(c *config.Config) {
			c.API.Model, c.API.Preprocess = "../LICENSE", names
		}), app.Format(lengthsFormat()))
		if err != nil {
			t.Fatal(err)
		}
		for body, want := range map[string]string{
			`[{"comment":"four","amount":1}]`: "[5]\n",
			`[[1,4]]`:                         `"code":"not_a_text","row":0,"column":1`,
			`[["x","four"]]`:                  `Row 0, column 0 (\"amount\"): \"x\" is not a number.`,
		} {
			r := httptest.NewRequest(http.MethodPost, "/api/ml/", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%v: %s is answered %s, want %s", names, body, w.Body, want)
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestReadmeShowsRowsInThreeForms holds README.md to its forms of one row: the sample
// model answers all of them, and the same.
func TestReadmeShowsRowsInThreeForms(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), openAPI(func(*config.Config) {}))
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for line := range strings.Lines(string(readme)) {
		if !strings.HasPrefix(line, "[[") && !strings.HasPrefix(line, "[{") && !strings.HasPrefix(line, `{"columns"`) {
			continue
		}
		shown++
		r := httptest.NewRequest(http.MethodPost, "/api/ml/?output=all", strings.NewReader(line))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		const want = `"predictions":["attack"]}`
		if w.Code != http.StatusOK || !strings.HasSuffix(strings.TrimSpace(w.Body.String()), want) {
			t.Errorf("%sis answered %d %s, want %s", line, w.Code, w.Body, want)
		}
	}
	if shown != 3 {
		t.Errorf("README.md shows %d bodies, want 3", shown)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestPreprocessorsThatCannotBe(t *testing.T) {
	encodings := filepath.Join(t.TempDir(), "encoding.csv")
	if err := os.WriteFile(encodings, []byte("column,name,category,encoding\n1,comment,good,0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change     func(*config.Config)
		want, hint string
	}{
		"categorical without encodings": {func(c *config.Config) { c.API.Preprocess = []string{"categorical"} },
			`API_PREPROCESS: "categorical" needs encodings, and there are none`, "API_CATEGORICAL_ENCODING_FILEPATH"},
		"encodings of a text": {func(c *config.Config) { c.API.Encodings = encodings },
			`encoding.csv: there are encodings for column 1 ("comment"), where the model takes texts`, "take that column out"},
	} {
		a, err := app.New(t.Context(), openAPI(func(c *config.Config) {
			c.API.Model = "../LICENSE"
			test.change(c)
		}), app.Format(lengthsFormat()))
		var hinted interface{ Hint() string }
		if a != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
			continue
		}
		if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), test.hint) {
			t.Errorf("%s: the hint of %v is not about %s", name, err, test.hint)
		}
	}
}
