package sklearn

import "example.com/mlapi/model/pickle"

// inert returns the classes and functions that may surround a model and mean
// nothing for its predictions. They become data like everything else and are not
// looked at.
func inert() map[pickle.Global]bool {
	names := make(map[pickle.Global]bool)
	for _, table := range []map[string][]string{losses(), searchParts()} {
		for module, list := range table {
			for _, name := range list {
				names[pickle.Global{Module: module, Name: name}] = true
			}
		}
	}
	for module, list := range map[string][]string{
		// A random state (random_state=RandomState(0)): prediction uses no chance.
		"numpy.random":          {"__RandomState_ctor"},
		"numpy.random._pickle":  {"__randomstate_ctor", "__bit_generator_ctor"},
		"numpy.random._mt19937": {"MT19937"},
		// How a feature selection scored features.
		"sklearn.feature_selection.univariate_selection":  {"f_classif", "f_oneway", "chi2", "f_regression"},
		"sklearn.feature_selection._univariate_selection": {"f_classif", "f_oneway", "chi2", "f_regression", "r_regression"},
		"sklearn.feature_selection.mutual_info_":          {"mutual_info_classif", "mutual_info_regression"},
		"sklearn.feature_selection._mutual_info":          {"mutual_info_classif", "mutual_info_regression"},
		// By what a spline of scipy 1.17 makes arrays.
		"scipy._lib.array_api_compat.numpy._aliases": {"asarray"},
		// What SMOTE and its like resampled with.
		"sklearn.neighbors.unsupervised":  {"NearestNeighbors"},
		"sklearn.neighbors._unsupervised": {"NearestNeighbors"},
		// The state of the optimiser that trained a neural network.
		"sklearn.neural_network._stochastic_optimizers": {"AdamOptimizer", "SGDOptimizer"},
	} {
		for _, name := range list {
			names[pickle.Global{Module: module, Name: name}] = true
		}
	}
	return names
}
