package batch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi"
	"example.com/mlapi/batch"
	"example.com/mlapi/postprocess"
	"example.com/mlapi/preprocess"
)

// adder is a model that adds its numbers. It is a classifier, of the sign, where there
// are classes. Of missing values it makes 100.
type adder struct{ info mlapi.Info }

func (a *adder) Info() *mlapi.Info { return &a.info }

func (a *adder) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	classes := len(a.info.Classes) > 0
	width := max(a.info.Outputs, 1)
	if classes {
		width = 0
		if dst.Want == mlapi.WantScores {
			width = len(a.info.Classes)
			if a.info.Scores == mlapi.Decision { // one for each pair
				width = width * (width - 1) / 2
			}
		}
	}
	dst.Resize(m.Samples(), classes, width)
	for i := range m.Samples() {
		sum := 0.0
		for j, v := range m.Row(i) {
			if a.info.Features[j].Type == mlapi.TextFeature && v == v {
				v = float64(len(m.Texts[int(v)]))
			}
			if v != v {
				v = 100
			}
			if v == -999 {
				return mlapi.Cellf("value_too_large", m.Number(i), j, "the value is not for this model.")
			}
			sum += v
		}
		if classes {
			dst.Class[i] = 0
			if sum > 0 {
				dst.Class[i] = 1
			}
		}
		if width > 0 {
			for k := range dst.Row(i) {
				dst.Row(i)[k] = sum * float64(k+1)
			}
		}
	}
	return nil
}

// pipeline returns a pipeline of an adder; "label" as its first name makes it a
// classifier, "pair" one of two numbers, "raw" and "raw pair" one that gives raw scores
// without classes, "duels" a classifier that decides between pairs of four classes. A name that begins with text: is a
// text; "a of x|y" is one of x and y.
func pipeline(names ...string) *mlapi.Pipeline {
	info := mlapi.Info{Estimator: "Adder", Task: mlapi.Regressor, Outputs: 1}
	var after mlapi.Postprocessor = postprocess.None{}
	switch names[0] {
	case "label":
		info.Task, info.Outputs, info.Scores = mlapi.Classifier, 0, mlapi.Probability
		info.Classes, after, names = []mlapi.Label{mlapi.TextLabel("no, \"never\""), mlapi.TextLabel("yes")}, postprocess.Label{}, names[1:]
	case "duels":
		info.Task, info.Outputs, info.Scores = mlapi.Classifier, 0, mlapi.Decision
		info.Classes = []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1), mlapi.IntLabel(2), mlapi.IntLabel(3)}
		after, names = postprocess.Label{}, names[1:]
	case "pair":
		info.Outputs, names = 2, names[1:]
	case "raw":
		info.Task, info.Outputs, info.Scores, names = mlapi.Scorer, 1, mlapi.Probability, names[1:]
	case "raw pair":
		info.Task, info.Outputs, info.Scores, names = mlapi.Scorer, 2, mlapi.Decision, names[1:]
	}
	for _, name := range names {
		f := mlapi.Feature{Name: name}
		if text, found := strings.CutPrefix(name, "text:"); found {
			f.Name, f.Type = text, mlapi.TextFeature
		}
		if name, known, found := strings.Cut(name, " of "); found {
			f.Name, f.Type, f.Categories = name, mlapi.TextFeature, strings.Split(known, "|")
		}
		info.Features = append(info.Features, f)
	}
	return &mlapi.Pipeline{Preprocess: []mlapi.Preprocessor{preprocess.NewNumeric(info.Features)}, Model: &adder{info}, Postprocess: []mlapi.Postprocessor{after}}
}

// score runs a job over text, and returns what it wrote, put aside and told.
func score(t *testing.T, job batch.Job, text string) (out, bad, told string, err error) {
	t.Helper()
	var output, side, talk bytes.Buffer
	job.Input, job.Output = strings.NewReader(text), &output
	if job.Bad != nil {
		job.Bad = &side
	}
	job.Report = func(e *batch.RowError) { fmt.Fprintln(&talk, "bad", e) }
	job.Note = func(text string) { fmt.Fprintln(&talk, "note", text) }
	_, err = job.Run(t.Context())
	return output.String(), side.String(), talk.String(), err
}

