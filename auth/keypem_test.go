package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// encrypted builds an encrypted PKCS #8 file of the given parts around nothing.
func encryptedFile(kdf, cipher pkix.AlgorithmIdentifier, scheme asn1.ObjectIdentifier, data []byte) []byte {
	params := mustDER(struct{ KDF, Cipher pkix.AlgorithmIdentifier }{kdf, cipher})
	der := mustDER(struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: scheme, Parameters: asn1.RawValue{FullBytes: params}}, data})
	return pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})
}

func mustDER(v any) []byte {
	der, err := asn1.Marshal(v)
	if err != nil {
		panic(err)
	}
	return der
}

func algorithm(parameters any, oid ...int) pkix.AlgorithmIdentifier {
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: mustDER(parameters)}}
}

// Hostile key files end in an error before any work is done, never in a panic.
func TestHostileKeyFiles(t *testing.T) {
	type pbkdf2 struct {
		Salt       []byte
		Iterations int
	}
	type pbkdf2Length struct {
		Salt       []byte
		Iterations int
		KeyLength  int
	}
	type pbkdf2PRF struct {
		Salt       []byte
		Iterations int
		PRF        pkix.AlgorithmIdentifier
	}
	type scrypt struct {
		Salt    []byte
		N, R, P int
	}
	pbes2 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	salt := make([]byte, 8)
	aes := algorithm(make([]byte, 16), 2, 16, 840, 1, 101, 3, 4, 1, 42)
	kdf := func(parameters any) pkix.AlgorithmIdentifier {
		return algorithm(parameters, 1, 2, 840, 113549, 1, 5, 12)
	}
	scryptKDF := func(n, r, p int) pkix.AlgorithmIdentifier {
		return algorithm(scrypt{salt, n, r, p}, 1, 3, 6, 1, 4, 1, 11591, 4, 11)
	}
	cheap, block := kdf(pbkdf2{salt, 1000}), make([]byte, 32)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"wrong secret":                     {encryptedFile(cheap, aes, pbes2, block), errWrongSecret},
		"too many iterations":              {encryptedFile(kdf(pbkdf2{salt, maxPBKDF2Iterations + 1}), aes, pbes2, block), errKeyCostTooLarge},
		"no iterations":                    {encryptedFile(kdf(pbkdf2{salt, 0}), aes, pbes2, block), errUnsupportedKey},
		"negative iterations":              {encryptedFile(kdf(pbkdf2{salt, -1}), aes, pbes2, block), errUnsupportedKey},
		"a key length":                     {encryptedFile(kdf(pbkdf2Length{salt, 1000, 32}), aes, pbes2, block), errUnsupportedKey},
		"SHA-512":                          {encryptedFile(kdf(pbkdf2PRF{salt, 1000, algorithm(asn1.NullRawValue, 1, 2, 840, 113549, 2, 11)}), aes, pbes2, block), errUnsupportedKey},
		"scrypt, much memory":              {encryptedFile(scryptKDF(1<<30, 8, 1), aes, pbes2, block), errKeyCostTooLarge},
		"scrypt, great blocks":             {encryptedFile(scryptKDF(16, 1<<40, 1), aes, pbes2, block), errKeyCostTooLarge},
		"scrypt, much parallel":            {encryptedFile(scryptKDF(16, 8, 1<<30), aes, pbes2, block), errKeyCostTooLarge},
		"scrypt, a step too much memory":   {encryptedFile(scryptKDF(1<<20, 2, 1), aes, pbes2, block), errKeyCostTooLarge},
		"scrypt, much work, little memory": {encryptedFile(scryptKDF(1<<14, 8, 17), aes, pbes2, block), errKeyCostTooLarge},
		"scrypt, all is much":              {encryptedFile(scryptKDF(1<<62, 1<<62, 1<<62), aes, pbes2, block), errKeyCostTooLarge},
		"scrypt as OpenSSL has it":         {encryptedFile(scryptKDF(1<<14, 8, 1), aes, pbes2, block), errWrongSecret},
		"scrypt, negative":                 {encryptedFile(scryptKDF(16, -8, 1), aes, pbes2, block), errUnsupportedKey},
		"scrypt, not a power":              {encryptedFile(scryptKDF(15, 8, 1), aes, pbes2, block), errWrongSecret},
		"another scheme":                   {encryptedFile(cheap, aes, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 10}, block), errUnsupportedKey},
		"another derivation":               {encryptedFile(algorithm(pbkdf2{salt, 1}, 1, 2, 3), aes, pbes2, block), errUnsupportedKey},
		"3DES":                             {encryptedFile(cheap, algorithm(salt, 1, 2, 840, 113549, 3, 7), pbes2, block), errUnsupportedKey},
		"a short IV":                       {encryptedFile(cheap, algorithm(salt, 2, 16, 840, 1, 101, 3, 4, 1, 42), pbes2, block), errUnsupportedKey},
		"a broken block":                   {encryptedFile(cheap, aes, pbes2, block[:31]), errUnsupportedKey},
		"no data":                          {encryptedFile(cheap, aes, pbes2, nil), errUnsupportedKey},
		"no DER":                           {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}), errUnsupportedKey},
	} {
		began := time.Now()
		_, encrypted, err := decodePrivateKey(c.file, "secret")
		if !errors.Is(err, c.want) || !encrypted {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if errors.Is(c.want, errKeyCostTooLarge) && (err == nil || !strings.Contains(err.Error(), " at most") && !strings.Contains(err.Error(), "there may be")) {
			t.Errorf("%s: %v does not say how much may be", name, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// The bounds themselves are inside: what they let through is not refused for its
// cost. Nothing is derived here.
func TestScryptBounds(t *testing.T) {
	for _, c := range []struct {
		n, r, p int
		ok      bool
	}{
		{1 << 20, 1, 1, true}, {1 << 20, 1, 2, true}, {1 << 20, 1, 3, false}, {1<<20 + 1, 1, 1, false},
		{1 << 17, 8, 2, true}, {1 << 17, 8, 3, false}, {1 << 17, 9, 1, false}, {1 << 14, 8, 16, true}, {1 << 14, 8, 17, false},
		{2, 1, 1 << 20, true}, {2, 1, 1<<20 + 1, false},
	} {
		err := checkScrypt(mustDER(struct {
			Salt    []byte
			N, R, P int
		}{make([]byte, 8), c.n, c.r, c.p}))
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, errKeyCostTooLarge) {
			t.Errorf("N=%d, r=%d, p=%d: %v", c.n, c.r, c.p, err)
		}
	}
}

func TestPrivateKeyRoundTrip(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"", "secret", "pass wörd"} {
		file, err := encodePrivateKey(key, secret)
		if err != nil {
			t.Fatal(err)
		}
		got, encrypted, err := decodePrivateKey(file, secret)
		if err != nil || !got.Equal(key) || encrypted != (secret != "") {
			t.Errorf("secret %q: %v, %v", secret, encrypted, err)
		}
	}
}

// A private file that cannot be tightened (a mounted secret) stops the start where
// everybody can read it.
func TestPrivateFileThatCannotBeTightened(t *testing.T) {
	for _, c := range []struct {
		mode  fs.FileMode
		chmod error
		fails bool
		log   string
	}{
		{0o644, nil, false, "was tightened"},
		{0o644, fs.ErrPermission, true, ""},
		{0o604, fs.ErrPermission, true, ""},
		{0o640, fs.ErrPermission, false, "by a group, and that cannot be changed"},
	} {
		var log strings.Builder
		err := judgeMode("private.pem", c.mode, c.chmod, slog.New(slog.NewTextHandler(&log, nil)))
		if (err != nil) != c.fails || !strings.Contains(log.String(), c.log) || c.log == "" && log.Len() > 0 {
			t.Errorf("mode %v, chmod %v: %v, log %q", c.mode, c.chmod, err, log.String())
		}
	}
}

func TestShellQuote(t *testing.T) {
	for text, want := range map[string]string{
		"ClientA": "ClientA", "a@b.example": "a@b.example", "": "''", "-x": "'-x'", "two words": "'two words'",
		"it's": `'it'\''s'`, "$HOME": "'$HOME'", "a;b": "'a;b'",
	} {
		if got := shellQuote(text); got != want {
			t.Errorf("%q is quoted as %s, want %s", text, got, want)
		}
	}
}
