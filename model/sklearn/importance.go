package sklearn

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"example.com/mlapi/model/pickle"
)

const hintImportance = "select by a forest or a linear model of scikit-learn, or with SelectKBest; or save only what comes after the selection, and send it the features that get_support() keeps"

// importanceLimit reads the importance below which SelectFromModel drops a feature: a number,
// the mean or median, or a multiple of them ("1.25*mean"). Without one it is the mean,
// or 1e-5 for estimators with an L1 penalty.
func (a *attrs) importanceLimit(e *attrs, importances []float64) float64 {
	v, _ := a.object.Attr("threshold")
	if f, ok := pickle.AsFloat(v); ok {
		return f
	}
	text, isText := v.(string)
	if v == nil {
		if e.sparsifies() {
			return 1e-5
		}
		text, isText = "mean", true
	}
	factor := 1.0
	if left, right, multiplied := strings.Cut(text, "*"); multiplied {
		f, err := strconv.ParseFloat(strings.TrimSpace(left), 64)
		isText = isText && err == nil
		factor, text = f, strings.TrimSpace(right)
	}
	switch {
	case isText && text == "mean":
		return factor * mean(importances)
	case isText && text == "median":
		return factor * median(importances)
	}
	a.unsupported(hintServed, "its threshold is unknown")
	return 0
}

// sparsifies reports whether an estimator has an L1 penalty, by scikit-learn's rule.
func (a *attrs) sparsifies() bool {
	return a.text("penalty") == "l1" || strings.Contains(a.class.name, "Lasso") ||
		a.class.name == "LogisticRegression" && a.version.since(1, 8) && a.has("l1_ratio") && a.float("l1_ratio") == 1
}

func mean(values []float64) float64 { return pairwise(values) / float64(len(values)) }

