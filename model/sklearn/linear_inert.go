package sklearn

import "slices"

// losses returns, by module, the loss functions, link functions and distributions
// that an estimator was trained with and keeps. Predictions follow from parameters
// and coefficients, so none of them is looked at.
func losses() map[string][]string {
	descent := []string{
		"Hinge", "SquaredHinge", "Log", "ModifiedHuber", "SquaredLoss", "Huber", "EpsilonInsensitive", "SquaredEpsilonInsensitive",
		"Classification", "Regression", "LossFunction",
		"__pyx_unpickle_Classification", "__pyx_unpickle_Regression", "__pyx_unpickle_LossFunction",
	}
	distributions := []string{"TweedieDistribution", "NormalDistribution", "PoissonDistribution", "GammaDistribution", "InverseGaussianDistribution", "DistributionBoundary"}
	links := []string{"Interval", "IdentityLink", "LogLink", "LogitLink", "HalfLogitLink", "MultinomialLogit"}
	kinds := []string{
		"HalfSquaredError", "AbsoluteError", "PinballLoss", "HuberLoss", "HalfPoissonLoss", "HalfGammaLoss", "HalfTweedieLoss",
		"HalfTweedieLossIdentity", "HalfBinomialLoss", "HalfMultinomialLoss", "ExponentialLoss",
	}
	compiled := []string{"CyLossFunction", "__pyx_unpickle_CyLossFunction"}
	for _, kind := range kinds {
		compiled = append(compiled, "Cy"+kind, "__pyx_unpickle_Cy"+kind)
	}
	return map[string][]string{
		"sklearn.linear_model.sgd_fast":  descent,
		"sklearn.linear_model._sgd_fast": descent,
		"sklearn._loss.glm_distribution": distributions,
		"sklearn.linear_model._glm.link": links[1:4],
		"sklearn._loss.link":             links,
		"sklearn._loss.loss":             slices.Concat(kinds, []string{"HalfBinomialLossArrayAPI", "HalfMultinomialLossArrayAPI", "HalfPoissonLossArrayAPI"}),
		"sklearn._loss._loss":            compiled,
		"_loss":                          compiled, // what it calls itself in releases around 1.5
	}
}
