package sklearn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
)

// lines returns a tree as text.
func lines(nodes []model.Node, indent string) []string {
	var list []string
	for _, n := range nodes {
		text := indent + n.Class
		if n.Name != "" {
			text = indent + n.Name + ": " + n.Class
		}
		for _, p := range n.Params {
			text += " " + p.Name + "=" + p.Value
		}
		if n.Problem != "" {
			text += " ! " + n.Problem
		}
		list = append(append(list, text), lines(n.Children, indent+"  ")...)
	}
	return list
}

// TestTree describes files as scikit-learn writes them, also such as are refused, with
// all reasons at the parts that are to blame.
func TestTree(t *testing.T) {
	for name, c := range map[string]struct{ tree, problems []string }{
		"told_custom": {
			[]string{
				"Pipeline", "  clean: __main__.Cleaner ! not served",
				"  half: FunctionTransformer func=__main__.half ! its function is a class or function, which is not served",
				"  skip: passthrough", "  last: SVC C=2.0 kernel='rbf'",
			},
			[]string{"__main__.Cleaner is not", "__main__.half is not", "FunctionTransformer (scikit-learn 1.5.2): its function"},
		},
		"told_service": {
			[]string{
				"__main__.Service ! not served", "  model: RandomForestClassifier n_estimators=5 max_depth=4",
				"    estimators_: DecisionTreeClassifier count=5 max_depth=4",
				"  encoders.sex: LabelEncoder", "  encoders.port: LabelEncoder",
			},
			[]string{"__main__.Service is not"},
		},
		"told_unfitted": {
			[]string{
				"Pipeline", "  scale: StandardScaler ! the estimator was never fitted (attribute mean_ missing)",
				"  trees: RandomForestClassifier n_estimators=7 ! the estimator was never fitted (attribute n_outputs_ missing)",
				"    estimator: DecisionTreeClassifier",
			},
			[]string{"StandardScaler (scikit-learn 1.5.2): the estimator was never fitted", "RandomForestClassifier (scikit-learn 1.5.2): the estimator was never fitted"},
		},
		"columns": {
			[]string{
				"$.model: Pipeline", "  prepare: ColumnTransformer", "    n: StandardScaler columns=['age', 'fare']",
				"    c: OneHotEncoder columns=['sex', 'port'] handle_unknown='ignore'", "  model: LogisticRegression",
				"$.columns: list value=['age', 'sex', 'fare', 'port']", "$.target: str value='outcome'",
			}, nil,
		},
	} {
		r, _, err := model.Inspect("testdata/bundles/"+name+".pkl", []model.Format{sklearn.Format()})
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(r.Tree, ""); !cmp.Equal(got, c.tree) {
			t.Errorf("%s: %s", name, cmp.Diff(c.tree, got))
		}
		if r.Writer != "scikit-learn 1.5.2" {
			t.Errorf("%s: written by %q", name, r.Writer)
		}
		if len(r.Problems) != len(c.problems) {
			t.Errorf("%s: %d problems, want %d: %+v", name, len(r.Problems), len(c.problems), r.Problems)
			continue
		}
		for _, want := range c.problems {
			found := false
			for _, p := range r.Problems {
				found = found || strings.Contains(p.What, want) && p.Hint != ""
			}
			if !found {
				t.Errorf("%s: no problem %q with a hint in %+v", name, want, r.Problems)
			}
		}
	}
}

// TestTreeOfEncoders: categories that are numbers are told, and what a ColumnTransformer
// leaves over stands there once.
func TestTreeOfEncoders(t *testing.T) {
	for file, want := range map[string][]string{
		"1.5.2/encode_onehot_codes_ignore.joblib": {"OneHotEncoder handle_unknown='ignore' categories=[[1.0, 2.0, 3.0, 5.0, 8.0], [-0.5, 0.0, 0.5, 1.5], [0.0, 1.0]]"},
		"1.5.2/columns_filled.joblib":             {"remainder: "},
		"0.22.2.post1/columns_filled.joblib":      {"remainder: "},
	} {
		r, _, err := model.Inspect("testdata/zoo/"+file, []model.Format{sklearn.Format()})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(lines(r.Tree, ""), "\n")
		for _, part := range want {
			if strings.Count(text, part) != 1 {
				t.Errorf("%s has %q %d times:\n%s", file, part, strings.Count(text, part), text)
			}
		}
	}
}
