package sklearn

import (
	"testing"

	"example.com/mlapi/model/pickle"
)

// itemOf returns the object at a place of a list attribute.
func itemOf(o *pickle.Object, name string, i int) *pickle.Object {
	return get[*pickle.List](o, name).Items[i].(*pickle.Object)
}

// shorten takes the last item of a list attribute away.
func shorten(o *pickle.Object, name string) {
	if t, ok := get[pickle.Value](o, name).(*pickle.Tuple); ok {
		t.Items = t.Items[:len(t.Items)-1]
		return
	}
	l := get[*pickle.List](o, name)
	l.Items = l.Items[:len(l.Items)-1]
}

func TestContradictoryEnsembleIsRefused(t *testing.T) {
	const voting, hard, bag, ada, adaRegressor = "zoo/1.5.2/voting_soft_weights", "zoo/1.5.2/voting_hard", "zoo/1.5.2/bagging_features", "zoo/1.5.2/ada_samme_3class", "zoo/1.5.2/ada_regressor_linear"
	refuse(t, []contradiction{
		{"another voting", voting, func(o *pickle.Object) { set(o, "voting", "loud") }, `voting="loud"`},
		{"a weight less", voting, func(o *pickle.Object) { shorten(o, "weights") }, "2 weights for 3 estimators"},
		{"weights that are words", voting, func(o *pickle.Object) { get[*pickle.List](o, "weights").Items[0] = "x" }, "weights"},
		{"no voters", voting, func(o *pickle.Object) { set(o, "estimators_", &pickle.List{}); set(o, "weights", nil) }, "no estimators"},
		{"a voter that is none", voting, func(o *pickle.Object) { get[*pickle.List](o, "estimators_").Items[0] = "x" }, "estimators_[0]"},
		{"a voter inside itself", voting, func(o *pickle.Object) { get[*pickle.List](o, "estimators_").Items[0] = o }, "inside each other"},
		{"a voter of words", hard, func(o *pickle.Object) {
			set(itemOf(o, "estimators_", 0), "classes_", get[*pickle.Array](o, "classes_"))
		}, "instead of a number below 3"},
		{"a voter of other classes", voting, func(o *pickle.Object) {
			array := get[*pickle.Array](itemOf(o, "estimators_", 1), "classes_")
			array.Data[0], array.Data[8] = 1, 0
		}, "estimators_[1] has other classes"},
		{"a set of features less", bag, func(o *pickle.Object) { shorten(o, "estimators_features_") }, "3 estimators have 2 sets of features"},
		{"a feature out of range", bag, func(o *pickle.Object) {
			get[*pickle.List](o, "estimators_features_").Items[0].(*pickle.Array).Data[0] = 4
		}, "feature 4 of 4"},
		{"features that are words", bag, func(o *pickle.Object) { get[*pickle.List](o, "estimators_features_").Items[0] = "x" }, "is not an array"},
		{"another number of features", bag, func(o *pickle.Object) { resizeItem(o, "estimators_features_", 1) }, "takes 2 features"},
		{"a boosting weight less", ada, func(o *pickle.Object) { resize(o, "estimator_weights_", 1) }, "1 weights"},
		{"boosted other classes", ada, func(o *pickle.Object) { resize(itemOf(o, "estimators_", 0), "classes_", 2) }, "values have the shape"},
		{"a median weight less", adaRegressor, func(o *pickle.Object) { resize(o, "estimator_weights_", 1) }, "1 weights for 4 members"},
	})
}

// resizeItem gives the first array of a list another size.
func resizeItem(o *pickle.Object, name string, size int) {
	a := get[*pickle.List](o, name).Items[0].(*pickle.Array)
	a.Shape, a.Data = []int{size}, a.Data[:size*a.Dtype.Size]
}

