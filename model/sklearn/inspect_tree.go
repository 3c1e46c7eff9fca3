package sklearn

import (
	"errors"
	"fmt"

	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// What a description takes at most, whatever a file refers to how often.
const (
	mostNodes  = 2000   // in a tree
	mostVisits = 20_000 // values looked at
	mostLevels = 16     // estimators inside each other
	mostTries  = 64     // estimators built by themselves, to find what is wrong
	mostParts  = 64     // elements of one attribute
	mostEmpty  = 4      // values at the beginning of a list that tell that it holds no estimators
)

// Describe fills a report with what a value read from a file holds: the release that wrote
// it, its estimators as a tree, and why each of them that cannot be served cannot. Of it
// part is the path of what is asked for, "" where that is the whole; refused are the
// classes that the reader of the file does not allow.
func Describe(r *model.Report, v pickle.Value, part string, refused map[pickle.Global]bool, limits model.Limits) {
	root, check := "$", true
	if part != "" {
		if chosen, err := choose(v, part); err == nil {
			v, root = chosen, part
		} else {
			check = false // the whole is shown, to choose from
		}
	}
	d := &description{r: newReader(limits), refused: refused, lists: make(nameLists), memory: limits.Memory, nodes: mostNodes, visits: mostVisits, tries: mostTries}
	switch v := v.(type) {
	case *pickle.Object:
		r.Tree = []model.Node{d.object("", v, nil, 0, check)}
	case *pickle.Dict, *pickle.List, *pickle.Tuple:
		r.Tree = d.bundle(v, root, check)
	}
	if r.Writer == "" {
		r.Writer = d.writer
	}
	for _, p := range d.problems {
		if !known(r.Problems, p.What) {
			r.Problems = append(r.Problems, p)
		}
	}
}

func known(list []model.Problem, what string) bool {
	for _, p := range list {
		if p.What == what {
			return true
		}
	}
	return false
}

// description tells what values are.
type description struct {
	r        *reader
	refused  map[pickle.Global]bool
	lists    nameLists
	memory   int64 // that building one estimator may take
	writer   string
	problems []model.Problem

	nodes, visits, tries int // left
}

// bundle describes each value of a dict, list or tuple by its path, and what it is used
// for.
func (d *description) bundle(v pickle.Value, root string, check bool) []model.Node {
	if !check {
		return d.members(v, root, nil, false, 0)
	}
	b := newBundle(d.r, root)
	_, err := b.build(v)
	d.r.memory, d.r.opened = d.memory, 0
	if err != nil {
		d.blame(err)
		return d.members(v, root, nil, true, 0)
	}
	return d.members(v, root, b.uses, false, 0)
}

func (d *description) members(v pickle.Value, path string, uses map[string]string, check bool, depth int) []model.Node {
	var nodes []model.Node
	keys, values := contents(v)
	for i, v := range values {
		if d.nodes--; d.nodes < 0 {
			break
		}
		at := path + keyPath(keyAt(keys, i))
		var n model.Node
		switch v := v.(type) {
		case *pickle.Object:
			n = d.object(at, v, nil, 1, check)
		case *pickle.Dict, *pickle.List, *pickle.Tuple:
			if uses[at] == "" && depth < maxBundleDepth && len(d.lists.of(v)) == 0 && d.holds(v, depth) {
				nodes = append(nodes, d.members(v, at, uses, check, depth+1)...)
				continue
			}
			n = d.plain(at, v)
		default:
			n = d.plain(at, v)
		}
		n.Use = uses[at]
		nodes = append(nodes, n)
	}
	return nodes
}

// holds reports whether there is an object among the first values below v.
func (d *description) holds(v pickle.Value, depth int) bool {
	_, values := contents(v)
	for i, v := range values {
		if d.visits--; d.visits < 0 || i >= mostParts {
			return false
		}
		switch v := v.(type) {
		case *pickle.Object:
			return true
		case *pickle.Dict, *pickle.List, *pickle.Tuple:
			if depth < maxBundleDepth && d.holds(v, depth+1) {
				return true
			}
		}
	}
	return false
}

// object describes an estimator inside outer, or another object. With check it is built
// by itself, to find out whether it is to blame for what is wrong.
func (d *description) object(name string, o *pickle.Object, outer *attrs, depth int, check bool) model.Node {
	d.nodes--
	c, served := d.r.classes[o.Class]
	n := model.Node{Name: name, Class: o.Class.Name}
	if !served {
		n.Class = o.Class.String()
	}
	if d.refused[o.Class] {
		n.Problem = "not served"
	}
	a := &attrs{r: d.r, object: o, class: c}
	if outer != nil {
		a.written, a.version, a.nesting = outer.written, outer.version, outer.nesting+1
	}
	d.release(a)
	var err error
	if check && served {
		err = d.try(a, depth == 0)
	}
	n.Params = d.params(a)
	var own *Error
	unfitted := errors.As(err, &own) && own.hint == hintFit && own.Class == a.name()
	if depth < mostLevels {
		n.Children = d.parts(a, depth, err != nil && !unfitted || !served && check)
	}
	if err != nil && !blamed(n.Children) {
		n.Problem = d.blame(err)
	}
	return n
}

// blamed reports whether one of nodes, or of their parts, is to blame.
func blamed(nodes []model.Node) bool {
	for _, n := range nodes {
		if n.Problem != "" || blamed(n.Children) {
			return true
		}
	}
	return false
}

// release notes which release wrote the estimator.
func (d *description) release(a *attrs) {
	if s := a.text("_sklearn_version"); s != "" {
		if v, ok := parseVersion(s); ok {
			a.written, a.version = s, v
			if d.writer == "" {
				d.writer = "scikit-learn " + s
			}
		}
	}
}

// try builds the estimator and returns what stands in the way.
func (d *description) try(a *attrs, top bool) error {
	if d.tries--; d.tries < 0 || a.class.part() {
		return nil
	}
	defer func() { d.r.memory, d.r.opened = d.memory, 0 }()
	if top {
		_, err := d.r.model(a.object)
		return err
	}
	fresh := *a
	fresh.readVersion(false)
	switch {
	case fresh.err != nil:
	case fresh.predicts():
		fresh.class.model(&fresh)
	default:
		fresh.class.transformer(&fresh)
	}
	return fresh.err
}

// blame notes err as a problem and returns it in short: without the class.
func (d *description) blame(err error) string {
	p := model.Problem{Kind: model.Broken, What: err.Error()}
	var e *Error
	if !errors.As(err, &e) {
		return p.What
	}
	if p.Hint = e.Hint(); e.Unsupported() {
		p.Kind = model.Unsupported
	}
	if !known(d.problems, p.What) {
		d.problems = append(d.problems, p)
	}
	return e.What
}

// parts describes the estimators inside one.
func (d *description) parts(a *attrs, depth int, check bool) []model.Node {
	state, ok := a.object.State.(*pickle.Dict)
	if !ok {
		return nil
	}
	p := parts{d: d, a: a, depth: depth + 1, check: check}
	for i, k := range state.Keys {
		name, _ := k.(string)
		if name != "" && !superseded(state, name) {
			p.add(name, state.Values[i], 0)
		}
	}
	return p.nodes
}

// superseded reports whether an attribute is what the estimator was made with, where
// there is what was made of it by fitting, or a name for the same.
func superseded(state *pickle.Dict, name string) bool {
	var by []string
	switch name {
	case "estimator", "base_estimator":
		by = []string{"best_estimator_", "estimators_", "calibrated_classifiers_", "estimator_", "base_estimator_"}
	case "base_estimator_", "estimator_":
		by = []string{"estimators_"}
	case "estimators":
		by = []string{"estimators_"}
	case "named_estimators_", "_estimators":
		by = []string{"estimators_"}
	case "transformers", "final_estimator", "regressor", "transformer", "classifier", "kernel", "init":
		by = []string{name + "_"}
	case "param_grid", "param_distributions", "cv_results_", "scoring", "scorer_", "random_state", "cv", "memory", "sampler":
		return true
	case "_remainder":
		by = []string{"transformers_"} // where it is the last
	case "le_", "_le", "_label_encoder", "label_encoder_", "_label_binarizer", "label_binarizer_", "_encoder", "_preprocessor":
		return true // the estimator's own tools
	}
	for _, other := range by {
		if v, ok := state.Get(other); ok && v != nil && other != name {
			return true
		}
	}
	return false
}

// parts are the nodes below one estimator.
type parts struct {
	d     *description
	a     *attrs
	depth int
	check bool
	nodes []model.Node
}

// add adds the estimators that v is or holds; level counts the containers around it.
func (p *parts) add(name string, v pickle.Value, level int) {
	d := p.d
	if d.visits--; d.visits < 0 || d.nodes < 0 || level > 3 {
		return
	}
	switch v := v.(type) {
	case *pickle.Object:
		c, served := d.r.classes[v.Class]
		switch {
		case d.refused[v.Class], served && !c.part():
			p.nodes = append(p.nodes, d.object(name, v, p.a, p.depth, p.check))
		case served:
			p.inside(name, v, level)
		}
	case *pickle.Dict:
		for i, k := range v.Keys {
			if i >= mostParts || i >= mostEmpty && len(p.nodes) == 0 {
				return
			}
			key, _ := pickle.AsString(k)
			p.add(name+keyPath(key), v.Values[i], level+1)
		}
	case *pickle.Tuple:
		if len(v.Items) >= 2 {
			if key, ok := v.Items[0].(string); ok {
				p.named(key, v.Items[1:])
				return
			}
		}
		p.list(name, v.Items, level)
	case *pickle.List:
		p.list(name, v.Items, level)
	case *pickle.Array:
		p.list(name, v.Objects, level)
	}
}

// inside adds what lies in a part of an estimator, such as the classifiers of the
// members of a CalibratedClassifierCV.
func (p *parts) inside(name string, o *pickle.Object, level int) {
	state, ok := o.State.(*pickle.Dict)
	if !ok {
		return
	}
	for i, k := range state.Keys {
		if key, _ := k.(string); key != "" && !superseded(state, key) {
			p.add(name, state.Values[i], level+1)
		}
	}
}

// named adds what stands under a name: the step of a pipeline, or the part of a
// ColumnTransformer with its columns.
func (p *parts) named(name string, rest []pickle.Value) {
	switch v := rest[0].(type) {
	case *pickle.Object:
		before := len(p.nodes)
		check := p.check
		if len(rest) > 1 && empty(rest[1]) {
			p.check = false // was never fitted and does nothing
		}
		p.add(name, v, 0)
		p.check = check
		if len(rest) > 1 && len(p.nodes) > before {
			p.nodes[before].Params = append([]model.Param{{Name: "columns", Value: columnsText(rest[1])}}, p.nodes[before].Params...)
		}
	case nil, string:
		word, _ := v.(string)
		if v == nil {
			word = "passthrough"
		}
		if word != "drop" && word != "passthrough" || len(rest) > 1 && empty(rest[1]) {
			return
		}
		n := model.Node{Name: name, Class: word}
		if len(rest) > 1 {
			n.Params = []model.Param{{Name: "columns", Value: columnsText(rest[1])}}
		}
		p.d.nodes--
		p.nodes = append(p.nodes, n)
	}
}

// list adds the elements of a list, those of one class together.
func (p *parts) list(name string, items []pickle.Value, level int) {
	if p.d.visits -= len(items) / mostParts; p.d.visits < 0 {
		return
	}
	names := p.names(name, len(items))
	if o, same := ofOneClass(items); same && len(items) > 1 && (names == nil || len(items) > mostParts) {
		before := len(p.nodes)
		p.add(name, o, level)
		if len(p.nodes) > before {
			n := &p.nodes[before]
			n.Params = append([]model.Param{{Name: "count", Value: fmt.Sprint(len(items))}}, n.Params...)
		}
		return
	}
	for i, v := range items {
		if i >= mostParts || i >= mostEmpty && len(p.nodes) == 0 {
			return
		}
		if names != nil {
			p.add(names[i], v, level+1)
			continue
		}
		p.add(fmt.Sprintf("%s[%d]", name, i), v, level+1)
	}
}

// ofOneClass returns the first of items where all are objects of one class.
func ofOneClass(items []pickle.Value) (*pickle.Object, bool) {
	var first *pickle.Object
	for _, v := range items {
		o, ok := v.(*pickle.Object)
		if !ok || first != nil && o.Class != first.Class {
			return nil, false
		}
		if first == nil {
			first = o
		}
	}
	return first, first != nil
}

// names returns the names of the members of a vote or stack of n.
func (p *parts) names(attribute string, n int) []string {
	if attribute != "estimators_" {
		return nil
	}
	v, _ := p.a.object.Attr("estimators")
	pairs, ok := v.(*pickle.List)
	if !ok || len(pairs.Items) != n {
		return nil
	}
	var names []string
	for _, v := range pairs.Items {
		pair, ok := v.(*pickle.Tuple)
		if !ok || len(pair.Items) != 2 {
			return nil
		}
		name, ok := pair.Items[0].(string)
		if !ok {
			return nil
		}
		names = append(names, name)
	}
	return names
}
