package sklearn

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// made returns an estimator of scikit-learn 1.5.2 with attributes: names and values in
// turn.
func made(module, name string, attributes ...pickle.Value) *pickle.Object {
	d := new(pickle.Dict)
	d.Set("_sklearn_version", "1.5.2")
	for i := 0; i < len(attributes); i += 2 {
		d.Set(attributes[i], attributes[i+1])
	}
	return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, State: d}
}

// old says that an estimator is of 0.19.
func old019(o *pickle.Object) *pickle.Object {
	set(o, "_sklearn_version", "0.19.2")
	return o
}

func listOf(n int, v pickle.Value) *pickle.List {
	list := new(pickle.List)
	for range n {
		list.Items = append(list.Items, v)
	}
	return list
}

func pair(values ...pickle.Value) *pickle.Tuple { return &pickle.Tuple{Items: values} }

// bytesArray returns an array of n numbers 0 to 255 that take a byte each.
func bytesArray(shape ...int) *pickle.Array {
	n := 1
	for _, size := range shape {
		n *= size
	}
	return &pickle.Array{Dtype: pickle.Dtype{Kind: 'u', Size: 1}, Shape: shape, Data: make([]byte, n)}
}

func countUp(n int) *pickle.Array {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i)
	}
	return floatArray([]int{n}, values...)
}

const (
	preprocessing = "sklearn.preprocessing._data"
	most          = int64(math.MaxInt32)
)

func plainLine() *pickle.Object {
	return made("sklearn.linear_model._base", "LinearRegression", "coef_", floatArray([]int{2}, 1, 2), "intercept_", 0.0, "n_features_in_", int64(2))
}

func normaliser(width int64) *pickle.Object {
	o := made(preprocessing, "Normalizer", "norm", "l2")
	if width > 0 {
		set(o, "n_features_in_", width)
	}
	return o
}

func chained(steps ...pickle.Value) *pickle.Object {
	list := new(pickle.List)
	for i, s := range steps {
		list.Items = append(list.Items, pair(fmt.Sprint(i), s))
	}
	return made("sklearn.pipeline", "Pipeline", "steps", list)
}

func voters(v pickle.Value) *pickle.Object {
	return made("sklearn.ensemble._voting", "VotingRegressor", "estimators_", listOf(100_000, v), "weights", nil)
}

// columnsOf returns a ColumnTransformer that hands on columns of so many.
func columnsOf(columns pickle.Value, width int64) *pickle.Object {
	return made("sklearn.compose._column_transformer", "ColumnTransformer", "transformers_", listOf(1, pair("a", "passthrough", columns)),
		"n_features_in_", width, "sparse_output_", false)
}

func slice(start, stop, step pickle.Value) *pickle.Object {
	return &pickle.Object{Class: pickle.Global{Module: "builtins", Name: "slice"}, Args: []pickle.Value{start, stop, step}}
}

// undone returns a regressor whose target is undone by pipelines in pipelines: 3^20 steps.
func undone() *pickle.Object {
	step := made("sklearn.preprocessing._function_transformer", "FunctionTransformer", "func", nil, "inverse_func", nil, "validate", false)
	for range 20 {
		step = chained(step, step, step)
	}
	return made("sklearn.compose._target", "TransformedTargetRegressor", "regressor_", plainLine(), "transformer_", step)
}

func hasher(features int64) *pickle.Object {
	return made("sklearn.feature_extraction.text", "HashingVectorizer", "input", "content", "lowercase", true, "analyzer", "word",
		"token_pattern", `(?u)\b\w\w+\b`, "ngram_range", pair(int64(1), int64(1)), "binary", false, "norm", "l2", "n_features", features)
}

// diagonals returns a pipeline of one TfidfTransformer over and over, whose matrix of one
// value is the sum of many.
func diagonals() *pickle.Object {
	const n = 100_000
	m := &pickle.Object{Class: pickle.Global{Module: "scipy.sparse._csr", Name: "csr_matrix"}, State: new(pickle.Dict)}
	set(m, "_shape", pair(int64(1), int64(1)))
	set(m, "data", bytesArray(n))
	set(m, "indices", bytesArray(n))
	set(m, "indptr", floatArray([]int{2}, 0, n))
	get[*pickle.Array](m, "indptr").Dtype.Kind = 'i'
	get[*pickle.Array](m, "indptr").Data = []byte{0, 0, 0, 0, 0, 0, 0, 0, n & 255, n >> 8 & 255, n >> 16, 0, 0, 0, 0, 0}
	t := made("sklearn.feature_extraction.text", "TfidfTransformer", "norm", "l2", "use_idf", true, "sublinear_tf", false, "_idf_diag", m)
	var steps []pickle.Value
	for range 5000 {
		steps = append(steps, t)
	}
	return chained(steps...)
}

