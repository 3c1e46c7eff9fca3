package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// authTimeout bounds an exchange of tokens with its repetitions, which runs on without
// its caller.
const authTimeout = 30 * time.Second

// Limits on what is read of an answer, in bytes.
const (
	maxTokens = 64 << 10  // tokens, errors
	maxPage   = 16 << 20  // Info: a feature can have thousands of categories
	maxAnswer = 256 << 20 // predictions, unless MaxAnswer says otherwise
)

// Client calls one server in one session. New makes one; the zero value is not
// usable.
type Client struct {
	base      string // without the last slash
	auth, api string // paths, with slashes around
	http      *http.Client
	kept      TokenStore // may be nil
	instance  string
	maxAnswer int64
	patience  time.Duration // authTimeout but in tests

	loginKey string // of a login that is not decided; only a flight uses it

	mu     sync.Mutex
	tokens tokens
	loaded bool    // the kept token was asked for
	flight *flight // the exchange of tokens under way, or nil
}

// TokenStore keeps a session while the process is away: the refresh token and the
// keys of exchanges that may be under way, so that a process that dies in the middle of
// one loses nothing. What it keeps is worth a password: keep it as one. It is called by
// one goroutine at a time, and only one Client may use a store.
type TokenStore interface {
	// Load returns what was saved last, "" where there is nothing. A refresh token
	// alone, from elsewhere, will do.
	Load(ctx context.Context) (session string, err error)
	// Save keeps a text of printable ASCII in place of the one before; "" forgets it.
	// It must be durable on return, because the token before no longer works.
	Save(ctx context.Context, session string) error
}

// Option changes how a Client works.
type Option func(*Client)

// HTTPClient sets the http.Client to send with, for certificates, proxies and
// timeouts; nil means http.DefaultClient. It is copied: the copy follows no
// redirects, which would carry passwords and rows to where they lead.
func HTTPClient(h *http.Client) Option {
	return func(c *Client) {
		if h != nil {
			c.http = h
		}
	}
}

// KeepTokens sets where the session is kept. The first call that needs a token loads
// it.
func KeepTokens(s TokenStore) Option { return func(c *Client) { c.kept = s } }

// Routes sets the server's AUTH_ROUTE and API_ROUTE, where they are not "auth"
// and "api".
func Routes(auth, api string) Option {
	return func(c *Client) { c.auth, c.api = route(auth), route(api) }
}

// Instance names the one of a client's instances that logs in, in at most 64 bytes; ""
// unless set. A login ends the session of its own instance only.
func Instance(name string) Option { return func(c *Client) { c.instance = name } }

// MaxAnswer sets the most bytes of predictions that are read; 256 MiB unless set.
func MaxAnswer(bytes int64) Option { return func(c *Client) { c.maxAnswer = bytes } }

func route(name string) string { return "/" + strings.Trim(name, "/") + "/" }

// New returns a Client of the server at baseURL, such as
// "https://models.example.org", with the path of a proxy in front if there is
// one. It sends nothing yet.
func New(baseURL string, options ...Option) (*Client, error) {
	u, err := url.Parse(baseURL)
	switch {
	case err != nil:
		return nil, errors.New("client: the base URL cannot be read") // the text may hold a password
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New("client: the base URL must begin with http:// or https:// and a host")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("client: the base URL must have no user, query or fragment")
	}
	c := &Client{
		base: strings.TrimRight(u.String(), "/"), auth: route("auth"), api: route("api"),
		http: http.DefaultClient, maxAnswer: maxAnswer, patience: authTimeout,
	}
	for _, option := range options {
		option(c)
	}
	if c.maxAnswer <= 0 {
		return nil, errors.New("client: MaxAnswer must be at least 1 byte")
	}
	h := *c.http
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &h
	return c, nil
}

// Format prints the client without its tokens, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "client of %s", c.base) }

// Health reports whether the server answers: nil, or why not. It needs no login.
func (c *Client) Health(ctx context.Context) error {
	return c.send(ctx, call{method: http.MethodGet, path: "/", accept: http.StatusOK, limit: maxTokens})
}

// Info describes the model: what it takes and what it gives.
type Info struct {
	Name     string    `json:"name"`
	Model    string    `json:"model"`             // the class of the estimator
	Classes  []any     `json:"classes,omitempty"` // none of a regressor
	Features []Feature `json:"features"`          // in the order of a row's values
}

// Feature is what one value of a row means.
type Feature struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"` // "number", "category" or "text"
	Categories []string `json:"categories,omitempty"`
}

// Info asks what the model is.
func (c *Client) Info(ctx context.Context) (*Info, error) {
	info := new(Info)
	err := c.authorised(ctx, call{
		method: http.MethodGet, path: c.api + "ml/", accept: http.StatusOK, answer: info, limit: maxPage,
	})
	if err != nil {
		return nil, err
	}
	return info, nil
}

// call is one request and what is done with its answer.
type call struct {
	method, path string
	token        string // sent as Bearer, where not empty
	retryKey     string // sent as Idempotency-Key, where not empty
	contentType  string
	body         []byte
	accept       int   // the one status that is a success
	answer       any   // what the JSON answer is read into, or nil
	limit        int64 // most bytes read of the answer
}

// send sends a request and reads its answer. An answer of another status is an
// *Error.
func (c *Client) send(ctx context.Context, what call) error {
	var body io.Reader
	if what.body != nil {
		body = bytes.NewReader(what.body)
	}
	req, err := http.NewRequestWithContext(ctx, what.method, c.base+what.path, body)
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if what.contentType != "" {
		req.Header.Set("Content-Type", what.contentType)
	}
	if what.token != "" {
		req.Header.Set("Authorization", "Bearer "+what.token)
	}
	if what.retryKey != "" {
		req.Header.Set("Idempotency-Key", what.retryKey)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != what.accept {
		return readError(resp)
	}
	if what.answer == nil {
		_, err = io.CopyN(io.Discard, resp.Body, what.limit) // so that the connection is used again
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("client: reading the answer: %w", err)
		}
		return nil
	}
	return decode(resp.Body, what.limit, what.answer)
}

// decode reads one JSON value of at most limit bytes and nothing after it.
func decode(r io.Reader, limit int64, answer any) error {
	bounded := &io.LimitedReader{R: r, N: limit + 1}
	d := json.NewDecoder(bounded)
	err := d.Decode(answer)
	if err == nil {
		if _, after := d.Token(); after == nil {
			err = errors.New("there is something after the JSON value")
		} else if !errors.Is(after, io.EOF) {
			err = after
		}
	}
	switch {
	case bounded.N <= 0:
		return fmt.Errorf("client: the answer is longer than %d bytes", limit)
	case err != nil:
		return fmt.Errorf("client: reading the answer: %w", err)
	}
	return nil
}
