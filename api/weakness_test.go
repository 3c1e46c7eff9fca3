package api_test

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/postprocess"
)

// The weaknesses of the template, by their numbers in the contract, that would live
// in this package. Each is to be impossible.

func TestWeakness05HeadRotates(t *testing.T) {
	g := newRig(t)
	refresh := g.reset()
	for range 3 {
		check(t, row{status: 405, want: []string{"Allow: GET, OPTIONS, POST"}}, g.send("HEAD", "/auth/refresh/", []string{"Authorization: " + refresh}, ""))
	}
	g.tokens(g.send("GET", "/auth/refresh/", []string{"Authorization: " + refresh}, ""), 2)
}

func TestWeakness07NoLogout(t *testing.T) {
	g := newRig(t)
	both := g.tokens(g.send("POST", "/auth/refresh/", []string{"Authorization: " + g.reset()}, ""), 2)
	got := g.send("POST", "/auth/revoke/", []string{"Authorization: " + both[0]}, "")
	check(t, row{status: 204, want: []string{"Content-Length:", "Content-Type:", "Cache-Control: no-store"}}, got)
	check(t, row{status: 401, text: noToken}, g.send("GET", "/api/ml/", []string{"Authorization: " + both[0]}, ""))
	check(t, row{status: 401, text: noToken}, g.send("GET", "/auth/refresh/", []string{"Authorization: " + both[1]}, ""))
}

func TestWeakness07LargeLogin(t *testing.T) {
	g := newRig(t)
	const size = 200 << 20
	tooLarge := `{"title":"Request Entity Too Large","status":413,"detail":"The body is larger than the server takes (65536 bytes).","code":"body_too_large"}`
	for name, header := range map[string]string{"declared": fmt.Sprintf("Content-Length: %d", size), "chunked": "Transfer-Encoding: chunked"} {
		t.Run(name, func(t *testing.T) {
			h := *g
			h.t = t
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			conn := h.dial()
			go func() { // until the server has had enough
				_, err := io.WriteString(conn, request("POST", "/auth/reset/", []string{formType, header}, ""))
				piece := fmt.Sprintf("%x\r\n%s\r\n", 1<<16, strings.Repeat("a", 1<<16))
				for sent := 0; sent < size && err == nil; sent += 1 << 16 {
					_, err = io.WriteString(conn, piece)
				}
			}()
			check(t, row{status: 413, want: []string{"Connection: close"}, text: tooLarge}, h.receive(bufio.NewReader(conn), "POST"))
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
				t.Errorf("%d bytes were allocated", used)
			}
		})
	}
	exact := "username=ada&password=" + strings.Repeat("a", 1<<16-len("username=ada&password="))
	check(t, row{status: 401, text: noEntry}, g.send("POST", "/auth/reset/", []string{formType}, exact))
	check(t, row{status: 413, text: tooLarge}, g.send("POST", "/auth/reset/", []string{formType}, exact+"a"))
	check(t, row{status: 413, text: tooLarge}, g.send("POST", "/auth/reset/", []string{jsonType}, exact+"a"))
}

