package auth

import (
	"context"
	"time"

	"example.com/mlapi"
)

// rotateAttempts is how often a refresh that lost to another one looks again.
const rotateAttempts = 3

// deliveryLimit is for noting that an answer could not be sent.
const deliveryLimit = 2 * time.Second

// Refresh turns the newest refresh token of a live session into an access token
// and the next refresh token. An older one, whose successor was given out already,
// is a replay: the session is blocked, and only then refused. Of many that present
// the newest token at once one gets tokens; the others are replays.
//
// No replay is who presents the token before the newest once more because the
// answer was lost: with the same RetryKey, within 10 s or as long as no newer token
// was used; within a minute where Undelivered was called; or within the configured
// grace. It gets the same refresh token again.
//
// Errors are Unauthenticated ("invalid_token"), or Unavailable where the store
// fails; then it is unknown whether the token sent is still the newest.
func (s *Service) Refresh(ctx context.Context, token string, o mlapi.Origin) (mlapi.Tokens, error) {
	if err := s.ready(); err != nil {
		return mlapi.Tokens{}, err
	}
	// Without the store: nobody without a token of ours can reach a session.
	t, err := s.verify(ctx, token, refreshToken)
	if err != nil {
		return mlapi.Tokens{}, err
	}
	keyHash := retryKeyHash(o.RetryKey)
	for range rotateAttempts {
		row, err := s.liveRow(ctx, t)
		if err != nil {
			return mlapi.Tokens{}, err
		}
		var tokens mlapi.Tokens
		var done bool
		again := repeatOf(row, keyHash, s.config.Grace)
		switch {
		case t.generation > row.Generation:
			return mlapi.Tokens{}, s.refuseAhead(ctx, t, row)
		case t.generation == row.Generation && t != refreshTokenOf(row):
			return mlapi.Tokens{}, errInvalidToken("the token is not the one that was given out")
		case t.generation == row.Generation:
			tokens, done, err = s.rotate(ctx, row, keyHash, o)
		case t.generation == row.Generation-1 && again.rule != "":
			tokens, done, err = s.repeatPair(ctx, row, again, o)
		default:
			return mlapi.Tokens{}, s.blockReplay(ctx, t, row, o)
		}
		if err != nil || done {
			return tokens, err
		}
	}
	return mlapi.Tokens{}, errUnavailable("auth: a session was neither rotated nor read as such in %d attempts", rotateAttempts)
}

// rotate signs the next pair of tokens and then, by compare-and-swap, advances
// the session: a failure to sign uses nothing up.
func (s *Service) rotate(ctx context.Context, row Session, keyHash string, o mlapi.Origin) (tokens mlapi.Tokens, rotated bool, err error) {
	next := row
	next.Generation++
	next.Head = s.headAt(row.ReadAt)
	next.Retry = Retry{Key: keyHash}
	tokens, err = s.signPair(next, row.ReadAt)
	if err != nil {
		return mlapi.Tokens{}, false, storeError("refresh", err)
	}
	rotated, err = s.store.Rotate(ctx, next, sessionEvent(ctx, ActionRefresh, row, o))
	if err != nil {
		return mlapi.Tokens{}, false, storeError("rotate a session", err)
	}
	if !rotated {
		return mlapi.Tokens{}, false, nil
	}
	s.log.DebugContext(ctx, "session refreshed", "client", row.Client, "session", row.ID, "generation", next.Generation)
	return tokens, true, nil
}

// repeatPair gives out the newest refresh token of a session once more, made from
// its row, with a new access token.
func (s *Service) repeatPair(ctx context.Context, row Session, again repeat, o mlapi.Origin) (tokens mlapi.Tokens, repeated bool, err error) {
	tokens, err = s.signPair(row, row.ReadAt)
	if err != nil {
		return mlapi.Tokens{}, false, storeError("repeat a refresh", err)
	}
	repeated, err = s.countRepeat(ctx, row, again, o)
	if err != nil || !repeated {
		return mlapi.Tokens{}, false, err
	}
	return tokens, true, nil
}

// countRepeat commits that the newest tokens of row are given out once more, where
// they still are the newest.
func (s *Service) countRepeat(ctx context.Context, row Session, again repeat, o mlapi.Origin) (repeated bool, err error) {
	e := sessionEvent(ctx, ActionRepeat, row, o)
	e.Detail = again.rule
	repeated, err = s.store.Repeat(ctx, Generation{Session: row.ID, Number: row.Generation}, again.most, e)
	if err != nil {
		return false, storeError("repeat an answer", err)
	}
	if repeated {
		s.log.InfoContext(ctx, "the newest tokens are given out once more", "client", row.Client, "session", row.ID,
			"generation", row.Generation, "because", again.rule)
	}
	return repeated, nil
}

// blockReplay ends the session of which an old refresh token was presented, and
// returns the refusal once that is committed.
func (s *Service) blockReplay(ctx context.Context, t token, row Session, o mlapi.Origin) error {
	ended, err := s.endSession(ctx, row, t.generation+1, Blocked, "replay of an old refresh token", o)
	if err != nil {
		s.log.ErrorContext(ctx, "an old refresh token was presented and its session could not be blocked",
			"client", row.Client, "session", row.ID, "error", err)
		return storeError("block a session", err)
	}
	if ended {
		s.log.WarnContext(ctx, "an old refresh token was presented: the session is blocked; either its answer was lost or a copy of it is about",
			"client", row.Client, "instance", row.Instance, "session", row.ID, "generation", t.generation, "newest", row.Generation,
			"let_in_with", resetCommand(row.Client))
	}
	return errInvalidToken("generation %d was refreshed before", t.generation)
}

// Undelivered notes that the answer with these tokens, of a login or a refresh,
// could not be sent: for a minute, unless one of them is used, the request may be
// repeated. It is the best that can be done and so returns no error.
func (s *Service) Undelivered(ctx context.Context, given mlapi.Tokens) {
	if s.ready() != nil || given.Caller.Session == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliveryLimit)
	defer cancel()
	err := s.store.Undelivered(ctx, Generation{Session: given.Caller.Session, Number: given.Generation})
	if err != nil {
		s.log.WarnContext(ctx, "an answer with tokens was lost, and that could not be noted",
			"client", given.Caller.Name, "session", given.Caller.Session, "error", err)
	}
}

// Revoke ends the session of a token, the logout, and returns whose it was. Any valid
// token of a live session does, access or refresh, also a refresh token that was used
// already. Errors are those of Refresh.
func (s *Service) Revoke(ctx context.Context, token string, o mlapi.Origin) (mlapi.Caller, error) {
	if err := s.ready(); err != nil {
		return mlapi.Caller{}, err
	}
	t, err := s.verify(ctx, token, accessToken, refreshToken)
	if err != nil {
		return mlapi.Caller{}, err
	}
	row, err := s.liveRow(ctx, t)
	switch {
	case err != nil:
		return mlapi.Caller{}, err
	case t.generation > row.Generation:
		return mlapi.Caller{}, s.refuseAhead(ctx, t, row)
	}
	ended, err := s.endSession(ctx, row, 0, Revoked, "logout", o)
	if err != nil {
		return mlapi.Caller{}, storeError("revoke a session", err)
	}
	if !ended {
		return mlapi.Caller{}, errInvalidToken("the session has ended")
	}
	s.log.InfoContext(ctx, "session revoked", "client", row.Client, "session", row.ID)
	return callerOf(row), nil
}
