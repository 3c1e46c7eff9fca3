package auth

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"
)

// Bounds of the key derivations that an encrypted key file may ask for, checked
// before any is run. OpenSSL writes 2,048 iterations, we write 600,000 (the OWASP
// cheat sheet's number for PBKDF2-HMAC-SHA256).
const (
	pbkdf2Iterations    = 600_000
	pbkdf2SaltBytes     = 16
	maxPBKDF2Iterations = 10_000_000
	maxScryptBytes      = 128 << 20 // 128*N*r of RFC 7914
	maxScryptWork       = 1 << 21   // N*r*p, twice what the most memory takes
)

// Faults of a private key file, each with its own advice to the operator.
var (
	errNeedsSecret     = errors.New("it is encrypted and no secret is set")
	errWrongSecret     = errors.New("the secret does not open it, or it is damaged")
	errUnreadableKey   = errors.New("it is not a private key in PEM form")
	errKeyNumbers      = errors.New("its numbers do not make an RSA key")
	errUnsupportedKey  = errors.New("it is encrypted in a way that is not supported")
	errKeyNotRSA       = errors.New("it is not an RSA key")
	errKeyCostTooLarge = errors.New("its key derivation asks for too much work")
)

// encodePrivateKey returns key as PKCS #8 in PEM, encrypted with AES-256-CBC and
// PBKDF2-HMAC-SHA256 (RFC 8018 PBES2) where the secret is not empty.
func encodePrivateKey(key *rsa.PrivateKey, secret string) ([]byte, error) {
	options := &pkcs8.Opts{
		Cipher: pkcs8.AES256CBC,
		KDFOpts: pkcs8.PBKDF2Opts{
			SaltSize: pbkdf2SaltBytes, IterationCount: pbkdf2Iterations, HMACHash: crypto.SHA256,
		},
	}
	der, err := pkcs8.MarshalPrivateKey(key, []byte(secret), options)
	if err != nil {
		return nil, fmt.Errorf("auth: encode the private key: %w", err)
	}
	block := &pem.Block{Type: "PRIVATE KEY", Bytes: der}
	if secret != "" {
		block.Type = "ENCRYPTED PRIVATE KEY"
	}
	return pem.EncodeToMemory(block), nil
}

// decodePrivateKey reads a private key in PEM: PKCS #8, plain or encrypted, or
// plain PKCS #1. encrypted says which it was. The errors are those above.
func decodePrivateKey(file []byte, secret string) (key *rsa.PrivateKey, encrypted bool, err error) {
	block, _ := pem.Decode(file)
	if block == nil {
		return nil, false, errUnreadableKey
	}
	var parsed any
	switch {
	case block.Headers["DEK-Info"] != "":
		return nil, true, errUnsupportedKey // RFC 1423: MD5 and no integrity
	case block.Type == "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case block.Type == "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "ENCRYPTED PRIVATE KEY":
		encrypted = true
		parsed, err = decryptPrivateKey(block.Bytes, secret)
	default:
		return nil, false, errUnreadableKey
	}
	switch {
	case err != nil && encrypted:
		return nil, true, err
	case err != nil:
		return nil, false, keyFault(block.Bytes, err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, encrypted, errKeyNotRSA
	}
	return key, encrypted, nil
}

// keyFault returns what is wrong with a private key of the right form that cannot
// be parsed: it is damaged, or of a kind that crypto/x509 does not know.
func keyFault(der []byte, err error) error {
	var info struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}
	rsaEncryption := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	if unmarshalDER(der, &info) && !info.Algorithm.Algorithm.Equal(rsaEncryption) {
		return errKeyNotRSA
	}
	return fmt.Errorf("%w: %w", errKeyNumbers, err)
}

func decryptPrivateKey(der []byte, secret string) (any, error) {
	if secret == "" {
		return nil, errNeedsSecret
	}
	if err := checkEncryption(der); err != nil {
		return nil, err
	}
	parsed, err := pkcs8.ParsePKCS8PrivateKey(der, []byte(secret))
	if err != nil {
		return nil, errWrongSecret
	}
	return parsed, nil
}

