package sklearn

import (
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// inside returns the object that an attribute holds.
func inside(o *pickle.Object, name string) *pickle.Object { return get[*pickle.Object](o, name) }

// resize gives the first dimension of an array another size.
func resize(o *pickle.Object, name string, size int) {
	a := get[*pickle.Array](o, name)
	a.Shape = append([]int{size}, a.Shape[1:]...)
	inner := 1
	for _, n := range a.Shape[1:] {
		inner *= n
	}
	a.Data = a.Data[:size*inner*a.Dtype.Size]
}

func TestContradictorySparseCoefficientsAreRefused(t *testing.T) {
	const path = "zoo/1.5.2/logistic_sparse"
	shape := func(rows, columns int64) *pickle.Tuple { return &pickle.Tuple{Items: []pickle.Value{rows, columns}} }
	refuse(t, []contradiction{
		{"far too large", path, func(o *pickle.Object) { set(inside(o, "coef_"), "_shape", shape(1, 1<<31-1)) }, "too much memory"},
		{"no columns", path, func(o *pickle.Object) { set(inside(o, "coef_"), "_shape", shape(1, 0)) }, "coef_"},
		{"another shape", path, func(o *pickle.Object) { set(inside(o, "coef_"), "_shape", shape(2, 4)) }, "coef_"},
		{"no shape", path, func(o *pickle.Object) { without(inside(o, "coef_"), "_shape") }, "no shape"},
		{"something else", path, func(o *pickle.Object) { inside(o, "coef_").Class.Name = "dia_matrix" }, "coef_"},
	})
}

func TestContradictoryLinearKinIsRefused(t *testing.T) {
	refuse(t, []contradiction{
		{"binarizer is none", "zoo/1.5.2/ridge_classifier", func(o *pickle.Object) { set(o, "_label_binarizer", "x") }, "_label_binarizer is not a LabelBinarizer"},
		{"binarizer of another class", "zoo/1.5.2/ridge_classifier", func(o *pickle.Object) { inside(o, "_label_binarizer").Class.Name = "LabelEncoder" }, "_label_binarizer is not a LabelBinarizer"},
		{"binarizer without classes", "zoo/1.5.2/ridge_classifier", func(o *pickle.Object) { without(inside(o, "_label_binarizer"), "classes_") }, "classes_"},
		{"a link of its own", "zoo/1.5.2/linear_tweedie", func(o *pickle.Object) { set(o, "link", "cloglog") }, "link"},
		{"inliers of nothing", "zoo/1.5.2/linear_ransac", func(o *pickle.Object) { set(o, "estimator_", nil) }, "estimator_ is None"},
		{"inside itself", "zoo/1.5.2/linear_ransac", func(o *pickle.Object) { set(o, "estimator_", o) }, "inside each other"},
	})
}

func TestContradictoryMachineIsRefused(t *testing.T) {
	const svc, probable, ridge = "zoo/1.5.2/svc_rbf_3class", "zoo/1.5.2/svc_probability_3class", "zoo/1.5.2/kernel_ridge_rbf_outputs"
	refuse(t, []contradiction{
		{"precomputed", svc, func(o *pickle.Object) { set(o, "kernel", "precomputed") }, `kernel "precomputed" is not served`},
		{"a function", svc, func(o *pickle.Object) { set(o, "kernel", pickle.Global{Module: "m", Name: "k"}) }, "kernel (a class or function) is not served"},
		{"gamma NaN", svc, func(o *pickle.Object) { set(o, "_gamma", math.NaN()) }, "kernel"},
		{"vectors are a list", svc, func(o *pickle.Object) { set(o, "support_vectors_", floatArray([]int{3}, 1, 2, 3)) }, "support_vectors_ has the shape [3]"},
		{"a vector less", svc, func(o *pickle.Object) { resize(o, "support_vectors_", 2) }, "vectors"},
		{"a class less", svc, func(o *pickle.Object) { resize(o, "_n_support", 2) }, "2 have vectors"},
		{"an intercept less", svc, func(o *pickle.Object) { resize(o, "_intercept_", 2) }, "2 intercepts"},
		{"a row of coefficients less", svc, func(o *pickle.Object) { resize(o, "_dual_coef_", 1) }, "coefficients"},
		{"a parameter less", probable, func(o *pickle.Object) { resize(o, "_probB", 2) }, "2 parameters"},
		{"no classes", svc, func(o *pickle.Object) { without(o, "classes_") }, "classes_"},
		{"ridge of other rows", ridge, func(o *pickle.Object) { resize(o, "dual_coef_", 7) }, "14 coefficients"},
	})
}

func TestContradictoryBayesIsRefused(t *testing.T) {
	const gauss, multi, bernoulli, categories = "zoo/1.5.2/bayes_gaussian_3class", "zoo/1.5.2/bayes_multinomial", "zoo/1.5.2/bayes_bernoulli", "zoo/1.5.2/bayes_categorical"
	refuse(t, []contradiction{
		{"variance 0", gauss, func(o *pickle.Object) {
			a := get[*pickle.Array](o, "var_")
			clear(a.Data[:8])
		}, "variance"},
		{"means of one class", gauss, func(o *pickle.Object) { resize(o, "theta_", 1) }, "means"},
		{"no dimensions", gauss, func(o *pickle.Object) { set(o, "theta_", floatArray([]int{2}, 1, 2)) }, "theta_ has the shape [2]"},
		{"likelihoods of one class", multi, func(o *pickle.Object) { resize(o, "feature_log_prob_", 1) }, "feature_log_prob_ has the shape [1"},
		{"likelihood NaN", multi, func(o *pickle.Object) {
			a := get[*pickle.Array](o, "feature_log_prob_")
			copy(a.Data, floatArray(nil, math.NaN()).Data)
		}, "finite"},
		{"shares of one class", bernoulli, func(o *pickle.Object) { resize(o, "class_log_prior_", 1) }, "class_log_prior_ has 1 values"},
		{"no table", categories, func(o *pickle.Object) { get[*pickle.List](step(o, 1), "feature_log_prob_").Items[0] = "x" }, "feature_log_prob_[0] is not an array"},
		{"a table less", categories, func(o *pickle.Object) {
			l := get[*pickle.List](step(o, 1), "feature_log_prob_")
			l.Items = l.Items[1:]
		}, "features"},
	})
}

// TestWantedScores: whoever builds an estimator into another one may need its decision
// values, where alone it answers with probabilities.
func TestWantedScores(t *testing.T) {
	for path, both := range map[string]bool{
		"zoo/1.5.2/logistic_sparse": true, "zoo/1.5.2/svc_probability_3class": true, "zoo/1.5.2/ridge_classifier": false, "zoo/1.5.2/svc_rbf_3class": false,
	} {
		for want, served := range map[mlapi.ScoreKind]bool{mlapi.NoScores: true, mlapi.Decision: true, mlapi.Probability: both} {
			a := newReader(model.DefaultLimits(1<<20)).open(document(t, path), nil)
			m := a.predictor("it", a.object, want)
			if (a.err == nil) != served {
				t.Errorf("%s, %s: error is %v", path, want, a.err)
			}
			if a.err == nil && want != mlapi.NoScores && m.Info().Scores != want {
				t.Errorf("%s gives %s, want %s", path, m.Info().Scores, want)
			}
		}
	}
}