func TestAnswers(t *testing.T) {
	two, unnamed := pipeline("a", "b"), pipeline("x0", "x1")
	for name, c := range map[string]struct {
		job      batch.Job
		in, want string
	}{
		"plain":               {batch.Job{Pipeline: two}, "1,2\n3,4\n", "prediction\n3\n7\n"},
		"header":              {batch.Job{Pipeline: two}, "a,b\n1,2\n", "prediction\n3\n"},
		"other order":         {batch.Job{Pipeline: pipeline("pair", "text:b", "a")}, "a,b\n5,xyz\n", "prediction_0,prediction_1\n8,16\n"},
		"more columns":        {batch.Job{Pipeline: two}, "id,b,target,a\n7,1,9,2\n", "prediction\n3\n"},
		"kept":                {batch.Job{Pipeline: two, Keep: []string{"id", "a"}}, "id,b,a\n\"7,5\",1,2\n,1,2\n\"\",1,2\n", "id,a,prediction\n\"7,5\",2,3\n,2,3\n\"\",2,3\n"},
		"kept by number":      {batch.Job{Pipeline: two, Keep: []string{"0"}}, "7,1,2\n", "0,prediction\n7,3\n"},
		"dropped":             {batch.Job{Pipeline: unnamed, Drop: []string{"t"}, Keep: []string{"id"}}, "id,p,t,q\n7,1,5,2\n", "id,prediction\n7,3\n"},
		"other names":         {batch.Job{Pipeline: unnamed}, "p,q\n1,2\n", "prediction\n3\n"},
		"counted names":       {batch.Job{Pipeline: pipeline("x0", "x1", "x2")}, "0,1,2\n1,2,3\n", "prediction\n6\n"},
		"missing":             {batch.Job{Pipeline: two}, "1,\n,\nNaN,NA\n", "prediction\n101\n200\n200\n"},
		"truth":               {batch.Job{Pipeline: two}, "True,false\n", "prediction\n1\n"},
		"numbers":             {batch.Job{Pipeline: two}, " 1e1 ,-0.5\n\"1\",\"2\"\n", "prediction\n9.5\n3\n"},
		"empty text":          {batch.Job{Pipeline: pipeline("text:a", "b")}, "\"\",1\n\"a\nb\",1\n", "prediction\n1\n4\n"},
		"empty category":      {batch.Job{Pipeline: pipeline("a of x|yy", "b")}, "\"\",1\n,1\nNA,1\nyy,1\nother,1\n", "prediction\n101\n101\n101\n3\n6\n"},
		"category of nothing": {batch.Job{Pipeline: pipeline("a of |NA", "b")}, "\"\",1\n,1\nNA,1\nnull,1\n", "prediction\n1\n101\n3\n101\n"},
		"missing, any text":   {batch.Job{Pipeline: pipeline("text:a", "b")}, "NA,1\n,1\n", "prediction\n3\n101\n"},
		"number as text":      {batch.Job{Pipeline: pipeline("text:a", "b")}, "123,1\n", "prediction\n4\n"},
		"CRLF and mark":       {batch.Job{Pipeline: two}, "\ufeffa,b\r\n1,2\r\n\r\n3,4", "prediction\n3\n7\n"},
		"semicolons":          {batch.Job{Pipeline: two}, "a;b\n1;2\n", "prediction\n3\n"},
		"tabs":                {batch.Job{Pipeline: two, Keep: []string{"n"}}, "a\tb\tn\n1\t2\tx,y\n", "n\tprediction\nx,y\t3\n"},
		"given delimiter":     {batch.Job{Pipeline: two, Delimiter: '|'}, "1|2\n", "prediction\n3\n"},
		"no header at all":    {batch.Job{Pipeline: two, Header: batch.HeaderNo}, "1,2\n", "3\n"},
		"header of numbers":   {batch.Job{Pipeline: unnamed, Header: batch.HeaderYes}, "1,2\n3,4\n", "prediction\n7\n"},
		"nothing":             {batch.Job{Pipeline: two}, "", "prediction\n"},
		"only a header":       {batch.Job{Pipeline: two}, "a,b\n", "prediction\n"},
		"empty lines":         {batch.Job{Pipeline: two}, "\n\n1,2\n\n\n3,4\n\n", "prediction\n3\n7\n"},
		"labels":              {batch.Job{Pipeline: pipeline("label", "a")}, "1\n-1\n", "prediction\nyes\n\"no, \"\"never\"\"\"\n"},
		"scores":              {batch.Job{Pipeline: pipeline("label", "a"), Want: batch.Scores}, "2\n", "\"probability_no, \"\"never\"\"\",probability_yes\n2,4\n"},
		"all":                 {batch.Job{Pipeline: pipeline("label", "a"), Want: batch.All, To: batch.NDJSON}, "2\n", "{\"prediction\":\"yes\",\"probability\":{\"no, \\\"never\\\"\":2,\"yes\":4}}\n"},
		"raw score":           {batch.Job{Pipeline: pipeline("raw", "a"), Want: batch.All}, "2\n", "prediction,probability\n2,2\n"},
		"raw score alone":     {batch.Job{Pipeline: pipeline("raw", "a"), Want: batch.Scores, To: batch.NDJSON}, "2\n", "{\"probability\":2}\n"},
		"raw scores":          {batch.Job{Pipeline: pipeline("raw pair", "a"), Want: batch.All}, "2\n", "prediction_0,prediction_1,decision_0,decision_1\n2,4,2,4\n"},
		"raw scores alone":    {batch.Job{Pipeline: pipeline("raw pair", "a"), Want: batch.Scores, To: batch.NDJSON}, "2\n", "{\"decision\":[2,4]}\n"},
		"pairs of classes":    {batch.Job{Pipeline: pipeline("duels", "a"), Want: batch.Scores}, "1\n", "decision_0,decision_1,decision_2,decision_3,decision_4,decision_5\n1,2,3,4,5,6\n"},
		"pairs as a list":     {batch.Job{Pipeline: pipeline("duels", "a"), Want: batch.All, To: batch.NDJSON}, "1\n", "{\"prediction\":1,\"decision\":[1,2,3,4,5,6]}\n"},
		"lists":               {batch.Job{Pipeline: two}, "[1,2]\n[null,3.5]\n", "{\"prediction\":3}\n{\"prediction\":103.5}\n"},
		"a list of lists":     {batch.Job{Pipeline: two}, " [[1,2],\n\n [null , 3.5]\r\n]\n", "{\"prediction\":3}\n{\"prediction\":103.5}\n"},
		"a list of objects":   {batch.Job{Pipeline: two, Keep: []string{"id"}}, "[{\"b\":1,\n\"a\":2,\"id\":\"],[{\\\"\"},{\"a\":3,\"b\":\"4\",\"id\":{\"x\":[1]}}]", "{\"id\":\"],[{\\\"\",\"prediction\":3}\n{\"id\":{\"x\":[1]},\"prediction\":7}\n"},
		"an empty list":       {batch.Job{Pipeline: two, To: batch.CSV}, "[\n]\n", "prediction\n"},
		"objects":             {batch.Job{Pipeline: two}, "{\"b\":1,\"z\":[{}],\"a\":2}\n\n{\"\\u0061\":3,\"b\":\"4\"}", "{\"prediction\":3}\n{\"prediction\":7}\n"},
		"objects kept":        {batch.Job{Pipeline: two, Keep: []string{"id"}}, "{\"a\":1,\"b\":2,\"id\":{\"x\": \"}\"}}\n", "{\"id\":{\"x\": \"}\"},\"prediction\":3}\n"},
		"objects to CSV":      {batch.Job{Pipeline: two, Keep: []string{"id"}, To: batch.CSV}, "{\"a\":1,\"b\":2,\"id\":\"a\\\"\"}\n{\"a\":1,\"b\":2,\"id\":null}\n", "id,prediction\n\"a\"\"\",3\n,3\n"},
		"CSV to objects":      {batch.Job{Pipeline: two, Keep: []string{"id"}, To: batch.NDJSON}, "id,a,b\n007,1,2\n,1,2\n", "{\"id\":\"007\",\"prediction\":3}\n{\"id\":null,\"prediction\":3}\n"},
		"several to objects":  {batch.Job{Pipeline: pipeline("pair", "a"), To: batch.NDJSON}, "1\n", "{\"prediction\":[1,2]}\n"},
		"CSV that looks JSON": {batch.Job{Pipeline: pipeline("text:a"), From: batch.CSV, Header: batch.HeaderNo}, "[1]\n", "3\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, told, err := score(t, c.job, c.in)
			if err != nil {
				t.Fatalf("%v\n%s", err, told)
			}
			if diff := cmp.Diff(c.want, out); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBadRows: each kind of bad row, among good ones, is named with its line and goes
// aside as it is; without a place for it, it ends the job after the answers before.
func TestBadRows(t *testing.T) {
	two := pipeline("a", "b")
	for name, c := range map[string]struct {
		in, bad, told string
	}{
		"no number":       {"a,b\n1,2\nx,2\n3,4\n", "a,b\nx,2\n", `line 3, column "a": "x" is not a number`},
		"no header":       {"1,2\n1,x\n3,4\n", "1,x\n", `line 2, column 1 ("b"): "x" is not a number`},
		"after a quote":   {"text,a,b\n\"p\nq\",1,2\n\"p\nq\",x,2\n1,3,4\n", "text,a,b\n\"p\nq\",x,2\n", `line 4, column "a": "x" is not a number`},
		"too short":       {"a,b\r\n1,2\r\n1\r\n3,4\r\n", "a,b\r\n1\r\n", "line 3: there are 1 columns instead of 2"},
		"open quote":      {"a,b\n1,2\n\"1,2\n3,4\n", "a,b\n\"1,2\n", "line 3: the quotes are wrong"},
		"latin-1":         {"a,b\n1,2\n1,\xe9\n3,4\n", "a,b\n1,\xe9\n", "line 3: the text is not UTF-8"},
		"infinite":        {"a,b\n1,2\n1,1e999\n3,4\n", "a,b\n1,1e999\n", `line 3, column "b": the value is infinite`},
		"the model's":     {"b,a\n2,1\n1,-999\n4,3\n", "b,a\n1,-999\n", `line 3, column "a": the value is not for this model`},
		"last, unended":   {"1,2\n3,4\n1,x", "1,x\n", "line 3, column 1"},
		"bad JSON":        {"[1,2]\n[1,]\n[3,4]\n", "[1,]\n", "line 2, column 1 (\"b\"): the line is not valid JSON: "},
		"two rows":        {"[1,2]\n[1,2],[3,4]\n[3,4]\n", "[1,2],[3,4]\n", "line 2: the line is not one row"},
		"a list of lists": {"[1,2]\n[[1,2]]\n[3,4]\n", "[[1,2]]\n", "line 2"},
		"split row":       {"[1,2]\n[3\n4]\n[3,4]\n", "[3\n4]\n", "line 2: the row is neither a list"},
		"no row":          {"[1,2]\n12\n[3,4]\n", "12\n", "line 2: the row is neither a list"},
		"short list":      {"[1,2]\n[1]\n[3,4]\n", "[1]\n", "line 2: the row has 1 values; the model takes 2 features"},
		"missing name":    {"{\"a\":1,\"b\":2}\n{\"a\":1}\n[3,4]\n", "{\"a\":1}\n", `line 2: the feature "b" is missing`},
		"name twice":      {"{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2,\"a\":3}\n[3,4]\n", "{\"a\":1,\"b\":2,\"a\":3}\n", `line 2: the feature "a" is there twice`},
		"nested":          {"{\"a\":1,\"b\":2}\n{\"a\":[1],\"b\":2}\n[3,4]\n", "{\"a\":[1],\"b\":2}\n", `line 2, column 0 ("a"): the value is a list`},
		"open object":     {"{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2\n[3,4]\n", "{\"a\":1,\"b\":2\n", "line 2: the line is not valid JSON: "},
		"junk behind":     {"{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2} 5\n[3,4]\n", "{\"a\":1,\"b\":2} 5\n", "line 2: the line is not valid JSON: "},
		"bracket in it":   {"{\"a\":1,\"b\":2}\n{\"a\":1],[1,\"b\":2}\n[3,4]\n", "{\"a\":1],[1,\"b\":2}\n", "line 2: the line is not valid JSON: "},
		"a table":         {"{\"a\":1,\"b\":2}\n{\"columns\":[\"a\",\"b\"],\"data\":[[1,2]]}\n[3,4]\n", "{\"columns\":[\"a\",\"b\"],\"data\":[[1,2]]}\n", `line 2: the line is a whole table; write one row a line, in pandas with to_json(path, orient="records", lines=True)`},
		"by column":       {"{\"a\":1,\"b\":2}\n{\"a\":{\"0\":1},\"b\":{\"0\":2}}\n[3,4]\n", "{\"a\":{\"0\":1},\"b\":{\"0\":2}}\n", "line 2: the line is a whole table"},
		"over lines":      {"[1,2]\n{\"a\":1,\n[3,4]\n", "{\"a\":1,\n", "line 2: the line is not valid JSON: the line ends where the name of a value was expected (byte 8), and a row must stand in one line"},
		"in a list":       {"[[1,2],[1,\"x\"],\n[3,4]]", "[1,\"x\"]\n", `row 1, column 1 ("b"): "x" is not a number`},
		"text in a list":  {"[[1,2],\"x\",[3,4]]", "\"x\"\n", "row 1: the row is neither a list"},
		"line end inside": {"[[1,2],[1,\"\n\"],[3,4]]", "[1,\"\t\"]\n", "row 1, column 1 (\"b\"): the line is not valid JSON"},
		"bad UTF-8 JSON":  {"[1,2]\n[1,\"\xff\"]\n[3,4]\n", "[1,\"\xff\"]\n", "line 2: the text is not UTF-8"},
		"text in JSON":    {"[1,2]\n[1,\"x\"]\n[3,4]\n", "[1,\"x\"]\n", `line 2, column 1 ("b"): "x" is not a number`},
	} {
		t.Run(name, func(t *testing.T) {
			to := batch.Job{Pipeline: two, To: batch.CSV, Header: batch.HeaderAuto}
			to.Bad = io.Discard
			out, bad, told, err := score(t, to, c.in)
			if err != nil {
				t.Fatal(err)
			}
			if out != "prediction\n3\n7\n" || bad != c.bad || !strings.Contains(told, "bad "+c.told) {
				t.Errorf("answers %q, bad lines %q, told %q; want the bad lines %q, and told %q", out, bad, told, c.bad, c.told)
			}
			to.Bad = nil
			out, _, _, err = score(t, to, c.in)
			var row *batch.RowError
			if !errors.As(err, &row) || !strings.HasPrefix(row.Error(), c.told) || row.Hint() == "" || row.Unwrap() == nil {
				t.Errorf("error %v, want %q", err, c.told)
			}
			if out != "prediction\n3\n" && name != "last, unended" {
				t.Errorf("answers before the bad row: %q", out)
			}
		})
	}
}

// TestAgainWithBadLines: the file of bad lines is an input in its turn.
func TestAgainWithBadLines(t *testing.T) {
	job := batch.Job{Pipeline: pipeline("a", "b"), Bad: io.Discard}
	_, bad, _, err := score(t, job, "b,a,id\n1,2,u\nx,2,\"v\nw\"\n")
	if err != nil {
		t.Fatal(err)
	}
	out, _, _, err := score(t, batch.Job{Pipeline: job.Pipeline, Keep: []string{"id"}}, strings.ReplaceAll(bad, "x", "5"))
	if want := "id,prediction\n\"v\nw\",7\n"; err != nil || out != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
}

func TestInputThatFitsNot(t *testing.T) {
	for name, c := range map[string]struct {
		job            batch.Job
		in, want, hint string
	}{
		"lacks a feature":   {batch.Job{Pipeline: pipeline("a", "b")}, "a,c\n1,2\n", `lacks features of the model: "b"`, `the header has: "a", "c"`},
		"feature twice":     {batch.Job{Pipeline: pipeline("a", "b")}, "a,b,a\n1,2,3\n", `more than once: "a"`, "rename"},
		"too wide":          {batch.Job{Pipeline: pipeline("x0", "x1")}, "1,2,3\n", "the row has 3 values, the model takes 2 features", "--drop"},
		"header too wide":   {batch.Job{Pipeline: pipeline("x0", "x1")}, "p,q,r\n1,2,3\n", "the header has 3 columns, the model takes 2 features", "--drop"},
		"all texts":         {batch.Job{Pipeline: pipeline("text:x0")}, "subject\nhello\n", "a header cannot be told from a row", "--header yes"},
		"a text too many":   {batch.Job{Pipeline: pipeline("text:x0"), Header: batch.HeaderYes}, "label,text\nspam,hello\n", "the header has 2 columns, the model takes 1", "--drop"},
		"tabs too many":     {batch.Job{Pipeline: pipeline("text:x0"), Header: batch.HeaderNo}, "spam\thello\n", "the row has 2 values, the model takes 1", "--drop"},
		"nothing to keep":   {batch.Job{Pipeline: pipeline("x0"), Keep: []string{"z"}}, "p\n1\n", `--keep: there is no column "z"`, `"p"`},
		"nothing to drop":   {batch.Job{Pipeline: pipeline("x0"), Drop: []string{"3"}}, "1\n", `--drop: there is no column "3"`, "0 to 0"},
		"UTF-16":            {batch.Job{Pipeline: pipeline("x0")}, "\xff\xfe1\x00\n\x00", "UTF-16", "UTF-8"},
		"a feature dropped": {batch.Job{Pipeline: pipeline("a"), Drop: []string{"a"}}, "{\"a\":1}\n", "is a feature of the model", "cannot do without"},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, _, err := score(t, c.job, c.in)
			var e *batch.InputError
			if !errors.As(err, &e) || !strings.Contains(e.Error(), c.want) || !strings.Contains(e.Hint(), c.hint) || out != "" {
				t.Errorf("answers %q, error %v (hint %v), want %q and %q", out, err, e, c.want, c.hint)
			}
		})
	}
}

// TestListThatIsWrong: the rows before what is wrong are answered.
func TestListThatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"[[1],[2]":          "the list of rows is cut off",
		"[[1],[2],":         "the list of rows is cut off",
		"[[1],,[2]]":        "a comma without a row",
		"[[1],]":            "a comma without a row",
		"[[1]],":            "something follows behind the list",
		"[[1]]\n[[2]]":      "something follows behind the list",
		"[[1]]]":            "something follows behind the list",
		"[[1]}]":            "row 0: the row is neither a list",
		"[[1] [2]]":         "row 0: the line is not valid JSON",
		"[ , [1]]":          "the line is not valid JSON",
		"[[1], {\"x0\":2},": "the list of rows is cut off",
	} {
		out, _, _, err := score(t, batch.Job{Pipeline: pipeline("x0")}, in)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix("{\"prediction\":1}\n{\"prediction\":2}\n", out) {
			t.Errorf("%q: answers %q, error %v, want %q", in, out, err, want)
		}
		var input *batch.InputError
		if errors.As(err, &input) && !strings.Contains(input.Hint(), "lines=True") {
			t.Errorf("%q: hint %q", in, input.Hint())
		}
	}
	for in, want := range map[string]string{
		"[[1],[" + strings.Repeat(" ", 17<<20) + "2]]": "row 1 is longer than 16 MiB",
		"[" + strings.Repeat(" ", 40<<20) + "[1]]":     "line 1: the line is longer than 16 MiB",
		strings.Repeat("\n", 40<<20) + "1":             "line 1: the line is longer than 16 MiB",
	} {
		if _, _, _, err := score(t, batch.Job{Pipeline: pipeline("x0")}, in); err == nil || err.Error() != want {
			t.Errorf("a long row: %v, want %q", err, want)
		}
	}
}

