package sklearn

import (
	"slices"

	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func polyClasses() []class {
	return []class{{
		name: "PolynomialFeatures", modules: []string{"sklearn.preprocessing.data", "sklearn.preprocessing._data", "sklearn.preprocessing._polynomial"},
		transformer: polynomial,
	}}
}

// polynomial makes the terms in the order of scikit-learn: by degree, and within one in
// lexicographic order (sklearn/preprocessing/_polynomial.py: _combinations).
func polynomial(a *attrs) transform.Transformer {
	features := a.featureCount("n_features_in_", "n_input_features_")
	least, most := a.degrees()
	once, bias := a.bool("interaction_only"), a.bool("include_bias")
	if a.err != nil {
		return nil
	}
	if once {
		most = min(most, features)
	}
	var terms [][]int32
	if bias {
		terms = append(terms, nil)
	}
	for degree := max(least, 1); degree <= most; degree++ {
		list := make([]int32, degree)
		if once {
			for i := range list {
				list[i] = int32(i)
			}
		}
		for ok := degree <= features || !once; ok; ok = nextTerm(list, features, once) {
			if !a.charge(int64(64 + 8*degree)) {
				return nil
			}
			terms = append(terms, a.factors(list))
		}
	}
	p, err := transform.NewPolynomial(features, terms)
	a.wrap(err)
	return p
}

// factors returns the features of a term in the order in which they are multiplied: from
// the last to the first since scikit-learn 0.22, before from the first to the last.
func (a *attrs) factors(list []int32) []int32 {
	list = slices.Clone(list)
	if a.version.since(0, 22) {
		slices.Reverse(list)
	}
	return list
}

// nextTerm changes list to the next one in lexicographic order, of features that ascend
// or, with once, are each other's successors at least. It reports whether there is one.
func nextTerm(list []int32, features int, once bool) bool {
	for i := len(list) - 1; i >= 0; i-- {
		limit := int32(features - 1)
		if once {
			limit -= int32(len(list) - 1 - i)
		}
		if list[i] >= limit {
			continue
		}
		list[i]++
		for k := i + 1; k < len(list); k++ {
			if list[k] = list[i]; once {
				list[k] = list[k-1] + 1
			}
		}
		return true
	}
	return false
}

// degrees reads degree: the greatest, or the least and the greatest (since 0.24).
func (a *attrs) degrees() (least, most int) {
	v := a.value("degree")
	if a.err != nil {
		return 0, 0
	}
	const greatest = 64
	if n, ok := pickle.AsInt(v); ok && n >= 0 && n <= greatest {
		return 0, int(n)
	}
	if items := a.pair("degree"); items != nil {
		low, okLow := pickle.AsInt(items[0])
		high, okHigh := pickle.AsInt(items[1])
		if okLow && okHigh && low >= 0 && low <= high && high <= greatest {
			return int(low), int(high)
		}
	}
	a.wrong("degree", "one or two whole numbers in range")
	return 0, 0
}

// pair returns the items of an attribute that is a list or tuple of two, nil of others.
func (a *attrs) pair(name string) []pickle.Value {
	var items []pickle.Value
	v, _ := a.object.Attr(name)
	switch v := v.(type) {
	case *pickle.Tuple:
		items = v.Items
	case *pickle.List:
		items = v.Items
	}
	if len(items) != 2 {
		return nil
	}
	return items
}
