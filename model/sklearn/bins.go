package sklearn

import "example.com/mlapi/model/transform"

func binClasses() []class {
	data := []string{"sklearn.preprocessing.data", "sklearn.preprocessing._data"}
	return []class{
		{name: "KBinsDiscretizer", modules: []string{"sklearn.preprocessing._discretization"}, transformer: bins},
		{name: "QuantileTransformer", modules: data, transformer: quantiles},
		{name: "PowerTransformer", modules: data, transformer: powers},
	}
}

// bins follows sklearn/preprocessing/_discretization.py: transform. bin_edges_ has those
// around all bins of each feature; the first and the last bin take what is beyond.
func bins(a *attrs) transform.Transformer {
	codings := map[string]transform.BinCoding{"ordinal": transform.BinNumber, "onehot-dense": transform.BinDense, "onehot": transform.BinSparse}
	coding, ok := codings[a.text("encode")]
	if !ok {
		a.unsupported(hintServed, "encode=%q is unknown", a.text("encode"))
	}
	array, counts := a.array("bin_edges_"), a.wholes("n_bins_")
	if a.err != nil {
		return nil
	}
	if len(array.Objects) != len(counts) {
		a.wrong("bin_edges_", "a list of edges for each feature")
		return nil
	}
	edges := make([][]float64, len(counts))
	for i, v := range array.Objects {
		list := a.numberList("bin_edges_", v)
		if a.err == nil && int64(len(list)) != counts[i]+1 {
			a.broken("feature %d has %d edges around %d bins", i, len(list), counts[i])
		}
		if a.err != nil {
			return nil
		}
		if len(list) > 2 {
			edges[i] = list[1 : len(list)-1]
		}
	}
	t, err := transform.NewBins(edges, coding, !a.version.since(1, 1))
	a.wrap(err)
	if a.err == nil && a.isFloat32("dtype") { // since 0.24
		t.Single()
	}
	return t
}

// quantiles follows sklearn/preprocessing/_data.py: QuantileTransformer.
func quantiles(a *attrs) transform.Transformer {
	values, shape := a.floats("quantiles_")
	places, _ := a.floats("references_")
	normal := a.text("output_distribution") == "normal"
	if d := a.text("output_distribution"); !normal && d != "uniform" {
		a.unsupported(hintServed, "output_distribution=%q is unknown", d)
	}
	if a.err == nil && (len(shape) != 2 || shape[0] != len(places) || len(places) == 0) {
		a.broken("quantiles_ has the shape %v for %d references", shape, len(places))
	}
	if a.err != nil || !a.charge(8*int64(len(values))+24*int64(shape[1])) {
		return nil
	}
	columns := make([][]float64, shape[1])
	for i := range columns {
		columns[i] = make([]float64, len(places))
		for k := range places {
			columns[i][k] = values[k*shape[1]+i]
		}
	}
	t, err := transform.NewQuantiles(columns, places, normal, !a.version.since(0, 21))
	if a.bool("ignore_implicit_zeros") && err == nil {
		t.AllowNegative()
	}
	return a.finiteOnly(t, err)
}

// powers follows sklearn/preprocessing/_data.py: PowerTransformer.
func powers(a *attrs) transform.Transformer {
	lambdas, _ := a.floats("lambdas_")
	var method transform.PowerMethod
	switch name := a.text("method"); {
	case name == "box-cox":
		method = transform.BoxCox
	case name == "yeo-johnson" && a.version.since(1, 9):
		method = transform.YeoJohnson
	case name == "yeo-johnson":
		method = transform.YeoJohnsonPowers
	default:
		a.unsupported(hintServed, "method=%q is unknown", name)
	}
	standardize := a.bool("standardize")
	if a.err != nil {
		return nil
	}
	p, err := transform.NewPower(lambdas, method)
	a.wrap(err)
	if !standardize {
		return p
	}
	s := a.transformer("_scaler", a.value("_scaler"))
	if a.err != nil {
		return nil
	}
	chain, err := transform.NewChain(len(lambdas), []transform.Transformer{p, s})
	a.wrap(err)
	return chain
}