// TestListInPieces: where a read ends makes no difference.
func TestListInPieces(t *testing.T) {
	const text = "\ufeff\n [\n  {\"a\": \"\\\"],[\", \"b\" : 1},\n  {\"a\":\"{\",\n \"b\":2}\n]\n"
	for name, in := range map[string]io.Reader{"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text))} {
		var out bytes.Buffer
		job := batch.Job{Pipeline: pipeline("text:a", "b"), Input: in, Output: &out, To: batch.CSV}
		if _, err := job.Run(t.Context()); err != nil || out.String() != "prediction\n5\n3\n" {
			t.Errorf("%s: %q, %v", name, out.String(), err)
		}
	}
}

func TestNotes(t *testing.T) {
	for name, c := range map[string]struct {
		job      batch.Job
		in, want string
	}{
		"unused":  {batch.Job{Pipeline: pipeline("a")}, "id,a\n1,2\n", `not used: "id"`},
		"counted": {batch.Job{Pipeline: pipeline("x0", "x1", "x2")}, "0,1,2\n", "--header no"},
	} {
		if _, _, told, err := score(t, c.job, c.in); err != nil || !strings.Contains(told, c.want) {
			t.Errorf("%s: told %q, %v, want %q", name, told, err, c.want)
		}
	}
	if _, _, told, err := score(t, batch.Job{Pipeline: pipeline("a", "b"), Keep: []string{"id"}}, "id,a,b\n1,2,3\n"); err != nil || told != "" {
		t.Errorf("told %q of nothing strange, %v", told, err)
	}
}

