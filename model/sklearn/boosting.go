package sklearn

import (
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/tree"
)

func boostingClasses() []class {
	modules := ensembleModules("gradient_boosting", "_gb")
	all := []class{
		{name: "GradientBoostingClassifier", modules: modules, model: boostingClassifier},
		{name: "GradientBoostingRegressor", modules: modules, model: boostingRegressor},
	}
	// What the first estimators were up to 0.20; none of them looks at its features.
	for _, name := range []string{"QuantileEstimator", "MeanEstimator", "LogOddsEstimator", "ScaledLogOddsEstimator", "PriorProbabilityEstimator", "ZeroEstimator"} {
		all = append(all, class{name: name, modules: modules})
	}
	return all
}

// boostingClassifier follows sklearn/ensemble/_gb.py and, for releases up to 1.3,
// _gb_losses.py and the losses in gradient_boosting.py.
func boostingClassifier(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	loss := a.text("loss")
	scale := 1.0
	switch loss {
	case "deviance", "log_loss":
	case "exponential":
		scale = 2
	default:
		a.unsupported(hintServed, "loss=%q is unknown", loss)
	}
	outputs := len(info.Classes)
	if outputs <= 2 {
		outputs = 1
	}
	how := ensemble.Gradient{Link: ensemble.Softmax, Class: ensemble.Choose}
	if outputs == 1 {
		how.Link = ensemble.Expit(scale)
	}
	// Up to 1.3 the class is the most probable one, but for the exponential loss.
	if how.Class = ensemble.ChooseProbable(1); a.version.since(1, 4) || loss == "exponential" {
		how.Class = ensemble.ChooseFrom
	}
	return a.boosted(info, outputs, how, loss)
}

func boostingRegressor(a *attrs) mlapi.Model {
	info := a.describe(mlapi.Regressor)
	info.Outputs = 1
	return a.boosted(info, 1, ensemble.Gradient{}, "")
}

// boosted builds gradient boosting of so many sums.
func (a *attrs) boosted(info *mlapi.Info, outputs int, how ensemble.Gradient, loss string) mlapi.Model {
	trees, features := a.stages(outputs)
	base := a.start(&how, outputs, loss)
	info.Features = a.features(features)
	if a.err != nil {
		return nil
	}
	if info.Task == mlapi.Classifier && a.want == mlapi.Decision {
		info.Scores, how.Link = mlapi.Decision, nil
	}
	b, err := tree.PackBoosted(trees, tree.BoostOptions{Features: features, Outputs: outputs, Compare: tree.Float32AtMost, Base: base})
	a.wrap(err)
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewBoosting(info, b, how)
	a.wrap(err)
	return m
}

// stages reads the trees: stages x outputs.
func (a *attrs) stages(outputs int) (trees []tree.BoostedTree, features int) {
	array := a.array("estimators_")
	rate := a.float("learning_rate")
	if a.err != nil {
		return nil, 0
	}
	if array.Dtype.Kind != 'O' || len(array.Shape) != 2 || array.Shape[0] < 1 || array.Shape[1] != outputs {
		a.broken("attribute estimators_ has the shape %v for %d outputs", array.Shape, outputs)
		return nil, 0
	}
	for i := range array.Objects {
		at := i // in the array's own order
		if array.Fortran {
			at = i%outputs*array.Shape[0] + i/outputs
		}
		o, ok := array.Objects[at].(*pickle.Object)
		m := a.r.open(o, a)
		if !ok || m == nil || !singleTree(m.class.name) {
			a.broken("estimators_[%d] is not a single tree", i)
			return nil, 0
		}
		t := m.tree(1, 1)
		if a.err = m.err; a.err != nil {
			return nil, 0
		}
		if i == 0 {
			features = t.features
		}
		if t.features != features {
			a.broken("tree %d takes %d features, tree 0 takes %d", i, t.features, features)
			return nil, 0
		}
		for k := range t.Values {
			t.Values[k] *= rate
		}
		trees = append(trees, tree.BoostedTree{Tree: t.Tree, Output: i % outputs})
	}
	return trees, features
}

