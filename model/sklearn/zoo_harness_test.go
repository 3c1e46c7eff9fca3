package sklearn_test

import (
	"math"
	"os"
	"strings"
	"testing"
)

// TestJudgeNotices spoils what is expected of served models, one thing at a time:
// each must be noticed.
func TestJudgeNotices(t *testing.T) {
	tables := readTables(t, zooFolder)
	number := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		name, spoilt string
		spoil        func(*zooCase)
		want         string
	}{
		{"1.9.1/logistic", "nothing", func(*zooCase) {}, ""},
		{"1.9.1/logistic", "a label", func(c *zooCase) { c.Blocks[0].Predict[7] = "other" }, "predicted"},
		{"1.9.1/logistic", "a probability", func(c *zooCase) { c.Blocks[0].Proba[7] = c.Blocks[0].Proba[7].(float64) * (1 + 1e-8) }, "difference"},
		{"1.9.1/logistic", "the kind of scores", func(c *zooCase) { c.Blocks[0].Decision, c.Blocks[0].Proba = c.Blocks[0].Proba, nil }, "want decision"},
		{"1.9.1/logistic", "a class", func(c *zooCase) { c.Classes[0] = "other" }, "classes"},
		{"1.9.1/logistic", "the number of classes", func(c *zooCase) { c.Classes = c.Classes[:1] }, "classes"},
		{"1.9.1/logistic", "the estimator", func(c *zooCase) { c.Estimator = "SVC" }, "estimator"},
		{"1.9.1/logistic", "the version", func(c *zooCase) { c.Sklearn = "1.9.0" }, "writer"},
		{"1.9.1/logistic", "a row that is taken", func(c *zooCase) { c.Refuse = []zooBlock{{Rows: "numbers", Index: []int{3}}} }, "want an invalid one"},
		{"1.9.1/logistic", "a missing table", func(c *zooCase) { c.Blocks[0].Rows = "none" }, "has 0 rows"},
		{"1.9.1/logistic", "the task", func(c *zooCase) { c.Blocks[0].Transform = [][]*float64{{number(1)}} }, "task"},
		{"1.9.1/linear_regression", "a number", func(c *zooCase) { c.Blocks[0].Predict[0] = c.Blocks[0].Predict[0].(float64) + 1e-8 }, "difference"},
		{"1.9.1/linear_regression", "a last digit of float32", func(c *zooCase) {
			c.Float32, c.Blocks[0].Predict[0] = true, c.Blocks[0].Predict[0].(float64)*(1+1e-7)
		}, ""},
		{"1.9.1/logistic", "a last digit of float32 far below 1", func(c *zooCase) {
			c.Float32, c.Blocks[0].Proba[7] = true, c.Blocks[0].Proba[7].(float64)+1e-7
		}, ""},
		{"1.9.1/linear_regression", "a number, of float32", func(c *zooCase) {
			c.Float32, c.Blocks[0].Predict[0] = true, c.Blocks[0].Predict[0].(float64)*(1+1e-5)
		}, "difference"},
		{"1.9.1/linear_regression_frame", "a name", func(c *zooCase) { c.Columns[1] = "other" }, "features"},
		{"1.9.1/tree_regressor", "the last bit", func(c *zooCase) {
			c.Blocks[0].Predict[0] = math.Nextafter(c.Blocks[0].Predict[0].(float64), 1e9)
		}, "difference"},
		{"1.9.1/scale_standard", "a feature", func(c *zooCase) { c.Blocks[0].Transform[5][1] = number(1e6) }, "difference"},
		{"1.9.1/scale_standard", "a missing value", func(c *zooCase) { c.Blocks[0].Transform[5][1] = nil }, "difference"},
		{"1.9.1/scale_standard", "the width", func(c *zooCase) { c.Blocks[0].Transform[5] = c.Blocks[0].Transform[5][:2] }, "4 values"},
	} {
		t.Run(c.name+" "+c.spoilt, func(t *testing.T) {
			z := zooCase{name: c.name}
			readGz(t, zooFolder+"/"+c.name+".json.gz", &z)
			c.spoil(&z)
			_, err := judge(zooFolder, &z, tables)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestDifference(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		got, want float64
		within    bool
	}{
		{1, 1, true}, {0, 0, true}, {nan, nan, true}, {inf, inf, true}, {1e9, 1e9 + 0.5, true}, {1e-13, 0, true}, {1e-30, 0, true},
		{1, 1 + 1e-8, false}, {1e-12, 0, false}, {nan, 1, false}, {1, nan, false}, {inf, 1, false}, {-inf, inf, false}, {1e9, 1e9 + 2, false},
	} {
		if got := difference(c.got, c.want); (got <= tolerance) != c.within {
			t.Errorf("difference(%v, %v) is %v", c.got, c.want, got)
		}
	}
}

// TestZooHasEverything names what the zoo must hold in each generation, so that a
// case cannot get lost: the version's classes are left out only where listed.
func TestZooHasEverything(t *testing.T) {
	first := map[string]string{ // the first version of the zoo that has it
		"linear_regression": "0.18.2", "logistic": "0.18.2", "svc_rbf": "0.18.2", "knn_defaults": "0.18.2", "bayes_gaussian": "0.18.2", "mlp_relu": "0.18.2",
		"kmeans": "0.18.2", "forest": "0.18.2", "boosting_binary": "0.18.2", "bagging_plain": "0.18.2", "voting_soft": "0.18.2", "calibrated_sigmoid": "0.18.2",
		"rest_logistic": "0.18.2", "multi_logistic": "0.18.2", "grid_pipeline": "0.18.2", "scale_standard": "0.18.2", "records": "0.18.2", "select_k_best": "0.18.2",
		"reduce_pca": "0.18.2", "reduce_svd": "0.18.2", "union_plain": "0.18.2", "text_tfidf_plain": "0.18.2", "text_hashing_plain": "0.18.2", "text_model_logistic": "0.18.2",
		"encode_onehot": "0.20.4", "impute_mean": "0.20.4", "columns_names": "0.20.4", "target_log": "0.20.4", "bayes_complement": "0.20.4", "imblearn_smote": "0.20.4",
		"hist_binary": "0.22.2.post1", "stacking_binary": "0.22.2.post1", "impute_knn": "0.22.2.post1", "impute_iterative": "0.22.2.post1",
		"encode_ordinal_unknown": "0.24.2", "encode_target_binary": "1.3.2",
		"mixture_full": "0.18.2", "mixture_bayesian": "0.18.2", "cluster_birch": "0.18.2", "cluster_mean_shift": "0.18.2", "cluster_affinity": "0.18.2",
		"discriminant_3class": "0.18.2", "discriminant_quadratic": "0.18.2", "squares_pls": "0.18.2", "squares_extra_tree": "0.18.2", "near_radius": "0.18.2",
		"near_centroid": "0.18.2", "reduce_factors": "0.18.2", "reduce_kernel": "0.18.2", "near_outlier_factor": "0.20.4", "near_components_alone": "0.24.2",
		"isotonic": "0.24.2", "hist_codes": "0.24.2", "hist_dtype": "1.5.2", "hist_regressor_codes": "0.24.2", "self_training": "0.24.2", "threshold_tuned": "1.5.2", "frozen": "1.9.1",
	}
	versions, err := os.ReadDir(zooFolder)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, v := range versions {
		if !v.IsDir() || v.Name() == "inputs" {
			continue
		}
		seen++
		for name, since := range first {
			if compareVersions(v.Name(), since) < 0 {
				continue
			}
			if name == "imblearn_smote" && (v.Name() == "0.22.2.post1" || v.Name() == "1.3.2") {
				continue // no imbalanced-learn beside these
			}
			if _, err := os.Stat(zooFolder + "/" + v.Name() + "/" + name + ".json.gz"); err != nil {
				t.Error(err)
			}
		}
	}
	if seen != 9 {
		t.Errorf("%d versions, want 9", seen)
	}
}