// TestOrder: answers of many blocks stay in order, whoever is done first.
func TestOrder(t *testing.T) {
	const rows = 200_000
	var in, want strings.Builder
	want.WriteString("prediction\n")
	for i := range rows {
		fmt.Fprintf(&in, "%d,1\n", i)
		fmt.Fprintf(&want, "%d\n", i+1)
	}
	out, _, _, err := score(t, batch.Job{Pipeline: pipeline("a", "b"), Workers: 4}, in.String())
	if err != nil || out != want.String() {
		t.Errorf("%d bytes of answers, want %d: %v", len(out), want.Len(), err)
	}
}

// TestPipe: a row written gets its answer before the input goes on.
func TestPipe(t *testing.T) {
	for name, rows := range map[string][]string{"CSV": {"1,2\n", "3,4\n"}, "NDJSON": {"[1,2]\n", "{\"a\":3,\"b\":4}\n"}} {
		in, feed := io.Pipe()
		answers, out := io.Pipe()
		job := batch.Job{Pipeline: pipeline("a", "b"), Input: in, Output: out, Header: batch.HeaderNo, To: batch.CSV}
		var running sync.WaitGroup
		running.Go(func() {
			_, err := job.Run(t.Context())
			_ = out.CloseWithError(err)
		})
		for i, row := range rows {
			if _, err := io.WriteString(feed, row); err != nil {
				t.Fatal(err)
			}
			answer := make([]byte, 2)
			if _, err := io.ReadFull(answers, answer); err != nil || string(answer) != []string{"3\n", "7\n"}[i] {
				t.Errorf("%s: answer %q, %v", name, answer, err)
			}
		}
		_ = feed.Close()
		if rest, err := io.ReadAll(answers); err != nil || len(rest) > 0 {
			t.Errorf("%s: %q follows, %v", name, rest, err)
		}
		running.Wait()
	}
}

