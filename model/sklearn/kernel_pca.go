package sklearn

import (
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/svm"
	"example.com/mlapi/model/transform"
)

// kernelComponents follows sklearn/decomposition/_kernel_pca.py: transform. The products
// of centred kernels with the scaled vectors are weighted sums of the kernels themselves:
// the mean over a sample's kernels goes into the weights, that over the training samples
// into a number that is added.
func kernelComponents(a *attrs) transform.Transformer {
	vectors := a.samples("X_fit_")
	k := a.kernel(a.first("gamma_", "gamma"))
	if a.err == nil && !a.has("gamma_") && !a.has("gamma") {
		k.Gamma = 1 / float64(max(vectors.Width, 1)) // sklearn/metrics/pairwise.py
	}
	values, _ := a.floats(a.first("eigenvalues_", "lambdas_"))
	weights, shape := a.floats(a.first("eigenvectors_", "alphas_"))
	if a.err == nil && (len(shape) != 2 || shape[0] != vectors.Len() || shape[1] != len(values) || shape[1] < 1) {
		a.broken("the vectors have the shape %v for %d samples and %d values", shape, vectors.Len(), len(values))
	}
	c := a.inside("_centerer", a.value("_centerer"), "KernelCenterer")
	if a.err != nil {
		return nil
	}
	rows, _ := c.floats("K_fit_rows_")
	all := c.float("K_fit_all_")
	if a.err = c.err; a.err == nil && len(rows) != vectors.Len() {
		a.broken("the kernels of %d samples are centred by those of %d", vectors.Len(), len(rows))
	}
	n, outputs := len(rows), len(values)
	if a.err != nil || !a.charge(16*int64(outputs)) {
		return nil
	}
	add, mean := make([]float64, outputs), make([]float64, outputs)
	for at, w := range weights {
		j := at % outputs
		if weights[at] = 0; values[j] != 0 {
			weights[at] = w / math.Sqrt(values[j])
		}
		add[j] += (all - rows[at/outputs]) * weights[at]
		mean[j] += weights[at] / float64(n)
	}
	for at := range weights {
		weights[at] -= mean[at%outputs]
	}
	info := a.describe(mlapi.Regressor)
	info.Outputs, info.Features = outputs, a.features(vectors.Width)
	if a.err != nil {
		return nil
	}
	m, err := svm.NewKernelRidge(info, k, vectors, weights)
	if a.wrap(err); a.err != nil {
		return nil
	}
	t, err := transform.NewAnswers(m, add)
	a.wrap(err)
	return t
}
