package sklearn_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const tableFile = "../../docs/exactness.md"

const tableHead = `# How exact the predictions are

The largest difference between what mlapi answers and what scikit-learn answers, for
each estimator and transformer and each version of scikit-learn that wrote the model:
over all its variants, and over rows on thresholds, with missing values, unknown
categories and empty texts. Labels are always equal.

A difference is relative to the value; where the value is below 0.0001 it is relative
to that. What scikit-learn computes in float32 itself is held to 1e-6 (of 1,
where the value is below 1), all else to 1e-9.
` + "`equal`" + ` is bit for bit, ` + "`< 1e-15`" + ` about a unit in the last place, ` + "`-`" + ` not in that
version. Made by ` + "`go test ./model/sklearn -run TestZoo -update`" + ` from the models in
model/sklearn/testdata/zoo, and checked by every ` + "`go test`" + `.

What the table does not show:

- **XGBoost** (0.90 to 3.4) and **LightGBM** (2.2 to 4.6) as files of their own:
  ` + "`go test ./model/xgboost ./model/lightgbm`" + ` compares them with what the libraries
  answered for the models in their testdata. Raw scores are equal bit for bit (XGBoost's
  since 1.3); what is made of them, such as probabilities, within 1e-6 (XGBoost, which
  computes in float32) and 1e-12 (LightGBM). In a pickle they are in the table: XGBoost
  0.90, 1.7 and 3.2, LightGBM 2.3, 3.3 and 4.6, each beside a scikit-learn of its time.
  XGBModel, XGBRanker, LGBMModel, LGBMRanker and a Booster alone are served the same way.
- **Samplers of imbalanced-learn** do nothing when predicting. In its pipelines are read
  ADASYN, AllKNN, BorderlineSMOTE, ClusterCentroids, CondensedNearestNeighbour,
  EditedNearestNeighbours, InstanceHardnessThreshold, KMeansSMOTE, NearMiss,
  NeighbourhoodCleaningRule, OneSidedSelection, RandomOverSampler, RandomUnderSampler,
  RepeatedEditedNearestNeighbours, SMOTE, SMOTEENN, SMOTEN, SMOTENC, SMOTETomek, SVMSMOTE
  and TomekLinks.
- **MultiLabelBinarizer** reads sets of labels, which no table of features has: a row is
  the set, filled up with null. Beside a model it made the targets, and is not used.
- **A missing value** is NaN, in columns of texts too. Python has None besides, which a
  SimpleImputer that was told of NaN leaves where it is, in every version; here null is
  filled like NaN.

`

// bins are the words of the table, each for differences up to its bound.
var bins = []struct {
	word  string
	bound float64
}{{"equal", 0}, {"< 1e-15", 1e-15}, {"< 1e-12", 1e-12}, {"< 1e-9", tolerance}, {"< 1e-6", toleranceSingle}}

func bin(d float64) int {
	for i, b := range bins {
		if d <= b.bound {
			return i
		}
	}
	return len(bins)
}

// checkTable writes the table with -update. Otherwise it compares: another CPU may
// add in another order, so a cell may be better than what is written, or worse as
// long as both are rounding (below 1e-12).
func checkTable(t *testing.T, cases []*zooCase, results map[string]zooResult) {
	t.Helper()
	worst, versions, estimators := map[[2]string]int{}, []string{}, []string{}
	for _, c := range cases {
		r, ok := results[c.name]
		if !ok {
			continue
		}
		version := path.Dir(c.name)
		key := [2]string{c.Estimator, version}
		worst[key] = max(worst[key], bin(r.largest))
		versions, estimators = append(versions, version), append(estimators, c.Estimator)
	}
	slices.SortFunc(versions, compareVersions)
	slices.Sort(estimators)
	versions, estimators = slices.Compact(versions), slices.Compact(estimators)
	if *update {
		if err := os.WriteFile(tableFile, []byte(tableHead+table(worst, versions, estimators)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	raw, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	const hint = "; write it anew with: go test ./model/sklearn -run TestZoo -update"
	head, written, _ := strings.Cut(string(raw), "| estimator")
	if head != tableHead {
		t.Error(tableFile + " begins otherwise" + hint)
	}
	for i, line := range strings.Split("| estimator"+written, "\n") {
		want := strings.Split(table(worst, versions, estimators), "\n")
		if i >= len(want) || !agrees(line, want[i]) {
			t.Fatalf("%s: line %q is not current%s", tableFile, line, hint)
		}
	}
}

func table(worst map[[2]string]int, versions, estimators []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| estimator | %s |\n|---|%s\n", strings.Join(versions, " | "), strings.Repeat("---|", len(versions)))
	for _, e := range estimators {
		fmt.Fprintf(&b, "| %s |", e)
		for _, v := range versions {
			word := "-"
			if w, ok := worst[[2]string{e, v}]; ok {
				word = bins[w].word
			}
			fmt.Fprintf(&b, " %s |", word)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// agrees compares a line of the written table with what was measured.
func agrees(written, measured string) bool {
	a, b := strings.Split(written, " | "), strings.Split(measured, " | ")
	if len(a) != len(b) {
		return false
	}
	rank := func(word string) int {
		return slices.IndexFunc(bins, func(b struct {
			word  string
			bound float64
		}) bool {
			return b.word == strings.TrimSuffix(word, " |")
		})
	}
	const rounding = 2 // the index of the last bin that is only rounding
	for i := range a {
		had, got := rank(a[i]), rank(b[i])
		switch {
		case had < 0 || got < 0:
			if a[i] != b[i] {
				return false
			}
		case got > had && got > rounding:
			return false
		}
	}
	return true
}

var digits = regexp.MustCompile(`\d+`)

func compareVersions(a, b string) int {
	x, y := digits.FindAllString(a, -1), digits.FindAllString(b, -1)
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m - n
		}
	}
	return len(x) - len(y)
}

func TestAgrees(t *testing.T) {
	for _, c := range []struct {
		written, measured string
		want              bool
	}{
		{"| Ridge | equal | < 1e-12 |", "| Ridge | equal | < 1e-12 |", true},
		{"| Ridge | equal | < 1e-12 |", "| Ridge | < 1e-15 | equal |", true},
		{"| Ridge | equal | < 1e-12 |", "| Ridge | < 1e-9 | equal |", false},
		{"| Ridge | equal | < 1e-9 |", "| Ridge | equal | < 1e-9 |", true},
		{"| Ridge | - | equal |", "| Ridge | equal | equal |", false},
		{"| Ridge | equal | - |", "| Ridge | equal | equal |", false},
		{"| Ridge | equal |", "| Lasso | equal |", false},
		{"| Ridge | equal |", "| Ridge | equal | equal |", false},
	} {
		if got := agrees(c.written, c.measured); got != c.want {
			t.Errorf("agrees(%q, %q) is %v", c.written, c.measured, got)
		}
	}
}
