package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/postprocess"
)

func predictionRows() []row {
	post := func(name, target, body, text string) row {
		return row{name, "POST", target, []string{withToken, jsonType, "Accept: text/html", "Origin: https://app.example"}, body, 200,
			[]string{"Content-Type: application/json", "Vary: Origin", "Cache-Control: no-store"}, text}
	}
	return []row{
		post("mixed", "/api/ml/", `[["TCP",0.5],["udp",3],[0,"1"],[2,true]]`, "[0,1,0,1]\n"),
		post("one row", "/api/ml/", `[["TCP",0]]`, "[0]\n"),
		post("label", "/api/ml/?output=label", `[["TCP",0]]`, "[0]\n"),
		post("other query", "/api/ml/?x=1&y", `[["TCP",0]]`, "[0]\n"),
		post("scores", "/api/ml/?output=scores", `[["TCP",0],["UDP",1]]`, `{"kind":"probability","classes":[0,1],"scores":[[0.93,0.07],[0.25,0.75]]}`+"\n"),
		post("all", "/api/ml/?output=all", `[["TCP",0],["UDP",1]]`, `{"kind":"probability","classes":[0,1],"scores":[[0.93,0.07],[0.25,0.75]],"predictions":[0,1]}`+"\n"),
		post("first output counts", "/api/ml/?output=label&output=all", `[["TCP",0]]`, "[0]\n"),
		post("comments, mark and NaN as text", "/api/ml/", "\xef\xbb\xbf// rows\n[[\"TCP\",0]] // end", "[0]\n"),
		post("objects", "/api/ml/", `[{"protocol":"TCP","rate":0.5},{"rate":3,"protocol":"udp"}]`, "[0,1]\n"),
		post("a table", "/api/ml/?output=all", `{"columns":["rate","protocol"],"index":[5,6],"data":[[0,"TCP"],[1,"UDP"]]}`,
			`{"kind":"probability","classes":[0,1],"scores":[[0.93,0.07],[0.25,0.75]],"predictions":[0,1]}`+"\n"),
		post("several blocks", "/api/ml/", "["+strings.Repeat(`["TCP",0],`, 999)+`["UDP",1]]`, "["+strings.Repeat("0,", 999)+"1]\n"),
	}
}

