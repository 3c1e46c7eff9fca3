package api

import (
	"errors"
	"net/http"
	"strings"

	"example.com/mlapi"
)

// mostToken is the longest token that is looked at, in bytes.
const mostToken = 8 << 10

// authorised lets h answer only for the bearer of a valid access token, or for
// everybody where the configuration says Open.
func (s *server) authorised(h handler) handler {
	if s.config.Open {
		return h
	}
	return func(x *exchange) (answer, error) {
		token, err := bearer(x.r.Header)
		if err != nil {
			return answer{}, err
		}
		caller, err := s.config.Auth.Authorise(x.ctx, token)
		if err != nil {
			return answer{}, err
		}
		if err := x.proven(caller); err != nil {
			return answer{}, err
		}
		return h(x)
	}
}

// proven notes who sent the request. An authoriser that names nobody, without an
// error, is not believed.
func (x *exchange) proven(caller mlapi.Caller) error {
	if caller.Name == "" {
		return mlapi.Internalf("the authoriser let nobody in, without an error")
	}
	x.caller = caller
	x.ctx = mlapi.WithCaller(x.ctx, caller)
	return nil
}

// bearer returns the token of the Authorization header: exactly one header, the
// scheme Bearer in any case, one or more spaces, and a token of the characters
// that RFC 6750, section 2.1 allows. A token is never looked for anywhere else.
func bearer(h http.Header) (string, error) {
	fields := h["Authorization"]
	if len(fields) != 1 {
		return "", errNoToken()
	}
	scheme, token, ok := strings.Cut(fields[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", errNoToken()
	}
	if token = strings.TrimLeft(token, " "); !validToken(token) {
		return "", errNoToken()
	}
	return token, nil
}

// validToken tells whether token is a b64token: letters, digits and -._~+/ with =
// at the end only.
func validToken(token string) bool {
	body := strings.TrimRight(token, "=")
	if body == "" || len(token) > mostToken {
		return false
	}
	for _, c := range []byte(body) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("-._~+/", c) >= 0:
		default:
			return false
		}
	}
	return true
}

func errNoToken() error {
	return &mlapi.Error{Kind: mlapi.Unauthenticated, Code: "invalid_token", Detail: "The token is missing, malformed, expired or revoked."}
}

// errCredentials is the one answer of reset to all that is not a right, unused
// credential.
func errCredentials(cause error) error {
	return &mlapi.Error{Kind: mlapi.Unauthenticated, Code: "invalid_credentials",
		Detail: "The name or password is wrong, or the credential was used before.", Cause: cause}
}

// origin returns what is known of a request for tokens beside its credentials.
func (s *server) origin(x *exchange) (mlapi.Origin, error) {
	key, err := retryKey(x.r.Header["Idempotency-Key"])
	return mlapi.Origin{Address: s.proxies.client(x.r), RetryKey: key}, err
}

// mostRetryKey is the longest Idempotency-Key, in bytes.
const mostRetryKey = 255

// retryKey reads the Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header):
// a String of RFC 8941, in quotes, or, as most clients send it, the text alone. Both
// name the same key: visible ASCII, 1 to 255 characters. A key that is refused uses
// nothing up; one that was taken for none would not protect who sent it.
func retryKey(fields []string) (string, error) {
	if len(fields) == 0 {
		return "", nil
	}
	key := fields[0]
	if n := len(key); n >= 2 && key[0] == '"' && key[n-1] == '"' {
		key = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(key[1 : n-1])
	}
	visible := func(r rune) bool { return r > ' ' && r < 0x7f }
	if len(fields) > 1 || key == "" || len(key) > mostRetryKey || strings.ContainsFunc(key, func(r rune) bool { return !visible(r) }) {
		return "", mlapi.Invalidf("invalid_idempotency_key", "The Idempotency-Key must be sent once, with 1 to %d visible ASCII characters.", mostRetryKey)
	}
	return key, nil
}

// reset is the login. Whatever is wrong with the credentials, the authoriser is
// asked all the same, so that the answer takes as long.
func (s *server) reset(x *exchange) (answer, error) {
	from, err := s.origin(x)
	if err != nil {
		return answer{}, err
	}
	if err := x.body.allow(x.r, smallBody); err != nil {
		return answer{}, err
	}
	login, err := credentials(x.r.Header["Content-Type"], &x.body)
	if err != nil {
		return answer{}, err
	}
	login.Origin = from
	if login.Name == "" || login.Password == "" {
		login.Name, login.Password = "", ""
	}
	given, err := s.config.Auth.Reset(x.ctx, login)
	var e *mlapi.Error
	switch {
	case errors.As(err, &e) && e.Kind == mlapi.Unauthenticated:
		return answer{}, errCredentials(err)
	case err != nil:
		return answer{}, err
	case login.Name == "":
		return answer{}, errCredentials(errors.New("the authoriser accepted an empty credential"))
	}
	if err := x.proven(given.Caller); err != nil {
		return answer{}, err
	}
	return tokens(given, given.Refresh)
}

func (s *server) refresh(x *exchange) (answer, error) {
	token, err := bearer(x.r.Header)
	if err != nil {
		return answer{}, err
	}
	from, err := s.origin(x)
	if err != nil {
		return answer{}, err
	}
	// The body means nothing here. One declared too long is refused before the token
	// is used up, so that the refusal costs nothing.
	if err := x.body.allow(x.r, smallBody); err != nil {
		return answer{}, err
	}
	given, err := s.config.Auth.Refresh(x.ctx, token, from)
	if err != nil {
		return answer{}, err
	}
	if err := x.proven(given.Caller); err != nil {
		return answer{}, err
	}
	return tokens(given, given.Access, given.Refresh)
}

func (s *server) revoke(x *exchange) (answer, error) {
	token, err := bearer(x.r.Header)
	if err != nil {
		return answer{}, err
	}
	if err := x.body.allow(x.r, smallBody); err != nil {
		return answer{}, err
	}
	caller, err := s.config.Auth.Revoke(x.ctx, token, mlapi.Origin{Address: s.proxies.client(x.r)})
	if err != nil {
		return answer{}, err
	}
	if err := x.proven(caller); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

// keys answers the public keys, for others that verify tokens.
func (s *server) keys(*exchange) (answer, error) {
	return answer{status: http.StatusOK, json: s.config.Keys.JWKS(), header: http.Header{"Cache-Control": keepKeys}}, nil
}

// tokens answers a JSON list of tokens, each with the word Bearer in front.
func tokens(given mlapi.Tokens, list ...string) (answer, error) {
	out := []byte{'['}
	for i, token := range list {
		if !validToken(token) {
			return answer{}, mlapi.Internalf("the authoriser gave a token that cannot be sent")
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `"Bearer `...)
		out = append(out, token...)
		out = append(out, '"')
	}
	out = append(out, "]\n"...)
	return answer{status: http.StatusOK, json: out, header: http.Header{"Pragma": {"no-cache"}}, given: given}, nil
}
