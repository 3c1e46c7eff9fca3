package auth

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
)

// Key signs tokens and verifies them: an RSA key pair, the algorithm it is used
// with and its identifier. It is safe for concurrent use.
type Key struct {
	signer          crypto.Signer // nil: it only verifies
	access, refresh jose.Signer
	public          *rsa.PublicKey
	algorithm       jose.SignatureAlgorithm
	id              string
	// lost is set once, when the key is known as compromised or has gone from the
	// store: what it signed is no longer to be trusted, remembered or not.
	lost atomic.Bool
}

// NewKey returns the key of a signer, which may live elsewhere (a key management
// service). The algorithm is RS256 with 2048 bits, RS384 with 3072 or RS512 with
// 4096 (RFC 7518 §3.3); anything else is an error. The signer's Sign must be
// deterministic, as RSASSA-PKCS1-v1_5 is.
func NewKey(signer crypto.Signer, algorithm string) (*Key, error) {
	if _, err := keyBits(algorithm); err != nil {
		return nil, err
	}
	if signer == nil {
		return nil, setupf("give a private RSA key", "there is no signing key")
	}
	public, ok := signer.Public().(*rsa.PublicKey)
	if !ok {
		return nil, setupf("give an RSA key", "the signing key is not an RSA key (%T)", signer.Public())
	}
	return newKey(public, signer, algorithm)
}

// newKey is NewKey of a public key whose private half may be missing.
func newKey(public *rsa.PublicKey, signer crypto.Signer, algorithm string) (*Key, error) {
	bits, err := keyBits(algorithm)
	if err != nil {
		return nil, err
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
	k := &Key{
		signer:    signer,
		public:    public,
		algorithm: jose.SignatureAlgorithm(algorithm),
		id:        base64.RawURLEncoding.EncodeToString(thumbprint),
	}
	if signer == nil {
		return k, nil
	}
	if k.access, err = k.joseSigner(accessToken.typ()); err == nil {
		k.refresh, err = k.joseSigner(refreshToken.typ())
	}
	if err != nil {
		return nil, fmt.Errorf("auth: signer: %w", err)
	}
	return k, nil
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

// algorithmOf returns the algorithm that goes with a key's size, or otherwise where
// none does.
func algorithmOf(public *rsa.PublicKey, otherwise string) string {
	for _, algorithm := range []string{"RS256", "RS384", "RS512"} {
		if bits, err := keyBits(algorithm); err == nil && bits == public.N.BitLen() {
			return algorithm
		}
	}
	return otherwise
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

// jwk is a public key as RFC 7517 §4 and RFC 7518 §6.3.1 write it.
type jwk struct {
	Type      string `json:"kty"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
}

func (k *Key) jwk() jwk {
	exponent := binary.BigEndian.AppendUint64(nil, uint64(k.public.E))
	for exponent[0] == 0 { // the fewest octets (RFC 7518 §6.3.1.2); E is never 0
		exponent = exponent[1:]
	}
	encode := base64.RawURLEncoding.EncodeToString
	return jwk{
		Type: "RSA", Modulus: encode(k.public.N.Bytes()), Exponent: encode(exponent),
		Use: "sig", Algorithm: string(k.algorithm), ID: k.id,
	}
}

// sealPlace is what the private half of the key of that id is sealed for: in
// another row, or as another thing, it does not open.
func sealPlace(id string) string { return "signing key\x00" + id }

// sealKey returns the row of a key whose private half is at hand.
func sealKey(k *Key, sealer *Sealer) (StoredKey, error) {
	public, err := x509.MarshalPKIXPublicKey(k.public)
	if err != nil {
		return StoredKey{}, fmt.Errorf("auth: encode a public key: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return StoredKey{}, fmt.Errorf("auth: encode a private key: %w", err)
	}
	sealed, err := sealer.Seal(private, sealPlace(k.id))
	clear(private)
	if err != nil {
		return StoredKey{}, err
	}
	return StoredKey{ID: k.id, Algorithm: string(k.algorithm), Public: public, Private: sealed}, nil
}

// openKey returns the key of a row. Its public half must be the one that the row is
// named after. Where the private half does not open, or is not the public one's,
// sealFault says why and the key only verifies.
func openKey(row StoredKey, sealer *Sealer) (k *Key, sealFault, err error) {
	parsed, err := x509.ParsePKIXPublicKey(row.Public)
	if err != nil {
		return nil, nil, fmt.Errorf("its public half is damaged: %w", err)
	}
	public, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, nil, errKeyNotRSA
	}
	signer, sealFault := openPrivate(row, public, sealer)
	if k, err = newKey(public, signer, row.Algorithm); err != nil {
		return nil, nil, err
	}
	if k.id != row.ID {
		return nil, nil, fmt.Errorf("its public half is that of another key, %s", k.id)
	}
	return k, sealFault, nil
}

// openPrivate returns the private half of a row, or nil and why there is none.
func openPrivate(row StoredKey, public *rsa.PublicKey, sealer *Sealer) (crypto.Signer, error) {
	plain, err := sealer.Open(row.Private, sealPlace(row.ID))
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	clear(plain)
	if err != nil {
		return nil, errSealDamaged
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok || !private.PublicKey.Equal(public) {
		return nil, errSealDamaged
	}
	return private, nil
}
