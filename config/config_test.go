package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestDefault holds the defaults of the contract: changing one is a decision.
func TestDefault(t *testing.T) {
	want := Config{
		App:     "MLAPI",
		Logging: Logging{Level: LevelInfo, Format: FormatText},
		CORS:    CORS{Enabled: true, Origins: []string{"localhost"}},
		Auth: Auth{Enabled: true, Route: "auth", ResetOnlyOnce: true, Issuer: "MLAPIAS", Algorithm: "RS512",
			AccessTTL: time.Hour, RefreshTTL: 24 * time.Hour},
		API:    API{Enabled: true, Route: "api", UnknownCategory: "error", MaxBodyBytes: 67108864, MaxRows: 1000000},
		Server: Server{Address: "127.0.0.1", Port: 8080, Data: "./data"},
		Store:  Store{Outage: OutageRefuse, Patience: 5 * time.Second},
	}
	if diff := cmp.Diff(want, Default(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Default (-want +got):\n%s", diff)
	}
}

func TestKeysTakeTheirDefaults(t *testing.T) {
	for _, k := range keys() {
		if k.fallback == "" {
			continue
		}
		var c Config
		if f := k.set(&c, k.fallback); f != nil {
			t.Errorf("%s refuses its default %q: it %s", k.name, k.fallback, f.problem)
		}
	}
}
