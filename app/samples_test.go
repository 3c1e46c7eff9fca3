package app_test

import (
	"encoding/json"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// example is what scikit-learn answered for a sample's rows (examples.json).
type example struct {
	Rows        json.RawMessage `json:"rows"`
	Predictions json.RawMessage `json:"predictions"`
	Scores      json.RawMessage `json:"scores"`
	Anomalies   json.RawMessage `json:"anomalies"`
}

// TestSamplesAnswerAsScikitLearn serves each sample the way its card says and asks
// for the rows of its examples.json.
func TestSamplesAnswerAsScikitLearn(t *testing.T) {
	resources, err := filepath.Abs("../resources")
	if err != nil {
		t.Fatal(err)
	}
	anomaly := []string{
		"API_MODEL_FILEPATH=" + resources + "/anomaly/model.joblib",
		"API_CATEGORICAL_ENCODING_FILEPATH=" + resources + "/anomaly/encoding.csv",
	}
	for _, test := range []struct {
		name, sample string
		environ      []string
		want         func(example) json.RawMessage
		classes      string
	}{
		{"embedded", "intrusion", nil, func(e example) json.RawMessage { return e.Predictions }, `["attack","normal"]`},
		{"outliers as -1", "anomaly", anomaly, func(e example) json.RawMessage { return e.Predictions }, `[-1,1]`},
		{"outliers as 1", "anomaly", append(anomaly, "API_CONVERT_ANOMALY_SCORES=True"), func(e example) json.RawMessage { return e.Anomalies }, `[0,1]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(resources, test.sample, "examples.json"))
			if err != nil {
				t.Fatal(err)
			}
			var e example
			if err := json.Unmarshal(text, &e); err != nil {
				t.Fatal(err)
			}
			s := startServer(t, t.TempDir(), append(test.environ, "AUTH_ENABLED=False")...)
			status, body := s.predict("", string(e.Rows))
			if status != http.StatusOK || strings.TrimSpace(body) != compact(t, test.want(e)) {
				t.Errorf("answered %d %s, want %s", status, body, test.want(e))
			}
			if _, page := call(http.MethodGet, s.url+"/api/ml/", "", "", ""); !strings.Contains(page, `"classes":`+test.classes) {
				t.Errorf("the model's page lacks the classes %s:\n%s", test.classes, page)
			}
			status, body = call(http.MethodPost, s.url+"/api/ml/?output=scores", "", "application/json", string(e.Rows))
			if status != http.StatusOK {
				t.Fatalf("scores: %d %s", status, body)
			}
			var got struct{ Scores []any }
			var want []any
			if json.Unmarshal([]byte(body), &got) != nil || json.Unmarshal(e.Scores, &want) != nil {
				t.Fatalf("scores are no JSON: %s", body)
			}
			if a, b := flat(got.Scores), flat(want); !near(a, b) {
				t.Errorf("scores %v, want %v", a, b)
			}
		})
	}
}

func compact(t *testing.T, text json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// flat returns the numbers of nested lists in order.
func flat(list []any) (numbers []float64) {
	for _, v := range list {
		switch v := v.(type) {
		case []any:
			numbers = append(numbers, flat(v)...)
		case float64:
			numbers = append(numbers, v)
		}
	}
	return numbers
}

// near compares to 12 digits: an isolation forest's score goes through logarithms,
// whose last bit is the library's own.
func near(a, b []float64) bool {
	if len(a) != len(b) || len(a) == 0 {
		return false
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-12 {
			return false
		}
	}
	return true
}

// TestReadmeShowsWhatTheServerShows holds README.md to the lines that the server
// shows, and to the answer that they get.
func TestReadmeShowsWhatTheServerShows(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, t.TempDir())
	_, password := s.firstCredential()
	shown, err := os.ReadFile(filepath.Join(s.folder, "data", "first-client.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(shown), password, "...")
	text = strings.ReplaceAll(text, s.url, "http://127.0.0.1:8080")
	count := 0
	for line := range strings.Lines(text) {
		if regexp.MustCompile(`^(REFRESH|TOKENS|curl)`).MatchString(line) {
			if count++; !strings.Contains(string(readme), line) {
				t.Errorf("README.md lacks the line\n%s", line)
			}
		}
	}
	if count != 3 {
		t.Errorf("%d lines shown, want 3", count)
	}
	name, _ := s.firstCredential()
	access, _ := s.login(name, password)
	if answer := predicted(t, s, access); !strings.Contains(string(readme), "```\n"+strings.TrimSpace(answer)+"\n```") {
		t.Errorf("README.md lacks the answer %s", answer)
	}
}
