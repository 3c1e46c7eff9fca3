package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// class is a class of scikit-learn that a file may name. One without a builder is
// read only as a part of something else.
type class struct {
	name string
	// modules are all the modules that the class was ever pickled under.
	modules []string
	// model builds a predictor. Its scores are of the kind that a.want says, where the
	// estimator has them.
	model func(a *attrs) mlapi.Model
	// transformer builds what makes features of features.
	transformer func(a *attrs) transform.Transformer
	// predicts tells, of a class that has both builders, whether an instance predicts;
	// nil where all do.
	predicts func(a *attrs) bool
	// names returns the names of the features that an instance was trained with, where
	// it keeps them elsewhere than in feature_names_in_.
	names func(a *attrs) []string
}

// part reports whether the class is read only as a part of something else.
func (c *class) part() bool { return c.model == nil && c.transformer == nil }

// predicts reports whether the estimator predicts; otherwise it makes features.
func (a *attrs) predicts() bool {
	if a.class.predicts != nil && a.class.transformer != nil && a.class.model != nil {
		return a.class.predicts(a)
	}
	return a.class.model != nil
}

// classes returns every class that is served, and the parts that builders read. To
// serve another one, write its builder in a file of its own and put its table here.
func classes() []class {
	var all []class
	for _, table := range [][]class{
		treeClasses(), forestClasses(), isolationClasses(), linearClasses(), linearClassifierClasses(), svmClasses(), kernelClasses(), bayesClasses(), discriminantClasses(), scaleClasses(), pipelineClasses(),
		encoderClasses(), columnsClasses(), textClasses(), dictClasses(), labelClasses(), imblearnClasses(),
		imputeClasses(), decomposeClasses(), binClasses(), splineClasses(), neighborsClasses(), neuralClasses(), clusterClasses(), polyClasses(), functionClasses(), selectClasses(),
		ensembleClasses(),
	} {
		all = append(all, table...)
	}
	return all
}

// index returns the classes by the names that files have for them.
func index(list []class) map[pickle.Global]class {
	byName := make(map[pickle.Global]class)
	for _, c := range list {
		for _, module := range c.modules {
			byName[pickle.Global{Module: module, Name: c.name}] = c
		}
	}
	return byName
}
