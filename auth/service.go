package auth

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"example.com/mlapi"
)

const (
	followEvery = 250 * time.Millisecond // the feed of ended sessions, and confirmations
	keysEvery   = 500 * time.Millisecond // the signing keys; with a tick and the reading, under a second
	followLimit = 2 * time.Second        // for one reading of it
	sweepEvery  = time.Minute            // verified tokens that are over
	pruneEvery  = time.Hour              // sessions that are over, in the store
	pruneAge    = 7 * 24 * time.Hour     // how long they stay, for whoever looks into an incident
	endLimit    = 5 * time.Second        // for ending a session although its request has gone
)

// Config is what a Service is made of. Everything up to RefreshTTL is required.
type Config struct {
	Store      Store
	Keys       *KeyRing      // sign and verify all tokens
	Issuer     string        // the iss of all tokens
	AccessTTL  time.Duration // whole seconds, at least one
	RefreshTTL time.Duration // whole seconds, at least one; a session that is idle for longer is over
	// SessionTTL is how long a session lasts however often it is refreshed; 0: for
	// ever. It is counted by the store's clock and never shortens a token's own exp.
	SessionTTL time.Duration
	// Grace is how long after a refresh the token sent still gets the same answer, also
	// without an Idempotency-Key, at most three times; 0 (the strict rule) to 30 s. A
	// thief profits from it as much as a client whose answer was lost.
	Grace time.Duration
	// ResetOnlyOnce makes every credential good for one login of each registered
	// instance, until an operator gives the client a new one.
	ResetOnlyOnce bool
	// Patience is how long the store may be away before Outage decides; 0: 5 s.
	Patience time.Duration
	Outage   Outage
	Logger   *slog.Logger // nil: no log
}

// Outage is what happens to access tokens while the store is away for longer than
// the configured patience, so that nobody knows which sessions have ended.
type Outage uint8

// What may happen. Logins and refreshes are Unavailable in any case.
const (
	OutageRefuses Outage = iota // Authorise is Unavailable
	OutageServes                // a token that is valid in itself is accepted, unless its session is known to have ended
)

// Service logs clients in, refreshes and revokes their tokens, and tells who a
// token belongs to. It is safe for concurrent use; several Services, also in other
// processes, may share a store. The zero value refuses everything.
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
	used     *usedTokens
	feed     *feedReader
}

// New returns a Service. Its Run must run beside it: see there.
func New(cfg Config) (*Service, error) { return newService(cfg, time.Now) }

// newService is New with a clock for tests.
func newService(cfg Config, now func() time.Time) (*Service, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	logger := cfg.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Patience == 0 {
		cfg.Patience = feedPatience
	}
	sessions := newLiveSessions(cfg.Outage == OutageServes)
	return &Service{
		store: cfg.Store, codec: newCodec(cfg.Keys, cfg.Issuer), config: cfg, log: logger, now: now,
		hashes: newHashGate(), guesses: newGuesses(cfg.Store, now), sessions: sessions,
		verified: newTokenCache(sessions), used: newUsedTokens(),
		feed: newFeedReader(cfg.Store, cfg.Patience, cfg.Outage, logger, now),
	}, nil
}

// check says what is wrong with a configuration, for a start-up message.
func (c *Config) check() error {
	wholeSeconds := func(d time.Duration) bool { return d >= time.Second && d%time.Second == 0 }
	switch {
	case c.Store == nil:
		return mlapi.Internalf("auth: a Service needs a Store")
	case c.Keys == nil:
		return mlapi.Internalf("auth: a Service needs Keys")
	case c.Issuer == "":
		return setupf("set AUTH_ISSUER, or leave the key out for its default", "the issuer of tokens is empty")
	case !wholeSeconds(c.AccessTTL) || !wholeSeconds(c.RefreshTTL):
		return setupf("set AUTH_ACCESS_TTL_MINS and AUTH_REFRESH_TTL_MINS to whole minutes from 1",
			"the lifetimes of tokens, %v and %v, are not whole seconds", c.AccessTTL, c.RefreshTTL)
	case c.SessionTTL != 0 && !wholeSeconds(c.SessionTTL):
		return setupf("set AUTH_SESSION_TTL_MINS to whole minutes, or to 0 for no end",
			"the lifetime of sessions, %v, is not whole seconds", c.SessionTTL)
	case c.Grace < 0 || c.Grace > maxGrace || c.Grace%time.Second != 0:
		return setupf("set AUTH_REFRESH_GRACE_SECS to 0 to 30", "the grace of refreshes, %v, is out of bounds", c.Grace)
	case c.Patience < 0 || c.Outage > OutageServes:
		return mlapi.Internalf("auth: a Patience of %v or an Outage of %d means nothing", c.Patience, c.Outage)
	}
	return nil
}