func TestContradictoryStackIsRefused(t *testing.T) {
	const stack, calibrated, isotonic = "zoo/1.5.2/stacking_3class", "zoo/1.5.2/calibrated_sigmoid_3class", "zoo/1.5.2/calibrated_isotonic"
	inner := func(o *pickle.Object) *pickle.Object { return itemOf(o, "calibrated_classifiers_", 0) }
	refuse(t, []contradiction{
		{"a method less", stack, func(o *pickle.Object) { shorten(o, "stack_method_") }, "3 estimators have 2 methods"},
		{"another method", stack, func(o *pickle.Object) { get[*pickle.List](o, "stack_method_").Items[0] = "guess" }, `"guess", which is unknown`},
		{"no decision values", stack, func(o *pickle.Object) { get[*pickle.List](o, "stack_method_").Items[0] = "decision_function" }, "no scores of the kind decision"},
		{"another width", stack, func(o *pickle.Object) { set(o, "passthrough", true) }, "and is given"},
		{"final inside itself", stack, func(o *pickle.Object) { set(o, "final_estimator_", o) }, "inside each other"},
		{"a calibrator less", calibrated, func(o *pickle.Object) { shorten(inner(o), "calibrators") }, "3 scores, 2 calibrators"},
		{"a calibrator more", calibrated, func(o *pickle.Object) {
			l := get[*pickle.List](inner(o), "calibrators")
			l.Items = append(l.Items, l.Items[0])
		}, "4 calibrators for 3 classes"},
		{"a calibrator that is none", calibrated, func(o *pickle.Object) { get[*pickle.List](inner(o), "calibrators").Items[0] = o }, "calibrators[0] is"},
		{"calibrated nothing", calibrated, func(o *pickle.Object) { set(o, "calibrated_classifiers_", &pickle.List{}) }, "no calibrated classifiers"},
		{"calibrated something else", calibrated, func(o *pickle.Object) { get[*pickle.List](o, "calibrated_classifiers_").Items[0] = o }, "want a _CalibratedClassifier"},
		{"a slope that is no number", calibrated, func(o *pickle.Object) { set(itemOf(inner(o), "calibrators", 0), "a_", "x") }, "a_ is not a number"},
		{"calibrated other classes", isotonic, func(o *pickle.Object) { get[*pickle.Array](o, "classes_").Data[0] = 'x' }, "none of its own"},
		{"steps that descend", isotonic, func(o *pickle.Object) {
			get[*pickle.Array](itemOf(inner(o), "calibrators", 0), "X_thresholds_").Data[7] ^= 0x80
		}, "ascend"},
	})
}

func TestContradictoryMulticlassIsRefused(t *testing.T) {
	const rest, one, code, chain, multi = "zoo/1.5.2/rest_logistic", "zoo/1.5.2/one_svc", "zoo/1.5.2/code", "zoo/1.5.2/chain", "zoo/1.5.2/multi_logistic"
	refuse(t, []contradiction{
		{"a class less", rest, func(o *pickle.Object) { shorten(o, "estimators_") }, "2 scores for 3 classes"},
		{"nobody", rest, func(o *pickle.Object) { set(o, "estimators_", &pickle.List{}) }, "no estimators"},
		{"no binarizer", rest, func(o *pickle.Object) { set(o, "label_binarizer_", "x") }, "label_binarizer_ is not a LabelBinarizer"},
		{"a pair less", one, func(o *pickle.Object) { shorten(o, "estimators_") }, "2 members for the pairs of 3 classes"},
		{"a kernel from elsewhere", one, func(o *pickle.Object) { set(o, "pairwise_indices_", &pickle.List{}) }, "kernel"},
		{"a code book of another size", code, func(o *pickle.Object) { resize(o, "code_book_", 2) }, "code_book_ has the shape"},
		{"an order of others", chain, func(o *pickle.Object) { resize(o, "order_", 2) }, "3 estimators have the order of 2"},
		{"an order out of range", chain, func(o *pickle.Object) { get[*pickle.Array](o, "order_").Data[0] = 9 }, "output 9 of 3"},
		{"an order of one twice", chain, func(o *pickle.Object) { get[*pickle.Array](o, "order_").Data[0] = 1 }, "order of the outputs"},
		{"another chain", chain, func(o *pickle.Object) { set(o, "chain_method_", "guess") }, `chain_method_="guess"`},
		{"a chain of another width", chain, func(o *pickle.Object) {
			l := get[*pickle.List](o, "estimators_")
			l.Items[0], l.Items[1] = l.Items[1], l.Items[0]
		}, "features"},
		{"an output inside itself", multi, func(o *pickle.Object) { get[*pickle.List](o, "estimators_").Items[0] = o }, "inside each other"},
	})
}

