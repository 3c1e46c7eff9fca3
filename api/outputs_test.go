package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/api"
	"example.com/mlapi/postprocess"
	"example.com/mlapi/preprocess"
)

// formula is a model whose function fills the scores.
type formula struct {
	info    mlapi.Info
	predict func(dst *mlapi.Scores, x *mlapi.Matrix) error
}

func (m *formula) Info() *mlapi.Info { return &m.info }

func (m *formula) Predict(_ context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	return m.predict(dst, x)
}

// pair is a classifier of two outputs: by the first feature and by the second.
func pair() *formula {
	return &formula{
		mlapi.Info{Estimator: "MultiOutputClassifier", Task: mlapi.Classifier, Outputs: 2, Features: twoFeatures,
			Classes: []mlapi.Label{mlapi.TextLabel("no"), mlapi.TextLabel("yes"), mlapi.IntLabel(3)}},
		func(dst *mlapi.Scores, x *mlapi.Matrix) error {
			dst.ResizeOutputs(x.Samples(), 2)
			for k, v := range x.Data {
				dst.Class[k] = int32(v)
			}
			return nil
		},
	}
}

// transformer makes so many features of the first one: x, 2x, 3x, ...
func transformer(outputs int) *formula {
	return &formula{
		mlapi.Info{Estimator: "Multiples", Task: mlapi.Transformer, Outputs: outputs, Features: twoFeatures},
		func(dst *mlapi.Scores, x *mlapi.Matrix) error {
			dst.Resize(x.Samples(), false, outputs)
			for i := range x.Samples() {
				for k := range dst.Row(i) {
					dst.Row(i)[k] = x.Row(i)[0] * float64(k+1)
				}
			}
			return nil
		},
	}
}

// reader reads texts: its features are an amount and a text, of which it answers the
// length, and NaN for none.
func reader() *formula {
	return &formula{
		mlapi.Info{Estimator: "Reader", Task: mlapi.Transformer, Outputs: 1, Features: []mlapi.Feature{
			{Name: "amount"}, {Name: "comment", Type: mlapi.TextFeature}, {Name: "<sex>", Type: mlapi.TextFeature, Categories: []string{"f", "<m>"}},
		}},
		func(dst *mlapi.Scores, x *mlapi.Matrix) error {
			dst.Resize(x.Samples(), false, 1)
			for i := range x.Samples() {
				dst.Row(i)[0] = math.NaN()
				if cell := x.Row(i)[1]; !math.IsNaN(cell) {
					dst.Row(i)[0] = float64(len(x.Texts[int(cell)]))
				}
			}
			return nil
		},
	}
}

// typed puts the default parts around a model.
func typed(m mlapi.Model) *mlapi.Pipeline {
	p := &mlapi.Pipeline{Preprocess: []mlapi.Preprocessor{preprocess.NewNumeric(m.Info().Features)}, Model: m, Postprocess: []mlapi.Postprocessor{postprocess.None{}}}
	if m.Info().Task == mlapi.Classifier {
		p.Postprocess[0] = postprocess.Label{}
	}
	return p
}

