//go:build integration

package sklearn_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var (
	pipelines = flag.Int("pipelines", 250, "how many random pipelines TestRandomPipelines composes")
	seed      = flag.Int("seed", 1, "of the random pipelines; the same gives the same")
)

// TestRandomPipelines has Python compose, train and save hundreds of pipelines at
// random, opens each and compares every answer. More of them by hand:
//
//	go test -tags integration -run TestRandomPipelines -timeout 1h ./model/sklearn -pipelines 5000 -seed 7
//
// Python is build/sklearn/bin/python below the repository's root, which
// scripts/test-setup.sh makes, or what MLAPI_TEST_SKLEARN names.
func TestRandomPipelines(t *testing.T) {
	python := os.Getenv("MLAPI_TEST_SKLEARN")
	if python == "" {
		python = filepath.Join("..", "..", "build", "sklearn", "bin", "python")
	}
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("there is no Python with scikit-learn (%v): run scripts/test-setup.sh, or name one in MLAPI_TEST_SKLEARN", err)
	}
	folder := t.TempDir()
	cmd := exec.Command(python, "-B", filepath.Join("testdata", "zoo_random.py"), folder, strconv.Itoa(*pipelines), strconv.Itoa(*seed))
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "PYTHONHASHSEED=0")
	var told bytes.Buffer
	cmd.Stderr = &told
	if err := cmd.Run(); err != nil {
		t.Fatalf("zoo_random.py: %v\n%s", err, told.Bytes())
	}
	tables, cases := readTables(t, folder), readZoo(t, folder)
	if len(cases) != *pipelines {
		t.Fatalf("%d pipelines, want %d", len(cases), *pipelines)
	}
	values, largest, reasons := 0, 0.0, map[string]int{}
	for _, c := range cases {
		result, err := judge(folder, c, tables)
		if err != nil {
			reason := err.Error()
			if _, after, ok := strings.Cut(reason, ".joblib: "); ok {
				reason = after
			}
			if reasons[reason]++; reasons[reason] == 1 {
				t.Errorf("%s: %v", c.name, err)
			} else {
				t.Fail()
			}
			continue
		}
		values, largest = values+result.values, max(largest, result.largest)
	}
	t.Logf("%d pipelines of seed %d, %d values compared, the largest difference is %.2g", len(cases), *seed, values, largest)
	for reason, n := range reasons {
		t.Logf("%d times: %s", n, reason)
	}
}
