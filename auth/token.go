package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
)

// maxTokenBytes bounds the work an unproven token can cause. Ours have about
// 1,300 bytes with a key of 4096 bits.
const maxTokenBytes = 8 << 10

// clockSkew is how far ahead of this process's clock a token's iat may lie: the
// store stamps it by its own clock, which may run ahead on another machine. There
// is no such leeway for exp and nbf.
const clockSkew = 5 * time.Second

// tokenKind is what a token is for. The zero value is neither.
type tokenKind uint8

const (
	accessToken tokenKind = iota + 1
	refreshToken
)

// typ returns the header's typ (RFC 8725 §3.11): no token passes for another kind.
func (k tokenKind) typ() string {
	if k == accessToken {
		return "at+jwt"
	}
	return "rt+jwt"
}

// audience returns the aud claim.
func (k tokenKind) audience() string {
	if k == accessToken {
		return "access"
	}
	return "refresh"
}

// token is a verified token, or one to sign.
type token struct {
	kind       tokenKind
	keyID      string // kid
	client     string
	session    string
	id         string // jti
	generation int64
	issuedAt   int64 // Unix seconds
	expiresAt  int64
}

// refreshTokenOf returns the refresh token of a session's newest generation. It
// depends on nothing but the row, so any process can make the same again.
func refreshTokenOf(row Session) token {
	return token{
		kind:       refreshToken,
		keyID:      row.Head.KeyID,
		client:     row.Client,
		session:    row.ID,
		id:         refreshTokenID(row.ID, row.Generation),
		generation: row.Generation,
		issuedAt:   row.Head.IssuedAt.Unix(),
		expiresAt:  row.Head.ExpiresAt.Unix(),
	}
}

func refreshTokenID(session string, generation int64) string {
	return session + "." + strconv.FormatInt(generation, 10)
}

// claims are a token's payload. Pointers tell a missing claim from an empty one,
// and the types are strict: aud as a list or exp as a text is not ours.
type claims struct {
	Issuer     *string         `json:"iss"`
	Audience   *string         `json:"aud"`
	Subject    *string         `json:"sub"`
	IssuedAt   *int64          `json:"iat"`
	Expires    *int64          `json:"exp"`
	NotBefore  json.RawMessage `json:"nbf,omitempty"` // never in ours
	Session    *string         `json:"sid"`
	ID         *string         `json:"jti"`
	Generation *int64          `json:"gen"`
	ClientID   *string         `json:"client_id,omitempty"` // of access tokens, RFC 9068 §2.2
}

// codec signs tokens and verifies them.
type codec struct {
	ring   *KeyRing
	issuer string
}

func newCodec(ring *KeyRing, issuer string) *codec { return &codec{ring: ring, issuer: issuer} }

// sign returns t in compact form: the same bytes for the same token, because the
// members have a fixed order and the signature is deterministic.
func (c *codec) sign(t token) (string, error) {
	body := claims{
		Issuer: new(c.issuer), Audience: new(t.kind.audience()), Subject: new(t.client),
		IssuedAt: new(t.issuedAt), Expires: new(t.expiresAt),
		Session: new(t.session), ID: new(t.id), Generation: new(t.generation),
	}
	key := c.ring.byID(t.keyID)
	if key == nil || key.signer == nil {
		return "", errors.New("auth: the key of a token cannot sign")
	}
	signer := key.refresh
	if t.kind == accessToken {
		signer, body.ClientID = key.access, body.Subject
	}
	payload, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("auth: encode a token: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("auth: sign a token: %w", err)
	}
	return signed.CompactSerialize()
}

// verify returns the token that raw holds, where it is one of ours, of one of the
// given kinds, and valid at now. Whether its session lives is another question.
//
// Before go-jose come our own checks, for what it leaves to its callers: the
// shape, and a header of exactly alg, kid and typ, so that nothing that points to
// a key, or asks for an extension, gets any further. After it come the claims, in
// UTF-8 (RFC 8725 §3.7).
func (c *codec) verify(ctx context.Context, raw string, now time.Time, kinds ...tokenKind) (token, error) {
	header, err := decodeHeader(raw)
	if err != nil {
		return token{}, err
	}
	kind, key, err := c.checkHeader(ctx, header, kinds)
	if err != nil {
		return token{}, err
	}
	signed, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{key.algorithm})
	if err != nil {
		return token{}, err
	}
	payload, err := signed.Verify(key.public)
	if err != nil {
		return token{}, err
	}
	if !utf8.Valid(payload) { // the decoder would put U+FFFD for what is none
		return token{}, errors.New("the claims are not UTF-8")
	}
	var body claims
	if err := josejson.Unmarshal(payload, &body); err != nil {
		return token{}, fmt.Errorf("claims: %w", err)
	}
	t, err := c.checkClaims(body, kind, now)
	if err != nil {
		return token{}, err
	}
	t.keyID = key.id
	return t, nil
}

