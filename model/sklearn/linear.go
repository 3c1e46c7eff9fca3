package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/linear"
)

func linearClasses() []class {
	return []class{
		{
			name:    "LogisticRegression",
			modules: []string{"sklearn.linear_model.logistic", "sklearn.linear_model._logistic"},
			model:   logisticRegression,
		},
		{
			name:    "LinearRegression",
			modules: []string{"sklearn.linear_model.base", "sklearn.linear_model._base"},
			model:   linearRegression,
		},
	}
}

func logisticRegression(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	w, features := a.weights()
	info.Features = a.features(features)
	link := a.link(len(info.Classes))
	if a.err != nil {
		return nil
	}
	m, err := linear.NewClassifier(info, w, link)
	a.wrap(err)
	return m
}

func linearRegression(a *attrs) mlapi.Model {
	w, features := a.weights()
	info := a.regressor(features, len(w.Intercept))
	if a.err != nil {
		return nil
	}
	m, err := linear.NewRegressor(info, w)
	a.wrap(err)
	return m
}

// weights reads coef_ (features, or outputs x features) and intercept_ (a number,
// or one per output).
func (a *attrs) weights() (w linear.Weights, features int) {
	coef, shape := a.floats("coef_")
	intercept, _ := a.floats("intercept_")
	if a.err != nil {
		return w, 0
	}
	outputs := 1
	switch len(shape) {
	case 1:
		features = shape[0]
	case 2:
		outputs, features = shape[0], shape[1]
	}
	if outputs < 1 || features < 1 {
		a.broken("coef_ has the shape %v", shape)
		return w, 0
	}
	if len(intercept) == 1 && outputs > 1 {
		// fit_intercept=False stores a single zero.
		for range outputs - 1 {
			intercept = append(intercept, intercept[0])
		}
	}
	return linear.Weights{Coef: coef, Intercept: intercept}, features
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
