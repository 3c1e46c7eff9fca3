package sklearn

import (
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/neighbors"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func imputeClasses() []class {
	base := []string{"sklearn.impute", "sklearn.impute._base"}
	iterative := []string{"sklearn.impute", "sklearn.impute._iterative"}
	return []class{
		{name: "SimpleImputer", modules: base, transformer: simpleImputer},
		{name: "MissingIndicator", modules: base, transformer: missingIndicator},
		{name: "IterativeImputer", modules: iterative, transformer: iterativeImputer},
		{name: "_ImputerTriplet", modules: iterative},
		{name: "ImputerTriplet", modules: iterative},
		{name: "KNNImputer", modules: []string{"sklearn.impute._knn"}, transformer: neighborsImputer},
		{name: "Imputer", modules: []string{"sklearn.preprocessing.imputation"}, transformer: oldImputer},
	}
}

const hintEmpty = "fit it to data in which values are missing, or with features=\"all\"; or save it in a FeatureUnion with the imputer beside it"

// missing reads which values are missing: NaN and None are the same here.
func (a *attrs) missing() transform.Missing {
	v, _ := a.object.Attr("missing_values")
	if o, ok := v.(*pickle.Object); ok && o.Class.Name == "NAType" || v == nil || v == "NaN" && a.class.name == "Imputer" {
		return transform.Missing{Value: math.NaN()}
	}
	if s, ok := pickle.AsString(v); ok {
		return transform.Missing{Text: s, IsText: true}
	}
	f, ok := pickle.AsFloat(v)
	if !ok || math.IsInf(f, 0) {
		a.unsupported(hintServed, "its missing_values are %s, which is not served", describeValue(v))
	}
	return transform.Missing{Value: f}
}

// told returns the columns that an imputer's indicator tells of: indicator_, a
// MissingIndicator, where add_indicator is set (since 0.21).
func (a *attrs) told() []int32 {
	if a.err != nil || !a.has("add_indicator") || !a.bool("add_indicator") || !a.has("indicator_") {
		return nil
	}
	c := a.child("indicator_", a.value("indicator_"))
	if a.err != nil {
		return nil
	}
	columns := c.columnNumbers("features_")
	a.err = c.err
	return columns
}

// columnNumbers reads an attribute that is an array of columns.
func (a *attrs) columnNumbers(name string) []int32 {
	list := a.wholes(name)
	columns := make([]int32, len(list))
	for i, c := range list {
		if c < 0 || c > math.MaxInt32 {
			a.broken("attribute %s has the column %d", name, c)
			return nil
		}
		columns[i] = int32(c)
	}
	return columns
}

// keepsEmpty reads keep_empty_features (since 1.2): whether columns stay of which all
// values are missing.
func (a *attrs) keepsEmpty() bool {
	return a.has("keep_empty_features") && a.bool("keep_empty_features")
}

// simpleImputer follows sklearn/impute/_base.py.
func simpleImputer(a *attrs) transform.Transformer {
	// A constant was filled in whatever it is, up to 1.5.
	keep := a.keepsEmpty() || a.text("strategy") == "constant" && !a.version.since(1, 6)
	columns := a.fillings(keep)
	missing, told := a.missing(), a.told()
	if a.err != nil {
		return nil
	}
	p, err := transform.NewImputer(columns, missing, told)
	a.wrap(err)
	return p
}

// fillings reads statistics_: what is filled in, by column. Without keep a column is left
// out of which nothing was known (NaN).
func (a *attrs) fillings(keep bool) []transform.Filling {
	array := a.array("statistics_")
	if a.err != nil || !a.charge(64*int64(elements(array))) {
		return nil
	}
	items, err := pickle.Elements(array)
	if a.wrap(err); a.err == nil && (len(items) == 0 || len(array.Shape) != 1) {
		a.broken("attribute statistics_ has the shape %v", array.Shape)
	}
	columns := make([]transform.Filling, len(items))
	for i, v := range items {
		c := &columns[i]
		if s, ok := pickle.AsString(v); ok {
			c.Text, c.IsText = s, true
			continue
		}
		if c.Value = math.NaN(); v != nil {
			f, ok := pickle.AsFloat(v)
			if !ok || math.IsInf(f, 0) {
				a.unsupported(hintServed, "statistics_[%d] is %s, which is not served", i, describeValue(v))
				return nil
			}
			c.Value = f
			c.Drop = f != f && !keep
		}
	}
	return columns
}

// oldImputer is sklearn.preprocessing.Imputer, up to 0.21.
func oldImputer(a *attrs) transform.Transformer {
	if a.int("axis") != 0 {
		a.unsupported(hintServed, "axis=1 fills in what lies in the same row, which is not served")
	}
	columns, missing := a.fillings(false), a.missing()
	if a.err != nil {
		return nil
	}
	p, err := transform.NewImputer(columns, missing, nil)
	a.wrap(err)
	return p
}

