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
