package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.com/mlapi/auth"
	"example.com/mlapi/store/sqlite"
)

// A credential that works once: the second login finds it used, also after a
// restart.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "mlapi")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx, path := context.Background(), filepath.Join(dir, "mlapi.db")
	for _, id := range []string{"first", "second"} {
		s, err := sqlite.Open(ctx, path)
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := s.AddClient(ctx, auth.Client{Name: "ann", PasswordHash: "$argon2id$..."}, auth.Event{}); err != nil {
			fmt.Println(err)
		}
		now := time.Now()
		session := auth.Session{ID: id, Client: "ann", Head: auth.Head{IssuedAt: now, ExpiresAt: now.Add(time.Hour)}}
		given, err := s.StartSession(ctx, session, auth.LoginCheck{PasswordHash: "$argon2id$...", Once: true}, auth.Event{})
		fmt.Println(id, given.ID != "", err)
		if err := s.Close(); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// first true <nil>
	// auth: exists already
	// second false <nil>
}
