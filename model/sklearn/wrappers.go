package sklearn

import (
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/lightgbm"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
	"example.com/mlapi/model/xgboost"
)

// wrapperClasses are the models of XGBoost and LightGBM as they lie in a pickle: a
// wrapper for scikit-learn with a Booster inside, or a Booster alone. The Booster has
// the bytes of the library's own format.
func wrapperClasses() []class {
	var all []class
	for _, table := range []struct {
		module string
		names  []string
		model  func(a *attrs) mlapi.Model
	}{
		{"xgboost.sklearn", []string{"XGBClassifier", "XGBRFClassifier"}, xgboostClassifier},
		{"xgboost.sklearn", []string{"XGBModel", "XGBRegressor", "XGBRFRegressor", "XGBRanker"}, xgboostRegressor},
		{"xgboost.core", []string{"Booster"}, xgboostBooster},
		{"xgboost.compat", []string{"XGBoostLabelEncoder"}, nil},
		{"xgboost.callback", []string{"EarlyStopping", "EvaluationMonitor", "LearningRateScheduler"}, nil},
		{"lightgbm.sklearn", []string{"LGBMClassifier"}, lightgbmClassifier},
		{"lightgbm.sklearn", []string{"LGBMModel", "LGBMRegressor", "LGBMRanker"}, lightgbmRegressor},
		{"lightgbm.basic", []string{"Booster"}, lightgbmBooster},
		{"catboost.core", []string{"CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker"}, catboost},
	} {
		for _, name := range table.names {
			all = append(all, class{name: name, modules: []string{table.module}, model: table.model})
		}
	}
	return all
}

// catboost refuses models of CatBoost, which keep a format of its own.
func catboost(a *attrs) mlapi.Model {
	a.unsupported("train with XGBoost, LightGBM or scikit-learn's HistGradientBoosting, which are served",
		"models of CatBoost are not served")
	return nil
}

// foreign remembers err, of a library's reader, with its hint.
func (a *attrs) foreign(library string, err error) {
	if err == nil || a.err != nil {
		return
	}
	hint, unsupported := hintBroken, false
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		hint = hinted.Hint()
	}
	var kind interface{ Unsupported() bool }
	if errors.As(err, &kind) {
		unsupported = kind.Unsupported()
	}
	a.fail(hint, unsupported, "its model of %s: %v", library, err)
}

// booster returns the Booster of a wrapper.
func (a *attrs) booster() *attrs {
	if !a.has("_Booster") {
		a.unsupported(hintFit, "the estimator was never fitted (it has no Booster)")
		return nil
	}
	return a.inside("_Booster", a.value("_Booster"), "Booster")
}

// unwrapped reads the Booster of a wrapper: the model, and what is said beside it.
func unwrapped[B, More any](a *attrs, read func(*attrs) (B, More)) (b B, more More) {
	in := a.booster()
	if a.err != nil {
		return b, more
	}
	b, more = read(in)
	a.err = in.err
	return b, more
}

// parseFactor is what a byte of a library's own format takes as a model, at most.
const parseFactor = 4

// handle returns the bytes of a Booster, and how much memory reading them may take.
func (a *attrs) handle(names ...string) ([]byte, model.Limits) {
	v := a.value(a.first(names...))
	if a.err != nil {
		return nil, model.Limits{}
	}
	var data []byte
	switch v := v.(type) {
	case []byte:
		data = v
	case string:
		data = []byte(v)
	case nil:
		a.unsupported(hintFit, "the estimator was never fitted (its Booster is empty)")
	default:
		a.wrong(names[0], "the bytes of a model")
	}
	limits := model.DefaultLimits(int64(len(data)))
	limits.Memory = min(limits.Memory, a.r.memory)
	a.charge(parseFactor * int64(len(data)))
	return data, limits
}

// chargeBooster counts what a booster takes by its numbers of features and outputs, which
// nothing in the file may back. It is asked when the booster was read, within limits of its
// own: there is one too many at most.
func (a *attrs) chargeBooster(features, outputs int) {
	a.charge(2*96*int64(features) + 64*int64(outputs))
}