func TestSeveralOutputs(t *testing.T) {
	liar := pair()
	liar.info.Scores = mlapi.Probability
	for _, tt := range []struct {
		name   string
		model  *formula
		output string
		body   string
		status int
		want   string
	}{
		{"classes", pair(), "label", `[[0,1],[2,0]]`, 200, `[["no","yes"],[3,"no"]]`},
		{"classes of one row", pair(), "label", `[[1,1]]`, 200, `[["yes","yes"]]`},
		{"classes have no scores", pair(), "scores", `[[0,1]]`, 400, `no_scores`},
		{"classes have no scores, whatever is said", liar, "all", `[[0,1]]`, 400, `no_scores`},
		{"features", transformer(3), "label", `[[0.5,0],[-1,0]]`, 200, `[[0.5,1,1.5],[-1,-2,-3]]`},
		{"one feature", transformer(1), "label", `[[0.5,0],[-1,0]]`, 200, `[[0.5],[-1]]`},
		{"missing features", transformer(2), "label", `[[null,0],[1,0]]`, 200, `[[null,null],[1,2]]`},
		{"features have no scores", transformer(2), "scores", `[[1,0]]`, 400, `no_scores`},
		{"features have no scores either way", transformer(2), "all", `[[1,0]]`, 400, `no_scores`},
		{"texts", reader(), "label", `[[1,"four","m"],[1,null,null],[2,"","x"]]`, 200, `[[4],[null],[0]]`},
		{"texts by name", reader(), "label", `[{"comment":"four","<sex>":"f","amount":1},{"amount":2,"<sex>":"f","comment":"caf\u00e9"}]`, 200, `[[4],[5]]`},
		{"a number for a text", reader(), "label", `[[1,"a","m"],[1,4,"m"]]`, 400,
			`"detail":"Row 1, column 1 (\"comment\"): the value is a number, and the model takes a text here.","code":"not_a_text","row":1,"column":1}`},
		{"a boolean for a text", reader(), "label", `[{"amount":1,"comment":"a","<sex>":true}]`, 400,
			`"detail":"Row 0, column 2 (\"\u003csex\u003e\"): the value is true or false, and the model takes a text here.","code":"not_a_text","row":0,"column":2}`},
		{"a text for a number", reader(), "label", `{"columns":["comment","<sex>","amount"],"data":[["a","m","b"]]}`, 400,
			`"detail":"Row 0, column 0 (\"amount\"): \"b\" is not a number.","code":"not_a_number","row":0,"column":0}`},
		{"a list for a text", reader(), "label", `[{"amount":1,"comment":["a"]}]`, 400,
			`"detail":"Row 0, column 1 (\"comment\"): the value is a list; it must be a number, a text, true, false or null.","code":"nested_value","row":0,"column":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, open, func(c *api.Config) { c.Pipeline = typed(tt.model) })
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

func TestPageOfFeatures(t *testing.T) {
	g := newRig(t, open, func(c *api.Config) { c.Pipeline = typed(reader()) })
	const want = `{"name":"ml","model":"Reader","features":[{"name":"amount","type":"number"},{"name":"comment","type":"text"},` +
		`{"name":"\u003csex\u003e","type":"text","categories":["f","\u003cm\u003e"]}]}` + "\n"
	if got := g.send("GET", "/api/ml/", nil, ""); got.body != want {
		t.Errorf("%s\nwant %s", got.body, want)
	}
	got := g.send("GET", "/api/ml/", []string{"Accept: text/html"}, "")
	const table = "<p>Reader</p>\n<table>\n<tr><th>feature</th><th>takes</th></tr>\n<tr><td>amount</td><td>number</td></tr>\n" +
		"<tr><td>comment</td><td>text</td></tr>\n<tr><td>&lt;sex&gt;</td><td>text: f, &lt;m&gt;</td></tr>\n</table>\n</body>"
	if !strings.Contains(got.body, table) {
		t.Errorf("%s\nwant %s", got.body, table)
	}
}

// TestPageOfManyFeatures keeps a page for people short; programs get everything.
func TestPageOfManyFeatures(t *testing.T) {
	m := transformer(1)
	m.info.Features = make([]mlapi.Feature, 1000)
	for i := range m.info.Features {
		m.info.Features[i].Name = fmt.Sprint("word", i)
	}
	m.info.Features[0].Type = mlapi.TextFeature
	for i := range 50 {
		m.info.Features[0].Categories = append(m.info.Features[0].Categories, fmt.Sprint("value", i))
	}
	g := newRig(t, open, func(c *api.Config) { c.Pipeline = typed(m) })
	page := g.send("GET", "/api/ml/", []string{"Accept: text/html"}, "").body
	if strings.Count(page, "<tr>") != 201 || !strings.Contains(page, "and 800 more features") || !strings.Contains(page, "value19 and 30 more<") {
		t.Errorf("%d rows: %.300s", strings.Count(page, "<tr>"), page)
	}
	var all struct {
		Features []struct{ Categories []string }
	}
	err := json.Unmarshal([]byte(g.send("GET", "/api/ml/", nil, "").body), &all)
	if err != nil || len(all.Features) != 1000 || len(all.Features[0].Categories) != 50 {
		t.Errorf("%d features, %v", len(all.Features), err)
	}
}

// TestAnswersAreBounded has answers of each kind at the limit and beyond it.
func TestAnswersAreBounded(t *testing.T) {
	scored := classifier(mlapi.IntLabel(0), mlapi.IntLabel(1))
	for _, tt := range []struct {
		name     string
		pipeline *mlapi.Pipeline
		output   string
		row      string
		most     int // of 10 rows
	}{
		{"numbers", typed(transformer(3)), "label", "[1,0]", len("[") + 10*len("[1,2,3],")},
		{"classes", typed(pair()), "label", "[0,0]", len("[") + 10*len(`["no","no"],`)},
		{"scores", pipelineOf(t, scored, postprocess.Label{}), "scores", "[0,0]",
			len("[") + len(`{"kind":"probability","classes":[0,1],"scores":[`) + 10*len("[0.93,0.07],")},
		{"all", pipelineOf(t, scored, postprocess.Label{}), "all", "[0,0]",
			len("[") + 10*len("0,") + len(`{"kind":"probability","classes":[0,1],"scores":[`) + 10*len("[0.93,0.07],")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, open, func(c *api.Config) { c.Pipeline = tt.pipeline })
			api.SetMostAnswer(g.handler, tt.most)
			body := "[" + strings.Repeat(tt.row+",", 9) + tt.row
			if got := g.send("POST", "/api/ml/?output="+tt.output, []string{jsonType}, body+"]"); got.status != 200 {
				t.Errorf("10 rows: %d %s", got.status, got.body)
			}
			got := g.send("POST", "/api/ml/?output="+tt.output, []string{jsonType}, body+","+tt.row+"]")
			if got.status != 413 || !strings.Contains(got.body, `send fewer rows in each request.","code":"answer_too_large"}`) {
				t.Errorf("11 rows: %d %s", got.status, got.body)
			}
		})
	}
}

// TestWideAnswersTakeNoMemory asks for a million features of each of many rows: the
// block must become narrow, and the answer end at its limit.
func TestWideAnswersTakeNoMemory(t *testing.T) {
	const outputs = 1 << 20
	var most atomic.Int64
	m := transformer(outputs)
	predict := m.predict
	m.predict = func(dst *mlapi.Scores, x *mlapi.Matrix) error {
		most.Store(max(most.Load(), int64(x.Samples())))
		return predict(dst, x)
	}
	g := newRig(t, open, func(c *api.Config) { c.Pipeline = typed(m) })
	api.SetMostAnswer(g.handler, 8<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := g.send("POST", "/api/ml/", []string{jsonType}, "["+strings.Repeat("[0,0],", 999)+"[0,0]]")
	runtime.ReadMemStats(&after)
	if got.status != 413 || !strings.Contains(got.body, "answer_too_large") {
		t.Errorf("%d %.200s", got.status, got.body)
	}
	if most.Load() != 1 {
		t.Errorf("%d rows at once, want 1", most.Load())
	}
	if used := int64(after.TotalAlloc-before.TotalAlloc) >> 20; used > 128 {
		t.Errorf("%d MiB were allocated for an answer of at most 8", used)
	}
}