func missingIndicator(a *attrs) transform.Transformer {
	columns, missing := a.columnNumbers("features_"), a.missing()
	in := a.featureCount("n_features_in_", "_n_features", "n_features_")
	strict := a.text("features") == "missing-only" && a.bool("error_on_new")
	if a.err != nil || !a.charge(2*int64(in)) {
		return nil
	}
	t, err := transform.NewIndicator(in, columns, missing, strict)
	a.wrap(err)
	return t
}

// iterativeImputer follows sklearn/impute/_iterative.py: transform. A row is filled in as
// if others with values were asked with it.
func iterativeImputer(a *attrs) transform.Transformer {
	if a.bool("sample_posterior") {
		a.unsupported(hintServed, "sample_posterior=True fills in by chance, which is not served")
	}
	told := a.told()
	first := a.firstImputer()
	if a.err != nil {
		return nil
	}
	_, width := first.Width()
	low, high := a.limits("_min_value", math.Inf(-1), width), a.limits("_max_value", math.Inf(1), width)
	var steps []transform.Guess
	if a.int("n_iter_") > 0 {
		steps = a.guesses(low, high)
	}
	if a.err != nil {
		return nil
	}
	t, err := transform.NewIterative(first, steps, told)
	a.wrap(err)
	return t
}

// firstImputer builds initial_imputer_.
func (a *attrs) firstImputer() *transform.Imputer {
	t := a.transformer("initial_imputer_", a.value("initial_imputer_"))
	first, ok := t.(*transform.Imputer)
	if a.err == nil && !ok {
		a.wrong("initial_imputer_", "a SimpleImputer")
	}
	return first
}

// limits reads a bound of what is filled in: a number, or one for each column.
func (a *attrs) limits(name string, none float64, width int) []float64 {
	list := []float64{none}
	if a.has(name) {
		list, _ = a.floats(name)
	}
	if a.err != nil || !a.charge(8*int64(width)) {
		return nil
	}
	for len(list) == 1 && len(list) < width {
		for range width - 1 {
			list = append(list, list[0])
		}
	}
	if len(list) < width {
		a.broken("attribute %s has a bound for %d of %d columns", name, len(list), width)
	}
	return list
}

// guesses reads imputation_sequence_: triplets of a column, those that it is made of, and
// the estimator.
func (a *attrs) guesses(low, high []float64) []transform.Guess {
	list := a.list("imputation_sequence_")
	steps := make([]transform.Guess, 0, len(list))
	for i, v := range list {
		what := fmt.Sprintf("imputation_sequence_[%d]", i)
		o, ok := v.(*pickle.Object)
		if a.err == nil && (!ok || len(o.Args) != 3) {
			a.broken("%s is not a column, its neighbours and an estimator", what)
		}
		if a.err != nil {
			return nil
		}
		column, isInt := pickle.AsInt(o.Args[0])
		array, isArray := o.Args[1].(*pickle.Array)
		if !isInt || !isArray || column < 0 || column >= int64(len(low)) || !a.charge(16*int64(elements(array))) {
			a.broken("%s has no column and no neighbours", what)
			return nil
		}
		from, err := array.Int64s()
		a.wrap(err)
		s := transform.Guess{Column: int(column), From: make([]int32, len(from)), Low: low[column], High: high[column]}
		for k, c := range from {
			if c < 0 || c >= int64(len(low)) {
				a.broken("%s has the neighbour %d of %d", what, c, len(low))
				return nil
			}
			s.From[k] = int32(c)
		}
		s.Model = a.predictor(what, o.Args[2], mlapi.NoScores)
		steps = append(steps, s)
	}
	return steps
}

// neighborsImputer follows sklearn/impute/_knn.py: transform.
func neighborsImputer(a *attrs) transform.Transformer {
	if metric := a.text("metric"); metric != "nan_euclidean" {
		a.unsupported(hintMetric, "its metric is not nan_euclidean")
	}
	byDistance := a.text("weights") == "distance"
	if w, _ := a.object.Attr("weights"); !byDistance && w != "uniform" {
		a.unsupported(hintMetric, "its weights are %s, which is not served", describeValue(w))
	}
	samples, shape := a.floats("_fit_X")
	mask, maskShape := a.floats("_mask_fit_X")
	missing, told, k, keep := a.missing(), a.told(), a.int("n_neighbors"), a.keepsEmpty()
	if a.err == nil && (len(shape) != 2 || len(maskShape) != 2 || len(mask) != len(samples) || shape[1] < 1) {
		a.broken("_fit_X has the shape %v and _mask_fit_X %v", shape, maskShape)
	}
	if a.err != nil || !a.charge(32*int64(shape[0]+shape[1])) {
		return nil
	}
	known := make([]bool, shape[1])
	for at, m := range mask {
		if m != 0 {
			samples[at] = math.NaN()
		}
		known[at%shape[1]] = known[at%shape[1]] || samples[at] == samples[at]
	}
	var kept []int32
	for i, is := range known {
		if is || keep {
			kept = append(kept, int32(i))
		}
	}
	t, err := transform.NewDonors(shape[1], samples, kept, missing, k, byDistance, told, neighbors.Partition)
	a.wrap(err)
	return t
}
