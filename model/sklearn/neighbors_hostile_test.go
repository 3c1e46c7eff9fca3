package sklearn

import (
	"math"
	"testing"

	"example.com/mlapi/model/pickle"
)

// inTree changes an item of the state of a tree of neighbours.
func inTree(o *pickle.Object, item int, change func(v pickle.Value) pickle.Value) {
	state := get[*pickle.Object](o, "_tree").State.(*pickle.Tuple)
	state.Items[item] = change(state.Items[item])
}

func TestContradictoryNeighborsAreRefused(t *testing.T) {
	const tree, brute, regressor = "zoo/1.5.2/knn_kd_tree_uniform", "zoo/1.5.2/knn_brute_uniform", "zoo/1.5.2/knn_regressor_outputs"
	fewer := func(v pickle.Value) pickle.Value {
		a := *v.(*pickle.Array)
		a.Shape = []int{a.Shape[0] - 1}
		a.Data = a.Data[:len(a.Data)-a.Dtype.Size]
		return &a
	}
	refuse(t, []contradiction{
		{"no samples", brute, func(o *pickle.Object) { without(o, "_fit_X") }, "_fit_X missing"},
		{"samples in a row", brute, func(o *pickle.Object) { set(o, "_fit_X", floatArray([]int{2}, 1, 2)) }, "_fit_X has the shape [2]"},
		{"samples of nothing", brute, func(o *pickle.Object) { set(o, "_fit_X", floatArray([]int{40, 0})) }, "_fit_X has the shape [40 0]"},
		{"other samples", brute, func(o *pickle.Object) { set(o, "_fit_X", floatArray([]int{1, 3}, 1, 2, 3)) }, "_y has"},
		{"an infinite sample", regressor, func(o *pickle.Object) {
			set(o, "_tree", nil)
			set(o, "_fit_X", floatArray([]int{1, 3}, 1, 2, math.Inf(1)))
		}, "no finite number"},
		{"a label less", brute, func(o *pickle.Object) { resize(o, "_y", 39) }, "_y has 39 labels"},
		{"a label of no class", brute, func(o *pickle.Object) { resize(o, "classes_", 1) }, "label"},
		{"values less", regressor, func(o *pickle.Object) { resize(o, "_y", 39) }, "do not fit"},
		{"many neighbours", brute, func(o *pickle.Object) { set(o, "n_neighbors", int64(41)) }, "41 neighbours"},
		{"no neighbours", brute, func(o *pickle.Object) { set(o, "n_neighbors", int64(0)) }, "n_neighbors is 0"},
		{"another metric", brute, func(o *pickle.Object) { set(o, "effective_metric_", "wminkowski") }, `"wminkowski" is not known`},
		{"a metric of one's own", brute, func(o *pickle.Object) { set(o, "effective_metric_", pickle.Global{Module: "m", Name: "f"}) }, "its metric is"},
		{"a parameter of another metric", brute, func(o *pickle.Object) {
			d := new(pickle.Dict)
			d.Set("VI", int64(1))
			set(o, "effective_metric_params_", d)
		}, `the parameter "VI"`},
		{"a power of text", brute, func(o *pickle.Object) {
			d := new(pickle.Dict)
			d.Set("p", "two")
			set(o, "effective_metric_params_", d)
		}, "p is no number"},
		{"few variances", "zoo/1.5.2/knn_seuclidean_ball_tree", func(o *pickle.Object) {
			get[*pickle.Dict](o, "effective_metric_params_").Set("V", floatArray([]int{1}, 1))
		}, "another number of features"},
		{"weights of one's own", brute, func(o *pickle.Object) { set(o, "weights", pickle.Global{Module: "m", Name: "f"}) }, "its weights are"},
		{"no tree", tree, func(o *pickle.Object) { set(o, "_tree", "x") }, "_tree is not a tree"},
		{"a tree of nothing", tree, func(o *pickle.Object) { get[*pickle.Object](o, "_tree").State = nil }, "_tree is not a tree"},
		{"a tree of no arrays", tree, func(o *pickle.Object) { inTree(o, 3, func(pickle.Value) pickle.Value { return nil }) }, "_tree is not a tree of arrays"},
		{"few samples in the tree", tree, func(o *pickle.Object) { inTree(o, 1, fewer) }, "root has not all"},
		{"few nodes", tree, func(o *pickle.Object) { inTree(o, 2, fewer) }, "do not agree"},
		{"nodes of numbers", tree, func(o *pickle.Object) {
			inTree(o, 2, func(pickle.Value) pickle.Value { return floatArray([]int{1}, 1) })
		}, "_tree"},
	})
}

