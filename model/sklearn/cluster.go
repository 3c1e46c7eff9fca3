package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/cluster"
	"example.com/mlapi/model/transform"
)

func clusterClasses() []class {
	modules := []string{"sklearn.cluster.k_means_", "sklearn.cluster._kmeans"}
	in := func(names ...string) []string {
		for i, n := range names {
			names[i] = "sklearn." + n
		}
		return names
	}
	return []class{
		{name: "MeanShift", modules: in("cluster.mean_shift_", "cluster._mean_shift"), model: kMeans},
		{name: "AffinityPropagation", modules: in("cluster.affinity_propagation_", "cluster._affinity_propagation"), model: kMeans},
		{name: "Birch", modules: in("cluster.birch", "cluster._birch"), model: birch, transformer: birchDistances},
		// Birch's tree led to its centres.
		{name: "_CFNode", modules: in("cluster.birch", "cluster._birch")},
		{name: "_CFSubcluster", modules: in("cluster.birch", "cluster._birch")},
		{name: "GaussianMixture", modules: in("mixture.gaussian_mixture", "mixture._gaussian_mixture"), model: gaussianMixture},
		{name: "BayesianGaussianMixture", modules: in("mixture.bayesian_mixture", "mixture._bayesian_mixture"), model: gaussianMixture},
		{name: "KMeans", modules: modules, model: kMeans, transformer: kMeansDistances},
		{name: "MiniBatchKMeans", modules: modules, model: kMeans, transformer: kMeansDistances},
	}
}

// centers reads cluster_centers_, clusters x features.
func (a *attrs) centers() *cluster.Centers { return a.centersIn("cluster_centers_") }

// centersIn reads an attribute of centres, clusters x features.
func (a *attrs) centersIn(name string) *cluster.Centers {
	values, shape := a.floats(name)
	if a.err != nil {
		return nil
	}
	if len(shape) != 2 {
		a.broken("attribute %s has the shape %v", name, shape)
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

// birch follows sklearn/cluster/_birch.py: predict.
func birch(a *attrs) mlapi.Model {
	c := a.centersIn("subcluster_centers_")
	labels := a.wholes("subcluster_labels_")
	if a.err != nil || !a.charge(64*int64(len(labels))) {
		return nil
	}
	info := a.describe(mlapi.Classifier)
	groups := make([]int32, len(labels))
	for i, l := range labels {
		if l < 0 || l >= int64(len(labels)) {
			a.broken("subcluster_labels_ has the label %d of %d centres", l, len(labels))
			return nil
		}
		groups[i] = int32(l)
		for k := len(info.Classes); int64(k) <= l; k++ {
			info.Classes = append(info.Classes, mlapi.IntLabel(int64(k)))
		}
	}
	info.Features = a.features(c.Features())
	if a.err != nil {
		return nil
	}
	m, err := cluster.NewGroups(info, c, groups)
	a.wrap(err)
	return m
}

// birchDistances makes features of the distances from the centres.
func birchDistances(a *attrs) transform.Transformer {
	c := a.centersIn("subcluster_centers_")
	if a.err != nil {
		return nil
	}
	return transform.NewDistances(c)
}
