package sklearn

// searchParts returns, by module, what stands around an estimator that was searched
// for, or made of others: metrics, scorers, ways to split the samples and containers.
// Predictions depend on none of them.
func searchParts() map[string][]string {
	classification := []string{
		"accuracy_score", "balanced_accuracy_score", "brier_score_loss", "classification_report", "cohen_kappa_score", "confusion_matrix", "d2_log_loss_score",
		"f1_score", "fbeta_score", "hamming_loss", "hinge_loss", "jaccard_score", "jaccard_similarity_score", "log_loss", "matthews_corrcoef",
		"precision_recall_fscore_support", "precision_score", "recall_score", "zero_one_loss",
	}
	regression := []string{
		"d2_absolute_error_score", "d2_pinball_score", "d2_tweedie_score", "explained_variance_score", "max_error", "mean_absolute_error",
		"mean_absolute_percentage_error", "mean_gamma_deviance", "mean_pinball_loss", "mean_poisson_deviance", "mean_squared_error",
		"mean_squared_log_error", "mean_tweedie_deviance", "median_absolute_error", "r2_score", "root_mean_squared_error", "root_mean_squared_log_error",
	}
	ranking := []string{
		"auc", "average_precision_score", "coverage_error", "dcg_score", "label_ranking_average_precision_score", "label_ranking_loss",
		"ndcg_score", "roc_auc_score", "top_k_accuracy_score",
	}
	supervised := []string{
		"adjusted_mutual_info_score", "adjusted_rand_score", "completeness_score", "fowlkes_mallows_score", "homogeneity_score",
		"mutual_info_score", "normalized_mutual_info_score", "rand_score", "v_measure_score",
	}
	unsupervised := []string{"calinski_harabasz_score", "davies_bouldin_score", "silhouette_score"}
	scorers := []string{
		"_BaseScorer", "_CurveScorer", "_MultimetricScorer", "_PassthroughScorer", "_PredictScorer", "_ProbaScorer", "_Scorer", "_ThresholdScorer",
		"_passthrough_scorer",
	}
	splits := []string{
		"GroupKFold", "GroupShuffleSplit", "KFold", "LeaveOneGroupOut", "LeaveOneOut", "LeavePGroupsOut", "LeavePOut", "PredefinedSplit",
		"RepeatedKFold", "RepeatedStratifiedKFold", "ShuffleSplit", "StratifiedGroupKFold", "StratifiedKFold", "StratifiedShuffleSplit",
		"TimeSeriesSplit", "_CVIterableWrapper",
	}
	return map[string][]string{
		"sklearn.metrics.classification":                     classification,
		"sklearn.metrics._classification":                    classification,
		"sklearn.metrics.regression":                         regression,
		"sklearn.metrics._regression":                        regression,
		"sklearn.metrics.ranking":                            ranking,
		"sklearn.metrics._ranking":                           ranking,
		"sklearn.metrics.cluster.supervised":                 supervised,
		"sklearn.metrics.cluster._supervised":                supervised,
		"sklearn.metrics.cluster.unsupervised":               unsupervised,
		"sklearn.metrics.cluster._unsupervised":              unsupervised,
		"sklearn.metrics.scorer":                             scorers,
		"sklearn.metrics._scorer":                            scorers,
		"sklearn.model_selection._split":                     splits,
		"sklearn.cross_validation":                           splits,
		"sklearn.model_selection._search":                    {"ParameterGrid", "ParameterSampler", "_CVScoreTuple"},
		"sklearn.grid_search":                                {"ParameterGrid", "ParameterSampler", "_CVScoreTuple"},
		"sklearn.model_selection._classification_threshold":  {"_CurveScorer"}, // in 1.5
		"sklearn.model_selection._search_successive_halving": {"_refit_callable", "_SubsampleMetaSplitter"},
		"sklearn.utils":                                      {"Bunch"},
		"sklearn.utils._bunch":                               {"Bunch"},
		"sklearn.ensemble.gradient_boosting":                 gradientLosses(),
		"sklearn.ensemble._gb_losses":                        gradientLosses(),
		"sklearn.ensemble._hist_gradient_boosting.loss":      {"BinaryCrossEntropy", "CategoricalCrossEntropy", "LeastAbsoluteDeviation", "LeastSquares", "Poisson"},
		"sklearn.utils._metadata_requests":                   {"MetadataRequest", "MethodMetadataRequest", "MetadataRouter"},
		"sklearn.utils.validation":                           {"check_array"},
		"sklearn.utils.deprecation":                          {"DeprecationDict"},
	}
}

// gradientLosses are the losses of gradient boosting up to 1.3.
func gradientLosses() []string {
	return []string{
		"BinomialDeviance", "ExponentialLoss", "HuberLossFunction", "LeastAbsoluteError", "LeastSquaresError", "MultinomialDeviance",
		"QuantileLossFunction", "VerboseReporter",
	}
}
