package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/tree"
)

func forestClasses() []class {
	modules := []string{"sklearn.ensemble.forest", "sklearn.ensemble._forest"}
	return []class{
		{name: "RandomForestClassifier", modules: modules, model: forestClassifier},
		{name: "ExtraTreesClassifier", modules: modules, model: forestClassifier},
		{name: "RandomForestRegressor", modules: modules, model: forestRegressor},
		{name: "ExtraTreesRegressor", modules: modules, model: forestRegressor},
	}
}

func forestClassifier(a *attrs) mlapi.Model {
	if a.outputCount() > 1 {
		return a.sharesOf(a.members)
	}
	info := a.classifier(mlapi.Probability)
	trees, o := a.members(1, len(info.Classes))
	info.Features = a.features(o.Features)
	o.Counts = !a.version.since(1, 4)
	e := a.pack(trees, o)
	if a.err != nil {
		return nil
	}
	m, err := tree.NewForestClassifier(info, e)
	a.wrap(err)
	return m
}

func forestRegressor(a *attrs) mlapi.Model {
	outputs := a.outputCount()
	trees, o := a.members(outputs, 1)
	info := a.regressor(o.Features, outputs)
	e := a.pack(trees, o)
	if a.err != nil {
		return nil
	}
	m, err := tree.NewRegressor(info, e)
	a.wrap(err)
	return m
}

// members reads the trees of a forest and what they have in common.
func (a *attrs) members(outputs, width int) ([]tree.Tree, tree.Options) {
	o := tree.Options{Width: outputs * width}
	var trees []tree.Tree
	for i, m := range a.estimators() {
		t := m.tree(outputs, width)
		if m.err != nil {
			a.err = m.err
			return nil, o
		}
		if i == 0 {
			o.Features = t.features
			// A forest accepts missing values where its first tree does, since 1.4
			// (sklearn/ensemble/_forest.py: _validate_X_predict).
			o.Missing = a.version.since(1, 4) && m.treeTakesMissing()
		}
		if t.features != o.Features {
			a.broken("tree %d takes %d features, tree 0 takes %d", i, t.features, o.Features)
			return nil, o
		}
		trees = append(trees, t.Tree)
	}
	return trees, o
}

// estimators reads attribute estimators_, a list of single trees.
func (a *attrs) estimators() []*attrs {
	list := a.list("estimators_")
	if a.err == nil && len(list) == 0 {
		a.broken("attribute estimators_ is empty")
	}
	members := make([]*attrs, 0, len(list))
	for i, v := range list {
		o, ok := v.(*pickle.Object)
		m := a.r.open(o, a)
		if !ok || m == nil || !singleTree(m.class.name) {
			a.broken("estimators_[%d] is not a single tree", i)
			return nil
		}
		members = append(members, m)
	}
	return members
}

func singleTree(class string) bool {
	for _, c := range treeClasses() {
		if c.name == class && c.model != nil {
			return true
		}
	}
	return false
}
