package sklearn_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi/model"
	"example.com/mlapi/model/sklearn"
)

// TestOthersAreRefusedByName reads the models in testdata that are not served.
func TestOthersAreRefusedByName(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/refuse_*.joblib")
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d models in testdata (%v)", len(paths), err)
	}
	plain := map[string]string{"numpy.ndarray": "the file holds a numpy array, not an estimator"}
	reasons := map[string]string{"it was never fitted": "never fitted"}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(path[len("testdata/"):], ".joblib"), func(t *testing.T) {
			f := readFixture(t, strings.TrimSuffix(path, ".joblib")+".json")
			_, err := open(path)
			if err == nil {
				t.Fatal("accepted")
			}
			want := f.Refused
			if strings.HasSuffix(path, "refuse_lambda.joblib") {
				want = "cloudpickle" // whose functions rebuild the lambda come before the class that holds it
			}
			if s, ok := plain[want]; ok {
				want = s
			}
			if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), reasons[f.Reason]) {
				t.Errorf("error is %q, want %q and %q in it", err, want, reasons[f.Reason])
			}
			var e *model.Error
			if !errors.As(err, &e) || e.Kind != model.Unsupported || e.Hint == "" {
				t.Errorf("error is %#v, want an unsupported one with a hint", err)
			}
		})
	}
}

// TestStrangersAreToldFrom: what is said of a name depends on whose it is.
func TestStrangersAreToldFrom(t *testing.T) {
	for program, want := range map[string][2]string{
		"cposix\nsystem\n.":                               {"posix.system is not", "do not load the file"},
		"ccompany.models\nOurs\n.":                        {"company.models.Ours is not", "preprocessor in Go"},
		"cjoblib.externals.cloudpickle.cloudpickle\nf\n.": {"a lambda, a function or a class", "preprocessor in Go"},
		"csklearn.cluster._dbscan\nNone_such\n.":          {"sklearn.cluster._dbscan.None_such is not", "docs/exactness.md"},
	} {
		_, err := model.OpenReader("x", strings.NewReader(program), int64(len(program)), []model.Format{sklearn.Format()})
		var e *model.Error
		if !errors.As(err, &e) || e.Kind != model.Unsupported || !strings.Contains(e.What, want[0]) || !strings.Contains(e.Hint, want[1]) {
			t.Errorf("%q: error is %v (hint %q), want %q and %q", program, err, e.Hint, want[0], want[1])
		}
	}
}
