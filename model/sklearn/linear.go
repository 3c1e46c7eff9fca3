package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/linear"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// linearClasses are the regressors that weigh features and add them up.
func linearClasses() []class {
	var list []class
	for _, family := range []struct {
		file  string // of sklearn.linear_model, up to 0.21; since then it begins with an underscore
		model func(a *attrs) mlapi.Model
		names []string
	}{
		{"base", linearRegression, []string{"LinearRegression"}},
		{"ridge", linearRegression, []string{"Ridge", "RidgeCV"}},
		{"coordinate_descent", linearRegression, []string{
			"Lasso", "LassoCV", "ElasticNet", "ElasticNetCV",
			"MultiTaskLasso", "MultiTaskLassoCV", "MultiTaskElasticNet", "MultiTaskElasticNetCV",
		}},
		{"least_angle", linearRegression, []string{"Lars", "LarsCV", "LassoLars", "LassoLarsCV", "LassoLarsIC"}},
		{"omp", linearRegression, []string{"OrthogonalMatchingPursuit", "OrthogonalMatchingPursuitCV"}},
		{"bayes", linearRegression, []string{"BayesianRidge", "ARDRegression"}},
		{"huber", linearRegression, []string{"HuberRegressor"}},
		{"theil_sen", linearRegression, []string{"TheilSenRegressor"}},
		{"quantile", linearRegression, []string{"QuantileRegressor"}},
		{"stochastic_gradient", linearRegression, []string{"SGDRegressor"}},
		{"passive_aggressive", linearRegression, []string{"PassiveAggressiveRegressor"}},
		{"ransac", ransac, []string{"RANSACRegressor"}},
	} {
		for _, name := range family.names {
			list = append(list, class{name: name, modules: linearModules(family.file), model: family.model})
		}
	}
	glm := []string{"sklearn.linear_model._glm.glm"}
	cross := []string{"sklearn.cross_decomposition.pls_", "sklearn.cross_decomposition._pls"}
	cca := []string{"sklearn.cross_decomposition.cca_", "sklearn.cross_decomposition._cca", "sklearn.cross_decomposition._pls"}
	return append(list,
		class{name: "PoissonRegressor", modules: glm, model: logRegression},
		class{name: "GammaRegressor", modules: glm, model: logRegression},
		class{name: "TweedieRegressor", modules: glm, model: tweedie},
		class{name: "LinearSVR", modules: svmModules(), model: linearRegression},
		class{name: "PLSRegression", modules: cross, model: leastSquares},
		class{name: "PLSCanonical", modules: cross, model: leastSquares},
		class{name: "CCA", modules: cca, model: leastSquares},
		class{name: "IsotonicRegression", modules: []string{"sklearn.isotonic"}, model: isotonicRegression},
	)
}

// linearModules returns the modules of what lies in a file of sklearn.linear_model.
func linearModules(file string) []string {
	return []string{"sklearn.linear_model." + file, "sklearn.linear_model._" + file}
}

func svmModules() []string { return []string{"sklearn.svm.classes", "sklearn.svm._classes"} }

func linearRegression(a *attrs) mlapi.Model {
	w, features := a.weights()
	info := a.regressor(features, len(w.Intercept))
	if a.err != nil {
		return nil
	}
	m, err := linear.NewRegressor(info, w)
	a.wrap(err)
	return m
}

func logRegression(a *attrs) mlapi.Model {
	w, features := a.weights()
	info := a.regressor(features, len(w.Intercept))
	if a.err != nil {
		return nil
	}
	m, err := linear.NewLogRegressor(info, w)
	a.wrap(err)
	return m
}

// tweedie follows sklearn/linear_model/_glm/glm.py: the link "auto" is the identity
// for the normal distribution and everything below, otherwise the logarithm.
func tweedie(a *attrs) mlapi.Model {
	link := a.text("link")
	if link == "auto" {
		link = "log"
		if a.float("power") <= 0 {
			link = "identity"
		}
	}
	switch link {
	case "identity":
		return linearRegression(a)
	case "log":
		return logRegression(a)
	}
	a.unsupported(hintServed, "its link is neither \"identity\" nor \"log\"")
	return nil
}

