package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"math"
	"time"
)

// When the newest tokens are given out once more to somebody who presents the
// token before them. A window of time alone lets a thief and the client walk in
// step for ever, so all rules but the configured grace end when the newest tokens
// are known to have arrived.
const (
	keyWindow         = 10 * time.Second // the same key is enough, whatever arrived
	undeliveredWindow = time.Minute
	maxGrace          = 30 * time.Second
	graceRepeats      = 3
)

// retryKeyHash returns what is kept of an Idempotency-Key; "" of none.
func retryKeyHash(key string) string {
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// repeat is a rule by which tokens are given out once more.
type repeat struct {
	rule string // for the audit log; "": there is none
	most int    // so many times in all
}

// repeatOf returns the rule by which the newest tokens of row are given out again to
// a request with the hash of a key, at the store's time row.ReadAt: the same key,
// within keyWindow or as long as none of them was used; the answer is known to be
// lost; or the configured grace.
func repeatOf(row Session, keyHash string, grace time.Duration) repeat {
	r := row.Retry
	age := row.ReadAt.Sub(r.RotatedAt)
	arrived := r.Confirmed >= row.Generation
	sameKey := keyHash != "" && subtle.ConstantTimeCompare([]byte(keyHash), []byte(r.Key)) == 1
	switch {
	case sameKey && (age <= keyWindow || !arrived):
		return repeat{rule: "the same idempotency key", most: math.MaxInt32}
	case r.Undelivered && !arrived && age <= undeliveredWindow:
		return repeat{rule: "the answer could not be sent", most: math.MaxInt32}
	case grace > 0 && age <= grace && r.Repeats < graceRepeats:
		return repeat{rule: "within the grace", most: graceRepeats}
	}
	return repeat{}
}
