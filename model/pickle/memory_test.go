//go:build !race

package pickle

// memoryCounts tells the tests to compare what is allocated with a bound.
const memoryCounts = true
