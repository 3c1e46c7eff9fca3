package config

import (
	"iter"
	"maps"
)

// nearest returns the key of the table that the fewest typing errors make name of.
func nearest(name string, table []key) key {
	const longest = 64 // of what is compared: names are shorter, and the cost is a product
	if len(name) > longest {
		name = name[:longest]
	}
	best, least := key{}, 0
	for _, k := range table {
		if d := distance(name, k.name); best.name == "" || d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours
// that make b of a (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
