package sklearn

import (
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/tree"
)

func isolationClasses() []class {
	return []class{{
		name:    "IsolationForest",
		modules: []string{"sklearn.ensemble.iforest", "sklearn.ensemble._iforest"},
		model:   isolationForest,
	}}
}

func isolationForest(a *attrs) mlapi.Model {
	members := a.estimators()
	if a.err != nil {
		return nil
	}
	width := a.featureCount("n_features_in_", "n_features_")
	subsets := a.subsets(width, len(members))
	trees := make([]tree.Tree, 0, len(members))
	for i, m := range members {
		t := m.tree(1, 1)
		if m.err != nil {
			a.err = m.err
			return nil
		}
		a.choose(&t, i, width, subsets)
		if a.err != nil {
			return nil
		}
		trees = append(trees, a.pathLengths(t))
	}
	e := a.pack(trees, tree.Options{Features: width, Width: 1, Missing: a.version.since(1, 6)})
	how := a.isolation(len(trees))
	info := a.describe(mlapi.OutlierDetector)
	info.Classes = []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}
	info.Scores = mlapi.Anomaly
	info.Features = a.features(width)
	if a.err != nil {
		return nil
	}
	m, err := tree.NewIsolationForest(info, e, how)
	a.wrap(err)
	return m
}

// isolation reads how path lengths become labels.
func (a *attrs) isolation(trees int) tree.Isolation {
	how := tree.Isolation{
		Denominator: float64(trees) * a.averagePathLength(a.float("max_samples_")),
	}
	if !a.version.since(0, 20) {
		// Decision values were 0.5 - 2^-..., and one at the threshold was an outlier.
		how.Offset = -0.5
		how.Threshold = math.Nextafter(a.float("threshold_"), math.Inf(1))
		return how
	}
	how.Offset = a.float("offset_")
	// Asked for the behaviour of before 0.20, which was the default in 0.20 and
	// 0.21, scikit-learn holds decision values against a threshold of its own.
	if !a.version.since(0, 22) && a.text("behaviour") == "old" {
		how.Threshold = a.float("_threshold_")
	}
	return how
}

// averagePathLength is that of the release that wrote the file: up to 0.20 leaves of one
// and two samples count differently, and 0.18 takes the logarithm of all samples
// (sklearn/ensemble/iforest.py: _average_path_length).
func (a *attrs) averagePathLength(samples float64) float64 {
	if a.version.since(0, 21) {
		return tree.AveragePathLength(samples)
	}
	switch {
	case samples <= 1:
		return 1
	case !a.version.since(0, 19):
		const euler = 0.5772156649 // as it stood there
		return 2*(math.Log(samples)+euler) - 2*(samples-1)/samples
	case samples == 2:
		return 2*euler - 1
	}
	return tree.AveragePathLength(samples)
}

const euler = 0.577215664901532860606512090082402431

// subsets reads which features each tree was given, nil where each has all.
func (a *attrs) subsets(width, trees int) [][]int64 {
	if a.int("_max_features") == width {
		return nil
	}
	list := a.list("estimators_features_")
	if a.err == nil && len(list) != trees {
		a.broken("%d trees have %d sets of features", trees, len(list))
	}
	subsets := make([][]int64, 0, len(list))
	for i, v := range list {
		array, ok := v.(*pickle.Array)
		if !ok {
			a.broken("estimators_features_[%d] is not an array", i)
			return nil
		}
		if !a.charge(8 * int64(elements(array))) {
			return nil
		}
		subset, err := array.Int64s()
		if err != nil {
			a.broken("estimators_features_[%d]: %v", i, err)
			return nil
		}
		for _, f := range subset {
			if f < 0 || f >= int64(width) {
				a.broken("tree %d takes feature %d of %d", i, f, width)
			}
		}
		subsets = append(subsets, subset)
	}
	return subsets
}

// choose turns the features that tree i counts within its subset into columns.
func (a *attrs) choose(t *fittedTree, i, width int, subsets [][]int64) {
	if a.err != nil {
		return
	}
	if subsets == nil {
		if t.features != width {
			a.broken("tree %d takes %d features, want %d", i, t.features, width)
		}
		return
	}
	if len(subsets[i]) != t.features {
		a.broken("tree %d takes %d features and is given %d", i, t.features, len(subsets[i]))
		return
	}
	for n, f := range t.Feature {
		if t.Left[n] == -1 {
			continue
		}
		if f < 0 || f >= int64(t.features) {
			a.broken("tree %d: node %d compares feature %d of %d", i, n, f, t.features)
			return
		}
		t.Feature[n] = subsets[i][f]
	}
}

// pathLengths replaces the values of the leaves by the lengths of the paths that
// end there: nodes above, and the splits that the samples there would have needed.
func (a *attrs) pathLengths(t fittedTree) tree.Tree {
	n := len(t.Left)
	depth := make([]float64, n)
	for i := range n {
		// Pack will refuse a child that is not behind its parent; here it must do no
		// harm.
		for _, children := range [2][]int64{t.Left, t.Right} {
			if c := children[i]; c > int64(i) && c < int64(n) {
				depth[c] = depth[i] + 1
			}
		}
	}
	t.Values = make([]float64, n)
	for i := range n {
		t.Values[i] = (depth[i] + 1) + a.averagePathLength(float64(t.samples[i])) - 1
	}
	return t.Tree
}
