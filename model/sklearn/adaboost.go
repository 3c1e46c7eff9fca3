package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
)

func adaboostClasses() []class {
	modules := ensembleModules("weight_boosting", "_weight_boosting")
	return []class{
		{name: "AdaBoostClassifier", modules: modules, model: adaboostClassifier},
		{name: "AdaBoostRegressor", modules: modules, model: adaboostRegressor},
	}
}

// adaboostClassifier follows sklearn/ensemble/_weight_boosting.py: SAMME.R was the
// default up to 1.3 and is gone since 1.6. With SAMME, up to 0.21, probabilities are
// made of those of the members; since 1.3 a member also votes against the classes
// that it does not predict.
func adaboostClassifier(a *attrs) mlapi.Model {
	kind := mlapi.Probability
	if a.want == mlapi.Decision {
		kind = mlapi.Decision
	}
	info := a.classifier(kind)
	how := ensemble.Boost{Real: a.text("algorithm") == "SAMME.R" && !a.version.since(1, 6), Against: a.version.since(1, 3)}
	how.OwnProbabilities = !how.Real && kind == mlapi.Probability && !a.version.since(0, 22)
	want := mlapi.NoScores
	if how.Real || how.OwnProbabilities {
		want = mlapi.Probability
	}
	how.Weights, _ = a.floats("estimator_weights_")
	models := a.models("estimators_", want)
	for i, m := range models {
		what := fmt.Sprintf("estimators_[%d]", i)
		if places := a.places(what, m.Info().Classes, info.Classes); a.err == nil && (!identity(places) || len(places) != len(info.Classes)) {
			a.broken("%s has other classes", what)
		}
	}
	info.Features = a.inputs(models...)
	if a.err != nil {
		return nil
	}
	if len(info.Classes) == 1 {
		return a.oneClass(info)
	}
	m, err := ensemble.NewAdaBoost(info, models, how)
	a.wrap(err)
	return ensemble.NewFinite(m)
}

// oneClass builds a classifier that knows one class.
func (a *attrs) oneClass(info *mlapi.Info) mlapi.Model {
	info.Scores = mlapi.Probability
	m, err := ensemble.NewConstant(info, []int32{0}, []float64{1})
	a.wrap(err)
	return m
}

func adaboostRegressor(a *attrs) mlapi.Model {
	models := a.models("estimators_", mlapi.NoScores)
	weights, _ := a.floats("estimator_weights_")
	info := a.describe(mlapi.Regressor)
	info.Outputs = 1
	info.Features = a.inputs(models...)
	if a.err != nil {
		return nil
	}
	columns := make([]ensemble.Column, len(models))
	for i, m := range models {
		columns[i] = ensemble.Column{Model: m}
	}
	// The weights of members that were not made stand behind the others.
	if len(weights) > len(models) {
		weights = weights[:len(models)]
	}
	m, err := ensemble.NewMedian(info, columns, weights)
	a.wrap(err)
	return ensemble.NewFinite(m)
}
