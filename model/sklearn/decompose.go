package sklearn

import (
	"math"

	"example.com/mlapi/model/transform"
)

func decomposeClasses() []class {
	in := func(names ...string) []string {
		for i, n := range names {
			names[i] = "sklearn.decomposition." + n
		}
		return names
	}
	random := []string{"sklearn.random_projection"}
	return []class{
		{name: "PCA", modules: in("pca", "_pca"), transformer: principalComponents},
		{name: "RandomizedPCA", modules: in("pca"), transformer: principalComponents},
		{name: "IncrementalPCA", modules: in("incremental_pca", "_incremental_pca"), transformer: principalComponents},
		{name: "TruncatedSVD", modules: in("truncated_svd", "_truncated_svd"), transformer: directions},
		{name: "FastICA", modules: in("fastica_", "_fastica"), transformer: independentComponents},
		{name: "FactorAnalysis", modules: in("factor_analysis", "_factor_analysis"), transformer: factorAnalysis},
		{name: "KernelPCA", modules: in("kernel_pca", "_kernel_pca"), transformer: kernelComponents},
		{name: "KernelCenterer", modules: []string{"sklearn.preprocessing.data", "sklearn.preprocessing._data"}},
		{name: "NeighborhoodComponentsAnalysis", modules: []string{"sklearn.neighbors.nca", "sklearn.neighbors._nca"}, transformer: directions},
		{name: "GaussianRandomProjection", modules: random, transformer: directions},
		{name: "SparseRandomProjection", modules: random, transformer: directions},
	}
}

// project reads components_ and builds what multiplies with them; p says the rest.
func (a *attrs) project(p transform.Projection) transform.Transformer {
	values, shape := a.matrix("components_")
	if a.err == nil && (len(shape) != 2 || shape[1] < 1) {
		a.broken("attribute components_ has the shape %v", shape)
	}
	if a.err != nil || !a.charge(8*int64(len(values))) { // turned around by the transformer
		return nil
	}
	p.Components = values
	t, err := transform.NewProject(shape[1], p)
	a.wrap(err)
	return t
}

// directions multiplies and does nothing else.
func directions(a *attrs) transform.Transformer { return a.project(transform.Projection{}) }

// principalComponents follows sklearn/decomposition/_base.py: transform of _BasePCA. Since
// 1.5 it subtracts the mean's products instead of the mean, and keeps scales from 0.
func principalComponents(a *attrs) transform.Transformer {
	var p transform.Projection
	if a.has("mean_") {
		p.Center, _ = a.floats("mean_")
	}
	whiten := a.bool("whiten")
	if whiten && a.has("explained_variance_") {
		p.Scale, _ = a.floats("explained_variance_")
		for k, v := range p.Scale {
			if p.Scale[k] = math.Sqrt(v); a.version.since(1, 5) {
				p.Scale[k] = max(p.Scale[k], 0x1p-52)
			}
		}
	}
	if p.Center != nil && a.version.since(1, 5) {
		p.Center, p.Offset = nil, a.offset(p.Center)
	}
	if a.err != nil {
		return nil
	}
	return a.project(p)
}

// offset returns the products of center and each of components_.
func (a *attrs) offset(center []float64) []float64 {
	values, shape := a.matrix("components_")
	if a.err == nil && (len(shape) != 2 || shape[1] != len(center)) {
		a.broken("components_ has the shape %v for %d features", shape, len(center))
	}
	if a.err != nil || !a.charge(8*int64(shape[0])) {
		return nil
	}
	offset := make([]float64, shape[0])
	for k := range offset {
		for j, v := range center {
			offset[k] += v * values[k*len(center)+j]
		}
	}
	return offset
}

// independentComponents follows sklearn/decomposition/_fastica.py: transform.
func independentComponents(a *attrs) transform.Transformer {
	var p transform.Projection
	if v, _ := a.object.Attr("whiten"); v != false && v != nil {
		p.Center, _ = a.floats("mean_")
	}
	if a.err != nil {
		return nil
	}
	return a.project(p)
}

// factorAnalysis follows sklearn/decomposition/_factor_analysis.py: transform. What it
// multiplies with is the same for every sample: components weighed by the noise, times
// the inverse of their covariance.
func factorAnalysis(a *attrs) transform.Transformer {
	const most = 1024 // inverting takes the cube of it
	mean, _ := a.floats("mean_")
	noise, _ := a.floats("noise_variance_")
	values, shape := a.matrix("components_")
	if a.err == nil && (len(shape) != 2 || shape[1] != len(mean) || len(noise) != len(mean) || shape[0] > most) {
		a.broken("components_ has the shape %v for %d features and %d variances", shape, len(mean), len(noise))
	}
	if a.err != nil || !a.charge(8*int64(2*len(values)+4*shape[0]*shape[0])) {
		return nil
	}
	k, n := shape[0], shape[1]
	weighed, covariance := make([]float64, len(values)), make([]float64, k*k)
	for at, v := range values {
		weighed[at] = v / noise[at%n]
	}
	for i := range k {
		for j := range k {
			sum := 0.0
			for f := range n {
				sum += weighed[i*n+f] * values[j*n+f]
			}
			if covariance[i*k+j] = sum; i == j {
				covariance[i*k+j]++
			}
		}
	}
	inverse, err := transform.Invert(covariance, k)
	if a.wrap(err); a.err != nil {
		return nil
	}
	turned := make([]float64, len(values))
	for i := range k {
		for j := range k {
			for f := range n {
				turned[j*n+f] += weighed[i*n+f] * inverse[i*k+j]
			}
		}
	}
	t, err := transform.NewProject(n, transform.Projection{Components: turned, Center: mean})
	a.wrap(err)
	return t
}
