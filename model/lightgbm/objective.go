package lightgbm

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
	"example.com/mlapi/model/vector"
)

// objective is what a model was trained for, and so what its sums mean.
type objective struct {
	name    string  // "binary", "regression", ...; "" where the model says none
	sigmoid float64 // of binary and multiclassova
	squared bool    // regression trained on square roots
}

// parse reads the objective of a header, as in "binary sigmoid:1".
func (o *objective) parse(text string, b *Booster) error {
	words := strings.Fields(text)
	o.sigmoid = 1
	if len(words) == 0 {
		return nil
	}
	o.name = canonical(words[0])
	classes := b.classes
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, ":")
		var err error
		switch key {
		case "sigmoid":
			o.sigmoid, err = strconv.ParseFloat(value, 64)
		case "num_class":
			classes, err = strconv.Atoi(value)
		case "sqrt":
			// What derives from RegressionL2loss in src/objective/regression_objective.hpp and does
			// not take it back.
			o.squared = slices.Contains([]string{"regression", "regression_l1", "fair", "quantile", "mape"}, o.name)
		}
		if err != nil {
			return broken("the objective has the parameter %s", mlapi.Quote([]byte(word)))
		}
	}
	if !(o.sigmoid > 0) || math.IsInf(o.sigmoid, 0) {
		return broken("the objective has the sigmoid %v", o.sigmoid)
	}
	switch o.name {
	case "multiclass", "multiclassova":
		if classes != b.outputs {
			return broken("an objective of %d classes, and %d trees an iteration", classes, b.outputs)
		}
	case "binary", "regression", "regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie",
		"cross_entropy", "cross_entropy_lambda", "lambdarank", "rank_xendcg":
		if b.outputs != 1 {
			return broken("the objective %s, and %d trees an iteration", o.name, b.outputs)
		}
	case "custom":
	default:
		return unsupported("train with one of LightGBM's own objectives", "the objective %s is not known", mlapi.Quote([]byte(words[0])))
	}
	return nil
}

// canonical returns the name that LightGBM gives an objective that has several.
func canonical(name string) string {
	switch name {
	case "regression_l2", "mean_squared_error", "mse", "l2", "l2_root", "root_mean_squared_error", "rmse":
		return "regression"
	case "mean_absolute_error", "l1", "mae":
		return "regression_l1"
	case "mean_absolute_percentage_error":
		return "mape"
	case "softmax":
		return "multiclass"
	case "multiclass_ova", "ova", "ovr":
		return "multiclassova"
	case "xentropy":
		return "cross_entropy"
	case "xentlambda":
		return "cross_entropy_lambda"
	case "xendcg", "xe_ndcg", "xe_ndcg_mart", "xendcg_mart":
		return "rank_xendcg"
	case "none", "null", "na":
		return "custom"
	}
	return name
}

// classifies reports whether the sums become probabilities of classes.
func (o *objective) classifies() bool {
	return o.name == "binary" || o.name == "multiclass" || o.name == "multiclassova"
}

// link returns what turns sums into predictions; nil where they are predictions.
func (o *objective) link() tree.Link {
	switch o.name {
	case "binary", "multiclassova", "cross_entropy":
		slope := o.sigmoid
		if o.name == "cross_entropy" {
			slope = 1
		}
		return func(dst, margins []float64) {
			for k, v := range margins {
				dst[k] = 1 / (1 + math.Exp(-slope*v))
			}
		}
	case "multiclass":
		return func(dst, margins []float64) {
			copy(dst, margins)
			vector.Softmax(dst)
		}
	case "poisson", "gamma", "tweedie":
		return func(dst, margins []float64) { dst[0] = math.Exp(margins[0]) }
	case "cross_entropy_lambda":
		return func(dst, margins []float64) { dst[0] = math.Log1p(math.Exp(margins[0])) }
	}
	if o.squared {
		return func(dst, margins []float64) { dst[0] = math.Copysign(margins[0]*margins[0], margins[0]) }
	}
	return nil
}
