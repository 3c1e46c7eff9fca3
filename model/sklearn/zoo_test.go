package sklearn_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write docs/exactness.md anew")

const (
	zooFolder = "testdata/zoo"
)

// zooCase is a model of the zoo and what scikit-learn answered; see testdata/zoo.py.
type zooCase struct {
	name      string  // version/name
	tolerance float64 // where that is more than 1e-9

	File      string
	Estimator string
	Sklearn   string
	Library   string // and its version, where the last estimator is not scikit-learn's
	Columns   []string
	Classes   []any
	Outputs   int
	Exact     bool
	Float32   bool // the estimator computes in float32
	Blocks    []zooBlock
	Refuse    []zooBlock
}

// zooBlock is rows that are asked, and the answers.
type zooBlock struct {
	Rows  string `json:"rows_ref"`
	Count int
	Index []int

	Predict   []any
	Proba     []any
	Decision  []any
	Transform [][]*float64
}

// zooTable is rows that many cases share: cells are float64, string or nil.
type zooTable struct {
	Columns []string
	Rows    [][]any
}

// TestZoo opens every model of the zoo and compares every answer with
// scikit-learn's: labels and the values of trees exactly, others within 1e-9 of
// their size. The differences make docs/exactness.md.
func TestZoo(t *testing.T) {
	tables, cases := readTables(t, zooFolder), readZoo(t, zooFolder)
	if len(cases) < 1000 {
		t.Fatalf("%d models in %s; make them with testdata/make.sh", len(cases), zooFolder)
	}
	var lock sync.Mutex
	results := map[string]zooResult{}
	served := func(c *zooCase, r zooResult) {
		lock.Lock()
		defer lock.Unlock()
		results[c.name] = r
	}
	t.Run("case", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				result, err := judge(zooFolder, c, tables)
				if err != nil {
					t.Fatal(err)
				}
				served(c, result)
			})
		}
	})
	if t.Failed() {
		return
	}
	values := 0
	for _, r := range results {
		values += r.values
	}
	t.Logf("%d models, %d values compared", len(results), values)
	checkTable(t, cases, results)
}

// readGz reads one gzipped JSON file.
func readGz(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := json.NewDecoder(z).Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readTables(t *testing.T, folder string) map[string]zooTable {
	t.Helper()
	paths, _ := filepath.Glob(folder + "/inputs/*.json.gz")
	tables := map[string]zooTable{}
	for _, p := range paths {
		var table zooTable
		readGz(t, p, &table)
		tables[strings.TrimSuffix(filepath.Base(p), ".json.gz")] = table
	}
	return tables
}

// readZoo reads what is expected of every model in a folder, in the order of version and name.
func readZoo(t *testing.T, folder string) []*zooCase {
	t.Helper()
	paths, _ := filepath.Glob(folder + "/[0-9]*/*.json.gz")
	cases := make([]*zooCase, len(paths))
	for i, p := range paths {
		version, name := filepath.Base(filepath.Dir(p)), strings.TrimSuffix(filepath.Base(p), ".json.gz")
		cases[i] = &zooCase{name: version + "/" + name}
		readGz(t, p, cases[i])
	}
	return cases
}

// rowsOf returns the rows of a block.
func (b *zooBlock) rowsOf(tables map[string]zooTable) ([][]any, error) {
	all := tables[b.Rows].Rows
	if b.Index == nil {
		if b.Count > len(all) || b.Count == 0 {
			return nil, fmt.Errorf("the table %s has %d rows, not %d", b.Rows, len(all), b.Count)
		}
		return all[:b.Count], nil
	}
	rows := make([][]any, len(b.Index))
	for i, at := range b.Index {
		rows[i] = all[at]
	}
	return rows, nil
}