// TestWeakness08HalfSentRequest leaves requests half sent and is answered beside
// them, at once.
func TestWeakness08HalfSentRequest(t *testing.T) {
	g := newRig(t)
	access := "Authorization: " + g.access()
	for range 20 {
		for _, half := range []string{
			"POST /auth/reset/ HT",
			"POST /auth/reset/ HTTP/1.1\r\nHost: x\r\n" + formType + "\r\nContent-Length: 100\r\n\r\nusername=",
			"POST /api/ml/ HTTP/1.1\r\nHost: x\r\n" + jsonType + "\r\n" + access + "\r\nContent-Length: 100\r\n\r\n[[1,",
		} {
			if _, err := io.WriteString(g.dial(), half); err != nil {
				t.Fatal(err)
			}
		}
	}
	start := time.Now()
	if got := g.send("POST", "/api/ml/", []string{jsonType, access}, `[["TCP",0]]`); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestWeakness08RefusedBeforeTheBody: what is refused by its head is answered
// although the body has not come and never will.
func TestWeakness08RefusedBeforeTheBody(t *testing.T) {
	g := newRig(t)
	for target, status := range map[string]int{"/api/ml/": 401, "/nope": 404, "/api/ml": 308, "/api/": 405, "/auth/refresh/": 401} {
		start := time.Now()
		got := g.send("POST", target, []string{jsonType, "Content-Length: 100"}, "")
		if got.status != status || time.Since(start) > 2*time.Second || got.header.Get("Connection") != "close" {
			t.Errorf("%s: %d after %v, Connection: %s", target, got.status, time.Since(start), got.header.Get("Connection"))
		}
	}
}

// TestRefusedConnectionEnds: after such an answer the connection does not wait for
// the body for ever.
func TestRefusedConnectionEnds(t *testing.T) {
	g := newRig(t)
	api.SetStall(g.handler, 100*time.Millisecond)
	conn := g.dial()
	if _, err := io.WriteString(conn, request("POST", "/nope", []string{"Content-Length: 100"}, "")); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := io.Copy(io.Discard, conn); err != nil || time.Since(start) > 10*time.Second {
		t.Errorf("the connection ended after %v: %v", time.Since(start), err)
	}
}

// TestWeakness08ManyRows takes 300,000 rows and is answered beside them.
func TestWeakness08ManyRows(t *testing.T) {
	g := newRig(t, open, func(c *api.Config) { c.MaxRows, c.MaxBodyBytes = 1_000_000, 64<<20 })
	const rows = 300_000
	conn := g.dial()
	body := "[" + strings.Repeat(`["TCP",0],`, rows-1) + `["UDP",1]]`
	many := make(chan response, 1)
	go func() { many <- g.sendOver(conn, "POST", "/api/ml/", []string{jsonType}, body) }()
	for range 5 {
		start := time.Now()
		if got := g.send("POST", "/api/ml/", []string{jsonType}, `[["TCP",0]]`); got.status != 200 || time.Since(start) > 2*time.Second {
			t.Errorf("%d after %v", got.status, time.Since(start))
		}
	}
	got := <-many
	if want := "[" + strings.Repeat("0,", rows-1) + "1]\n"; got.status != 200 || got.body != want {
		t.Errorf("%d, %d bytes, want %d", got.status, len(got.body), len(want))
	}
	g.waitLog("rows=300000")
}

func TestWeakness09UnescapedInput(t *testing.T) {
	g := newRig(t, open)
	const script = "<script>alert(1)</script>"
	for _, r := range []row{
		{method: "GET", target: "/" + script},
		{method: "POST", target: "/api/ml/?output=" + script, header: []string{jsonType}},
		{method: "POST", target: "/api/ml/", header: []string{jsonType}, body: `[["` + script + `",0]]`},
		{method: "POST", target: "/api/ml/", header: []string{jsonType}, body: script},
		{method: "POST", target: "/api/ml/", header: []string{"Content-Type: " + script}},
	} {
		for _, accept := range []string{"text/html", "application/json"} {
			got := g.send(r.method, r.target, append(r.header, "Accept: "+accept), r.body)
			if got.status < 400 || got.status > 404 || strings.Contains(got.body, "<script>") {
				t.Errorf("%s %s: %d %s", r.method, r.target, got.status, got.body)
			}
		}
	}
}

func TestWeakness09FaultsAreNot400(t *testing.T) {
	g := newRig(t, open, func(c *api.Config) {
		c.Pipeline = pipelineOf(t, broken{classifier(mlapi.IntLabel(0)), func(*mlapi.Scores, *mlapi.Matrix) error {
			return fmt.Errorf("IndexError: /srv/model.joblib")
		}}, postprocess.Label{})
	})
	got := g.send("POST", "/api/ml/", []string{jsonType}, `[["TCP",0]]`)
	if got.status != 500 || strings.Contains(got.body, "IndexError") || strings.Contains(got.body, "/srv") {
		t.Errorf("%d %s", got.status, got.body)
	}
	g.waitLog("IndexError")
}

func TestWeakness10OpenAPI(t *testing.T) {
	g := newRig(t, open)
	for _, header := range [][]string{{jsonType}, {jsonType, "Authorization: Bearer nonsense"}, {jsonType, "Authorization: a", "Authorization: b"}} {
		if got := g.send("POST", "/api/ml/", header, `[["TCP",0]]`); got.status != 200 || got.body != "[0]\n" {
			t.Errorf("%v: %d %s", header, got.status, got.body)
		}
	}
	for _, target := range []string{"/auth/", "/auth", "/auth/reset/", "/auth/refresh/", "/auth/revoke/"} {
		if got := g.send("POST", target, nil, ""); got.status != 404 {
			t.Errorf("%s: %d", target, got.status)
		}
	}
}

func TestWeakness10EmptyCredentials(t *testing.T) {
	g := newRig(t)
	for _, body := range []string{"username=&password=", "username&password", "&", "="} {
		check(t, row{status: 401, text: noEntry}, g.send("POST", "/auth/reset/", []string{formType}, body))
	}
}

// TestStalledBody and those after it shorten the rolling deadline to a fifth of a
// second.
func TestStalledBody(t *testing.T) {
	g := newRig(t, open)
	api.SetStall(g.handler, 200*time.Millisecond)
	start := time.Now()
	got := g.send("POST", "/api/ml/", []string{jsonType, "Content-Length: 100"}, "")
	check(t, row{status: 408, want: []string{"Connection: close"},
		text: `{"title":"Request Timeout","status":408,"detail":"The body stood still for too long.","code":"body_stalled"}`}, got)
	if took := time.Since(start); took < 150*time.Millisecond || took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestSlowButMovingBody(t *testing.T) {
	g := newRig(t, open)
	api.SetStall(g.handler, 400*time.Millisecond)
	conn := g.dial()
	const body = `[["TCP",0],["UDP",1]]`
	send := func(text string) {
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
	}
	send(request("POST", "/api/ml/", []string{jsonType, "Content-Length: " + itoa(len(body))}, ""))
	for i := range body {
		time.Sleep(30 * time.Millisecond) // longer than the deadline in all
		send(body[i : i+1])
	}
	check(t, row{status: 200, text: "[0,1]\n"}, g.receive(bufio.NewReader(conn), "POST"))
	// The connection is as good as before, and no deadline is left on it.
	time.Sleep(500 * time.Millisecond)
	check(t, row{status: 200, text: "[0]\n"}, g.sendOver(conn, "POST", "/api/ml/", []string{jsonType}, `[["TCP",0]]`))
}

// slowClassifier takes 300 ms for each row with a rate of 9.
func slowClassifier() *sum {
	slow := classifier(mlapi.IntLabel(0), mlapi.IntLabel(1))
	answer := slow.answer
	slow.answer = func(row []float64) (int32, []float64) {
		if row[1] == 9 {
			time.Sleep(300 * time.Millisecond)
		}
		return answer(row)
	}
	return slow
}

// TestSlowModel: while the model works, the client need not send, and nothing is
// cut off.
func TestSlowModel(t *testing.T) {
	g := newRig(t, open, func(c *api.Config) {
		c.MaxRows, c.Pipeline = 10_000, pipelineOf(t, slowClassifier(), postprocess.Label{})
	})
	api.SetStall(g.handler, 150*time.Millisecond)
	body := "[" + `["TCP",9],` + strings.Repeat(`["TCP",0],`, 5000) + `["TCP",9]]`
	conn := g.dial()
	for range 2 {
		got := g.sendOver(conn, "POST", "/api/ml/", []string{jsonType}, body)
		if got.status != 200 || len(got.body) != 2*5002+2 {
			t.Fatalf("%d, %d bytes: %.200s", got.status, len(got.body), got.body)
		}
	}
}

// TestClientThatDoesNotRead is cut off; the server's goroutine does not hang.
func TestClientThatDoesNotRead(t *testing.T) {
	wide := regressor(200, func([]float64) []float64 { return make([]float64, 200) })
	g := newRig(t, open, func(c *api.Config) {
		c.MaxRows, c.MaxBodyBytes, c.Pipeline = 100_000, 8<<20, pipelineOf(t, wide, postprocess.None{})
	})
	api.SetStall(g.handler, 200*time.Millisecond)
	conn := g.dial()
	body := "[" + strings.Repeat("[0,0],", 50_000) + "[0,0]]" // answered by 20 MB
	if _, err := io.WriteString(conn, request("POST", "/api/ml/", []string{jsonType}, body)); err != nil {
		t.Fatal(err)
	}
	g.waitLog("rows=50001")
	n, err := io.Copy(io.Discard, conn)
	if n == 0 || n > 19<<20 {
		t.Errorf("%d bytes came (%v)", n, err)
	}
}

// TestAbsentClientIsNoFault: whoever hangs up half-way is no error of the server.
func TestAbsentClientIsNoFault(t *testing.T) {
	g := newRig(t, open)
	conn := g.dial()
	if _, err := io.WriteString(conn, request("POST", "/api/ml/", []string{jsonType, "Content-Length: 100"}, "")+"[["); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if line := g.waitLog("path=/api/ml/"); !strings.Contains(line, "level=INFO") || !strings.Contains(line, "code=incomplete_body") {
		t.Errorf("log: %s", line)
	}
}

// TestAbsentClientStopsTheModel: what a model returns because nobody waits any more
// is no fault either.
func TestAbsentClientStopsTheModel(t *testing.T) {
	g := newRig(t, open, func(c *api.Config) { c.Pipeline = pipelineOf(t, slowClassifier(), postprocess.Label{}) })
	conn := g.dial()
	if _, err := io.WriteString(conn, request("POST", "/api/ml/", []string{jsonType}, `[["TCP",9]]`)); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if line := g.waitLog("path=/api/ml/"); !strings.Contains(line, "level=INFO") || !strings.Contains(line, "status=500") {
		t.Errorf("log: %s", line)
	}
}

func TestContinueIsNotAskedForInVain(t *testing.T) {
	g := newRig(t)
	expect := "Expect: 100-continue"
	check(t, row{status: 401, text: noToken}, g.send("POST", "/api/ml/", []string{jsonType, expect, "Content-Length: 11"}, ""))
	conn := g.dial()
	access := "Authorization: " + g.access()
	// The write deadline of an earlier answer has passed when it is asked for.
	api.SetStall(g.handler, 100*time.Millisecond)
	check(t, row{status: 200, text: health}, g.sendOver(conn, "GET", "/", nil, ""))
	time.Sleep(200 * time.Millisecond)
	api.SetStall(g.handler, 10*time.Second)
	if _, err := io.WriteString(conn, request("POST", "/api/ml/", []string{jsonType, expect, access, "Content-Length: 11"}, "")); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("%q %v", line, err)
	}
	_, _ = reader.ReadString('\n')
	if _, err := io.WriteString(conn, `[["TCP",0]]`); err != nil {
		t.Fatal(err)
	}
	check(t, row{status: 200, text: "[0]\n"}, g.receive(reader, "POST"))
}

func TestHeaderLimits(t *testing.T) {
	g := newRig(t)
	conn := g.dial()
	if _, err := io.WriteString(conn, request("GET", "/", []string{"X: " + strings.Repeat("a", 40<<10)}, "")); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 431 ") {
		t.Errorf("%q %v", line, err)
	}
}
