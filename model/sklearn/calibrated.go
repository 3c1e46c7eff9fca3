package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
)

func calibratedClasses() []class {
	modules := []string{"sklearn.calibration"}
	return []class{
		{name: "CalibratedClassifierCV", modules: modules, model: calibratedClassifier},
		{name: "_CalibratedClassifier", modules: modules},
		{name: "_SigmoidCalibration", modules: modules},
		{name: "_TemperatureScaling", modules: modules},
		{name: "FrozenEstimator", modules: []string{"sklearn.frozen._frozen"}, model: frozen, transformer: frozenTransformer, predicts: frozenPredicts},
	}
}

// calibratedClassifier follows sklearn/calibration.py: the mean of the calibrated
// classifiers, which calibrate decision values and, where there are none,
// probabilities.
func calibratedClassifier(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	list := a.list("calibrated_classifiers_")
	members := make([]ensemble.CalibratedMember, 0, len(list))
	models := make([]mlapi.Model, 0, len(list))
	for i, v := range list {
		what := fmt.Sprintf("calibrated_classifiers_[%d]", i)
		in := a.inside(what, v, "_CalibratedClassifier")
		if a.err != nil {
			return nil
		}
		m := in.calibratedMember(info.Classes)
		if a.err = in.err; a.err != nil {
			return nil
		}
		members, models = append(members, m), append(models, m.Scores.Model)
	}
	if a.err == nil && len(members) == 0 {
		a.broken("it has no calibrated classifiers")
	}
	info.Features = a.inputs(models...)
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewCalibrated(info, members)
	a.wrap(err)
	return m
}

// calibratedMember reads one calibrated classifier: calibrators_, base_estimator and
// classes_ lost their underscores in 0.24 and their base in 1.2.
func (a *attrs) calibratedMember(classes []mlapi.Label) ensemble.CalibratedMember {
	var p ensemble.CalibratedMember
	name := a.first("estimator", "base_estimator")
	p.Scores.Model = a.member(name, a.value(name), mlapi.Decision)
	if a.err != nil {
		return p
	}
	inner := p.Scores.Model.Info()
	places := a.places(name, inner.Classes, classes)
	probable := inner.Scores == mlapi.Probability
	if probable && len(classes) == 2 {
		p.Scores.Take = ensemble.ButFirst
	}
	list := a.list(a.first("calibrators", "calibrators_"))
	if len(list) == 1 && isObject(list[0], "_TemperatureScaling") {
		in := a.inside("calibrators[0]", list[0], "_TemperatureScaling")
		p.Temperature, p.Logarithms = in.float("beta_"), probable
		if a.err = in.err; a.err == nil && !identity(places) {
			a.broken("%s has other classes", name)
		}
		return p
	}
	for i, v := range list {
		c := a.calibrator(fmt.Sprintf("calibrators[%d]", i), v)
		if a.err != nil {
			return p
		}
		p.Calibrators = append(p.Calibrators, c)
	}
	switch {
	case len(classes) == 2:
		p.Classes = []int32{1}
	case len(list) > len(places):
		a.broken("%d calibrators for %d classes", len(list), len(places))
	default:
		p.Classes = places[:len(list)]
	}
	return p
}

func isObject(v pickle.Value, name string) bool {
	o, ok := v.(*pickle.Object)
	return ok && o.Class.Name == name
}

// calibrator reads what makes a probability of a score.
func (a *attrs) calibrator(what string, v pickle.Value) ensemble.Calibrator {
	in := a.inside(what, v, "_SigmoidCalibration", "IsotonicRegression")
	if a.err != nil {
		return nil
	}
	var c ensemble.Calibrator
	if in.class.name == "IsotonicRegression" {
		if f := in.isotonic(); in.err == nil {
			c = f.At
		}
	} else {
		slope, offset := in.float("a_"), in.float("b_")
		if in.err == nil {
			var err error
			c, err = ensemble.Sigmoid(slope, offset)
			in.wrap(err)
		}
	}
	a.err = in.err
	return c
}
