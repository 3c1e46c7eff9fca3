package sklearn

import (
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/cluster"
)

// gaussianMixture follows sklearn/mixture/_gaussian_mixture.py, _bayesian_mixture.py and
// _base.py: predict and predict_proba.
func gaussianMixture(a *attrs) mlapi.Model {
	means, shape := a.floats("means_")
	if a.err == nil && (len(shape) != 2 || shape[0] < 1 || shape[1] < 1) {
		a.broken("attribute means_ has the shape %v", shape)
	}
	if a.err != nil {
		return nil
	}
	count, features := shape[0], shape[1]
	// A mean times its root each.
	if !a.charge(8*int64(count)*int64(features) + 160*int64(count)) {
		return nil
	}
	components := make([]cluster.Component, count)
	for k := range components {
		components[k].Mean = means[k*features : (k+1)*features]
	}
	a.roots(components, features)
	var weights []float64
	if a.class.name == "BayesianGaussianMixture" {
		weights = a.bayesianWeights(count, features)
	} else if weights, _ = a.floats("weights_"); a.err == nil {
		for k, w := range weights {
			weights[k] = math.Log(w)
		}
	}
	if a.err == nil && len(weights) != count {
		a.broken("it has %d weights of %d components", len(weights), count)
	}
	info := a.describe(mlapi.Classifier)
	info.Scores = mlapi.Probability
	info.Features = a.features(features)
	if a.err != nil {
		return nil
	}
	for k := range components {
		components[k].Constant += weights[k]
		info.Classes = append(info.Classes, mlapi.IntLabel(int64(k)))
	}
	m, err := cluster.NewMixture(info, components)
	a.wrap(err)
	return m
}

// roots reads precisions_cholesky_: of each component its own or of all the same, for
// pairs of features, each feature or all features alike. It sets the constants too, to
// the logarithm of the density at the mean.
func (a *attrs) roots(components []cluster.Component, features int) {
	values, _ := a.floats("precisions_cholesky_")
	count := len(components)
	size, shared := 0, false // of the values of one component
	switch kind := a.text("covariance_type"); kind {
	case "full":
		size = features * features
	case "tied":
		size, shared = features*features, true
	case "diag":
		size = features
	case "spherical":
		size = 1
	default:
		a.unsupported(hintServed, "covariance_type=%q is unknown", kind)
	}
	want := size * count
	if shared {
		want = size
	}
	if a.err == nil && len(values) != want {
		a.broken("precisions_cholesky_ has %d values of %d components of %d features", len(values), count, features)
	}
	if a.err != nil || size == 1 && !a.charge(8*int64(count)*int64(features)) {
		return
	}
	for k := range components {
		c := &components[k]
		switch {
		case shared:
			c.Root = values
		case size == 1:
			for range features {
				c.Root = append(c.Root, values[k])
			}
		default:
			c.Root = values[k*size : (k+1)*size]
		}
		c.Constant = -0.5 * float64(features) * math.Log(2*math.Pi)
		step := 1
		if size == features*features {
			step = features + 1 // the diagonal
		}
		for i := 0; i < len(c.Root); i += step {
			c.Constant += math.Log(c.Root[i])
		}
	}
}

// bayesianWeights returns what a Bayesian mixture adds to the logarithms of the densities
// (sklearn/mixture/_bayesian_mixture.py: _estimate_log_weights and _estimate_log_prob).
func (a *attrs) bayesianWeights(count, features int) []float64 {
	if !a.charge(32 * int64(count)) {
		return nil
	}
	weights := a.dirichlet(count)
	freedom, _ := a.floats("degrees_of_freedom_")
	precision, _ := a.floats("mean_precision_")
	if a.err == nil && (len(freedom) != count && len(freedom) != 1 || len(precision) != count) {
		a.broken("it has %d degrees of freedom and %d precisions of %d components", len(freedom), len(precision), count)
	}
	if a.err != nil {
		return nil
	}
	n := float64(features)
	for k := range weights {
		f := freedom[min(k, len(freedom)-1)]
		spread := n * math.Ln2
		for i := range features {
			spread += digamma(0.5 * (f - float64(i)))
		}
		weights[k] += -0.5*n*math.Log(f) + 0.5*(spread-n/precision[k])
	}
	return weights
}

// dirichlet returns the expected logarithms of the weights, of a process or a distribution.
func (a *attrs) dirichlet(count int) []float64 {
	if a.text("weight_concentration_prior_type") != "dirichlet_process" {
		list, _ := a.floats("weight_concentration_")
		sum := 0.0
		for _, w := range list {
			sum += w
		}
		for k, w := range list {
			list[k] = digamma(w) - digamma(sum)
		}
		return a.sized(list, count)
	}
	pair := a.list("weight_concentration_")
	if a.err == nil && len(pair) != 2 {
		a.wrong("weight_concentration_", "a pair of arrays")
	}
	if a.err != nil {
		return nil
	}
	first := a.sized(a.numberList("weight_concentration_", pair[0]), count)
	second := a.sized(a.numberList("weight_concentration_", pair[1]), count)
	if a.err != nil {
		return nil
	}
	weights, left := make([]float64, count), 0.0
	for k := range weights {
		both := digamma(first[k] + second[k])
		weights[k] = digamma(first[k]) - both + left
		left += digamma(second[k]) - both
	}
	return weights
}

// sized returns list, which has to have so many elements.
func (a *attrs) sized(list []float64, n int) []float64 {
	if a.err == nil && len(list) != n {
		a.broken("a list has %d numbers instead of %d", len(list), n)
	}
	if a.err != nil {
		return nil
	}
	return list
}

// digamma is the derivative of the logarithm of the gamma function, of numbers above 0;
// NaN of others.
func digamma(x float64) float64 {
	if !(x > 0) {
		return math.NaN()
	}
	const enough = 12 // from here the series below is exact
	shift := 0.0
	for ; x < enough; x++ {
		shift -= 1 / x
	}
	y := 1 / (x * x)
	series := y * (1./12 - y*(1./120-y*(1./252-y*(1./240-y*(1./132-y*(691./32760-y/12))))))
	return shift + math.Log(x) - 1/(2*x) - series
}
