package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/client"
	"example.com/mlapi/postprocess"
	"example.com/mlapi/preprocess"
)

func TestNewChecksTheURL(t *testing.T) {
	for _, bad := range []string{
		"", "localhost:8080", "/relative", "ftp://host", "http://", "http://user:hunter2@host", "http://host?a=b",
		"http://host#f", "http://ho st", "http://host:hunter2", "http://a\nb",
	} {
		if _, err := client.New(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error repeats what may be a secret: %v", bad, err)
		}
	}
	if _, err := client.New("http://host", client.MaxAnswer(0)); err == nil {
		t.Error("MaxAnswer(0) was accepted")
	}
}

func TestPaths(t *testing.T) {
	var paths []string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.RequestURI())
		switch {
		case strings.HasSuffix(r.URL.Path, "reset/"):
			reply(w, 200, []string{"Bearer r"})
		case strings.HasSuffix(r.URL.Path, "refresh/"):
			reply(w, 200, []string{"Bearer a", "Bearer b"})
		default:
			reply(w, 200, []int{})
		}
	})
	s := httptest.NewServer(h)
	defer s.Close()
	for _, base := range []string{s.URL + "/proxy", s.URL + "/proxy/"} {
		paths = nil
		c, err := client.New(base, client.Routes("/Tokens/", "v1/api"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.Login(t.Context(), "n", "p"), predict(t, c), c.Health(t.Context())); err != nil {
			t.Fatal(err)
		}
		want := []string{"POST /proxy/Tokens/reset/", "POST /proxy/Tokens/refresh/", "POST /proxy/v1/api/ml/", "GET /proxy/"}
		if !reflect.DeepEqual(paths, want) {
			t.Errorf("%s: sent %q, want %q", base, paths, want)
		}
	}
}

