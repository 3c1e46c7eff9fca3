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
	info := a.describe(mlapi.Classifier)
	for k := range c.Clusters() {
		info.Classes = append(info.Classes, mlapi.IntLabel(int64(k)))
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
