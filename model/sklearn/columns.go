package sklearn

import (
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

const (
	hintCategories = "train the encoder with columns of texts only or of numbers only, for example by df[\"c\"] = df[\"c\"].astype(str)"
	hintColumns    = "fit the ColumnTransformer with each column in one part only, or with parts that take it as the same type"
)

func columnsClasses() []class {
	return []class{
		{
			name: "ColumnTransformer", modules: []string{"sklearn.compose._column_transformer"},
			transformer: columnTransformer, names: columnsNames,
		},
		// Chose the columns when it was fitted; what it chose is in transformers_.
		{name: "make_column_selector", modules: []string{"sklearn.compose._column_transformer"}},
		{name: remainderColumns, modules: []string{"sklearn.compose._column_transformer"}},
		{name: "FeatureUnion", modules: []string{"sklearn.pipeline"}, transformer: featureUnion, names: unionNames},
	}
}

// remainderColumns is the class of the columns that are left over, from 1.5 to 1.8: a
// list that warns, whose items are its attribute data.
const remainderColumns = "_RemainderColsList"

// columnsNames returns the names of the columns that a ColumnTransformer was fitted
// with: feature_names_in_ since 1.0, _feature_names_in from 0.22 on, _df_columns (an
// Index of pandas) before.
func columnsNames(a *attrs) []string {
	for _, name := range [...]string{"feature_names_in_", "_feature_names_in", "_df_columns"} {
		if !a.has(name) {
			continue
		}
		v := a.value(name)
		if array, ok := v.(*pickle.Array); ok && !a.charge(32*int64(elements(array))) {
			return nil
		}
		names, err := pickle.Strings(v)
		if err != nil {
			a.broken("attribute %s: %v", name, err)
		}
		return names
	}
	return nil
}

// part is one of the parts of a ColumnTransformer or FeatureUnion.
type part struct {
	name        string
	transformer pickle.Value
	columns     pickle.Value
}

// parts reads a list of (name, transformer) or (name, transformer, columns).
func (a *attrs) parts(attribute string, size int) []part {
	list := a.list(attribute)
	parts := make([]part, 0, len(list))
	for i, v := range list {
		items, err := pickle.Elements(v)
		name, ok := "", false
		if err == nil && len(items) == size {
			name, ok = pickle.AsString(items[0])
		}
		if !ok {
			a.broken("%s[%d] is not a name, a transformer and so on", attribute, i)
			return nil
		}
		p := part{name: name, transformer: items[1]}
		if size > 2 {
			p.columns = items[2]
		}
		parts = append(parts, p)
	}
	return parts
}

// weight returns what transformer_weights multiplies the features of the part by.
func (a *attrs) weight(part string) float64 {
	if !a.has("transformer_weights") {
		return 1
	}
	d, ok := a.value("transformer_weights").(*pickle.Dict)
	if !ok {
		a.wrong("transformer_weights", "a dict")
		return 1
	}
	v, ok := d.Get(part)
	if !ok || v == nil {
		return 1
	}
	w, ok := pickle.AsFloat(v)
	if !ok || w-w != 0 {
		a.wrong("transformer_weights", "a dict of numbers")
	}
	return w
}

func columnTransformer(a *attrs) transform.Transformer {
	names := columnsNames(a)
	selection := selection{width: a.columnCount(len(names)), names: names}
	// Nothing in the file may back the number, and a slice is as long as it says.
	if !a.charge(32 * int64(selection.width)) {
		return nil
	}
	mode := transform.StackDense
	if a.bool("sparse_output_") {
		mode = transform.StackSparse
	}
	var blocks []transform.Block
	for i, p := range a.parts("transformers_", 3) {
		if p.transformer == "drop" {
			continue
		}
		columns, err := selection.columns(p.columns)
		what := fmt.Sprintf("transformers_[%d] (%s)", i, mlapi.Quote([]byte(p.name)))
		if err != nil {
			a.broken("%s: %v", what, err)
		}
		if a.err != nil || !a.charge(16*int64(len(columns))) {
			return nil
		}
		if len(columns) == 0 {
			continue // scikit-learn leaves it out, and never fitted it
		}
		b := transform.Block{Transformer: a.transformer(what, p.transformer), Columns: columns, Weight: a.weight(p.name)}
		if a.err != nil {
			return nil
		}
		blocks = append(blocks, b)
	}
	return a.columns(selection.width, blocks, mode)
}

// columns puts blocks side by side.
func (a *attrs) columns(width int, blocks []transform.Block, mode transform.Stacking) transform.Transformer {
	if a.err != nil {
		return nil
	}
	c, err := transform.NewColumns(width, blocks, mode)
	if err != nil {
		a.wrap(err)
		return nil
	}
	if _, out := c.Width(); !a.charge(16 * (int64(width) + int64(out))) {
		return nil
	}
	if at := c.Contradicts(); at >= 0 {
		a.unsupported(hintColumns, "one of its parts takes column %d as a number and another as text", at)
		return nil
	}
	return c
}

// columnCount returns how many columns a ColumnTransformer takes.
func (a *attrs) columnCount(names int) int {
	for _, name := range [...]string{"n_features_in_", "_n_features"} {
		if a.has(name) {
			n := a.int(name)
			if a.err == nil && (n < 1 || names > 0 && n != names) {
				a.broken("attribute %s is %d, and there are %d names", name, n, names)
			}
			return n
		}
	}
	if names == 0 {
		a.value("n_features_in_") // remembers that it is missing
	}
	return names
}

// selection finds columns by what scikit-learn takes for them.
type selection struct {
	width  int
	names  []string
	byName map[string]int
}

// columns returns the places of the columns that v stands for: one or a list, by place
// (from the end where negative), by name or by a mask, or a slice of either.
func (s *selection) columns(v pickle.Value) ([]int, error) {
	if o, ok := v.(*pickle.Object); ok && o.Class.Name == "slice" {
		return s.slice(o.Args)
	}
	if o, ok := v.(*pickle.Object); ok && o.Class.Name == remainderColumns {
		if v, ok = o.Attr("data"); !ok {
			return nil, errors.New("its columns cannot be read")
		}
	}
	if _, isText := pickle.AsString(v); isText {
		at, err := s.place(v)
		return []int{at}, err
	}
	if _, isInt := pickle.AsInt(v); isInt {
		at, err := s.place(v)
		return []int{at}, err
	}
	list, err := pickle.Elements(v)
	if err != nil {
		return nil, fmt.Errorf("its columns are %s", kind(v))
	}
	mask := len(list) > 0
	for _, item := range list {
		if _, isBool := pickle.AsBool(item); !isBool {
			mask = false
		}
	}
	if mask && len(list) != s.width {
		return nil, fmt.Errorf("its mask is for %d of %d columns", len(list), s.width)
	}
	columns := make([]int, 0, len(list))
	for i, item := range list {
		if mask {
			if is, _ := pickle.AsBool(item); is {
				columns = append(columns, i)
			}
			continue
		}
		at, err := s.place(item)
		if err != nil {
			return nil, err
		}
		columns = append(columns, at)
	}
	return columns, nil
}

// place returns the place of one column.
func (s *selection) place(v pickle.Value) (int, error) {
	if name, ok := pickle.AsString(v); ok {
		if s.byName == nil {
			s.byName = make(map[string]int, len(s.names))
			for i, n := range s.names {
				if _, twice := s.byName[n]; !twice {
					s.byName[n] = i
				}
			}
		}
		if at, known := s.byName[name]; known {
			return at, nil
		}
		return 0, fmt.Errorf("its column %s is none of the names that the file has", mlapi.Quote([]byte(name)))
	}
	n, ok := pickle.AsInt(v)
	if !ok {
		return 0, fmt.Errorf("one of its columns is %s", kind(v))
	}
	if n < 0 {
		n += int64(s.width)
	}
	if n < 0 || n >= int64(s.width) {
		return 0, fmt.Errorf("it takes a column that is none of %d", s.width)
	}
	return int(n), nil
}

// slice returns the columns from start to stop: without the last where they are places,
// with it where they are names.
func (s *selection) slice(args []pickle.Value) ([]int, error) {
	if len(args) != 3 {
		return nil, errors.New("its slice cannot be read")
	}
	step := int64(1)
	if args[2] != nil {
		var ok bool
		if step, ok = pickle.AsInt(args[2]); !ok || step < 1 {
			return nil, errors.New("the step of its slice is not served")
		}
	}
	bounds := [2]int{0, s.width}
	for i, v := range args[:2] {
		if v == nil {
			continue
		}
		if n, isInt := pickle.AsInt(v); isInt {
			if n < 0 {
				n += int64(s.width)
			}
			bounds[i] = int(min(max(n, 0), int64(s.width)))
			continue
		}
		at, err := s.place(v)
		if err != nil {
			return nil, err
		}
		bounds[i] = at + i
	}
	step = min(step, math.MaxInt32) // no column is further away, and no sum overflows
	columns := make([]int, 0, max(0, int64(bounds[1]-bounds[0])+step-1)/step)
	for at := int64(bounds[0]); at < int64(bounds[1]); at += step {
		columns = append(columns, int(at))
	}
	return columns, nil
}

// featureUnion builds parts that all take the same columns. None and "drop" leave a
// part out.
func featureUnion(a *attrs) transform.Transformer {
	var blocks []transform.Block
	for i, p := range a.parts("transformer_list", 2) {
		if p.transformer == nil || p.transformer == "drop" {
			continue
		}
		what := fmt.Sprintf("transformer_list[%d] (%s)", i, mlapi.Quote([]byte(p.name)))
		b := transform.Block{Transformer: a.transformer(what, p.transformer), Weight: a.weight(p.name)}
		if a.err != nil {
			return nil
		}
		blocks = append(blocks, b)
	}
	return a.columns(0, blocks, transform.StackAsGiven)
}

// unionNames returns the names of the first part that has any.
func unionNames(a *attrs) []string {
	for i, p := range a.parts("transformer_list", 2) {
		if _, ok := p.transformer.(*pickle.Object); !ok {
			continue
		}
		c := a.child(fmt.Sprintf("transformer_list[%d]", i), p.transformer)
		if c == nil {
			return nil
		}
		names := c.featureNames()
		if a.err = c.err; names != nil || a.err != nil {
			return names
		}
	}
	return nil
}
