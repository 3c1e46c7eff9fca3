package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/svm"
)

func kernelClasses() []class {
	return []class{{name: "KernelRidge", modules: []string{"sklearn.kernel_ridge"}, model: kernelRidge}}
}

// kernelRidge follows sklearn/kernel_ridge.py: predict.
func kernelRidge(a *attrs) mlapi.Model {
	vectors := a.samples("X_fit_")
	k := a.kernel("gamma")
	switch {
	case k.Kind == svm.Chi2 && !a.version.since(0, 19):
		k.Gamma = 1 // 0.18 did not hand gamma on to it
	case !a.has("gamma"):
		// sklearn/metrics/pairwise.py: one by the number of features.
		k.Gamma = 1 / float64(max(vectors.Width, 1))
	}
	coef, shape := a.floats("dual_coef_")
	outputs := 1
	if len(shape) == 2 {
		outputs = shape[1]
	}
	info := a.regressor(vectors.Width, outputs)
	if a.err != nil {
		return nil
	}
	m, err := svm.NewKernelRidge(info, k, vectors, coef)
	a.wrap(err)
	return m
}