func TestContradictoryBoostingIsRefused(t *testing.T) {
	const gb, hist, categories = "zoo/1.5.2/boosting_3class", "zoo/1.5.2/hist_3class", "zoo/1.5.2/hist_mask"
	predictor := func(o *pickle.Object) *pickle.Object {
		return get[*pickle.List](o, "_predictors").Items[0].(*pickle.List).Items[0].(*pickle.Object)
	}
	refuse(t, []contradiction{
		{"another loss", gb, func(o *pickle.Object) { set(o, "loss", "guess") }, `loss="guess"`},
		{"trees of other outputs", gb, func(o *pickle.Object) {
			a := get[*pickle.Array](o, "estimators_")
			a.Shape = []int{a.Shape[0] * 3, 1}
		}, "estimators_ has the shape"},
		{"no tree", gb, func(o *pickle.Object) { get[*pickle.Array](o, "estimators_").Objects[0] = "x" }, "estimators_[0] is not a single tree"},
		{"a rate that is no number", gb, func(o *pickle.Object) { set(o, "learning_rate", "x") }, "learning_rate is not a number"},
		{"a start that is none", gb, func(o *pickle.Object) { set(o, "init_", "x") }, "init_ is not an estimator"},
		{"a start of one class", gb, func(o *pickle.Object) {
			resize(inside(o, "init_"), "classes_", 1)
			resize(inside(o, "init_"), "class_prior_", 1)
		}, "init_ is a classifier that does not fit"},
		{"a start inside itself", gb, func(o *pickle.Object) { set(o, "init_", o) }, "inside each other"},
		{"another histogram loss", hist, func(o *pickle.Object) { set(o, "loss", "guess") }, `loss="guess"`},
		{"a base less", hist, func(o *pickle.Object) { set(o, "_baseline_prediction", 0.5) }, "3 sums start from 1 numbers"},
		{"a tree less", hist, func(o *pickle.Object) {
			l := get[*pickle.List](o, "_predictors").Items[0].(*pickle.List)
			l.Items = l.Items[:2]
		}, "is not a tree for each of 3 sums"},
		{"a predictor that is none", hist, func(o *pickle.Object) {
			get[*pickle.List](o, "_predictors").Items[0].(*pickle.List).Items[0] = o
		}, "want a TreePredictor"},
		{"nodes without a value", hist, func(o *pickle.Object) {
			fields := get[*pickle.Array](predictor(o), "nodes").Dtype.Fields
			for i := range fields {
				if fields[i].Name == "value" {
					fields[i].Name = "worth"
				}
			}
		}, "no field value"},
		{"sets of another size", categories, func(o *pickle.Object) {
			splitByCategory(predictor(o))
			a := get[*pickle.Array](predictor(o), "raw_left_cat_bitsets")
			a.Shape = []int{8}
		}, "raw_left_cat_bitsets has the shape"},
		{"no sets", categories, func(o *pickle.Object) {
			splitByCategory(predictor(o))
			set(predictor(o), "raw_left_cat_bitsets", &pickle.Array{Dtype: pickle.Dtype{Kind: 'u', Size: 4}, Shape: []int{0, 8}})
		}, "the set 0 of 0"},
		{"a split by what has no categories", categories, func(o *pickle.Object) { splitByCategory(predictor(o)) }, "by categories, and it has none"},
		{"categories of others", categories, func(o *pickle.Object) { shorten(inside(o, "_bin_mapper"), "bin_thresholds_") }, "categories"},
		{"an encoder for others", categories, func(o *pickle.Object) {
			l := get[*pickle.List](inside(o, "_preprocessor"), "transformers_")
			items := l.Items[0].(*pickle.Tuple).Items
			a := items[2].(*pickle.Array)
			a.Shape, a.Data = []int{2}, a.Data[:2]
		}, "no truth value for each of 4 features"},
	})
}

// splitByCategory makes the first split of a tree one by category, of a set of none.
func splitByCategory(predictor *pickle.Object) {
	a := get[*pickle.Array](predictor, "nodes")
	for _, f := range a.Dtype.Fields {
		if f.Name == "is_categorical" {
			a.Data[f.Offset] = 1
		}
	}
	set(predictor, "raw_left_cat_bitsets", &pickle.Array{Dtype: pickle.Dtype{Kind: 'u', Size: 4}, Shape: []int{1, 8}, Data: make([]byte, 32)})
}

func TestContradictoryTargetIsRefused(t *testing.T) {
	const target, scaled = "zoo/1.5.2/target_log1p", "zoo/1.5.2/target_outputs"
	inverse := func(v pickle.Value) func(o *pickle.Object) {
		return func(o *pickle.Object) { set(inside(o, "transformer_"), "inverse_func", v) }
	}
	refuse(t, []contradiction{
		{"a function of somebody's own", target, inverse(pickle.Global{Module: "mine", Name: "expm1"}), "inverse_func is a class or function"},
		{"a function that is not known", target, inverse(pickle.Global{Module: "numpy", Name: "argmax"}), "numpy.argmax is not served"},
		{"a function with arguments", target, func(o *pickle.Object) {
			d := &pickle.Dict{}
			d.Set("decimals", int64(2))
			set(inside(o, "transformer_"), "inv_kw_args", d)
		}, "has arguments"},
		{"a transformer that is none", target, func(o *pickle.Object) { set(o, "transformer_", o) }, "transformer_ is"},
		{"a regressor that is none", target, func(o *pickle.Object) { set(o, "regressor_", "x") }, "regressor_ is text"},
		{"a scale less", scaled, func(o *pickle.Object) { resize(inside(o, "transformer_"), "scale_", 1) }, "1 numbers for 2 outputs"},
	})
}
