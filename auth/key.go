package auth

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
)

// Key signs tokens and verifies them: an RSA key pair, the algorithm it is used
// with and its identifier. It is never changed and safe for concurrent use.
type Key struct {
	signer    crypto.Signer
	public    *rsa.PublicKey
	algorithm jose.SignatureAlgorithm
	id        string
}

// NewKey returns the key of a signer, which may live elsewhere (a key management
// service). The algorithm is RS256 with 2048 bits, RS384 with 3072 or RS512 with
// 4096 (RFC 7518 §3.3); anything else is an error. The signer's Sign must be
// deterministic, as RSASSA-PKCS1-v1_5 is.
func NewKey(signer crypto.Signer, algorithm string) (*Key, error) {
	bits, err := keyBits(algorithm)
	if err != nil {
		return nil, err
	}
	if signer == nil {
		return nil, setupf("give a private RSA key", "there is no signing key")
	}
	public, ok := signer.Public().(*rsa.PublicKey)
	if !ok {
		return nil, setupf("give an RSA key", "the signing key is not an RSA key (%T)", signer.Public())
	}
	if got := public.N.BitLen(); got != bits {
		return nil, setupf(fmt.Sprintf("use a key of %d bits, or the algorithm that goes with it: RS256 2048, RS384 3072, RS512 4096", bits),
			"the signing key has %d bits, %s takes %d", got, algorithm, bits)
	}
	jwk := jose.JSONWebKey{Key: public}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("auth: thumbprint of the signing key: %w", err)
	}
	return &Key{
		signer:    signer,
		public:    public,
		algorithm: jose.SignatureAlgorithm(algorithm),
		id:        base64.RawURLEncoding.EncodeToString(thumbprint),
	}, nil
}

// keyBits returns the size of key that goes with an algorithm.
func keyBits(algorithm string) (int, error) {
	switch algorithm {
	case "RS256":
		return 2048, nil
	case "RS384":
		return 3072, nil
	case "RS512":
		return 4096, nil
	}
	return 0, setupf("AUTH_ALGORITHM is one of RS256, RS384 and RS512", "the signing algorithm %q is not known", algorithm)
}

// ID returns the key's identifier, the kid of its tokens: the SHA-256 thumbprint
// of RFC 7638, in base64url.
func (k *Key) ID() string { return k.id }

// Algorithm returns RS256, RS384 or RS512.
func (k *Key) Algorithm() string { return string(k.algorithm) }

// Public returns the public key. It must not be changed.
func (k *Key) Public() *rsa.PublicKey { return k.public }

// joseSigner returns a signer of tokens whose header is alg, kid and the given typ.
func (k *Key) joseSigner(typ string) (jose.Signer, error) {
	opaque := cryptosigner.Opaque(k.signer)
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(typ)).WithHeader("kid", k.id)
	return jose.NewSigner(jose.SigningKey{Algorithm: k.algorithm, Key: opaque}, options)
}
