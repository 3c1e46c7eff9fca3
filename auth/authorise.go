package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"example.com/mlapi"
)

// Authorise returns who sent an access token, where the token is valid and its
// session lives: Unauthenticated ("invalid_token") otherwise, Unavailable where
// that cannot be known.
//
// A token seen before costs a hash of it (about a microsecond); a new one a
// signature check and the reading of one row.
func (s *Service) Authorise(ctx context.Context, token string) (mlapi.Caller, error) {
	if err := s.ready(); err != nil {
		return mlapi.Caller{}, err
	}
	now := s.now()
	if !s.feed.fresh(now) {
		return mlapi.Caller{}, errUnavailable("auth: the feed of ended sessions was not read for more than %v", feedPatience)
	}
	hash, err := hashToken(token)
	if err != nil {
		return mlapi.Caller{}, err
	}
	if caller, ok := s.verified.get(&hash, now.Unix()); ok {
		return caller, nil
	}
	return s.authoriseNew(ctx, token, hash, now)
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

// authoriseNew verifies an access token in full and remembers it.
func (s *Service) authoriseNew(ctx context.Context, raw string, hash tokenHash, now time.Time) (mlapi.Caller, error) {
	t, err := s.codec.verify(raw, now, accessToken)
	if err != nil {
		return mlapi.Caller{}, errInvalidToken("%w", err)
	}
	session := s.sessions.take(t.session, t.client) // before the row is read
	if err := s.checkSession(ctx, t, session); err != nil {
		s.sessions.release(session)
		return mlapi.Caller{}, err
	}
	caller := mlapi.Caller{Name: t.client, Session: t.session}
	s.verified.put(hash, &verifiedToken{caller: caller, expiresAt: t.expiresAt, session: session}, now.Unix())
	return caller, nil
}

func (s *Service) checkSession(ctx context.Context, t token, session *liveSession) error {
	row, err := s.liveRow(ctx, t)
	switch {
	case err != nil:
		return err
	case t.generation > row.Generation:
		return s.refuseAhead(ctx, t, row)
	case session.ended.Load():
		return errInvalidToken("the session has ended")
	}
	return nil
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
