package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
)

func stackingClasses() []class {
	modules := ensembleModules("_stacking")
	return []class{
		{name: "StackingClassifier", modules: modules, model: stackingClassifier},
		{name: "StackingRegressor", modules: modules, model: stackingRegressor},
	}
}

// stackingClassifier follows sklearn/ensemble/_stacking.py: the estimators were
// trained with the numbers of the classes. Stacks for several labels, which there are
// since 1.2, have lists of classes and are not served.
func stackingClassifier(a *attrs) mlapi.Model {
	classes := a.classes("classes_")
	columns := a.stacked(len(classes))
	final := a.member("final_estimator_", a.value("final_estimator_"), a.want)
	if a.err != nil {
		return nil
	}
	if places := a.encoded("final_estimator_", final, len(classes)); a.err == nil && (!identity(places) || len(places) != len(classes)) {
		a.broken("final_estimator_ has other classes")
	}
	info := a.like(final)
	info.Classes = classes
	return a.stack(info, columns, final)
}

func stackingRegressor(a *attrs) mlapi.Model {
	columns := a.stacked(0)
	final := a.member("final_estimator_", a.value("final_estimator_"), mlapi.NoScores)
	if a.err != nil {
		return nil
	}
	return a.stack(a.like(final), columns, final)
}

// stack builds a stack of columns under final.
func (a *attrs) stack(info *mlapi.Info, columns []ensemble.Column, final mlapi.Model) mlapi.Model {
	models := make([]mlapi.Model, len(columns))
	for i := range columns {
		models[i] = columns[i].Model
	}
	if a.err == nil && len(columns) == 0 {
		a.broken("it has no estimators")
	}
	pass := a.has("passthrough") && a.bool("passthrough")
	info.Features = a.inputs(models...)
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewStack(info, columns, pass, final)
	a.wrap(err)
	return m
}

// stacked reads the estimators of a stack, and what is taken of each.
func (a *attrs) stacked(classes int) []ensemble.Column {
	list := a.list("estimators_")
	var methods []string
	for _, v := range a.list("stack_method_") {
		if v == nil {
			continue // of an estimator that was dropped
		}
		method, _ := v.(string)
		methods = append(methods, method)
	}
	if a.err == nil && len(methods) != len(list) {
		a.broken("%d estimators have %d methods", len(list), len(methods))
	}
	if a.err != nil {
		return nil
	}
	columns := make([]ensemble.Column, 0, len(list))
	for i, v := range list {
		c := a.taken(fmt.Sprintf("estimators_[%d]", i), v, methods[i], classes)
		if a.err != nil {
			return nil
		}
		columns = append(columns, c)
	}
	return columns
}

// taken builds the estimator v and takes what its method gives: of probabilities
// of two classes the second only.
func (a *attrs) taken(what string, v pickle.Value, method string, classes int) ensemble.Column {
	var c ensemble.Column
	switch method {
	case "predict_proba":
		c.Model = a.predictor(what, v, mlapi.Probability)
		if classes == 2 {
			c.Take = ensemble.ButFirst
		}
	case "decision_function":
		c.Model = a.predictor(what, v, mlapi.Decision)
	case "predict":
		if c.Model = a.member(what, v, mlapi.NoScores); c.Model == nil || c.Model.Info().Task == mlapi.Regressor {
			return c
		}
		c.Take, c.Labels = ensemble.Label, a.numbers(what, c.Model)
	default:
		a.unsupported(hintServed, "%s is asked for %q, which is unknown", what, method)
	}
	return c
}

// numbers returns the classes of m, which are numbers.
func (a *attrs) numbers(what string, m mlapi.Model) []float64 {
	classes := m.Info().Classes
	numbers := make([]float64, len(classes))
	for i, l := range classes {
		v, ok := number(l)
		if !ok {
			a.unsupported(hintServed, "%s predicts the class %s, which is no number", what, mlapi.Quote([]byte(l.String())))
			return nil
		}
		numbers[i] = v
	}
	return numbers
}
