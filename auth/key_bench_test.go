package auth_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"testing"
)

// BenchmarkSignature is RSA signing alone, on all cores: what bounds the logins and
// refreshes of a server, whatever else it does.
func BenchmarkSignature(b *testing.B) {
	for _, algorithm := range []struct {
		name string
		bits int
		hash crypto.Hash
	}{{"RS256", 2048, crypto.SHA256}, {"RS512", 4096, crypto.SHA512}} {
		b.Run(algorithm.name, func(b *testing.B) {
			key, err := rsa.GenerateKey(rand.Reader, algorithm.bits)
			if err != nil {
				b.Fatal(err)
			}
			digest := make([]byte, algorithm.hash.Size())
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := rsa.SignPKCS1v15(nil, key, algorithm.hash, digest); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
