package sklearn

import (
	"fmt"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func targetClasses() []class {
	return []class{{name: "TransformedTargetRegressor", modules: []string{"sklearn.compose._target"}, model: transformedTarget}}
}

const hintTarget = "use a function of numpy such as numpy.expm1, or a scaler of scikit-learn, to transform the target; or answer the transformed target and undo it after the prediction"

// transformedTarget follows sklearn/compose/_target.py: predict.
func transformedTarget(a *attrs) mlapi.Model {
	m := a.member("regressor_", a.value("regressor_"), mlapi.NoScores)
	if a.err != nil {
		return nil
	}
	if m.Info().Task != mlapi.Regressor {
		a.broken("regressor_ is a %s", m.Info().Task)
		return nil
	}
	steps := a.inverses("transformer_", a.value("transformer_"), m.Info().Outputs)
	info := a.like(m)
	info.Features = a.inputs(m)
	if a.err != nil {
		return nil
	}
	t, err := ensemble.NewTarget(info, m, steps)
	a.wrap(err)
	return t
}

// inverses builds what undoes the transformer v of a target of so many outputs.
func (a *attrs) inverses(what string, v pickle.Value, outputs int) []ensemble.Transformer {
	if v == nil || v == "passthrough" {
		return nil
	}
	in := a.inside(what, v, "FunctionTransformer", "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler",
		"PowerTransformer", "QuantileTransformer", "Pipeline")
	if a.err != nil {
		return nil
	}
	if in.nesting > maxNesting {
		a.broken("there are more than %d estimators inside each other", maxNesting)
		return nil
	}
	if !a.count() {
		return nil
	}
	var steps []ensemble.Transformer
	switch in.class.name {
	case "Pipeline":
		list := in.steps()
		for i := len(list) - 1; i >= 0; i-- {
			steps = append(steps, in.inverses(fmt.Sprintf("steps[%d]", i), list[i], outputs)...)
		}
	case "FunctionTransformer":
		steps = in.inverseFunction(outputs)
	default:
		steps = in.inverse(outputs)
	}
	if a.err = in.err; a.err != nil {
		return nil
	}
	return steps
}

// inverse builds what undoes the transformer a.
func (a *attrs) inverse(outputs int) []ensemble.Transformer {
	var steps []ensemble.Transformer
	add := func(f ensemble.Inverse, err error) {
		a.wrap(err)
		steps = append(steps, f)
	}
	switch a.class.name {
	case "StandardScaler":
		add(ensemble.Unscale(a.optional("with_std", "scale_"), a.optional("with_mean", "mean_"), outputs))
	case "RobustScaler":
		add(ensemble.Unscale(a.optional("with_scaling", "scale_"), a.optional("with_centering", "center_"), outputs))
	case "MaxAbsScaler":
		scale, _ := a.floats("scale_")
		add(ensemble.Unscale(scale, nil, outputs))
	case "MinMaxScaler":
		scale, _ := a.floats("scale_")
		low, _ := a.floats("min_")
		add(ensemble.Unrange(scale, low, outputs))
	case "QuantileTransformer":
		steps = a.inverseQuantiles(outputs)
	case "PowerTransformer":
		if a.bool("standardize") {
			steps = a.inverses("_scaler", a.value("_scaler"), outputs)
		}
		lambdas, _ := a.floats("lambdas_")
		add(ensemble.Unpower(lambdas, a.text("method") == "box-cox", outputs))
	}
	return steps
}

// optional returns the numbers in an attribute where the parameter asks for them.
func (a *attrs) optional(parameter, name string) []float64 {
	if !a.bool(parameter) {
		return nil
	}
	values, _ := a.floats(name)
	return values
}

func (a *attrs) inverseQuantiles(outputs int) []ensemble.Transformer {
	references, _ := a.floats("references_")
	values, shape := a.floats("quantiles_")
	if a.err != nil {
		return nil
	}
	if len(shape) != 2 || shape[0] != len(references) || shape[1] != outputs {
		a.broken("attribute quantiles_ has the shape %v", shape)
		return nil
	}
	quantiles := make([][]float64, outputs)
	for i, v := range values {
		quantiles[i%outputs] = append(quantiles[i%outputs], v)
	}
	f, err := ensemble.Unrank(references, quantiles, a.text("output_distribution") == "normal", outputs)
	a.wrap(err)
	return []ensemble.Transformer{f}
}

// inverseFunction builds the inverse function of a FunctionTransformer, a function of
// numpy that is known by its name.
func (a *attrs) inverseFunction(outputs int) []ensemble.Transformer {
	v, _ := a.object.Attr("inverse_func")
	if v == nil || a.err != nil {
		return nil
	}
	if d, _ := a.object.Attr("inv_kw_args"); d != nil {
		if d, ok := d.(*pickle.Dict); !ok || len(d.Keys) > 0 {
			a.unsupported(hintTarget, "its inverse_func has arguments, which is not served")
			return nil
		}
	}
	g, ok := v.(pickle.Global)
	if !ok || g.Module != "numpy" && !strings.HasPrefix(g.Module, "numpy.") {
		a.unsupported(hintTarget, "its inverse_func is %s, which is not served", describeValue(v))
		return nil
	}
	f, err := transform.NewFunction(outputs, g.Name, false)
	if err != nil {
		a.unsupported(hintTarget, "its inverse_func numpy.%s is not served", g.Name)
		return nil
	}
	return []ensemble.Transformer{f}
}
