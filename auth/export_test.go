package auth

import (
	"context"
	"time"
)

// NewAt is New with a clock of the test's.
func NewAt(cfg Config, now func() time.Time) (*Service, error) { return newService(cfg, now) }

// SignRow returns the refresh token of a session's row.
func (s *Service) SignRow(row Session) (string, error) { return s.codec.sign(refreshTokenOf(row)) }

// CheckPassword reports whether phc is the hash of password.
func CheckPassword(phc, password string) bool {
	right, err := checkPassword(phc, password)
	return right && err == nil
}

// Follow reads the feed once, as Run does.
func (s *Service) Follow(ctx context.Context) { s.follow(ctx) }

// Remembered returns how many verified tokens the service remembers.
func (s *Service) Remembered() (n int) {
	for i := range s.verified.shards {
		shard := &s.verified.shards[i]
		shard.mu.RLock()
		n += len(shard.entries)
		shard.mu.RUnlock()
	}
	return n
}

// HashedLongAgo makes the last password hash one of a while ago.
func (s *Service) HashedLongAgo() { s.hashes.last.Store(time.Now().Add(-hashAfterglow).UnixNano()) }

// Settled reports whether the memory of password hashes was given back since.
func (s *Service) Settled() bool { return s.hashes.last.Load() == 0 }
