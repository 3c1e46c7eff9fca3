package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sampleModel returns the arguments for the intrusion sample.
func sampleModel(t *testing.T) []string {
	t.Helper()
	folder, err := filepath.Abs("../resources/intrusion")
	if err != nil {
		t.Fatal(err)
	}
	return []string{folder + "/model.joblib", "--encodings", folder + "/encoding.csv"}
}

// predict runs mlapi predict with the sample and more arguments in folder.
func predict(t *testing.T, folder, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := command(t.Context(), folder, nil, append(append([]string{"predict"}, sampleModel(t)...), args...)...)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

const (
	namedRows = "id,count,protocol_type,service,flag,src_bytes,dst_bytes,logged_in,same_srv_rate,label\n" +
		"a-1,206,tcp,domain,S0,0,0,0,0.04,?\r\n" +
		"\"a\n2\",2,TCP,http,SF,333,31171,1,1,?\n"
	plainRow = "tcp,domain,S0,0,0,0,206,0.04\n"
)

func TestPredictCSV(t *testing.T) {
	folder := t.TempDir()
	write(t, folder+"/rows.csv", namedRows)
	out, said, status := predict(t, folder, "", "rows.csv", "--keep", "id")
	if want := "id,prediction\na-1,attack\n\"a\n2\",normal\n"; status != 0 || out != want {
		t.Errorf("status %d, %q, want %q\n%s", status, out, want, said)
	}
	if !strings.Contains(said, `note: columns that are no features of the model are not used: "label"`) {
		t.Errorf("said %q", said)
	}
	out, said, status = predict(t, folder, plainRow+plainRow, "-", "--output", "all", "--header", "no")
	if line, _, _ := strings.Cut(out, "\n"); status != 0 || !strings.HasPrefix(line, "attack,0.99") || strings.Count(line, ",") != 2 || said != "" {
		t.Errorf("status %d, %q, said %q", status, out, said)
	}
}

// TestPredictAsTheServer: predictions and scores are, digit for digit, those of the
// server.
func TestPredictAsTheServer(t *testing.T) {
	text, err := os.ReadFile("../resources/intrusion/examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var e struct{ Rows []json.RawMessage }
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	var lines, table, list strings.Builder
	for i, row := range e.Rows {
		flat := strings.Join(strings.Fields(string(row)), "")
		lines.WriteString(flat + "\n")
		table.WriteString(strings.Trim(flat, "[]") + "\n")
		if i > 0 {
			list.WriteString(",")
		}
		list.WriteString(flat)
	}
	s := startServer(t, t.TempDir(), "AUTH_ENABLED=False")
	status, body := call(http.MethodPost, s.url+"/api/ml/?output=all", "", "application/json", "["+list.String()+"]")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	var served struct {
		Predictions []string
		Scores      [][]json.Number
	}
	if err := json.Unmarshal([]byte(body), &served); err != nil {
		t.Fatal(err)
	}
	var wantCSV, wantJSON strings.Builder
	wantCSV.WriteString("prediction,probability_attack,probability_normal\n")
	for i, label := range served.Predictions {
		p := served.Scores[i]
		fmt.Fprintf(&wantCSV, "%s,%s,%s\n", label, p[0], p[1])
		fmt.Fprintf(&wantJSON, `{"prediction":%q,"probability":{"attack":%s,"normal":%s}}`+"\n", label, p[0], p[1])
	}
	if out, said, _ := predict(t, t.TempDir(), table.String(), "--output", "all"); out != wantCSV.String() {
		t.Errorf("CSV:\n%s, want\n%s\n%s", out, &wantCSV, said)
	}
	if out, said, _ := predict(t, t.TempDir(), lines.String(), "--output", "all"); out != wantJSON.String() {
		t.Errorf("NDJSON:\n%s, want\n%s\n%s", out, &wantJSON, said)
	}
}

func TestPredictBad(t *testing.T) {
	folder := t.TempDir()
	rows := plainRow + "tcp,domain,XX,0,0,0,206,0.04\n" + plainRow + "tcp,\xff,S0,0,0,0,206,0.04\n"
	out, said, status := predict(t, folder, rows)
	if status != 1 || out != "prediction\nattack\n" || !strings.Contains(said, `error: standard input: line 2, column 2 ("flag"): "XX" is not a known category`) || !strings.Contains(said, "hint: ") {
		t.Errorf("status %d, %q, said %q", status, out, said)
	}
	out, said, status = predict(t, folder, rows, "--bad", "bad.csv")
	if status != 0 || out != "prediction\nattack\nattack\n" {
		t.Errorf("status %d, %q", status, out)
	}
	for _, want := range []string{"bad: line 2, column 2", "bad: line 4: the text is not UTF-8", "note: 2 of 4 rows could not be answered; their lines are in bad.csv"} {
		if !strings.Contains(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
	if got := read(t, folder+"/bad.csv"); got != "tcp,domain,XX,0,0,0,206,0.04\ntcp,\xff,S0,0,0,0,206,0.04\n" {
		t.Errorf("bad lines %q", got)
	}
	if _, said, status := predict(t, folder, strings.Repeat("x", 17<<20)); status != 1 || !strings.Contains(said, "line 1: the line is longer than 16 MiB") {
		t.Errorf("a huge line: status %d, %q", status, said)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPredictOut: the file of answers is whole or as it was, and never an input.
func TestPredictOut(t *testing.T) {
	folder := t.TempDir()
	write(t, folder+"/rows.csv", plainRow)
	write(t, folder+"/out.csv", "old")
	if _, said, status := predict(t, folder, plainRow+"1\n", "--out", "out.csv"); status != 1 || read(t, folder+"/out.csv") != "old" {
		t.Errorf("after a failure, status %d, the file is %q: %s", status, read(t, folder+"/out.csv"), said)
	}
	if out, said, status := predict(t, folder, "", "rows.csv", "-o", "out.csv"); status != 0 || out != "" || read(t, folder+"/out.csv") != "prediction\nattack\n" {
		t.Errorf("status %d, the file is %q: %s", status, read(t, folder+"/out.csv"), said)
	}
	for _, args := range [][]string{{"-o", "rows.csv"}, {"--bad", "./rows.csv"}, {"-o", "x", "--bad", "x"}} {
		if _, said, status := predict(t, folder, "", append([]string{"rows.csv"}, args...)...); status != 2 || read(t, folder+"/rows.csv") != plainRow {
			t.Errorf("%v: status %d, %q", args, status, said)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestPredictMisuse(t *testing.T) {
	folder := t.TempDir()
	for want, args := range map[string][]string{
		`--format: "xml"`:          {"--format", "xml"},
		`--delimiter: "ab"`:        {"--delimiter", "ab"},
		"unknown flag: --bogus":    {"--bogus"},
		"takes FILE and perhaps":   {"a", "b"},
		`"?" is not the name of a`: {"--postprocess", "?"},
	} {
		if _, said, status := predict(t, folder, "", args...); status != 2 || !strings.Contains(said, want) || !strings.Contains(said, "hint: ") {
			t.Errorf("%v: status %d, said %q, want %q", args, status, said, want)
		}
	}
}

// TestFilesThatCannotBeRead: whatever file it is, and whichever command: the status is
// 1, for 2 is wrong use.
func TestFilesThatCannotBeRead(t *testing.T) {
	folder := t.TempDir()
	write(t, folder+"/text.pkl", "no model")
	model := sampleModel(t)[0]
	for want, args := range map[string][]string{
		"error: nowhere.joblib: there is no such file\n":        {"predict", "nowhere.joblib"},
		"error: nowhere.pkl: there is no such file\n":           {"inspect", "nowhere.pkl"},
		"error: text.pkl: the file is in no known model format": {"predict", "text.pkl"},
		"error: the files do not make one model: ":              {"predict", model + "," + model},
		"error: the rows nowhere.csv: ":                         {"predict", model, "nowhere.csv"},
		"this is a folder\n":                                    {"predict", model, "."},
		"error: --encodings nowhere.csv: ":                      {"predict", model, "--encodings", "nowhere.csv"},
		"error: --out nowhere/out.csv: ":                        {"predict", model, "--out", "nowhere/out.csv"},
		"error: --bad nowhere/bad.csv: ":                        {"predict", model, "--bad", "nowhere/bad.csv"},
	} {
		cmd := command(t.Context(), folder, nil, args...)
		said, _ := cmd.CombinedOutput() // the status is looked at below
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(said), want) || !strings.Contains(string(said), "hint: ") {
			t.Errorf("%v: status %d, said %q, want %q", args, cmd.ProcessState.ExitCode(), said, want)
		}
	}
}

// predictCommand returns mlapi predict with the sample model.
func predictCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return command(context.Background(), t.TempDir(), nil, append(append([]string{"predict"}, sampleModel(t)...), args...)...)
}

// pipes starts a command on pipes.
func pipes(t *testing.T, cmd *exec.Cmd) (io.WriteCloser, io.ReadCloser) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return in, out
}

// TestPredictPipe: answers flow while rows come in; a signal and a reader that has
// enough end the run.
func TestPredictPipe(t *testing.T) {
	cmd := predictCommand(t, "--header", "no")
	in, out := pipes(t, cmd)
	answers := bufio.NewScanner(out)
	for range 3 {
		if _, err := io.WriteString(in, plainRow); err != nil {
			t.Fatal(err)
		}
		if !answers.Scan() || answers.Text() != "attack" {
			t.Fatalf("answered %q", answers.Text())
		}
	}
	cmd = predictCommand(t)
	in, out = pipes(t, cmd)
	if _, err := io.WriteString(in, plainRow); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("prediction\nattack\n"))); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended(t, "a signal", cmd)
	if cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("after a signal: %v", cmd.ProcessState)
	}

	cmd = predictCommand(t)
	in, out = pipes(t, cmd)
	var said bytes.Buffer
	cmd.Stderr = &said
	_ = out.Close()
	for range 1000 {
		if _, err := io.WriteString(in, strings.Repeat(plainRow, 1000)); err != nil {
			break // it is gone, as it should be
		}
	}
	ended(t, "a closed pipe", cmd)
	if said.Len() > 0 {
		t.Errorf("a closed pipe: said %q", &said)
	}
}

// ended waits until a process has ended.
func ended(t *testing.T, why string, cmd *exec.Cmd) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: the run goes on", why)
	}
}

// TestPredictConfigured: what .env configures for its model holds for that model only.
func TestPredictConfigured(t *testing.T) {
	folder := t.TempDir()
	model := sampleModel(t)
	env := fmt.Sprintf("API_MODEL_FILEPATH=%s\nAPI_CATEGORICAL_ENCODING_FILEPATH=%s\n", model[0], model[2])
	write(t, folder+"/.env", env)
	run := func() (string, string) {
		cmd := command(t.Context(), folder, nil, "predict", model[0])
		var out, said bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(plainRow), &out, &said
		_ = cmd.Run() // the output tells
		return out.String(), said.String()
	}
	if out, said := run(); out != "prediction\nattack\n" {
		t.Errorf("%q, %q", out, said)
	}
	write(t, folder+"/.env", strings.Replace(env, "model.joblib", "other.joblib", 1))
	if out, said := run(); out != "" || !strings.Contains(said, "note: the configured encodings") || !strings.Contains(said, `"tcp" is not a number`) {
		t.Errorf("%q, %q", out, said)
	}
}

// TestInspectServed: what can be served is described as the server's page describes it.
func TestInspectServed(t *testing.T) {
	model := sampleModel(t)[0]
	out, err := command(t.Context(), t.TempDir(), nil, "inspect", model, "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		File, Status, Format, Compression, Writer, Estimator, Task, Scores string
		Size, Memory                                                       int64
		Classes                                                            []string
		Features                                                           []struct{ Name, Type string }
		Globals                                                            []struct{ Known bool }
		Problems                                                           []any
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.File != model || got.Status != "served" || got.Format != "joblib" || got.Compression != "zlib" || !strings.HasPrefix(got.Writer, "scikit-learn ") ||
		got.Estimator != "RandomForestClassifier" || got.Task != "classifier" || got.Scores != "probability" || got.Size < 1000 || got.Memory < 1000 ||
		fmt.Sprint(got.Classes) != "[attack normal]" || len(got.Features) != 8 || got.Features[0].Name != "protocol_type" || len(got.Problems) > 0 {
		t.Errorf("%s", out)
	}
	for i, g := range got.Globals {
		if !g.Known {
			t.Errorf("global %d of a served file is not known: %s", i, out)
		}
	}
	text, err := command(t.Context(), t.TempDir(), nil, "inspect", model).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"can be served", "joblib, protocol ", "attack, normal", "Features (8)", "sklearn.tree._tree.Tree (called)"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
