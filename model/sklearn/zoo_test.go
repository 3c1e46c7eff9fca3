package sklearn_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write docs/exactness.md anew, and take what is served out of testdata/zoo/pending.txt")

const (
	zooFolder   = "testdata/zoo"
	pendingFile = zooFolder + "/pending.txt"
)

// zooCase is a model of the zoo and what scikit-learn answered; see testdata/zoo.py.
type zooCase struct {
	name      string  // version/name
	tolerance float64 // where that is more than 1e-9

	File      string
	Estimator string
	Sklearn   string
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
// their size. What testdata/zoo/pending.txt lists must not be served yet; all else
// must. The differences make docs/exactness.md.
func TestZoo(t *testing.T) {
	tables, cases := readTables(t, zooFolder), readZoo(t, zooFolder)
	if len(cases) < 1000 {
		t.Fatalf("%d models in %s; make them with testdata/make.sh", len(cases), zooFolder)
	}
	pending := readPending(t)
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
				switch listed := pending.match(c.name); {
				case err != nil && !listed:
					t.Error(err)
				case err == nil && listed && !*update:
					t.Errorf("it is served now: take it out of %s (go test -run TestZoo -update does)", pendingFile)
				case err == nil:
					served(c, result)
				default:
					t.Log(err) // go test -v tells why
				}
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
	t.Logf("%d of %d models served, %d values compared", len(results), len(cases), values)
	if *update {
		writePending(t, pending, cases, results)
	}
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

// patterns are the lines of pending.txt: version/name, as path.Match takes them.
type patterns []string

func readPending(t *testing.T) patterns {
	t.Helper()
	raw, err := os.ReadFile(pendingFile)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var p patterns
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if _, err := path.Match(line, ""); err != nil {
			t.Fatalf("%s: %q: %v", pendingFile, line, err)
		}
		p = append(p, line)
	}
	return p
}

func (p patterns) match(name string) bool {
	return slices.ContainsFunc(p, func(pattern string) bool {
		ok, _ := path.Match(pattern, name)
		return ok
	})
}

// writePending lists what was listed and is not served yet; it never lists more.
// A case that no version is served of takes one line.
func writePending(t *testing.T, p patterns, cases []*zooCase, results map[string]zooResult) {
	t.Helper()
	waiting, all := map[string][]string{}, map[string]int{}
	for _, c := range cases {
		name := path.Base(c.name)
		all[name]++
		if _, ok := results[c.name]; !ok && p.match(c.name) {
			waiting[name] = append(waiting[name], c.name)
		}
	}
	var lines []string
	for name, full := range waiting {
		if len(full) == all[name] {
			full = []string{"*/" + name}
		}
		lines = append(lines, full...)
	}
	if len(lines) == 0 {
		if err := os.Remove(pendingFile); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return
	}
	slices.Sort(lines)
	text := "# Models of the zoo that are not served yet: version/name. TestZoo fails when one of\n" +
		"# them is served, so that its line is taken out (go test -run TestZoo -update).\n" + strings.Join(lines, "\n") + "\n"
	if err := os.WriteFile(pendingFile, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
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
