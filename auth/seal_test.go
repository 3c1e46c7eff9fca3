package auth

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const sealSecret = "a secret of the store"

func newTestSealer(t *testing.T, secret string) *Sealer {
	t.Helper()
	s, err := NewSealer(secret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustSeal(t *testing.T, s *Sealer, plain, aad string) []byte {
	t.Helper()
	sealed, err := s.Seal([]byte(plain), aad)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealedTextOpens(t *testing.T) {
	s := newTestSealer(t, sealSecret)
	for _, plain := range []string{"", "x", strings.Repeat("private ", 300)} {
		sealed, again := mustSeal(t, s, plain, "here"), mustSeal(t, s, plain, "here")
		if opened, err := newTestSealer(t, sealSecret).Open(sealed, "here"); err != nil || string(opened) != plain {
			t.Errorf("%d bytes became %d, %v", len(plain), len(opened), err)
		}
		if len(plain) > 1 && bytes.Contains(sealed, []byte("private")) {
			t.Error("the plain text is in the sealed one")
		}
		if bytes.Equal(sealed, again) || bytes.Equal(sealed[1:1+sealSalt], again[1:1+sealSalt]) {
			t.Error("sealed twice, the same salt came out")
		}
		if len(sealed) != sealHeader+len(plain)+sealTag {
			t.Errorf("%d bytes sealed have %d", len(plain), len(sealed))
		}
	}
}

// A wrong secret, another place and damage are told apart, and no error holds the
// secret or what was sealed.
func TestSealedTextThatDoesNotOpen(t *testing.T) {
	s := newTestSealer(t, sealSecret)
	sealed := mustSeal(t, s, "private key", "here")
	changed := func(at int) []byte {
		other := bytes.Clone(sealed)
		other[at] ^= 1
		return other
	}
	for name, c := range map[string]struct {
		sealer *Sealer
		sealed []byte
		place  string
		want   error
	}{
		"another secret":        {newTestSealer(t, sealSecret+" "), sealed, "here", errSealSecret},
		"another place":         {s, sealed, "there", errSealDamaged},
		"no place":              {s, sealed, "", errSealDamaged},
		"another version":       {s, changed(0), "here", errSealVersion},
		"the salt":              {s, changed(1), "here", errSealSecret},
		"the check":             {s, changed(1 + sealSalt), "here", errSealSecret},
		"the nonce":             {s, changed(1 + sealSalt + sealCheck), "here", errSealDamaged},
		"the first byte":        {s, changed(sealHeader), "here", errSealDamaged},
		"the tag":               {s, changed(len(sealed) - 1), "here", errSealDamaged},
		"cut off":               {s, sealed[:len(sealed)-1], "here", errSealDamaged},
		"longer":                {s, append(bytes.Clone(sealed), 0), "here", errSealDamaged},
		"nothing but a header":  {s, sealed[:sealHeader], "here", errSealDamaged},
		"empty":                 {s, nil, "here", errSealDamaged},
		"too long to be a key":  {s, make([]byte, maxSealedText+1), "here", errSealDamaged},
		"the place in the text": {s, sealed, "here\x00", errSealDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			plain, err := c.sealer.Open(c.sealed, c.place)
			if !errors.Is(err, c.want) || plain != nil {
				t.Errorf("got %q, %v, want %v", plain, err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), sealSecret) || strings.Contains(err.Error(), "private")) {
				t.Errorf("%q says too much", err)
			}
		})
	}
}

func TestSealerNeedsASecret(t *testing.T) {
	_, err := NewSealer("")
	var setup *setupError
	if !errors.As(err, &setup) || !strings.Contains(setup.Hint(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestSealerKeepsItsSecretOutOfMessages(t *testing.T) {
	s := newTestSealer(t, sealSecret)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "sealer", s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "sealer", s)
	text := log.String() + fmt.Sprintf("%v %+v %#v %s", s, s, s, s)
	if strings.Contains(text, sealSecret) || strings.Contains(text, fmt.Sprint([]byte(sealSecret)[:4])[1:10]) {
		t.Errorf("%q holds the secret", text)
	}
}
