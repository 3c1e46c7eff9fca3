package lightgbm

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/tree"
)

const (
	firstLine   = "tree"
	mostOutputs = 1 << 16
)

// What a model costs in memory beside the text, in bytes and about, measured with what
// is thrown away on the way.
const (
	treeBytes    = 1200 // with the map of its fields
	nodeBytes    = 150  // an inner node, a leaf, and where each lies once packed
	numberBytes  = 16   // any other number of a tree: of a set of categories, a linear leaf
	featureBytes = 160
	listBytes    = 160 // categories of a column
	categoryByte = 48  // beside its text, which is kept twice
)

// budget counts down what a model may take.
type budget struct{ memory int64 }

// pay takes bytes of memory.
func (b *budget) pay(count, bytes int) *Error {
	if b.memory -= int64(count) * int64(bytes); b.memory < 0 {
		return &Error{What: "the file takes too much memory for its size", Tree: -1,
			hint: "such a file is made to take all memory; an honest one that is refused can be saved with fewer trees"}
	}
	return nil
}

// parser reads the text of one model.
type parser struct {
	rest  []byte
	lines int64 // that may still be read
	budget
	b     *Booster
	infos []string // range or categories seen of each feature
	sizes int      // trees that tree_sizes announces, -1 where it does not stand there
}

// Parse reads the text of a model. Its error is an *Error.
func Parse(data []byte, limits model.Limits) (*Booster, error) {
	if int64(len(data)) > limits.Bytes {
		return nil, broken("the text is longer than %d bytes", limits.Bytes)
	}
	p := &parser{rest: data, lines: limits.Opcodes, budget: budget{limits.Memory}, b: &Booster{}, sizes: -1}
	for _, part := range []func() error{p.header, p.trees, p.trailer} {
		err := part()
		if p.lines <= 0 && len(p.rest) > 0 {
			return nil, broken("the text has too many lines for its size")
		}
		if err != nil {
			return nil, err
		}
	}
	p.b.coded = p.b.codes(p.infos)
	return p.b, nil
}

// next returns the next line without its end, and false where there is none.
func (p *parser) next() (string, bool) {
	if len(p.rest) == 0 || p.lines <= 0 {
		return "", false
	}
	p.lines--
	line, rest, _ := bytes.Cut(p.rest, []byte("\n"))
	p.rest = rest
	return string(bytes.TrimSuffix(line, []byte("\r"))), true
}

