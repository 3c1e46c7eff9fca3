package sklearn

import (
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/tree"
)

func treeClasses() []class {
	modules := []string{"sklearn.tree.tree", "sklearn.tree._classes"}
	return []class{
		{name: "DecisionTreeClassifier", modules: modules, model: decisionTreeClassifier},
		{name: "ExtraTreeClassifier", modules: modules, model: decisionTreeClassifier},
		{name: "DecisionTreeRegressor", modules: modules, model: decisionTreeRegressor},
		{name: "ExtraTreeRegressor", modules: modules, model: decisionTreeRegressor},
		{name: "Tree", modules: []string{"sklearn.tree._tree"}},
	}
}

func decisionTreeClassifier(a *attrs) mlapi.Model {
	if a.outputCount() > 1 {
		return a.sharesOf(func(outputs, width int) ([]tree.Tree, tree.Options) {
			t := a.tree(outputs, width)
			return []tree.Tree{t.Tree}, tree.Options{Features: t.features, Width: outputs * width, Missing: a.treeTakesMissing()}
		})
	}
	info := a.classifier(mlapi.Probability)
	t := a.tree(1, len(info.Classes))
	info.Features = a.features(t.features)
	e := a.pack([]tree.Tree{t.Tree}, tree.Options{
		Features: t.features, Width: len(info.Classes), Missing: a.treeTakesMissing(),
		Counts: !a.version.since(1, 4), Class: true,
	})
	if a.err != nil {
		return nil
	}
	m, err := tree.NewDecisionTreeClassifier(info, e)
	a.wrap(err)
	return m
}

func decisionTreeRegressor(a *attrs) mlapi.Model {
	outputs := a.outputCount()
	t := a.tree(outputs, 1)
	info := a.regressor(t.features, outputs)
	e := a.pack([]tree.Tree{t.Tree}, tree.Options{Features: t.features, Width: outputs, Missing: a.treeTakesMissing()})
	if a.err != nil {
		return nil
	}
	m, err := tree.NewRegressor(info, e)
	a.wrap(err)
	return m
}

// maxOutputs bounds a number that decides how much memory answers take.
const maxOutputs = 1 << 12

// outputCount reads how many outputs a tree or a forest has.
func (a *attrs) outputCount() int {
	n := a.int("n_outputs_")
	if a.err == nil && (n < 1 || n > maxOutputs) {
		a.unsupported(hintOutput, "it has %d outputs, and trees of more than %d are not served", n, maxOutputs)
	}
	if a.err != nil {
		return 1
	}
	return n
}

func (a *attrs) pack(trees []tree.Tree, o tree.Options) *tree.Ensemble {
	if a.err != nil {
		return nil
	}
	e, err := tree.Pack(trees, o)
	a.wrap(err)
	return e
}

// nodeBytes is what a node takes while it is read, and packed.
const nodeBytes = 72

// maxTreeFeatures bounds a number that nothing in the file backs, and that decides
// how much memory names and rows take.
const maxTreeFeatures = 1 << 17

// fittedTree is a tree of the file: unchecked but for the lengths of its arrays.
type fittedTree struct {
	tree.Tree
	features int
	samples  []int64 // by node: the training samples that reached it
}

// tree reads attribute tree_, whose leaves have width values for each output.
func (a *attrs) tree(outputs, width int) fittedTree {
	var t fittedTree
	v := a.value("tree_")
	if a.err != nil {
		return t
	}
	o, ok := v.(*pickle.Object)
	if !ok || o.Class != (pickle.Global{Module: "sklearn.tree._tree", Name: "Tree"}) || len(o.Args) != 3 {
		a.wrong("tree_", "a sklearn.tree._tree.Tree")
		return t
	}
	// The attributes of the Tree are read with the name of the estimator it is in.
	in := *a
	in.object = o
	defer func() { a.err = in.err }()
	features, ok := pickle.AsInt(o.Args[0])
	if !ok || features < 1 {
		in.broken("tree_ has no number of features")
		return t
	}
	if features > maxTreeFeatures {
		in.unsupported(hintServed, "it takes %d features, and trees of more than %d are not served", features, maxTreeFeatures)
		return t
	}
	t.features = int(features)
	in.nodes(&t)
	in.values(&t, outputs, width)
	return t
}

// nodes reads the records of the nodes, by the names of their members: their
// order and size change between releases.
func (a *attrs) nodes(t *fittedTree) {
	array := a.array("nodes")
	if a.err != nil || !a.charge(nodeBytes*int64(elements(array))) {
		return
	}
	if len(array.Shape) != 1 {
		a.wrong("nodes", "a list of records")
		return
	}
	t.Left, t.Right = a.ints("nodes", array, "left_child"), a.ints("nodes", array, "right_child")
	t.Feature, t.samples = a.ints("nodes", array, "feature"), a.ints("nodes", array, "n_node_samples")
	column := a.column("nodes", array, "threshold")
	if a.err != nil {
		return
	}
	var err error
	if t.Threshold, err = column.Float64s(); err != nil {
		a.broken("nodes: threshold: %v", err)
	}
	// Where missing values go is stored since 1.3.
	if !a.version.since(1, 3) {
		return
	}
	missing := a.ints("nodes", array, "missing_go_to_left")
	t.MissingLeft = make([]bool, len(missing))
	for i, v := range missing {
		t.MissingLeft[i] = v != 0
	}
}

// ints returns a whole-number member of an array of records.
func (a *attrs) ints(what string, array *pickle.Array, name string) []int64 {
	column := a.column(what, array, name)
	if a.err != nil {
		return nil
	}
	values, err := column.Int64s()
	if err != nil {
		a.broken("%s: %s: %v", what, name, err)
	}
	return values
}

// values reads what the leaves say: nodes x outputs x width.
func (a *attrs) values(t *fittedTree, outputs, width int) {
	values, shape := a.floats("values")
	if a.err != nil {
		return
	}
	if len(shape) != 3 || shape[0] != len(t.Left) || shape[1] != outputs || shape[2] != width {
		a.broken("tree_: the values have the shape %v, want [%d %d %d]", shape, len(t.Left), outputs, width)
		return
	}
	t.Values = values
}

// treeTakesMissing reports whether a tree's predict accepts NaN, by the rule of the
// release that wrote it (sklearn/tree/_classes.py: _support_missing_values and the
// allow_nan tag).
func (a *attrs) treeTakesMissing() bool {
	extra := strings.HasPrefix(a.class.name, "ExtraTree")
	classifier := strings.HasSuffix(a.class.name, "Classifier")
	splitter := a.text("splitter")
	best, random := splitter == "best", splitter == "random"
	criterion := false
	switch a.text("criterion") {
	case "gini", "entropy", "log_loss":
		criterion = classifier
	case "squared_error", "friedman_mse", "poisson":
		criterion = !classifier
	}
	switch v := a.version; {
	case v.since(1, 9): // the criterion and monotonic constraints no longer matter
		return random || best && !extra
	case v.since(1, 4) && a.has("monotonic_cst"):
		return false
	case v.since(1, 6):
		// In 1.6 the tag of ExtraTreeRegressor was never set (an annotation stands
		// where an assignment was meant) and that of DecisionTreeRegressor applies.
		mistaken := a.class.name == "ExtraTreeRegressor" && !v.since(1, 7)
		return criterion && (random || best && (!extra || mistaken))
	case v.since(1, 3):
		return criterion && best
	}
	return false
}