func TestContradictoryImputersAreRefused(t *testing.T) {
	const simple, told, guess, donors, old = "zoo/1.5.2/impute_mean", "zoo/1.5.2/impute_indicator", "zoo/1.5.2/impute_iterative_ridge", "zoo/1.5.2/impute_knn", "zoo/0.20.4/impute_old_mean"
	triplet := func(o *pickle.Object) *pickle.Object {
		return get[*pickle.List](o, "imputation_sequence_").Items[0].(*pickle.Object)
	}
	refuse(t, []contradiction{
		{"nothing to fill in", simple, func(o *pickle.Object) { without(o, "statistics_") }, "statistics_ missing"},
		{"one value", simple, func(o *pickle.Object) { set(o, "statistics_", floatArray([]int{1, 1}, 1)) }, "statistics_ has the shape [1 1]"},
		{"only what is left out", simple, func(o *pickle.Object) { set(o, "statistics_", floatArray([]int{1}, math.NaN())) }, "no column is kept"},
		{"an infinite value", simple, func(o *pickle.Object) { set(o, "statistics_", floatArray([]int{1}, math.Inf(1))) }, "statistics_[0]"},
		{"missing is a list", simple, func(o *pickle.Object) { set(o, "missing_values", &pickle.List{}) }, "missing_values are a list"},
		{"told of another column", told, func(o *pickle.Object) { resize(o, "statistics_", 2) }, "is one of 2"},
		{"told by another class", told, func(o *pickle.Object) { set(o, "indicator_", "x") }, "indicator_ is"},
		{"told of no column", told, func(o *pickle.Object) {
			set(get[*pickle.Object](o, "indicator_"), "features_", floatArray([]int{1}, -1))
		}, "features_"},
		{"by rows", old, func(o *pickle.Object) { set(o, "axis", int64(1)) }, "axis=1"},
		{"by chance", guess, func(o *pickle.Object) { set(o, "sample_posterior", true) }, "by chance"},
		{"no first imputer", guess, func(o *pickle.Object) { set(o, "initial_imputer_", nil) }, "initial_imputer_ is not"},
		{"first a guess", guess, func(o *pickle.Object) { set(o, "initial_imputer_", o) }, "inside each other"},
		{"few bounds", guess, func(o *pickle.Object) { resize(o, "_min_value", 2) }, "_min_value has a bound for 2"},
		{"no triplet", guess, func(o *pickle.Object) { triplet(o).Args = triplet(o).Args[1:] }, "is not a column"},
		{"a guess of another column", guess, func(o *pickle.Object) { triplet(o).Args[0] = int64(9) }, "no column"},
		{"a guess of no column", guess, func(o *pickle.Object) { triplet(o).Args[0] = int64(-1) }, "no column"},
		{"from another column", guess, func(o *pickle.Object) { triplet(o).Args[1] = intArray(9, 1, 2) }, "the neighbour 9"},
		{"from fewer columns", guess, func(o *pickle.Object) { triplet(o).Args[1] = intArray(1) }, "one number of 1 features"},
		{"no estimator", guess, func(o *pickle.Object) { triplet(o).Args[2] = nil }, "imputation_sequence_[0]"},
		{"another distance", donors, func(o *pickle.Object) { set(o, "metric", "euclidean") }, "nan_euclidean"},
		{"weights of one's own", donors, func(o *pickle.Object) { set(o, "weights", pickle.Global{Module: "m", Name: "f"}) }, "its weights are"},
		{"another mask", donors, func(o *pickle.Object) { resize(o, "_mask_fit_X", 3) }, "_mask_fit_X"},
		{"no donors", donors, func(o *pickle.Object) { set(o, "n_neighbors", int64(0)) }, "no neighbours"},
		{"another column told of", "zoo/1.5.2/impute_missing_indicator", func(o *pickle.Object) { set(o, "n_features_in_", int64(2)) }, "is one of 2"},
	})
}

func intArray(values ...int64) *pickle.Array {
	a := &pickle.Array{Dtype: pickle.Dtype{Kind: 'i', Size: 8}, Shape: []int{len(values)}}
	for _, v := range values {
		for k := range 8 {
			a.Data = append(a.Data, byte(v>>(8*k)))
		}
	}
	return a
}

func TestContradictoryDecompositionsAreRefused(t *testing.T) {
	const pca, svd, ica = "zoo/1.5.2/reduce_pca_whiten", "zoo/1.5.2/reduce_svd", "zoo/1.5.2/reduce_fast_ica"
	refuse(t, []contradiction{
		{"no directions", svd, func(o *pickle.Object) { without(o, "components_") }, "components_ missing"},
		{"one direction", svd, func(o *pickle.Object) { set(o, "components_", floatArray([]int{2}, 1, 2)) }, "components_ has the shape [2]"},
		{"directions of nothing", svd, func(o *pickle.Object) { set(o, "components_", floatArray([]int{2, 0})) }, "components_ has the shape [2 0]"},
		{"another mean", pca, func(o *pickle.Object) { resize(o, "mean_", 2) }, "for 2 features"},
		{"another mean of old", "zoo/0.24.2/reduce_pca_whiten", func(o *pickle.Object) { resize(o, "mean_", 2) }, "2 values, want 4"},
		{"few variances", pca, func(o *pickle.Object) { resize(o, "explained_variance_", 2) }, "2 values, want 3"},
		{"a negative variance", pca, func(o *pickle.Object) { set(o, "explained_variance_", floatArray([]int{3}, -1, 1, 1)) }, "not finite"},
		{"a mean less", ica, func(o *pickle.Object) { resize(o, "mean_", 2) }, "2 values, want 4"},
	})
}
