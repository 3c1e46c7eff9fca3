package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
)

func dummyClasses() []class {
	modules := []string{"sklearn.dummy"}
	return []class{
		{name: "DummyClassifier", modules: modules, model: dummyClassifier},
		{name: "DummyRegressor", modules: modules, model: dummyRegressor},
	}
}

const hintDummy = "train a model that looks at its features, or one with strategy \"prior\", \"most_frequent\" or \"constant\""

// dummyClassifier follows sklearn/dummy.py.
func dummyClassifier(a *attrs) mlapi.Model {
	info := a.describe(mlapi.Classifier)
	classes, probabilities, chosen := a.dummy()
	if a.err != nil {
		return nil
	}
	all, places := union(classes)
	info.Classes = all
	class := make([]int32, len(chosen))
	for k, c := range chosen {
		class[k] = places[k][c]
	}
	var values []float64
	if len(classes) == 1 {
		info.Scores, values = mlapi.Probability, probabilities[0]
	} else {
		info.Outputs = len(classes)
	}
	return a.constant(info, class, values)
}

// dummy reads of each output the classes, their probabilities and the one that is
// predicted.
func (a *attrs) dummy() (classes [][]mlapi.Label, probabilities [][]float64, chosen []int32) {
	strategy := a.text("strategy")
	if a.has("_strategy") { // what the default of 0.22 and 0.23 stood for
		strategy = a.text("_strategy")
	}
	if strategy != "prior" && strategy != "most_frequent" && strategy != "constant" {
		a.unsupported(hintDummy, "strategy=%q predicts by chance", strategy)
		return nil, nil, nil
	}
	classes = a.outputClasses("classes_")
	priors := []pickle.Value{a.value("class_prior_")}
	if list, ok := priors[0].(*pickle.List); ok {
		priors = list.Items
	}
	constants := a.dummyConstants(strategy, len(classes))
	if a.err == nil && len(priors) != len(classes) {
		a.broken("%d outputs have the probabilities of %d", len(classes), len(priors))
	}
	for k := range classes {
		if a.err != nil {
			return nil, nil, nil
		}
		p, err := pickle.Floats(priors[k])
		if err != nil || len(p) != len(classes[k]) || len(p) == 0 {
			a.broken("attribute class_prior_ does not fit the classes")
			return nil, nil, nil
		}
		best := int32(0)
		for i := range p {
			if p[i] > p[best] {
				best = int32(i)
			}
		}
		if strategy == "constant" {
			best = a.places("constant", constants[k:k+1], classes[k])[0]
		}
		if strategy != "prior" {
			clear(p)
			p[best] = 1
		}
		probabilities, chosen = append(probabilities, p), append(chosen, best)
	}
	return classes, probabilities, chosen
}

// dummyConstants reads the label that is predicted of each output.
func (a *attrs) dummyConstants(strategy string, outputs int) []mlapi.Label {
	if strategy != "constant" || a.err != nil {
		return nil
	}
	v := a.value("constant")
	list := []pickle.Value{v}
	if _, err := label(v); err != nil {
		if list, err = pickle.Elements(v); err != nil {
			a.broken("attribute constant: %v", err)
			return nil
		}
	}
	labels := make([]mlapi.Label, len(list))
	for i := range list {
		var err error
		if labels[i], err = label(list[i]); err != nil {
			a.broken("attribute constant: %v", err)
			return nil
		}
	}
	if len(labels) != outputs {
		a.broken("%d outputs have %d constants", outputs, len(labels))
	}
	return labels
}

// outputClasses returns the classes of each output, of which there may be one.
func (a *attrs) outputClasses(name string) [][]mlapi.Label {
	list, several := a.value(name).(*pickle.List)
	if !several {
		one := a.classes(name)
		return [][]mlapi.Label{one}
	}
	if a.err == nil && len(list.Items) == 0 {
		a.broken("attribute %s is empty", name)
	}
	outputs := make([][]mlapi.Label, 0, len(list.Items))
	for i, v := range list.Items {
		array, ok := v.(*pickle.Array)
		if !ok || len(array.Shape) != 1 || array.Shape[0] < 1 {
			a.broken("%s[%d] is not a list of classes", name, i)
		}
		if a.err != nil || !a.charge(48*int64(elements(array))) {
			return nil
		}
		l, err := labels(array)
		if err != nil {
			a.unsupported(hintServed, "%s[%d]: %v", name, i, err)
		}
		outputs = append(outputs, l)
	}
	return outputs
}

func dummyRegressor(a *attrs) mlapi.Model {
	info := a.describe(mlapi.Regressor)
	values, _ := a.floats("constant_")
	info.Outputs = len(values)
	return a.constant(info, nil, values)
}

// constant builds a model that answers the same for every row.
func (a *attrs) constant(info *mlapi.Info, class []int32, values []float64) mlapi.Model {
	switch {
	case a.has("n_features_in_"):
		info.Features = a.features(a.bagWidth())
	case a.given > 0:
		info.Features = a.features(a.given)
	case a.err == nil:
		// Up to 1.4 it takes any number of them.
		a.unsupported(fmt.Sprintf("fit and save it again with scikit-learn 1.5 or later; or %s", hintDummy), "it does not say how many features it takes")
	}
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewConstant(info, class, values)
	a.wrap(err)
	return m
}
