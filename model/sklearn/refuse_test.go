package sklearn_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"example.com/mlapi/model"
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
