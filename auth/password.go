package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Parameters of new password hashes: the OWASP cheat sheet's second choice, 19 MiB
// for about 20 ms of one core.
const (
	hashMemory   = 19 * 1024 // KiB
	hashTime     = 2
	hashThreads  = 1
	hashSaltSize = 16
	hashKeySize  = 32
)

// Bounds of the parameters that are read from a stored hash.
const (
	maxHashMemory  = 64 * 1024 // KiB
	maxHashTime    = 8
	maxHashThreads = 4
	maxHashText    = 256
)

// passwordHash is a PHC string taken apart:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type passwordHash struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
	salt    []byte
	key     []byte
}

// hashPassword returns a new PHC string of password.
func hashPassword(password string) string {
	h := passwordHash{memory: hashMemory, time: hashTime, threads: hashThreads, salt: make([]byte, hashSaltSize)}
	rand.Read(h.salt) // never fails
	h.key = argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, hashKeySize)
	return h.phc()
}

// phc returns h as a PHC string.
func (h passwordHash) phc() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, h.time, h.threads, encode(h.salt), encode(h.key))
}

// parseHash takes a PHC string apart. It accepts what hashPassword writes, also
// with other parameters up to the bounds, and nothing else.
func parseHash(phc string) (passwordHash, error) {
	var h passwordHash
	var version int
	var rest string
	if len(phc) > maxHashText {
		return h, errors.New("auth: the password hash is too long")
	}
	_, err := fmt.Sscanf(phc, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &h.memory, &h.time, &h.threads, &rest)
	if err != nil {
		return h, errors.New("auth: the password hash is not an argon2id PHC string")
	}
	salt, key, _ := strings.Cut(rest, "$")
	decode := base64.RawStdEncoding.Strict().DecodeString
	if h.salt, err = decode(salt); err == nil {
		h.key, err = decode(key)
	}
	switch {
	case err != nil || len(h.salt) < 8 || len(h.key) < 16 || len(h.key) > 64:
		return h, errors.New("auth: salt or key of the password hash is damaged")
	case version != argon2.Version || h.phc() != phc:
		return h, errors.New("auth: the password hash is not written as this version of argon2 writes it")
	case h.time < 1 || h.time > maxHashTime || h.threads < 1 || h.threads > maxHashThreads || h.memory > maxHashMemory:
		return h, errors.New("auth: the parameters of the password hash are out of bounds")
	}
	return h, nil
}

// needsRehash reports whether phc is a hash of weaker parameters than new ones have.
func needsRehash(phc string) bool {
	h, err := parseHash(phc)
	return err == nil && (h.memory < hashMemory || h.time < hashTime || len(h.key) < hashKeySize || len(h.salt) < hashSaltSize)
}

// matches reports whether password has the hash h, in a time that depends on the
// parameters alone.
func (h passwordHash) matches(password string) bool {
	key := argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

// dummyHash is a hash of the usual cost that no password has: its key is not a
// hash at all. Checking it takes as long as checking a client's.
func dummyHash() passwordHash {
	h := passwordHash{
		memory: hashMemory, time: hashTime, threads: hashThreads,
		salt: make([]byte, hashSaltSize), key: make([]byte, hashKeySize),
	}
	rand.Read(h.key)
	return h
}

// checkPassword runs one argon2id and reports whether phc is that of password.
// Where phc is empty or broken it runs as long and reports false.
func checkPassword(phc, password string) (right bool, err error) {
	if phc == "" {
		return dummyHash().matches(password) && false, nil
	}
	h, err := parseHash(phc)
	if err != nil {
		return dummyHash().matches(password) && false, err
	}
	return h.matches(password), nil
}
