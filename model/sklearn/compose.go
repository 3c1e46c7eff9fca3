package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// child opens the estimator v, a part of a that messages call what. It returns nil,
// and remembers why, where v is none that is served.
func (a *attrs) child(what string, v pickle.Value) *attrs {
	if a.err != nil {
		return nil
	}
	o, ok := v.(*pickle.Object)
	if !ok {
		a.unsupported(hintServed, "%s is %s, no estimator that is served", what, kind(v))
		return nil
	}
	c := a.r.open(o, a)
	if c == nil {
		a.unsupported(hintServed, "%s is %s, which is not served", what, o.Class)
		return nil
	}
	if c.err != nil {
		a.err = c.err
		return nil
	}
	return c
}

// predictor builds the model of the estimator v, a part of a that messages call what.
// want is the kind of scores that it must give; with NoScores it gives probabilities
// where it has them, otherwise decision values, otherwise none.
func (a *attrs) predictor(what string, v pickle.Value, want mlapi.ScoreKind) mlapi.Model {
	return a.predictorOf(what, v, want, 0)
}

// predictorOf is predictor for an estimator that is given so many features.
func (a *attrs) predictorOf(what string, v pickle.Value, want mlapi.ScoreKind, given int) mlapi.Model {
	c := a.child(what, v)
	if c == nil {
		return nil
	}
	c.given = given
	if !c.predicts() {
		a.unsupported(hintServed, "%s is %s, which does not predict", what, c.name())
		return nil
	}
	c.want = want
	m := c.class.model(c)
	switch {
	case c.err != nil:
		a.err = c.err
	case want != mlapi.NoScores && m.Info().Scores != want:
		a.unsupported(hintServed, "%s (%s) gives no scores of the kind %s", what, c.name(), want)
	}
	if a.err != nil {
		return nil
	}
	return m
}

// transformer builds the transformer v, a part of a that messages call what. None
// and "passthrough" hand on what they are given.
func (a *attrs) transformer(what string, v pickle.Value) transform.Transformer {
	if v == nil || v == "passthrough" {
		return transform.Passthrough{}
	}
	c := a.child(what, v)
	if c == nil {
		return nil
	}
	if c.class.transformer == nil {
		a.unsupported(hintServed, "%s is %s, which makes no features", what, c.name())
		return nil
	}
	t := c.class.transformer(c)
	if c.err != nil {
		a.err = c.err
		return nil
	}
	return t
}

// featureNames returns the names of the features that the estimator was trained
// with, nil where it was trained without.
func (a *attrs) featureNames() []string {
	if a.class.names != nil {
		return a.class.names(a)
	}
	if !a.has("feature_names_in_") {
		return nil
	}
	array := a.array("feature_names_in_")
	if a.err != nil {
		return nil
	}
	names, err := array.Strings()
	if err != nil {
		a.broken("attribute feature_names_in_: %v", err)
	}
	return names
}

// pipelineFeatures returns the features of steps in front of what wants columns of
// the width out (0: not known).
func (a *attrs) pipelineFeatures(steps []transform.Transformer, out int, wanted []transform.Column) []mlapi.Feature {
	chain, err := transform.NewChain(0, steps)
	if err != nil {
		a.wrap(err)
		return nil
	}
	width, gives := chain.Width()
	if width == 0 {
		width = out
	}
	names := a.featureNames()
	switch {
	case a.err != nil:
		return nil
	case width == 0 && len(names) > 0:
		width = len(names)
	case width == 0:
		a.unsupported(hintServed, "it does not say how many features it takes")
		return nil
	case out != 0 && gives != 0 && gives != out:
		a.broken("its last step takes %d features and is given %d", out, gives)
		return nil
	case len(names) != 0 && len(names) != width:
		a.broken("it has the names of %d features and takes %d", len(names), width)
		return nil
	}
	columns := chain.Columns(wanted)
	for i, c := range columns {
		if c.Kind == transform.Contradiction {
			a.unsupported(hintServed, "column %d is wanted as a text and as a number", i)
			return nil
		}
	}
	if len(names) == 0 && columns == nil {
		return a.unnamedFeatures(width)
	}
	if !a.charge(96 * int64(width)) {
		return nil
	}
	return transform.Features(width, names, columns)
}

// unnamedFeatures returns the features x0, x1, ... of numbers. It remembers an error
// where there are too many for the file: nothing in it may back their number.
func (a *attrs) unnamedFeatures(n int) []mlapi.Feature {
	if !a.charge(96 * int64(max(0, n-len(a.r.unnamed)))) {
		return nil
	}
	return a.r.unnamedFeatures(n)
}

// unnamedFeatures returns the features x0, x1, ... of numbers.
func (r *reader) unnamedFeatures(n int) []mlapi.Feature {
	for i := len(r.unnamed); i < n; i++ {
		r.unnamed = append(r.unnamed, mlapi.Feature{Name: fmt.Sprintf("x%d", i)})
	}
	return r.unnamed[:n:n]
}