// described returns what is known of a model of a library, as written by writer.
func (a *attrs) described(task mlapi.Task, writer string, features []mlapi.Feature) *mlapi.Info {
	info := a.describe(task)
	info.Writer, info.Features = writer, features
	if a.has("n_features_in_") && a.int("n_features_in_") != len(features) {
		a.broken("attribute n_features_in_ is %d, but the model takes %d features", a.int("n_features_in_"), len(features))
	}
	return info
}

// wrapperLabels returns the labels of a classifier: its own, those of its encoder, or
// 0, 1, ... of outputs of a release that takes no others.
func (a *attrs) wrapperLabels() []mlapi.Label {
	for _, name := range []string{"classes_", "_classes"} {
		if v, _ := a.object.Attr(name); v != nil {
			if _, ok := v.(*pickle.Array); ok {
				return a.classes(name)
			}
		}
	}
	if a.has("_le") {
		in := a.inside("_le", a.value("_le"), "LabelEncoder", "XGBoostLabelEncoder")
		if a.err != nil {
			return nil
		}
		labels := in.classes("classes_")
		a.err = in.err
		return labels
	}
	n := a.featureCount("n_classes_", "_n_classes")
	if a.err == nil && n > maxOutputs {
		a.broken("it has %d classes", n)
	}
	if a.err != nil || !a.charge(48*int64(n)) {
		return nil
	}
	labels := make([]mlapi.Label, n)
	for i := range labels {
		labels[i] = mlapi.IntLabel(int64(i))
	}
	return labels
}

// renamed returns m as a model of a file of the format at hand.
func (a *attrs) renamed(m mlapi.Model, features []mlapi.Feature) mlapi.Model {
	info := *m.Info()
	info.Format = a.r.format
	if features != nil {
		info.Features = features
	}
	p, err := transform.NewPipeline(&info, nil, m)
	a.wrap(err)
	return p
}

// xgboostModel reads the booster of XGBoost that a, a Booster, holds, and its features.
func (a *attrs) xgboostModel() (*xgboost.Booster, []mlapi.Feature) {
	data, limits := a.handle("handle", "_handle")
	if a.err != nil {
		return nil, nil
	}
	b, err := xgboost.Parse(data, limits)
	if a.foreign("XGBoost", err); a.err != nil {
		return nil, nil
	}
	features := b.Features()
	a.chargeBooster(len(features), b.Outputs())
	// Up to 1.3 the names are not in the bytes; f0, f1, ... are none.
	names, _ := a.object.Attr("feature_names")
	if list, ok := names.(*pickle.List); !ok || len(list.Items) != len(features) || !a.charge(96*int64(len(features))) {
		return b, features
	}
	if list, err := pickle.Strings(names); err == nil && plainNames(features, "x") {
		for i, name := range list {
			if name != fmt.Sprintf("f%d", i) {
				features[i].Name = name
			}
		}
	}
	return b, features
}

// plainNames reports whether features are named by their numbers.
func plainNames(features []mlapi.Feature, prefix string) bool {
	for i, f := range features {
		if f.Name != fmt.Sprintf("%s%d", prefix, i) {
			return false
		}
	}
	return true
}

// xgboostUse returns how a wrapper uses its booster: up to the best iteration, with a
// value that means missing.
func (a *attrs) xgboostUse(b *xgboost.Booster) xgboost.Use {
	use := b.Best()
	if v, ok := a.object.Attr("missing"); ok && v != nil {
		if missing, ok := pickle.AsFloat(v); ok && !math.IsNaN(missing) {
			use.Missing = &missing
		}
	}
	return use
}