// checkEncryption reads how a PKCS #8 file is encrypted (RFC 8018 appendix A) and
// refuses what youmark/pkcs8 does not read, does not bound or would panic on.
func checkEncryption(der []byte) error {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	var scheme struct{ KDF, Cipher pkix.AlgorithmIdentifier }
	var iv []byte
	if !unmarshalDER(der, &info) ||
		!unmarshalDER(info.Algorithm.Parameters.FullBytes, &scheme) ||
		!unmarshalDER(scheme.Cipher.Parameters.FullBytes, &iv) {
		return errUnsupportedKey
	}
	oid := func(last ...int) asn1.ObjectIdentifier { return last }
	cipher := scheme.Cipher.Algorithm
	isCBC := cipher.Equal(oid(2, 16, 840, 1, 101, 3, 4, 1, 2)) || // aes128-CBC
		cipher.Equal(oid(2, 16, 840, 1, 101, 3, 4, 1, 22)) || // aes192-CBC
		cipher.Equal(oid(2, 16, 840, 1, 101, 3, 4, 1, 42)) // aes256-CBC
	switch {
	case !info.Algorithm.Algorithm.Equal(oid(1, 2, 840, 113549, 1, 5, 13)): // PBES2
		return errUnsupportedKey
	case !isCBC || len(iv) != 16 || len(info.Data) == 0 || len(info.Data)%16 != 0:
		return errUnsupportedKey
	}
	kdf := scheme.KDF
	switch {
	case kdf.Algorithm.Equal(oid(1, 2, 840, 113549, 1, 5, 12)): // PBKDF2
		return checkPBKDF2(kdf.Parameters.FullBytes)
	case kdf.Algorithm.Equal(oid(1, 3, 6, 1, 4, 1, 11591, 4, 11)): // scrypt
		return checkScrypt(kdf.Parameters.FullBytes)
	}
	return errUnsupportedKey
}

// unmarshalDER reports whether der begins with a value of into's type.
func unmarshalDER(der []byte, into any) bool {
	_, err := asn1.Unmarshal(der, into)
	return err == nil
}

func checkPBKDF2(der []byte) error {
	var p struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if !unmarshalDER(der, &p) {
		return errUnsupportedKey
	}
	prf := p.PRF.Algorithm
	switch {
	case len(prf) != 0 &&
		!prf.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}) && // hmacWithSHA1
		!prf.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}): // hmacWithSHA256
		return errUnsupportedKey
	case p.Iterations < 1 || p.KeyLength != 0: // pkcs8 mistakes a key length for the end
		return errUnsupportedKey
	case p.Iterations > maxPBKDF2Iterations:
		return fmt.Errorf("%w: PBKDF2 with %d iterations, of which there may be %d", errKeyCostTooLarge, p.Iterations, maxPBKDF2Iterations)
	}
	return nil
}

func checkScrypt(der []byte) error {
	var p struct {
		Salt           []byte
		N, R, Parallel int
	}
	if !unmarshalDER(der, &p) || p.N < 1 || p.R < 1 || p.Parallel < 1 {
		return errUnsupportedKey
	}
	const most = maxScryptBytes / 128 // of N*r; the divisions below cannot overflow
	if p.R > most || p.N > most/p.R || p.Parallel > maxScryptWork/(p.N*p.R) {
		return fmt.Errorf("%w: scrypt with N=%d, r=%d and p=%d, where 128*N*r may be %d MiB and N*r*p %d at most",
			errKeyCostTooLarge, p.N, p.R, p.Parallel, maxScryptBytes>>20, maxScryptWork)
	}
	return nil
}

// encodePublicKey returns key as SubjectPublicKeyInfo in PEM.
func encodePublicKey(key *rsa.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("auth: encode the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// decodePublicKey reads a public RSA key in PEM (SubjectPublicKeyInfo).
func decodePublicKey(file []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(file)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New("it is not a public key in PEM form")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKeyNumbers, err)
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errKeyNotRSA
	}
	return key, nil
}
