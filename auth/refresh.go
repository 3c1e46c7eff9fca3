package auth

import (
	"context"

	"example.com/mlapi"
)

// rotateAttempts is how often a refresh that lost to another one looks again.
const rotateAttempts = 3

// Refresh turns the newest refresh token of a live session into an access token
// and the next refresh token. An older one, whose successor was given out already,
// is a replay: the session is blocked, and only then refused. Of many that present
// the newest token at once one gets tokens; the others are replays.
//
// Errors are Unauthenticated ("invalid_token"), or Unavailable where the store
// fails; then it is unknown whether the token sent is still the newest.
func (s *Service) Refresh(ctx context.Context, token string) (mlapi.Tokens, error) {
	if err := s.ready(); err != nil {
		return mlapi.Tokens{}, err
	}
	// Without the store: nobody without a token of ours can reach a session.
	t, err := s.codec.verify(token, s.now(), refreshToken)
	if err != nil {
		return mlapi.Tokens{}, errInvalidToken("%w", err)
	}
	for range rotateAttempts {
		row, err := s.liveRow(ctx, t)
		switch {
		case err != nil:
			return mlapi.Tokens{}, err
		case t.generation > row.Generation:
			return mlapi.Tokens{}, s.refuseAhead(ctx, t, row)
		case t.generation < row.Generation:
			return mlapi.Tokens{}, s.blockReplay(ctx, t, row)
		case t != refreshTokenOf(row):
			return mlapi.Tokens{}, errInvalidToken("the token is not the one that was given out")
		}
		tokens, rotated, err := s.rotate(ctx, row)
		if err != nil || rotated {
			return tokens, err
		}
	}
	return mlapi.Tokens{}, errUnavailable("auth: a session was neither rotated nor read as such in %d attempts", rotateAttempts)
}

// rotate signs the next pair of tokens and then, by compare-and-swap, advances
// the session: a failure to sign uses nothing up.
func (s *Service) rotate(ctx context.Context, row Session) (tokens mlapi.Tokens, rotated bool, err error) {
	next := row
	next.Generation++
	next.Head = s.headAt(row.ReadAt)
	tokens, err = s.signPair(next)
	if err != nil {
		return mlapi.Tokens{}, false, storeError("refresh", err)
	}
	rotated, err = s.store.Rotate(ctx, row.ID, row.Generation, next.Head)
	if err != nil {
		return mlapi.Tokens{}, false, storeError("rotate a session", err)
	}
	if !rotated {
		return mlapi.Tokens{}, false, nil
	}
	s.log.DebugContext(ctx, "session refreshed", "client", row.Client, "session", row.ID, "generation", next.Generation)
	return tokens, true, nil
}

// blockReplay ends the session of which an old refresh token was presented, and
// returns the refusal once that is committed.
func (s *Service) blockReplay(ctx context.Context, t token, row Session) error {
	ended, err := s.endSession(ctx, row, t.generation+1, Blocked, "replay of an old refresh token")
	if err != nil {
		s.log.ErrorContext(ctx, "an old refresh token was presented and its session could not be blocked",
			"client", row.Client, "session", row.ID, "error", err)
		return storeError("block a session", err)
	}
	if ended {
		s.log.WarnContext(ctx, "an old refresh token was presented: the session is blocked; either its answer was lost or a copy of it is about",
			"client", row.Client, "session", row.ID, "generation", t.generation, "newest", row.Generation,
			"let_in_with", resetCommand(row.Client))
	}
	return errInvalidToken("generation %d was refreshed before", t.generation)
}

// Revoke ends the session of a token, the logout, and returns whose it was. Any valid
// token of a live session does, access or refresh, also a refresh token that was used
// already. Errors are those of Refresh.
func (s *Service) Revoke(ctx context.Context, token string) (mlapi.Caller, error) {
	if err := s.ready(); err != nil {
		return mlapi.Caller{}, err
	}
	t, err := s.codec.verify(token, s.now(), accessToken, refreshToken)
	if err != nil {
		return mlapi.Caller{}, errInvalidToken("%w", err)
	}
	row, err := s.liveRow(ctx, t)
	switch {
	case err != nil:
		return mlapi.Caller{}, err
	case t.generation > row.Generation:
		return mlapi.Caller{}, s.refuseAhead(ctx, t, row)
	}
	ended, err := s.endSession(ctx, row, 0, Revoked, "logout")
	if err != nil {
		return mlapi.Caller{}, storeError("revoke a session", err)
	}
	if !ended {
		return mlapi.Caller{}, errInvalidToken("the session has ended")
	}
	s.log.InfoContext(ctx, "session revoked", "client", row.Client, "session", row.ID)
	return callerOf(row), nil
}
