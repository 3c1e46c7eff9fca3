package api_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/auth"
	"example.com/mlapi/postprocess"
	"example.com/mlapi/preprocess"
	"example.com/mlapi/store/sqlite"
)

// signingKey is one for all tests: making it takes a while.
var signingKey = sync.OnceValue(func() *auth.Key {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	key, err := auth.NewKey(private, "RS256")
	if err != nil {
		panic(err)
	}
	return key
})

const password = "open sesame, 1% of the time; & really"

// clients may log in: ada as often as she likes unless once is asked for.
var clients = []auth.Credential{{Name: "ada", Password: password}, {Name: "Ada Lovelace", Password: "x y+z"}}

// withClients is the file of a store that has the clients, one for all tests: hashing
// their passwords takes a while.
var withClients = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "clients")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "test.db")
	store, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	err = auth.SyncClients(context.Background(), store, clients, nil)
	if err = errors.Join(err, store.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// newAuth returns the real service on a real store.
func newAuth(t *testing.T, once bool) *auth.Service {
	t.Helper()
	file, err := withClients()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	service, err := auth.New(auth.Config{Store: store, Keys: auth.NewKeyRing(signingKey()), Issuer: "test",
		AccessTTL: time.Hour, RefreshTTL: 24 * time.Hour, ResetOnlyOnce: once})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- service.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return service
}

// sum is a model of two features: a small formula instead of a file.
type sum struct {
	info mlapi.Info
	// answer gives the class and the scores or numbers of one sample.
	answer func(row []float64) (class int32, values []float64)
}

func (m *sum) Info() *mlapi.Info { return &m.info }

func (m *sum) Predict(ctx context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	classes := m.info.Task == mlapi.Classifier || m.info.Task == mlapi.OutlierDetector
	width := 0
	if !classes || dst.Want == mlapi.WantScores {
		_, values := m.answer(make([]float64, len(m.info.Features)))
		width = len(values)
	}
	dst.Resize(x.Samples(), classes, width)
	for i := range x.Samples() {
		class, values := m.answer(x.Row(i))
		if classes {
			dst.Class[i] = class
		}
		copy(dst.Row(i), values)
	}
	return ctx.Err() // nobody must have given up meanwhile
}

var twoFeatures = []mlapi.Feature{{Name: "protocol"}, {Name: "rate"}}

// classifier answers 1 where the features add up to more than 1, else 0.
func classifier(labels ...mlapi.Label) *sum {
	return &sum{
		info: mlapi.Info{Estimator: "RandomForestClassifier", Task: mlapi.Classifier, Scores: mlapi.Probability,
			Features: twoFeatures, Classes: labels},
		answer: func(row []float64) (int32, []float64) {
			if row[0]+row[1] > 1 {
				return 1, []float64{0.25, 0.75}
			}
			return 0, []float64{0.93, 0.07}
		},
	}
}

func regressor(outputs int, answer func(row []float64) []float64) *sum {
	return &sum{
		info:   mlapi.Info{Estimator: "LinearRegression", Task: mlapi.Regressor, Features: twoFeatures, Outputs: outputs},
		answer: func(row []float64) (int32, []float64) { return 0, answer(row) },
	}
}

const encodings = "column,name,category,encoding\n0,protocol,TCP,0\n0,protocol,UDP,1\n0,protocol,OTHER,2\n"

// pipelineOf puts the real pre- and postprocessors around a model.
func pipelineOf(t testing.TB, m mlapi.Model, post mlapi.Postprocessor) *mlapi.Pipeline {
	t.Helper()
	enc, err := preprocess.ReadEncodings(strings.NewReader(encodings))
	if err != nil {
		t.Fatal(err)
	}
	part, err := preprocess.NewCategorical(enc, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return &mlapi.Pipeline{Preprocess: []mlapi.Preprocessor{part}, Model: m, Postprocess: []mlapi.Postprocessor{post}}
}

// rig is a running server and what a test needs to talk to it.
type rig struct {
	t       *testing.T
	address string
	handler http.Handler
	auth    *auth.Service
	log     *logBuffer
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// withID adds the request's identifier, as the program's own log does.
type withID struct{ slog.Handler }

func (h withID) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("request", mlapi.RequestIDFrom(ctx)))
	return h.Handler.Handle(ctx, r)
}

// newRig starts a server with the usual configuration, changed by the given
// functions.
func newRig(t *testing.T, change ...func(*api.Config)) *rig {
	t.Helper()
	g := &rig{t: t, log: new(logBuffer)}
	cfg := api.Config{
		AuthRoute: "auth", APIRoute: "api", AuthEnabled: true, APIEnabled: true,
		Pipeline:     pipelineOf(t, classifier(mlapi.IntLabel(0), mlapi.IntLabel(1)), postprocess.Label{}),
		CORS:         true,
		Origins:      []string{"https://app.example", "localhost"},
		MaxBodyBytes: 1 << 20, MaxRows: 1000,
		Logger: slog.New(withID{slog.NewTextHandler(g.log, nil)}),
	}
	for _, f := range change {
		f(&cfg)
	}
	if cfg.Auth == nil && !cfg.Open {
		g.auth = newAuth(t, false)
		cfg.Auth = g.auth
	}
	handler, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	g.handler = handler
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.address = listener.Addr().String()
	server := api.NewServer(handler, cfg.Logger)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return g
}

// response is an answer, read to its end.
type response struct {
	status int
	header http.Header
	body   string
}

// send sends a request line, header lines and a body as they are and reads the
// answer. A Content-Length is added where a body is given.
func (g *rig) send(method, target string, header []string, body string) response {
	g.t.Helper()
	return g.sendOver(g.dial(), method, target, header, body)
}

func (g *rig) dial() net.Conn {
	g.t.Helper()
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		g.t.Fatal(err)
	}
	return conn
}

