package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
)

// fixedThreshold follows sklearn/model_selection/_classification_threshold.py.
func fixedThreshold(a *attrs) mlapi.Model {
	m := a.thresholded()
	if a.err != nil {
		return nil
	}
	limit := 0.0
	if m.Info().Scores == mlapi.Probability {
		limit = 0.5
	}
	if a.text("threshold") != "auto" {
		limit = a.float("threshold")
	}
	positive, _ := a.object.Attr("pos_label")
	return a.threshold(m, limit, positive)
}

// tunedThreshold takes the positive class from the metric that the threshold was
// tuned for: by scikit-learn's default 1 where the metric knows one at all.
func tunedThreshold(a *attrs) mlapi.Model {
	m := a.thresholded()
	limit := a.float("best_threshold_")
	scorer := a.value("_curve_scorer")
	if a.err != nil {
		return nil
	}
	in := a.inside("_curve_scorer", scorer, "_CurveScorer")
	if a.err != nil {
		return nil
	}
	var positive pickle.Value
	kwargs, _ := in.object.Attr("_kwargs")
	if d, ok := kwargs.(*pickle.Dict); ok {
		given, found := d.Get("pos_label")
		if positive = given; !found && in.positiveMetric() {
			positive = int64(1)
		}
	}
	return a.threshold(m, limit, positive)
}

// positiveMetric reports whether a scorer's metric has a parameter pos_label, which
// is 1 by default.
func (a *attrs) positiveMetric() bool {
	v, _ := a.object.Attr("_score_func")
	g, ok := v.(pickle.Global)
	if !ok {
		return false
	}
	switch g.Name {
	case "f1_score", "fbeta_score", "precision_score", "recall_score", "jaccard_score", "precision_recall_fscore_support", "average_precision_score":
		return true
	}
	return false
}

// thresholded builds the classifier whose scores the threshold is for.
func (a *attrs) thresholded() mlapi.Model {
	name := a.first("estimator_", "estimator")
	switch method := a.text("response_method"); method {
	case "auto":
		return a.member(name, a.value(name), mlapi.Probability)
	case "predict_proba":
		return a.predictor(name, a.value(name), mlapi.Probability)
	case "decision_function":
		return a.predictor(name, a.value(name), mlapi.Decision)
	default:
		a.unsupported(hintServed, "response_method=%q is unknown", method)
	}
	return nil
}

// threshold builds a classifier that chooses the class positive where its score in m
// is at least limit. Without a positive class that is the second.
func (a *attrs) threshold(m mlapi.Model, limit float64, positive pickle.Value) mlapi.Model {
	if a.err != nil {
		return nil
	}
	info := a.like(m)
	info.Features = a.inputs(m)
	place := int32(1)
	if positive != nil {
		l, err := label(positive)
		a.wrap(err)
		if a.err == nil {
			place = a.places("pos_label", []mlapi.Label{l}, info.Classes)[0]
		}
	}
	if a.err != nil {
		return nil
	}
	t, err := ensemble.NewThreshold(info, m, limit, place)
	a.wrap(err)
	return t
}
