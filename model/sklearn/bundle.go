package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// bundle is what a dict, list or tuple at the top of a file holds: a model beside its
// scaler, its encoder, the names of its features.
type bundle struct {
	r            *reader
	root         string // where it lies in the file, as a path
	predictors   []entry
	transformers []entry
	decoders     []entry  // label encoders
	names        []entry  // lists of texts, and dicts from numbers to texts
	unused       []string // paths of what means nothing here
	seen         map[*pickle.Object]bool
	visited      int
	ordered      bool // the transformers stand in a list: in order of application
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
)

// bundle builds the model that a dict, list or tuple makes. What every part is for
// must be plain; otherwise the error says what was found.
func (r *reader) bundle(v pickle.Value, root string) (mlapi.Model, error) {
	b := &bundle{r: r, root: root, seen: make(map[*pickle.Object]bool)}
	if err := b.collect(v, root, "", 0); err != nil {
		return nil, err
	}
	switch {
	case len(b.predictors)+len(b.transformers)+len(b.decoders) == 0:
		return nil, &Error{What: fmt.Sprintf("the file holds %s without an estimator that is served", kind(v)), hint: hintTop, unsupported: true}
	case len(b.predictors) > 1:
		return nil, b.several("models", b.predictors)
	}
	parts, err := b.parts()
	if err != nil {
		return nil, err
	}
	m, err := transform.Join(parts)
	if err != nil {
		return nil, b.unclear(err.Error())
	}
	if m, err = b.name(m); err != nil {
		return nil, err
	}
	info := m.Info()
	for i, path := range b.unused {
		if i == 8 {
			info.Notes = append(info.Notes, fmt.Sprintf("and %d more values of the file are not used", len(b.unused)-i))
			break
		}
		info.Notes = append(info.Notes, path+" is not used")
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
		if isNames(v) && depth > 0 {
			b.names = append(b.names, entry{path: path, key: key, value: v})
			return nil
		}
		keys, values := children(v)
		if depth == maxBundleDepth {
			b.unused = append(b.unused, path)
			return nil
		}
		if _, isDict := v.(*pickle.Dict); !isDict && depth == 0 {
			b.ordered = true
		}
		for i, k := range keys {
			name, _ := k.(string)
			if name == "" {
				name = key
			}
			if err := b.collect(values[i], path+keyPath(k), name, depth+1); err != nil {
				return err
			}
		}
		return nil
	case *pickle.Array:
		if isNames(v) {
			b.names = append(b.names, entry{path: path, key: key, value: v})
			return nil
		}
	}
	b.unused = append(b.unused, path)
	return nil
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

// parts builds the members, in the order in which they are applied.
func (b *bundle) parts() ([]mlapi.Model, error) {
	var steps []mlapi.Model
	for _, m := range b.transformers {
		part := m.a.top()
		if m.a.err != nil {
			return nil, m.a.err
		}
		steps = append(steps, part)
	}
	var last mlapi.Model
	if len(b.predictors) == 1 {
		last = b.predictors[0].a.top()
		if err := b.predictors[0].a.err; err != nil {
			return nil, err
		}
	}
	steps, err := b.order(steps, last)
	if err != nil {
		return nil, err
	}
	if last != nil {
		steps = append(steps, last)
	}
	if len(b.decoders) > 1 {
		return nil, b.several("label encoders", b.decoders)
	}
	for _, m := range b.decoders {
		if last != nil && !numbered(last.Info()) {
			b.unused = append(b.unused, m.path)
			continue
		}
		part := m.a.top()
		if m.a.err != nil {
			return nil, m.a.err
		}
		steps = append(steps, part)
	}
	return steps, nil
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

// order returns the transformers in the order in which they are applied: that of a
// list; of a dict the only one in which the numbers of columns fit, or the usual one.
func (b *bundle) order(steps []mlapi.Model, last mlapi.Model) ([]mlapi.Model, error) {
	if b.ordered || len(steps) < 2 {
		return steps, nil
	}
	if len(steps) > maxOrder {
		return nil, b.several("transformers", b.transformers)
	}
	rank := func(i int) int { return usualPlace(b.transformers[i].a.class.name) }
	var fitting [][]int
	permute(len(steps), func(order []int) {
		for k := range order[1:] {
			if steps[order[k]].Info().Outputs != len(steps[order[k+1]].Info().Features) {
				return
			}
		}
		if last != nil && steps[order[len(order)-1]].Info().Outputs != len(last.Info().Features) {
			return
		}
		fitting = append(fitting, slices.Clone(order))
	})
	if len(fitting) > 1 {
		fitting = slices.DeleteFunc(fitting, func(order []int) bool {
			return !slices.IsSortedFunc(order, func(i, j int) int { return rank(i) - rank(j) })
		})
	}
	if len(fitting) != 1 {
		return nil, b.unclear("in which order its transformers are applied is not plain")
	}
	ordered := make([]mlapi.Model, 0, len(steps))
	for _, i := range fitting[0] {
		ordered = append(ordered, steps[i])
	}
	return ordered, nil
}

// usualPlace ranks transformers by where they usually stand: what fills gaps, what
// makes numbers of categories and texts, what scales, what selects or projects.
func usualPlace(class string) int {
	switch {
	case strings.Contains(class, "Imputer"):
		return 0
	case strings.HasSuffix(class, "Encoder"), strings.HasSuffix(class, "Vectorizer"), class == "ColumnTransformer":
		return 1
	case strings.HasSuffix(class, "Scaler"), class == "TfidfTransformer", class == "Normalizer":
		return 2
	}
	return 3
}

// permute calls do with every order of 0..n-1. do must not keep it.
func permute(n int, do func(order []int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var place func(k int)
	place = func(k int) {
		if k == n {
			do(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			place(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	place(0)
}

// several is the error for more members of one sort than can be used.
func (b *bundle) several(what string, list []entry) error {
	return b.unclear(fmt.Sprintf("it holds %d %s", len(list), what))
}

// unclear is the error for a bundle whose parts do not make one model plainly.
func (b *bundle) unclear(why string) error {
	var found []string
	for _, list := range [][]entry{b.predictors, b.transformers, b.decoders} {
		for _, m := range list {
			if len(found) == 12 {
				found = append(found, "...")
				break
			}
			found = append(found, fmt.Sprintf("%s (%s)", m.path, m.a.class.name))
		}
	}
	best := b.root
	for _, list := range [][]entry{b.predictors, b.transformers} {
		if len(list) > 0 {
			best = list[0].path
			break
		}
	}
	return &Error{
		What: "the file holds several things: " + why,
		hint: fmt.Sprintf("it holds %s; choose one by its path, as in API_MODEL_FILEPATH=model.pkl#%s, several in order as in model.pkl#PATH,model.pkl#PATH, or save one Pipeline of them", strings.Join(found, ", "), best), unsupported: true,
	}
}
