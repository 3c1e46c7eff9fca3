package sklearn

import (
	"fmt"
	"math"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/pickle"
)

func multiclassClasses() []class {
	modules := []string{"sklearn.multiclass"}
	return []class{
		{name: "OneVsRestClassifier", modules: modules, model: oneVsRest},
		{name: "OneVsOneClassifier", modules: modules, model: oneVsOne},
		{name: "OutputCodeClassifier", modules: modules, model: outputCode},
		{name: "_ConstantPredictor", modules: modules},
	}
}

// oneVsRest follows sklearn/multiclass.py: labels come from decision values where
// the members have them, and probabilities from their probabilities.
func oneVsRest(a *attrs) mlapi.Model {
	info := a.describe(mlapi.Classifier)
	binarizer := a.partOf("label_binarizer_", "LabelBinarizer")
	if a.err != nil {
		return nil
	}
	how := ensemble.Rest{
		LastOfEqual: !a.version.since(1, 8),
		Labels:      strings.HasPrefix(binarizer.text("y_type_"), "multilabel"),
	}
	columns, kind := a.binary(mlapi.Decision)
	info.Features = a.columnInputs(columns)
	if a.err != nil {
		return nil
	}
	if first := columns[0].Model; first == nil || first.Info().Scores != mlapi.Decision {
		how.Threshold = 0.5
	}
	if how.Labels {
		info.Classes = []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1)}
		info.Outputs = len(columns)
		return a.rest(info, columns, how)
	}
	info.Classes = binarizer.classes("classes_")
	if a.err = binarizer.err; a.err != nil {
		return nil
	}
	if info.Scores = kind; kind != mlapi.Decision || a.want == mlapi.Decision {
		return a.rest(info, columns, how)
	}
	probable, kind := a.binary(mlapi.Probability)
	if a.err != nil || kind != mlapi.Probability {
		a.err = nil
		return a.rest(info, columns, how)
	}
	return a.restPair(info, columns, probable, how)
}

// restPair builds a classifier with labels by columns and probabilities by probable.
func (a *attrs) restPair(info *mlapi.Info, columns, probable []ensemble.Column, how ensemble.Rest) mlapi.Model {
	of := *info
	of.Scores = mlapi.Probability
	labels, scores := a.rest(info, columns, how), a.rest(&of, probable, how)
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewPair(&of, labels, scores)
	a.wrap(err)
	return m
}

func (a *attrs) rest(info *mlapi.Info, columns []ensemble.Column, how ensemble.Rest) mlapi.Model {
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewOneVsRest(info, columns, how)
	a.wrap(err)
	return m
}

// binary builds the members that tell one class from others, each a column of its
// score of the kind want, or else of the kind that they have (NoScores: they are
// regressors).
func (a *attrs) binary(want mlapi.ScoreKind) ([]ensemble.Column, mlapi.ScoreKind) {
	list := a.list("estimators_")
	columns, kind := make([]ensemble.Column, 0, len(list)), want
	for i, v := range list {
		what := fmt.Sprintf("estimators_[%d]", i)
		c := ensemble.Column{Take: ensemble.Last}
		if isObject(v, "_ConstantPredictor") {
			c.Constant = a.constantOf(what, v)
		} else if c.Model = a.member(what, v, want); c.Model != nil {
			kind = worse(kind, c.Model.Info().Scores)
		}
		if a.err != nil {
			return nil, kind
		}
		columns = append(columns, c)
	}
	if a.err == nil && len(columns) == 0 {
		a.broken("it has no estimators")
	}
	return columns, kind
}

// worse returns what is left of the scores of a kind when a member has others.
func worse(kind, other mlapi.ScoreKind) mlapi.ScoreKind {
	if other == mlapi.NoScores || kind == mlapi.NoScores {
		return mlapi.NoScores
	}
	return other
}

// constantOf reads what a member answers that knew one class only.
func (a *attrs) constantOf(what string, v pickle.Value) float64 {
	in := a.inside(what, v, "_ConstantPredictor")
	if a.err != nil {
		return 0
	}
	values, _ := in.floats("y_")
	if a.err = in.err; a.err == nil && len(values) != 1 {
		a.broken("%s knows %d classes", what, len(values))
	}
	if a.err != nil {
		return 0
	}
	return values[0]
}

// columnInputs returns the features that the models of columns take.
func (a *attrs) columnInputs(columns []ensemble.Column) []mlapi.Feature {
	var models []mlapi.Model
	for i := range columns {
		if m := columns[i].Model; m != nil {
			models = append(models, m)
		}
	}
	if a.err != nil {
		return nil
	}
	if len(models) == 0 {
		return a.features(a.bagWidth())
	}
	return a.inputs(models...)
}

// oneVsOne follows sklearn/multiclass.py. Of two classes the greater of two sums was
// chosen up to 0.18, then the second where its sum is above 0; since 1.1 above 0.5
// where the member has no decision values.
func oneVsOne(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Decision)
	if a.has("pairwise_indices_") {
		a.unsupported(hintServed, "it was trained with a kernel that was calculated before")
	}
	models := a.models("estimators_", mlapi.Decision)
	for i, m := range models {
		if p := a.encoded(fmt.Sprintf("estimators_[%d]", i), m, 2); a.err == nil && len(p) == 2 && !identity(p) {
			a.broken("estimators_[%d] has other classes", i)
		}
	}
	info.Features = a.modelInputs(models)
	if a.err != nil {
		return nil
	}
	threshold := 0.0
	switch {
	case !a.version.since(0, 19):
		threshold = math.NaN()
	case a.version.since(1, 1) && models[0].Info().Scores != mlapi.Decision:
		threshold = 0.5
	}
	m, err := ensemble.NewOneVsOne(info, models, threshold)
	a.wrap(err)
	return m
}

func (a *attrs) modelInputs(models []mlapi.Model) []mlapi.Feature {
	if a.err == nil && len(models) == 0 {
		a.broken("it has no estimators")
	}
	return a.inputs(models...)
}

// outputCode follows sklearn/multiclass.py.
func outputCode(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.NoScores)
	columns, _ := a.binary(mlapi.Decision)
	book, shape := a.floats("code_book_")
	if a.err == nil && (len(shape) != 2 || shape[0] != len(info.Classes) || shape[1] != len(columns)) {
		a.broken("attribute code_book_ has the shape %v", shape)
	}
	info.Features = a.columnInputs(columns)
	if a.err != nil {
		return nil
	}
	m, err := ensemble.NewCodes(info, columns, book)
	a.wrap(err)
	return m
}
