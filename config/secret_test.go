package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestSecretIsNotShown puts a secret, alone and inside a whole configuration, through
// all that prints.
func TestSecretIsNotShown(t *testing.T) {
	const hidden = "geheim"
	c := Default()
	c.Auth.PrivateKeySecret = hidden
	c.Auth.Clients = []Credential{{"ClientA", hidden}}
	secret := c.Auth.PrivateKeySecret
	values := map[string]any{"alone": secret, "pointer": &secret, "config": c, "pointer to config": &c,
		"slice": []Secret{secret}, "map": map[string]Secret{"k": secret}}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			for _, verb := range strings.Fields("%v %+v %#v %s %q %+q %#q %x %X % x %d %t %T %10.3s %c %U %e") {
				fmt.Fprintf(&out, verb+"\n", v)
			}
			fmt.Fprint(&out, v)
			fmt.Fprintln(&out, v)
			if data, err := json.Marshal(v); err == nil {
				out.Write(data)
			} else {
				t.Error(err)
			}
			for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
				slog.New(h).Info("m", "v", v)
			}
			for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden), fmt.Sprintf("% x", hidden), fmt.Sprint([]byte(hidden))} {
				if strings.Contains(out.String(), form) {
					t.Errorf("shown as %s in\n%s", form, out.String())
				}
			}
			if !strings.Contains(out.String(), redacted) {
				t.Errorf("nothing was redacted in\n%s", out.String())
			}
		})
	}
	if data, err := xml.Marshal(secret); err != nil || strings.Contains(string(data), hidden) {
		t.Errorf("xml.Marshal = %s, %v", data, err)
	}
	if s := secret.String() + secret.GoString(); s != redacted+redacted {
		t.Errorf("String and GoString = %s", s)
	}
	if secret.Reveal() != hidden {
		t.Error("Reveal does not give the secret")
	}
}