func bodyRows() []row {
	bad := func(name, body, text string) row {
		return row{name, "POST", "/api/ml/", []string{withToken, jsonType}, body, 400, []string{problemCT}, text}
	}
	typed := func(name, contentType string, status int) row {
		text := "[0]\n"
		if status != 200 {
			text = `{"title":"Bad Request","status":400,"detail":"The content type must be application/json, in UTF-8.","code":"unsupported_content_type"}`
		}
		return row{name, "POST", "/api/ml/", []string{withToken, contentType}, `[["TCP",0]]`, status, nil, text}
	}
	return []row{
		{"no body", "POST", "/api/ml/", []string{withToken, jsonType}, "", 400, nil, `{"title":"Bad Request","status":400,"detail":"The body is not valid JSON: at byte 0, the body is empty.","code":"not_json"}`},
		bad("no JSON", "hello", `{"title":"Bad Request","status":400,"detail":"The body is not valid JSON: at byte 0, \"h\" stands where a JSON value was expected.","code":"not_json"}`),
		bad("object", `{"rows":[]}`, `{"title":"Bad Request","status":400,"detail":"The body must be a list of rows, such as [[1, 2], [3, 4]] or [{\"age\": 3}], or a table, such as {\"columns\": [\"age\"], \"data\": [[3]]}; it begins with an object with the member \"rows\": put it in [ ] if it is a row.","code":"not_a_list_of_lists"}`),
		bad("missing feature", `[{"protocol":"TCP","rate":0},{"protocol":"TCP"}]`, `{"title":"Bad Request","status":400,"detail":"Row 1 lacks the feature \"rate\"; a missing value is sent as null.","code":"missing_feature","row":1,"column":1}`),
		bad("unknown feature", `[{"protocol":"TCP","<b>\u0000":0}]`, `{"title":"Bad Request","status":400,"detail":"Row 0: the model has no feature \"\u003cb\u003e\\x00\".","code":"unknown_feature","row":0}`),
		bad("repeated feature", `[{"protocol":"TCP","protocol":0}]`, `{"title":"Bad Request","status":400,"detail":"Row 0 has the feature \"protocol\" twice.","code":"repeated_feature","row":0,"column":0}`),
		bad("columns with an unknown feature", `{"columns":["protocol","speed"],"data":[]}`, `{"title":"Bad Request","status":400,"detail":"The columns have \"speed\", and the model has no feature of that name.","code":"unknown_feature"}`),
		bad("data before columns", `{"data":[[1,2]],"columns":["protocol","rate"]}`, `{"title":"Bad Request","status":400,"detail":"The member \"columns\" must stand before...`),
		bad("empty", `[]`, `{"title":"Bad Request","status":400,"detail":"The list has no rows.","code":"empty"}`),
		bad("ragged", `[["TCP",0],["TCP"]]`, `{"title":"Bad Request","status":400,"detail":"Row 1 has 1 values, the rows before it have 2.","code":"ragged_rows","row":1}`),
		bad("too few values", `[["TCP"]]`, `{"title":"Bad Request","status":400,"detail":"The rows have 1 values each; the model takes 2 features.","code":"wrong_feature_count"}`),
		bad("too many values", `[["TCP",1,2]]`, `{"title":"Bad Request","status":400,"detail":"The rows have 3 values each; the model takes 2 features.","code":"wrong_feature_count"}`),
		bad("unknown category", `[["TCP",0],["<b>ICMP",0]]`,
			`{"title":"Bad Request","status":400,"detail":"Row 1, column 0 (\"protocol\"): \"\u003cb\u003eICMP\" is not a known category.","code":"unknown_category","row":1,"column":0}`),
		bad("no number", `[["TCP","fast"]]`, `{"title":"Bad Request","status":400,"detail":"Row 0, column 1 (\"rate\"): \"fast\" is not a number.","code":"not_a_number","row":0,"column":1}`),
		bad("infinity", `[["TCP",Infinity]]`, `{"title":"Bad Request","status":400,"detail":"Row 0, column 1 (\"rate\"): the value is infinite or too large for a 64-bit float.","code":"infinity","row":0,"column":1}`),
		bad("the last of many is bad", "["+strings.Repeat(`["TCP",0],`, 999)+`["TCP",{}]]`, `{"title":"Bad Request","status":400,"detail":"Row 999, column 1 (\"rate\"): the value is an object; it must be a number, a text, true, false or null.","code":"nested_value","row":999,"column":1}`),
		{"bad row as HTML", "POST", "/api/ml/", []string{withToken, jsonType, asHTML}, `[["<b>",0]]`, 400, nil,
			"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>400 Bad Request</title></head>\n<body>\n<h1>400 Bad Request</h1>\n<p>Row 0, column 0 (&#34;protocol&#34;): &#34;&lt;b&gt;&#34; is not a known category.</p>..."},
		{"rows", "POST", "/api/ml/", []string{withToken, jsonType}, "[" + strings.Repeat(`["TCP",0],`, 1000) + `["TCP",0]]`, 413, nil,
			`{"title":"Request Entity Too Large","status":413,"detail":"The list has more rows than the server takes in one request (1000).","code":"too_many_rows"}`},
		{"columns", "POST", "/api/ml/", []string{withToken, jsonType}, "[[" + strings.Repeat("1,", 65536) + "1]]", 400, nil,
			`{"title":"Bad Request","status":400,"detail":"Row 0 has more values than the server takes in a row (65536).","code":"too_many_columns","row":0}`},
		{"declared too large", "POST", "/api/ml/", []string{withToken, jsonType, "Content-Length: 1048577"}, "", 413, []string{"Connection: close"},
			`{"title":"Request Entity Too Large","status":413,"detail":"The body is larger than the server takes (1048576 bytes).","code":"body_too_large"}`},
		{"as large as can be", "POST", "/api/ml/", []string{withToken, jsonType}, `[["TCP",0]]` + strings.Repeat(" ", 1<<20-11), 200, nil, "[0]\n"},
		{"chunked and too large", "POST", "/api/ml/", []string{withToken, jsonType, "Transfer-Encoding: chunked", "", "100001\r\n" + strings.Repeat(" ", 1<<20+1) + "\r\n0\r\n"}, "", 413, nil,
			`{"title":"Request Entity Too Large","status":413,"detail":"The body is larger than the server takes (1048576 bytes).","code":"body_too_large"}`},
		{"malformed chunks", "POST", "/api/ml/", []string{withToken, jsonType, "Transfer-Encoding: chunked", "", "zz\r\n"}, "", 400, nil, `{"title":"Bad Request","status":400,"detail":"The body ended before its declared end.","code":"incomplete_body"}`},
		{"compressed", "POST", "/api/ml/", []string{withToken, jsonType, "Content-Encoding: gzip"}, "\x1f\x8b", 400, nil, `{"title":"Bad Request","status":400,"detail":"The body must not be compressed.","code":"unsupported_content_encoding"}`},
		{"unknown output", "POST", "/api/ml/?output=<b>", []string{withToken, jsonType}, "", 400, nil, `{"title":"Bad Request","status":400,"detail":"The output \"\u003cb\u003e\" is unknown; it is label, scores or all.","code":"unknown_output"}`},
		{"empty output", "POST", "/api/ml/?output=", []string{withToken, jsonType}, "", 400, nil, `{"title":"Bad Request"...`},

		typed("charset", "Content-Type: application/json; charset=UTF-8", 200),
		typed("quoted charset", `Content-Type: application/json;charset="utf-8"; x=y`, 200),
		typed("upper case", "Content-Type: Application/JSON", 200),
		typed("suffix", "Content-Type: application/vnd.rows+json", 200),
		typed("other charset", "Content-Type: application/json; charset=latin-1", 400),
		typed("no type", "X-Type: none", 400),
		typed("empty type", "Content-Type:", 400),
		typed("text", "Content-Type: text/json", 400),
		typed("JSON lines", "Content-Type: application/jsonl", 400),
		typed("suffix of nothing", "Content-Type: application/+json", 400),
		typed("suffix of something else", "Content-Type: text/x+json", 400),
		typed("form", formType, 400),
		typed("two types", "Content-Type: application/json\r\nContent-Type: application/json", 400),
		typed("malformed", "Content-Type: application/json; charset", 400),
	}
}

