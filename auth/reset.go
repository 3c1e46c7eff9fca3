package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"example.com/mlapi"
)

// throttleTime is how long after its beginning a throttled login is answered. It
// hides how long it took to find a client, or none: no password hash does so here.
const throttleTime = 2 * time.Millisecond

// login is one attempt to log in, as it is seen so far.
type login struct {
	mlapi.Login
	keyHash   string
	client    Client  // the zero Client where there is none of that name
	live      Session // of the instance; the zero Session where there is none
	attempt   attempt // what it is counted under
	right     bool    // the password is the client's
	began     time.Time
	hashFault error // the stored hash cannot be read
}

// Reset is the login: it starts a new session for the instance of the client with
// that name and password and returns its first refresh token, and to whom it
// belongs; the instance's earlier session ends. Name, password and instance are
// compared as they are.
//
// Who repeats a login with the same RetryKey, or after Undelivered was called, gets
// the same refresh token again as long as it was not used, also where the
// credential counts once: its answer was lost.
//
// Everything that is not a right, enabled, unused credential gets the same
// Unauthenticated error ("invalid_credentials"), after the same time, and all of
// them count alike for the limits on guessing. Throttled says that the address has
// to wait, for this name or any; Unavailable that the store failed, and then the
// credential may be used up.
func (s *Service) Reset(ctx context.Context, in mlapi.Login) (mlapi.Tokens, error) {
	if err := s.ready(); err != nil {
		return mlapi.Tokens{}, err
	}
	l := &login{Login: in, keyHash: retryKeyHash(in.Origin.RetryKey), began: time.Now()}
	reason, err := s.checkLogin(ctx, l)
	if err != nil {
		return mlapi.Tokens{}, err
	}
	if reason != "" {
		return mlapi.Tokens{}, s.refuse(ctx, l, reason)
	}
	if again := l.repeat(); again.rule != "" {
		tokens, err := s.repeatLogin(ctx, l, again)
		if err != nil || tokens.Refresh != "" {
			return tokens, err
		}
	}
	return s.startSession(ctx, l)
}

// checkLogin decides about a login, with exactly one argon2id whoever asks, and
// returns why it is refused, or "". Every refusal of a name with a password is
// counted, also that of a right one which was used before: if it were not, the
// attempt after the last free one would tell right from wrong.
func (s *Service) checkLogin(ctx context.Context, l *login) (reason string, err error) {
	if l.Name == "" || l.Password == "" {
		return s.checkNothing(ctx, l)
	}
	if err := s.find(ctx, l); err != nil {
		return "", err
	}
	if wait := s.guesses.wait(&l.attempt); wait > 0 {
		return "", s.throttle(ctx, l, wait)
	}
	if err := s.hashes.enter(ctx, guessAddress(l.Origin.Address)); err != nil {
		return "", err
	}
	defer s.hashes.leave()
	wait, err := s.guesses.begin(ctx, &l.attempt) // others may have failed meanwhile
	if err != nil {
		return "", storeError("count a login", err)
	}
	if wait > 0 {
		return "", s.throttle(ctx, l, wait)
	}
	l.right, l.hashFault = checkPassword(l.hash(), l.Password)
	reason = s.refusal(l)
	delay, err := s.guesses.end(ctx, &l.attempt, reason == "")
	if err != nil {
		return "", storeError("count a login", err)
	}
	if delay > 0 {
		s.log.WarnContext(ctx, "too many refused logins: the next ones wait",
			append(l.attributes(), "delay", delay.Round(time.Second).String())...)
	}
	return reason, nil
}

// checkNothing refuses a login without a name or a password, after the time that
// any other takes. It is not counted: it guesses nothing.
func (s *Service) checkNothing(ctx context.Context, l *login) (reason string, err error) {
	if err := s.hashes.enter(ctx, guessAddress(l.Origin.Address)); err != nil {
		return "", err
	}
	defer s.hashes.leave()
	checkPassword("", l.Password)
	return s.refusal(l), nil
}

// find reads the client and the live session of its instance, of which there may
// be none. It asks the store the same of every name.
func (s *Service) find(ctx context.Context, l *login) error {
	client, err := s.store.Client(ctx, l.Name)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return storeError("read a client", err)
	case client.Name == l.Name:
		l.client = client
	}
	live, err := s.store.LiveSession(ctx, l.Name, l.Instance)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return storeError("read a session", err)
	case live.Client == l.client.Name && live.Instance == l.Instance:
		l.live = live
	}
	instance, _ := l.client.Instance(l.Instance)
	l.attempt = attempt{
		name: l.Name, passwordHash: l.hash(), address: l.Origin.Address,
		instance: l.Instance, known: !instance.UsedAt.IsZero(),
	}
	return nil
}

// hash returns the password hash that lets l in: "" where there is no such client
// or it is disabled.
func (l *login) hash() string {
	if l.client.Disabled != "" {
		return ""
	}
	return l.client.PasswordHash
}

