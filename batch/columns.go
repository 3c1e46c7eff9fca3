package batch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/mlapi"
)

// columns say what each field of a CSV record is.
type columns struct {
	names   []string   // of the header; nil where there is none
	width   int        // fields in a record
	sources []int      // by feature: its field
	types   []cellType // by feature; nil where the model's preprocessors do not tell
	keep    []int      // fields that are copied
	unused  []string   // names of fields that are neither used nor named by Keep or Drop
}

// name returns what to call the column of a feature in a message.
func (c *columns) name(feature int, features []mlapi.Feature) string {
	switch {
	case c != nil && feature >= len(c.sources):
		return ""
	case c != nil && c.names != nil:
		return mlapi.Quote([]byte(c.names[c.sources[feature]]))
	}
	at := feature
	if c != nil {
		at = c.sources[feature]
	}
	if feature < len(features) && features[feature].Name != generic(feature) {
		return fmt.Sprintf("%d (%s)", at, mlapi.Quote([]byte(features[feature].Name)))
	}
	return strconv.Itoa(at)
}

// generic is the name of a feature that has none.
func generic(feature int) string { return "x" + strconv.Itoa(feature) }

// matcher makes columns.
type matcher struct {
	features   []mlapi.Feature // nil where unknown
	keep, drop []string
}

// match matches the fields of the first record, or the names of the header.
func (m *matcher) match(names []string, width int) (*columns, error) {
	c := &columns{names: names, width: width}
	dropped, err := m.positions(c, "--drop", m.drop)
	if err != nil {
		return nil, err
	}
	if c.keep, err = m.positions(c, "--keep", m.keep); err != nil {
		return nil, err
	}
	for _, f := range m.features {
		c.types = append(c.types, newCellType(f))
	}
	if names != nil && m.features != nil && m.byName(c, dropped) {
		for at, name := range names {
			if !slices.Contains(c.sources, at) && !slices.Contains(dropped, at) && !slices.Contains(c.keep, at) {
				c.unused = append(c.unused, name)
			}
		}
		return c, nil
	}
	return c, m.byPosition(c, dropped)
}

// positions returns the fields that a flag names, by name or by number from 0.
func (m *matcher) positions(c *columns, flag string, wanted []string) ([]int, error) {
	var list []int
	for _, name := range wanted {
		at := slices.Index(c.names, name)
		if n, err := strconv.Atoi(name); at < 0 && err == nil && n >= 0 && n < c.width {
			at = n
		}
		if at < 0 {
			return nil, &InputError{Text: fmt.Sprintf("%s: there is no column %s", flag, mlapi.Quote([]byte(name))), Todo: c.has()}
		}
		list = append(list, at)
	}
	return list, nil
}

// has says which columns there are.
func (c *columns) has() string {
	if c.names == nil {
		return fmt.Sprintf("without a header, columns are numbered: 0 to %d", c.width-1)
	}
	return "the header has: " + quoteSome(c.names)
}

func quoteSome(names []string) string {
	const most = 12
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, mlapi.Quote([]byte(name)))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(list, ", ")
}

// byName finds each feature in the header, and reports whether all are there, once.
func (m *matcher) byName(c *columns, dropped []int) bool {
	for i, f := range m.features {
		at := -1
		for k, name := range c.names {
			if name != f.Name || slices.Contains(dropped, k) {
				continue
			}
			if at >= 0 {
				c.sources = nil
				return false
			}
			at = k
		}
		if at < 0 || slices.Contains(c.sources[:i], at) {
			c.sources = nil
			return false
		}
		c.sources = append(c.sources, at)
	}
	return true
}

// byPosition takes the fields in order. A kept one is a feature too only where the
// others are too few.
func (m *matcher) byPosition(c *columns, dropped []int) error {
	var all, rest []int
	for at := range c.width {
		if !slices.Contains(dropped, at) {
			all = append(all, at)
			if !slices.Contains(c.keep, at) {
				rest = append(rest, at)
			}
		}
	}
	switch {
	case m.features == nil || len(rest) == len(m.features):
		c.sources = rest
	case len(all) == len(m.features):
		c.sources = all
	default:
		return m.unfit(c, len(rest))
	}
	for i, f := range m.features {
		if c.names != nil && f.Name != generic(i) && c.names[c.sources[i]] != f.Name {
			return m.unfit(c, len(rest))
		}
	}
	return nil
}

// unfit says why a header or first record does not fit the model's features.
func (m *matcher) unfit(c *columns, got int) error {
	e := &InputError{Line: 1, Todo: "--drop leaves columns out, --keep copies them to the output (by name, or by number from 0)"}
	if c.names == nil {
		e.Text = fmt.Sprintf("the row has %d values, the model takes %d features", got, len(m.features))
		return e
	}
	var missing, twice []string
	named := false
	for i, f := range m.features {
		named = named || f.Name != generic(i)
		at := slices.Index(c.names, f.Name)
		switch {
		case at < 0:
			missing = append(missing, f.Name)
		case slices.Contains(c.names[at+1:], f.Name):
			twice = append(twice, f.Name)
		}
	}
	switch {
	case len(twice) > 0:
		e.Text, e.Todo = "the header has more than once: "+quoteSome(twice), "rename the others"
	case named:
		e.Text = "the header lacks features of the model: " + quoteSome(missing)
		e.Todo = c.has() + "; mlapi inspect shows the features; if the first line is a row, say --header no"
	default:
		e.Text = fmt.Sprintf("the header has %d columns, the model takes %d features, whose names it does not know", got, len(m.features))
	}
	return e
}