// xgboostClassifier follows xgboost/sklearn.py: predict and predict_proba of
// XGBClassifier.
func xgboostClassifier(a *attrs) mlapi.Model {
	b, features := unwrapped(a, (*attrs).xgboostModel)
	if a.err != nil {
		return nil
	}
	info := a.described(mlapi.Classifier, b.Writer(), features)
	if b.Outputs() > 1 && b.Objective() == "binary:logistic" {
		return a.xgboostLabels(b, info)
	}
	info.Scores, info.Classes = mlapi.Probability, a.wrapperLabels()
	if a.err != nil {
		return nil
	}
	m, err := b.Classifier(info, a.xgboostUse(b))
	a.foreign("XGBoost", err)
	return m
}

// xgboostLabels builds a classifier of several labels, each there where its
// probability is above a half.
func (a *attrs) xgboostLabels(b *xgboost.Booster, info *mlapi.Info) mlapi.Model {
	inner := *info
	inner.Task, inner.Outputs = mlapi.Regressor, b.Outputs()
	info.Outputs, info.Classes = b.Outputs(), []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1)}
	if a.err != nil {
		return nil
	}
	probabilities, err := b.Regressor(&inner, a.xgboostUse(b))
	if a.foreign("XGBoost", err); a.err != nil {
		return nil
	}
	return a.rest(info, []ensemble.Column{{Model: probabilities}}, ensemble.Rest{Labels: true, Threshold: 0.5})
}

func xgboostRegressor(a *attrs) mlapi.Model {
	b, features := unwrapped(a, (*attrs).xgboostModel)
	if a.err != nil {
		return nil
	}
	info := a.described(mlapi.Regressor, b.Writer(), features)
	if info.Outputs = b.Outputs(); a.err != nil {
		return nil
	}
	m, err := b.Regressor(info, a.xgboostUse(b))
	a.foreign("XGBoost", err)
	return m
}

func xgboostBooster(a *attrs) mlapi.Model {
	b, features := a.xgboostModel()
	if a.err != nil {
		return nil
	}
	m, err := b.Model()
	if a.foreign("XGBoost", err); a.err != nil {
		return nil
	}
	return a.renamed(m, features)
}

// lightgbmModel reads the booster of LightGBM that a, a Booster, holds: its text.
func (a *attrs) lightgbmModel() (*lightgbm.Booster, lightgbm.Use) {
	var use lightgbm.Use
	data, limits := a.handle("handle", "_handle")
	if a.err != nil {
		return nil, use
	}
	b, err := lightgbm.Parse(data, limits)
	if a.foreign("LightGBM", err); a.err != nil {
		return nil, use
	}
	a.chargeBooster(len(b.Features()), b.Outputs())
	// Booster.predict takes the iterations up to the best; 0 and -1 mean all.
	if a.has("best_iteration") {
		use.Iterations = max(0, a.int("best_iteration"))
	}
	return b, use
}

// lightgbmClassifier follows lightgbm/sklearn.py: predict and predict_proba of
// LGBMClassifier.
func lightgbmClassifier(a *attrs) mlapi.Model {
	b, use := unwrapped(a, (*attrs).lightgbmModel)
	if a.err != nil {
		return nil
	}
	info := a.described(mlapi.Classifier, b.Writer(), b.Features())
	info.Scores, info.Classes = mlapi.Probability, a.wrapperLabels()
	if a.err != nil {
		return nil
	}
	m, err := b.Classifier(info, use)
	a.foreign("LightGBM", err)
	return m
}

func lightgbmRegressor(a *attrs) mlapi.Model {
	b, use := unwrapped(a, (*attrs).lightgbmModel)
	if a.err != nil {
		return nil
	}
	info := a.described(mlapi.Regressor, b.Writer(), b.Features())
	if info.Outputs = b.Outputs(); a.err != nil {
		return nil
	}
	m, err := b.Regressor(info, use)
	a.foreign("LightGBM", err)
	return m
}

func lightgbmBooster(a *attrs) mlapi.Model {
	b, use := a.lightgbmModel()
	if a.err != nil {
		return nil
	}
	m, err := b.Model(use)
	if a.foreign("LightGBM", err); a.err != nil {
		return nil
	}
	return a.renamed(m, nil)
}
