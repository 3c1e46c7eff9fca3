package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/cluster"
	"example.com/mlapi/model/transform"
)

func clusterClasses() []class {
	modules := []string{"sklearn.cluster.k_means_", "sklearn.cluster._kmeans"}
	return []class{
		{name: "KMeans", modules: modules, model: kMeans, transformer: kMeansDistances},
		{name: "MiniBatchKMeans", modules: modules, model: kMeans, transformer: kMeansDistances},
	}
}

// centers reads cluster_centers_, clusters x features.
func (a *attrs) centers() *cluster.Centers {
	values, shape := a.floats("cluster_centers_")
	if a.err != nil {
		return nil
	}
	if len(shape) != 2 {
		a.broken("attribute cluster_centers_ has the shape %v", shape)
		return nil
	}
	c, err := cluster.New(values, shape[1])
	a.wrap(err)
	return c
}

func kMeans(a *attrs) mlapi.Model {
	c := a.centers()
	if a.err != nil {
		return nil
	}
	if !a.charge(64 * int64(c.Clusters())) {
		return nil
	}
	info := a.describe(mlapi.Classifier)
	info.Classes = make([]mlapi.Label, c.Clusters())
	for k := range info.Classes {
		info.Classes[k] = mlapi.IntLabel(int64(k))
	}
	info.Features = a.features(c.Features())
	if a.err != nil {
		return nil
	}
	m, err := cluster.NewClassifier(info, c)
	a.wrap(err)
	return m
}

// kMeansDistances makes features of the distances from the centres.
func kMeansDistances(a *attrs) transform.Transformer {
	c := a.centers()
	if a.err != nil {
		return nil
	}
	return transform.NewDistances(c)
}
