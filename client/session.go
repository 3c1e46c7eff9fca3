package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
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
	doubtful        bool      // the answer to a refresh with this token was lost
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
	ctx, cancel := context.WithTimeout(ctx, authTimeout)
	defer cancel()
	f.err = work(ctx)
	c.mu.Lock()
	c.flight = nil
	c.mu.Unlock()
	close(f.done)
}

// Login begins a session with a client's name and password. The session the
// client had before, here or elsewhere, ends. A wrong, disabled or used-up
// credential is an *Error of status 401; too many tries are one of 429, with
// RetryAfter. A login goes on though ctx ends: where a credential works once only,
// its answer must not be lost.
func (c *Client) Login(ctx context.Context, name, password string) error {
	form := url.Values{"username": {name}, "password": {password}}.Encode()
	return c.fly(ctx, login, nil, func(ctx context.Context) error {
		sent := time.Now()
		list, err := c.exchange(ctx, call{
			path: c.auth + "reset/", contentType: "application/x-www-form-urlencoded", body: []byte(form),
		}, 1)
		if err != nil {
			return err
		}
		return c.accept(ctx, "", list[0], sent)
	})
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
	err := c.fly(ctx, refreshing, func() bool { return c.refreshDue(refusedToken) }, c.refresh)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.tokens
	useless := now.access == "" || now.access == refusedToken || expired(now.expires)
	if err != nil && (useless || errors.Is(err, ErrNotKept)) {
		return "", err
	}
	return now.access, nil
}

func expired(at time.Time) bool { return !at.IsZero() && !time.Now().Before(at) }

// refreshDue reports whether the access token must, or had better, be replaced.
// It is called with mu held.
func (c *Client) refreshDue(refusedToken string) bool {
	t := c.tokens
	switch {
	case t.refresh == "":
		return c.flight != nil && c.flight.kind == login // which a call may have left behind: wait for it
	case t.access == "", t.access == refusedToken, expired(t.expires):
		return true
	}
	// A refresh before the time is a convenience: not while one may have been lost,
	// nor before the server said.
	return !t.doubtful && expired(t.fresh) && time.Now().After(t.wait)
}

// refresh exchanges the refresh token for new tokens.
func (c *Client) refresh(ctx context.Context) error {
	c.mu.Lock()
	old := c.tokens.refresh
	c.mu.Unlock()
	sent := time.Now()
	list, err := c.exchange(ctx, call{path: c.auth + "refresh/", token: old}, 2)
	if err == nil {
		return c.accept(ctx, list[0], list[1], sent)
	}
	if refused(err) { // the session is over
		return errors.Join(err, c.forget(ctx))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens.doubtful = c.tokens.doubtful || errors.Is(err, ErrAnswerLost)
	wait := time.Second
	var e *Error
	if errors.As(err, &e) {
		wait = max(wait, e.RetryAfter)
	}
	c.tokens.wait = time.Now().Add(wait)
	return err
}

// exchange posts for a list of n tokens and returns them without their "Bearer ".
func (c *Client) exchange(ctx context.Context, what call, n int) ([]string, error) {
	var list []string
	what.method, what.accept, what.answer, what.limit = http.MethodPost, http.StatusOK, &list, maxTokens
	if err := lost(c.send(ctx, what)); err != nil {
		return nil, err
	}
	if len(list) != n {
		return nil, fmt.Errorf("%w: %d tokens came, want %d", ErrAnswerLost, len(list), n)
	}
	for i, token := range list {
		scheme, value, _ := strings.Cut(token, " ")
		if !strings.EqualFold(scheme, "Bearer") || value == "" || strings.ContainsFunc(value, notOfToken) {
			return nil, fmt.Errorf("%w: what came is no bearer token", ErrAnswerLost)
		}
		list[i] = value
	}
	return list, nil
}

// notOfToken reports whether r cannot be part of a bearer token (RFC 6750 §2.1).
func notOfToken(r rune) bool { return r <= ' ' || r >= 0x7f }

// lost marks the error of an exchange that the server may have acted on: any but
// an answer that refuses, or a connection that was never made.
func lost(err error) error {
	var refusal *Error
	var network *net.OpError
	switch {
	case err == nil, errors.As(err, &refusal):
		return err
	case errors.As(err, &network) && network.Op == "dial":
		return err
	}
	return fmt.Errorf("%w: %w", ErrAnswerLost, err)
}

// refused reports whether the server answered 401.
func refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusUnauthorized
}

// accept takes tokens on and keeps the refresh token.
func (c *Client) accept(ctx context.Context, access, refresh string, sent time.Time) error {
	t := tokens{access: access, refresh: refresh}
	if life := lifetime(access); life > 0 {
		t.expires = sent.Add(life)
		t.fresh = t.expires.Add(-min(life/10, 30*time.Second))
	}
	c.mu.Lock()
	c.tokens, c.loaded = t, true
	c.mu.Unlock()
	return c.keep(ctx, refresh)
}

// forget drops the tokens, here and where they are kept.
func (c *Client) forget(ctx context.Context) error {
	c.mu.Lock()
	c.tokens = tokens{}
	c.mu.Unlock()
	return c.keep(ctx, "")
}

func (c *Client) keep(ctx context.Context, refresh string) error {
	if c.kept == nil {
		return nil
	}
	if err := c.kept.Save(ctx, refresh); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	return nil
}

// load takes on the token that was kept, at the first call that needs one.
func (c *Client) load(ctx context.Context) error {
	needed := func() bool { return c.kept != nil && !c.loaded }
	return c.fly(ctx, loading, needed, func(ctx context.Context) error {
		refresh, err := c.kept.Load(ctx)
		if err != nil {
			return fmt.Errorf("client: the kept refresh token could not be loaded: %w", err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tokens, c.loaded = tokens{refresh: refresh}, true
		return nil
	})
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
