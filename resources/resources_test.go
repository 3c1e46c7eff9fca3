package resources

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// features are what a row of both samples consists of.
var features = []string{"protocol_type", "service", "flag", "src_bytes", "dst_bytes", "logged_in", "count", "same_srv_rate"}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// samples runs check on each sample's folder.
func samples(t *testing.T, check func(t *testing.T, folder string)) {
	for _, folder := range []string{"intrusion", "anomaly"} {
		t.Run(folder, func(t *testing.T) { check(t, folder) })
	}
}

func TestWhatIsEmbeddedIsNamed(t *testing.T) {
	for name, embedded := range map[string][]byte{ModelName: Model, EncodingsName: Encodings} {
		if !bytes.Equal(embedded, read(t, "..", filepath.FromSlash(name))) {
			t.Errorf("%s is not what is embedded", name)
		}
	}
}

func TestModelsAreSmall(t *testing.T) {
	samples(t, func(t *testing.T, folder string) {
		if size := len(read(t, folder, "model.joblib")); size > 1_500_000 {
			t.Errorf("model.joblib has %d bytes, more than 1,500,000", size)
		}
	})
}

// A card tells about one file. Whoever trains the model again writes a new card.
func TestCardNamesTheModelFile(t *testing.T) {
	samples(t, func(t *testing.T, folder string) {
		sum := sha256.Sum256(read(t, folder, "model.joblib"))
		card := string(read(t, folder, "CARD.md"))
		if want := hex.EncodeToString(sum[:]); !strings.Contains(card, want) {
			t.Errorf("CARD.md does not name the model's SHA-256 %s: run train.py and write down what it prints", want)
		}
	})
}

// The card's table of features has a line for each, in the order of the columns.
func TestCardListsTheFeatures(t *testing.T) {
	samples(t, func(t *testing.T, folder string) {
		var got []string
		for line := range strings.Lines(string(read(t, folder, "CARD.md"))) {
			cells := strings.Split(line, "|")
			if len(cells) < 3 {
				continue
			}
			if _, err := strconv.Atoi(strings.TrimSpace(cells[1])); err == nil {
				got = append(got, strings.Trim(cells[2], " `"))
			}
		}
		if diff := cmp.Diff(features, got); diff != "" {
			t.Errorf("CARD.md, features (-want +got):\n%s", diff)
		}
	})
}

// tables returns the categories of each encoded column in the order of their numbers.
func tables(t *testing.T, content []byte) map[int][]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"column", "name", "category", "encoding"}, lines[0]); diff != "" {
		t.Fatalf("header (-want +got):\n%s", diff)
	}
	out := map[int][]string{}
	for i, line := range lines[1:] {
		column, err := strconv.Atoi(line[0])
		if err != nil || column < 0 || column >= len(features) || features[column] != line[1] {
			t.Fatalf("line %d: column %s is not %s", i+2, line[0], line[1])
		}
		if want := strconv.Itoa(len(out[column])); line[3] != want {
			t.Fatalf("line %d: %s is %s, want %s: the numbers of a column count up from 0", i+2, line[2], line[3], want)
		}
		if slices.Contains(out[column], line[2]) {
			t.Fatalf("line %d: %s stands twice", i+2, line[2])
		}
		out[column] = append(out[column], line[2])
	}
	return out
}

func TestEncodingsCoverTheCategoriesAndOther(t *testing.T) {
	samples(t, func(t *testing.T, folder string) {
		got := tables(t, read(t, folder, "encoding.csv"))
		if len(got) != 3 {
			t.Errorf("%d columns are encoded, want protocol_type, service and flag", len(got))
		}
		for column := range 3 {
			if names := got[column]; len(names) < 2 || names[len(names)-1] != "OTHER" {
				t.Errorf("%s: the last category of %q is not OTHER", features[column], names)
			}
		}
	})
}

// The server compares names without regard to case: of two that are equal to it
// one would be encoded as the other, which the model was not trained with.
func TestCategoriesDifferInMoreThanCase(t *testing.T) {
	samples(t, func(t *testing.T, folder string) {
		for column, names := range tables(t, read(t, folder, "encoding.csv")) {
			for i, name := range names {
				same := func(before string) bool { return strings.EqualFold(before, name) }
				if j := slices.IndexFunc(names[:i], same); j >= 0 {
					t.Errorf("%s: %s and %s are one name to the server", features[column], names[j], name)
				}
			}
		}
	})
}

type examples struct {
	Rows        [][]any
	Predictions []any
	Anomalies   []int
}

func readExamples(t *testing.T, folder string) examples {
	t.Helper()
	var got examples
	if err := json.Unmarshal(read(t, folder, "examples.json"), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestExamplesFitTheEncodings(t *testing.T) {
	possible := map[string][]any{"intrusion": {"attack", "normal"}, "anomaly": {1.0, -1.0}}
	samples(t, func(t *testing.T, folder string) {
		known, got := tables(t, read(t, folder, "encoding.csv")), readExamples(t, folder)
		if len(got.Rows) < 20 || len(got.Rows) != len(got.Predictions) {
			t.Fatalf("%d rows and %d predictions, want as many of each and 20 at least", len(got.Rows), len(got.Predictions))
		}
		for i, row := range got.Rows {
			checkRow(t, i, row, known)
		}
		for _, label := range possible[folder] {
			if !slices.Contains(got.Predictions, label) {
				t.Errorf("no row is answered %v", label)
			}
		}
		for i, p := range got.Predictions {
			if !slices.Contains(possible[folder], p) {
				t.Errorf("row %d is answered %v", i, p)
			}
		}
	})
}

// checkRow reports what in a row does not fit the features.
func checkRow(t *testing.T, i int, row []any, known map[int][]string) {
	t.Helper()
	if len(row) != len(features) {
		t.Errorf("row %d has %d values, want %d", i, len(row), len(features))
		return
	}
	for column, value := range row {
		name, text := value.(string)
		names, category := known[column]
		if text != category || category && !slices.Contains(names, name) {
			t.Errorf("row %d, %s: %v does not fit", i, features[column], value)
		}
	}
}

func TestAnomaliesAreTheOutliers(t *testing.T) {
	got := readExamples(t, "anomaly")
	if len(got.Anomalies) != len(got.Predictions) {
		t.Fatalf("%d anomalies of %d predictions", len(got.Anomalies), len(got.Predictions))
	}
	for i, p := range got.Predictions {
		if (got.Anomalies[i] == 1) != (p == -1.0) {
			t.Errorf("row %d: anomaly %d of the prediction %v", i, got.Anomalies[i], p)
		}
	}
}

// The row of the curl line is one whose answer scikit-learn gave.
func TestExampleRowsIsAnExample(t *testing.T) {
	var rows [][]any
	if err := json.Unmarshal([]byte(ExampleRows), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || strings.ContainsAny(ExampleRows, "'\n") {
		t.Fatalf("%s is not one row that fits into a shell's single quotes", ExampleRows)
	}
	all := readExamples(t, "intrusion")
	i := slices.IndexFunc(all.Rows, func(row []any) bool { return cmp.Equal(row, rows[0]) })
	if i < 0 {
		t.Fatalf("%s is not in examples.json", ExampleRows)
	}
	if got := all.Predictions[i]; got != "attack" {
		t.Errorf("scikit-learn answers %v, the documentation says attack", got)
	}
}
