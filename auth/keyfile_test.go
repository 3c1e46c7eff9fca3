package auth_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi/auth"
)

const keySecret = "key secret 4711"

// keyFolder is a folder for key files and the log of loading them.
type keyFolder struct {
	t     *testing.T
	files auth.KeyFiles
	log   bytes.Buffer
}

func newKeyFolder(t *testing.T) *keyFolder {
	dir := filepath.Join(t.TempDir(), "data", "keys")
	return &keyFolder{t: t, files: auth.KeyFiles{
		Public: filepath.Join(dir, "public.pem"), Private: filepath.Join(dir, "private.pem"), Algorithm: "RS256",
	}}
}

func (k *keyFolder) load() (*auth.Key, error) {
	return auth.LoadKey(k.files, slog.New(slog.NewTextHandler(&k.log, nil)))
}

// must loads the key, which must work, and returns its identifier.
func (k *keyFolder) must() string {
	k.t.Helper()
	key, err := k.load()
	if err != nil {
		k.t.Fatal(err)
	}
	return key.ID()
}

// fails loads the key, which must fail with an error and a hint that hold words.
func (k *keyFolder) fails(words ...string) {
	k.t.Helper()
	_, err := k.load()
	var hinter interface{ Hint() string }
	if err == nil || !errors.As(err, &hinter) || hinter.Hint() == "" {
		k.t.Fatalf("got %v, want an error with a hint", err)
	}
	text := err.Error() + "\n" + hinter.Hint()
	for _, word := range words {
		if !strings.Contains(text, word) {
			k.t.Errorf("%q does not hold %q", text, word)
		}
	}
	if strings.Contains(text, keySecret) {
		k.t.Errorf("%q holds the secret", text)
	}
}

func (k *keyFolder) read(path string) []byte {
	k.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		k.t.Fatal(err)
	}
	return content
}

func (k *keyFolder) write(path string, content []byte, mode os.FileMode) {
	k.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, mode), os.Chmod(path, mode)); err != nil {
		k.t.Fatal(err)
	}
}

func (k *keyFolder) mode(path string) os.FileMode {
	k.t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		k.t.Fatal(err)
	}
	return info.Mode().Perm()
}

func pemOf(kind string, der []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestKeyIsMadeAndReadBack(t *testing.T) {
	for _, secret := range []string{"", keySecret} {
		k := newKeyFolder(t)
		k.files.Secret = secret
		id := k.must()
		private := k.read(k.files.Private)
		want := "-----BEGIN PRIVATE KEY-----"
		if secret != "" {
			want = "-----BEGIN ENCRYPTED PRIVATE KEY-----"
		}
		if !bytes.HasPrefix(private, []byte(want)) {
			t.Errorf("the private file begins with %.40q", private)
		}
		if !bytes.HasPrefix(k.read(k.files.Public), []byte("-----BEGIN PUBLIC KEY-----")) {
			t.Error("the public file is not SPKI in PEM")
		}
		if again := k.must(); again != id {
			t.Error("a later start has another key")
		}
		if !bytes.Equal(private, k.read(k.files.Private)) {
			t.Error("a later start wrote the private file")
		}
		entries, err := os.ReadDir(filepath.Dir(k.files.Private))
		if err != nil || len(entries) != 2 {
			t.Errorf("the folder holds %v, %v", entries, err)
		}
		if strings.Contains(k.log.String(), keySecret) {
			t.Error("the log holds the secret")
		}
	}
}

// 12: the private key file was world-readable.
func TestWeakness12PrivateKeyForAll(t *testing.T) {
	k := newKeyFolder(t)
	id := k.must()
	for path, want := range map[string]os.FileMode{
		k.files.Private: 0o600, k.files.Public: 0o644,
		filepath.Dir(k.files.Private): 0o700, filepath.Dir(filepath.Dir(k.files.Private)): 0o700,
	} {
		if got := k.mode(path); got != want && !(path == k.files.Public && got == 0o600) {
			t.Errorf("%s has mode %v, want %v", path, got, want)
		}
	}
	if strings.Contains(k.log.String(), "WARN") {
		t.Errorf("a warning about a new key: %s", &k.log)
	}
	for mode, want := range map[os.FileMode]os.FileMode{0o644: 0o600, 0o640: 0o600, 0o604: 0o600, 0o444: 0o400} {
		if err := os.Chmod(k.files.Private, mode); err != nil {
			t.Fatal(err)
		}
		k.log.Reset()
		if k.must() != id {
			t.Error("another key")
		}
		if got := k.mode(k.files.Private); got != want {
			t.Errorf("mode %v became %v, want %v", mode, got, want)
		}
		if !strings.Contains(k.log.String(), "level=WARN") || !strings.Contains(k.log.String(), k.files.Private) {
			t.Errorf("no warning: %s", &k.log)
		}
	}
}

func TestPublicFileIsWrittenAnew(t *testing.T) {
	k := newKeyFolder(t)
	id := k.must()
	public := k.read(k.files.Public)
	if err := os.Remove(k.files.Public); err != nil {
		t.Fatal(err)
	}
	if k.must() != id || !bytes.Equal(public, k.read(k.files.Public)) {
		t.Error("the public file was not written from the private one")
	}
}

func TestPlainFileIsEncryptedInPlace(t *testing.T) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(rsaKey())
	for kind, content := range map[string][]byte{
		"PKCS #8": pemOf("PRIVATE KEY", pkcs8, err),
		"PKCS #1": pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()), nil),
	} {
		k := newKeyFolder(t)
		k.write(k.files.Private, content, 0o600)
		id := k.must() // plain without a secret stays
		if !bytes.Equal(content, k.read(k.files.Private)) {
			t.Errorf("%s: written without need", kind)
		}
		k.files.Secret = keySecret
		k.log.Reset()
		if k.must() != id {
			t.Errorf("%s: another key", kind)
		}
		if !bytes.Contains(k.read(k.files.Private), []byte("ENCRYPTED")) || k.mode(k.files.Private) != 0o600 {
			t.Errorf("%s: not encrypted in place", kind)
		}
		if !strings.Contains(k.log.String(), "encrypted now") {
			t.Errorf("%s: the log says %q", kind, &k.log)
		}
		if k.must() != id {
			t.Errorf("%s: another key after the encryption", kind)
		}
		k.files.Secret = ""
		k.fails(k.files.Private, "encrypted", "AUTH_PRIVATE_KEY_SAVE_SECRET")
	}
}

