package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// frozen builds the estimator inside a FrozenEstimator.
func frozen(a *attrs) mlapi.Model { return a.stand("estimator") }

func frozenTransformer(a *attrs) transform.Transformer {
	return a.transformer("estimator", a.value("estimator"))
}

func frozenPredicts(a *attrs) bool { return a.partPredicts("estimator") }

// stand builds the estimator in an attribute, which predicts in place of a, under
// the name of a.
func (a *attrs) stand(name string) mlapi.Model {
	m := a.member(name, a.value(name), a.want)
	if a.err != nil {
		return nil
	}
	info := a.like(m)
	info.Features = a.inputs(m)
	if a.err != nil {
		return nil
	}
	p, err := transform.NewPipeline(info, nil, m)
	a.wrap(err)
	return p
}

// partPredicts reports whether the estimator in an attribute predicts.
func (a *attrs) partPredicts(name string) bool {
	v, _ := a.object.Attr(name)
	o, ok := v.(*pickle.Object)
	if !ok {
		return true // the error is the same either way
	}
	in := a.r.open(o, a)
	return in == nil || in.err != nil || in.predicts()
}