// ready refuses on behalf of a Service that New did not make.
func (s *Service) ready() error {
	if s == nil || s.codec == nil {
		return errUnavailable("auth: this Service was not made by New")
	}
	return nil
}

// Run follows the feed of ended sessions, so that what another process ended is
// refused here within a second, and the signing keys; it keeps what is known of
// answers that arrived, and tidies up: verified tokens that are over, memory of
// password hashes, old sessions in the store. It returns nil when ctx ends. Without
// it, or while the feed cannot be read for longer than the patience, the Outage of
// the configuration decides about access tokens: nobody knows any more which
// sessions live.
func (s *Service) Run(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	news := s.news(ctx)
	var keys, swept, pruned time.Time
	for {
		s.follow(ctx)
		s.confirm(ctx)
		s.hashes.settle()
		now := s.now()
		due := func(last *time.Time, every time.Duration) bool {
			if now.Sub(*last) < every {
				return false
			}
			*last = now
			return true
		}
		if due(&keys, keysEvery) {
			s.followKeys(ctx)
		}
		if due(&swept, sweepEvery) {
			s.verified.sweep(now.Unix())
		}
		if due(&pruned, pruneEvery) {
			s.prune(ctx, now)
		}
		select {
		case <-ctx.Done():
			s.confirm(context.WithoutCancel(ctx))
			return nil
		case <-ticker.C:
		case <-news:
		}
	}
}

// news returns a channel that tells of news in the feed, until ctx ends.
func (s *Service) news(ctx context.Context) <-chan struct{} {
	news := make(chan struct{}, 1)
	go func() {
		for s.store.Wait(ctx) == nil {
			select {
			case news <- struct{}{}:
			default:
			}
		}
	}()
	return news
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

// followKeys learns the signing keys anew.
func (s *Service) followKeys(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, followLimit)
	defer cancel()
	if err := s.codec.ring.Follow(limited); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "the signing keys could not be read again: those known stay in use", "error", err)
	}
}

// confirm keeps which tokens were used since the last time.
func (s *Service) confirm(ctx context.Context) {
	used := s.used.take()
	if len(used) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, followLimit)
	defer cancel()
	if err := s.store.Confirm(ctx, used); err != nil {
		s.used.add(used...) // the next time
	}
}

func (s *Service) prune(ctx context.Context, now time.Time) {
	if err := s.store.Prune(ctx, now.Add(-pruneAge)); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "old sessions could not be removed", "error", err)
	}
}

// signPair signs the refresh token of row and an access token beside it, issued at
// the time given.
func (s *Service) signPair(row Session, issued time.Time) (mlapi.Tokens, error) {
	refresh, err := s.codec.sign(refreshTokenOf(row))
	if err != nil {
		return mlapi.Tokens{}, err
	}
	issued = issued.Truncate(time.Second)
	access, err := s.codec.sign(token{
		kind:       accessToken,
		keyID:      s.codec.ring.Active().ID(),
		client:     row.Client,
		session:    row.ID,
		id:         rand.Text(),
		generation: row.Generation,
		issuedAt:   issued.Unix(),
		expiresAt:  issued.Add(s.config.AccessTTL).Unix(),
	})
	if err != nil {
		return mlapi.Tokens{}, err
	}
	return mlapi.Tokens{Caller: callerOf(row), Generation: row.Generation, Access: access, Refresh: refresh}, nil
}

// callerOf returns whose a session is.
func callerOf(row Session) mlapi.Caller { return mlapi.Caller{Name: row.Client, Session: row.ID} }

// headAt returns what makes a refresh token that is issued at the store's time now.
func (s *Service) headAt(now time.Time) Head {
	now = now.Truncate(time.Second)
	return Head{IssuedAt: now, ExpiresAt: now.Add(s.config.RefreshTTL), KeyID: s.codec.ring.Active().ID()}
}

// endSession ends a session in the store, and here at once. It goes on where the
// request that asked for it has gone away: a replay must not get off by hanging up.
func (s *Service) endSession(ctx context.Context, row Session, minGeneration int64, state State, reason string, o mlapi.Origin) (ended bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	ended, err = s.store.EndSession(ctx, row.ID, minGeneration, state, reason, requestEvent(ctx, "", o))
	if ended {
		s.sessions.end(row.ID)
	}
	return ended, err
}
