package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"time"

	"example.com/mlapi"
)

// throttleTime is how long after its beginning a throttled login is answered. It
// hides how long it took to find a client, or none: no password hash does so here.
const throttleTime = 2 * time.Millisecond

// login is one attempt to log in, as it is seen so far.
type login struct {
	name, password string
	from           netip.Addr
	client         Client   // the zero Client where there is none of that name
	key            guessKey // what it is counted under
	right          bool     // the password is the client's
	began          time.Time
	hashFault      error // the stored hash cannot be read
}

// Reset is the login: it starts a new session for the client with that name and
// password and returns its first refresh token, and to whom it belongs; the client's
// earlier session ends. Name and password are compared as they are. from is the
// address of the caller, for the limits on guessing.
//
// Everything that is not a right, enabled, unused credential gets the same
// Unauthenticated error ("invalid_credentials"), after the same time, and all of
// them count alike for the limits on guessing. Throttled says that the address has
// to wait, for this name or any; Unavailable that the store failed, and then the
// credential may be used up.
func (s *Service) Reset(ctx context.Context, name, password string, from netip.Addr) (mlapi.Tokens, error) {
	if err := s.ready(); err != nil {
		return mlapi.Tokens{}, err
	}
	l := &login{name: name, password: password, from: from, began: time.Now()}
	reason, err := s.checkLogin(ctx, l)
	if err != nil {
		return mlapi.Tokens{}, err
	}
	if reason != "" {
		s.logRefusal(ctx, l, reason)
		return mlapi.Tokens{}, errInvalidCredentials()
	}
	return s.startSession(ctx, l)
}

// checkLogin decides about a login, with exactly one argon2id whoever asks, and
// returns why it is refused, or "". Every refusal of a name with a password is
// counted, also that of a right one which was used before: if it were not, the
// attempt after the last free one would tell right from wrong.
func (s *Service) checkLogin(ctx context.Context, l *login) (reason string, err error) {
	if l.name == "" || l.password == "" {
		return s.checkNothing(ctx, l)
	}
	if err := s.findClient(ctx, l); err != nil {
		return "", err
	}
	l.key = newGuessKey(l.name, l.hash(), l.from)
	if wait := s.guesses.wait(l.key); wait > 0 {
		return "", s.throttle(ctx, l, wait)
	}
	if err := s.hashes.enter(ctx, l.key.address); err != nil {
		return "", err
	}
	defer s.hashes.leave()
	if wait := s.guesses.begin(l.key); wait > 0 { // others may have failed meanwhile
		return "", s.throttle(ctx, l, wait)
	}
	l.right, l.hashFault = checkPassword(l.hash(), l.password)
	reason = s.refusal(l)
	if delay := s.guesses.end(l.key, reason != ""); delay > 0 {
		s.log.WarnContext(ctx, "too many refused logins: the next ones wait",
			append(l.attributes(), "delay", delay.Round(time.Second).String())...)
	}
	return reason, nil
}

// checkNothing refuses a login without a name or a password, after the time that
// any other takes. It is not counted: it guesses nothing.
func (s *Service) checkNothing(ctx context.Context, l *login) (reason string, err error) {
	if err := s.hashes.enter(ctx, guessAddress(l.from)); err != nil {
		return "", err
	}
	defer s.hashes.leave()
	checkPassword("", l.password)
	return s.refusal(l), nil
}

func (s *Service) findClient(ctx context.Context, l *login) error {
	client, err := s.store.Client(ctx, l.name)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return storeError("read a client", err)
	case client.Name == l.name:
		l.client = client
	}
	return nil
}

// hash returns the password hash that lets l in: "" where there is no such client
// or it is disabled.
func (l *login) hash() string {
	if l.client.Disabled {
		return ""
	}
	return l.client.PasswordHash
}

// refusal returns why a login is refused, for the log, or "".
func (s *Service) refusal(l *login) string {
	switch {
	case l.name == "" || l.password == "":
		return "no name or no password"
	case l.client.Name == "":
		return "unknown name"
	case l.client.Disabled:
		return "client disabled"
	case l.client.PasswordHash == "":
		return "client revoked"
	case l.hashFault != nil:
		return "stored password hash damaged"
	case !l.right:
		return "wrong password"
	case s.config.ResetOnlyOnce && !l.client.UsedAt.IsZero():
		return "credential used before"
	}
	return ""
}

// logRefusal tells the log. Where an operator can help, it tells how.
func (s *Service) logRefusal(ctx context.Context, l *login, reason string) {
	attributes := append(l.attributes(), "reason", reason)
	if l.right || l.hashFault != nil {
		attributes = append(attributes, "let_in_with", resetCommand(l.client.Name))
		s.log.WarnContext(ctx, "login refused", attributes...)
		return
	}
	s.log.InfoContext(ctx, "login refused", attributes...)
}

// throttle returns the answer to a login that has to wait, when it is time for it.
func (s *Service) throttle(ctx context.Context, l *login, wait time.Duration) error {
	s.log.DebugContext(ctx, "login has to wait", append(l.attributes(), "wait", wait.Round(time.Second).String())...)
	select {
	case <-time.After(time.Until(l.began.Add(throttleTime))):
	case <-ctx.Done():
	}
	return errThrottled(wait)
}

// attributes are what the log may hold of a login: the name only where it is that
// of a client, since people type passwords into the wrong field.
func (l *login) attributes() []any {
	attributes := []any{"address", l.from.String()}
	if l.client.Name != "" {
		attributes = append(attributes, "client", l.client.Name)
	}
	return attributes
}

// startSession signs the first refresh token and then starts the session, by a
// compare-and-swap that uses the credential up.
func (s *Service) startSession(ctx context.Context, l *login) (mlapi.Tokens, error) {
	row := Session{
		ID: rand.Text(), Client: l.client.Name, State: Active, Generation: 1, Head: s.headAt(l.client.ReadAt),
	}
	refresh, err := s.codec.sign(refreshTokenOf(row))
	if err != nil {
		return mlapi.Tokens{}, storeError("log in", err)
	}
	started, err := s.store.StartSession(ctx, row, l.client.PasswordHash, s.config.ResetOnlyOnce)
	if err != nil {
		return mlapi.Tokens{}, storeError("start a session", err)
	}
	if !started {
		s.logRefusal(ctx, l, "credential used or changed meanwhile")
		return mlapi.Tokens{}, errInvalidCredentials()
	}
	s.sessions.endOthers(row.Client, row.ID)
	s.guesses.clear(l.key)
	s.log.InfoContext(ctx, "login", append(l.attributes(), "session", row.ID)...)
	return mlapi.Tokens{Caller: callerOf(row), Refresh: refresh}, nil
}