// A link to the private file stays one: the file behind it is encrypted.
func TestLinkedPrivateFile(t *testing.T) {
	k := newKeyFolder(t)
	real := filepath.Join(t.TempDir(), "real.pem")
	der, err := x509.MarshalPKCS8PrivateKey(rsaKey())
	k.write(real, pemOf("PRIVATE KEY", der, err), 0o600)
	if err := errors.Join(os.MkdirAll(filepath.Dir(k.files.Private), 0o700), os.Symlink(real, k.files.Private)); err != nil {
		t.Fatal(err)
	}
	k.files.Secret = keySecret
	k.must()
	if info, err := os.Lstat(k.files.Private); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if !bytes.Contains(k.read(real), []byte("ENCRYPTED")) {
		t.Error("the file behind the link is plain")
	}
}

func TestKeyFilesThatStopTheStart(t *testing.T) {
	made := newKeyFolder(t)
	made.files.Secret = keySecret
	made.must()
	encrypted := made.read(made.files.Private)
	der, err := x509.MarshalPKCS8PrivateKey(rsaKey())
	plain := pemOf("PRIVATE KEY", der, err)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	smallDER, err := x509.MarshalPKCS8PrivateKey(small)
	smallFile := pemOf("PRIVATE KEY", smallDER, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curveDER, err := x509.MarshalPKCS8PrivateKey(curve)
	curveFile := pemOf("PRIVATE KEY", curveDER, err)
	curvePublicDER, err := x509.MarshalPKIXPublicKey(&curve.PublicKey)
	curvePublic := pemOf("PUBLIC KEY", curvePublicDER, err)
	legacy := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der,
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}})
	publicDER, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	publicCut := pemOf("PUBLIC KEY", publicDER[:100], err)
	for _, c := range []struct {
		name            string
		public, private []byte // nil: no such file
		secret          string
		words           []string
	}{
		{"private missing", made.read(made.files.Public), nil, "", []string{"private.pem is missing", "public.pem exists", "delete"}},
		{"not fitting", made.read(made.files.Public), plain, "", []string{"public.pem does not belong", "private.pem", "delete the public file"}},
		{"wrong secret", nil, encrypted, keySecret + "x", []string{"private.pem", "the secret does not open it", "damaged", "AUTH_PRIVATE_KEY_SAVE_SECRET"}},
		{"no secret", nil, encrypted, "", []string{"private.pem", "encrypted and no secret", "AUTH_PRIVATE_KEY_SAVE_SECRET"}},
		{"wrong size", nil, smallFile, "", []string{"private.pem", "1024 bits", "2048"}},
		{"another kind of key", nil, curveFile, "", []string{"private.pem", "not an RSA key"}},
		{"public of another kind", curvePublic, plain, "", []string{"public.pem", "not an RSA key"}},
		{"private empty", nil, []byte{}, "", []string{"private.pem", "not a private key in PEM"}},
		{"private garbage", nil, []byte("hello"), keySecret, []string{"private.pem", "not a private key in PEM"}},
		{"private a certificate", nil, pemOf("CERTIFICATE", der, nil), "", []string{"private.pem", "not a private key in PEM"}},
		{"private cut off", nil, pemOf("PRIVATE KEY", der[:100], nil), "", []string{"private.pem", "its numbers do not make an RSA key", "from a copy"}},
		{"private cut off, PKCS #1", nil, pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey())[:100], nil), "",
			[]string{"private.pem", "its numbers do not make an RSA key", "from a copy"}},
		{"a kind of key that is not known", nil, pemOf("PRIVATE KEY", otherKind(der), nil), "", []string{"private.pem", "not an RSA key", "use an RSA key"}},
		{"public cut off", publicCut, plain, "", []string{"public.pem", "its numbers do not make an RSA key", "delete the public file"}},
		{"private is public", nil, made.read(made.files.Public), "", []string{"private.pem", "not a private key in PEM"}},
		{"public empty", []byte{}, plain, "", []string{"public.pem", "not a public key", "delete the public file"}},
		{"public is private", plain, plain, "", []string{"public.pem", "not a public key"}},
		{"legacy encryption", nil, legacy, keySecret, []string{"private.pem", "not supported", "openssl pkcs8"}},
		{"huge", nil, bytes.Repeat([]byte("x"), 1<<20), "", []string{"private.pem", "65536 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKeyFolder(t)
			k.files.Secret = c.secret
			for path, content := range map[string][]byte{k.files.Public: c.public, k.files.Private: c.private} {
				if content != nil {
					k.write(path, content, 0o600)
				}
			}
			k.fails(c.words...)
			for path, content := range map[string][]byte{k.files.Public: c.public, k.files.Private: c.private} {
				if after, err := os.ReadFile(path); content != nil && !bytes.Equal(after, content) || content == nil && err == nil {
					t.Errorf("%s was changed", path)
				}
			}
		})
	}
}

