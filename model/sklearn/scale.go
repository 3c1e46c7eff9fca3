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
		{name: "MaxAbsScaler", modules: modules, transformer: maxAbsScaler},
		{name: "RobustScaler", modules: modules, transformer: robustScaler},
		{name: "Normalizer", modules: modules, transformer: normalizer},
		{name: "Binarizer", modules: modules, transformer: binarizer},
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
	return a.finiteOnly(s, err)
}

// finiteOnly puts a check in front of a scaler of a release that refused missing values,
// which scalers pass on since 0.20.
func (a *attrs) finiteOnly(t transform.Transformer, err error) transform.Transformer {
	if a.wrap(err); a.err != nil || a.version.since(0, 20) {
		return t
	}
	check, err := transform.NewFunction(0, "positive", true)
	if a.wrap(err); a.err != nil {
		return nil
	}
	chain, err := transform.NewChain(0, []transform.Transformer{check, t})
	a.wrap(err)
	return chain
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
	return a.finiteOnly(s, err)
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

func maxAbsScaler(a *attrs) transform.Transformer {
	scale, _ := a.floats("scale_")
	width := a.scalerWidth(scale)
	clip := a.has("clip") && a.bool("clip") // since 1.8
	if a.err != nil {
		return nil
	}
	s, err := transform.NewMaxAbsScaler(width, scale, clip)
	return a.finiteOnly(s, err)
}

// robustScaler subtracts center_ and divides by scale_, as StandardScaler does with
// other numbers.
func robustScaler(a *attrs) transform.Transformer {
	var center, scale []float64
	if a.bool("with_centering") {
		center, _ = a.floats("center_")
	}
	if a.bool("with_scaling") {
		scale, _ = a.floats("scale_")
	}
	width := a.scalerWidth(center, scale)
	if a.err != nil {
		return nil
	}
	s, err := transform.NewStandardScaler(width, center, scale)
	return a.finiteOnly(s, err)
}

func normalizer(a *attrs) transform.Transformer {
	norms := map[string]transform.Norm{"l1": transform.L1, "l2": transform.L2, "max": transform.Max}
	norm, ok := norms[a.text("norm")]
	if !ok {
		a.unsupported(hintServed, "norm=%q is unknown", a.text("norm"))
	}
	width := a.scalerWidth()
	if a.err != nil {
		return nil
	}
	n, err := transform.NewNormalizer(width, norm)
	a.wrap(err)
	return n
}

func binarizer(a *attrs) transform.Transformer {
	threshold := a.float("threshold")
	width := a.scalerWidth()
	if a.err != nil {
		return nil
	}
	b, err := transform.NewBinarizer(width, threshold)
	a.wrap(err)
	return b
}
