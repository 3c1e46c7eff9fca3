package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// ensembleClasses are the estimators that are made of others.
func ensembleClasses() []class {
	var all []class
	for _, table := range [][]class{
		votingClasses(), baggingClasses(), adaboostClasses(), stackingClasses(), calibratedClasses(), multiclassClasses(),
		multioutputClasses(), searchClasses(), dummyClasses(), targetClasses(), boostingClasses(), histogramClasses(), wrapperClasses(),
	} {
		all = append(all, table...)
	}
	return all
}

// ensembleModules returns the names that a module of sklearn.ensemble has had: voting_classifier,
// voting and _voting.
func ensembleModules(names ...string) []string {
	for i, n := range names {
		names[i] = "sklearn.ensemble." + n
	}
	return names
}

// member builds the model of v, a part of a that messages call what, as predictor
// does; one that has no scores of the kind want gives the best that it has.
func (a *attrs) member(what string, v pickle.Value, want mlapi.ScoreKind) mlapi.Model {
	if a.err != nil {
		return nil
	}
	m := a.predictor(what, v, want)
	if m != nil || want == mlapi.NoScores {
		return m
	}
	// What the first try took is not given back, or estimators inside each other could
	// make it any number of tries.
	a.err = nil
	return a.predictor(what, v, mlapi.NoScores)
}

// models builds the estimators in a list attribute.
func (a *attrs) models(name string, want mlapi.ScoreKind) []mlapi.Model {
	list := a.list(name)
	if a.err == nil && len(list) == 0 {
		a.broken("attribute %s is empty", name)
	}
	models := make([]mlapi.Model, 0, len(list))
	for i, v := range list {
		m := a.member(fmt.Sprintf("%s[%d]", name, i), v, want)
		if a.err != nil {
			return nil
		}
		models = append(models, m)
	}
	return models
}

// inputs returns the features of an estimator that hands on what it is given to
// models: a column is text where one of them wants text there.
func (a *attrs) inputs(models ...mlapi.Model) []mlapi.Feature {
	if a.err != nil {
		return nil
	}
	first := models[0].Info().Features
	var wanted []transform.Column
	for i, m := range models {
		features := m.Info().Features
		if len(features) != len(first) {
			a.broken("one of its estimators takes %d features, another %d", len(first), len(features))
			return nil
		}
		for k, f := range features {
			if f.Type != first[k].Type {
				a.unsupported(hintServed, "one of its estimators takes texts in column %d, and another takes numbers", k)
				return nil
			}
		}
		if i == 0 {
			wanted = transform.Wanted(m.Info())
		}
	}
	names := a.featureNames()
	if a.err != nil || names == nil {
		a.features(len(first)) // looks at n_features_in_
		return first
	}
	if len(names) != len(first) {
		a.broken("it has the names of %d features and takes %d", len(names), len(first))
	}
	if !a.charge(96 * int64(len(first))) {
		return nil
	}
	return transform.Features(len(first), names, wanted)
}

// like describes an estimator that answers what m does, under the name of a.
func (a *attrs) like(m mlapi.Model) *mlapi.Info {
	info := *m.Info()
	info.Estimator, info.Writer = a.class.name, "scikit-learn "+a.written
	return &info
}

// number returns the number that a label is, where it is one.
func number(l mlapi.Label) (float64, bool) {
	switch v := l.Value().(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// places returns which of classes each of labels is.
func (a *attrs) places(what string, labels, classes []mlapi.Label) []int32 {
	at := make(map[mlapi.Label]int32, len(classes))
	for i, c := range classes {
		at[canonical(c)] = int32(i)
	}
	places := make([]int32, len(labels))
	for i, l := range labels {
		place, ok := at[canonical(l)]
		if !ok && a.err == nil {
			a.broken("%s has the class %s, which is none of its own", what, mlapi.Quote([]byte(l.String())))
		}
		places[i] = place
	}
	return places
}

// canonical returns one label for all that are equal.
func canonical(l mlapi.Label) mlapi.Label {
	if v, ok := number(l); ok {
		return mlapi.FloatLabel(v)
	}
	return l
}

// encoded returns which of n classes those of m are, which was trained with their
// numbers.
func (a *attrs) encoded(what string, m mlapi.Model, n int) []int32 {
	classes := m.Info().Classes
	places := make([]int32, len(classes))
	for i, l := range classes {
		v, ok := number(l)
		if !ok || v < 0 || v >= float64(n) || v != float64(int32(v)) {
			a.broken("%s has the class %s instead of a number below %d", what, mlapi.Quote([]byte(l.String())), n)
			return nil
		}
		places[i] = int32(v)
	}
	return places
}

// identity reports whether places are 0, 1, 2, ...
func identity(places []int32) bool {
	for i, p := range places {
		if p != int32(i) {
			return false
		}
	}
	return true
}

// inside returns the attributes of v, an object of one of the named classes that is
// no estimator of its own, which messages call what.
func (a *attrs) inside(what string, v pickle.Value, names ...string) *attrs {
	if a.err != nil {
		return nil
	}
	if o, ok := v.(*pickle.Object); ok {
		for _, name := range names {
			if o.Class.Name == name {
				return &attrs{r: a.r, object: o, class: class{name: name}, written: a.written, version: a.version, nesting: a.nesting + 1}
			}
		}
	}
	a.unsupported(hintServed, "%s is %s, want a %s", what, describeValue(v), names[0])
	return nil
}

// describeValue names what v is.
func describeValue(v pickle.Value) string {
	if o, ok := v.(*pickle.Object); ok {
		return o.Class.String()
	}
	return kind(v)
}
