package api_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/postprocess"
)

// BenchmarkPredict shows an authorised prediction of one row over a kept
// connection beside a bare handler that only reads the body.
func BenchmarkPredict(b *testing.B) {
	const body = `[["TCP",0.5]]`
	bench := func(b *testing.B, h http.Handler, target string) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		server := api.NewServer(h, nil)
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		reader := bufio.NewReader(conn)
		message := request("POST", target, []string{jsonType, "Authorization: Bearer abc"}, body)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := io.WriteString(conn, message); err != nil {
				b.Fatal(err)
			}
			r, err := http.ReadResponse(reader, nil)
			if err != nil || r.StatusCode != 200 {
				b.Fatal(r, err)
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("bare", func(b *testing.B) {
		bench(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "[0]\n")
		}), "/")
	})
	b.Run("mlapi", func(b *testing.B) {
		h, err := api.New(api.Config{
			Auth: &nobody{caller: mlapi.Caller{Name: "ada"}}, APIEnabled: true, APIRoute: "api", MaxBodyBytes: 1 << 20, MaxRows: 1000,
			Pipeline: pipelineOf(b, classifier(mlapi.IntLabel(0), mlapi.IntLabel(1)), postprocess.Label{}),
		})
		if err != nil {
			b.Fatal(err)
		}
		bench(b, h, "/api/ml/")
	})
}
