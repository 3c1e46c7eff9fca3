package sklearn

import (
	"fmt"
	"math"

	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func encoderClasses() []class {
	return []class{
		{
			name:        "OneHotEncoder",
			modules:     []string{"sklearn.preprocessing.data", "sklearn.preprocessing._data", "sklearn.preprocessing._encoders"},
			transformer: oneHotEncoder,
		},
		{name: "OrdinalEncoder", modules: []string{"sklearn.preprocessing._encoders"}, transformer: ordinalEncoder},
		{name: "TargetEncoder", modules: []string{"sklearn.preprocessing._target_encoder"}, transformer: targetEncoder},
	}
}

const (
	// columnBytes is what a column takes however few categories it has.
	columnBytes = 400
	// categoryBytes is what a category takes: its text or number, or room for both, where
	// it is, its slot twice, and of which column the feature is, with what growing throws
	// away.
	categoryBytes = 88
	// missingBytes is what a missing value takes besides.
	missingBytes = 40
)

// categories are the values that an encoder knows of a column.
type categories struct {
	*transform.Categories
	nan int // the place of NaN in the list, -1 where it is not there
}

// categoryLists reads an attribute that is a list of arrays, the categories of each
// column.
func (a *attrs) categoryLists(name string) []categories {
	list := a.list(name)
	if a.err != nil {
		return nil
	}
	if !a.charge(columnBytes * int64(len(list))) {
		return nil
	}
	lists := make([]categories, 0, len(list))
	for i, v := range list {
		lists = append(lists, a.categories(fmt.Sprintf("%s[%d]", name, i), v))
	}
	if a.err == nil && len(lists) == 0 {
		a.broken("attribute %s is empty", name)
	}
	if a.err != nil {
		return nil
	}
	return lists
}

// categories reads an array of categories, which messages call what: texts or numbers,
// with None and NaN for a missing value.
func (a *attrs) categories(what string, v pickle.Value) categories {
	array, ok := v.(*pickle.Array)
	if a.err == nil && (!ok || len(array.Shape) != 1) {
		a.broken("%s is not a list of categories", what)
	}
	if a.err != nil || !a.charge(categoryBytes*int64(elements(array))+int64(len(array.Data))) {
		return categories{}
	}
	var c *transform.Categories
	var err error
	nan := -1
	switch array.Dtype.Kind {
	case 'U', 'S':
		var texts []string
		if texts, err = array.Strings(); err == nil {
			c, err = transform.TextCategories(texts)
		}
	case 'O':
		return a.objectCategories(what, array.Objects)
	case 'b', 'i', 'u', 'f':
		var numbers []float64
		if numbers, err = array.Float64s(); err != nil {
			break
		}
		var missing []int
		for i, n := range numbers {
			if n != n {
				if !a.charge(missingBytes) {
					return categories{}
				}
				nan, missing = i, append(missing, i)
			}
		}
		c, err = transform.NumberCategories(numbers, missing...)
	default:
		a.unsupported(hintCategories, "%s has the type %s, which is not served", what, array.Dtype)
		return categories{}
	}
	if err != nil {
		a.broken("%s: %v", what, err)
	}
	return categories{c, nan}
}

// objectCategories reads categories that are objects: all texts or all numbers. Only
// missing values are taken for texts.
func (a *attrs) objectCategories(what string, objects []pickle.Value) categories {
	texts, numbers := make([]string, len(objects)), make([]float64, len(objects))
	var missing []int
	nan, isText, isNumber := -1, false, false
	for i, v := range objects {
		f, number := pickle.AsFloat(v)
		s, text := pickle.AsString(v)
		switch {
		case v == nil || number && f != f:
			if !a.charge(missingBytes) {
				return categories{}
			}
			if missing = append(missing, i); number {
				nan = i
			}
		case number:
			numbers[i], isNumber = f, true
		case text:
			texts[i], isText = s, true
		default:
			a.unsupported(hintCategories, "%s[%d] is neither text nor number, which is not served", what, i)
			return categories{}
		}
	}
	if isText && isNumber {
		a.unsupported(hintCategories, "%s holds texts and numbers, which is not served", what)
		return categories{}
	}
	var c *transform.Categories
	var err error
	if isNumber {
		c, err = transform.NumberCategories(numbers, missing...)
	} else {
		c, err = transform.TextCategories(texts, missing...)
	}
	a.wrap(err)
	return categories{c, nan}
}

// grouping says, of one column, which of the values that an encoder gives a category
// has once the infrequent ones are one.
type grouping struct {
	to         []int64 // nil: no category is infrequent
	groups     int
	infrequent int // the value of those that are, -1 where there are none
}

// groupings reads _default_to_infrequent_mappings (1.1 on), where any column has one.
func (a *attrs) groupings(lists []categories) []grouping {
	groups := make([]grouping, len(lists))
	for i, c := range lists {
		groups[i] = grouping{groups: c.Len(), infrequent: -1}
	}
	if !a.has("_infrequent_enabled") || !a.bool("_infrequent_enabled") || a.err != nil {
		return groups
	}
	mappings := a.list("_default_to_infrequent_mappings")
	if a.err == nil && len(mappings) != len(lists) {
		a.wrong("_default_to_infrequent_mappings", "one for each column")
	}
	for i, v := range mappings {
		if a.err != nil {
			return nil
		}
		if v != nil {
			groups[i] = a.grouping(fmt.Sprintf("_default_to_infrequent_mappings[%d]", i), v, lists[i])
		}
	}
	return groups
}

// grouping reads the mapping of one column. The greatest value is that of the
// infrequent categories; one that OrdinalEncoder keeps for NaN is not in it.
func (a *attrs) grouping(what string, v pickle.Value, c categories) grouping {
	array, ok := v.(*pickle.Array)
	if !ok || !a.charge(8*int64(elements(array))) {
		a.broken("%s is not an array", what)
		return grouping{}
	}
	to, err := array.Int64s()
	if err != nil || len(to) == 0 || len(to) > c.Len() {
		a.broken("%s is not a number for each category", what)
		return grouping{}
	}
	g := grouping{to: to}
	for _, n := range to {
		if n < 0 || n >= int64(len(to)) {
			a.broken("%s leads to %d", what, n)
			return grouping{}
		}
		g.infrequent = max(g.infrequent, int(n))
	}
	g.groups = g.infrequent + 1
	return g
}

// group returns which value category k has.
func (g *grouping) group(k int) int {
	if k < len(g.to) {
		return int(g.to[k])
	}
	return k
}

func oneHotEncoder(a *attrs) transform.Transformer {
	if !a.version.since(0, 20) || a.has("_legacy_mode") && a.bool("_legacy_mode") {
		return oneHotLegacy(a)
	}
	lists := a.categoryLists("categories_")
	groups := a.groupings(lists)
	dropped := a.dropped(len(lists))
	unknown := a.text("handle_unknown")
	switch unknown {
	case "error", "ignore", "infrequent_if_exist", "warn":
	default:
		a.unsupported(hintServed, "handle_unknown=%q is unknown", unknown)
	}
	sparse := a.sparseOutput()
	if a.err != nil {
		return nil
	}
	columns := make([]transform.OneHotColumn, len(lists))
	for i, c := range lists {
		columns[i] = oneHotColumn(c, &groups[i], dropped[i])
		columns[i].Refuse = unknown == "error"
		if unknown == "ignore" {
			columns[i].Other = -1
		}
	}
	// Missing values are categories since 0.24, and were refused before.
	o, err := transform.NewOneHot(columns, !a.version.since(0, 24), sparse)
	a.wrap(err)
	return o
}

// oneHotColumn numbers the features of a column: one per group of categories, but for
// the one that is dropped (-1: none is).
func oneHotColumn(c categories, g *grouping, drop int) transform.OneHotColumn {
	slot := func(group int) int {
		switch {
		case drop < 0 || group < drop:
			return group
		case group == drop:
			return -1
		}
		return group - 1
	}
	column := transform.OneHotColumn{Categories: c.Categories, Slots: make([]int, c.Len()), Width: g.groups, Other: -1}
	if drop >= 0 {
		column.Width--
	}
	for k := range column.Slots {
		column.Slots[k] = slot(g.group(k))
	}
	if g.infrequent >= 0 {
		column.Other = slot(g.infrequent)
	}
	return column
}

// sparseOutput reads sparse_output, which was sparse up to 1.1.
func (a *attrs) sparseOutput() bool {
	if a.has("sparse_output") {
		return a.bool("sparse_output")
	}
	return a.bool("sparse")
}

// dropped returns which group of each column is dropped, -1 where none is. 1.1 keeps
// them in drop_idx_, 1.2 and later in _drop_idx_after_grouping; without groups both
// are the same.
func (a *attrs) dropped(columns int) []int {
	dropped := make([]int, columns)
	for i := range dropped {
		dropped[i] = -1
	}
	name := "_drop_idx_after_grouping"
	if _, ok := a.object.Attr(name); !ok {
		name = "drop_idx_"
	}
	if a.err != nil || !a.has(name) {
		return dropped
	}
	list, err := pickle.Elements(a.value(name))
	if err != nil || len(list) != columns {
		a.wrong(name, "a number for each column")
		return dropped
	}
	for i, v := range list {
		if v == nil {
			continue
		}
		n, ok := pickle.AsInt(v)
		if !ok || n < 0 || n > math.MaxInt32 {
			a.wrong(name, "a number for each column")
			return dropped
		}
		dropped[i] = int(n)
	}
	return dropped
}

// oneHotLegacy builds the encoder of 0.18 and 0.19, which 0.20 and 0.21 have for whole
// numbers: the numbers 0 to n-1 of each column follow each other in one list, from
// which those that were never seen may be left out.
func oneHotLegacy(a *attrs) transform.Transformer {
	prefix := ""
	if a.version.since(0, 20) {
		prefix = "_"
	}
	starts := a.wholes(prefix + "feature_indices_")
	refuse, sparse := a.text("handle_unknown") == "error", a.bool("sparse")
	var active []int64
	if a.has(prefix + "active_features_") {
		active = a.wholes(prefix + "active_features_")
	}
	if a.err == nil && (len(starts) < 2 || starts[0] != 0) {
		a.wrong(prefix+"feature_indices_", "the places of at least one feature")
	}
	if a.err != nil {
		return nil
	}
	columns := make([]transform.OneHotColumn, len(starts)-1)
	for i := range columns {
		size := starts[i+1] - starts[i]
		if size < 0 || size > math.MaxInt32 {
			a.wrong(prefix+"feature_indices_", "the places of features")
		}
		if a.err != nil || !a.charge(columnBytes+24*size) {
			return nil
		}
		c := transform.OneHotColumn{Categories: transform.CodeCategories(int(size)), Slots: make([]int, size), Refuse: refuse, Other: -1}
		for k := range c.Slots {
			c.Slots[k] = k
			if active != nil {
				c.Slots[k] = -1
			}
		}
		c.Width = int(size)
		if active != nil {
			c.Width = 0
			for ; len(active) > 0 && active[0] < starts[i+1]; active = active[1:] {
				if active[0] < starts[i] {
					a.wrong(prefix+"active_features_", "in order")
					return nil
				}
				c.Slots[active[0]-starts[i]] = c.Width
				c.Width++
			}
		}
		columns[i] = c
	}
	o, err := transform.NewOneHot(columns, true, sparse)
	a.wrap(err)
	if a.err != nil {
		return nil
	}
	return a.selected(prefix, o, sparse)
}

// wholes reads an attribute that is a list of whole numbers.
func (a *attrs) wholes(name string) []int64 {
	array := a.array(name)
	if a.err != nil || !a.charge(8*int64(elements(array))) {
		return nil
	}
	values, err := array.Int64s()
	if err != nil {
		a.broken("attribute %s: %v", name, err)
	}
	return values
}

// selected gives the encoder the columns of categorical_features, the others coming
// after what it makes (sklearn/preprocessing/base.py: _transform_selected).
func (a *attrs) selected(prefix string, o *transform.OneHot, sparse bool) transform.Transformer {
	name := prefix + "categorical_features"
	if !a.has(name) || a.text(name) == "all" {
		return o
	}
	list, err := pickle.Elements(a.value(name))
	if err != nil {
		a.wrong(name, "a list")
		return nil
	}
	var chosen, rest []int
	for i, v := range list {
		is, ok := pickle.AsBool(v)
		switch {
		case !ok:
			a.unsupported(hintServed, "%s is a list of columns, which does not say how many there are", name)
			return nil
		case is:
			chosen = append(chosen, i)
		default:
			rest = append(rest, i)
		}
	}
	blocks := []transform.Block{{Transformer: o, Columns: chosen, Weight: 1}}
	if len(rest) > 0 {
		blocks = append(blocks, transform.Block{Transformer: transform.Passthrough{}, Columns: rest, Weight: 1})
	}
	mode := transform.StackDense
	if sparse {
		mode = transform.StackSparse
	}
	c, err := transform.NewColumns(len(list), blocks, mode)
	a.wrap(err)
	return c
}

func ordinalEncoder(a *attrs) transform.Transformer {
	lists := a.categoryLists("categories_")
	groups := a.groupings(lists)
	var other []float64
	if a.has("handle_unknown") { // since 0.24
		switch unknown := a.text("handle_unknown"); unknown {
		case "error":
		case "use_encoded_value":
			other = []float64{a.float("unknown_value")}
		default:
			a.unsupported(hintServed, "handle_unknown=%q is unknown", unknown)
		}
	}
	// NaN is handed on since 1.0, as another value since 1.1, and was refused before.
	missing := math.NaN()
	if a.has("encoded_missing_value") {
		missing = a.float("encoded_missing_value")
	}
	if a.err != nil {
		return nil
	}
	columns := make([]transform.LookupColumn, len(lists))
	for i, c := range lists {
		values := make([]float64, c.Len())
		for k := range values {
			if values[k] = float64(groups[i].group(k)); k == c.nan {
				values[k] = missing
			}
		}
		columns[i] = transform.LookupColumn{Categories: c.Categories, Values: values, Other: other}
	}
	l, err := transform.NewLookup(columns, 1, !a.version.since(1, 0))
	a.wrap(err)
	return l
}

func targetEncoder(a *attrs) transform.Transformer {
	lists := a.categoryLists("categories_")
	mean, _ := a.floats("target_mean_")
	encodings := a.list("encodings_")
	per := 1
	if a.text("target_type_") == "multiclass" {
		per = len(mean)
	}
	if a.err == nil && (len(mean) != per || len(encodings) != per*len(lists)) {
		a.broken("it has %d encodings and %d means for %d columns", len(encodings), len(mean), len(lists))
	}
	if a.err != nil {
		return nil
	}
	columns := make([]transform.LookupColumn, len(lists))
	for i, c := range lists {
		if !a.charge(8 * int64(per) * int64(c.Len())) {
			return nil
		}
		values := make([]float64, per*c.Len())
		for k := range per {
			array, ok := encodings[i*per+k].(*pickle.Array)
			if !ok || !a.charge(8*int64(elements(array))) {
				a.wrong("encodings_", "a list of arrays")
				return nil
			}
			of, err := array.Float64s()
			if err != nil || len(of) != c.Len() {
				a.wrong("encodings_", "a number for each category")
				return nil
			}
			for n, v := range of {
				values[n*per+k] = v
			}
		}
		columns[i] = transform.LookupColumn{Categories: c.Categories, Values: values, Other: mean}
	}
	l, err := transform.NewLookup(columns, per, false)
	a.wrap(err)
	return l
}
