package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"example.com/mlapi/client"
)

// A server that answers every prediction alike stands for a real one.
func ExamplePredict() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers := map[string]string{
			"/auth/reset/":   `["Bearer refresh-1"]`,
			"/auth/refresh/": `["Bearer access-1","Bearer refresh-2"]`,
			"/api/ml/":       `["normal","attack"]`,
		}
		_, _ = io.WriteString(w, answers[r.URL.Path])
	}))
	defer s.Close()

	ctx := context.Background()
	c, err := client.New(s.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := c.Login(ctx, "ann", "her password"); err != nil {
		fmt.Println(err)
		return
	}
	labels, err := client.Predict[string](ctx, c, [][]any{{"tcp", "http", 0.5}, {"udp", "private", nil}})
	fmt.Println(labels, err)
	// Output: [normal attack] <nil>
}
