package xgboost

import (
	"math"

	"example.com/mlapi/model/tree"
)

// objective is the name of what a model was trained for, as in "binary:logistic".
type objective string

// task is what an objective's predictions mean.
type task uint8

const (
	regresses   task = iota + 1 // numbers
	classifies                  // probabilities of classes
	decides                     // a score of two classes that is no probability
	unknownTask task = 0
)

// task returns what predictions mean.
func (o objective) task() task {
	switch o {
	case "binary:logistic", "multi:softprob", "multi:softmax":
		return classifies
	case "binary:logitraw", "binary:hinge":
		return decides
	case "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:logistic", "reg:pseudohubererror",
		"reg:absoluteerror", "reg:quantileerror", "reg:expectileerror", "reg:gamma", "reg:tweedie",
		"count:poisson", "survival:cox", "survival:aft", "rank:pairwise", "rank:ndcg", "rank:map":
		return regresses
	}
	return unknownTask
}

// multiclass reports whether the sums of a row belong together.
func (o objective) multiclass() bool { return o == "multi:softprob" || o == "multi:softmax" }

// expectileStep is what XGBoost keeps expectiles of one row apart by.
const expectileStep = float32(1e-6)

// margins returns the sums that a row starts from, of a base score that is stated as
// a prediction. Up to 1.3.0 binary:logitraw took that for a probability.
func (o objective) margins(base []float64, old bool) []float64 {
	margins := make([]float64, len(base))
	for k, v := range base {
		if margins[k] = float64(o.margin(float32(v))); old && o == "binary:logitraw" {
			margins[k] = float64(objective("binary:logistic").margin(float32(v)))
		}
	}
	if o == "reg:expectileerror" {
		for k := len(base) - 1; k > 0; k-- {
			x := max(float32(base[k])-float32(base[k-1])-expectileStep, expectileStep)
			margins[k] = float64(x + logf(-float32(math.Expm1(float64(-x)))))
		}
	}
	return margins
}

func (o objective) margin(v float32) float32 {
	switch o {
	case "binary:logistic", "reg:logistic":
		const least = float32(1e-6)
		v = min(max(v, least), 1-least)
		return -logf(1/v - 1)
	case "reg:gamma", "reg:tweedie", "count:poisson", "survival:cox", "survival:aft":
		return logf(v)
	}
	return v
}

// link returns what turns sums into predictions, in float32 as XGBoost does; nil
// where they are predictions.
func (o objective) link() tree.Link {
	switch o {
	case "binary:logistic", "reg:logistic":
		return each(sigmoid)
	case "binary:hinge":
		return each(func(v float32) float32 {
			if v > 0 {
				return 1
			}
			return 0
		})
	case "reg:gamma", "reg:tweedie", "count:poisson", "survival:cox", "survival:aft":
		return each(expf)
	case "multi:softprob", "multi:softmax":
		return softmax
	case "reg:expectileerror":
		return expectiles
	}
	return nil
}

func each(f func(float32) float32) tree.Link {
	return func(dst, margins []float64) {
		for k, v := range margins {
			dst[k] = float64(f(float32(v)))
		}
	}
}

func expf(v float32) float32 { return float32(math.Exp(float64(v))) }
func logf(v float32) float32 { return float32(math.Log(float64(v))) }

func sigmoid(v float32) float32 {
	const most = 88.7 // its exp is still a float32
	return 1 / (expf(min(-v, most)) + 1)
}

func softmax(dst, margins []float64) {
	most := float32(margins[0])
	for _, v := range margins {
		most = max(most, float32(v))
	}
	sum := 0.0
	for k, v := range margins {
		e := expf(float32(v) - most)
		dst[k] = float64(e)
		sum += float64(e)
	}
	for k := range margins {
		dst[k] = float64(float32(dst[k]) / float32(sum))
	}
}

// expectiles adds up steps that are above 0, so that a higher expectile is never
// below a lower one.
func expectiles(dst, margins []float64) {
	sum := float32(margins[0])
	dst[0] = float64(sum)
	for k, v := range margins[1:] {
		x := float32(v)
		step := float32(math.Log1p(math.Exp(float64(-max(x, -x))))) + max(x, 0)
		sum += expectileStep + step
		dst[k+1] = float64(sum)
	}
}
