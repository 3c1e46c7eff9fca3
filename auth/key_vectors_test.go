package auth

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// joseVector is an example of the standards: a key and what it signed.
type joseVector struct {
	n, d, p, q string // base64url
	signed     string // compact form
	payload    string
}

func joseVectors() map[string]joseVector {
	return map[string]joseVector{
		"RFC 7515 A.2": {
			n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b3269" +
				"0r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aG" +
				"hyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
			d: "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-Gj" +
				"BVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_j" +
				"Tj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
			p: "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1V" +
				"hvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
			q: "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv" +
				"5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
			signed: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
				"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdi" +
				"uB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2" +
				"w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
			payload: "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}",
		},
		"RFC 7520 4.1": {
			n: "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC" +
				"0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniU" +
				"FAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
			p: "3Slxg_DwTXJcb6095RoXygQCAZ5RnAvZlno1yhHtnUex_fp7AZ_9nRaO7HX_-SFfGQeutao2TDjDAWU4Vupk8rw9JR0AzZ0N2fvuIAmr_WCsmGpeNqQnev1T7IyEsnh8UMt-n5Ca" +
				"fhkikzhEsrmndH6LxOrvRJlsPp6Zv8bUq0k",
			q: "uKE2dh-cTf6ERF4k4e_jy78GfPYUIaUyoSSJuBzp3Cubk3OCqs6grT8bR_cu0Dm1MZwWmtdqDyI95HrUeq3MP15vMMON8lHTeZu2lmKvwqW7anV5UzhM1iZ7z4yMkuUwFWoBvyY8" +
				"98EXvRD-hdqRxHlSqAZ192zB3pVFJ0s7pFc",
			signed: "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." +
				"SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVw" +
				"IHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4." +
				"MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWR" +
				"a-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KL" +
				"UQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
			payload: "It’s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, there’s no knowing where you might be swept off to.",
		},
	}
}

// key returns the vector's key pair.
func (v *joseVector) key(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	number := func(text string) *big.Int {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return new(big.Int).SetBytes(raw)
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: number(v.n), E: 65537}, Primes: []*big.Int{number(v.p), number(v.q)}}
	if key.D = number(v.d); v.d == "" {
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(key.Primes[0], one), new(big.Int).Sub(key.Primes[1], one))
		key.D.ModInverse(big.NewInt(65537), phi)
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		t.Fatal(err)
	}
	return key
}

// What the standards sign our keys sign, byte for byte, and verify; the key is
// published as it is written there. As a token it is refused: it is not ours.
func TestVectorsOfTheStandards(t *testing.T) {
	for name, v := range joseVectors() {
		t.Run(name, func(t *testing.T) {
			private := v.key(t)
			key, err := NewKey(private, "RS256")
			if err != nil {
				t.Fatal(err)
			}
			parts := strings.Split(v.signed, ".")
			digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
			signature, err := key.signer.Sign(nil, digest[:], crypto.SHA256)
			if err != nil || base64.RawURLEncoding.EncodeToString(signature) != parts[2] {
				t.Errorf("another signature, %v", err)
			}
			signed, err := jose.ParseSignedCompact(v.signed, []jose.SignatureAlgorithm{key.algorithm})
			if err != nil {
				t.Fatal(err)
			}
			if payload, err := signed.Verify(key.public); err != nil || string(payload) != v.payload {
				t.Errorf("payload %q, %v", payload, err)
			}
			if published := key.jwk(); published.Modulus != v.n || published.Exponent != "AQAB" {
				t.Errorf("published as %+v", published)
			}
			if _, err := newCodec(NewKeyRing(key), "joe").verify(context.Background(), v.signed, time.Unix(1_300_000_000, 0), accessToken, refreshToken); err == nil {
				t.Error("accepted as a token of ours")
			}
		})
	}
}

// A sealed key comes back as it was, and only in its own row.
func TestSealedKey(t *testing.T) {
	vectors, sealer := joseVectors(), newTestSealer(t, sealSecret)
	var keys []*Key
	var rows []StoredKey
	for _, name := range []string{"RFC 7515 A.2", "RFC 7520 4.1"} {
		v := vectors[name]
		key, err := NewKey(v.key(t), "RS256")
		if err != nil {
			t.Fatal(err)
		}
		row, err := sealKey(key, sealer)
		if err != nil {
			t.Fatal(err)
		}
		keys, rows = append(keys, key), append(rows, row)
	}
	k, sealFault, err := openKey(rows[0], sealer)
	if err != nil || sealFault != nil || k.id != keys[0].id || !k.signer.(*rsa.PrivateKey).Equal(keys[0].signer) {
		t.Fatalf("opened as %+v, %v, %v", k, sealFault, err)
	}
	mixed := func(change func(row *StoredKey)) StoredKey {
		row := rows[0]
		change(&row)
		return row
	}
	for name, row := range map[string]StoredKey{
		"the public half of another": mixed(func(row *StoredKey) { row.Public = rows[1].Public }),
		"the name of another":        mixed(func(row *StoredKey) { row.ID = rows[1].ID }),
		"another algorithm":          mixed(func(row *StoredKey) { row.Algorithm = "RS512" }),
		"no algorithm":               mixed(func(row *StoredKey) { row.Algorithm = "none" }),
		"no public half":             mixed(func(row *StoredKey) { row.Public = nil }),
		"a private half in clear":    mixed(func(row *StoredKey) { row.Public, _ = sealer.Open(row.Private, sealPlace(row.ID)) }),
	} {
		if k, _, err := openKey(row, sealer); err == nil {
			t.Errorf("%s: opened as %s", name, k.id)
		}
	}
	cross, err := sealer.Open(rows[1].Private, sealPlace(rows[1].ID))
	if err != nil {
		t.Fatal(err)
	}
	for name, private := range map[string][]byte{
		"the private half of another, sealed for it": rows[1].Private,
		"the private half of another, sealed for us": mustSeal(t, sealer, string(cross), sealPlace(rows[0].ID)),
		"no key at all": mustSeal(t, sealer, "key", sealPlace(rows[0].ID)),
		"nothing":       nil,
	} {
		row := mixed(func(row *StoredKey) { row.Private = private })
		k, sealFault, err := openKey(row, sealer)
		if err != nil || sealFault == nil || k.signer != nil {
			t.Errorf("%s: %v, %v: it must verify and not sign", name, sealFault, err)
		}
	}
	if bytes.Contains(rows[0].Private, keys[0].signer.(*rsa.PrivateKey).D.Bytes()) {
		t.Error("the private half is stored in clear")
	}
}
