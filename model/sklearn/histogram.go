package sklearn

import (
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
	"example.com/mlapi/model/tree"
)

func histogramClasses() []class {
	module := "sklearn.ensemble._hist_gradient_boosting."
	modules := []string{module + "gradient_boosting"}
	return []class{
		{name: "HistGradientBoostingClassifier", modules: modules, model: histogramClassifier},
		{name: "HistGradientBoostingRegressor", modules: modules, model: histogramRegressor},
		{name: "TreePredictor", modules: []string{module + "predictor"}},
		{name: "_BinMapper", modules: []string{module + "binning"}},
	}
}

// histogramClassifier follows sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py.
func histogramClassifier(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	how := ensemble.Gradient{Link: ensemble.Softmax, Class: ensemble.Choose}
	outputs := len(info.Classes)
	if outputs <= 2 {
		outputs, how.Link = 1, ensemble.Expit(1)
	}
	// Up to 1.4 the class is the most probable one.
	if !a.version.since(1, 5) {
		how.Class = ensemble.ChooseProbable(1)
	}
	switch loss := a.text("loss"); loss {
	case "auto", "log_loss", "binary_crossentropy", "categorical_crossentropy":
	default:
		a.unsupported(hintServed, "loss=%q is unknown", loss)
	}
	if a.want == mlapi.Decision {
		info.Scores, how.Link = mlapi.Decision, nil
	}
	return a.histogram(info, outputs, how)
}

func histogramRegressor(a *attrs) mlapi.Model {
	info := a.describe(mlapi.Regressor)
	info.Outputs = 1
	var how ensemble.Gradient
	switch loss := a.text("loss"); loss {
	case "squared_error", "least_squares", "absolute_error", "least_absolute_deviation", "quantile":
	case "poisson", "gamma":
		how.Link = func(dst, margins []float64) { dst[0] = math.Exp(margins[0]) }
	default:
		a.unsupported(hintServed, "loss=%q is unknown", loss)
	}
	return a.histogram(info, 1, how)
}

// histogram builds histogram gradient boosting of so many sums.
func (a *attrs) histogram(info *mlapi.Info, outputs int, how ensemble.Gradient) mlapi.Model {
	features := a.featureCount("n_features_in_", "_n_features", "n_features_")
	if a.err == nil && features > maxTreeFeatures {
		a.unsupported(hintServed, "it takes %d features, and trees of more than %d are not served", features, maxTreeFeatures)
	}
	base, _ := a.floats("_baseline_prediction")
	if a.err == nil && len(base) != outputs {
		a.broken("%d sums start from %d numbers", outputs, len(base))
	}
	trees := a.histogramTrees(outputs, a.knownCategories(features))
	if a.err != nil {
		return nil
	}
	b, err := tree.PackBoosted(trees, tree.BoostOptions{
		Features: features, Outputs: outputs, Compare: tree.Float64AtMost, Base: base,
		Missing: a.version.since(0, 22), // sklearn: check_array(force_all_finite=False) since then
	})
	a.wrap(err)
	before := a.histogramPreprocessor(features)
	if info.Features = a.features(features); a.err != nil {
		return nil
	}
	if before == nil {
		m, err := ensemble.NewBoosting(info, b, how)
		a.wrap(err)
		return m
	}
	inner := *info
	inner.Features = a.r.unnamedFeatures(features)
	m, err := ensemble.NewBoosting(&inner, b, how)
	a.wrap(err)
	if info.Features = a.pipelineFeatures(before, features, nil); a.err != nil {
		return nil
	}
	p, err := transform.NewPipeline(info, before, m)
	a.wrap(err)
	return p
}

// histogramTrees reads the trees: iterations x outputs.
func (a *attrs) histogramTrees(outputs int, known map[int64][]uint32) []tree.BoostedTree {
	var trees []tree.BoostedTree
	for i, v := range a.list("_predictors") {
		list, ok := v.(*pickle.List)
		if !ok || len(list.Items) != outputs {
			a.broken("_predictors[%d] is not a tree for each of %d sums", i, outputs)
			return nil
		}
		for k, v := range list.Items {
			in := a.inside(fmt.Sprintf("_predictors[%d][%d]", i, k), v, "TreePredictor")
			if a.err != nil {
				return nil
			}
			t := in.histogramTree(known)
			if a.err = in.err; a.err != nil {
				return nil
			}
			t.Output = k
			trees = append(trees, t)
		}
	}
	return trees
}

// histogramTree reads the records of the nodes by the names of their members: their
// order and size change between releases.
func (a *attrs) histogramTree(known map[int64][]uint32) tree.BoostedTree {
	var t tree.BoostedTree
	array := a.array("nodes")
	if a.err != nil || !a.charge(nodeBytes*int64(elements(array))) {
		return t
	}
	if len(array.Shape) != 1 {
		a.wrong("nodes", "a list of records")
		return t
	}
	t.Left, t.Right = a.ints("nodes", array, "left"), a.ints("nodes", array, "right")
	t.Feature = a.ints("nodes", array, "feature_idx")
	threshold := "num_threshold"
	if !hasField(array, threshold) {
		threshold = "threshold" // up to 0.23
	}
	t.Threshold, t.Values = a.numbersOf(array, threshold), a.numbersOf(array, "value")
	leaves := a.ints("nodes", array, "is_leaf")
	if a.err != nil {
		return t
	}
	for i, leaf := range leaves {
		if leaf != 0 {
			t.Left[i], t.Right[i] = -1, -1
		}
	}
	if hasField(array, "missing_go_to_left") { // since 0.22
		missing := a.ints("nodes", array, "missing_go_to_left")
		t.MissingLeft = make([]bool, len(missing))
		for i, v := range missing {
			t.MissingLeft[i] = v != 0
		}
	}
	if hasField(array, "is_categorical") { // since 0.24
		a.categorySplits(&t, array, leaves, known)
	}
	return t
}

