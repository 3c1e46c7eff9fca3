package sklearn

import (
	"math"
	"strings"

	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func functionClasses() []class {
	return []class{{
		name: "FunctionTransformer", modules: []string{"sklearn.preprocessing._function_transformer"},
		transformer: functionTransformer,
	}}
}

const hintFunction = "use a function of numpy that works on every value by itself (numpy.log1p, numpy.sqrt, ...), or do what the function does in a preprocessor in Go"

// functionTransformer builds a function of numpy, known by its name. A function of
// somebody's own is a name, and nothing that the file holds.
func functionTransformer(a *attrs) transform.Transformer {
	validate := a.has("validate") && a.bool("validate")
	features := 0
	if a.has("n_features_in_") {
		features = a.int("n_features_in_")
	}
	v := a.value("func")
	if a.err != nil {
		return nil
	}
	if v == nil && !validate {
		return transform.Passthrough{Features: features}
	}
	name := "positive"
	if v != nil {
		g, ok := v.(pickle.Global)
		if !ok || g.Module != "numpy" && !strings.HasPrefix(g.Module, "numpy.") {
			a.unsupported(hintFunction, "its function is %s, which is not served", describeValue(v))
			return nil
		}
		name = g.Name
	}
	switch name {
	case "clip":
		return a.clip(features, validate)
	case "round", "round_", "around":
		if n, ok := a.roundTo(); ok {
			return transform.NewRound(features, n, validate)
		}
		return nil
	}
	if d := a.keywords(); d != nil && len(d.Keys) > 0 {
		a.unsupported(hintFunction, "its function numpy.%s has arguments, which is not served", name)
		return nil
	}
	f, err := transform.NewFunction(features, name, validate)
	if err != nil {
		a.unsupported(hintFunction, "its function numpy.%s is not served", name)
		return nil
	}
	return f
}

// keywords returns the arguments that the function is called with.
func (a *attrs) keywords() *pickle.Dict {
	v, _ := a.object.Attr("kw_args")
	d, _ := v.(*pickle.Dict)
	return d
}

// roundTo reads how many decimals numpy.round keeps.
func (a *attrs) roundTo() (int, bool) {
	const most = 300
	d := a.keywords()
	if d == nil || len(d.Keys) == 0 {
		return 0, true
	}
	v, ok := d.Get("decimals")
	n, isInt := pickle.AsInt(v)
	if !ok || !isInt || len(d.Keys) != 1 || n < -most || n > most {
		a.unsupported(hintFunction, "its function numpy.round has arguments that are not served")
		return 0, false
	}
	return int(n), true
}

// clip reads the bounds of numpy.clip, either of which may be missing.
func (a *attrs) clip(features int, validate bool) transform.Transformer {
	low, high := math.Inf(-1), math.Inf(1)
	d := a.keywords()
	for i := 0; d != nil && i < len(d.Keys); i++ {
		bound, ok := pickle.AsFloat(d.Values[i])
		switch key := d.Keys[i]; {
		case d.Values[i] == nil:
		case ok && (key == "a_min" || key == "min"):
			low = bound
		case ok && (key == "a_max" || key == "max"):
			high = bound
		default:
			a.unsupported(hintFunction, "its function numpy.clip has arguments that are not served")
			return nil
		}
	}
	f, err := transform.NewClip(features, low, high, validate)
	a.wrap(err)
	return f
}