// otherKind returns a PKCS #8 key with the identifier of a kind of key that
// crypto/x509 does not read: id-RSASSA-PSS instead of rsaEncryption.
func otherKind(der []byte) []byte {
	pkcs1 := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}
	other := append(bytes.Clone(pkcs1[:8]), 0x0a)
	return bytes.Replace(der, pkcs1, other, 1)
}

// A key whose numbers do not fit is said to be so, not to be another sort of file.
func TestKeyWithWrongNumbers(t *testing.T) {
	key := rsaKey()
	wrong := new(big.Int).Add(key.D, big.NewInt(2))
	for name, numbers := range map[string]pkcs1Key{
		"e=1":           {E: 1, D: key.D, N: key.N, P: key.Primes[0], Q: key.Primes[1]},
		"e=2":           {E: 2, D: key.D, N: key.N, P: key.Primes[0], Q: key.Primes[1]},
		"wrong d":       {E: key.E, D: wrong, N: key.N, P: key.Primes[0], Q: key.Primes[1]},
		"wrong p":       {E: key.E, D: key.D, N: key.N, P: key.Primes[1], Q: key.Primes[1]},
		"wrong modulus": {E: key.E, D: key.D, N: new(big.Int).Add(key.N, big.NewInt(2)), P: key.Primes[0], Q: key.Primes[1]},
	} {
		numbers.Dp = new(big.Int).Mod(numbers.D, new(big.Int).Sub(numbers.P, big.NewInt(1)))
		numbers.Dq = new(big.Int).Mod(numbers.D, new(big.Int).Sub(numbers.Q, big.NewInt(1)))
		numbers.Qinv = new(big.Int).ModInverse(key.Primes[1], key.Primes[0])
		pkcs1, err := asn1.Marshal(numbers)
		pkcs8, err8 := asn1.Marshal(struct {
			Version   int
			Algorithm pkix.AlgorithmIdentifier
			Key       []byte
		}{0, pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, Parameters: asn1.NullRawValue}, pkcs1})
		for _, file := range [][]byte{pemOf("RSA PRIVATE KEY", pkcs1, err), pemOf("PRIVATE KEY", pkcs8, err8)} {
			t.Run(name, func(t *testing.T) {
				k := newKeyFolder(t)
				k.write(k.files.Private, file, 0o644)
				k.fails("private.pem", "its numbers do not make an RSA key", "put the file back from a copy")
				if got := k.mode(k.files.Private); got != 0o644 {
					t.Errorf("the mode became %v", got)
				}
			})
		}
	}
}