// boosted returns voters that are one model of XGBoost with a leaf.
func boosted(class string, features, classes int, names pickle.Value, attributes ...pickle.Value) *pickle.Object {
	objective := `"name":"reg:squarederror","reg_loss_param":{"scale_pos_weight":"1"}`
	if classes > 0 {
		objective = fmt.Sprintf(`"name":"multi:softprob","softmax_multiclass_param":{"num_class":"%d"}`, classes)
	}
	json := fmt.Sprintf(`{"version":[1,7,6],"learner":{"attributes":{},"feature_names":[],"feature_types":[],
		"gradient_booster":{"name":"gbtree","model":{"gbtree_model_param":{"num_trees":"1","num_parallel_tree":"1","size_leaf_vector":"0"},"tree_info":[0],"trees":[
		{"base_weights":[0.5],"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],"default_left":[0],"id":0,"left_children":[-1],
		"loss_changes":[0],"parents":[2147483647],"right_children":[-1],"split_conditions":[0.5],"split_indices":[0],"split_type":[0],"sum_hessian":[1],
		"tree_param":{"num_deleted":"0","num_feature":"%[1]d","num_nodes":"1","size_leaf_vector":"0"}}]}},
		"learner_model_param":{"base_score":"0.5","boost_from_average":"1","num_class":"%[2]d","num_feature":"%[1]d","num_target":"1"},"objective":{%[3]s}}}`, features, classes, objective)
	booster := made("xgboost.core", "Booster", "handle", []byte(json), "feature_names", names)
	o := made("xgboost.sklearn", class, append([]pickle.Value{"_Booster", booster}, attributes...)...)
	if classes == 0 {
		return voters(o)
	}
	labels := make([]float64, classes)
	for i := range labels {
		labels[i] = float64(i)
	}
	return made("sklearn.ensemble._voting", "VotingClassifier", "estimators_", listOf(8000, o), "weights", nil, "voting", "soft", "classes_", floatArray([]int{classes}, labels...))
}

// rangeIndex returns the Index of pandas that is 0 to n-1 without holding it.
func rangeIndex(n int64) *pickle.Object {
	d := new(pickle.Dict)
	d.Set("start", int64(0))
	d.Set("stop", n)
	d.Set("step", int64(1))
	return &pickle.Object{Class: pickle.Global{Module: "pandas.core.indexes.base", Name: "_new_Index"}, Args: []pickle.Value{pickle.Global{Name: "RangeIndex"}, d}}
}

// records returns a DictVectorizer of n names of one text each.
func records(n int) *pickle.Object {
	d := new(pickle.Dict)
	for i := range n {
		d.Set(fmt.Sprintf("%d=%d", i, i), int64(i))
	}
	return made("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer", "vocabulary_", d, "separator", "=", "sparse", true)
}

// oneHot returns an encoder of n columns with one category each.
func oneHot(n int) *pickle.Object {
	return made("sklearn.preprocessing._encoders", "OneHotEncoder", "categories_", listOf(n, bytesArray(1)), "handle_unknown", "ignore",
		"drop_idx_", nil, "sparse_output", true)
}

// TestHostileSizes builds models of files of a megabyte that ask for more than that gives:
// numbers that nothing backs, and parts that are in many places at once.
func TestHostileSizes(t *testing.T) {
	legacy := old019(made(preprocessing, "OneHotEncoder", "feature_indices_", countUp(200_000), "handle_unknown", "ignore", "sparse", true, "categorical_features", "all"))
	get[*pickle.Array](legacy, "feature_indices_").Dtype.Kind = 'i'
	for i, at := 0, get[*pickle.Array](legacy, "feature_indices_").Data; i < len(at); i += 8 {
		n := i / 8
		copy(at[i:], []byte{byte(n), byte(n >> 8), byte(n >> 16), 0, 0, 0, 0, 0})
	}
	for name, o := range map[string]*pickle.Object{
		"a width alone":               normaliser(most),
		"a width in a pipeline":       chained(normaliser(0), normaliser(most)),
		"a width of columns":          columnsOf(&pickle.List{Items: []pickle.Value{int64(0)}}, most),
		"a slice of columns":          columnsOf(slice(int64(0), nil, nil), most),
		"hashes":                      hasher(most),
		"pipelines that undo":         undone(),
		"a member over and over":      voters(plainLine()),
		"a diagonal over and over":    diagonals(),
		"boosters of many features":   boosted("XGBRegressor", 60_000, 0, nil, "n_features_in_", int64(60_000)),
		"boosters of many classes":    boosted("XGBClassifier", 2, 4096, nil, "n_classes_", int64(4096)),
		"boosters named by a range":   boosted("XGBRegressor", 2, 0, rangeIndex(1<<20)),
		"records of many names":       records(60_000),
		"columns of one category":     oneHot(200_000),
		"old columns of one category": legacy,
		"clusters":                    made("sklearn.cluster._kmeans", "KMeans", "cluster_centers_", bytesArray(1_000_000, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			_, err := newReader(model.DefaultLimits(1 << 20)).model(o)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), "too much memory") {
				t.Errorf("error is %v", err)
			}
			if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 160 || took > 5*time.Second {
				t.Errorf("%d MiB were allocated in %v", mib, took)
			}
			t.Logf("%d MiB in all, %v", (after.TotalAlloc-before.TotalAlloc)>>20, took)
		})
	}
}

// TestEndlessSliceStep gives a step whose sums overflow.
func TestEndlessSliceStep(t *testing.T) {
	m, err := newReader(model.DefaultLimits(1 << 20)).model(columnsOf(slice(int64(1), nil, int64(math.MaxInt64)), 5))
	if err != nil || m.Info().Outputs != 1 {
		t.Fatalf("%v, %v", m, err)
	}
}
