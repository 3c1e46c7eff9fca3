package sklearn

import (
	"fmt"
	"slices"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// bundle is what a dict, list or tuple at the top of a file holds: a model beside its
// scaler, its encoders, the names of its features.
type bundle struct {
	r            *reader
	root         string // where it lies in the file, as a path
	predictors   []entry
	transformers []entry
	decoders     []entry  // label encoders: of the classes, or of a column
	names        []entry  // lists of texts, and dicts from numbers to texts
	unused       []string // paths of what means nothing here
	seen         map[*pickle.Object]bool
	visited      int
	lists        nameLists
	ordered      bool              // the transformers stand in a list: in order of application
	uses         map[string]string // by path, what is made of a value
	fitting      string            // path of a transformer that makes what the model takes
}

// entry is a value in a bundle.
type entry struct {
	path, key string
	value     pickle.Value
	a         *attrs // of an estimator
}

const (
	maxBundleDepth = 4
	maxMembers     = 4096
	maxOrder       = 5 // transformers whose order is looked for
	maxUnused      = 8 // notes of what is not used
)

// bundle builds the model that a dict, list or tuple makes. What every part is for
// must be plain; otherwise the error says what was found.
func (r *reader) bundle(v pickle.Value, root string) (mlapi.Model, error) {
	b := newBundle(r, root)
	return b.build(v)
}

func newBundle(r *reader, root string) *bundle {
	return &bundle{r: r, root: root, seen: make(map[*pickle.Object]bool), uses: make(map[string]string), lists: make(nameLists)}
}

func (b *bundle) build(v pickle.Value) (mlapi.Model, error) {
	if err := b.collect(v, b.root, "", 0); err != nil {
		return nil, err
	}
	b.dropInner()
	b.dropTargets()
	switch {
	case len(b.predictors)+len(b.transformers)+len(b.decoders) == 0:
		return nil, &Error{What: fmt.Sprintf("the file holds %s without an estimator that is served", kind(v)), hint: hintTop, unsupported: true}
	case len(b.predictors) > 1:
		return nil, b.several("models", b.predictors)
	}
	m, err := b.assemble()
	if err != nil {
		return nil, err
	}
	info := m.Info()
	for i, path := range b.unused {
		b.uses[path] = "not used"
		switch {
		case i < maxUnused:
			info.Notes = append(info.Notes, path+" is not used")
		case i == maxUnused:
			info.Notes = append(info.Notes, fmt.Sprintf("and %d more values of the file are not used", len(b.unused)-i))
		}
	}
	return m, nil
}

// collect sorts what lies below v.
func (b *bundle) collect(v pickle.Value, path, key string, depth int) error {
	// Lists can be in each other: what lies below one is counted at every place.
	if b.visited++; b.visited > maxMembers {
		return b.unclear(fmt.Sprintf("it holds more than %d values", maxMembers))
	}
	switch v := v.(type) {
	case *pickle.Object:
		return b.estimator(v, path, key)
	case *pickle.Dict, *pickle.List, *pickle.Tuple:
		if depth > 0 && b.addNames(v, path, key) {
			return nil
		}
		if depth == maxBundleDepth {
			b.unused = append(b.unused, path)
			return nil
		}
		return b.members(v, path, key, depth)
	case *pickle.Array:
		if b.addNames(v, path, key) {
			return nil
		}
	}
	b.unused = append(b.unused, path)
	return nil
}

// members sorts the values of a dict, list or tuple.
func (b *bundle) members(v pickle.Value, path, key string, depth int) error {
	keys, values := contents(v)
	if _, isDict := v.(*pickle.Dict); !isDict && depth == 0 {
		b.ordered = true
	}
	found, unused := b.found(), len(b.unused)
	for i, v := range values {
		k := keyAt(keys, i)
		name, _ := k.(string)
		if name == "" {
			name = key
		}
		if err := b.collect(v, path+keyPath(k), name, depth+1); err != nil {
			return err
		}
	}
	if depth > 0 && b.found() == found {
		b.unused = append(b.unused[:unused], path) // none of it: said once
	}
	return nil
}

// contents returns the keys and values of a dict, and the values of a list or tuple,
// whose keys are nil: a file can refer to a long one often.
func contents(v pickle.Value) (keys, values []pickle.Value) {
	switch v := v.(type) {
	case *pickle.Dict:
		return v.Keys, v.Values
	case *pickle.List:
		return nil, v.Items
	case *pickle.Tuple:
		return nil, v.Items
	}
	return nil, nil
}

// keyAt returns key i of what contents returned.
func keyAt(keys []pickle.Value, i int) pickle.Value {
	if keys == nil {
		return int64(i)
	}
	return keys[i]
}

// found returns how many values there are of which something may be made.
func (b *bundle) found() int {
	return len(b.predictors) + len(b.transformers) + len(b.decoders) + len(b.names) + len(b.seen)
}

// estimator sorts an object.
func (b *bundle) estimator(o *pickle.Object, path, key string) error {
	if b.seen[o] {
		return nil
	}
	b.seen[o] = true
	a := b.r.open(o, nil)
	if a == nil {
		b.unused = append(b.unused, path)
		return nil
	}
	if a.err != nil {
		return a.err
	}
	m := entry{path: path, key: key, value: o, a: a}
	switch {
	case a.class.name == "LabelEncoder":
		b.decoders = append(b.decoders, m)
	case a.predicts():
		b.predictors = append(b.predictors, m)
	default:
		b.transformers = append(b.transformers, m)
	}
	return a.err
}

// dropInner drops the transformers that are a part of another member too: they are applied
// there.
func (b *bundle) dropInner() {
	whole := make(map[*pickle.Object]bool)
	for _, list := range [][]entry{b.predictors, b.transformers} {
		for _, m := range list {
			reach(m.a.object, whole)
		}
	}
	drop := func(m entry) bool {
		if whole[m.a.object] {
			b.uses[m.path] = "applied inside another part"
		}
		return whole[m.a.object]
	}
	b.transformers, b.decoders = slices.DeleteFunc(b.transformers, drop), slices.DeleteFunc(b.decoders, drop)
}

// dropTargets drops the binarizers of sets of labels where there is a model beside them:
// they made its targets, and read sets where it reads features.
func (b *bundle) dropTargets() {
	if len(b.predictors) != 1 {
		return
	}
	b.transformers = slices.DeleteFunc(b.transformers, func(m entry) bool {
		target := m.a.class.name == "MultiLabelBinarizer"
		if target {
			b.unused = append(b.unused, m.path)
		}
		return target
	})
}

// reach marks the objects inside o, however deep.
func reach(o *pickle.Object, marks map[*pickle.Object]bool) {
	seen := map[pickle.Value]bool{o: true}
	stack := append([]pickle.Value{o.State}, o.Items...)
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch v.(type) {
		case *pickle.Object, *pickle.Dict, *pickle.List, *pickle.Tuple, *pickle.Array:
			if seen[v] {
				continue
			}
			seen[v] = true
		}
		switch v := v.(type) {
		case *pickle.Object:
			marks[v] = true
			stack = append(append(stack, v.State), v.Items...)
		case *pickle.Array:
			stack = append(stack, v.Objects...)
		case *pickle.Dict, *pickle.List, *pickle.Tuple:
			_, values := contents(v)
			for _, v := range values {
				switch v.(type) {
				case *pickle.Object, *pickle.Dict, *pickle.List, *pickle.Tuple, *pickle.Array:
					stack = append(stack, v)
				}
			}
		}
	}
}