// decodeHeader checks the shape of a token, three parts of strict base64url of at
// most maxTokenBytes in all, and returns the first part decoded.
func decodeHeader(raw string) ([]byte, error) {
	if len(raw) > maxTokenBytes {
		return nil, errors.New("the token is too long")
	}
	if strings.Count(raw, ".") != 2 {
		return nil, errors.New("the token does not have three parts")
	}
	var header []byte
	for i, part := range strings.Split(raw, ".") {
		decoded, err := decodeStrict(part)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			header = decoded
		}
	}
	return header, nil
}

// decodeStrict decodes base64url in its one canonical form: no padding, no line
// breaks (which encoding/base64 skips), no bits set behind the last byte.
func decodeStrict(part string) ([]byte, error) {
	if part == "" {
		return nil, errors.New("a part of the token is empty")
	}
	if strings.ContainsAny(part, "\r\n") {
		return nil, errors.New("the token holds a line break")
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

// checkHeader accepts the header of our own tokens alone. The key is found by the
// kid, the algorithm is the key's (RFC 8725 §3.1), the typ tells the kind.
func (c *codec) checkHeader(ctx context.Context, raw []byte, kinds []tokenKind) (tokenKind, *Key, error) {
	var header map[string]string // go-jose's decoder refuses duplicate members
	if err := josejson.Unmarshal(raw, &header); err != nil {
		return 0, nil, fmt.Errorf("header: %w", err)
	}
	if len(header) != 3 {
		return 0, nil, errors.New("the header has other members than alg, kid and typ")
	}
	kind := tokenKind(0)
	for _, k := range kinds {
		if header["typ"] == k.typ() {
			kind = k
		}
	}
	if kind == 0 {
		return 0, nil, errors.New("the token is of another type")
	}
	key := c.ring.forToken(ctx, header["kid"])
	switch {
	case key == nil:
		return 0, nil, errors.New("the key is not known")
	case header["alg"] != string(key.algorithm):
		return 0, nil, errors.New("the algorithm is not the key's")
	}
	return kind, key, nil
}

// checkClaims compares every claim that a token must have.
func (c *codec) checkClaims(b claims, kind tokenKind, now time.Time) (token, error) {
	switch {
	case b.Issuer == nil || *b.Issuer != c.issuer:
		return token{}, errors.New("iss is missing or wrong")
	case b.Audience == nil || *b.Audience != kind.audience():
		return token{}, errors.New("aud is missing or wrong")
	case b.Subject == nil || *b.Subject == "":
		return token{}, errors.New("sub is missing")
	case b.Session == nil || *b.Session == "":
		return token{}, errors.New("sid is missing")
	case b.Generation == nil || *b.Generation < 1:
		return token{}, errors.New("gen is missing or wrong")
	case b.ID == nil || *b.ID == "":
		return token{}, errors.New("jti is missing")
	case kind == refreshToken && *b.ID != refreshTokenID(*b.Session, *b.Generation):
		return token{}, errors.New("jti is not that of sid and gen")
	case kind == accessToken && (b.ClientID == nil || *b.ClientID != *b.Subject):
		return token{}, errors.New("client_id is missing or wrong")
	}
	if err := b.checkTimes(now); err != nil {
		return token{}, err
	}
	return token{
		kind: kind, client: *b.Subject, session: *b.Session, id: *b.ID,
		generation: *b.Generation, issuedAt: *b.IssuedAt, expiresAt: *b.Expires,
	}, nil
}

// checkTimes checks iat, exp and nbf at now. An exp at now is over (RFC 7519 §4.1.4).
func (b *claims) checkTimes(now time.Time) error {
	switch {
	case b.IssuedAt == nil || *b.IssuedAt < 1:
		return errors.New("iat is missing or wrong")
	case *b.IssuedAt > now.Add(clockSkew).Unix():
		return errors.New("iat is in the future")
	case b.Expires == nil || *b.Expires <= *b.IssuedAt:
		return errors.New("exp is missing or not after iat")
	case *b.Expires <= now.Unix():
		return errors.New("the token has expired")
	case b.NotBefore == nil:
		return nil
	}
	var notBefore *float64
	if err := json.Unmarshal(b.NotBefore, &notBefore); err != nil || notBefore == nil {
		return errors.New("nbf is not a number")
	}
	if *notBefore > float64(now.UnixMilli())/1000 {
		return errors.New("nbf is in the future")
	}
	return nil
}
