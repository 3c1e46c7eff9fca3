package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/svm"
)

// svmClasses are the support vector machines of libsvm.
func svmClasses() []class {
	return []class{
		{name: "SVC", modules: svmModules(), model: supportClassifier},
		{name: "NuSVC", modules: svmModules(), model: supportClassifier},
		{name: "SVR", modules: svmModules(), model: supportRegressor},
		{name: "NuSVR", modules: svmModules(), model: supportRegressor},
		{name: "OneClassSVM", modules: svmModules(), model: oneClass},
	}
}

// supportClassifier follows sklearn/svm/_base.py: predict, decision_function and
// predict_proba of BaseSVC.
func supportClassifier(a *attrs) mlapi.Model {
	machine := a.machine()
	info := a.classifier(mlapi.Decision)
	info.Features = a.features(machine.Vectors.Width)
	if a.err != nil {
		return nil
	}
	machine.Counts = a.counts(a.first("_n_support", "n_support_"))
	how := svm.Decisions{
		Pairs:     a.text("decision_function_shape") != "ovr", // None was "ovo", up to 0.18
		BreakTies: a.has("break_ties") && a.bool("break_ties"),
	}
	if probA := a.first("_probA", "probA_"); a.want != mlapi.Decision && a.has(probA) {
		if values, _ := a.floats(probA); len(values) > 0 {
			how.ProbA = values
			how.ProbB, _ = a.floats(a.first("_probB", "probB_"))
			info.Scores = mlapi.Probability
		}
	}
	if how.Scaled = !a.version.since(0, 21); how.Scaled && info.Scores == mlapi.Decision && !how.Pairs && len(info.Classes) > 2 {
		info.Notes = append(info.Notes, "scikit-learn up to 0.20 scales decision values by those of the other rows of a call; here each row is scaled as if it were asked alone.")
	}
	if a.err != nil || !a.charge(8*int64(len(machine.Coef))) {
		return nil
	}
	m, err := svm.NewClassifier(info, machine, how)
	a.wrap(err)
	return m
}

func supportRegressor(a *attrs) mlapi.Model {
	machine := a.machine()
	info := a.regressor(machine.Vectors.Width, 1)
	if a.err != nil {
		return nil
	}
	m, err := svm.NewRegressor(info, machine)
	a.wrap(err)
	return m
}

func oneClass(a *attrs) mlapi.Model {
	machine := a.machine()
	info := a.outliers()
	info.Features = a.features(machine.Vectors.Width)
	if a.err != nil {
		return nil
	}
	m, err := svm.NewOutlierDetector(info, machine)
	a.wrap(err)
	return m
}

// machine reads what all support vector machines have. _dual_coef_ and _intercept_
// are libsvm's own; the public ones have the other sign where there are two classes.
func (a *attrs) machine() svm.Machine {
	m := svm.Machine{Kernel: a.kernel(a.first("_gamma", "gamma")), Vectors: a.samples("support_vectors_")}
	public := !a.has("_dual_coef_") || !a.has("_intercept_")
	if public {
		m.Coef, _ = a.matrix("dual_coef_")
		m.Intercept, _ = a.floats("intercept_")
	} else {
		m.Coef, _ = a.matrix("_dual_coef_")
		m.Intercept, _ = a.floats("_intercept_")
	}
	if _, classes := a.object.Attr("classes_"); classes && public && len(m.Intercept) == 1 {
		for _, list := range [][]float64{m.Coef, m.Intercept} {
			for i := range list {
				list[i] = -list[i]
			}
		}
	}
	return m
}

// kernel reads which kernel an estimator has; its gamma is in an attribute of that
// name.
func (a *attrs) kernel(gamma string) svm.Kernel {
	kind, known := map[string]svm.Kind{
		"linear": svm.Linear, "poly": svm.Poly, "polynomial": svm.Poly, "rbf": svm.RBF, "sigmoid": svm.Sigmoid,
		"laplacian": svm.Laplacian, "cosine": svm.Cosine, "additive_chi2": svm.AdditiveChi2, "chi2": svm.Chi2,
	}[a.text("kernel")]
	if !known {
		a.unsupported(hintKernel, "its kernel %s is not served", a.kernelName())
		return svm.Kernel{}
	}
	k := svm.Kernel{Kind: kind}
	switch kind {
	case svm.Linear, svm.Cosine, svm.AdditiveChi2:
		return k
	case svm.Poly:
		k.Degree = a.float("degree")
		k.Coef0 = a.float("coef0")
	case svm.Sigmoid:
		k.Coef0 = a.float("coef0")
	}
	if a.has(gamma) {
		k.Gamma = a.float(gamma)
	}
	return k
}

const hintKernel = "train with one of the kernels linear, poly, rbf and sigmoid (KernelRidge also with laplacian, cosine, chi2 and additive_chi2); a kernel that is a function of your own cannot be run"

// kernelName names a kernel that is not served.
func (a *attrs) kernelName() string {
	if name := a.text("kernel"); name != "" {
		return mlapi.Quote([]byte(name))
	}
	v, _ := a.object.Attr("kernel")
	return "(" + kind(v) + ")"
}

// counts returns an attribute that is an array of whole numbers.
func (a *attrs) counts(name string) []int {
	array := a.array(name)
	if a.err != nil || !a.charge(16*int64(array.Len())) {
		return nil
	}
	values, err := array.Int64s()
	if err != nil {
		a.broken("attribute %s: %v", name, err)
		return nil
	}
	list := make([]int, len(values))
	for i, v := range values {
		list[i] = int(v)
	}
	return list
}
