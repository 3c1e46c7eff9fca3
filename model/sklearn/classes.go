package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// class is a class of scikit-learn that is served. Exactly one of model,
// transformer and part says how; of a pipeline it is decided by its last step.
type class struct {
	name string
	// modules are all the modules that the class was ever pickled under.
	modules []string
	// model builds a predictor.
	model func(a *attrs) mlapi.Model
	// transformer builds what may stand before the last step of a pipeline.
	transformer func(a *attrs) transform.Transformer
	// part marks what is read only as a part of something else.
	part bool
}

// classes returns every class that is served. To serve another one, write its
// builder in a file of its own and put its table here.
func classes() []class {
	var all []class
	for _, table := range [][]class{
		treeClasses(), forestClasses(), isolationClasses(), linearClasses(), scaleClasses(), pipelineClasses(), inertClasses(),
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

// inertClasses are what a random state is made of (random_state=RandomState(0)). It
// becomes data like everything else and is not looked at: prediction uses no chance.
func inertClasses() []class {
	return []class{
		{name: "__RandomState_ctor", modules: []string{"numpy.random"}, part: true},
		{name: "__randomstate_ctor", modules: []string{"numpy.random._pickle"}, part: true},
		{name: "__bit_generator_ctor", modules: []string{"numpy.random._pickle"}, part: true},
		{name: "MT19937", modules: []string{"numpy.random._mt19937"}, part: true},
	}
}