// TestModels answers for each kind of model.
func TestModels(t *testing.T) {
	outliers := &sum{
		info: mlapi.Info{Estimator: "IsolationForest", Task: mlapi.OutlierDetector, Scores: mlapi.Anomaly, Features: twoFeatures,
			Classes: []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}},
		answer: func(row []float64) (int32, []float64) {
			if row[1] > 1 {
				return 0, []float64{-0.125}
			}
			return 1, []float64{0.1}
		},
	}
	silent := classifier(mlapi.TextLabel("no\"rmal"), mlapi.TextLabel("<attack>"))
	silent.info.Scores = mlapi.NoScores
	bare := &sum{
		info:   mlapi.Info{Estimator: "Booster", Task: mlapi.Scorer, Scores: mlapi.Probability, Features: twoFeatures, Outputs: 3},
		answer: func(row []float64) (int32, []float64) { return 0, []float64{row[1], 0.5, 1e-7} },
	}
	for _, tt := range []struct {
		name   string
		model  *sum
		post   mlapi.Postprocessor
		output string
		body   string
		status int
		want   string
	}{
		{"texts", silent, postprocess.Label{}, "label", `[[0,0],[1,1]]`, 200, `["no\"rmal","\u003cattack\u003e"]`},
		{"texts without scores", silent, postprocess.Label{}, "scores", `[[0,0]]`, 400, `no_scores`},
		{"texts without all", silent, postprocess.Label{}, "all", `[[0,0]]`, 400, `no_scores`},
		{"booleans", classifier(mlapi.BoolLabel(false), mlapi.BoolLabel(true)), postprocess.Label{}, "label", `[[0,0],[1,1]]`, 200, `[false,true]`},
		{"floats", classifier(mlapi.FloatLabel(0), mlapi.FloatLabel(0.5)), postprocess.Label{}, "label", `[[0,0],[1,1]]`, 200, `[0,0.5]`},
		{"outliers", outliers, postprocess.Label{}, "label", `[[0,0],[1,2]]`, 200, `[1,-1]`},
		{"outliers as flags", outliers, postprocess.Anomaly{}, "label", `[[0,0],[1,2]]`, 200, `[0,1]`},
		{"outliers' scores", outliers, postprocess.Label{}, "all", `[[0,0],[1,2]]`, 200, `{"kind":"anomaly","classes":[-1,1],"scores":[[0.1],[-0.125]],"predictions":[1,-1]}`},
		{"bare scores", bare, postprocess.Class{}, "all", `[[0,9]]`, 200, `{"kind":"probability","scores":[[9,0.5,1e-07]],"predictions":[0]}`},
		{"regressor", regressor(1, func(r []float64) []float64 { return []float64{r[0] + r[1]/10} }), postprocess.None{}, "label", `[[2,1],[1,20],[0,-0]]`, 200, `[2.1,3,0]`},
		{"regressor's scores", regressor(1, func(r []float64) []float64 { return r[:1] }), postprocess.None{}, "scores", `[[2,1]]`, 400, `no_scores`},
		{"two outputs", regressor(2, func(r []float64) []float64 { return []float64{r[1], -r[1]} }), postprocess.None{}, "label", `[[0,1],[0,0.5]]`, 200, `[[1,-1],[0.5,-0.5]]`},
		{"an overflow", regressor(1, func(r []float64) []float64 { return []float64{r[1] * 1e300} }), asIs, "label", `[[0,1],[0,1e300]]`, 400,
			`{"title":"Bad Request","status":400,"detail":"Row 1: what the model makes of it is no finite number.","code":"not_finite","row":1}`},
		{"an overflow of two", regressor(2, func(r []float64) []float64 { return []float64{1, r[1] * 1e300} }), asIs, "label", `[[0,1e300]]`, 400, `not_finite`},
		{"an overflow of scores", &sum{info: bare.info, answer: func(r []float64) (int32, []float64) { return 0, []float64{math.Inf(1), 0, 0} }}, asIs, "scores", `[[0,1]]`, 400, `not_finite`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, open, func(c *api.Config) { c.Pipeline = pipelineOf(t, tt.model, tt.post) })
			got := g.send("POST", "/api/ml/?output="+tt.output, []string{jsonType}, tt.body)
			same := strings.TrimSpace(got.body) == tt.want
			if tt.status != 200 {
				same = strings.Contains(got.body, tt.want)
			}
			if got.status != tt.status || !same {
				t.Errorf("%d %s\nwant %d %s", got.status, got.body, tt.status, tt.want)
			}
		})
	}
}