// start reads init_, what the sums start from: numbers, or an estimator in how.
func (a *attrs) start(how *ensemble.Gradient, outputs int, loss string) []float64 {
	v, _ := a.object.Attr("init_")
	if v == nil || v == "zero" || a.err != nil {
		return nil
	}
	o, ok := v.(*pickle.Object)
	if !ok {
		a.wrong("init_", "an estimator")
		return nil
	}
	var base []float64
	switch name := o.Class.Name; name {
	case "QuantileEstimator":
		base = a.oldStart(o, "quantile")
	case "MeanEstimator":
		base = a.oldStart(o, "mean")
	case "LogOddsEstimator", "ScaledLogOddsEstimator":
		base = a.oldStart(o, "prior")
	case "PriorProbabilityEstimator":
		base = a.oldStart(o, "priors")
	case "ZeroEstimator":
		return nil
	case "DummyClassifier", "DummyRegressor":
		base = a.dummyStart(o, outputs, loss)
	default:
		a.otherStart(how, o, outputs, loss)
		return nil
	}
	if a.err == nil && len(base) != outputs {
		a.broken("init_ starts %d sums, want %d", len(base), outputs)
	}
	return base
}

// oldStart reads the numbers that one of the first estimators of up to 0.20 answers.
func (a *attrs) oldStart(o *pickle.Object, name string) []float64 {
	in := a.inside("init_", o, o.Class.Name)
	values, _ := in.floats(name)
	a.err = in.err
	return values
}

// dummyStart turns what a dummy answers into sums.
func (a *attrs) dummyStart(o *pickle.Object, outputs int, loss string) []float64 {
	in := a.child("init_", o)
	if in == nil {
		return nil
	}
	if o.Class.Name == "DummyRegressor" {
		values, _ := in.floats("constant_")
		a.err = in.err
		return values
	}
	_, probabilities, _ := in.dummy()
	if a.err = in.err; a.err != nil {
		return nil
	}
	if loss == "" || len(probabilities) != 1 || len(probabilities[0]) < 2 {
		a.broken("init_ is a classifier that does not fit")
		return nil
	}
	base := make([]float64, outputs)
	a.startLink(outputs, loss)(base, probabilities[0])
	return base
}

// otherStart builds the estimator that the sums start from.
func (a *attrs) otherStart(how *ensemble.Gradient, o *pickle.Object, outputs int, loss string) {
	if loss == "" {
		how.Start = a.member("init_", o, mlapi.NoScores)
		how.StartLink = func(dst, answer []float64) { copy(dst, answer) }
		if a.err == nil && how.Start.Info().Task != mlapi.Regressor {
			a.broken("init_ is a %s", how.Start.Info().Task)
		}
		return
	}
	if !a.version.since(0, 21) {
		a.unsupported(hintServed, "init_ is %s, which is not served in files of before 0.21", o.Class)
		return
	}
	how.Start, how.StartLink = a.predictor("init_", o, mlapi.Probability), a.startLink(outputs, loss)
	if a.err == nil && len(how.Start.Info().Classes) != max(2, outputs) {
		a.broken("init_ has %d classes for %d sums", len(how.Start.Info().Classes), outputs)
	}
}

// startLink returns what makes sums of probabilities. They are kept away from 0 and 1
// (by float32's epsilon up to 1.7, sklearn/ensemble/_gb.py: _init_raw_predictions).
// Since 1.4 the sums of several classes are centred (sklearn/_loss/link.py:
// MultinomialLogit).
func (a *attrs) startLink(outputs int, loss string) func(dst, probabilities []float64) {
	least, centred := 0x1p-23, a.version.since(1, 4)
	if a.version.since(1, 8) {
		least = 0x1p-52
	}
	clip := func(p float64) float64 { return min(max(p, least), 1-least) }
	if outputs == 1 {
		return func(dst, probabilities []float64) {
			p := clip(probabilities[1])
			if dst[0] = math.Log(p / (1 - p)); loss == "exponential" {
				dst[0] *= 0.5
			}
		}
	}
	return func(dst, probabilities []float64) {
		mean := 0.0
		for k, p := range probabilities {
			dst[k] = math.Log(clip(p))
			mean += dst[k] / float64(len(dst))
		}
		for k := range dst {
			if centred {
				dst[k] -= mean
			}
		}
	}
}
