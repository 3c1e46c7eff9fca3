package jsonrows

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/mlapi"
)

// Names are the features of a model, for bodies that call values by name. A nil
// *Names knows none: then only lists of lists are rows. They are never changed and
// safe for concurrent use.
type Names struct {
	names []string
	keys  []string       // each name as JSON writes it, quotes included; "" where that is not the name itself
	index map[string]int // name -> feature
	twice string         // a name that two features have
	clash bool           // there is one
}

// NewNames returns the names of features, in the order of a row's values. Where two
// have the same name, values cannot be called by name and such bodies are refused.
func NewNames(features []mlapi.Feature) *Names {
	n := &Names{index: make(map[string]int, len(features))}
	for i, f := range features {
		if _, known := n.index[f.Name]; known && !n.clash {
			n.twice, n.clash = f.Name, true
		}
		n.index[f.Name] = i
		n.names = append(n.names, f.Name)
		key := ""
		if plain(f.Name) {
			key = `"` + f.Name + `"`
		}
		n.keys = append(n.keys, key)
	}
	return n
}

// plain reports whether name stands in JSON as it is.
func plain(name string) bool {
	for _, c := range []byte(name) {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.ValidString(name)
}

// usable returns an error unless values can be called by name.
func (n *Names) usable() error {
	if n == nil || len(n.names) == 0 {
		return mlapi.Invalidf("not_a_list_of_lists", "The model's features have no names: the rows must be lists, such as [[1, 2], [3, 4]].")
	}
	if n.clash {
		return mlapi.Invalidf("ambiguous_feature", "The model has two features of the name %s: the rows must be lists, such as [[1, 2], [3, 4]].", mlapi.Quote([]byte(n.twice)))
	}
	return nil
}

// naming follows which value of a row is which feature.
type naming struct {
	order    []int // the feature of the k-th value; of rows as objects what the row before had
	marks    []int // of each feature: the row, plus one, that had it last
	straight bool  // order is 0, 1, 2, ...
}

// begin readies s for n features in the model's order, of which no row was seen.
func (s *naming) begin(n int) {
	s.order, s.marks = s.order[:0], s.marks[:0]
	for k := range n {
		s.order, s.marks = append(s.order, k), append(s.marks, 0)
	}
	s.straight = true
}

// size returns the bytes of memory that s holds.
func (s *naming) size() int { return 8 * (cap(s.order) + cap(s.marks)) }

// set makes feature the k-th value, from this row on.
func (s *naming) set(k, feature int) {
	s.order[k] = feature
	s.straight = false
}

// settle finds out whether an order that was changed is the model's own again.
func (s *naming) settle() {
	for k, f := range s.order {
		if k != f {
			return
		}
	}
	s.straight = true
}

// mark notes that row has feature, and reports whether it had it before.
func (s *naming) mark(feature, row int) (again bool) {
	again = s.marks[feature] == row+1
	s.marks[feature] = row + 1
	return again
}

// missing lists for a message the features that row lacks, the first few of them,
// and returns the first.
func (s *naming) missing(names []string, row int) (list string, first int) {
	const most = 5
	var words []string
	first, count := -1, 0
	for f, mark := range s.marks {
		if mark == row+1 {
			continue
		}
		if count++; count == 1 {
			first = f
		}
		if count <= most {
			words = append(words, mlapi.Quote([]byte(names[f])))
		}
	}
	list = strings.Join(words, ", ")
	if count > most {
		list += " and " + strconv.Itoa(count-most) + " more"
	}
	return list, first
}