// asIs answers a model's numbers without a look at them.
var asIs = mlapi.PostprocessFunc(func(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
	dst.Outputs, dst.Numbers = s.Width, append(dst.Numbers[:0], s.Values...)
	return nil
})

// open is AUTH_ENABLED=False.
func open(c *api.Config) { c.Open, c.AuthEnabled = true, false }

func TestModelPages(t *testing.T) {
	for _, tt := range []struct {
		name, html, json string
		model            *sum
	}{
		{"texts", "<p>RandomForestClassifier [&#39;attack&#39; &#39;&lt;b&gt;&#39; &#34;it&#39;s&#34;]</p>", `"classes":["attack","\u003cb\u003e","it's"],`,
			classifier(mlapi.TextLabel("attack"), mlapi.TextLabel("<b>"), mlapi.TextLabel("it's"))},
		{"booleans", "<p>RandomForestClassifier [False True]</p>", `"classes":[false,true],`, classifier(mlapi.BoolLabel(false), mlapi.BoolLabel(true))},
		{"floats", "<p>RandomForestClassifier [0. 0.5]</p>", `"classes":[0,0.5],`, classifier(mlapi.FloatLabel(0), mlapi.FloatLabel(0.5))},
		{"regressor", "<p>LinearRegression</p>", `"model":"LinearRegression","features":`, regressor(1, func(r []float64) []float64 { return r[:1] })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, open, func(c *api.Config) { c.Pipeline = pipelineOf(t, tt.model, postprocess.Label{}) })
			if got := g.send("GET", "/api/ml/", []string{"Accept: text/html"}, ""); !strings.Contains(got.body, tt.html) {
				t.Errorf("%s\nwant %s", got.body, tt.html)
			}
			got := g.send("GET", "/api/ml/", nil, "")
			if !strings.Contains(got.body, tt.json) || !json.Valid([]byte(got.body)) {
				t.Errorf("%s\nwant %s", got.body, tt.json)
			}
		})
	}
}