func TestHealthAndInfo(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t)
	if err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
	got, err := c.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &client.Info{Name: "ml", Model: "RandomForestClassifier", Classes: []any{0.0, 1.0}, Features: []client.Feature{
		{Name: "protocol", Type: "category", Categories: []string{"TCP", "UDP"}}, {Name: "x1", Type: "number"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.set(func() {
		s.before = func(w http.ResponseWriter, _ *http.Request) bool { problem(w, 500, "internal", ""); return true }
	})
	status(t, c.Health(t.Context()), 500)
	_, err = c.Info(t.Context())
	status(t, err, 500)
}

// answering returns a client of a server that answers predictions with a body,
// and what the last one was asked.
func answering(t *testing.T, body string, options ...client.Option) (*client.Client, *string) {
	t.Helper()
	s := newServer(t)
	asked := new(string)
	s.predictions = func(w http.ResponseWriter, r *http.Request) {
		rows, _ := io.ReadAll(r.Body)
		*asked = r.URL.RawQuery + " " + string(rows)
		_, _ = io.WriteString(w, body)
	}
	return s.loggedIn(t, options...), asked
}

func TestPredict(t *testing.T) {
	c, asked := answering(t, `["normal","attack"]`)
	labels, err := client.Predict[string](t.Context(), c, [][]any{{"TCP", 1.5}, {nil, 3}})
	if err != nil || !reflect.DeepEqual(labels, []string{"normal", "attack"}) {
		t.Errorf("%q, error %v", labels, err)
	}
	if want := ` [["TCP",1.5],[null,3]]`; *asked != want {
		t.Errorf("sent %s, want %s", *asked, want)
	}
	anything, err := c.Predict(t.Context(), json.RawMessage(`[["as it is"]]`))
	if err != nil || !reflect.DeepEqual(anything, []any{"normal", "attack"}) || *asked != ` [["as it is"]]` {
		t.Errorf("%v, error %v, sent %s", anything, err, *asked)
	}
	if _, err := client.Predict[int](t.Context(), c, oneRow); err == nil {
		t.Error("texts were read as numbers")
	}
	if _, err := c.Predict(t.Context(), func() {}); err == nil {
		t.Error("a function was sent as rows")
	}
	c, _ = answering(t, `[9007199254740993,-1]`)
	if got, err := client.Predict[int64](t.Context(), c, oneRow); err != nil || !reflect.DeepEqual(got, []int64{9007199254740993, -1}) {
		t.Errorf("%v, error %v", got, err)
	}
	c, _ = answering(t, `[[0.1,2e-7]]`)
	if got, err := client.Predict[[]float64](t.Context(), c, oneRow); err != nil || !reflect.DeepEqual(got, [][]float64{{0.1, 2e-7}}) {
		t.Errorf("%v, error %v", got, err)
	}
}

// TestFormsOfRows asks a real handler: rows in each form are the same rows.
func TestFormsOfRows(t *testing.T) {
	features := []mlapi.Feature{{Name: "amount"}, {Name: "comment", Type: mlapi.TextFeature}}
	handler, err := api.New(api.Config{Open: true, APIEnabled: true, APIRoute: "api", MaxBodyBytes: 1 << 20, MaxRows: 10,
		Pipeline: &mlapi.Pipeline{
			Preprocess:  []mlapi.Preprocessor{preprocess.NewNumeric(features)},
			Model:       &amounts{mlapi.Info{Estimator: "Amounts", Task: mlapi.Transformer, Outputs: 1, Features: features}},
			Postprocess: []mlapi.Postprocessor{postprocess.None{}},
		}})
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t)
	s.predictions = handler.ServeHTTP
	c := s.loggedIn(t)
	type sale struct {
		Comment *string `json:"comment"`
		Amount  any     `json:"amount"`
	}
	good := "good"
	for name, rows := range map[string]any{
		"lists":   [][]any{{1.5, "good"}, {nil, nil}},
		"maps":    []map[string]any{{"comment": "good", "amount": 1.5}, {"amount": nil, "comment": nil}},
		"structs": []sale{{&good, 1.5}, {nil, nil}},
		"a table": client.Table{Columns: []string{"comment", "amount"}, Data: [][]any{{"good", 1.5}, {nil, nil}}},
	} {
		got, err := client.Predict[[]*float64](t.Context(), c, rows)
		if err != nil || len(got) != 2 || *got[0][0] != 1.5 || got[1][0] != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err = c.Predict(t.Context(), []map[string]any{{"amount": 1}})
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Code != "missing_feature" {
		t.Errorf("a missing feature: %v", err)
	}
}

// amounts is a transformer that answers the first feature.
type amounts struct{ info mlapi.Info }

func (m *amounts) Info() *mlapi.Info { return &m.info }

func (m *amounts) Predict(_ context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	dst.Resize(x.Samples(), false, 1)
	for i := range x.Samples() {
		dst.Row(i)[0] = x.Row(i)[0]
	}
	return nil
}

func TestScores(t *testing.T) {
	c, asked := answering(t, `{"kind":"probability","classes":["normal","attack"],"scores":[[0.93,0.07]],"predictions":["normal"]}`)
	got, err := client.Scores[string](t.Context(), c, oneRow)
	want := &client.Scored[string]{Kind: "probability", Classes: []string{"normal", "attack"},
		Scores: [][]float64{{0.93, 0.07}}, Predictions: []string{"normal"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, error %v", got, err)
	}
	if !strings.HasPrefix(*asked, "output=all ") {
		t.Errorf("asked %s", *asked)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	list := `[` + strings.Repeat(`1,`, 499) + `1]`
	c, _ := answering(t, list, client.MaxAnswer(int64(len(list))))
	if got, err := client.Predict[int](t.Context(), c, oneRow); err != nil || len(got) != 500 {
		t.Errorf("an answer of just the size: %d predictions, error %v", len(got), err)
	}
	for _, body := range []string{list + " ", list + strings.Repeat(" ", 1000), `[` + list} {
		c, _ := answering(t, body, client.MaxAnswer(int64(len(list))))
		if _, err := c.Predict(t.Context(), oneRow); err == nil || !strings.Contains(err.Error(), "longer than 1001 bytes") {
			t.Errorf("%d bytes of 1001: error %v", len(body), err)
		}
	}
	for _, body := range []string{``, `[1`, `[1] [2]`, `[1]x`, `<html>`} {
		c, _ := answering(t, body)
		if _, err := c.Predict(t.Context(), oneRow); err == nil {
			t.Errorf("%q was accepted", body)
		}
	}
}

func TestErrors(t *testing.T) {
	long := strings.Repeat("é", 3000)
	for _, c := range []struct {
		name, kind, retry, body string
		status                  int
		want                    client.Error
	}{
		{"a place", "application/problem+json", "", `{"title":"Bad Request","status":400,"detail":"Row 3, column 1: no.","code":"unknown_category","row":3,"column":1}`,
			400, client.Error{Status: 400, Code: "unknown_category", Detail: "Row 3, column 1: no.", Row: 3, Column: 1}},
		{"row and column 0", "application/problem+json; charset=utf-8", "", `{"code":"x","row":0,"column":0}`,
			400, client.Error{Status: 400, Code: "x"}},
		{"a wait", "application/problem+json", "120", `{"code":"throttled"}`,
			429, client.Error{Status: 429, Code: "throttled", Row: -1, Column: -1, RetryAfter: 2 * time.Minute}},
		{"a wait without end", "text/html", "2000000000", `x`, 503, client.Error{Status: 503, Row: -1, Column: -1, RetryAfter: 24 * time.Hour}},
		{"a wait that is none", "text/html", "-5", `x`, 503, client.Error{Status: 503, Row: -1, Column: -1}},
		{"a date in the past", "text/html", "Wed, 21 Oct 2015 07:28:00 GMT", `x`, 503, client.Error{Status: 503, Row: -1, Column: -1}},
		{"another kind of text", "text/html", "", `{"code":"x"}`, 502, client.Error{Status: 502, Row: -1, Column: -1}},
		{"no JSON", "application/problem+json", "", `{"code":`, 500, client.Error{Status: 500, Row: -1, Column: -1}},
		{"another status inside", "application/problem+json", "", `{"status":200,"row":-7}`, 500, client.Error{Status: 500, Row: -1, Column: -1}},
		{"forged lines", "application/problem+json", "", `{"code":"a\nb","detail":"\u001b[31m\r\nlevel=INFO"}`,
			400, client.Error{Status: 400, Code: "a?b", Detail: "?[31m??level=INFO", Row: -1, Column: -1}},
		{"a long text", "application/problem+json", "", `{"detail":"x` + long + `"}`,
			400, client.Error{Status: 400, Detail: "x" + long[:998], Row: -1, Column: -1}},
		{"a redirect", "text/html", "", ``, 308, client.Error{Status: 308, Row: -1, Column: -1}},
		{"another success", "application/json", "", `[1]`, 202, client.Error{Status: 202, Row: -1, Column: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t)
			s.predictions = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("Location", "/elsewhere/")
				if c.retry != "" {
					w.Header().Set("Retry-After", c.retry)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}
			err := predict(t, s.loggedIn(t))
			if e := status(t, err, c.status); *e != c.want {
				t.Errorf("got %+v, want %+v", *e, c.want)
			}
			if !strings.Contains(err.Error(), fmt.Sprint(c.status)) || !strings.Contains(err.Error(), c.want.Detail) {
				t.Errorf("the text is %q", err)
			}
		})
	}
}

// TestRedirectsAreNotFollowed: a 308 would send the password on to anybody.
func TestRedirectsAreNotFollowed(t *testing.T) {
	reached := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer elsewhere.Close()
	s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusPermanentRedirect))
	defer s.Close()
	follow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	c, err := client.New(s.URL, client.HTTPClient(follow))
	if err != nil {
		t.Fatal(err)
	}
	status(t, c.Login(t.Context(), "ann", "secret"), 308)
	status(t, c.Health(t.Context()), 308)
	if reached {
		t.Error("a redirect was followed")
	}
}

func TestHTTPS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, []string{"Bearer r"}) }))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer s.Close()
	trusting, err := client.New(s.URL, client.HTTPClient(s.Client()))
	if err != nil {
		t.Fatal(err)
	}
	if err := trusting.Login(t.Context(), "ann", "secret"); err != nil {
		t.Error(err)
	}
	other, err := client.New(s.URL, client.HTTPClient(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Login(t.Context(), "ann", "secret"); err == nil {
		t.Error("an unknown certificate was accepted")
	}
}

// TestNothingSecretIsShown prints and logs a client and its errors in every way.
func TestNothingSecretIsShown(t *testing.T) {
	s := newServer(t)
	c := s.loggedIn(t, client.KeepTokens(new(memory)))
	mustPredict(t, c)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", []any{c})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("a client", "client", c)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("a client", "client", c)
	s.set(func() {
		s.before = func(w http.ResponseWriter, _ *http.Request) bool { dropConnection(w); return true }
	})
	s.forgetAccess()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	fmt.Fprintln(&out, predict(t, c), c.Login(ctx, "ann", "hunter2"), c.Revoke(ctx))
	for _, secret := range []string{"e30.", "hunter2", "c2ln"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q was shown in:\n%s", secret, out.String())
		}
	}
	if !strings.Contains(out.String(), "client of "+s.URL) {
		t.Errorf("the client prints as %s", out.String())
	}
}