// ransac builds the estimator that was fitted to the inliers.
func ransac(a *attrs) mlapi.Model {
	return a.instead("estimator_", a.value("estimator_"))
}

// instead builds what predicts in place of a, under the name of a.
func (a *attrs) instead(what string, v pickle.Value) mlapi.Model {
	m := a.predictor(what, v, a.want)
	if a.err != nil {
		return nil
	}
	info := *m.Info()
	info.Estimator = a.class.name
	p, err := transform.NewPipeline(&info, nil, m)
	a.wrap(err)
	return p
}

// leastSquares reads partial least squares (sklearn/cross_decomposition/_pls.py:
// predict). The input is centred and, up to 1.4, divided by the deviations; since
// then those are part of the coefficients. All of that is folded into the weights.
// Up to 1.0 the coefficients are features x outputs.
func leastSquares(a *attrs) mlapi.Model {
	name := a.first("_coef_", "coef_") // 1.1 and 1.2 keep the new form in _coef_
	coef, shape := a.matrix(name)
	mean, _ := a.floats(a.first("_x_mean", "x_mean_"))
	intercept, _ := a.floats(a.first("intercept_", "_y_mean", "y_mean_"))
	var scale []float64
	if !a.version.since(1, 5) {
		scale, _ = a.floats(a.first("_x_std", "x_std_"))
	}
	features := len(mean)
	if a.err != nil {
		return nil
	}
	if len(shape) != 2 || features == 0 || len(coef)%features != 0 || scale != nil && len(scale) != features {
		a.broken("%s has the shape %v, for %d features", name, shape, features)
		return nil
	}
	w := linear.Weights{Coef: coef, Intercept: intercept}
	if !a.version.since(1, 1) {
		w.Coef = turned(coef, shape[0])
	}
	info := a.regressor(features, len(intercept))
	if a.err != nil {
		return nil
	}
	if len(w.Coef) != features*len(intercept) {
		a.broken("%s has the shape %v, for %d features and %d outputs", name, shape, features, len(intercept))
		return nil
	}
	fold(w, mean, scale)
	m, err := linear.NewRegressor(info, w)
	a.wrap(err)
	return m
}

// fold makes w take features as they are, where it took them less their means and,
// where scale is not nil, divided by it.
func fold(w linear.Weights, mean, scale []float64) {
	for k := range w.Intercept {
		row := w.Coef[k*len(mean) : (k+1)*len(mean)]
		for j := range row {
			if scale != nil {
				row[j] /= scale[j]
			}
			w.Intercept[k] -= row[j] * mean[j]
		}
	}
}

// turned returns the transpose of a matrix of so many rows.
func turned(values []float64, rows int) []float64 {
	out := make([]float64, len(values))
	columns := len(values) / max(rows, 1)
	for at, v := range values {
		out[at%columns*rows+at/columns] = v
	}
	return out
}

// isotonicRegression builds a regressor of one feature.
func isotonicRegression(a *attrs) mlapi.Model {
	f := a.isotonic()
	info := a.regressor(1, 1)
	if a.err != nil {
		return nil
	}
	m, err := linear.NewIsotonicRegressor(info, f)
	a.wrap(err)
	return m
}

// isotonic reads an IsotonicRegression as a function; calibrators use it too. The
// thresholds were called _necessary_X_ up to 0.23.
func (a *attrs) isotonic() *linear.Isotonic {
	xName := a.first("X_thresholds_", "_necessary_X_")
	x, _ := a.floats(xName)
	y, _ := a.floats(a.first("y_thresholds_", "_necessary_y_"))
	if a.err != nil {
		return nil
	}
	outside := map[string]linear.Outside{"clip": linear.Clip, "nan": linear.Missing, "raise": linear.Refuse}[a.text("out_of_bounds")]
	single := false
	if array, ok := a.value(xName).(*pickle.Array); ok {
		// sklearn/isotonic.py: _transform casts to the type of the thresholds. Before 0.24
		// it did not; but what a calibrator hands it has their type.
		single = array.Dtype.Kind == 'f' && array.Dtype.Size == 4
	}
	f, err := linear.NewIsotonic(x, y, outside, single)
	a.wrap(err)
	return f
}