func hasField(array *pickle.Array, name string) bool {
	for _, f := range array.Dtype.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// numbersOf returns a member of an array of records.
func (a *attrs) numbersOf(array *pickle.Array, name string) []float64 {
	column := a.column("nodes", array, name)
	if a.err != nil {
		return nil
	}
	values, err := column.Float64s()
	if err != nil {
		a.broken("nodes: %s: %v", name, err)
	}
	return values
}

// setWords is how many words a set of categories has: 256 bits.
const setWords = 8

// categorySplits reads the sets of categories that go left.
func (a *attrs) categorySplits(t *tree.BoostedTree, array *pickle.Array, leaves []int64, known map[int64][]uint32) {
	categorical, index := a.ints("nodes", array, "is_categorical"), a.ints("nodes", array, "bitset_idx")
	words, shape := a.words("raw_left_cat_bitsets")
	if a.err != nil {
		return
	}
	if len(words) > 0 && (len(shape) != 2 || shape[1] != setWords) {
		a.broken("attribute raw_left_cat_bitsets has the shape %v", shape)
		return
	}
	for i, c := range categorical {
		if c == 0 || leaves[i] != 0 {
			continue
		}
		if index[i] < 0 || index[i] >= int64(len(words)/setWords) {
			a.broken("node %d splits by the set %d of %d", i, index[i], len(words)/setWords)
			return
		}
		if t.Category == nil {
			t.Category = make([]int32, len(categorical))
			for k := range t.Category {
				t.Category[k] = -1
			}
		}
		from := int(index[i]) * setWords
		t.Category[i] = int32(len(t.Sets))
		t.Sets = append(t.Sets, tree.CategorySet{Bits: words[from : from+setWords], Left: true, Known: known[t.Feature[i]]})
		if known[t.Feature[i]] == nil {
			a.broken("node %d splits feature %d by categories, and it has none", i, t.Feature[i])
			return
		}
	}
}

// words returns an attribute that is an array of 32-bit words.
func (a *attrs) words(name string) (words []uint32, shape []int) {
	array := a.array(name)
	if a.err != nil || !a.charge(12*int64(elements(array))) {
		return nil, nil
	}
	values, err := array.Int64s()
	if err != nil {
		a.broken("attribute %s: %v", name, err)
		return nil, nil
	}
	words = make([]uint32, len(values))
	for i, v := range values {
		words[i] = uint32(v)
	}
	return words, array.Shape
}

// knownCategories reads, by feature, the set of the categories that were there when
// the trees were trained (sklearn/ensemble/_hist_gradient_boosting/binning.py:
// make_known_categories_bitsets).
func (a *attrs) knownCategories(features int) map[int64][]uint32 {
	if a.err != nil || !a.has("_bin_mapper") || !a.version.since(0, 24) {
		return nil
	}
	in := a.partOf("_bin_mapper", "_BinMapper")
	if a.err != nil {
		return nil
	}
	flags, err := pickle.Floats(in.value("is_categorical_"))
	thresholds := in.list("bin_thresholds_")
	if in.err == nil && (err != nil || len(flags) != features || len(thresholds) != features) {
		in.broken("the categories of %d features are not those of %d", len(flags), features)
	}
	if a.err = in.err; a.err != nil {
		return nil
	}
	known := make(map[int64][]uint32)
	for f, flag := range flags {
		if flag == 0 {
			continue
		}
		values, err := pickle.Floats(thresholds[f])
		if err != nil {
			a.broken("the categories of feature %d: %v", f, err)
			return nil
		}
		set := make([]uint32, setWords)
		for _, v := range values {
			if !(v >= 0 && v < 32*setWords) {
				a.broken("feature %d has the category %v", f, v)
				return nil
			}
			set[int(v)/32] |= 1 << (int(v) % 32)
		}
		known[int64(f)] = set
	}
	return known
}

// histogramPreprocessor builds what encodes the categories and puts their columns in
// front, since 1.4; nil where there is nothing to encode. The other columns go through
// a function that only checks them.
func (a *attrs) histogramPreprocessor(features int) []transform.Transformer {
	if a.err != nil || !a.has("_preprocessor") {
		return nil
	}
	in := a.partOf("_preprocessor", "ColumnTransformer")
	if a.err != nil {
		return nil
	}
	var blocks []transform.Block
	for i, v := range in.list("transformers_") {
		part, ok := v.(*pickle.Tuple)
		if !ok || len(part.Items) < 3 {
			in.broken("transformers_[%d] is not a name, a transformer and columns", i)
			break
		}
		b := transform.Block{Transformer: transform.Passthrough{}, Weight: 1, Columns: in.masked(part.Items[2], features)}
		if part.Items[0] == "encoder" {
			b.Transformer = in.transformer("encoder", part.Items[1])
		}
		if in.err == nil && len(b.Columns) > 0 {
			blocks = append(blocks, b)
		}
	}
	if a.err = in.err; a.err != nil {
		return nil
	}
	c := a.columns(features, blocks, transform.StackDense)
	if a.err != nil {
		return nil
	}
	return []transform.Transformer{c}
}

// masked returns the columns that a list of truth values names; an empty list names
// none.
func (a *attrs) masked(v pickle.Value, features int) []int {
	flags, err := pickle.Floats(v)
	if err != nil || len(flags) != 0 && len(flags) != features {
		a.broken("the columns of the encoder are no truth value for each of %d features", features)
		return nil
	}
	var columns []int
	for i, f := range flags {
		if f != 0 {
			columns = append(columns, i)
		}
	}
	return columns
}