// refusal returns why a login is refused, for the log, or "".
func (s *Service) refusal(l *login) string {
	instance, registered := l.client.Instance(l.Instance)
	once := s.config.ResetOnlyOnce
	switch {
	case l.Name == "" || l.Password == "":
		return "no name or no password"
	case l.client.Name == "":
		return "unknown name"
	case l.client.Disabled != "":
		return "client disabled"
	case l.client.PasswordHash == "":
		return "client revoked"
	case l.hashFault != nil:
		return "stored password hash damaged"
	case !l.right:
		return "wrong password"
	case CheckInstance(l.Instance) != nil:
		return "no name of an instance"
	case once && !registered:
		return "instance not registered"
	case once && !instance.UsedAt.IsZero() && l.repeat().rule == "":
		return "credential used before"
	}
	return ""
}

// repeat returns the rule by which the first token of the live session is given
// out again. The grace is for refreshes alone.
func (l *login) repeat() repeat {
	if l.live.Generation != 1 || l.live.over() || !l.live.ReadAt.Before(l.live.Head.ExpiresAt) {
		return repeat{}
	}
	if l.live.Retry.Confirmed > 0 {
		return repeat{}
	}
	return repeatOf(l.live, l.keyHash, 0)
}

// refuse returns the refusal of a login once it is in the audit log. Where an
// operator can help, the log tells how.
func (s *Service) refuse(ctx context.Context, l *login, reason string) error {
	attributes := append(l.attributes(), "reason", reason)
	if l.right || l.hashFault != nil {
		attributes = append(attributes, "let_in_with", resetCommand(l.client.Name))
		s.log.WarnContext(ctx, "login refused", attributes...)
	} else {
		s.log.InfoContext(ctx, "login refused", attributes...)
	}
	e := requestEvent(ctx, ActionLogin, l.Origin)
	e.Outcome, e.Client, e.Detail = Refused, l.client.Name, reason
	if _, known := l.client.Instance(l.Instance); known {
		e.Instance = l.Instance
	}
	if err := s.store.Record(ctx, e); err != nil {
		return storeError("record a refused login", err)
	}
	return errInvalidCredentials()
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
	attributes := []any{"address", l.Origin.Address.String()}
	if l.client.Name != "" {
		attributes = append(attributes, "client", l.client.Name)
	}
	if instance, known := l.client.Instance(l.Instance); known && instance.Name != "" {
		attributes = append(attributes, "instance", instance.Name)
	}
	return attributes
}

// repeatLogin gives out the first token of the live session once more. No tokens
// and no error mean that the session has moved on meanwhile.
func (s *Service) repeatLogin(ctx context.Context, l *login, again repeat) (mlapi.Tokens, error) {
	tokens, err := s.firstTokens(l.live)
	if err != nil {
		return mlapi.Tokens{}, err
	}
	repeated, err := s.countRepeat(ctx, l.live, again, l.Origin)
	if err != nil || !repeated {
		return mlapi.Tokens{}, err
	}
	return tokens, nil
}

// firstTokens signs what a login gives: the refresh token of a session's row.
func (s *Service) firstTokens(row Session) (mlapi.Tokens, error) {
	refresh, err := s.codec.sign(refreshTokenOf(row))
	if err != nil {
		return mlapi.Tokens{}, storeError("log in", err)
	}
	return mlapi.Tokens{Caller: callerOf(row), Generation: row.Generation, Refresh: refresh}, nil
}

// startSession signs the first refresh token and then starts the session, by a
// compare-and-swap that uses the credential up.
func (s *Service) startSession(ctx context.Context, l *login) (mlapi.Tokens, error) {
	row := Session{
		ID: rand.Text(), Client: l.client.Name, Instance: l.Instance, State: Active, Generation: 1,
		Head: s.headAt(l.client.ReadAt), Retry: Retry{Key: l.keyHash},
	}
	if s.config.SessionTTL > 0 {
		row.EndsAt = row.Head.IssuedAt.Add(s.config.SessionTTL)
	}
	tokens, err := s.firstTokens(row)
	if err != nil {
		return mlapi.Tokens{}, err
	}
	check := LoginCheck{PasswordHash: l.client.PasswordHash, Once: s.config.ResetOnlyOnce}
	started, err := s.store.StartSession(ctx, row, check, sessionEvent(ctx, ActionLogin, row, l.Origin))
	switch {
	case err != nil:
		return mlapi.Tokens{}, storeError("start a session", err)
	case started.ID == "":
		return mlapi.Tokens{}, s.refuse(ctx, l, "credential used or changed meanwhile")
	case started.ID != row.ID: // the same login, sent twice, was faster
		return s.firstTokens(started)
	}
	s.sessions.endOthers(row)
	s.log.InfoContext(ctx, "login", append(l.attributes(), "session", row.ID)...)
	s.rehash(ctx, l)
	return tokens, nil
}

// rehash keeps the password under today's parameters where its hash has weaker
// ones. It can wait for another login.
func (s *Service) rehash(ctx context.Context, l *login) {
	old := l.client.PasswordHash
	if !needsRehash(old) || s.hashes.enter(ctx, guessAddress(l.Origin.Address)) != nil {
		return
	}
	defer s.hashes.leave()
	if err := s.store.Rehash(ctx, l.client.Name, old, hashPassword(l.Password)); err != nil {
		s.log.WarnContext(ctx, "a password could not be hashed anew", "client", l.client.Name, "error", err)
	}
}
