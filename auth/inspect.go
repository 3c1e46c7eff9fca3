package auth

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
)

// TokenReport is what can be said of a token without a store: what it claims, and
// whether that can be believed.
type TokenReport struct {
	Header    json.RawMessage `json:"header"`
	Claims    json.RawMessage `json:"claims"`
	Kind      string          `json:"kind"`      // access, refresh or unknown
	Signature string          `json:"signature"` // SignatureRight and so on
	IssuedAt  time.Time       `json:"issued_at,omitzero"`
	ExpiresAt time.Time       `json:"expires_at,omitzero"`
	// Problems are the reasons why a server would refuse it whatever its session is.
	Problems []string `json:"problems"`
}

// What can be said of a signature.
const (
	SignatureRight     = "right"
	SignatureWrong     = "wrong"
	SignatureUnknown   = "by a key that was not given"
	SignatureUnchecked = "not checked"
)

// PublicKeys are keys that signatures are checked with, by their identifiers.
type PublicKeys map[string]*rsa.PublicKey

// ParsePublicKeys reads a public key in PEM (SubjectPublicKeyInfo) or a JSON Web Key
// Set (RFC 7517). Keys of a set that are no RSA keys for signatures are left out;
// none that is left is an error.
func ParsePublicKeys(content []byte) (PublicKeys, error) {
	keys := PublicKeys{}
	add := func(key *rsa.PublicKey) error {
		jwk := jose.JSONWebKey{Key: key}
		thumbprint, err := jwk.Thumbprint(crypto.SHA256)
		if err == nil {
			keys[base64.RawURLEncoding.EncodeToString(thumbprint)] = key
		}
		return err
	}
	if !strings.HasPrefix(strings.TrimSpace(string(content)), "{") {
		key, err := decodePublicKey(content)
		if err == nil {
			err = add(key)
		}
		return keys, err
	}
	var set jose.JSONWebKeySet
	if err := josejson.Unmarshal(content, &set); err != nil {
		return nil, fmt.Errorf("the JSON is no set of keys: %w", err)
	}
	for _, jwk := range set.Keys {
		if key, ok := jwk.Key.(*rsa.PublicKey); ok && (jwk.Use == "" || jwk.Use == "sig") {
			if err := add(key); err != nil {
				return nil, err
			}
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the set holds no RSA key for signatures")
	}
	return keys, nil
}

// InspectToken says what a token claims at now. keys may be nil: then its signature
// is not checked. Whether its session lives only a server knows. An error means that
// raw is no token at all.
func InspectToken(raw string, keys PublicKeys, now time.Time) (*TokenReport, error) {
	header, err := decodeHeader(raw)
	if err != nil {
		return nil, err
	}
	payload, err := decodeStrict(strings.Split(raw, ".")[1])
	if err != nil {
		return nil, err
	}
	r := &TokenReport{Header: header, Claims: payload, Kind: "unknown", Problems: []string{}}
	var head map[string]any
	if err := josejson.Unmarshal(header, &head); err != nil {
		return nil, fmt.Errorf("its header is no JSON object: %w", err)
	}
	var body claims
	if err := josejson.Unmarshal(payload, &body); err != nil {
		var object map[string]any
		if josejson.Unmarshal(payload, &object) != nil {
			return nil, errors.New("its claims are no JSON object")
		}
		r.Problems = append(r.Problems, "its claims have other types than ours")
	}
	if !utf8.Valid(payload) {
		r.problem("its claims are not UTF-8")
	}
	r.checkHead(head)
	r.checkBody(&body, now)
	r.checkSignature(raw, head, keys)
	return r, nil
}

func (r *TokenReport) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

func (r *TokenReport) checkHead(head map[string]any) {
	for _, kind := range [...]tokenKind{accessToken, refreshToken} {
		if head["typ"] == kind.typ() {
			r.Kind = kind.audience()
		}
	}
	if r.Kind == "unknown" {
		r.problem("its typ is neither %s nor %s", accessToken.typ(), refreshToken.typ())
	}
	algorithm, _ := head["alg"].(string)
	if _, err := keyBits(algorithm); err != nil {
		r.problem("its alg is none of RS256, RS384 and RS512")
	}
	if len(head) != 3 || head["kid"] == nil {
		r.problem("its header has other members than alg, kid and typ")
	}
}

func (r *TokenReport) checkBody(body *claims, now time.Time) {
	r.IssuedAt, r.ExpiresAt = timeOf(body.IssuedAt), timeOf(body.Expires)
	if err := body.checkTimes(now); err != nil {
		r.problem("%v", err)
	}
	if body.Audience == nil || *body.Audience != r.Kind {
		r.problem("its aud does not go with its typ")
	}
	whole := true
	for _, missing := range [...]struct {
		name   string
		absent bool
	}{
		{"iss", body.Issuer == nil}, {"sub", isEmpty(body.Subject)}, {"sid", isEmpty(body.Session)},
		{"jti", isEmpty(body.ID)}, {"gen", body.Generation == nil || *body.Generation < 1},
	} {
		if missing.absent {
			r.problem("it has no %s", missing.name)
			whole = false
		}
	}
	switch {
	case !whole:
	case r.Kind == accessToken.audience() && (body.ClientID == nil || *body.ClientID != *body.Subject):
		r.problem("its client_id is not its sub")
	case r.Kind == refreshToken.audience() && *body.ID != refreshTokenID(*body.Session, *body.Generation):
		r.problem("its jti is not that of its sid and gen")
	}
}

func isEmpty(text *string) bool { return text == nil || *text == "" }

// timeOf returns the time of a claim; the zero Time where there is none, or one that
// RFC 3339 cannot write.
func timeOf(seconds *int64) time.Time {
	const year10000 = 253402300800
	if seconds == nil || *seconds < 0 || *seconds >= year10000 {
		return time.Time{}
	}
	return time.Unix(*seconds, 0).UTC()
}

func (r *TokenReport) checkSignature(raw string, head map[string]any, keys PublicKeys) {
	if keys == nil {
		r.Signature = SignatureUnchecked
		return
	}
	id, _ := head["kid"].(string)
	key := keys[id]
	if key == nil {
		r.Signature = SignatureUnknown
		r.problem("it is signed by the key %q, which was not given", id)
		return
	}
	r.Signature = SignatureRight
	algorithm, _ := head["alg"].(string)
	signed, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512})
	if err == nil {
		if bits, e := keyBits(algorithm); e != nil || key.N.BitLen() != bits {
			err = errors.New("the algorithm does not go with the key")
		} else {
			_, err = signed.Verify(key)
		}
	}
	if err != nil {
		r.Signature = SignatureWrong
		r.problem("its signature is wrong")
	}
}
