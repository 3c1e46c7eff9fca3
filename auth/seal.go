package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// Sealer encrypts what a store keeps and must not be able to read: the private
// halves of signing keys. It is safe for concurrent use. Every Seal and Open costs
// one argon2id, about 20 ms of a core and 19 MiB. It keeps itself out of messages.
type Sealer struct{ secret []byte }

// A sealed text is: the version, a salt, a check of the secret, a nonce, and what
// AES-256-GCM (NIST SP 800-38D) makes of the plain text, its tag last. argon2id
// (RFC 9106) makes the key and the check of the secret and the salt.
const (
	sealVersion   = 1
	sealMemory    = 19 * 1024 // KiB
	sealTime      = 2
	sealThreads   = 1
	sealKeyBytes  = 32
	sealSalt      = 16
	sealCheck     = 16
	sealNonce     = 12
	sealTag       = 16
	sealHeader    = 1 + sealSalt + sealCheck + sealNonce
	maxSealedText = 64 << 10
)

// Faults of a sealed text.
var (
	errSealSecret  = errors.New("it was sealed with another secret")
	errSealDamaged = errors.New("it is damaged, or was sealed for another place")
	errSealVersion = errors.New("it was sealed by another version of mlapi")
)

// NewSealer returns the Sealer of a secret, which must not be empty. The secret
// may be of any length; argon2id makes guessing it slow, not impossible.
func NewSealer(secret string) (*Sealer, error) {
	if secret == "" {
		return nil, setupf("set a secret: any long random text, such as that of: openssl rand -base64 32",
			"there is no secret to seal the private keys in the store with")
	}
	return &Sealer{secret: []byte(secret)}, nil
}

// Seal encrypts plain for the place that aad names: it opens nowhere else.
func (s *Sealer) Seal(plain []byte, aad string) ([]byte, error) {
	sealed := make([]byte, sealHeader, sealHeader+len(plain)+sealTag)
	sealed[0] = sealVersion
	salt, check, nonce := sealParts(sealed)
	rand.Read(salt) // never fails
	rand.Read(nonce)
	aead, want, err := s.derive(salt)
	if err != nil {
		return nil, err
	}
	copy(check, want)
	return aead.Seal(sealed, nonce, plain, sealedFor(sealed, aad)), nil
}

// Open decrypts what Seal made for the place that aad names. It tells a wrong
// secret from a damaged text, as far as the damage is not in the part that tells.
func (s *Sealer) Open(sealed []byte, aad string) ([]byte, error) {
	switch {
	case len(sealed) < sealHeader+sealTag || len(sealed) > maxSealedText:
		return nil, errSealDamaged
	case sealed[0] != sealVersion:
		return nil, errSealVersion
	}
	salt, check, nonce := sealParts(sealed)
	aead, want, err := s.derive(salt)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(check, want) != 1 {
		return nil, errSealSecret
	}
	plain, err := aead.Open(nil, nonce, sealed[sealHeader:], sealedFor(sealed, aad))
	if err != nil {
		return nil, errSealDamaged
	}
	return plain, nil
}

// sealParts returns the parts of a sealed text's header behind the version.
func sealParts(sealed []byte) (salt, check, nonce []byte) {
	rest := sealed[1:sealHeader]
	return rest[:sealSalt], rest[sealSalt : sealSalt+sealCheck], rest[sealSalt+sealCheck:]
}

// sealedFor returns what the encryption binds beside the plain text: all of the
// header, and the place.
func sealedFor(sealed []byte, aad string) []byte {
	return append(append([]byte("mlapi sealed\x00"), sealed[:sealHeader]...), aad...)
}

// derive returns the cipher for a salt, and what tells the secret from another.
func (s *Sealer) derive(salt []byte) (aead cipher.AEAD, check []byte, err error) {
	derived := argon2.IDKey(s.secret, salt, sealTime, sealMemory, sealThreads, sealKeyBytes+sealCheck)
	block, err := aes.NewCipher(derived[:sealKeyBytes])
	if err == nil {
		aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("auth: make a cipher: %w", err)
	}
	return aead, derived[sealKeyBytes:], nil
}

// String keeps the secret out of messages.
func (s *Sealer) String() string { return "auth.Sealer" }

// GoString keeps the secret out of messages.
func (s *Sealer) GoString() string { return "&auth.Sealer{}" }
