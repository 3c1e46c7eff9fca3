package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/api"
	"example.com/mlapi/postprocess"
)

// TestHTTP2SlowModel: while the model works, no deadline of the rest of the body
// runs out.
func TestHTTP2SlowModel(t *testing.T) {
	g := newRig(t, open, func(c *api.Config) {
		c.MaxRows, c.Pipeline = 5000, pipelineOf(t, slowClassifier(), postprocess.Label{})
	})
	api.SetStall(g.handler, 150*time.Millisecond)
	server := overHTTP2(t, g.handler)
	reader, writer := io.Pipe()
	go func() {
		// A block of rows and a bit, then, once the model has had its time, the rest.
		_, _ = io.WriteString(writer, `[["TCP",9],`+strings.Repeat(`["TCP",0],`, 1100))
		time.Sleep(350 * time.Millisecond)
		_, _ = io.WriteString(writer, `["TCP",0]]`)
		_ = writer.Close()
	}()
	answer, err := server.Client().Post(server.URL+"/api/ml/", "application/json", reader)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if want := "[1" + strings.Repeat(",0", 1101) + "]\n"; err != nil || answer.StatusCode != 200 || string(text) != want {
		t.Errorf("%d %.200s %v", answer.StatusCode, text, err)
	}
}

func overHTTP2(t *testing.T, h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(nil)
	server.Config = api.NewServer(h, nil)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// TestHTTP2 goes the way that clients go with TLS, with a slow upload.
func TestHTTP2(t *testing.T) {
	g := newRig(t, open)
	api.SetStall(g.handler, 300*time.Millisecond)
	server := overHTTP2(t, g.handler)
	for _, tt := range []struct {
		name, target string
		pause        time.Duration
		status       int
		body         string
	}{
		{"slow but moving", "/api/ml/", 40 * time.Millisecond, 200, "[0]\n"},
		{"refused at once", "/nope", 40 * time.Millisecond, 404, notFound},
		{"stalled", "/api/ml/", 5 * time.Second, 408, `{"title":"Request Timeout"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reader, writer := io.Pipe()
			go func() {
				for _, c := range []byte(`[["TCP",0]]`) {
					if _, err := writer.Write([]byte{c}); err != nil {
						return
					}
					time.Sleep(tt.pause)
				}
				_ = writer.Close()
			}()
			defer reader.Close()
			r, err := http.NewRequest("POST", server.URL+tt.target, reader)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			if err != nil || answer.ProtoMajor != 2 || answer.StatusCode != tt.status || !strings.HasPrefix(string(text), tt.body) {
				t.Errorf("%s %d %s %v", answer.Proto, answer.StatusCode, text, err)
			}
		})
	}
}
