package sklearn

import "example.com/mlapi/model/pickle"

// inert returns the classes and functions that may surround a model and mean
// nothing for its predictions. They become data like everything else and are not
// looked at.
func inert() map[pickle.Global]bool {
	names := make(map[pickle.Global]bool)
	for module, list := range losses() {
		for _, name := range list {
			names[pickle.Global{Module: module, Name: name}] = true
		}
	}
	for module, list := range map[string][]string{
		// A random state (random_state=RandomState(0)): prediction uses no chance.
		"numpy.random":          {"__RandomState_ctor"},
		"numpy.random._pickle":  {"__randomstate_ctor", "__bit_generator_ctor"},
		"numpy.random._mt19937": {"MT19937"},
	} {
		for _, name := range list {
			names[pickle.Global{Module: module, Name: name}] = true
		}
	}
	return names
}
