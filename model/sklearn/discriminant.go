package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/bayes"
	"example.com/mlapi/model/linear"
)

func discriminantClasses() []class {
	modules := []string{"sklearn.discriminant_analysis"}
	return []class{
		{name: "LinearDiscriminantAnalysis", modules: modules, model: linearDiscriminant},
		{name: "QuadraticDiscriminantAnalysis", modules: modules, model: quadraticDiscriminant},
	}
}

// linearDiscriminant follows sklearn/discriminant_analysis.py: predict_proba. Up to
// 0.20 more than two classes were each held against the rest.
func linearDiscriminant(a *attrs) mlapi.Model {
	classes := a.classes("classes_")
	if len(classes) > 2 && a.version.since(0, 21) {
		return a.linearClassifier(linear.Softmax)
	}
	return a.linearClassifier(linear.Sigmoid)
}

func quadraticDiscriminant(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	if a.want == mlapi.Decision {
		info.Scores = mlapi.Decision
	}
	q := bayes.Quadratic{}
	var shape []int
	q.Means, shape = a.floats("means_")
	q.Priors, _ = a.floats("priors_")
	q.Rotations = a.arrays("rotations_")
	q.Scalings = a.arrays("scalings_")
	info.Features = a.features(a.secondOf("means_", shape))
	if a.err != nil {
		return nil
	}
	m, err := bayes.NewQuadratic(info, q)
	a.wrap(err)
	return m
}

// arrays returns an attribute that is a list of arrays of numbers.
func (a *attrs) arrays(name string) [][]float64 {
	items := a.list(name)
	lists := make([][]float64, 0, len(items))
	for i, v := range items {
		values, _ := a.element(fmt.Sprintf("%s[%d]", name, i), v)
		if !a.charge(8 * int64(len(values))) {
			return nil
		}
		lists = append(lists, values)
	}
	return lists
}
