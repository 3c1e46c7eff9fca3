package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/bayes"
	"example.com/mlapi/model/linear"
	"example.com/mlapi/model/transform"
)

func discriminantClasses() []class {
	modules := []string{"sklearn.discriminant_analysis"}
	return []class{
		{name: "LinearDiscriminantAnalysis", modules: modules, model: linearDiscriminant, transformer: discriminantDirections},
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

// discriminantDirections follows sklearn/discriminant_analysis.py: transform, which all
// releases have alike. The solver eigen subtracts no mean; lsqr has no directions.
func discriminantDirections(a *attrs) transform.Transformer {
	solver := a.text("solver")
	if solver == "lsqr" {
		a.unsupported(hintServed, "with solver lsqr it makes no features")
		return nil
	}
	values, shape := a.matrix("scalings_")
	keep := a.int("_max_components")
	if a.err == nil && (len(shape) != 2 || shape[0] < 1 || shape[1] < 1 || keep < 1) {
		a.broken("attribute scalings_ has the shape %v, for %d components", shape, keep)
	}
	if a.err != nil {
		return nil
	}
	features, all := shape[0], shape[1]
	keep = min(keep, all)
	if !a.charge(16 * int64(features) * int64(keep)) { // turned around here and by the transformer
		return nil
	}
	p := transform.Projection{Components: make([]float64, keep*features)}
	for k := range keep {
		for j := range features {
			p.Components[k*features+j] = values[j*all+k]
		}
	}
	if solver != "eigen" {
		p.Center, _ = a.floats("xbar_")
	}
	if a.err != nil {
		return nil
	}
	t, err := transform.NewProject(features, p)
	a.wrap(err)
	return t
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