// pairwise adds up as numpy does: in eight sums of blocks of at most 128.
func pairwise(values []float64) float64 {
	n := len(values)
	if n < 8 {
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum
	}
	if n > 128 {
		half := n / 2
		half -= half % 8
		return pairwise(values[:half]) + pairwise(values[half:])
	}
	var r [8]float64
	copy(r[:], values)
	i := 8
	for ; i < n-n%8; i += 8 {
		for k := range r {
			r[k] += values[i+k]
		}
	}
	sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
	for ; i < n; i++ {
		sum += values[i]
	}
	return sum
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// importances returns how much each feature counts: the norm of its coefficients, or
// what the trees gained by it (sklearn/feature_selection/_base.py:
// _get_feature_importances).
func (a *attrs) importances(order float64) []float64 {
	switch {
	case a.has("coef_"):
		return a.coefficientNorms(order)
	case a.has("tree_"):
		return a.gains(true)
	case a.has("estimators_"):
		return a.meanGains()
	}
	a.unsupported(hintImportance, "a selection goes by the importances of its features, which are not known")
	return nil
}

func (a *attrs) coefficientNorms(order float64) []float64 {
	coef, shape := a.floats("coef_")
	if a.err != nil {
		return nil
	}
	if len(shape) == 1 || len(shape) == 0 {
		for i, v := range coef {
			coef[i] = math.Abs(v)
		}
		return coef
	}
	if len(shape) != 2 || shape[0] < 1 {
		a.broken("coef_ has the shape %v", shape)
		return nil
	}
	norms := make([]float64, shape[1])
	for f := range norms {
		for k := range shape[0] {
			v := math.Abs(coef[k*shape[1]+f])
			switch {
			case math.IsInf(order, 1):
				norms[f] = max(norms[f], v)
			case order == 1:
				norms[f] += v
			default:
				norms[f] += math.Pow(v, order)
			}
		}
		if order != 1 && !math.IsInf(order, 1) {
			norms[f] = math.Pow(norms[f], 1/order)
		}
	}
	return norms
}

// gains returns what the splits of one tree gained, by feature; with normalise they add
// up to 1 (sklearn/tree/_tree.pyx: compute_feature_importances).
func (a *attrs) gains(normalise bool) []float64 {
	v := a.value("tree_")
	o, ok := v.(*pickle.Object)
	if a.err != nil || !ok || len(o.Args) < 1 {
		a.wrong("tree_", "a sklearn.tree._tree.Tree")
		return nil
	}
	in := *a
	in.object = o
	defer func() { a.err = in.err }()
	n, _ := pickle.AsInt(o.Args[0])
	if n < 1 || n > maxTreeFeatures {
		in.broken("tree_ has no number of features")
		return nil
	}
	array := in.array("nodes")
	if in.err != nil || !in.charge(40*int64(elements(array))) {
		return nil
	}
	left, right := in.wholeColumn(array, "left_child"), in.wholeColumn(array, "right_child")
	feature := in.wholeColumn(array, "feature")
	impurity, weight := in.floatColumn(array, "impurity"), in.floatColumn(array, "weighted_n_node_samples")
	if in.err != nil {
		return nil
	}
	gains := make([]float64, n)
	for i := range left {
		if left[i] == -1 {
			continue
		}
		l, r, f := left[i], right[i], feature[i]
		if l < 0 || r < 0 || l >= int64(len(left)) || r >= int64(len(left)) || f < 0 || f >= n {
			in.broken("tree_: node %d has links out of range", i)
			return nil
		}
		gains[f] += weight[i]*impurity[i] - weight[l]*impurity[l] - weight[r]*impurity[r]
	}
	if len(weight) > 0 {
		scale(gains, weight[0])
	}
	if sum := pairwise(gains); normalise && sum > 0 {
		scale(gains, sum)
	}
	return gains
}

func scale(values []float64, by float64) {
	for i := range values {
		values[i] /= by
	}
}

// wholeColumn reads a whole-number member of the nodes.
func (a *attrs) wholeColumn(array *pickle.Array, name string) []int64 {
	c := a.column("nodes", array, name)
	if a.err != nil {
		return nil
	}
	values, err := c.Int64s()
	a.wrap(err)
	return values
}

// floatColumn reads a floating-point member of the nodes.
func (a *attrs) floatColumn(array *pickle.Array, name string) []float64 {
	c := a.column("nodes", array, name)
	if a.err != nil {
		return nil
	}
	values, err := c.Float64s()
	a.wrap(err)
	return values
}

// meanGains returns the mean of the gains of the trees that split at all. A forest
// normalises each tree's first, gradient boosting the mean only.
func (a *attrs) meanGains() []float64 {
	boosting := strings.HasPrefix(a.class.name, "GradientBoosting")
	var sum []float64
	trees := 0
	for i, v := range a.treesOf("estimators_") {
		t := a.child(fmt.Sprintf("estimators_[%d]", i), v)
		if t == nil {
			return nil
		}
		gains := t.gains(!boosting)
		if t.err != nil {
			a.err = t.err
			return nil
		}
		if !slices.ContainsFunc(gains, func(g float64) bool { return g != 0 }) {
			if sum == nil {
				sum = make([]float64, len(gains))
			}
			continue
		}
		if sum == nil {
			sum = make([]float64, len(gains))
		}
		if len(sum) != len(gains) {
			a.broken("estimators_[%d] takes %d features, those before it %d", i, len(gains), len(sum))
			return nil
		}
		for f, g := range gains {
			sum[f] += g
		}
		trees++
	}
	if trees == 0 || a.err != nil {
		return sum
	}
	scale(sum, float64(trees))
	if total := pairwise(sum); total > 0 {
		scale(sum, total)
	}
	return sum
}

// treesOf returns the members of a list, or of an array of objects.
func (a *attrs) treesOf(name string) []pickle.Value {
	if array, ok := a.value(name).(*pickle.Array); ok {
		return array.Objects
	}
	return a.list(name)
}
