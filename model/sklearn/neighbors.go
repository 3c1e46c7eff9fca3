package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/neighbors"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/vector"
)

func neighborsClasses() []class {
	in := func(names ...string) []string {
		for i, n := range names {
			names[i] = "sklearn.neighbors." + n
		}
		return names
	}
	classification, regression := in("classification", "_classification"), in("regression", "_regression")
	list := []class{
		{name: "KNeighborsClassifier", modules: classification, model: neighborsClassifier},
		{name: "RadiusNeighborsClassifier", modules: classification, model: neighborsClassifier},
		{name: "KNeighborsRegressor", modules: regression, model: neighborsRegressor},
		{name: "RadiusNeighborsRegressor", modules: regression, model: neighborsRegressor},
		{name: "LocalOutlierFactor", modules: in("lof", "_lof"), model: localOutlierFactor},
		{name: "NearestCentroid", modules: in("nearest_centroid", "_nearest_centroid"), model: nearestCentroid},
	}
	trees := in("kd_tree", "_kd_tree", "ball_tree", "_ball_tree")
	for _, name := range []string{"newObj", "KDTree", "KDTree32", "KDTree64", "BallTree", "BallTree32", "BallTree64", "BinaryTree", "BinaryTree32", "BinaryTree64"} {
		list = append(list, class{name: name, modules: trees})
	}
	// Which metric a tree measures with stands in the estimator too.
	metrics := append(in("dist_metrics", "_dist_metrics"), "sklearn.metrics._dist_metrics")
	list = append(list, class{name: "newObj", modules: metrics})
	for _, name := range []string{
		"Euclidean", "SEuclidean", "Manhattan", "Chebyshev", "Minkowski", "WMinkowski", "Mahalanobis", "Hamming", "Canberra", "BrayCurtis", "Jaccard",
		"Matching", "Dice", "Kulsinski", "RogersTanimoto", "RussellRao", "SokalMichener", "SokalSneath", "Haversine",
	} {
		for _, size := range []string{"", "32", "64"} {
			list = append(list, class{name: name + "Distance" + size, modules: metrics})
		}
	}
	return list
}

const hintMetric = "train with a metric by its name, such as euclidean, manhattan, minkowski or cosine, and with weights 'uniform' or 'distance'"

// samples reads the samples that an estimator compares with, dense or sparse.
func (a *attrs) samples(name string) vector.Samples {
	if s := a.sparse(name); s != nil {
		p := vector.Samples{Width: s.Columns, Values: s.Data, Starts: s.Indptr, Columns: make([]int32, len(s.Indices))}
		for k, c := range s.Indices {
			p.Columns[k] = int32(c)
		}
		return p
	}
	values, shape := a.floats(name)
	if a.err == nil && (len(shape) != 2 || shape[1] < 1) {
		a.broken("%s has the shape %v", name, shape)
	}
	if a.err != nil {
		return vector.Samples{}
	}
	return vector.Samples{Width: shape[1], Values: values}
}

// neighborIndex reads what nearest neighbours are found with.
func (a *attrs) neighborIndex() *neighbors.Index {
	metric := a.metric("effective_metric_", "effective_metric_params_")
	points := a.samples("_fit_X")
	tree := a.neighborTree(points.Width)
	if a.err != nil || !a.charge(24*int64(points.Len())) {
		return nil
	}
	if err := metric.Check(points.Width); err != nil {
		a.wrap(err)
		return nil
	}
	metric.OfSums = tree == nil && !a.version.since(1, 1) // measured by scipy then
	m, err := neighbors.NewMetric(metric.name, metric.MetricOptions)
	if err != nil {
		a.unsupported(hintMetric, "%v", err)
		return nil
	}
	x, err := neighbors.NewIndex(points, m, tree, tree == nil)
	if a.wrap(err); a.err == nil && !a.version.since(1, 1) {
		x.Partitioned()
	}
	return x
}

// namedMetric is a metric by its name, and its parameters.
type namedMetric struct {
	name string
	neighbors.MetricOptions
}

