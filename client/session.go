package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// tokens are what a session has. The zero value has none.
type tokens struct {
	access, refresh string
	fresh           time.Time // until when access need not be refreshed; zero: not known
	expires         time.Time // when access ends; zero: not known
	wait            time.Time // until when the server asked not to be asked
	retryKey        string    // of the exchange of refresh, however often it is sent
}

// flight is an exchange of tokens under way. Calls that need its outcome wait for
// done and then read err.
type flight struct {
	kind kind
	done chan struct{}
	err  error
}

// kind is what a flight is for.
type kind uint8

const (
	loading kind = iota
	login
	refreshing
	logout
)

// fly runs work once no other flight is under way, apart from ctx: once begun, an
// exchange of tokens is worth more than the call that needed it. It returns ctx's
// error where that ends first; work goes on, for authTimeout at most.
//
// Where needed is given, calls share a flight: one that comes to wait for another
// of its kind takes that one's error, and where needed (called with mu held) says
// no there is no work.
func (c *Client) fly(ctx context.Context, what kind, needed func() bool, work func(ctx context.Context) error) error {
	for ctx.Err() == nil {
		c.mu.Lock()
		if needed != nil && !needed() {
			c.mu.Unlock()
			return nil
		}
		current := c.flight
		mine := current == nil
		if mine {
			current = &flight{kind: what, done: make(chan struct{})}
			c.flight = current
			go c.run(context.WithoutCancel(ctx), current, work)
		}
		c.mu.Unlock()
		select {
		case <-current.done:
		case <-ctx.Done():
			continue
		}
		if mine || needed != nil && current.kind == what && current.err != nil {
			return current.err
		}
	}
	return fmt.Errorf("client: %w", ctx.Err())
}

func (c *Client) run(ctx context.Context, f *flight, work func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	f.err = work(ctx)
	c.mu.Lock()
	c.flight = nil
	c.mu.Unlock()
	close(f.done)
}

// Login begins a session with a client's name and password. The session that the
// client's instance had before, here or elsewhere, ends. A wrong, disabled or used-up
// credential is an *Error of status 401; too many tries are one of 429, with
// RetryAfter. A login goes on though ctx ends: where a credential works once only,
// its answer must not be lost. Where it may have been lost (ErrAnswerLost), the next
// Login, also of another process with the same TokenStore, asks for the same answer.
func (c *Client) Login(ctx context.Context, name, password string) error {
	form := url.Values{"username": {name}, "password": {password}}
	if c.instance != "" {
		form.Set("instance", c.instance)
	}
	return c.fly(ctx, login, nil, func(ctx context.Context) error {
		if err := c.beginLogin(ctx); err != nil {
			return err
		}
		sent := time.Now()
		list, err := c.exchange(ctx, call{
			path: c.auth + "reset/", contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode()),
			retryKey: c.loginKey,
		}, 1)
		if err == nil {
			return c.accept(ctx, "", list[0], sent)
		}
		if errors.Is(err, ErrAnswerLost) {
			return err
		}
		c.loginKey = ""
		return errors.Join(err, c.keep(ctx))
	})
}

// beginLogin chooses the key of a login, unless there is one whose answer was lost,
// and keeps it with what is kept already.
func (c *Client) beginLogin(ctx context.Context) error {
	c.mu.Lock()
	unread := c.kept != nil && !c.loaded
	c.mu.Unlock()
	if unread {
		// A store that cannot be read has nothing to lose by a login.
		_ = c.read(ctx)
	}
	if c.loginKey != "" {
		return nil
	}
	c.loginKey = newRetryKey()
	return c.keep(ctx)
}

// Revoke ends the session at the server (a logout) and forgets its tokens. They
// are forgotten though the server cannot be reached or refuses, which is then the
// error. Without a session it does nothing.
func (c *Client) Revoke(ctx context.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	return c.fly(ctx, logout, nil, func(ctx context.Context) error {
		c.mu.Lock()
		token := c.tokens.refresh
		c.mu.Unlock()
		if token == "" {
			return nil
		}
		err := c.send(ctx, call{
			method: http.MethodPost, path: c.auth + "revoke/", token: token, accept: http.StatusNoContent, limit: maxTokens,
		})
		return errors.Join(lost(err), c.forget(ctx))
	})
}

// authorised sends a request with a live access token. Where the server refuses
// the token it refreshes and sends the request once more.
func (c *Client) authorised(ctx context.Context, what call) error {
	token, err := c.access(ctx, "")
	if err != nil {
		return err
	}
	what.token = token
	err = c.send(ctx, what)
	if token == "" || !refused(err) {
		return err
	}
	fresh, refreshErr := c.access(ctx, token)
	if refreshErr != nil {
		return refreshErr
	}
	what.token = fresh
	return c.send(ctx, what)
}

