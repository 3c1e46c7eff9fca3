package lightgbm

import (
	"math"
	"strconv"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
)

// reader reads the arrays of a tree's fields and keeps the first error.
type reader struct {
	fields map[string]string
	err    *Error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = broken(format, args...)
	}
}

// next cuts the first number off a list separated by spaces.
func next(list string) (word, rest string) {
	list = strings.TrimLeft(list, " ")
	word, rest, _ = strings.Cut(list, " ")
	return word, rest
}

// array calls do for each number of the list under key, and returns how many it
// makes at most, for the memory.
func (r *reader) array(key string, do func(word string) error) {
	for word, rest := next(r.fields[key]); word != ""; word, rest = next(rest) {
		if err := do(word); err != nil {
			r.fail("%s holds %s, which is no number in range", key, mlapi.Quote([]byte(word)))
			return
		}
	}
}

// room returns how many numbers the list under key has at most.
func (r *reader) room(key string) int { return words(r.fields[key]) }

func (r *reader) floats(key string) []float64 {
	list := make([]float64, 0, r.room(key))
	r.array(key, func(word string) error {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil && !math.IsInf(v, 0) {
			return err
		}
		list = append(list, v)
		return nil
	})
	return list
}

func (r *reader) ints(key string) []int64 {
	list := make([]int64, 0, r.room(key))
	r.array(key, func(word string) error {
		v, err := strconv.ParseInt(word, 10, 32)
		list = append(list, v)
		return err
	})
	return list
}

func (r *reader) words(key string) []uint32 {
	list := make([]uint32, 0, r.room(key))
	r.array(key, func(word string) error {
		v, err := strconv.ParseUint(word, 10, 32)
		list = append(list, uint32(v))
		return err
	})
	return list
}

func (r *reader) count(key string) int {
	n, err := count(r.fields, key, -1)
	if err != nil {
		r.fail("%v", err)
	}
	return n
}

// children returns a list of children as indexes of nodes, of which the leaves stand
// behind the inner ones: leaf k is written as -1-k.
func (r *reader) children(key string, leaves int) []int64 {
	list := r.ints(key)
	for i, child := range list {
		if child >= 0 {
			continue
		}
		leaf := -1 - child
		if leaf >= int64(leaves) {
			r.fail("%s has leaf %d of %d", key, leaf, leaves)
			return nil
		}
		list[i] = int64(leaves) - 1 + leaf
	}
	return list
}

// sets returns the bitsets of the categories that go left, of at most one for each of
// the inner nodes.
func (r *reader) sets(inner int) []tree.CategorySet {
	if _, stated := r.fields["cat_boundaries"]; !stated {
		return nil
	}
	bounds, words := r.ints("cat_boundaries"), r.words("cat_threshold")
	if len(bounds)-1 > inner {
		r.fail("%d inner nodes have %d sets of categories", inner, len(bounds)-1)
		return nil
	}
	var sets []tree.CategorySet
	for i := 1; i < len(bounds); i++ {
		from, to := bounds[i-1], bounds[i]
		if from < 0 || to < from || to > int64(len(words)) {
			r.fail("a set of categories has the words %d to %d of %d", from, to, len(words))
			return nil
		}
		sets = append(sets, tree.CategorySet{Bits: words[from:to:to], Left: true})
	}
	return sets
}

// linear returns the linear leaves, nil where the tree has constant ones.
func (r *reader) linear(leaves int) []tree.LinearLeaf {
	if strings.TrimSpace(r.fields["is_linear"]) != "1" {
		return nil
	}
	constants, counts := r.floats("leaf_const"), r.ints("num_features")
	features, coefficients := r.ints("leaf_features"), r.floats("leaf_coeff")
	if len(constants) != leaves || len(counts) != leaves {
		r.fail("%d linear leaves have %d constants and %d numbers of features", leaves, len(constants), len(counts))
		return nil
	}
	list := make([]tree.LinearLeaf, leaves)
	for i, n := range counts {
		if n < 0 || n > int64(len(features)) || n > int64(len(coefficients)) {
			r.fail("linear leaf %d has %d features of %d and %d coefficients", i, n, len(features), len(coefficients))
			return nil
		}
		list[i] = tree.LinearLeaf{Constant: constants[i], Features: features[:n:n], Coefficients: coefficients[:n:n]}
		features, coefficients = features[n:], coefficients[n:]
	}
	if len(features) > 0 || len(coefficients) > 0 {
		r.fail("%d features and %d coefficients belong to no linear leaf", len(features), len(coefficients))
		return nil
	}
	return list
}