// metric reads a metric's name and parameters. Minkowski's w is a factor of the powered
// differences (since scipy 1.6 and scikit-learn 1.1).
func (a *attrs) metric(name, params string) namedMetric {
	m := namedMetric{name: a.text(name)}
	if m.name == "" {
		v, _ := a.object.Attr(name)
		a.unsupported(hintMetric, "its metric is %s, which is not served", describeValue(v))
		return m
	}
	v, _ := a.object.Attr(params)
	d, _ := v.(*pickle.Dict)
	if d == nil {
		return m
	}
	for i, k := range d.Keys {
		key, _ := pickle.AsString(k)
		value := d.Values[i]
		switch {
		case value == nil:
		case key == "p":
			p, ok := pickle.AsFloat(value)
			if !ok {
				a.broken("the metric's p is no number")
			}
			m.P = p
		case key == "w" && m.name == "minkowski" && a.version.since(1, 1):
			m.Weights = a.numberList("the metric's w", value)
		case key == "V" && m.name == "seuclidean":
			m.Variances = a.numberList("the metric's V", value)
		default:
			a.unsupported(hintMetric, "its metric has the parameter %s, which is not served", mlapi.Quote([]byte(key)))
		}
	}
	return m
}

// numberList reads an array or list of numbers, which messages call what.
func (a *attrs) numberList(what string, v pickle.Value) []float64 {
	n := 0
	switch v := v.(type) {
	case *pickle.Array:
		n = elements(v)
	case *pickle.List:
		n = len(v.Items)
	}
	if a.err != nil || !a.charge(8*int64(n)) {
		return nil
	}
	list, err := pickle.Floats(v)
	if err != nil {
		a.broken("%s: %v", what, err)
	}
	return list
}

// neighborTree reads _tree, nil where there is none: a call of newObj with the state
// (data, order, nodes, bounds, ...).
func (a *attrs) neighborTree(features int) *neighbors.Tree {
	v, _ := a.object.Attr("_tree")
	if v == nil || a.err != nil {
		return nil
	}
	o, ok := v.(*pickle.Object)
	if !ok {
		a.wrong("_tree", "a tree")
		return nil
	}
	state, _ := o.State.(*pickle.Tuple)
	if state == nil || len(state.Items) < 4 {
		a.wrong("_tree", "a tree")
		return nil
	}
	var arrays [3]*pickle.Array
	for i := range arrays {
		if arrays[i], ok = state.Items[i+1].(*pickle.Array); !ok {
			a.wrong("_tree", "a tree of arrays")
			return nil
		}
		if !a.charge(32 * int64(elements(arrays[i]))) {
			return nil
		}
	}
	order, nodes, bounds := arrays[0], arrays[1], arrays[2]
	t := &neighbors.Tree{Ball: o.Class.Module == "sklearn.neighbors.ball_tree" || o.Class.Module == "sklearn.neighbors._ball_tree"}
	var err error
	if t.Order, err = order.Int64s(); err == nil {
		t.Bounds, err = bounds.Float64s()
	}
	a.wrap(err)
	t.Starts = a.ints("_tree", nodes, "idx_start")
	t.Ends = a.ints("_tree", nodes, "idx_end")
	leaf := a.ints("_tree", nodes, "is_leaf")
	if c := a.column("_tree", nodes, "radius"); a.err == nil && c != nil {
		t.Radius, err = c.Float64s()
		a.wrap(err)
	}
	if a.err != nil {
		return nil
	}
	t.Leaf = make([]bool, len(leaf))
	for i, v := range leaf {
		t.Leaf[i] = v != 0
	}
	return t
}

// vote reads which neighbours have a say.
func (a *attrs) vote() neighbors.Vote {
	var v neighbors.Vote
	switch a.class.name {
	case "RadiusNeighborsClassifier", "RadiusNeighborsRegressor":
		v.Radius = a.float("radius")
	default:
		if v.Neighbors = a.int("n_neighbors"); a.err == nil && v.Neighbors < 1 {
			a.broken("n_neighbors is %d", v.Neighbors)
		}
	}
	if !a.has("weights") {
		return v
	}
	switch a.text("weights") {
	case "uniform":
	case "distance":
		v.ByDistance = true
	default:
		w, _ := a.object.Attr("weights")
		a.unsupported(hintMetric, "its weights are %s, which is not served", describeValue(w))
	}
	return v
}

// neighborsClassifier follows sklearn/neighbors/_classification.py.
func neighborsClassifier(a *attrs) mlapi.Model {
	x, vote := a.neighborIndex(), a.vote()
	labels := a.outputClasses("classes_")
	y := a.array("_y")
	if a.err != nil || !a.charge(24*int64(elements(y))) {
		return nil
	}
	all, err := y.Int64s()
	if a.wrap(err); a.err == nil && len(all) != x.Len()*len(labels) {
		a.broken("_y has %d labels for %d samples of %d outputs", len(all), x.Len(), len(labels))
	}
	if a.err != nil {
		return nil
	}
	info := a.describe(mlapi.Classifier)
	if info.Scores = mlapi.Probability; len(labels) > 1 {
		info.Outputs, info.Scores = len(labels), mlapi.NoScores
	}
	classes, places := union(labels)
	info.Classes = classes
	outputs := make([]neighbors.Output, len(labels))
	for k := range outputs {
		own := make([]int64, x.Len())
		for i := range own {
			own[i] = all[i*len(outputs)+k]
		}
		outputs[k] = neighbors.Output{Labels: own, Classes: places[k], Outlier: -1}
	}
	if vote.Neighbors == 0 {
		a.outlierLabels(info, outputs)
	}
	info.Features = a.features(x.Width())
	if a.err != nil {
		return nil
	}
	m, err := neighbors.NewClassifier(info, x, vote, outputs)
	a.wrap(err)
	return m
}

