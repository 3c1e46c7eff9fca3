package sklearn

import (
	"errors"
	"math"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// document returns the values of a model in testdata.
func document(tb testing.TB, path string) *pickle.Object {
	tb.Helper()
	var top *pickle.Object
	_, err := model.Open("testdata/"+path+".joblib", []model.Format{{
		Detect: detect,
		Read: func(src *model.Source, limits model.Limits) (mlapi.Model, error) {
			d, err := pickle.Read(src, pickle.Options{Allow: newReader(model.DefaultLimits(1 << 20)).allow, Limits: pickle.Limits(limits)})
			if err == nil {
				top = d.Value.(*pickle.Object)
			}
			return nil, err
		},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return top
}

// without removes an attribute, set sets one, get returns one.
func without(o *pickle.Object, name string) {
	var rest pickle.Dict
	d := o.State.(*pickle.Dict)
	for i, k := range d.Keys {
		if k != name {
			rest.Set(k, d.Values[i])
		}
	}
	o.State = &rest
}

func set(o *pickle.Object, name string, v pickle.Value) { o.State.(*pickle.Dict).Set(name, v) }

func get[T pickle.Value](o *pickle.Object, name string) T {
	v, _ := o.Attr(name)
	return v.(T)
}

func member(o *pickle.Object, i int) *pickle.Object {
	return get[*pickle.List](o, "estimators_").Items[i].(*pickle.Object)
}

func floatArray(shape []int, values ...float64) *pickle.Array {
	a := &pickle.Array{Dtype: pickle.Dtype{Kind: 'f', Size: 8}, Shape: shape}
	for _, v := range values {
		bits := math.Float64bits(v)
		for k := range 8 {
			a.Data = append(a.Data, byte(bits>>(8*k)))
		}
	}
	return a
}

func step(o *pickle.Object, i int) *pickle.Object {
	return get[*pickle.List](o, "steps").Items[i].(*pickle.Tuple).Items[1].(*pickle.Object)
}

// The models that are spoilt.
const (
	forest    = "1.5.2/forest_binary"
	single    = "1.5.2/tree_3class"
	regressor = "1.5.2/forest_regressor"
	isolation = "1.5.2/isolation_some_features"
	old       = "0.20.4/isolation_auto"
	logistic  = "1.5.2/logistic_3class"
	plain     = "1.5.2/linear_regression"
	standard  = "1.5.2/pipeline_standard_logistic"
	clip      = "1.5.2/pipeline_minmax_clip"
)

func nodes(o *pickle.Object) *pickle.Array {
	return get[*pickle.Array](get[*pickle.Object](o, "tree_"), "nodes")
}

// rename gives a field of a tree's nodes another name.
func rename(o *pickle.Object, field string) {
	a := nodes(o)
	fields := append([]pickle.Field(nil), a.Dtype.Fields...)
	for i := range fields {
		if fields[i].Name == field {
			fields[i].Name = "other"
		}
	}
	a.Dtype.Fields = fields
}

// contradiction spoils one thing in a model that is in order.
type contradiction struct {
	name, path string
	spoil      func(*pickle.Object)
	want       string // in the error
}

func refuse(t *testing.T, tests []contradiction) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := document(t, test.path)
			if _, err := newReader(model.DefaultLimits(1 << 20)).model(o); err != nil {
				t.Fatalf("unspoilt: %v", err)
			}
			test.spoil(o)
			_, err := newReader(model.DefaultLimits(1 << 20)).model(o)
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) || e.Hint() == "" {
				t.Errorf("error is %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestContradictoryForestIsRefused(t *testing.T) {
	refuse(t, []contradiction{
		{"no trees", forest, func(o *pickle.Object) { set(o, "estimators_", &pickle.List{}) }, "estimators_ is empty"},
		{"trees are no list", forest, func(o *pickle.Object) { set(o, "estimators_", "x") }, "estimators_ is not a list"},
		{"a forest in a forest", forest, func(o *pickle.Object) { get[*pickle.List](o, "estimators_").Items[1] = o }, "estimators_[1] is not a single tree"},
		{"a text in a forest", forest, func(o *pickle.Object) { get[*pickle.List](o, "estimators_").Items[1] = "x" }, "estimators_[1] is not a single tree"},
		{"the same tree without end", forest, func(o *pickle.Object) {
			trees := get[*pickle.List](o, "estimators_")
			for range maxOpened {
				trees.Items = append(trees.Items, member(o, 0))
			}
		}, "too much memory"},
		{"tree features differ", forest, func(o *pickle.Object) { get[*pickle.Object](member(o, 1), "tree_").Args[0] = int64(3) }, "tree 1 takes 3 features"},
		{"regressor of two outputs", regressor, func(o *pickle.Object) { set(o, "n_outputs_", int64(2)) }, "the values have the shape [31 1 1], want [31 2 1]"},
	})
}

func TestContradictoryTreeIsRefused(t *testing.T) {
	refuse(t, []contradiction{
		{"tree is no Tree", single, func(o *pickle.Object) { set(o, "tree_", o) }, "tree_ is not a sklearn.tree._tree.Tree"},
		{"tree without arguments", single, func(o *pickle.Object) { get[*pickle.Object](o, "tree_").Args = nil }, "tree_ is not"},
		{"tree without features", single, func(o *pickle.Object) { get[*pickle.Object](o, "tree_").Args[0] = int64(0) }, "no number of features"},
		{"tree of endless features", single, func(o *pickle.Object) { get[*pickle.Object](o, "tree_").Args[0] = int64(1) << 40 }, "trees of more than 131072 are not served"},
		{"nodes are floats", single, func(o *pickle.Object) { set(get[*pickle.Object](o, "tree_"), "nodes", floatArray([]int{1}, 1)) }, "no field left_child"},
		{"nodes are a table", single, func(o *pickle.Object) { nodes(o).Shape = append(nodes(o).Shape, 1) }, "nodes is not a list of records"},
		{"no threshold", single, func(o *pickle.Object) { rename(o, "threshold") }, "no field threshold"},
		{"no missing_go_to_left", single, func(o *pickle.Object) { rename(o, "missing_go_to_left") }, "no field missing_go_to_left"},
		{"values of other shape", single, func(o *pickle.Object) {
			set(get[*pickle.Object](o, "tree_"), "values", floatArray([]int{1, 1, 1}, 1))
		}, "the values have the shape [1 1 1]"},
		{"a child outside", single, func(o *pickle.Object) { copy(nodes(o).Data, "\xff\xff\xff\x7f") }, "has the child"},
	})
}

func TestContradictoryIsolationIsRefused(t *testing.T) {
	refuse(t, []contradiction{
		{"subset outside", isolation, func(o *pickle.Object) {
			get[*pickle.List](o, "estimators_features_").Items[0].(*pickle.Array).Data[0] = 9
		}, "tree 0 takes feature 9 of 4"},
		{"trees of other width", "1.5.2/isolation_auto", func(o *pickle.Object) {
			set(o, "n_features_in_", int64(3))
			set(o, "_max_features", int64(3))
		}, "tree 0 takes 4 features, want 3"},
		{"feature outside the subset", isolation, func(o *pickle.Object) {
			a := nodes(member(o, 0))
			for _, f := range a.Dtype.Fields {
				if f.Name == "feature" {
					a.Data[f.Offset] = 3
				}
			}
		}, "tree 0: node 0 compares feature 3 of 2"},
		{"subsets missing", isolation, func(o *pickle.Object) { get[*pickle.List](o, "estimators_features_").Items = nil }, "sets of features"},
		{"subset too short", isolation, func(o *pickle.Object) {
			get[*pickle.List](o, "estimators_features_").Items[0] = &pickle.Array{Dtype: pickle.Dtype{Kind: 'i', Size: 8}, Shape: []int{1}, Data: make([]byte, 8)}
		}, "is given 1"},
		{"subset is no array", isolation, func(o *pickle.Object) { get[*pickle.List](o, "estimators_features_").Items[0] = nil }, "estimators_features_[0] is not an array"},
		{"offset is text", isolation, func(o *pickle.Object) { set(o, "offset_", "x") }, "offset_ is not a number"},
		{"offset is no number", isolation, func(o *pickle.Object) { set(o, "offset_", math.NaN()) }, "not a finite number"},
		{"no _threshold_", old, func(o *pickle.Object) { set(o, "behaviour", "old"); without(o, "_threshold_") }, "attribute _threshold_ missing"},
	})
}

func TestContradictoryLinearIsRefused(t *testing.T) {
	refuse(t, []contradiction{
		{"unfitted", logistic, func(o *pickle.Object) {
			for _, name := range []string{"coef_", "classes_", "intercept_", "n_iter_", "n_features_in_"} {
				without(o, name)
			}
		}, "never fitted"},
		{"unknown multi_class", logistic, func(o *pickle.Object) { set(o, "multi_class", "crammer_singer") }, `multi_class="crammer_singer" is unknown`},
		{"coefficients for others", logistic, func(o *pickle.Object) { set(o, "coef_", floatArray([]int{1, 4}, 1, 2, 3, 4)) }, "4 coefficients, want 3 for each of 4 features"},
		{"no coefficients", plain, func(o *pickle.Object) { set(o, "coef_", floatArray([]int{0, 4})) }, "coef_ has the shape"},
		{"coefficient NaN", plain, func(o *pickle.Object) { set(o, "coef_", floatArray([]int{4}, 1, 2, 3, math.NaN())) }, "finite"},
		{"coefficients are text", plain, func(o *pickle.Object) { set(o, "coef_", "x") }, "coef_ is not an array"},
	})
}

func TestContradictoryPipelineIsRefused(t *testing.T) {
	refuse(t, []contradiction{
		{"pipeline in itself", standard, func(o *pickle.Object) {
			get[*pickle.List](o, "steps").Items[0].(*pickle.Tuple).Items[1] = o
		}, "more than 24 estimators inside each other"},
		{"step is no pair", standard, func(o *pickle.Object) { get[*pickle.List](o, "steps").Items[0] = "x" }, "steps[0] is not a name and an estimator"},
		{"step is a text", standard, func(o *pickle.Object) {
			get[*pickle.List](o, "steps").Items[0].(*pickle.Tuple).Items[1] = "drop"
		}, "steps[0] is text, no estimator"},
		{"estimator in the middle", standard, func(o *pickle.Object) {
			l := get[*pickle.List](o, "steps")
			l.Items = append(l.Items, l.Items[1])
		}, "which makes no features"},
		{"no steps", standard, func(o *pickle.Object) { set(o, "steps", &pickle.List{}) }, "it has no steps"},
		{"scaler of other width", standard, func(o *pickle.Object) {
			without(step(o, 0), "n_features_in_")
			set(step(o, 0), "scale_", floatArray([]int{2}, 1, 1))
			set(step(o, 0), "mean_", floatArray([]int{2}, 1, 1))
		}, "its last step takes 4 features and is given 2"},
		{"scaler contradicts itself", standard, func(o *pickle.Object) { set(step(o, 0), "mean_", floatArray([]int{2}, 1, 1)) }, "2 means"},
		{"scaler with with_mean of text", standard, func(o *pickle.Object) { set(step(o, 0), "with_mean", "yes") }, "with_mean is not True or False"},
		{"clip without range", clip, func(o *pickle.Object) { set(step(o, 0), "feature_range", &pickle.Tuple{}) }, "feature_range is not a pair of numbers"},
		{"clip to an empty range", clip, func(o *pickle.Object) {
			set(step(o, 0), "feature_range", &pickle.Tuple{Items: []pickle.Value{2.0, 1.0}})
		}, "the range 2 to 1"},
	})
}

func TestContradictoryEstimatorIsRefused(t *testing.T) {
	refuse(t, []contradiction{
		{"no version", forest, func(o *pickle.Object) { without(o, "_sklearn_version") }, "does not say which scikit-learn wrote it"},
		{"old version", forest, func(o *pickle.Object) { set(o, "_sklearn_version", "0.17.1") }, "(scikit-learn 0.17.1): files of scikit-learn before 0.18 are not served"},
		{"new version", forest, func(o *pickle.Object) { set(o, "_sklearn_version", "1.10.0") }, "files of scikit-learn after 1.9 are not known"},
		{"next major version", forest, func(o *pickle.Object) { set(o, "_sklearn_version", "2.0") }, "after 1.9"},
		{"odd version", forest, func(o *pickle.Object) { set(o, "_sklearn_version", "1.5.\x1b[2J") }, "RandomForestClassifier: attribute _sklearn_version is no version"},
		{"number as version", forest, func(o *pickle.Object) { set(o, "_sklearn_version", int64(1)) }, "_sklearn_version is no version"},
		{"no outputs", forest, func(o *pickle.Object) { without(o, "n_outputs_") },
			"sklearn.ensemble._forest.RandomForestClassifier (scikit-learn 1.5.2): attribute n_outputs_ missing"},
		{"two outputs", forest, func(o *pickle.Object) { set(o, "n_outputs_", int64(2)) }, "2 outputs have the classes of 1"},
		{"outputs as text", forest, func(o *pickle.Object) { set(o, "n_outputs_", "1") }, "attribute n_outputs_ is not a whole number"},
		{"outputs beyond 32 bits", forest, func(o *pickle.Object) { set(o, "n_outputs_", int64(1)<<32+1) }, "n_outputs_"},
		{"classes of several outputs", forest, func(o *pickle.Object) { set(o, "classes_", &pickle.List{}) }, "several outputs"},
		{"classes None", forest, func(o *pickle.Object) { set(o, "classes_", nil) }, "attribute classes_ is not an array"},
		{"classes of times", forest, func(o *pickle.Object) { get[*pickle.Array](o, "classes_").Dtype.Kind = 'M' }, "classes of numpy type"},
		{"classes that are lists", forest, func(o *pickle.Object) {
			set(o, "classes_", &pickle.Array{Dtype: pickle.Dtype{Kind: 'O', Size: 8}, Shape: []int{2}, Objects: []pickle.Value{"a", &pickle.List{}}})
		}, "neither text, number nor boolean"},
		{"a class is no number", forest, func(o *pickle.Object) { set(o, "classes_", floatArray([]int{2}, 0, math.NaN())) }, "the class NaN"},
		{"more classes than values", forest, func(o *pickle.Object) { set(o, "classes_", floatArray([]int{3}, 0, 1, 2)) }, "the values have the shape"},
		{"no classes", forest, func(o *pickle.Object) { set(o, "classes_", floatArray([]int{0})) }, "classes_ has the shape [0]"},
		{"features contradict", forest, func(o *pickle.Object) { set(o, "n_features_in_", int64(7)) }, "n_features_in_ is 7"},
		{"too few names", forest, func(o *pickle.Object) {
			set(o, "feature_names_in_", &pickle.Array{Dtype: pickle.Dtype{Kind: 'O', Size: 8}, Shape: []int{1}, Objects: []pickle.Value{"a"}})
		}, "feature_names_in_"},
		{"state is no dict", forest, func(o *pickle.Object) { o.State = "x" }, "does not say which scikit-learn"},
	})
}

func TestVersions(t *testing.T) {
	for s, want := range map[string]version{
		"1.5.2": {1, 5}, "0.22.2.post1": {0, 22}, "1.6rc1": {1, 6}, "1.10.dev0": {1, 10}, "0.20": {0, 20}, "1.4.1.post1": {1, 4},
	} {
		if v, ok := parseVersion(s); !ok || v != want {
			t.Errorf("%s is %v, %v; want %v", s, v, ok, want)
		}
	}
	for _, s := range []string{"", "1", "one.two", "1.", "1.x", "-1.5", "1.5 ", "1.5\n", "99999999.1", strings.Repeat("1.", 30)} {
		if v, ok := parseVersion(s); ok {
			t.Errorf("%q is %v, want no version", s, v)
		}
	}
	if v := (version{1, 4}); !v.since(1, 4) || !v.since(0, 20) || v.since(1, 5) || v.since(2, 0) {
		t.Error("since is wrong about 1.4")
	}
}

// TestNoClassTwice: two tables that name the same class would hide each other.
func TestNoClassTwice(t *testing.T) {
	n := 0
	for _, c := range classes() {
		n += len(c.modules)
	}
	if got := len(index(classes())); got != n {
		t.Errorf("%d names lead to %d classes", n, got)
	}
}