// TestCancel: a job ends with its context though its input does not.
func TestCancel(t *testing.T) {
	for name, first := range map[string]string{"before a row": "", "behind a row": "1,2\n"} {
		in, feed := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		job := batch.Job{Pipeline: pipeline("a", "b"), Input: in, Output: io.Discard}
		done := make(chan error)
		go func() {
			_, err := job.Run(ctx)
			done <- err
		}()
		if _, err := io.WriteString(feed, first); err != nil {
			t.Fatal(err)
		}
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the job goes on", name)
		}
		_ = feed.Close()
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteFails(t *testing.T) {
	for name, job := range map[string]batch.Job{
		"answers":   {Output: fullDisk{}},
		"bad lines": {Output: io.Discard, Bad: fullDisk{}},
	} {
		job.Pipeline, job.Input = pipeline("a"), strings.NewReader("1\nx\n")
		var e *batch.OutputError
		if _, err := job.Run(t.Context()); !errors.As(err, &e) || e.Unwrap() == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadFails(t *testing.T) {
	lost := errors.New("the disk is gone")
	in := io.MultiReader(strings.NewReader("1\n2\n"), failing{lost})
	var out bytes.Buffer
	job := batch.Job{Pipeline: pipeline("a"), Input: in, Output: &out}
	if _, err := job.Run(t.Context()); !errors.Is(err, lost) || out.String() != "prediction\n1\n2\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
