package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func pipelineClasses() []class {
	return []class{{
		name: "Pipeline", modules: []string{"sklearn.pipeline"},
		model: pipeline, transformer: pipelineTransformer, predicts: pipelinePredicts, names: pipelineNames,
	}}
}

// steps returns the steps of a pipeline, in order.
func (a *attrs) steps() []pickle.Value {
	list := a.list("steps")
	steps := make([]pickle.Value, 0, len(list))
	for i, v := range list {
		var pair []pickle.Value
		switch v := v.(type) {
		case *pickle.Tuple:
			pair = v.Items
		case *pickle.List: // what a tuple becomes on its way through JSON
			pair = v.Items
		}
		if len(pair) != 2 {
			a.broken("steps[%d] is not a name and an estimator", i)
			return nil
		}
		steps = append(steps, pair[1])
	}
	if a.err == nil && len(steps) == 0 {
		a.broken("it has no steps")
	}
	return steps
}

// pipelinePredicts reports whether the last step predicts.
func pipelinePredicts(a *attrs) bool {
	steps := a.steps()
	if a.err != nil {
		return true // the error is the same either way
	}
	o, ok := steps[len(steps)-1].(*pickle.Object)
	if !ok {
		return false
	}
	last := a.r.open(o, a)
	return last == nil || last.err != nil || last.predicts()
}

// pipelineNames returns the names that the first step was trained with.
func pipelineNames(a *attrs) []string {
	for i, v := range a.steps() {
		if o, ok := v.(*pickle.Object); ok {
			first := a.child(fmt.Sprintf("steps[%d]", i), o)
			if first == nil {
				return nil
			}
			names := first.featureNames()
			a.err = first.err
			return names
		}
	}
	return nil
}

func (a *attrs) transformers(steps []pickle.Value) []transform.Transformer {
	list := make([]transform.Transformer, 0, len(steps))
	for i, v := range steps {
		t := a.transformer(fmt.Sprintf("steps[%d]", i), v)
		if a.err != nil {
			return nil
		}
		list = append(list, t)
	}
	return list
}

// lastStep returns the class of the last estimator: of a pipeline that of its last step.
func (a *attrs) lastStep() string {
	if a.class.name != "Pipeline" {
		return a.class.name
	}
	steps := a.steps()
	if a.err != nil {
		return ""
	}
	o, ok := steps[len(steps)-1].(*pickle.Object)
	if !ok {
		return a.class.name // None or "passthrough"
	}
	last := a.r.open(o, a)
	if last == nil || last.err != nil {
		return a.class.name
	}
	return last.lastStep()
}

// pipelineTransformer builds a transformer of all steps.
func pipelineTransformer(a *attrs) transform.Transformer {
	steps := a.transformers(a.steps())
	if a.err != nil {
		return nil
	}
	chain, err := transform.NewChain(0, steps)
	a.wrap(err)
	return chain
}

// pipeline builds a model of all steps.
func pipeline(a *attrs) mlapi.Model {
	steps := a.steps()
	if a.err != nil {
		return nil
	}
	last := len(steps) - 1
	before := a.transformers(steps[:last])
	if a.err != nil {
		return nil
	}
	chain, err := transform.NewChain(a.given, before)
	if a.wrap(err); a.err != nil {
		return nil
	}
	_, given := chain.Width()
	model := a.predictorOf(fmt.Sprintf("steps[%d]", last), steps[last], a.want, given)
	if a.err != nil {
		return nil
	}
	return a.behind(before, model)
}

// behind builds the model of transformers before a model.
func (a *attrs) behind(before []transform.Transformer, model mlapi.Model) mlapi.Model {
	info := *model.Info()
	info.Features = a.pipelineFeatures(before, len(model.Info().Features), transform.Wanted(model.Info()))
	if a.err != nil {
		return nil
	}
	p, err := transform.NewPipeline(&info, before, model)
	a.wrap(err)
	return p
}
