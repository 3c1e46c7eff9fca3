//go:build integration

package auth_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// openssl runs the program, which must succeed.
func openssl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("openssl", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %s: %v (install it: apt-get install openssl)\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Keys that openssl writes are read, and those that we write openssl reads.
func TestKeyFilesOfOpenSSL(t *testing.T) {
	for name, options := range map[string][]string{
		"plain":       {"-nocrypt"},
		"default":     {"-v2", "aes256", "-passout", "pass:" + keySecret},
		"aes128 SHA1": {"-v2", "aes128", "-v2prf", "hmacWithSHA1", "-passout", "pass:" + keySecret},
		"600,000":     {"-v2", "aes256", "-iter", "600000", "-passout", "pass:" + keySecret},
		"scrypt":      {"-scrypt", "-passout", "pass:" + keySecret},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeyFolder(t)
			raw := filepath.Join(t.TempDir(), "raw.pem")
			openssl(t, "genrsa", "-out", raw, "2048")
			if err := os.MkdirAll(filepath.Dir(k.files.Private), 0o700); err != nil {
				t.Fatal(err)
			}
			openssl(t, append([]string{"pkcs8", "-topk8", "-in", raw, "-out", k.files.Private}, options...)...)
			k.files.Secret = keySecret
			k.must()
			want := openssl(t, "rsa", "-in", raw, "-pubout")
			if got := openssl(t, "rsa", "-in", k.files.Private, "-passin", "pass:"+keySecret, "-pubout"); tail(got) != tail(want) {
				t.Error("openssl reads another key from the private file")
			}
			if got := openssl(t, "rsa", "-pubin", "-in", k.files.Public, "-pubout"); tail(got) != tail(want) {
				t.Error("openssl reads another key from the public file")
			}
		})
	}
}

// Encryptions that cannot be read say so, and not that the secret is wrong.
func TestUnsupportedKeyFilesOfOpenSSL(t *testing.T) {
	for name, options := range map[string][]string{
		"SHA512":  {"-v2", "aes256", "-v2prf", "hmacWithSHA512"},
		"PBES1":   {"-v1", "PBE-SHA1-3DES"},
		"3DES":    {"-v2", "des3"},
		"too far": {"-v2", "aes256", "-iter", "10000001"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeyFolder(t)
			raw := filepath.Join(t.TempDir(), "raw.pem")
			openssl(t, "genrsa", "-out", raw, "2048")
			if err := os.MkdirAll(filepath.Dir(k.files.Private), 0o700); err != nil {
				t.Fatal(err)
			}
			openssl(t, append([]string{"pkcs8", "-topk8", "-in", raw, "-out", k.files.Private, "-passout", "pass:" + keySecret}, options...)...)
			k.files.Secret = keySecret
			k.fails(k.files.Private, "openssl pkcs8 -topk8")
		})
	}
}

// tail returns the PEM part of openssl's output, which may have a line in front.
func tail(out string) string {
	_, after, _ := strings.Cut(out, "-----BEGIN")
	return after
}