// outlierLabels reads outlier_label_, the classes of samples without neighbours: a list since
// 0.22, before one label. A label that no neighbour has leaves the model without scores.
func (a *attrs) outlierLabels(info *mlapi.Info, outputs []neighbors.Output) {
	name := a.first("outlier_label_", "outlier_label")
	if !a.has(name) {
		return
	}
	v := a.value(name)
	items, err := pickle.Elements(v)
	if err != nil {
		items = []pickle.Value{v}
	}
	for k := range outputs {
		l, err := label(items[min(k, len(items)-1)])
		if err != nil {
			a.unsupported(hintServed, "%s: %v", name, err)
			return
		}
		for place, c := range info.Classes {
			if canonical(c) == canonical(l) {
				outputs[k].Outlier = int32(place)
			}
		}
		if outputs[k].Outlier < 0 {
			outputs[k].Outlier = int32(len(info.Classes))
			info.Classes = append(info.Classes, l)
			info.Scores = mlapi.NoScores
		}
	}
}

func neighborsRegressor(a *attrs) mlapi.Model {
	x, vote := a.neighborIndex(), a.vote()
	values, shape := a.floats("_y")
	if a.err != nil {
		return nil
	}
	outputs := 1
	if len(shape) == 2 {
		outputs = shape[1]
	}
	info := a.regressor(x.Width(), outputs)
	if a.err != nil {
		return nil
	}
	m, err := neighbors.NewRegressor(info, x, vote, values)
	a.wrap(err)
	return m
}

// localOutlierFactor follows sklearn/neighbors/_lof.py.
func localOutlierFactor(a *attrs) mlapi.Model {
	if !a.has("novelty") || !a.bool("novelty") {
		a.unsupported(hintServed, "without novelty=True it cannot predict")
		return nil
	}
	x := a.neighborIndex()
	k, offset := a.int("n_neighbors_"), a.float("offset_")
	density, _ := a.floats("_lrd")
	distances, shape := a.floats("_distances_fit_X_")
	if a.err == nil && (len(shape) != 2 || k < 1 || shape[1] < k) {
		a.broken("_distances_fit_X_ has the shape %v for %d neighbours", shape, k)
	}
	if a.err != nil || !a.charge(8*int64(x.Len())) {
		return nil
	}
	reach := make([]float64, shape[0])
	for i := range reach {
		reach[i] = distances[i*shape[1]+k-1]
	}
	info := a.describe(mlapi.OutlierDetector)
	info.Classes = []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}
	info.Scores = mlapi.Anomaly
	info.Features = a.features(x.Width())
	if a.err != nil {
		return nil
	}
	m, err := neighbors.NewOutlierDetector(info, x, k, density, reach, offset)
	a.wrap(err)
	return m
}

// nearestCentroid follows sklearn/neighbors/_nearest_centroid.py: since 1.6 classes have
// shares and, with Euclidean distances, probabilities.
func nearestCentroid(a *attrs) mlapi.Model {
	points := a.samples("centroids_")
	name := a.text("metric")
	m, err := neighbors.NewMetric(name, neighbors.MetricOptions{P: 2})
	if err != nil {
		a.unsupported(hintMetric, "%v", err)
	}
	if a.err != nil || !a.charge(8*int64(points.Width)) {
		return nil
	}
	x, err := neighbors.NewIndex(points, m, nil, false)
	a.wrap(err)
	shared := name == "euclidean" && a.has("class_prior_") && a.want != mlapi.Decision
	scores := mlapi.NoScores
	if shared {
		scores = mlapi.Probability
	}
	info := a.classifier(scores)
	info.Features = a.features(points.Width)
	if a.err != nil {
		return nil
	}
	c, err := neighbors.NewCentroids(info, x)
	if a.wrap(err); a.err == nil && shared {
		scale, _ := a.floats("within_class_std_dev_")
		shares, _ := a.floats("class_prior_")
		if a.err == nil {
			a.wrap(c.Discriminate(scale, shares))
		}
	}
	return c
}
