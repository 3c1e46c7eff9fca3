package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/tree"
)

// sharesOf builds a classifier of several outputs of trees whose leaves have the
// shares of every output, each with room for the classes of the widest. read reads
// the trees.
//
// Of one tree the class is the first of the greatest values that the file has, of a
// forest that of the mean shares (sklearn/tree/_classes.py, ensemble/_forest.py:
// predict). Counts, which files have up to 1.3, become shares output by output.
func (a *attrs) sharesOf(read func(outputs, width int) ([]tree.Tree, tree.Options)) mlapi.Model {
	lists := a.outputClasses("classes_")
	width := 1
	for _, l := range lists {
		width = max(width, len(l))
	}
	if a.err == nil && len(lists) != a.outputCount() {
		a.broken("%d outputs have the classes of %d", a.outputCount(), len(lists))
	}
	if a.err != nil {
		return nil
	}
	trees, o := read(len(lists), width)
	info := a.describe(mlapi.Classifier)
	info.Features, info.Outputs = a.features(o.Features), len(lists)
	if a.err != nil {
		return nil
	}
	if len(trees) > 1 && !a.version.since(1, 4) {
		for i := range trees {
			toShares(trees[i].Values, width)
		}
	}
	e := a.pack(trees, o)
	inner := a.describe(mlapi.Regressor)
	inner.Features, inner.Outputs = info.Features, o.Width
	if a.err != nil {
		return nil
	}
	values, err := tree.NewRegressor(inner, e)
	a.wrap(err)
	if a.err != nil {
		return nil
	}
	var places [][]int32
	info.Classes, places = union(lists)
	m, err := ensemble.NewShares(info, values, places, width)
	a.wrap(err)
	return m
}

// toShares divides the counts of every output by their sum.
func toShares(values []float64, width int) {
	for ; len(values) > 0; values = values[width:] {
		sum := 0.0
		for _, v := range values[:width] {
			sum += v
		}
		for k := range values[:width] {
			if sum != 0 {
				values[k] /= sum
			}
		}
	}
}
