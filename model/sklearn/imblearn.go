package sklearn

import "example.com/mlapi/model/transform"

// imblearnClasses are the classes of imbalanced-learn: its Pipeline, and the samplers in
// it, which change what a model is trained with and do nothing when it predicts.
func imblearnClasses() []class {
	all := []class{{
		name: "Pipeline", modules: []string{"imblearn.pipeline"},
		model: pipeline, transformer: pipelineTransformer, predicts: pipelinePredicts, names: pipelineNames,
	}}
	for name, modules := range map[string][]string{
		"SMOTE":                           {"imblearn.over_sampling.smote", "imblearn.over_sampling._smote", "imblearn.over_sampling._smote.base"},
		"SMOTEN":                          {"imblearn.over_sampling._smote.base"},
		"SMOTENC":                         {"imblearn.over_sampling._smote", "imblearn.over_sampling._smote.base"},
		"BorderlineSMOTE":                 {"imblearn.over_sampling._smote", "imblearn.over_sampling._smote.filter"},
		"SVMSMOTE":                        {"imblearn.over_sampling._smote", "imblearn.over_sampling._smote.filter"},
		"KMeansSMOTE":                     {"imblearn.over_sampling._smote", "imblearn.over_sampling._smote.cluster"},
		"ADASYN":                          {"imblearn.over_sampling.adasyn", "imblearn.over_sampling._adasyn"},
		"RandomOverSampler":               {"imblearn.over_sampling.random_over_sampler", "imblearn.over_sampling._random_over_sampler"},
		"SMOTEENN":                        {"imblearn.combine.smote_enn", "imblearn.combine._smote_enn"},
		"SMOTETomek":                      {"imblearn.combine.smote_tomek", "imblearn.combine._smote_tomek"},
		"ClusterCentroids":                {"imblearn.under_sampling.prototype_generation.cluster_centroids", underGeneration + "_cluster_centroids"},
		"RandomUnderSampler":              {"imblearn.under_sampling.prototype_selection.random_under_sampler", underSelection + "_random_under_sampler"},
		"NearMiss":                        {"imblearn.under_sampling.prototype_selection.nearmiss", underSelection + "_nearmiss"},
		"TomekLinks":                      {"imblearn.under_sampling.prototype_selection.tomek_links", underSelection + "_tomek_links"},
		"OneSidedSelection":               {"imblearn.under_sampling.prototype_selection.one_sided_selection", underSelection + "_one_sided_selection"},
		"NeighbourhoodCleaningRule":       {"imblearn.under_sampling.prototype_selection.neighbourhood_cleaning_rule", underSelection + "_neighbourhood_cleaning_rule"},
		"CondensedNearestNeighbour":       {"imblearn.under_sampling.prototype_selection.condensed_nearest_neighbour", underSelection + "_condensed_nearest_neighbour"},
		"EditedNearestNeighbours":         {"imblearn.under_sampling.prototype_selection.edited_nearest_neighbours", underSelection + "_edited_nearest_neighbours"},
		"RepeatedEditedNearestNeighbours": {"imblearn.under_sampling.prototype_selection.edited_nearest_neighbours", underSelection + "_edited_nearest_neighbours"},
		"AllKNN":                          {"imblearn.under_sampling.prototype_selection.edited_nearest_neighbours", underSelection + "_edited_nearest_neighbours"},
		"InstanceHardnessThreshold":       {"imblearn.under_sampling.prototype_selection.instance_hardness_threshold", underSelection + "_instance_hardness_threshold"},
	} {
		all = append(all, class{name: name, modules: modules, transformer: sampler})
	}
	return append(all, balancedClasses()...)
}

const (
	underGeneration = "imblearn.under_sampling._prototype_generation."
	underSelection  = "imblearn.under_sampling._prototype_selection."
)

// sampler builds what a sampler does when a model predicts: nothing.
func sampler(*attrs) transform.Transformer { return transform.Passthrough{} }
