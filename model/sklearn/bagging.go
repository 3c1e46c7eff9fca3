package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func baggingClasses() []class {
	modules := ensembleModules("bagging", "_bagging")
	return []class{
		{name: "BaggingClassifier", modules: modules, model: baggingClassifier},
		{name: "BaggingRegressor", modules: modules, model: baggingRegressor},
	}
}

// baggingClassifier follows sklearn/ensemble/_bagging.py: labels always come from
// probabilities, which are votes where a member has none. Decision values are there
// beside them.
func baggingClassifier(a *attrs) mlapi.Model {
	labels := a.bag(mlapi.NoScores)
	if a.err != nil || a.want != mlapi.Decision {
		return labels
	}
	scores := a.bag(mlapi.Decision)
	if a.err != nil {
		a.err = nil // its members have none
		return labels
	}
	m, err := ensemble.NewPair(scores.Info(), labels, scores)
	a.wrap(err)
	return m
}

// bag builds a bagging classifier with decision values, or the probabilities that it
// has otherwise.
func (a *attrs) bag(want mlapi.ScoreKind) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	if want == mlapi.Decision {
		info.Scores = mlapi.Decision
	}
	members, columns := a.bagged(want)
	for i := range members {
		if a.err != nil {
			return nil
		}
		p := &members[i]
		p.Votes = p.Model.Info().Scores != info.Scores
		p.Classes = a.encoded(fmt.Sprintf("estimators_[%d]", i), p.Model, len(info.Classes))
		if len(p.Classes) == len(info.Classes) && identity(p.Classes) {
			p.Classes = nil
		}
	}
	return a.bagOf(info, members, columns)
}

func baggingRegressor(a *attrs) mlapi.Model {
	info := a.describe(mlapi.Regressor)
	members, columns := a.bagged(mlapi.NoScores)
	if a.err != nil {
		return nil
	}
	info.Outputs = members[0].Model.Info().Outputs
	return a.bagOf(info, members, columns)
}

// bagOf builds the mean of members.
func (a *attrs) bagOf(info *mlapi.Info, members []ensemble.Member, columns []transform.Column) mlapi.Model {
	if a.err != nil {
		return nil
	}
	names := a.featureNames()
	if names == nil && columns == nil {
		info.Features = a.features(a.bagWidth())
	} else if a.charge(96 * int64(a.bagWidth())) {
		info.Features = transform.Features(a.bagWidth(), names, columns)
	}
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewAverage(info, members)
	a.wrap(err)
	// Up to 0.19 it refuses missing values before its members see them.
	if a.err == nil && !a.version.since(0, 20) {
		return ensemble.NewFinite(m)
	}
	return m
}

// bagWidth returns how many features a bag takes.
func (a *attrs) bagWidth() int {
	n := a.featureCount("n_features_in_", "n_features_")
	if a.err == nil && n > maxTreeFeatures {
		a.unsupported(hintServed, "it takes %d features, and more than %d are not served", n, maxTreeFeatures)
		return 0
	}
	return n
}

// bagged builds the members of a bag, each with the features that it is given, and
// returns what they want of the columns, nil where that is numbers.
func (a *attrs) bagged(want mlapi.ScoreKind) ([]ensemble.Member, []transform.Column) {
	width := a.bagWidth()
	list := a.list("estimators_")
	chosen := a.list("estimators_features_")
	if a.err == nil && (len(list) == 0 || len(chosen) != len(list)) {
		a.broken("%d estimators have %d sets of features", len(list), len(chosen))
	}
	var columns []transform.Column
	members := make([]ensemble.Member, 0, len(list))
	for i, v := range list {
		what := fmt.Sprintf("estimators_[%d]", i)
		m := a.predictor(what, v, want)
		features := a.chosen(fmt.Sprintf("estimators_features_[%d]", i), chosen, i, width)
		if a.err != nil {
			return nil, nil
		}
		wanted := transform.Wanted(m.Info())
		for k, f := range features {
			if k < len(wanted) && wanted[k].Kind == transform.Text {
				if columns == nil {
					columns = make([]transform.Column, width)
				}
				columns[f] = wanted[k]
			}
		}
		if len(features) == width && identity(features) {
			features = nil
		}
		members = append(members, ensemble.Member{Model: m, Weight: 1, Features: features})
	}
	return members, columns
}

// chosen reads the columns that a member of a bag is given.
func (a *attrs) chosen(what string, lists []pickle.Value, i, width int) []int32 {
	if a.err != nil {
		return nil
	}
	array, ok := lists[i].(*pickle.Array)
	if !ok {
		a.broken("%s is not an array", what)
		return nil
	}
	if !a.charge(12 * int64(elements(array))) {
		return nil
	}
	values, err := array.Int64s()
	if err != nil {
		a.broken("%s: %v", what, err)
		return nil
	}
	features := make([]int32, len(values))
	for k, f := range values {
		if f < 0 || f >= int64(width) {
			a.broken("%s names feature %d of %d", what, f, width)
			return nil
		}
		features[k] = int32(f)
	}
	return features
}