// broken is a model that does what its function does.
type broken struct {
	mlapi.Model
	predict func(dst *mlapi.Scores, m *mlapi.Matrix) error
}

func (b broken) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	return b.predict(dst, m)
}

func TestFaultsOfTheServer(t *testing.T) {
	const secret = "/home/ada/models/secret.joblib"
	fault := fmt.Sprintf(`{"title":"Internal Server Error","status":500,"detail":%q,"code":"internal"}`, "The server failed to answer this request.")
	good := classifier(mlapi.IntLabel(0), mlapi.IntLabel(1))
	for _, tt := range []struct {
		name    string
		predict func(dst *mlapi.Scores, m *mlapi.Matrix) error
	}{
		{"plain error", func(*mlapi.Scores, *mlapi.Matrix) error { return fmt.Errorf("open %s", secret) }},
		{"panic", func(*mlapi.Scores, *mlapi.Matrix) error { panic(secret) }},
		{"class out of range", func(s *mlapi.Scores, m *mlapi.Matrix) error {
			s.Resize(m.Samples(), true, 0)
			s.Class[0] = 7
			return nil
		}},
		{"class below range", func(s *mlapi.Scores, m *mlapi.Matrix) error {
			s.Resize(m.Samples(), true, 0)
			s.Class[0] = -1
			return nil
		}},
		{"too few answers", func(s *mlapi.Scores, m *mlapi.Matrix) error { s.Resize(0, true, 0); return nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, open, func(c *api.Config) {
				c.Pipeline = pipelineOf(t, broken{good, tt.predict}, postprocess.Label{})
			})
			got := g.send("POST", "/api/ml/", []string{jsonType, "Origin: https://app.example"}, `[["TCP",0]]`)
			if got.status != 500 || got.body != fault || got.header.Get("Access-Control-Allow-Origin") != "https://app.example" {
				t.Errorf("%d %s", got.status, got.body)
			}
			line := g.waitLog("status=500")
			if !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "cause=") || !strings.Contains(line, "request="+got.header.Get("X-Request-Id")) {
				t.Errorf("log: %s", line)
			}
			// The same server goes on.
			if got := g.send("GET", "/api/ml/", nil, ""); got.status != 200 {
				t.Errorf("afterwards: %d", got.status)
			}
		})
	}
	t.Run("scores missing", func(t *testing.T) {
		g := newRig(t, open, func(c *api.Config) {
			c.Pipeline = pipelineOf(t, broken{good, func(s *mlapi.Scores, m *mlapi.Matrix) error {
				s.Resize(m.Samples(), true, 0)
				s.Class[0] = 0
				return nil
			}}, postprocess.Label{})
		})
		if got := g.send("POST", "/api/ml/?output=scores", []string{jsonType}, `[["TCP",0]]`); got.status != 500 {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}

// TestRequestsDoNotMix sends bodies of different lengths at once and compares
// every answer: memory is shared by requests one after the other, never at once.
func TestRequestsDoNotMix(t *testing.T) {
	g := newRig(t, open)
	const callers = 8
	fail := make(chan string, callers)
	for k := range callers {
		conn := g.dial()
		go func() {
			body, want := "["+strings.Repeat(`["UDP",1],`, k*140)+`["TCP",0]]`, "["+strings.Repeat("1,", k*140)+"0]\n"
			reader := bufio.NewReader(conn)
			for range 30 {
				if _, err := io.WriteString(conn, request("POST", "/api/ml/", []string{jsonType}, body)); err != nil {
					fail <- err.Error()
					return
				}
				r, err := http.ReadResponse(reader, nil)
				if err != nil {
					fail <- err.Error()
					return
				}
				got, err := io.ReadAll(r.Body)
				if err != nil || string(got) != want {
					fail <- fmt.Sprintf("%d rows: %v %.100s", k*140+1, err, got)
					return
				}
			}
			fail <- ""
		}()
	}
	for range callers {
		if text := <-fail; text != "" {
			t.Error(text)
		}
	}
}
