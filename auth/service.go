package auth

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"example.com/mlapi"
)

const (
	followEvery = 250 * time.Millisecond // the feed of ended sessions
	followLimit = 2 * time.Second        // for one reading of it
	sweepEvery  = time.Minute            // verified tokens that are over
	pruneEvery  = time.Hour              // sessions that are over, in the store
	pruneAge    = 7 * 24 * time.Hour     // how long they stay, for whoever looks into an incident
	endLimit    = 5 * time.Second        // for ending a session although its request has gone
)

// Config is what a Service is made of. Everything but Logger is required.
type Config struct {
	Store      Store
	Key        *Key          // signs and verifies all tokens
	Issuer     string        // the iss of all tokens
	AccessTTL  time.Duration // whole seconds, at least one
	RefreshTTL time.Duration // whole seconds, at least one
	// ResetOnlyOnce makes every credential good for one login, until an operator
	// gives the client a new one.
	ResetOnlyOnce bool
	Logger        *slog.Logger // nil: no log
}

// Service logs clients in, refreshes and revokes their tokens, and tells who a
// token belongs to. It is safe for concurrent use; several Services, also in other
// processes, may share a store and a key. The zero value refuses everything.
type Service struct {
	store    Store
	codec    *codec
	config   Config
	log      *slog.Logger
	now      func() time.Time
	hashes   *hashGate
	guesses  *guesses
	sessions *liveSessions
	verified *tokenCache
	feed     *feedReader
}

// New returns a Service. Its Run must run beside it: see there.
func New(cfg Config) (*Service, error) { return newService(cfg, time.Now) }

// newService is New with a clock for tests.
func newService(cfg Config, now func() time.Time) (*Service, error) {
	wholeSeconds := func(d time.Duration) bool { return d >= time.Second && d%time.Second == 0 }
	switch {
	case cfg.Store == nil:
		return nil, mlapi.Internalf("auth: a Service needs a Store")
	case cfg.Key == nil:
		return nil, mlapi.Internalf("auth: a Service needs a Key")
	case cfg.Issuer == "":
		return nil, setupf("set AUTH_ISSUER, or leave the key out for its default", "the issuer of tokens is empty")
	case !wholeSeconds(cfg.AccessTTL) || !wholeSeconds(cfg.RefreshTTL):
		return nil, setupf("set AUTH_ACCESS_TTL_MINS and AUTH_REFRESH_TTL_MINS to whole minutes from 1",
			"the lifetimes of tokens, %v and %v, are not whole seconds", cfg.AccessTTL, cfg.RefreshTTL)
	}
	codec, err := newCodec(cfg.Key, cfg.Issuer)
	if err != nil {
		return nil, err
	}
	logger := cfg.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	sessions := newLiveSessions()
	return &Service{
		store: cfg.Store, codec: codec, config: cfg, log: logger, now: now,
		hashes: newHashGate(), guesses: newGuesses(now), sessions: sessions,
		verified: newTokenCache(sessions), feed: newFeedReader(cfg.Store, logger, now),
	}, nil
}

// ready refuses on behalf of a Service that New did not make.
func (s *Service) ready() error {
	if s == nil || s.codec == nil {
		return errUnavailable("auth: this Service was not made by New")
	}
	return nil
}

// Run follows the feed of ended sessions, so that what another process ended is
// refused here within a second, and tidies up: verified tokens that are over,
// memory of password hashes, old sessions in the store. It returns nil when ctx
// ends. Without it, or while the feed cannot be read for more than 5 s, Authorise
// answers Unavailable: it cannot know any more which sessions live.
func (s *Service) Run(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	var swept, pruned time.Time
	for {
		s.follow(ctx)
		now := s.now()
		s.hashes.settle()
		if now.Sub(swept) >= sweepEvery {
			s.verified.sweep(now.Unix())
			swept = now
		}
		if now.Sub(pruned) >= pruneEvery {
			s.prune(ctx, now)
			pruned = now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// follow marks the sessions that have ended since the last time.
func (s *Service) follow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, followLimit)
	defer cancel()
	ended, gap := s.feed.read(ctx)
	for _, id := range ended {
		s.sessions.end(id)
	}
	if gap {
		// Entries of the feed may have come and gone meanwhile; the rows know.
		s.verified.clear()
	}
	s.feed.done(ctx)
}

func (s *Service) prune(ctx context.Context, now time.Time) {
	if err := s.store.Prune(ctx, now.Add(-pruneAge)); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "old sessions could not be removed", "error", err)
	}
}

// signPair signs the refresh token of row and an access token beside it, issued
// at the same time.
func (s *Service) signPair(row Session) (mlapi.Tokens, error) {
	refresh, err := s.codec.sign(refreshTokenOf(row))
	if err != nil {
		return mlapi.Tokens{}, err
	}
	access, err := s.codec.sign(token{
		kind:       accessToken,
		client:     row.Client,
		session:    row.ID,
		id:         rand.Text(),
		generation: row.Generation,
		issuedAt:   row.Head.IssuedAt.Unix(),
		expiresAt:  row.Head.IssuedAt.Add(s.config.AccessTTL).Unix(),
	})
	if err != nil {
		return mlapi.Tokens{}, err
	}
	return mlapi.Tokens{Caller: callerOf(row), Access: access, Refresh: refresh}, nil
}

// callerOf returns whose a session is.
func callerOf(row Session) mlapi.Caller { return mlapi.Caller{Name: row.Client, Session: row.ID} }

// headAt returns what makes a refresh token that is issued at the store's time now.
func (s *Service) headAt(now time.Time) Head {
	now = now.Truncate(time.Second)
	return Head{IssuedAt: now, ExpiresAt: now.Add(s.config.RefreshTTL), KeyID: s.codec.key.id}
}

// endSession ends a session in the store, and here at once. It goes on where the
// request that asked for it has gone away: a replay must not get off by hanging up.
func (s *Service) endSession(ctx context.Context, row Session, minGeneration int64, state State, reason string) (ended bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	ended, err = s.store.EndSession(ctx, row.ID, minGeneration, state, reason)
	if ended {
		s.sessions.end(row.ID)
	}
	return ended, err
}
