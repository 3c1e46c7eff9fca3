package sklearn

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func selectClasses() []class {
	univariate := []string{"sklearn.feature_selection.univariate_selection", "sklearn.feature_selection._univariate_selection"}
	by := func(mask func(*attrs) []bool) func(*attrs) transform.Transformer {
		return func(a *attrs) transform.Transformer { return a.selection(mask(a)) }
	}
	return []class{
		{name: "VarianceThreshold", modules: []string{"sklearn.feature_selection.variance_threshold", "sklearn.feature_selection._variance_threshold"}, transformer: by(byVariance)},
		{name: "SelectKBest", modules: univariate, transformer: by(func(a *attrs) []bool { return a.bestScores("k") })},
		{name: "SelectPercentile", modules: univariate, transformer: by(func(a *attrs) []bool { return a.bestPercentile("percentile") })},
		{name: "SelectFpr", modules: univariate, transformer: by(func(a *attrs) []bool { return a.falsePositives("alpha") })},
		{name: "SelectFdr", modules: univariate, transformer: by(func(a *attrs) []bool { return a.falseDiscoveries("alpha") })},
		{name: "SelectFwe", modules: univariate, transformer: by(func(a *attrs) []bool { return a.familyWise("alpha") })},
		{name: "GenericUnivariateSelect", modules: univariate, transformer: by(byMode)},
		{name: "SelectFromModel", modules: []string{"sklearn.feature_selection.from_model", "sklearn.feature_selection._from_model"}, transformer: by(byImportance)},
		{name: "RFE", modules: []string{"sklearn.feature_selection.rfe", "sklearn.feature_selection._rfe"}, transformer: by(bySupport), model: eliminated},
		{name: "RFECV", modules: []string{"sklearn.feature_selection.rfe", "sklearn.feature_selection._rfe"}, transformer: by(bySupport), model: eliminated},
		{name: "SequentialFeatureSelector", modules: []string{"sklearn.feature_selection._sequential"}, transformer: by(bySupport)},
	}
}

// selection builds the selection of the columns whose place in mask is true.
func (a *attrs) selection(mask []bool) transform.Transformer {
	if a.err != nil {
		return nil
	}
	var kept []int32
	for i, keep := range mask {
		if keep {
			kept = append(kept, int32(i))
		}
	}
	if len(kept) == 0 {
		a.unsupported(hintServed, "it selects no feature")
		return nil
	}
	s, err := transform.NewSelect(len(mask), kept, a.selectsMissing())
	a.wrap(err)
	return s
}

// selectsMissing reports whether a selection accepts missing values: those that look at
// an estimator do where that does.
func (a *attrs) selectsMissing() bool {
	if a.class.name == "VarianceThreshold" {
		return a.version.since(0, 21)
	}
	if !a.has("estimator") {
		return false
	}
	e := a.fittedEstimator()
	return e != nil && e.takesMissing()
}

// takesMissing reports whether an estimator's predict accepts NaN.
func (a *attrs) takesMissing() bool {
	switch {
	case strings.HasPrefix(a.class.name, "HistGradientBoosting"):
		return true
	case singleTree(a.class.name):
		return a.treeTakesMissing()
	case strings.HasPrefix(a.class.name, "RandomForest"):
		return a.version.since(1, 4)
	case strings.HasPrefix(a.class.name, "ExtraTrees"):
		return a.version.since(1, 6)
	}
	return false
}

// where returns whether each of values fulfils a condition.
func where(values []float64, is func(float64) bool) []bool {
	mask := make([]bool, len(values))
	for i, v := range values {
		mask[i] = is(v)
	}
	return mask
}

func byVariance(a *attrs) []bool {
	variances, _ := a.floats("variances_")
	threshold := a.float("threshold")
	return where(variances, func(v float64) bool { return v > threshold })
}

// bySupport reads the mask itself.
func bySupport(a *attrs) []bool {
	support, _ := a.floats("support_")
	return where(support, func(v float64) bool { return v != 0 })
}

// eliminated builds the model that recursive elimination ended with: estimator_ on the
// features that are left.
func eliminated(a *attrs) mlapi.Model {
	chosen := a.selection(bySupport(a))
	m := a.predictor("estimator_", a.value("estimator_"), a.want)
	if a.err != nil {
		return nil
	}
	m = a.behind([]transform.Transformer{chosen}, m)
	if a.err == nil {
		m.Info().Estimator = a.class.name
	}
	return m
}

// cleanScores reads scores_, NaN as the least of all (_clean_nans).
func (a *attrs) cleanScores() []float64 {
	scores, _ := a.floats("scores_")
	for i, v := range scores {
		if v != v {
			scores[i] = -math.MaxFloat64
		}
	}
	return scores
}

