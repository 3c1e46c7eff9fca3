package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
)

func votingClasses() []class {
	modules := ensembleModules("voting_classifier", "voting", "_voting")
	return []class{
		{name: "VotingClassifier", modules: modules, model: votingClassifier},
		{name: "VotingRegressor", modules: modules, model: votingRegressor},
	}
}

// votingClassifier follows sklearn/ensemble/_voting.py: its members were trained with
// the numbers of the classes.
func votingClassifier(a *attrs) mlapi.Model {
	switch voting := a.text("voting"); voting {
	case "soft":
		return a.softVoting()
	case "hard":
		return a.hardVoting()
	default:
		a.unsupported(hintServed, "voting=%q is unknown", voting)
		return nil
	}
}

func (a *attrs) softVoting() mlapi.Model {
	info := a.classifier(mlapi.Probability)
	list := a.list("estimators_")
	models := make([]mlapi.Model, 0, len(list))
	for i, v := range list {
		what := fmt.Sprintf("estimators_[%d]", i)
		m := a.predictor(what, v, mlapi.Probability)
		if m == nil {
			return nil
		}
		if places := a.encoded(what, m, len(info.Classes)); a.err == nil && (!identity(places) || len(places) != len(info.Classes)) {
			a.broken("%s has other classes", what)
		}
		models = append(models, m)
	}
	return a.average(info, models)
}

// average builds the weighted mean of models.
func (a *attrs) average(info *mlapi.Info, models []mlapi.Model) mlapi.Model {
	if a.err == nil && len(models) == 0 {
		a.broken("it has no estimators")
	}
	weights := a.votingWeights(len(models))
	if a.err != nil {
		return nil
	}
	info.Features = a.inputs(models...)
	members := make([]ensemble.Member, len(models))
	for i, m := range models {
		members[i] = ensemble.Member{Model: m, Weight: weights[i]}
	}
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewAverage(info, members)
	a.wrap(err)
	return m
}

// votingWeights reads the weights of n members: those of estimators that were
// dropped are left out. Without weights all are 1.
func (a *attrs) votingWeights(n int) []float64 {
	weights := make([]float64, 0, n)
	if !a.has("weights") {
		for range n {
			weights = append(weights, 1)
		}
		return weights
	}
	given, err := pickle.Floats(a.value("weights"))
	if err != nil {
		a.broken("attribute weights: %v", err)
		return nil
	}
	named := a.list("estimators")
	for i, w := range given {
		if i < len(named) && dropped(named[i]) {
			continue
		}
		weights = append(weights, w)
	}
	if a.err == nil && len(weights) != n {
		a.broken("there are %d weights for %d estimators", len(weights), n)
	}
	return weights
}

// dropped reports whether a pair of a name and an estimator has none.
func dropped(v pickle.Value) bool {
	var pair []pickle.Value
	switch v := v.(type) {
	case *pickle.Tuple:
		pair = v.Items
	case *pickle.List:
		pair = v.Items
	}
	return len(pair) == 2 && (pair[1] == nil || pair[1] == "drop")
}

func (a *attrs) hardVoting() mlapi.Model {
	info := a.classifier(mlapi.NoScores)
	models := a.models("estimators_", mlapi.NoScores)
	if a.err != nil {
		return nil
	}
	weights := a.votingWeights(len(models))
	info.Features = a.inputs(models...)
	columns := make([]ensemble.Column, len(models))
	for i, m := range models {
		columns[i] = ensemble.Column{Model: m, Take: ensemble.Label}
		for _, place := range a.encoded(fmt.Sprintf("estimators_[%d]", i), m, len(info.Classes)) {
			columns[i].Labels = append(columns[i].Labels, float64(place))
		}
	}
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewVote(info, columns, weights)
	a.wrap(err)
	return m
}

func votingRegressor(a *attrs) mlapi.Model {
	models := a.models("estimators_", mlapi.NoScores)
	info := a.describe(mlapi.Regressor)
	info.Outputs = 1
	return a.average(info, models)
}
