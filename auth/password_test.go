package auth

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestPasswordHash(t *testing.T) {
	hash := hashPassword("secret")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, "secret") {
		t.Errorf("hash %s", hash)
	}
	if hash == hashPassword("secret") {
		t.Error("two hashes share a salt")
	}
	for password, want := range map[string]bool{
		"secret": true, "Secret": false, "secret ": false, "": false, "secre": false, "secret\x00": false,
	} {
		if right, err := checkPassword(hash, password); right != want || err != nil {
			t.Errorf("%q: %v, %v", password, right, err)
		}
	}
}

// A vector of the reference implementation's test.c, with 256 KiB.
func TestPasswordHashOfTheReference(t *testing.T) {
	const hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if right, err := checkPassword(hash, "password"); !right || err != nil {
		t.Errorf("%v, %v", right, err)
	}
}

func TestDamagedPasswordHashes(t *testing.T) {
	good := hashPassword("secret")
	salt, key := strings.Split(good, "$")[4], strings.Split(good, "$")[5]
	for _, hash := range []string{
		"secret", "$", good[:len(good)-2], good + "AA", good + " ", " " + good, good + "\n", good + "$",
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "argon2id", "argon2d", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "v=19", "v=019", 1),
		strings.Replace(good, "m=19456", "m=-1", 1), strings.Replace(good, "m=19456", "m=4294967296", 1),
		strings.Replace(good, "m=19456", "m=4000000000", 1), strings.Replace(good, "m=19456", "m=65537", 1),
		strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "t=2", "t=9", 1), strings.Replace(good, "t=2", "t=4000000000", 1),
		strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "p=1", "p=5", 1), strings.Replace(good, "p=1", "p=256", 1),
		strings.Replace(good, salt, "", 1), strings.Replace(good, salt, "c2FsdA", 1), strings.Replace(good, key, "", 1),
		strings.Replace(good, key, "a2V5", 1), strings.Replace(good, key, strings.Repeat("A", 88), 1), strings.Repeat(good, 10),
	} {
		began := time.Now()
		right, err := checkPassword(hash, "secret")
		if right || err == nil {
			t.Errorf("%q: %v, %v", hash, right, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%q took %v", hash, took)
		}
	}
}

// Every check runs exactly one argon2id of the usual cost: a hash that is missing
// or damaged takes as long as a right one. 19 MiB of memory show that it ran.
func TestEveryCheckCostsTheSame(t *testing.T) {
	good := hashPassword("secret")
	for name, c := range map[string][2]string{
		"right": {good, "secret"}, "wrong": {good, "x"}, "none": {"", "secret"}, "damaged": {"$argon2id$", "secret"}, "empty": {"", ""},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		checkPassword(c[0], c[1])
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got < 19 || got >= 38 {
			t.Errorf("%s: %d MiB, want those of one hash", name, got)
		}
	}
	if right, err := checkPassword("", ""); right || err != nil {
		t.Errorf("no hash: %v, %v", right, err)
	}
}

func TestNeedsRehash(t *testing.T) {
	good := hashPassword("secret")
	key := strings.Split(good, "$")[5]
	for hash, want := range map[string]bool{
		good: false,
		strings.Replace(good, "m=19456", "m=65536", 1): false,
		strings.Replace(good, "t=2", "t=3", 1):         false,
		strings.Replace(good, "p=1", "p=2", 1):         false,
		strings.Replace(good, "m=19456", "m=19455", 1): true,
		strings.Replace(good, "t=2", "t=1", 1):         true,
		strings.Replace(good, key, key[:24], 1):        true,
		"":                                             false, // nobody has logged in with these
		"$argon2id$":                                   false,
	} {
		if got := needsRehash(hash); got != want {
			t.Errorf("%q: %v", hash, got)
		}
	}
}

// Every byte of a long password counts; bcrypt, for one, would stop at 72.
func TestLongPasswords(t *testing.T) {
	for _, length := range []int{64, 72, 73, 128, 4096} {
		password := strings.Repeat("p", length-1)
		hash := hashPassword(password + "x")
		for last, want := range map[string]bool{"x": true, "y": false, "": false, "xx": false} {
			if right, err := checkPassword(hash, password+last); right != want || err != nil {
				t.Errorf("%d bytes, then %q: %v, %v", length-1, last, right, err)
			}
		}
	}
}
