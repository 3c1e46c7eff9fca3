package auth_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for RS512
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

var encode = base64.RawURLEncoding.EncodeToString

// forgery makes a token out of the header and claims of a good one.
type forgery struct {
	name string
	make func(good string, header, claims map[string]any) string
}

// set returns a forgery with one member of the header or the claims replaced, or
// removed where value is nil, signed with the real key.
func setHeader(member string, value any) forgery {
	return forgery{fmt.Sprintf("header %s %v", member, value), func(_ string, h, c map[string]any) string {
		return seal(toJSON(with(h, member, value)), toJSON(c))
	}}
}

func setClaim(member string, value any) forgery {
	return forgery{fmt.Sprintf("claim %s %v", member, value), func(_ string, h, c map[string]any) string {
		return seal(toJSON(h), toJSON(with(c, member, value)))
	}}
}

func with(m map[string]any, member string, value any) map[string]any {
	m = maps.Clone(m)
	if value == nil {
		delete(m, member)
	} else {
		m[member] = value
	}
	return m
}

func rawForgery(name string, make func(good string) string) forgery {
	return forgery{name, func(good string, _, _ map[string]any) string { return make(good) }}
}

// hmacForgery signs with a secret that everybody knows: the public key.
func hmacForgery(name string, secret []byte) forgery {
	return forgery{name, func(_ string, h, c map[string]any) string {
		input := encode([]byte(toJSON(with(h, "alg", "HS256")))) + "." + encode([]byte(toJSON(c)))
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		return input + "." + encode(mac.Sum(nil))
	}}
}

// null is a JSON null, which with would take for a removal.
var null = json.RawMessage("null")

