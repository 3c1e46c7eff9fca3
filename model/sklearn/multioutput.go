package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
)

func multioutputClasses() []class {
	modules := []string{"sklearn.multioutput"}
	return []class{
		{name: "MultiOutputClassifier", modules: modules, model: multiOutputClassifier},
		{name: "MultiOutputRegressor", modules: modules, model: multiOutputRegressor},
		{name: "ClassifierChain", modules: modules, model: classifierChain},
		{name: "RegressorChain", modules: modules, model: regressorChain},
	}
}

// union returns the labels of all outputs, each once, and which of them those of each
// output are.
func union(outputs [][]mlapi.Label) (classes []mlapi.Label, places [][]int32) {
	at := map[mlapi.Label]int32{}
	for _, labels := range outputs {
		var list []int32
		for _, l := range labels {
			place, known := at[l]
			if !known {
				place = int32(len(classes))
				at[l] = place
				classes = append(classes, l)
			}
			list = append(list, place)
		}
		places = append(places, list)
	}
	return classes, places
}

// outputs describes a model of one of models for each output.
func (a *attrs) outputs(task mlapi.Task, models []mlapi.Model) (*mlapi.Info, []ensemble.Output) {
	info := a.describe(task)
	info.Outputs = len(models)
	labels := make([][]mlapi.Label, len(models))
	for i, m := range models {
		if m.Info().Task != task {
			a.broken("estimators_[%d] is a %s", i, m.Info().Task)
			return nil, nil
		}
		labels[i] = m.Info().Classes
	}
	classes, places := union(labels)
	info.Classes = classes
	list := make([]ensemble.Output, len(models))
	for i, m := range models {
		list[i] = ensemble.Output{Model: m, Classes: places[i]}
	}
	return info, list
}

// multiOutputClassifier follows sklearn/multioutput.py: predict.
func multiOutputClassifier(a *attrs) mlapi.Model { return a.perOutput(mlapi.Classifier) }
func multiOutputRegressor(a *attrs) mlapi.Model  { return a.perOutput(mlapi.Regressor) }

func (a *attrs) perOutput(task mlapi.Task) mlapi.Model {
	models := a.models("estimators_", mlapi.NoScores)
	if a.err != nil {
		return nil
	}
	info, list := a.outputs(task, models)
	if a.err == nil {
		info.Features = a.inputs(models...)
	}
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewOutputs(info, list)
	a.wrap(err)
	return m
}

func classifierChain(a *attrs) mlapi.Model { return a.chain(mlapi.Classifier) }
func regressorChain(a *attrs) mlapi.Model  { return a.chain(mlapi.Regressor) }

// chain follows sklearn/multioutput.py: _get_predictions. What a member is given of
// those before it are predictions or, where chain_method says so (since 1.4), their
// probabilities of the second class or decision values.
func (a *attrs) chain(task mlapi.Task) mlapi.Model {
	method, want := "predict", mlapi.NoScores
	if a.has("chain_method_") {
		method = a.text("chain_method_")
	}
	switch method {
	case "predict":
	case "predict_proba":
		want = mlapi.Probability
	case "decision_function":
		want = mlapi.Decision
	default:
		a.unsupported(hintServed, "chain_method_=%q is unknown", method)
	}
	order := a.order()
	models := a.models("estimators_", want)
	if a.err != nil {
		return nil
	}
	info, list := a.outputs(task, models)
	if a.err == nil && len(order) != len(models) {
		a.broken("%d estimators have the order of %d", len(models), len(order))
	}
	if a.err != nil {
		return nil
	}
	info.Features = a.features(len(models[0].Info().Features))
	links := make([]ensemble.Link, len(models))
	for k, m := range models {
		feed := ensemble.Column{Model: m}
		switch {
		case method != "predict":
			if m.Info().Scores != want {
				a.broken("estimators_[%d] has no scores for %s", k, method)
			}
			feed.Take = ensemble.Last
		case task == mlapi.Classifier:
			feed.Take, feed.Labels = ensemble.Label, a.numbers(fmt.Sprintf("estimators_[%d]", k), m)
		}
		links[k] = ensemble.Link{Output: list[k], Feed: feed, At: int(order[k])}
	}
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewChain(info, links)
	a.wrap(err)
	return ensemble.NewFinite(m)
}

// order reads which output each member of a chain is for.
func (a *attrs) order() []int64 {
	v := a.value("order_")
	if a.err != nil {
		return nil
	}
	list, err := pickle.Floats(v)
	if err != nil {
		a.broken("attribute order_: %v", err)
		return nil
	}
	order := make([]int64, len(list))
	for i, f := range list {
		if f < 0 || f >= float64(len(list)) || f != float64(int64(f)) {
			a.broken("attribute order_ names output %v of %d", f, len(list))
			return nil
		}
		order[i] = int64(f)
	}
	return order
}
