package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runOn runs mlapi with rows on standard input.
func runOn(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := command(t.Context(), t.TempDir(), nil, args...)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// TestPredictBundles predicts with bundles, and with several files, that Python made
// (model/sklearn/testdata/bundles), on the real command.
func TestPredictBundles(t *testing.T) {
	folder, err := filepath.Abs("../model/sklearn/testdata/bundles")
	if err != nil {
		t.Fatal(err)
	}
	for files, answers := range map[string]string{
		"encoders_target":                 "encoders_target",
		"metrics":                         "metrics",
		"metrics.pkl#$.pipeline":          "metrics",
		"tuple":                           "tuple",
		"file_vectorizer,file_text_model": "file_text_model",
	} {
		t.Run(files, func(t *testing.T) {
			text, err := os.ReadFile(folder + "/" + answers + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var c struct {
				Rows    []json.RawMessage
				Predict []any
			}
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			var rows, want strings.Builder
			for i, row := range c.Rows {
				rows.Write(append(row, '\n'))
				v, err := json.Marshal(c.Predict[i])
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&want, "{\"prediction\":%s}\n", v)
			}
			var paths []string
			for name := range strings.SplitSeq(files, ",") {
				if !strings.Contains(name, ".pkl") {
					name += ".pkl"
				}
				paths = append(paths, folder+"/"+name)
			}
			out, said, status := runOn(t, rows.String(), "predict", strings.Join(paths, ","))
			if status != 0 || out != want.String() {
				t.Errorf("status %d, %s, want %s\n%s", status, out, want.String(), said)
			}
		})
	}
}

// TestInspectText reads reports as a person does.
func TestInspectText(t *testing.T) {
	folder, err := filepath.Abs("../model/sklearn/testdata/bundles")
	if err != nil {
		t.Fatal(err)
	}
	for file, c := range map[string]struct {
		status int
		want   []string
	}{
		"encoders_scaler.pkl": {0, []string{
			": can be served\n", "\nHolds, each by its path", `  $.encoders.sex: LabelEncoder  -> encodes the feature "sex"`,
			"     1  sex   text      female, male\n",
		}},
		"label_encoder.pkl": {0, []string{"\nFeatures (4)\n  x0 to x3", "\nNotes\n  - $.label_encoder names the classes\n"}},
		"told_custom.pkl": {3, []string{
			": cannot be served\n", "Written by    scikit-learn 1.5.2\n", "  - __main__.Cleaner is not one of", "(README: Extend it, fork it)\n  - __main__.half",
			"\nEstimators\n  Pipeline\n    clean: __main__.Cleaner\n      ! not served\n",
		}},
		"../zoo/1.5.2/chain.joblib": {0, []string{"classifier (ClassifierChain): 3 labels for each row, of 0, 1\n"}},
		"file_scaler.pkl":           {0, []string{"transformer (StandardScaler): the 4 features that it makes\n"}},
		"file_vectorizer.pkl":       {0, []string{"     0  x0  text\n", "A row in a request, to begin with\n  [[\"some text\"]]\n"}},
		"encoders.pkl":              {0, []string{"  [[0,\"female\",0,\"C\"]]\n", "  [{\"age\":0,\"sex\":\"female\","}},
		"../../../xgboost/testdata/2.0.3/binary.json.gz": {0, []string{
			"scorer (Booster): 1 where the score is above 0.5, otherwise 0; scores: probability\n", "\nNotes\n  - for the probability itself ask with ?output=scores (mlapi predict --output scores)", "  - a Booster has no names for its classes: ",
		}},
		"../../../xgboost/testdata/2.0.3/softprob.json.gz": {0, []string{"the class of the largest of 3 scores, as a number from 0 to 2"}},
		"scaler_subset.pkl": {3, []string{"choose one by its path, as in API_MODEL_FILEPATH='model.pkl#$.model'", "\n  $.scaler: StandardScaler\n"}},
	} {
		out, said, status := runOn(t, "", "inspect", folder+"/"+file)
		if strings.Count(out, "\nWhy not\n") > 1 || strings.Contains(out, "\n\n\n") {
			t.Errorf("%s:\n%s", file, out)
		}
		if status != c.status {
			t.Errorf("%s: status %d\n%s", file, status, said)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s lacks %q:\n%s", file, want, out)
			}
		}
		if strings.Count(out, "nothing in a model file is ever run") > 1 {
			t.Errorf("%s says one hint twice:\n%s", file, out)
		}
	}
}

// TestInspectTogether: what several files make together is told behind them.
func TestInspectTogether(t *testing.T) {
	for _, c := range []struct {
		files  string
		status int
		want   []string
	}{
		{bundlePath(t, "file_vectorizer.pkl", "file_text_model.pkl"), 0, []string{"file_text_model.pkl: can be served\n\n  Format        several files\n", "classifier (MultinomialNB): 0, 1; scores: probability\n\nFeatures (1)\n     0  x0  text\n"}},
		{bundlePath(t, "file_scaler.pkl", "file_model.pkl"), 3, []string{"file_model.pkl: cannot be served\n\n  Format        several files\n", "the files do not make one model: LogisticRegression takes 2 features and is given 4\n    name the files in the order"}},
	} {
		out, said, status := runOn(t, "", "inspect", c.files)
		_, whole, found := strings.Cut(out, "\n"+c.files+": ")
		whole = c.files + ": " + whole
		for _, want := range c.want {
			if status != c.status || !found || !strings.Contains(whole, want) {
				t.Errorf("%s: status %d, want %q in\n%s%s", c.files, status, want, out, said)
			}
		}
		lines, _, status := runOn(t, "", "inspect", "--json", c.files)
		if status != c.status || strings.Count(lines, "\n{\"file\":") != 2 {
			t.Errorf("%s: status %d, as JSON\n%s", c.files, status, lines)
		}
	}
}
