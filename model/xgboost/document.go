package xgboost

import (
	"math"
	"strconv"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

// object is a JSON object. The values of a document are object, []any, []float64 (a
// list of nothing but numbers, true and false, which are 1 and 0; also an empty
// list), string, float64, bool and nil.
type object map[string]any

// ignored are the keys whose values are read past: statistics of training and the
// training's configuration.
func ignored(key string) bool {
	switch key {
	case "loss_changes", "sum_hessian", "parents", "Config", "sorted_idx":
		return true
	}
	return false
}

// budget counts what a document costs while it is read.
type budget struct {
	memory, steps int64
	depth         int
}

func newBudget(limits model.Limits) *budget {
	const deepest = 64 // XGBoost writes about 10
	return &budget{memory: limits.Memory, steps: limits.Opcodes, depth: min(limits.Depth, deepest)}
}

// What values cost in memory, in bytes and about.
const (
	valueCost  = 96  // with what a list throws away as it grows, and what a collector has not seen yet
	objectCost = 320 // an empty map has room for eight entries
	entryCost  = 64
	numberCost = 8
)

// pay takes bytes of memory.
func (b *budget) pay(bytes int64) error {
	if b.memory -= bytes; b.memory < 0 {
		return &Error{What: "the file takes too much memory for its size", hint: hintLimit}
	}
	return nil
}

// step counts a value.
func (b *budget) step() error {
	if b.steps--; b.steps < 0 {
		return broken("the file has too many values for its size")
	}
	return nil
}

// enter goes one container deeper; leave comes back.
func (b *budget) enter() error {
	if b.depth--; b.depth < 0 {
		return broken("the file nests too deeply")
	}
	return nil
}

func (b *budget) leave() { b.depth++ }

// object returns the object under key.
func (o object) object(key string) (object, error) {
	v, ok := o[key].(object)
	if !ok {
		return nil, broken("%q is no object", key)
	}
	return v, nil
}

// has reports whether there is a value under key.
func (o object) has(key string) bool { return o[key] != nil }

// text returns the string under key, or "" where there is none.
func (o object) text(key string) string {
	s, _ := o[key].(string)
	return s
}

// list returns the list under key.
func (o object) list(key string) ([]any, error) {
	switch v := o[key].(type) {
	case []any:
		return v, nil
	case []float64:
		if len(v) == 0 {
			return nil, nil
		}
	}
	return nil, broken("%q is no list", key)
}

// numbers returns the list of numbers under key.
func (o object) numbers(key string) ([]float64, error) {
	if v, ok := o[key].([]float64); ok {
		return v, nil
	}
	return nil, broken("%q is no list of numbers", key)
}

// ints returns the list of whole numbers under key.
func (o object) ints(key string) ([]int64, error) {
	numbers, err := o.numbers(key)
	if err != nil {
		return nil, err
	}
	list := make([]int64, len(numbers))
	for i, v := range numbers {
		if v != math.Trunc(v) || math.Abs(v) > math.MaxUint32 {
			return nil, broken("%q holds %v, want whole numbers", key, v)
		}
		list[i] = int64(v)
	}
	return list, nil
}

// texts returns the list of strings under key, nil where there is none.
func (o object) texts(key string) ([]string, error) {
	if !o.has(key) {
		return nil, nil
	}
	list, err := o.list(key)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, broken("%q holds something else than strings", key)
		}
		texts[i] = s
	}
	return texts, nil
}

// count returns the whole number from 0 under key, which XGBoost writes as a string,
// or otherwise where there is none.
func (o object) count(key string, otherwise int) (int, error) {
	switch v := o[key].(type) {
	case nil:
		return otherwise, nil
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32)
		if err == nil && n >= 0 {
			return int(n), nil
		}
		return 0, broken("%q is %s, want a whole number", key, mlapi.Quote([]byte(v)))
	case float64:
		if v >= 0 && v <= math.MaxInt32 && v == math.Trunc(v) {
			return int(v), nil
		}
	}
	return 0, broken("%q is no whole number", key)
}
