package sqlite_test

import (
	"path/filepath"
	"testing"

	"example.com/mlapi/auth"
	"example.com/mlapi/auth/authtest"
	"example.com/mlapi/store/sqlite"
)

func TestStore(t *testing.T) {
	authtest.TestStore(t, func(t *testing.T, place string) auth.Store {
		s, err := sqlite.Open(t.Context(), filepath.Join(place, "mlapi.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
