package app_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/auth"
)

// tokenKey returns the kid of a token.
func tokenKey(t *testing.T, token string) string {
	t.Helper()
	report, err := auth.InspectToken(strings.TrimPrefix(token, "Bearer "), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var header struct{ Kid string }
	if err := json.Unmarshal(report.Header, &header); err != nil {
		t.Fatal(err)
	}
	return header.Kid
}

// forge returns a token of a header and claims, signed by key where that is not nil.
func forge(t *testing.T, header, claims string, key *rsa.PrivateKey) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(header)) + "." + encode([]byte(claims))
	sum := sha256.Sum256([]byte(signed))
	signature := sum[:]
	if key != nil {
		var err error
		if signature, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
			t.Fatal(err)
		}
	}
	return signed + "." + encode(signature)
}

// TestTokenInspectOfAServer checks the tokens of a running server with its key, as a
// file and by its URL.
func TestTokenInspectOfAServer(t *testing.T) {
	s := startServer(t, t.TempDir())
	access, refresh := s.login(s.firstCredential())
	file, url := filepath.Join("data", "auth_public_key.pem"), s.url+"/.well-known/jwks.json"
	list, err := json.Marshal([]string{access, refresh})
	if err != nil {
		t.Fatal(err)
	}
	bare := strings.TrimPrefix(access, "Bearer ")
	for _, key := range []string{file, url} {
		for what, input := range map[string]string{
			"as it came": access, "without Bearer": bare, "in quotes": `"` + access + `"`, "with white space": "\r\n " + bare + " \r\n", "the list": string(list),
		} {
			r := runIn(t, s.folder, input, "token", "inspect", "--key", key)
			for _, want := range []string{
				"Token      access\nSignature  right\n", "(in 59 minutes)", `"sub":"client-1"`, `"aud":"access"`,
				"It is good in itself; whether its session has ended only the server knows.",
			} {
				if r.status != 0 || r.stderr != "" || !strings.Contains(r.stdout, want) {
					t.Errorf("%s, key %s: exit status %d, no %q in\n%s%s", what, key, r.status, want, r.stdout, r.stderr)
				}
			}
			if got, want := strings.Count(r.stdout, "Token "), 1+strings.Count(input, ","); got != want {
				t.Errorf("%s: %d tokens are explained, want %d:\n%s", what, got, want, r.stdout)
			}
		}
	}
	r := runIn(t, s.folder, refresh, "token", "inspect", "--key", url)
	if r.status != 0 || !strings.Contains(r.stdout, "Token      refresh\nSignature  right\n") || !strings.Contains(r.stdout, "(in 23 hours)") {
		t.Errorf("a refresh token: exit status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if r := runIn(t, s.folder, access, "token", "inspect"); r.status != 0 || !strings.Contains(r.stdout, "Signature  not checked\n") {
		t.Errorf("without a key: exit status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	for what, wrong := range map[string]string{
		"the claims of the other": strings.Join([]string{strings.Split(bare, ".")[0], strings.Split(refresh, ".")[1], strings.Split(bare, ".")[2]}, "."),
		"a changed signature":     bare[:len(bare)-20] + "AAAAAAAAAAAAAAAAAAAA",
	} {
		r := runIn(t, s.folder, wrong, "token", "inspect", "--key", file)
		if r.status != 1 || !strings.Contains(r.stdout, "Signature  wrong\n") || !strings.Contains(r.stdout, "Problem    its signature is wrong\n") || strings.Contains(r.stdout, "good in itself") {
			t.Errorf("%s: exit status %d\n%s%s", what, r.status, r.stdout, r.stderr)
		}
	}
}

// TestTokenInspectOfOthers explains tokens that no server would take.
func TestTokenInspectOfOthers(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := auth.NewKey(key, "RS256")
	if err != nil {
		t.Fatal(err)
	}
	folder, now := t.TempDir(), time.Now().Unix()
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	header := `{"alg":"RS256","kid":"` + public.ID() + `","typ":"at+jwt"}`
	claims := func(iat, exp string) string {
		return `{"iss":"i","aud":"access","sub":"anna","iat":` + iat + `,"exp":` + exp + `,"sid":"s","jti":"j","gen":1,"client_id":"anna"}`
	}
	good := claims(number(now), number(now+3600))
	for what, test := range map[string]struct{ header, claims, want string }{
		"expired":         {header, claims(number(now-7200), number(now-3600*26/25)), "the token has expired"},
		"not yet":         {header, claims(number(now+7200), number(now+9000)), "iat is in the future"},
		"none":            {`{"alg":"none","kid":"x","typ":"at+jwt"}`, good, "its alg is none of RS256, RS384 and RS512"},
		"HS256":           {`{"alg":"HS256","kid":"x","typ":"at+jwt"}`, good, "its alg is none of RS256, RS384 and RS512"},
		"jku":             {`{"alg":"RS256","jku":"http://127.0.0.1:1/","kid":"x","typ":"at+jwt"}`, good, "its header has other members than alg, kid and typ"},
		"another typ":     {`{"alg":"RS256","kid":"x","typ":"JWT"}`, good, "its typ is neither at+jwt nor rt+jwt"},
		"another aud":     {header, strings.Replace(good, `"access"`, `"refresh"`, 1), "its aud does not go with its typ"},
		"another client":  {header, strings.Replace(good, `"client_id":"anna"`, `"client_id":"bert"`, 1), "its client_id is not its sub"},
		"no sub":          {header, strings.Replace(good, `"sub":"anna",`, "", 1), "it has no sub"},
		"no UTF-8":        {header, strings.Replace(good, `"i"`, "\"\xff\"", 1), "its claims are not UTF-8"},
		"a text as exp":   {header, claims(number(now), `"soon"`), "its claims have other types than ours"},
		"a far time":      {header, claims("1", "9000000000000000000"), "its alg"},
		"an escape":       {header, strings.Replace(good, `"i"`, "\"\u009b2J\u202e\"", 1), "??"},
		"other refreshes": {strings.Replace(header, "at+", "rt+", 1), strings.Replace(good, `"access"`, `"refresh"`, 1), "its jti is not that of its sid and gen"},
	} {
		token := forge(t, test.header, test.claims, nil)
		for _, flags := range [][]string{nil, {"--json"}} {
			r := runIn(t, folder, token, append([]string{"token", "inspect"}, flags...)...)
			if what == "a far time" || what == "an escape" { // odd, and without a key nothing is wrong with them
				if r.status != 0 || strings.ContainsAny(r.stdout, "\u202e\u009b") != (flags != nil && what == "an escape") {
					t.Errorf("%s: exit status %d\n%s%s", what, r.status, r.stdout, r.stderr)
				}
				continue
			}
			if r.status != 1 || r.stderr != "" || !strings.Contains(r.stdout, test.want) || strings.Contains(r.stdout, "good in itself") {
				t.Errorf("%s: exit status %d, want 1 and %q\n%s%s", what, r.status, test.want, r.stdout, r.stderr)
			}
		}
	}
}

// TestTokenInspectRefuses: what is no token, or no key, is told of without showing the
// token again.
func TestTokenInspectRefuses(t *testing.T) {
	folder := t.TempDir()
	token := forge(t, `{"alg":"RS256","kid":"x","typ":"at+jwt"}`, `{"iss":"i","sub":"`+strings.Repeat("anna", 20)+`"}`, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	mux.HandleFunc("/html", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<p>")) })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) })
	mux.Handle("/moved", http.RedirectHandler("/empty", http.StatusFound))
	keys := httptest.NewServer(mux)
	defer keys.Close()
	write(t, filepath.Join(folder, "no.pem"), "no key")
	inspect := []string{"token", "inspect"}
	withKey := func(key string) []string { return append(inspect[:2:2], "--key", key) }
	for _, test := range []struct {
		what, input string
		args        []string
		want        string
	}{
		{"nothing", "", inspect, "there is no token on standard input"},
		{"white space", " \r\n\t", inspect, "there is no token on standard input"},
		{"an empty list", "[]", inspect, "there is no token on standard input"},
		{"null", "null", inspect, "there is no token on standard input"},
		{"garbage", "\x00\xff\x1b[2J", inspect, "the token does not have three parts"},
		{"two parts", token[:strings.LastIndex(token, ".")], inspect, "the token does not have three parts"},
		{"an empty part", token[:strings.LastIndex(token, ".")+1], inspect, "a part of the token is empty"},
		{"padded", token + "==", inspect, "illegal base64"},
		{"no JSON", "YWJj.YWJj.YWJj", inspect, "is no token"},
		{"too long", strings.Repeat("a.", 30000), inspect, "the token is too long"},
		{"huge", strings.Repeat(token, 1000), inspect, "standard input holds more than 65536 bytes"},
		{"an argument", "", append(inspect[:2:2], token), "takes no arguments"},
		{"as a command", "", []string{"token", token}, "mlapi token has no such command"},
		{"as a command with a flag", "", []string{"token", token, "--json"}, "mlapi token has no such command"},
		{"as a flag", "", append(inspect[:2:2], "--"+token), "mlapi token has no such command or flag"},
		{"as the key", token, withKey(token), "--key eyJhbGciOi..."},
		{"no key's name", token, withKey(""), "--key is empty"},
		{"no such file", token, withKey("none.pem"), "--key none.pem: "},
		{"no key", token, withKey("no.pem"), "--key no.pem: "},
		{"a folder", token, withKey("."), "not a regular file"},
		{"a device", token, withKey("/dev/zero"), "not a regular file"},
		{"a huge answer", token, withKey(keys.URL + "/huge"), "longer than 65536 bytes"},
		{"a page", token, withKey(keys.URL + "/html"), "--key http"},
		{"no keys", token, withKey(keys.URL + "/empty"), "the set holds no RSA key"},
		{"elsewhere", token, withKey(keys.URL + "/moved"), "302"},
		{"not there", token, withKey(keys.URL + "/none"), "404"},
		{"nobody listens", token, withKey("http://127.0.0.1:1/"), "connection refused"},
		{"a password", token, withKey("http://me:hunter2@127.0.0.1:1/"), "me:xxxxx@127.0.0.1:1"},
	} {
		r := runIn(t, folder, test.input, test.args...)
		r.wantError(t, 2, test.want)
		if part := strings.Split(token, ".")[1]; strings.Contains(r.stderr, part) || strings.Contains(r.stderr, "hunter2") {
			t.Errorf("%s: the message holds a secret:\n%s", test.what, r.stderr)
		}
		if len(r.stderr) > 1000 {
			t.Errorf("%s: the message has %d bytes", test.what, len(r.stderr))
		}
	}
	closed := command(t.Context(), folder, quick, "token", "inspect")
	if out, err := closed.CombinedOutput(); err == nil || !strings.Contains(string(out), "there is no token on standard input") {
		t.Errorf("without standard input: %v\n%s", err, out)
	}
}
