package sklearn

import (
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/linear"
	"example.com/mlapi/model/pickle"
)

// linearClassifierClasses are the classifiers that weigh features and add them up.
func linearClassifierClasses() []class {
	var list []class
	for _, family := range []struct {
		file  string // of sklearn.linear_model
		model func(a *attrs) mlapi.Model
		names []string
	}{
		{"logistic", logisticRegression, []string{"LogisticRegression", "LogisticRegressionCV"}},
		{"ridge", ridgeClassifier, []string{"RidgeClassifier", "RidgeClassifierCV"}},
		{"stochastic_gradient", sgdClassifier, []string{"SGDClassifier"}},
		{"stochastic_gradient", sgdOneClass, []string{"SGDOneClassSVM"}},
		{"perceptron", decisionClassifier, []string{"Perceptron"}},
		{"passive_aggressive", decisionClassifier, []string{"PassiveAggressiveClassifier"}},
	} {
		for _, name := range family.names {
			list = append(list, class{name: name, modules: linearModules(family.file), model: family.model})
		}
	}
	return append(list, class{name: "LinearSVC", modules: svmModules(), model: decisionClassifier})
}

// logisticRegression builds a classifier with probabilities.
func logisticRegression(a *attrs) mlapi.Model {
	return a.linearClassifier(a.link(len(a.classes("classes_"))))
}

// decisionClassifier builds a classifier that has no probabilities.
func decisionClassifier(a *attrs) mlapi.Model { return a.linearClassifier(linear.Identity) }

// sgdClassifier follows sklearn/linear_model/_stochastic_gradient.py: predict_proba.
func sgdClassifier(a *attrs) mlapi.Model {
	switch a.text("loss") {
	case "log", "log_loss":
		return a.linearClassifier(linear.Sigmoid)
	case "modified_huber":
		return a.linearClassifier(linear.ModifiedHuber)
	}
	return a.linearClassifier(linear.Identity)
}

// linearClassifier builds a classifier of one weighted sum per class, or one in all
// of two.
func (a *attrs) linearClassifier(link linear.Link) mlapi.Model {
	if a.want == mlapi.Decision {
		link = linear.Identity
	}
	info := a.classifier(linkScores(link))
	w, features := a.weights()
	info.Features = a.features(features)
	if a.err != nil {
		return nil
	}
	m, err := linear.NewClassifier(info, w, link)
	a.wrap(err)
	return m
}

// linkScores returns the kind of scores that a link makes.
func linkScores(link linear.Link) mlapi.ScoreKind {
	if link == linear.Identity {
		return mlapi.Decision
	}
	return mlapi.Probability
}

// link returns how decision values become probabilities, by the rule of the release
// that wrote the file (sklearn/linear_model/_logistic.py: predict_proba).
func (a *attrs) link(classes int) linear.Link {
	binary := classes <= 2
	multi := a.text("multi_class")
	if a.version.since(1, 8) || multi == "" {
		multi = "auto" // 1.8 does not look at it any more
	}
	switch multi {
	case "ovr", "warn":
		return linear.Sigmoid
	case "multinomial":
		return linear.Softmax
	case "auto", "deprecated":
	default:
		a.unsupported(hintServed, "multi_class=%q is unknown", multi)
	}
	solver := a.text("solver")
	oneVsRest := solver == "liblinear" && !a.version.since(1, 8) ||
		solver == "newton-cholesky" && a.version.since(1, 2) && !a.version.since(1, 6)
	if binary || oneVsRest {
		return linear.Sigmoid
	}
	return linear.Softmax
}

// ridgeClassifier builds a RidgeClassifier, whose classes its binarizer keeps.
func ridgeClassifier(a *attrs) mlapi.Model {
	binarizer := a.partOf("_label_binarizer", "LabelBinarizer")
	if a.err != nil {
		return nil
	}
	several := strings.HasPrefix(binarizer.text("y_type_"), "multilabel")
	// Up to 0.24 it answers the number of the greatest output even where it was
	// trained with a table of labels (sklearn/linear_model/_ridge.py: predict).
	if several && a.version.since(1, 0) {
		return a.multilabel()
	}
	info := a.describe(mlapi.Classifier)
	info.Scores = mlapi.Decision
	info.Classes = binarizer.classes("classes_")
	if a.err = binarizer.err; a.err != nil {
		return nil
	}
	w, features := a.weights()
	info.Features = a.features(features)
	if a.err != nil {
		return nil
	}
	m, err := linear.NewClassifier(info, w, linear.Identity)
	a.wrap(err)
	return m
}

// multilabel builds a classifier that answers 0 or 1 for each output.
func (a *attrs) multilabel() mlapi.Model {
	info := a.describe(mlapi.Classifier)
	info.Classes = []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1)}
	w, features := a.weights()
	info.Features = a.features(features)
	if a.err != nil {
		return nil
	}
	info.Outputs = len(w.Intercept)
	m, err := linear.NewMultilabel(info, w)
	a.wrap(err)
	return m
}

// partOf returns the attributes of an object of the class name (without its module)
// that an attribute holds and that is no estimator of its own.
func (a *attrs) partOf(attribute, name string) *attrs {
	v := a.value(attribute)
	if a.err != nil {
		return nil
	}
	o, ok := v.(*pickle.Object)
	if !ok || o.Class.Name != name {
		a.wrong(attribute, "a "+name)
		return nil
	}
	return &attrs{r: a.r, object: o, class: class{name: name}, written: a.written, version: a.version, nesting: a.nesting + 1}
}

// sgdOneClass follows sklearn/linear_model/_stochastic_gradient.py: decision_function
// of SGDOneClassSVM.
func sgdOneClass(a *attrs) mlapi.Model {
	coef, shape := a.matrix("coef_")
	offset := a.oneNumber("offset_")
	info := a.outliers()
	if a.err != nil {
		return nil
	}
	if n := len(shape); n == 0 || n > 2 || n == 2 && shape[0] != 1 {
		a.broken("coef_ has the shape %v", shape)
		return nil
	}
	info.Features = a.features(len(coef))
	if a.err != nil {
		return nil
	}
	m, err := linear.NewOutlierDetector(info, linear.Weights{Coef: coef, Intercept: []float64{-offset}})
	a.wrap(err)
	return m
}

// outliers describes an outlier detector but for its features.
func (a *attrs) outliers() *mlapi.Info {
	info := a.describe(mlapi.OutlierDetector)
	info.Classes = []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}
	info.Scores = mlapi.Anomaly
	return info
}

// oneNumber returns an attribute that is a number or an array of one.
func (a *attrs) oneNumber(name string) float64 {
	values, _ := a.floats(name)
	if a.err == nil && len(values) != 1 {
		a.wrong(name, "one number")
	}
	if a.err != nil {
		return 0
	}
	return values[0]
}