// access returns an access token other than the one that was refused, after a
// refresh where one is due; "" where there is no session. A refresh that fails is
// an error only where the token at hand is of no use any more.
func (c *Client) access(ctx context.Context, refusedToken string) (string, error) {
	if err := c.load(ctx); err != nil {
		return "", err
	}
	err := c.fly(ctx, refreshing, func() bool { return c.refreshDue(refusedToken) },
		func(ctx context.Context) error {
			// While the access token is of use one attempt is enough: the next call makes
			// another, of the same exchange.
			c.mu.Lock()
			useless := c.tokens.useless(refusedToken)
			c.mu.Unlock()
			return c.refresh(ctx, useless)
		})
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && (c.tokens.useless(refusedToken) || errors.Is(err, ErrNotKept)) {
		return "", err
	}
	return c.tokens.access, nil
}

// useless reports whether the access token, of which one was refused, will not do.
func (t *tokens) useless(refusedToken string) bool {
	return t.access == "" || t.access == refusedToken || expired(t.expires)
}

func expired(at time.Time) bool { return !at.IsZero() && !time.Now().Before(at) }

// refreshDue reports whether the access token must, or had better, be replaced.
// It is called with mu held.
func (c *Client) refreshDue(refusedToken string) bool {
	t := c.tokens
	switch {
	case t.refresh == "":
		return c.flight != nil && c.flight.kind == login // which a call may have left behind: wait for it
	case t.useless(refusedToken):
		return true
	}
	// A refresh before the time is a convenience: not before the server said.
	return expired(t.fresh) && time.Now().After(t.wait)
}

// Refresh exchanges the refresh token now, for a session that must not become idle
// while nothing is asked. Predict and Info refresh by themselves. A session that is over
// is an *Error of status 401.
func (c *Client) Refresh(ctx context.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	old := c.tokens.refresh
	c.mu.Unlock()
	return c.fly(ctx, refreshing, func() bool { return c.tokens.refresh == old },
		func(ctx context.Context) error { return c.refresh(ctx, true) })
}

// refresh exchanges the refresh token for new tokens, in one attempt or in as many as
// it takes.
func (c *Client) refresh(ctx context.Context, persist bool) error {
	c.mu.Lock()
	t := c.tokens
	c.mu.Unlock()
	sent := time.Now()
	exchange := c.attempt
	if persist {
		exchange = c.exchange
	}
	list, err := exchange(ctx, call{path: c.auth + "refresh/", token: t.refresh, retryKey: t.retryKey}, 2)
	if err == nil {
		return c.accept(ctx, list[0], list[1], sent)
	}
	if refused(err) { // the session is over
		return errors.Join(err, c.forget(ctx))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	wait := time.Second
	var e *Error
	if errors.As(err, &e) {
		wait = max(wait, e.RetryAfter)
	}
	c.tokens.wait = time.Now().Add(wait)
	return err
}

// accept takes tokens on and keeps the refresh token, with the key for its exchange.
func (c *Client) accept(ctx context.Context, access, refresh string, sent time.Time) error {
	t := tokens{access: access, refresh: refresh, retryKey: newRetryKey()}
	if life := lifetime(access); life > 0 {
		t.expires = sent.Add(life)
		t.fresh = t.expires.Add(-min(life/10, 30*time.Second))
	}
	c.mu.Lock()
	c.tokens, c.loaded = t, true
	c.mu.Unlock()
	c.loginKey = ""
	return c.keep(ctx)
}

// forget drops the tokens, here and where they are kept.
func (c *Client) forget(ctx context.Context) error {
	c.mu.Lock()
	c.tokens = tokens{}
	c.mu.Unlock()
	return c.keep(ctx)
}

// keep saves what another process needs to go on.
func (c *Client) keep(ctx context.Context) error {
	if c.kept == nil {
		return nil
	}
	c.mu.Lock()
	state := kept{refresh: c.tokens.refresh, key: c.tokens.retryKey, login: c.loginKey}
	c.mu.Unlock()
	if err := c.kept.Save(ctx, state.String()); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	return nil
}

// load takes on what was kept, at the first call that needs it.
func (c *Client) load(ctx context.Context) error {
	return c.fly(ctx, loading, func() bool { return c.kept != nil && !c.loaded }, c.read)
}

func (c *Client) read(ctx context.Context) error {
	text, err := c.kept.Load(ctx)
	if err != nil {
		return fmt.Errorf("client: the kept session could not be loaded: %w", err)
	}
	state := parseKept(text)
	if state.key == "" {
		state.key = newRetryKey()
	}
	c.loginKey = state.login
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens, c.loaded = tokens{refresh: state.refresh, retryKey: state.key}, true
	return nil
}

// lifetime returns how long a token lives by its own claims, 0 where it does not
// say. It is a matter of when to refresh, so nothing is verified; and of the
// difference of two times of the server's, so a clock set wrong here does no harm.
func lifetime(token string) time.Duration {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return 0
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return 0
	}
	var claims struct{ Iat, Exp int64 }
	const most = 10 * 365 * 24 * 60 * 60
	if json.Unmarshal(payload, &claims) != nil || claims.Exp <= claims.Iat || claims.Exp-claims.Iat > most {
		return 0
	}
	return time.Duration(claims.Exp-claims.Iat) * time.Second
}
