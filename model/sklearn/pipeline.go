package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

func pipelineClasses() []class {
	return []class{{name: "Pipeline", modules: []string{"sklearn.pipeline"}, model: pipeline}}
}

// maxSteps bounds the steps of a pipeline and of those inside it: a file can make
// a pipeline a step of itself.
const maxSteps = 32

// pipeline builds a model of all steps of a pipeline, those of pipelines inside it
// in their place.
func pipeline(a *attrs) mlapi.Model {
	steps := a.steps(nil)
	if a.err != nil {
		return nil
	}
	if len(steps) == 0 || steps[len(steps)-1].class.model == nil {
		a.unsupported(hintTop, "its last step is no estimator that predicts")
		return nil
	}
	var transformers []transform.Transformer
	for _, s := range steps[:len(steps)-1] {
		if s.class.transformer == nil {
			a.unsupported(hintServed, "%s is served as the last step only", s.name())
			return nil
		}
		t := s.class.transformer(s)
		if s.err != nil {
			a.err = s.err
			return nil
		}
		transformers = append(transformers, t)
	}
	last := steps[len(steps)-1]
	model := last.class.model(last)
	if last.err != nil {
		a.err = last.err
		return nil
	}
	for _, s := range steps[:len(steps)-1] {
		a.sameWidth(s, len(model.Info().Features))
	}
	info := *model.Info()
	info.Features = steps[0].features(len(info.Features))
	if a.err == nil {
		a.err = steps[0].err
	}
	if a.err != nil {
		return nil
	}
	p, err := transform.NewPipeline(&info, transformers, model)
	a.wrap(err)
	return p
}

// sameWidth refuses a step that takes another number of features than the last.
func (a *attrs) sameWidth(s *attrs, width int) {
	for _, name := range [...]string{"n_features_in_", "scale_", "mean_"} {
		if !s.has(name) {
			continue
		}
		n := 0
		if name == "n_features_in_" {
			n = s.int(name)
		} else {
			values, _ := s.floats(name)
			n = len(values)
		}
		if n != width {
			a.broken("%s takes %d features, the last step %d", s.name(), n, width)
		}
		return
	}
}

// steps appends the steps of a pipeline to list, without those that do nothing.
func (a *attrs) steps(list []*attrs) []*attrs {
	for i, v := range a.list("steps") {
		pair, ok := v.(*pickle.Tuple)
		if !ok || len(pair.Items) != 2 {
			a.broken("steps[%d] is not a name and an estimator", i)
			return nil
		}
		if pair.Items[1] == nil || pair.Items[1] == "passthrough" {
			continue
		}
		o, ok := pair.Items[1].(*pickle.Object)
		s := a.r.open(o, a)
		if !ok || s == nil {
			a.unsupported(hintServed, "steps[%d] is no estimator that is served", i)
			return nil
		}
		if a.r.steps++; a.r.steps > maxSteps {
			a.broken("there are more than %d steps", maxSteps)
			return nil
		}
		if s.class.name != "Pipeline" {
			list = append(list, s)
			continue
		}
		if list = s.steps(list); s.err != nil {
			a.err = s.err
			return nil
		}
	}
	return list
}
