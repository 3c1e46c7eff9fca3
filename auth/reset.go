package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"time"
)

// login is one attempt to log in, as it is seen so far.
type login struct {
	name, password string
	from           netip.Addr
	client         Client // the zero Client where there is none of that name
	right          bool   // the password is the client's
	hashFault      error  // the stored hash cannot be read
}

// Reset is the login: it starts a new session for the client with that name and
// password and returns its first refresh token; the client's earlier session ends.
// Name and password are compared as they are. from is the address of the caller,
// for the limits on guessing.
//
// Everything that is not a right, enabled, unused credential gets the same
// Unauthenticated error ("invalid_credentials"), after the same time. Throttled
// says that the address has to wait, for this name or any; Unavailable that the
// store failed, and then the credential may be used up.
func (s *Service) Reset(ctx context.Context, name, password string, from netip.Addr) (refresh string, err error) {
	if err := s.ready(); err != nil {
		return "", err
	}
	l := &login{name: name, password: password, from: from}
	if err := s.checkLogin(ctx, l); err != nil {
		return "", err
	}
	if reason := s.refusal(l); reason != "" {
		s.logRefusal(ctx, l, reason)
		return "", errInvalidCredentials()
	}
	return s.startSession(ctx, l)
}

// checkLogin finds the client and checks the password, with exactly one argon2id
// whoever asks. It counts a wrong password.
func (s *Service) checkLogin(ctx context.Context, l *login) error {
	counted := l.name != "" && l.password != ""
	key := newGuessKey(l.name, l.from)
	if counted {
		if wait := s.guesses.wait(key); wait > 0 {
			return s.throttle(ctx, l, wait)
		}
	}
	if err := s.hashes.enter(ctx, key.address); err != nil {
		return err
	}
	defer s.hashes.leave()
	if !counted {
		checkPassword("", l.password) // for the time it takes
		return nil
	}
	if wait := s.guesses.begin(key); wait > 0 { // others may have failed meanwhile
		return s.throttle(ctx, l, wait)
	}
	err := s.findAndCheck(ctx, l)
	if delay := s.guesses.end(key, err == nil && !l.right); delay > 0 {
		s.log.WarnContext(ctx, "too many wrong passwords: logins wait",
			append(l.attributes(), "delay", delay.Round(time.Second).String())...)
	}
	return err
}

func (s *Service) findAndCheck(ctx context.Context, l *login) error {
	client, err := s.store.Client(ctx, l.name)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return storeError("read a client", err)
	case client.Name == l.name:
		l.client = client
	}
	hash := l.client.PasswordHash
	if l.client.Disabled {
		hash = ""
	}
	l.right, l.hashFault = checkPassword(hash, l.password)
	return nil
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

func (s *Service) throttle(ctx context.Context, l *login, wait time.Duration) error {
	s.log.DebugContext(ctx, "login has to wait", append(l.attributes(), "wait", wait.Round(time.Second).String())...)
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
func (s *Service) startSession(ctx context.Context, l *login) (refresh string, err error) {
	row := Session{
		ID: rand.Text(), Client: l.client.Name, State: Active, Generation: 1, Head: s.headAt(l.client.ReadAt),
	}
	if refresh, err = s.codec.sign(refreshTokenOf(row)); err != nil {
		return "", storeError("log in", err)
	}
	started, err := s.store.StartSession(ctx, row, l.client.PasswordHash, s.config.ResetOnlyOnce)
	if err != nil {
		return "", storeError("start a session", err)
	}
	if !started {
		s.logRefusal(ctx, l, "credential used or changed meanwhile")
		return "", errInvalidCredentials()
	}
	s.sessions.endOthers(row.Client, row.ID)
	s.guesses.clear(newGuessKey(l.name, l.from))
	s.log.InfoContext(ctx, "login", append(l.attributes(), "session", row.ID)...)
	return refresh, nil
}
