package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/transform"
)

func searchClasses() []class {
	both := []string{"sklearn.model_selection._search", "sklearn.grid_search"}
	halving := []string{"sklearn.model_selection._search_successive_halving"}
	threshold := []string{"sklearn.model_selection._classification_threshold"}
	search := func(name string, modules []string) class {
		return class{name: name, modules: modules, model: bestEstimator, transformer: bestTransformer, predicts: bestPredicts}
	}
	return []class{
		search("GridSearchCV", both), search("RandomizedSearchCV", both),
		search("HalvingGridSearchCV", halving), search("HalvingRandomSearchCV", halving),
		{name: "FixedThresholdClassifier", modules: threshold, model: fixedThreshold},
		{name: "TunedThresholdClassifierCV", modules: threshold, model: tunedThreshold},
		{name: "SelfTrainingClassifier", modules: []string{"sklearn.semi_supervised._self_training"}, model: selfTraining},
	}
}

// bestEstimator builds the estimator that a search found and fitted to all samples.
func bestEstimator(a *attrs) mlapi.Model {
	a.refitted()
	if a.err != nil {
		return nil
	}
	return a.stand("best_estimator_")
}

func bestTransformer(a *attrs) transform.Transformer {
	a.refitted()
	return a.transformer("best_estimator_", a.value("best_estimator_"))
}

func bestPredicts(a *attrs) bool { return a.partPredicts("best_estimator_") }

// refitted remembers an error where a search kept no estimator.
func (a *attrs) refitted() {
	if refit, ok := a.object.Attr("refit"); ok && refit == false && !a.has("best_estimator_") {
		a.unsupported("search with refit=True, or save the estimator that you fitted with the best parameters",
			"it searched with refit=False and kept no fitted estimator")
	}
}

// selfTraining builds the classifier that was trained last; it lost its base in 1.6.
func selfTraining(a *attrs) mlapi.Model { return a.stand(a.first("estimator_", "base_estimator_")) }
