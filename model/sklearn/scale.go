package sklearn

import (
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func scaleClasses() []class {
	modules := []string{"sklearn.preprocessing.data", "sklearn.preprocessing._data"}
	return []class{
		{name: "StandardScaler", modules: modules, transformer: standardScaler},
		{name: "MinMaxScaler", modules: modules, transformer: minMaxScaler},
	}
}

func standardScaler(a *attrs) transform.Transformer {
	var mean, scale []float64
	if a.bool("with_mean") {
		mean, _ = a.floats("mean_")
	}
	if a.bool("with_std") {
		scale, _ = a.floats("scale_")
	}
	width := a.scalerWidth(mean, scale)
	if a.err != nil {
		return nil
	}
	s, err := transform.NewStandardScaler(width, mean, scale)
	a.wrap(err)
	return s
}

// scalerWidth returns how many features a scaler takes, 0 where it does nothing and
// does not say.
func (a *attrs) scalerWidth(lists ...[]float64) int {
	if a.has("n_features_in_") {
		return a.int("n_features_in_")
	}
	for _, l := range lists {
		if l != nil {
			return len(l)
		}
	}
	return 0
}

func minMaxScaler(a *attrs) transform.Transformer {
	scale, _ := a.floats("scale_")
	add, _ := a.floats("min_")
	width := a.scalerWidth(scale)
	if a.err != nil {
		return nil
	}
	s, err := transform.NewMinMaxScaler(width, scale, add)
	a.wrap(err)
	// clip came with 0.24; a file may lack it.
	if a.err == nil && a.has("clip") && a.bool("clip") {
		low, high := a.featureRange()
		if a.err == nil {
			a.wrap(s.Clip(low, high))
		}
	}
	return s
}

// featureRange reads the pair of numbers feature_range.
func (a *attrs) featureRange() (low, high float64) {
	items := a.list("feature_range")
	if a.err != nil {
		return 0, 0
	}
	if len(items) == 2 {
		low, okLow := pickle.AsFloat(items[0])
		high, okHigh := pickle.AsFloat(items[1])
		if okLow && okHigh {
			return low, high
		}
	}
	a.wrong("feature_range", "a pair of numbers")
	return 0, 0
}
