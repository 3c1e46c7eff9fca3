package sklearn

import (
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/bayes"
	"example.com/mlapi/model/pickle"
)

func bayesClasses() []class {
	modules := []string{"sklearn.naive_bayes"}
	return []class{
		{name: "GaussianNB", modules: modules, model: gaussianBayes},
		{name: "MultinomialNB", modules: modules, model: multinomialBayes},
		{name: "ComplementNB", modules: modules, model: complementBayes},
		{name: "BernoulliNB", modules: modules, model: bernoulliBayes},
		{name: "CategoricalNB", modules: modules, model: categoricalBayes},
	}
}

// gaussianBayes follows sklearn/naive_bayes.py; the variances were called sigma_ up to
// 0.24.
func gaussianBayes(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	g := bayes.Gaussian{}
	var shape []int
	g.Means, shape = a.floats("theta_")
	g.Variances, _ = a.floats(a.first("var_", "sigma_"))
	g.Priors, _ = a.floats(a.first("class_prior_", "priors"))
	info.Features = a.features(a.secondOf("theta_", shape))
	if a.err != nil {
		return nil
	}
	m, err := bayes.NewGaussian(info, g)
	a.wrap(err)
	return m
}

// secondOf returns the columns of an attribute that has two dimensions.
func (a *attrs) secondOf(name string, shape []int) int {
	if a.err == nil && (len(shape) != 2 || shape[0] < 1 || shape[1] < 1) {
		a.broken("%s has the shape %v", name, shape)
	}
	if a.err != nil {
		return 0
	}
	return shape[1]
}

// likelihoods reads feature_log_prob_, classes x features.
func (a *attrs) likelihoods() (info *mlapi.Info, l bayes.Linear) {
	info = a.classifier(mlapi.Probability)
	var shape []int
	l.Coef, shape = a.floats("feature_log_prob_")
	info.Features = a.features(a.secondOf("feature_log_prob_", shape))
	a.charge(8 * int64(len(l.Coef))) // turned around by the evaluator
	if a.err == nil && len(info.Classes) != shape[0] {
		a.broken("feature_log_prob_ has the shape %v for %d classes", shape, len(info.Classes))
	}
	return info, l
}

func (a *attrs) linearBayes(info *mlapi.Info, l bayes.Linear) mlapi.Model {
	if a.err != nil {
		return nil
	}
	m, err := bayes.NewLinear(info, l)
	a.wrap(err)
	return m
}

func multinomialBayes(a *attrs) mlapi.Model {
	info, l := a.likelihoods()
	l.Intercept, _ = a.floats("class_log_prior_")
	return a.linearBayes(info, l)
}

// complementBayes follows sklearn/naive_bayes.py: only with a single class do the
// shares of the classes count.
func complementBayes(a *attrs) mlapi.Model {
	info, l := a.likelihoods()
	l.Intercept = make([]float64, len(info.Classes))
	if len(info.Classes) == 1 {
		l.Intercept, _ = a.floats("class_log_prior_")
	}
	return a.linearBayes(info, l)
}

// bernoulliBayes follows sklearn/naive_bayes.py: a feature that is absent counts with
// the probability of its absence, which is part of the intercept here.
func bernoulliBayes(a *attrs) mlapi.Model {
	info, l := a.likelihoods()
	shares, _ := a.floats("class_log_prior_")
	if a.has("binarize") {
		l.Binarize, l.Threshold = true, a.float("binarize")
	}
	if a.err != nil {
		return nil
	}
	if len(shares) != len(info.Classes) {
		a.broken("class_log_prior_ has %d values for %d classes", len(shares), len(info.Classes))
		return nil
	}
	features := len(info.Features)
	l.Intercept = make([]float64, len(shares))
	for k := range shares {
		row, absent := l.Coef[k*features:(k+1)*features], 0.0
		for j, p := range row {
			without := math.Log(1 - math.Exp(p))
			row[j] = p - without
			absent += without
		}
		l.Intercept[k] = shares[k] + absent
	}
	return a.linearBayes(info, l)
}

func categoricalBayes(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	c := bayes.Categorical{}
	c.Intercept, _ = a.floats("class_log_prior_")
	for i, v := range a.list("feature_log_prob_") {
		values, shape := a.element(fmt.Sprintf("feature_log_prob_[%d]", i), v)
		a.charge(8 * int64(len(values))) // turned around by the evaluator
		if a.err == nil && (len(shape) != 2 || shape[0] != len(info.Classes)) {
			a.broken("feature_log_prob_[%d] has the shape %v for %d classes", i, shape, len(info.Classes))
		}
		if a.err != nil {
			return nil
		}
		c.Tables = append(c.Tables, values)
	}
	info.Features = a.features(len(c.Tables))
	if a.err != nil {
		return nil
	}
	m, err := bayes.NewCategorical(info, c)
	a.wrap(err)
	return m
}

// element returns an element of a list that is an array of numbers, row-major, and its
// shape; messages call it what.
func (a *attrs) element(what string, v pickle.Value) (values []float64, shape []int) {
	array, ok := v.(*pickle.Array)
	if !ok {
		a.wrong(what, "an array")
		return nil, nil
	}
	if !a.charge(8 * int64(array.Len())) {
		return nil, nil
	}
	values, err := array.Float64s()
	if err != nil {
		a.broken("attribute %s: %v", what, err)
		return nil, nil
	}
	return values, array.Shape
}