// bestScores is SelectKBest: of equal scores the last are taken first
// (sklearn/feature_selection/_univariate_selection.py, for this and all below).
func (a *attrs) bestScores(name string) []bool {
	scores := a.cleanScores()
	mask := make([]bool, len(scores))
	k := len(scores)
	if a.text(name) != "all" {
		k = min(k, max(0, int(a.float(name))))
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(scores[i], scores[j]) })
	for _, i := range order[len(order)-k:] {
		mask[i] = true
	}
	return mask
}

func (a *attrs) bestPercentile(name string) []bool {
	scores, percentile := a.cleanScores(), a.float(name)
	if a.err != nil || len(scores) == 0 || percentile == 0 {
		return make([]bool, len(scores))
	}
	if percentile == 100 {
		return where(scores, func(float64) bool { return true })
	}
	threshold := quantile(scores, (100-percentile)/100)
	mask := where(scores, func(v float64) bool { return v > threshold })
	left := int(float64(len(scores)) * percentile / 100)
	for _, m := range mask {
		if m {
			left--
		}
	}
	for i, v := range scores {
		if v == threshold && left > 0 {
			mask[i] = true
			left--
		}
	}
	return mask
}

// quantile returns numpy's linear interpolation between the sorted values.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := min(max(int(math.Floor(at)), 0), len(sorted)-1)
	high := min(low+1, len(sorted)-1)
	t, a, b := at-float64(low), sorted[low], sorted[high]
	// numpy's _lerp: from the nearer end.
	if d := b - a; t >= 0.5 {
		return b - d*(1-t)
	}
	return a + (b-a)*t
}

func (a *attrs) falsePositives(name string) []bool {
	p, _ := a.floats("pvalues_")
	alpha := a.float(name)
	return where(p, func(v float64) bool { return v < alpha })
}

func (a *attrs) falseDiscoveries(name string) []bool {
	p, _ := a.floats("pvalues_")
	alpha, greatest := a.float(name), math.Inf(-1)
	n := float64(len(p))
	for i, v := range slices.Sorted(slices.Values(p)) {
		if v <= alpha/n*float64(i+1) {
			greatest = v
		}
	}
	return where(p, func(v float64) bool { return v <= greatest })
}

func (a *attrs) familyWise(name string) []bool {
	p, _ := a.floats("pvalues_")
	limit := a.float(name) / float64(len(p))
	return where(p, func(v float64) bool { return v < limit })
}

// byMode is GenericUnivariateSelect: one of the others by name.
func byMode(a *attrs) []bool {
	switch mode := a.text("mode"); mode {
	case "percentile":
		return a.bestPercentile("param")
	case "k_best":
		return a.bestScores("param")
	case "fpr":
		return a.falsePositives("param")
	case "fdr":
		return a.falseDiscoveries("param")
	case "fwe":
		return a.familyWise("param")
	default:
		a.unsupported(hintServed, "mode=%q is unknown", mode)
	}
	return nil
}

// fittedEstimator opens the estimator that importances are taken from: estimator_, or the
// one that was given fitted.
func (a *attrs) fittedEstimator() *attrs {
	if a.has("estimator_") {
		return a.child("estimator_", a.value("estimator_"))
	}
	return a.child("estimator", a.value("estimator"))
}

// byImportance is SelectFromModel (sklearn/feature_selection/_from_model.py).
func byImportance(a *attrs) []bool {
	e := a.fittedEstimator()
	if a.err != nil {
		return nil
	}
	if getter, ok := a.object.Attr("importance_getter"); ok && getter != "auto" {
		a.unsupported(hintServed, "importance_getter is not 'auto'")
		return nil
	}
	order := 1.0
	if a.has("norm_order") {
		order = a.float("norm_order")
	}
	importances := e.importances(order)
	if a.err = cmp.Or(a.err, e.err); a.err != nil {
		return nil
	}
	threshold := a.importanceLimit(e, importances)
	mask := where(importances, func(float64) bool { return true })
	if a.has("max_features") {
		v, _ := a.object.Attr("max_features")
		if a.has("max_features_") { // what a function made of it
			v, _ = a.object.Attr("max_features_")
		}
		n, ok := pickle.AsInt(v)
		if !ok {
			a.unsupported(hintServed, "max_features is no number")
			return nil
		}
		mask = mostImportant(importances, int(min(max(n, 0), int64(len(importances)))))
	}
	for i, v := range importances {
		if v < threshold {
			mask[i] = false
		}
	}
	return mask
}

// mostImportant returns a mask of the n greatest, the first of equal ones.
func mostImportant(importances []float64, n int) []bool {
	order := make([]int, len(importances))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(importances[j], importances[i]) })
	mask := make([]bool, len(importances))
	for _, i := range order[:n] {
		mask[i] = true
	}
	return mask
}
