package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"example.com/mlapi"
)

// servedLimit is for the row of a token that is accepted anyway while the store is
// away: it is asked for all the same, since it may be there again.
const servedLimit = 100 * time.Millisecond

// Authorise returns who sent an access token, where the token is valid and its
// session lives: Unauthenticated ("invalid_token") otherwise, Unavailable where
// that cannot be known and the configured Outage does not say to serve.
//
// A token seen before costs a hash of it (about a microsecond); a new one a
// signature check and the reading of one row.
func (s *Service) Authorise(ctx context.Context, token string) (mlapi.Caller, error) {
	if err := s.ready(); err != nil {
		return mlapi.Caller{}, err
	}
	now := s.now()
	fresh := s.feed.fresh(now)
	if !fresh && s.config.Outage != OutageServes {
		return mlapi.Caller{}, errUnavailable("auth: the feed of ended sessions was not read for more than %v", s.config.Patience)
	}
	hash, err := hashToken(token)
	if err != nil {
		return mlapi.Caller{}, err
	}
	if caller, ok := s.verified.get(&hash, now.Unix()); ok {
		return caller, nil
	}
	t, err := s.verify(ctx, token, accessToken)
	if err != nil {
		return mlapi.Caller{}, err
	}
	// A store that is away need not say so: it may not answer at all.
	limit := s.config.Patience
	if !fresh {
		limit = servedLimit
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	caller, err := s.authoriseNew(limited, t, hash, now)
	if s.serves(err) && !s.sessions.ended(t.session) {
		return mlapi.Caller{Name: t.client, Session: t.session}, nil
	}
	return caller, err
}

// serves reports whether a token that is valid in itself is accepted although its
// session could not be looked at, because of err.
func (s *Service) serves(err error) bool {
	return s.config.Outage == OutageServes && isUnavailable(err) && !s.feed.fresh(s.now())
}

// verify returns the token that raw holds, where it is valid in itself.
func (s *Service) verify(ctx context.Context, raw string, kinds ...tokenKind) (token, error) {
	t, err := s.codec.verify(ctx, raw, s.now(), kinds...)
	if err != nil {
		return token{}, errInvalidToken("%w", err)
	}
	return t, nil
}

func isUnavailable(err error) bool {
	var e *mlapi.Error
	return errors.As(err, &e) && e.Kind == mlapi.Unavailable
}

// hashToken returns what a token is remembered by. It copies the token to the
// stack, so that hashing it allocates nothing; longer ones are verified anew.
func hashToken(token string) (tokenHash, error) {
	if len(token) > maxTokenBytes {
		return tokenHash{}, errInvalidToken("the token is too long")
	}
	var buffer [2048]byte
	if len(token) <= len(buffer) {
		n := copy(buffer[:], token)
		return sha256.Sum256(buffer[:n]), nil
	}
	return sha256.Sum256([]byte(token)), nil
}

// authoriseNew looks at the session of an access token that is valid in itself, and
// remembers the token.
func (s *Service) authoriseNew(ctx context.Context, t token, hash tokenHash, now time.Time) (mlapi.Caller, error) {
	session := s.sessions.take(t.session) // before the row is read
	row, err := s.checkSession(ctx, t, session)
	if err != nil {
		s.sessions.release(session)
		return mlapi.Caller{}, err
	}
	key := s.codec.ring.byID(t.keyID)
	if key == nil { // marked meanwhile
		s.sessions.release(session)
		return mlapi.Caller{}, errInvalidToken("the key is not known any more")
	}
	v := &verifiedToken{caller: callerOf(row), expiresAt: t.expiresAt, session: session, key: key}
	if !row.EndsAt.IsZero() {
		v.expiresAt = min(v.expiresAt, row.EndsAt.Unix())
	}
	s.verified.put(hash, v, now.Unix())
	if row.Retry.Confirmed < t.generation {
		s.used.add(Generation{Session: t.session, Number: t.generation})
	}
	return v.caller, nil
}

// checkSession returns the row of a token's session, where it lives. The row is
// read again where a login of this process came between: it may have ended it.
func (s *Service) checkSession(ctx context.Context, t token, session *liveSession) (Session, error) {
	for {
		logins := s.sessions.logins.Load()
		row, err := s.liveRow(ctx, t)
		if err != nil {
			return Session{}, err
		}
		if t.generation > row.Generation {
			return Session{}, s.refuseAhead(ctx, t, row)
		}
		s.sessions.place(session, row)
		switch {
		case session.ended.Load():
			return Session{}, errInvalidToken("the session has ended")
		case s.sessions.logins.Load() == logins:
			return row, nil
		}
	}
}

// liveRow returns the row of a verified token's session, where it is active and
// the token's client is its client: names are compared in full.
func (s *Service) liveRow(ctx context.Context, t token) (Session, error) {
	row, err := s.store.Session(ctx, t.session)
	switch {
	case errors.Is(err, ErrNotFound):
		return Session{}, errInvalidToken("the session is not known")
	case err != nil:
		return Session{}, errUnavailable("auth: read a session: %w", err)
	case row.ID != t.session || row.Client != t.client:
		return Session{}, errInvalidToken("the session belongs to another client")
	case row.State != Active:
		return Session{}, errInvalidToken("the session is %s", row.State)
	case row.over():
		return Session{}, errInvalidToken("the session has reached its end")
	case t.expiresAt <= row.ReadAt.Unix():
		return Session{}, errInvalidToken("the token has expired by the store's clock")
	}
	return row, nil
}

// refuseAhead refuses a token of a generation that its session has not reached:
// the store forgot what it had committed.
func (s *Service) refuseAhead(ctx context.Context, t token, row Session) error {
	s.log.ErrorContext(ctx, "a token is ahead of its session: was the store restored from an older copy?",
		"client", row.Client, "session", row.ID, "generation", t.generation, "stored", row.Generation)
	return errInvalidToken("generation %d is ahead of the session's %d", t.generation, row.Generation)
}

// storeError turns a fault of the store into an answer without tokens.
func storeError(doing string, err error) error {
	return errUnavailable("%w", fmt.Errorf("auth: %s: %w", doing, err))
}