// fields reads lines of key=value into a map up to the first that stop is true of,
// which it leaves where it is. A line without "=" is a key with no value.
func (p *parser) fields(stop func(line string) bool) (map[string]string, error) {
	fields := make(map[string]string)
	for {
		rest := p.rest
		line, ok := p.next()
		if !ok || stop(line) {
			p.rest = rest
			return fields, nil
		}
		if line == "" {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if _, twice := fields[key]; twice {
			return nil, broken("%s stands there twice", mlapi.Quote([]byte(key)))
		}
		fields[key] = value
	}
}

// header reads what stands before the first tree.
func (p *parser) header() error {
	if line, _ := p.next(); line != firstLine {
		return broken("the text does not begin with the line %q", firstLine)
	}
	fields, err := p.fields(func(line string) bool { return strings.HasPrefix(line, "Tree=") || line == "end of trees" })
	if err != nil {
		return err
	}
	b := p.b
	b.version = fields["version"]
	if !slices.Contains([]string{"v2", "v3", "v4"}, b.version) {
		return unsupported("save the model again with a LightGBM from 2.0 to 4", "its format version is %s, known are v2, v3 and v4", mlapi.Quote([]byte(b.version)))
	}
	if b.classes, err = count(fields, "num_class", -1); err != nil {
		return err
	}
	if b.outputs, err = count(fields, "num_tree_per_iteration", b.classes); err != nil {
		return err
	}
	last, err := count(fields, "max_feature_idx", -1)
	if err != nil {
		return err
	}
	if fault := p.pay(words(fields["feature_names"])+words(fields["feature_infos"]), featureBytes/2); fault != nil {
		return fault
	}
	if b.names = strings.Fields(fields["feature_names"]); len(b.names) != last+1 {
		return broken("%d features have %d names", last+1, len(b.names))
	}
	if p.infos = strings.Fields(fields["feature_infos"]); len(p.infos) != last+1 {
		return broken("%d features have %d infos", last+1, len(p.infos))
	}
	if b.classes < 1 || b.outputs < 1 || b.outputs > mostOutputs || b.classes > mostOutputs {
		return broken("%d classes and %d trees an iteration", b.classes, b.outputs)
	}
	_, b.average = fields["average_output"]
	if sizes, stated := fields["tree_sizes"]; stated {
		p.sizes = words(sizes)
	}
	return b.objective.parse(fields["objective"], b)
}

// words returns how many words, with single spaces between them, a list has at most.
func words(list string) int { return 1 + strings.Count(list, " ") }

// count returns the whole number from 0 under key, or otherwise where that is not
// negative and there is no such key.
func count(fields map[string]string, key string, otherwise int) (int, error) {
	text, stated := fields[key]
	if !stated && otherwise >= 0 {
		return otherwise, nil
	}
	v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil || v < 0 {
		return 0, broken("%s is %s, want a whole number", key, mlapi.Quote([]byte(text)))
	}
	return int(v), nil
}

// trees reads the trees.
func (p *parser) trees() error {
	b := p.b
	for {
		rest := p.rest
		line, ok := p.next()
		if ok && line == "" {
			continue
		}
		if !ok || !strings.HasPrefix(line, "Tree=") {
			p.rest = rest
			break
		}
		fields, err := p.fields(func(line string) bool { return line == "" })
		if err != nil {
			return err
		}
		fault := p.payTree(fields)
		var t tree.BoostedTree
		if fault == nil {
			t, fault = b.tree(fields)
		}
		if fault != nil {
			fault.Tree = len(b.trees)
			return fault
		}
		t.Output = len(b.trees) % b.outputs
		b.trees = append(b.trees, t)
	}
	switch {
	case p.sizes >= 0 && p.sizes != len(b.trees):
		return broken("%d trees are announced, %d are there", p.sizes, len(b.trees))
	case len(b.trees)%b.outputs != 0:
		return broken("%d trees are no whole number of iterations of %d", len(b.trees), b.outputs)
	}
	return nil
}

// payTree pays for a tree before it is made.
func (p *parser) payTree(fields map[string]string) *Error {
	if fault := p.pay(1, treeBytes); fault != nil {
		return fault
	}
	for key, list := range fields {
		size := numberBytes
		if key == "leaf_value" {
			size = nodeBytes
		}
		if fault := p.pay(words(list), size); fault != nil {
			return fault
		}
	}
	return nil
}

// trailer reads what follows the trees: of all that only the categories count.
func (p *parser) trailer() error {
	b := p.b
	for {
		line, ok := p.next()
		if !ok {
			break
		}
		if text, found := strings.CutPrefix(line, "pandas_categorical:"); found {
			fault := p.pay(strings.Count(text, "["), listBytes)
			if fault == nil {
				fault = p.pay(1+strings.Count(text, ","), categoryByte)
			}
			if fault == nil {
				fault = p.pay(len(text), 2)
			}
			if fault != nil {
				return fault
			}
			lists, err := parseCategories(text)
			if err != nil {
				return err
			}
			b.categories = lists
		}
	}
	return nil
}

// tree makes a tree of its fields.
func (b *Booster) tree(fields map[string]string) (tree.BoostedTree, *Error) {
	var t tree.BoostedTree
	r := reader{fields: fields}
	leaves := r.floats("leaf_value")
	if n := r.count("num_leaves"); r.err == nil && (n != len(leaves) || n == 0) {
		return t, broken("%d leaves have %d values", n, len(leaves))
	}
	inner := max(len(leaves)-1, 0)
	lefts, rights := r.children("left_child", len(leaves)), r.children("right_child", len(leaves))
	features, thresholds := r.ints("split_feature"), r.floats("threshold")
	decisions := r.ints("decision_type")
	if _, stated := fields["decision_type"]; !stated {
		decisions = make([]int64, inner)
	}
	sets := r.sets(inner)
	linear := r.linear(len(leaves))
	if r.err != nil {
		return t, r.err
	}
	if len(lefts) != inner || len(rights) != inner || len(features) != inner || len(thresholds) != inner || len(decisions) != inner {
		return t, broken("%d leaves do not fit %d left and %d right children, %d features, %d thresholds, %d decisions",
			len(leaves), len(lefts), len(rights), len(features), len(thresholds), len(decisions))
	}
	n := inner + len(leaves)
	t.Left, t.Right = pad(lefts, n, -1), pad(rights, n, -1)
	t.Feature, t.Threshold = pad(features, n, 0), pad(thresholds, n, 0)
	t.Values = append(make([]float64, inner, n), leaves...)
	t.MissingLeft, t.Kinds = make([]bool, n), make([]tree.MissingAs, n)
	if linear != nil {
		t.Linear = append(make([]tree.LinearLeaf, inner, n), linear...)
	}
	if err := b.decide(&t, decisions, sets); err != nil {
		return t, err
	}
	return t, nil
}

// pad returns list with as many elements of value behind it as make n.
func pad[T any](list []T, n int, value T) []T {
	list = slices.Grow(list, n-len(list))
	for len(list) < n {
		list = append(list, value)
	}
	return list
}

// The bits of a decision_type.
const (
	categoricalBit = 1
	defaultLeftBit = 2
	missingShift   = 2 // none 0, zero 1, NaN 2
	mostDecision   = 0xb
)

// decide says how each inner node of t decides.
func (b *Booster) decide(t *tree.BoostedTree, decisions []int64, sets []tree.CategorySet) *Error {
	for i, d := range decisions {
		if d < 0 || d > mostDecision {
			return broken("node %d has the decision type %d", i, d)
		}
		kind := [...]tree.MissingAs{tree.NothingMissing, tree.ZeroMissing, tree.NaNMissing}[d>>missingShift]
		if d&categoricalBit == 0 {
			t.Kinds[i], t.MissingLeft[i] = kind, d&defaultLeftBit != 0
			continue
		}
		if t.Category == nil {
			t.Category, t.Sets = pad([]int32(nil), len(t.Left), -1), sets
		}
		set := t.Threshold[i]
		if !(set >= 0 && set < float64(len(sets))) {
			return broken("node %d splits by set %v of %d", i, set, len(sets))
		}
		t.Category[i] = int32(set) // missing categories go right
	}
	return nil
}
