package sklearn

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentsNameEveryClass compares what docs/exactness.md says is served with the
// table of classes, both ways. (That its rows are what was measured, TestZoo checks.)
func TestDocumentsNameEveryClass(t *testing.T) {
	raw, err := os.ReadFile("../../docs/exactness.md")
	if err != nil {
		t.Fatal(err)
	}
	text, table, found := strings.Cut(string(raw), "| estimator |")
	if !found {
		t.Fatal("docs/exactness.md has no table of estimators")
	}
	rows, words := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\w+) \|`).FindAllStringSubmatch(table, -1) {
		rows[m[1]] = true
	}
	for _, w := range regexp.MustCompile(`\w+`).FindAllString(text, -1) {
		words[w] = true
	}
	served := map[string]bool{}
	for _, c := range classes() {
		if c.part() || strings.HasPrefix(c.name, "CatBoost") { // CatBoost is known in order to be refused well
			continue
		}
		served[c.name] = true
		if !rows[c.name] && !words[c.name] {
			t.Errorf("%s is served, but docs/exactness.md does not name it: add a case to testdata/zoo*.py", c.name)
		}
	}
	for name := range rows {
		if !served[name] {
			t.Errorf("docs/exactness.md has a row of %s, which is not served", name)
		}
	}
	if len(rows) < 150 {
		t.Errorf("%d estimators in the table of docs/exactness.md", len(rows))
	}
}