func (g *rig) sendOver(conn net.Conn, method, target string, header []string, body string) response {
	g.t.Helper()
	if _, err := io.WriteString(conn, request(method, target, header, body)); err != nil {
		g.t.Fatal(err)
	}
	return g.receive(bufio.NewReader(conn), method)
}

func request(method, target string, header []string, body string) string {
	lines := append([]string{method + " " + target + " HTTP/1.1", "Host: evil.example"}, header...)
	if body != "" {
		lines = append(lines, "Content-Length: "+itoa(len(body)))
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

func (g *rig) receive(conn *bufio.Reader, method string) response {
	g.t.Helper()
	r, err := http.ReadResponse(conn, &http.Request{Method: method})
	if err != nil {
		g.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	if r.Close { // ReadResponse takes the header out
		r.Header.Set("Connection", "close")
	}
	return response{r.StatusCode, r.Header, string(text)}
}

// reset logs in and returns the refresh token with its word in front.
func (g *rig) reset() string {
	g.t.Helper()
	form := url.Values{"username": {"ada"}, "password": {password}}.Encode()
	return g.tokens(g.send("POST", "/auth/reset/", []string{formType}, form), 1)[0]
}

// access logs in and returns an access token.
func (g *rig) access() string {
	g.t.Helper()
	return g.tokens(g.send("POST", "/auth/refresh/", []string{"Authorization: " + g.reset()}, ""), 2)[0]
}

// tokens reads an answer of n tokens.
func (g *rig) tokens(r response, n int) []string {
	g.t.Helper()
	var list []string
	if r.status != 200 || json.Unmarshal([]byte(r.body), &list) != nil || len(list) != n {
		g.t.Fatalf("%d %s; want 200 and %d tokens", r.status, r.body, n)
	}
	for _, token := range list {
		if !strings.HasPrefix(token, "Bearer ey") {
			g.t.Errorf("the token %.10q... does not begin with Bearer", token)
		}
	}
	return list
}

const (
	formType = "Content-Type: application/x-www-form-urlencoded"
	jsonType = "Content-Type: application/json"
)

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// waitLog waits for a line of the log with the given text: a request's line is
// written after its answer.
func (g *rig) waitLog(text string) string {
	g.t.Helper()
	for range 500 {
		for line := range strings.Lines(g.log.String()) {
			if strings.Contains(line, text) {
				return line
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	g.t.Fatalf("no line with %s in the log:\n%s", text, g.log.String())
	return ""
}

// nobody is an authoriser that knows its answers beforehand, for faults that the
// real one does not have.
type nobody struct {
	access, refresh string
	caller          mlapi.Caller
	err             error
}

func newNobody() *nobody { return &nobody{} }

func (n *nobody) Reset(context.Context, mlapi.Login) (mlapi.Tokens, error) {
	return mlapi.Tokens{Caller: n.caller, Refresh: n.refresh}, n.err
}
func (n *nobody) Refresh(context.Context, string, mlapi.Origin) (mlapi.Tokens, error) {
	return mlapi.Tokens{Caller: n.caller, Access: n.access, Refresh: n.refresh}, n.err
}
func (n *nobody) Revoke(context.Context, string, mlapi.Origin) (mlapi.Caller, error) {
	return n.caller, n.err
}
func (n *nobody) Undelivered(context.Context, mlapi.Tokens) {}
func (n *nobody) Authorise(context.Context, string) (mlapi.Caller, error) {
	return n.caller, n.err
}

// newNobody401 refuses everybody.
func newNobody401() *nobody {
	return &nobody{err: &mlapi.Error{Kind: mlapi.Unauthenticated, Code: "no", Detail: "No."}}
}