func forgeries(t *testing.T) []forgery {
	now := time.Now().Unix()
	spki, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	jwk := map[string]any{"kty": "RSA", "e": "AQAB", "n": encode(other.N.Bytes())}
	list := []forgery{
		rawForgery("empty", func(string) string { return "" }),
		rawForgery("dots", func(string) string { return ".." }),
		rawForgery("word Bearer", func(g string) string { return "Bearer " + g }),
		rawForgery("too long", func(g string) string { return strings.Repeat("A", 8<<10) + g }),
		rawForgery("two parts", func(g string) string { return g[:strings.LastIndex(g, ".")] }),
		rawForgery("four parts", func(g string) string { return g + ".AAAA" }),
		rawForgery("no signature", func(g string) string { return g[:strings.LastIndex(g, ".")+1] }),
		rawForgery("padded", func(g string) string { return g + "=" }),
		rawForgery("line break", func(g string) string { return g[:10] + "\n" + g[10:] }),
		rawForgery("carriage return at the end", func(g string) string { return g + "\r" }),
		rawForgery("space in front", func(g string) string { return " " + g }),
		rawForgery("bits behind the last byte", lastBits),
		rawForgery("JSON serialisation", func(g string) string {
			p := strings.Split(g, ".")
			return toJSON(map[string]string{"protected": p[0], "payload": p[1], "signature": p[2]})
		}),
		{"payload replaced", func(g string, h, c map[string]any) string {
			p := strings.Split(g, ".")
			return p[0] + "." + encode([]byte(toJSON(with(c, "sub", "admin")))) + "." + p[2]
		}},
		{"signature of another key", func(_ string, h, c map[string]any) string {
			return sealWith(other, crypto.SHA256, toJSON(h), toJSON(c))
		}},
		{"embedded key that signed it", func(_ string, h, c map[string]any) string {
			return sealWith(other, crypto.SHA256, toJSON(with(h, "jwk", jwk)), toJSON(c))
		}},
		{"none", func(_ string, h, c map[string]any) string {
			return encode([]byte(toJSON(with(h, "alg", "none")))) + "." + encode([]byte(toJSON(c))) + "."
		}},
		{"RS512 signed as such", func(_ string, h, c map[string]any) string {
			return sealWith(rsaKey(), crypto.SHA512, toJSON(with(h, "alg", "RS512")), toJSON(c))
		}},
		{"PS256 signed as such", sealPSS},
		hmacForgery("HS256 with the public PEM", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
		hmacForgery("HS256 with the public DER", spki),
		{"duplicate header alg", func(_ string, h, c map[string]any) string {
			return seal(strings.Replace(toJSON(h), "{", `{"alg":"none",`, 1), toJSON(c))
		}},
		{"duplicate claim sub", func(_ string, h, c map[string]any) string {
			return seal(toJSON(h), strings.Replace(toJSON(c), "{", `{"sub":"admin",`, 1))
		}},
		{"something after the payload", func(_ string, h, c map[string]any) string { return seal(toJSON(h), toJSON(c)+"{}") }},
		{"payload in UTF-16", func(_ string, h, c map[string]any) string { return seal(toJSON(h), inUTF16(toJSON(c))) }},
		{"byte order mark before the payload", func(_ string, h, c map[string]any) string { return seal(toJSON(h), "\ufeff"+toJSON(c)) }},
		{"payload that is no UTF-8", func(_ string, h, c map[string]any) string {
			return seal(toJSON(h), strings.Replace(toJSON(c), "{", "{\"x\":\"\xff\",", 1))
		}},
		{"payload null", func(_ string, h, _ map[string]any) string { return seal(toJSON(h), "null") }},
		{"payload a list", func(_ string, h, c map[string]any) string { return seal(toJSON(h), "["+toJSON(c)+"]") }},
		{"EXP beside no exp", func(_ string, h, c map[string]any) string {
			return seal(toJSON(h), toJSON(with(with(c, "EXP", c["exp"]), "exp", nil)))
		}},
	}
	for _, value := range []any{nil, "", "none", "None", "rs256", "HS256", "RS384", 256, null} {
		list = append(list, setHeader("alg", value))
	}
	for _, value := range []any{nil, "", "JWT", "jwt", "at+JWT ", "application/at+jwt", null} {
		list = append(list, setHeader("typ", value))
	}
	for _, value := range []any{nil, "", "other", "../../dev/null", 1} {
		list = append(list, setHeader("kid", value))
	}
	list = append(list,
		setHeader("crit", []string{"exp"}), setHeader("crit", []string{"b64"}), setHeader("b64", true),
		setHeader("jwk", jwk), setHeader("jku", "https://evil.example/k"), setHeader("x5u", "https://evil.example/c"),
		setHeader("x5c", []string{"AAAA"}), setHeader("zip", "DEF"), setHeader("cty", "JWT"), setHeader("extra", "x"))
	for _, value := range []any{nil, "", "MLAPIA", "mlapias", "MLAPIASX", []string{issuer}, null} {
		list = append(list, setClaim("iss", value))
	}
	for _, value := range []any{nil, "", "Access", "api", []string{"access", "refresh"}, []string{"refresh"}, []string{"access"}, null, true} {
		list = append(list, setClaim("aud", value))
	}
	for _, value := range []any{nil, "", "Client", "ClientAB", "clienta", "ClientA ", 1, null} {
		list = append(list, setClaim("sub", value))
	}
	for _, value := range []any{nil, "x", 0, -1, now + 60, now + 3600, 1.5, "1", null, json.RawMessage("1e30")} {
		list = append(list, setClaim("iat", value))
	}
	for _, value := range []any{nil, 0, -1, now, now - 1, now - 30, "9999999999", 1e300, float64(now) + 100.5, null, true} {
		list = append(list, setClaim("exp", value))
	}
	for _, value := range []any{now + 60, float64(now) + 30.5, "0", null, true} {
		list = append(list, setClaim("nbf", value))
	}
	list = append(list, forgery{"longer than any of ours", func(_ string, h, c map[string]any) string {
		return seal(toJSON(h), toJSON(with(c, "pad", strings.Repeat("x", 8<<10))))
	}})
	for _, value := range []any{nil, "", "other", 1, null} {
		list = append(list, setClaim("sid", value))
	}
	for _, value := range []any{nil, 0, -1, "1", 1.5, null} {
		list = append(list, setClaim("gen", value))
	}
	for _, value := range []any{nil, "", 1, null} {
		list = append(list, setClaim("jti", value))
	}
	return list
}

// inUTF16 encodes ASCII in UTF-16, little-endian.
func inUTF16(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

// lastBits sets bits behind the last byte of a 256-byte signature, whose last
// character holds two bits of it and four that must be zero.
func lastBits(good string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, good[len(good)-1])
	return good[:len(good)-1] + string(alphabet[last|1])
}

func sealWith(key *rsa.PrivateKey, hash crypto.Hash, header, payload string) string {
	input := encode([]byte(header)) + "." + encode([]byte(payload))
	h := hash.New()
	h.Write([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, hash, h.Sum(nil))
	if err != nil {
		panic(err)
	}
	return input + "." + encode(signature)
}

func sealPSS(_ string, h, c map[string]any) string {
	input := encode([]byte(toJSON(with(h, "alg", "PS256")))) + "." + encode([]byte(toJSON(c)))
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPSS(rand.Reader, rsaKey(), crypto.SHA256, digest[:], nil)
	if err != nil {
		panic(err)
	}
	return input + "." + encode(signature)
}

// TestForgedTokens presents every forgery of an access and of a refresh token to
// everything that takes tokens. All are refused, and the session takes no harm.
func TestForgedTokens(t *testing.T) {
	f := start(t)
	access, refresh := f.refresh(f.login())
	list := forgeries(t)
	for _, good := range []string{access, refresh} {
		for _, forged := range list {
			token := forged.make(good, integers(header(t, good)), integers(payload(t, good)))
			if token == good {
				t.Errorf("%s: not forged at all", forged.name)
			}
			if _, err := f.Authorise(t.Context(), token); err == nil {
				t.Errorf("%s: authorised", forged.name)
			}
			if _, err := f.Refresh(t.Context(), token, fromHome); err == nil {
				t.Errorf("%s: refreshed", forged.name)
			}
			err := logout(t.Context(), f.Service, token)
			if err == nil {
				t.Fatalf("%s: revoked", forged.name)
			}
			wantInvalidToken(t, err)
		}
	}
	t.Logf("%d forgeries of each", len(list))
	if _, err := f.Authorise(t.Context(), access); err != nil {
		t.Errorf("the good access token: %v", err)
	}
	f.refresh(refresh)
}

// integers returns members with whole numbers as such: the forgeries differ from
// the good token in nothing but what they are for.
func integers(members map[string]any) map[string]any {
	for member, value := range members {
		if number, ok := value.(float64); ok {
			members[member] = int64(number)
		}
	}
	return members
}

// The forgeries are refused for their fault and not for how they are made: the
// same maker with nothing changed makes a token that is good.
func TestForgeriesAreOtherwiseGood(t *testing.T) {
	f := start(t)
	access, refresh := f.refresh(f.login())
	reseal := func(good string, changes map[string]any) string {
		claims := integers(payload(t, good))
		maps.Copy(claims, changes)
		return seal(toJSON(header(t, good)), toJSON(claims))
	}
	for name, changes := range map[string]map[string]any{
		"nothing":                    {},
		"nbf now":                    {"nbf": time.Now().Unix()},
		"unknown claim":              {"cnf": map[string]any{"jkt": "x"}},
		"iat of a neighbour's clock": {"iat": time.Now().Unix() + 3},
	} {
		if _, err := f.Authorise(t.Context(), reseal(access, changes)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := f.Refresh(t.Context(), reseal(refresh, nil), fromHome); err != nil {
		t.Error(err)
	}
}

func TestAccessTokenIsNoRefreshToken(t *testing.T) {
	f := start(t)
	access, refresh := f.refresh(f.login())
	_, err := f.Refresh(t.Context(), access, fromHome)
	wantInvalidToken(t, err)
	_, err = f.Authorise(t.Context(), refresh)
	wantInvalidToken(t, err)
	// Nor does the one become the other by a change of typ or aud alone.
	for _, c := range []struct{ good, typ, aud string }{
		{access, "rt+jwt", "access"}, {access, "at+jwt", "refresh"}, {refresh, "at+jwt", "refresh"}, {refresh, "rt+jwt", "access"},
	} {
		token := seal(toJSON(with(header(t, c.good), "typ", c.typ)), toJSON(with(integers(payload(t, c.good)), "aud", c.aud)))
		_, err := f.Refresh(t.Context(), token, fromHome)
		wantInvalidToken(t, err)
		_, err = f.Authorise(t.Context(), token)
		wantInvalidToken(t, err)
	}
	f.refresh(refresh)
}

// A signed token of the right kind is refused where the session's row does not
// bear it out.
func TestTokensThatTheSessionDoesNotBearOut(t *testing.T) {
	f := start(t)
	access, refresh := f.refresh(f.login())
	change := func(good string, changes map[string]any) string {
		claims := integers(payload(t, good))
		maps.Copy(claims, changes)
		return seal(toJSON(header(t, good)), toJSON(claims))
	}
	sid := payload(t, refresh)["sid"].(string)
	iat, exp := int64(payload(t, refresh)["iat"].(float64)), int64(payload(t, refresh)["exp"].(float64))
	for name, token := range map[string]string{
		"ahead":            change(refresh, map[string]any{"gen": 3, "jti": sid + ".3"}),
		"jti of another":   change(refresh, map[string]any{"jti": sid + ".1"}),
		"another iat":      change(refresh, map[string]any{"iat": iat - 1}),
		"a longer life":    change(refresh, map[string]any{"exp": exp + 1}),
		"another's client": change(refresh, map[string]any{"sub": "ClientB"}),
	} {
		if _, err := f.Refresh(t.Context(), token, fromHome); err == nil {
			t.Errorf("%s: refreshed", name)
		}
	}
	for name, token := range map[string]string{
		"ahead":          change(access, map[string]any{"gen": 3}),
		"client_id":      change(access, map[string]any{"client_id": "ClientB"}),
		"both of others": change(access, map[string]any{"client_id": "ClientB", "sub": "ClientB"}),
	} {
		if _, err := f.Authorise(t.Context(), token); err == nil {
			t.Errorf("%s: authorised", name)
		}
		if err := logout(t.Context(), f.Service, token); err == nil {
			t.Errorf("%s: revoked", name)
		}
	}
	for _, gen := range []int{1, 3} {
		token := change(refresh, map[string]any{"jti": fmt.Sprint(sid, ".", gen)})
		wantInvalidToken(t, logout(t.Context(), f.Service, token))
	}
	f.log.want(t, "level=ERROR", "ahead of its session", "session="+sid)
	if row := f.row(refresh); row.State != auth.Active || row.Generation != 2 {
		t.Errorf("the session is %s at generation %d", row.State, row.Generation)
	}
	f.refresh(refresh)
}

// Expiry is to the second: good until exp, over at exp, by the process's clock
// for access tokens, verified before or not.
func TestExpiryToTheSecond(t *testing.T) {
	f := start(t)
	access, _ := f.refresh(f.login())
	exp := time.Unix(int64(payload(t, access)["exp"].(float64)), 0)
	now := exp.Add(-time.Nanosecond)
	clock := func() time.Time { return now }
	s, err := auth.NewAt(f.cfg, clock)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second from memory
		if _, err := s.Authorise(t.Context(), access); err != nil {
			t.Errorf("a nanosecond before exp: %v", err)
		}
	}
	now = exp
	_, err = s.Authorise(t.Context(), access)
	wantInvalidToken(t, err)
	other, err := auth.NewAt(f.cfg, clock)
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.Authorise(t.Context(), access)
	wantInvalidToken(t, err)
}

// The store's clock decides too: a process whose clock is slow does not make
// tokens live longer.
func TestExpiryByTheStoresClock(t *testing.T) {
	f := start(t)
	access, refresh := f.refresh(f.login())
	past := time.Now().Add(-time.Hour)
	s, err := auth.NewAt(f.cfg, func() time.Time { return past })
	if err != nil {
		t.Fatal(err)
	}
	stale := func(good string) string {
		claims := integers(payload(t, good))
		claims["iat"], claims["exp"] = past.Unix(), time.Now().Unix()
		return seal(toJSON(header(t, good)), toJSON(claims))
	}
	_, err = s.Authorise(t.Context(), stale(access))
	wantInvalidToken(t, err)
	_, err = s.Refresh(t.Context(), stale(refresh), fromHome)
	wantInvalidToken(t, err)
	wantInvalidToken(t, logout(t.Context(), s, stale(access)))
}

func fuzzService(f *testing.F) (s *auth.Service, access, refresh string) {
	fixture := start(f)
	access, refresh = fixture.refresh(fixture.login())
	return fixture.Service, access, refresh
}

// FuzzVerify: nothing but the tokens that were given out is a token.
func FuzzVerify(f *testing.F) {
	s, access, refresh := fuzzService(f)
	for _, token := range []string{access, refresh, "", "a.b.c", "..", access + "\n", strings.Replace(access, ".", "..", 1)} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := s.Authorise(t.Context(), token)
		if (err == nil) != (token == access) {
			t.Errorf("Authorise(%q) = %v", token, err)
		}
		if token != access && token != refresh && logout(t.Context(), s, token) == nil {
			t.Errorf("Revoke(%q) ended a session", token)
		}
	})
}

// FuzzSignedToken signs what it is given with the real key: whatever is authorised
// must say what the good token says.
func FuzzSignedToken(f *testing.F) {
	s, access, refresh := fuzzService(f)
	decode := func(token string, i int) string {
		raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
		if err != nil {
			f.Fatal(err)
		}
		return string(raw)
	}
	f.Add(decode(access, 0), decode(access, 1))
	f.Add(decode(refresh, 0), decode(refresh, 1))
	f.Add(decode(access, 0), strings.Replace(decode(access, 1), `"exp":`, `"exp":null,"EXP":`, 1))
	f.Add(strings.Replace(decode(access, 0), "{", `{"crit":["exp"],`, 1), decode(access, 1))
	f.Fuzz(func(t *testing.T, header, claims string) {
		caller, err := s.Authorise(t.Context(), seal(header, claims))
		if err != nil {
			return
		}
		var h map[string]string
		var c map[string]any
		decoder := json.NewDecoder(strings.NewReader(claims))
		decoder.UseNumber()
		if err := decoder.Decode(&c); err != nil {
			t.Fatalf("authorised claims that are not JSON: %q", claims)
		}
		if err := json.Unmarshal([]byte(header), &h); err != nil || len(h) != 3 || h["typ"] != "at+jwt" || h["alg"] != "RS256" {
			t.Fatalf("authorised the header %q", header)
		}
		exp, ok := new(big.Int).SetString(fmt.Sprint(c["exp"]), 10)
		if !ok || exp.Cmp(big.NewInt(time.Now().Unix())) < 0 || c["aud"] != "access" || c["iss"] != issuer ||
			c["sub"] != name || c["client_id"] != name || caller.Name != name || c["sid"] != caller.Session {
			t.Fatalf("authorised the claims %q", claims)
		}
	})
}