// pkcs1Key is RSAPrivateKey of RFC 8017, appendix A.1.2.
type pkcs1Key struct {
	Version int
	N       *big.Int
	E       int
	D       *big.Int
	P, Q    *big.Int
	Dp, Dq  *big.Int
	Qinv    *big.Int
}

func TestKeyPathsThatStopTheStart(t *testing.T) {
	k := newKeyFolder(t)
	good := k.files
	k.files.Public = good.Private
	k.fails("two different files")
	k.files.Public = filepath.Dir(good.Private) + "/./" + filepath.Base(good.Private)
	k.fails("two different files")
	k.files = good
	k.files.Private = ""
	k.fails("AUTH_PRIVATE_KEY_SAVE_FILEPATH")
	k.files = good
	file := filepath.Join(t.TempDir(), "file")
	k.write(file, nil, 0o600)
	k.files.Private = filepath.Join(file, "private.pem")
	k.fails(k.files.Private)
	k.files = good
	if err := os.MkdirAll(good.Private, 0o700); err != nil {
		t.Fatal(err)
	}
	k.fails(good.Private, "cannot be read", "a folder")
}

// What does not prove to be a private key is not touched, whoever can read it.
func TestOnlyAPrivateKeyIsTightened(t *testing.T) {
	made := newKeyFolder(t)
	made.files.Secret = keySecret
	made.must()
	for name, content := range map[string][]byte{
		"no key":           []byte("a file of somebody's"),
		"a public key":     made.read(made.files.Public),
		"not to be opened": made.read(made.files.Private),
	} {
		k := newKeyFolder(t)
		k.write(k.files.Private, content, 0o644)
		k.fails(k.files.Private)
		if got := k.mode(k.files.Private); got != 0o644 {
			t.Errorf("%s: the mode became %v", name, got)
		}
	}
}

// Starts at once end up with one key.
func TestKeysMadeAtOnce(t *testing.T) {
	k := newKeyFolder(t)
	ids := make([]string, 6)
	errs := inParallel(len(ids), func(i int) error {
		key, err := auth.LoadKey(k.files, nil)
		if err == nil {
			ids[i] = key.ID()
		}
		return err
	})
	for i, err := range errs {
		if err != nil || ids[i] != ids[0] {
			t.Errorf("%v: key %s and %s", err, ids[i], ids[0])
		}
	}
	if k.must() != ids[0] {
		t.Error("the file holds another key")
	}
}

// The identifier is the thumbprint of RFC 7638, whose §3.1 has this example; its
// key has 2048 bits and only the public half.
func TestKeyID(t *testing.T) {
	key, err := auth.NewKey(exampleSigner{}, "RS256")
	if err != nil {
		t.Fatal(err)
	}
	if want := "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"; key.ID() != want {
		t.Errorf("kid %s, want %s", key.ID(), want)
	}
	if key.Algorithm() != "RS256" || key.Public().E != 65537 {
		t.Errorf("%s, exponent %d", key.Algorithm(), key.Public().E)
	}
}

func TestNewKeyRefuses(t *testing.T) {
	if _, err := auth.NewKey(nil, "RS256"); err == nil {
		t.Error("a key without a signer")
	}
	for _, algorithm := range []string{"RS384", "RS512"} {
		if _, err := auth.NewKey(rsaKey(), algorithm); err == nil || !strings.Contains(err.Error(), "2048 bits") {
			t.Errorf("2048 bits with %s: %v", algorithm, err)
		}
	}
}

// exampleSigner has the public key of RFC 7638 §3.1 and signs nothing.
type exampleSigner struct{}

func (exampleSigner) Public() crypto.PublicKey {
	n, err := base64.RawURLEncoding.DecodeString("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE" +
		"CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q" +
		"vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6" +
		"WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")
	if err != nil {
		panic(err)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
}

func (exampleSigner) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.ErrUnsupported
}
