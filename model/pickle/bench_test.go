package pickle

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// forest is a joblib file of n trees of 1,566 nodes each, in the shape that
// scikit-learn writes: an object with a record of 64 bytes for each node and its
// values.
func forest(n int) []byte {
	const nodes = 1566
	tree := "cshop\nItem\n)\x81}(U\x09max_depthK\x0cU\x05nodes" +
		wrapped("M"+le(nodes, 2)+"\x85", numpyNamed("V64")) + strings.Repeat("0123456789abcdef", 4*nodes) +
		"U\x06values" + wrapped("M"+le(nodes, 2)+"K\x01K\x02\x87", numpyF8) + strings.Repeat("0123456789abcdef", nodes) + "ub"
	return []byte("](" + strings.Repeat(tree, n) + "e.")
}

// BenchmarkRead reads a forest of 100 trees, 12.5 MB.
func BenchmarkRead(b *testing.B) {
	data := forest(100)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readValue(bytes.NewReader(data), allowed, testLimits); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadSmall reads the fixtures' 1,100 keys and numbers and 63 arrays.
func BenchmarkReadSmall(b *testing.B) {
	data, err := os.ReadFile("testdata/numpy2.3/protocol4.joblib")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readValue(bytes.NewReader(data), nil, testLimits); err != nil {
			b.Fatal(err)
		}
	}
}