// assemble builds the members and puts them together: encoders of single columns, what
// makes features of all columns, the model, and the names of its classes.
func (b *bundle) assemble() (mlapi.Model, error) {
	var last mlapi.Model
	var err error
	if len(b.predictors) == 1 {
		if last, err = b.top(b.predictors[0], "predicts"); err != nil {
			return nil, err
		}
	}
	steps := make([]mlapi.Model, len(b.transformers))
	for i, m := range b.transformers {
		if steps[i], err = b.top(m, ""); err != nil {
			return nil, err
		}
	}
	b.note(steps, last)
	columns, steps := b.columns(steps, last)
	target, steps := b.target(steps, last)
	if steps, err = b.order(steps, last); err != nil {
		return nil, err
	}
	if last != nil {
		steps = append(steps, last)
	}
	if len(steps) == 0 { // label encoders alone
		if len(b.decoders) > 1 {
			return nil, b.several("label encoders", b.decoders)
		}
		return b.top(b.decoders[0], "encodes")
	}
	m, err := transform.Join(steps)
	if err != nil {
		return nil, b.unclear(err.Error())
	}
	if m, err = b.undo(m, target); err != nil {
		return nil, err
	}
	if m, err = b.name(m); err != nil {
		return nil, err
	}
	if m, err = b.decode(m); err != nil {
		return nil, err
	}
	return b.encode(m, columns)
}

// note notes, for whoever has to choose, the first transformer that makes as many columns
// as the model takes.
func (b *bundle) note(steps []mlapi.Model, last mlapi.Model) {
	for i, m := range b.transformers {
		if b.fitting == "" && last != nil && steps[i].Info().Outputs == len(last.Info().Features) {
			b.fitting = m.path
		}
	}
}

// top builds a member by itself, which is used for what use says.
func (b *bundle) top(m entry, use string) (mlapi.Model, error) {
	made := m.a.top()
	if m.a.err != nil {
		return nil, m.a.err
	}
	if use != "" {
		b.uses[m.path] = use
	}
	return made, nil
}

// numbered reports whether the classes of a model are the numbers from 0 on that a
// label encoder gives.
func numbered(info *mlapi.Info) bool {
	for _, c := range info.Classes {
		if n, ok := c.Value().(int64); !ok || n < 0 {
			return false
		}
	}
	return info.Task == mlapi.Classifier
}
