package client

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// attemptTimeout bounds one attempt at an exchange, so that a connection that
	// says nothing any more leaves time for another.
	attemptTimeout = 10 * time.Second
	firstPause     = 100 * time.Millisecond // before an exchange is repeated; doubled with each
	longestPause   = 3 * time.Second
)

// newRetryKey returns what makes an exchange one exchange however often it is sent:
// 130 bits that nobody who has only the token can guess.
func newRetryKey() string { return rand.Text() }

// exchange posts for a list of n tokens. Where an answer is lost it asks again with
// the same key, until the server says what became of it, or ctx ends.
func (c *Client) exchange(ctx context.Context, what call, n int) ([]string, error) {
	pause := firstPause
	doubt := false // the server may have acted
	for {
		list, err := c.attempt(ctx, what, n)
		doubt = doubt || errors.Is(err, ErrAnswerLost)
		wait, again := pause, doubt && !decided(err)
		var e *Error
		if errors.As(err, &e) {
			wait = max(wait, e.RetryAfter)
		}
		if deadline, ok := ctx.Deadline(); !again || ok && time.Until(deadline) < wait {
			if again && !errors.Is(err, ErrAnswerLost) {
				err = fmt.Errorf("%w: %w", ErrAnswerLost, err)
			}
			return list, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		pause = min(2*pause, longestPause)
	}
}

// decided reports whether an exchange is over: its answer came, or a refusal. Too many
// requests is none of what was asked.
func decided(err error) bool {
	var e *Error
	return err == nil || errors.As(err, &e) && e.Status < 500 && e.Status != http.StatusTooManyRequests
}

// attempt posts once for a list of n tokens and returns them without their "Bearer ".
func (c *Client) attempt(ctx context.Context, what call, n int) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
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

// lost marks the error of an exchange that the server may have acted on: any but an
// answer that refuses, or a connection that was never made. A proxy answers 502 or 504
// where it lost the server's answer, the server 503 where it does not know whether its
// database kept what it did.
func lost(err error) error {
	var refusal *Error
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	switch {
	case err == nil, errors.As(err, &refusal) && refusal.Status < 500:
		return err
	case errors.As(err, &network) && network.Op == "dial", errors.As(err, &certificate), errors.As(err, &noTLS):
		return err
	}
	return fmt.Errorf("%w: %w", ErrAnswerLost, err)
}

// refused reports whether the server answered 401.
func refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusUnauthorized
}

// kept is what a TokenStore keeps: the refresh token, the key of the exchange it is for,
// and the key of a login under way. It is written as those three with spaces between;
// a token alone is read too.
type kept struct{ refresh, key, login string }

func (k kept) String() string {
	if k.login == "" && k.refresh == "" {
		return ""
	}
	return strings.TrimRight(k.refresh+" "+k.key+" "+k.login, " ")
}

func parseKept(text string) (k kept) {
	k.refresh, text, _ = strings.Cut(text, " ")
	k.key, k.login, _ = strings.Cut(text, " ")
	return k
}
