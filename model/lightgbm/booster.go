package lightgbm

import (
	"context"
	"slices"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
)

// Booster is a model as it stands in a file. It is immutable and safe for concurrent
// use.
type Booster struct {
	version    string // of the format
	classes    int
	outputs    int // trees an iteration, and sums per row
	names      []string
	average    bool // the prediction is the mean of the iterations, not their sum
	objective  objective
	trees      []tree.BoostedTree
	categories []categories // of the pandas columns that had some
	coded      []tree.Codes // the same, where it is plain which columns they are of
}

// Use says how a booster is used where that is not in its text.
type Use struct {
	// Iterations is how many iterations predict, 0 meaning all: the best_iteration of a
	// pickled model that was stopped early.
	Iterations int
}

// Objective returns the name of the objective, such as "binary" or "regression";
// "" where there is none, and "custom" for one that is not LightGBM's own.
func (b *Booster) Objective() string { return b.objective.name }

// Outputs returns how many values a prediction has: the number of classes for
// multiclass, otherwise 1.
func (b *Booster) Outputs() int { return b.outputs }

// Iterations returns the number of iterations: trees per output.
func (b *Booster) Iterations() int { return len(b.trees) / b.outputs }

// Writer returns what wrote the text, as far as it says so.
func (b *Booster) Writer() string {
	return "LightGBM " + map[string]string{"v2": "2", "v3": "3", "v4": "4"}[b.version]
}

// Features returns the features in column order, with the texts of those that were
// text categories in pandas.
func (b *Booster) Features() []mlapi.Feature {
	features := make([]mlapi.Feature, len(b.names))
	for i, name := range b.names {
		features[i].Name = name
	}
	for _, c := range b.coded {
		if c.Texts != nil {
			features[c.Feature].Type, features[c.Feature].Categories = mlapi.TextFeature, slices.Clone(c.Texts)
		}
	}
	return features
}

// Model returns the model of a file by itself: a Scorer of probabilities where the
// objective knows classes, otherwise a Regressor.
func (b *Booster) Model(use Use) (mlapi.Model, error) {
	info := &mlapi.Info{
		Estimator: "Booster", Format: formatName, Writer: b.Writer(),
		Features: b.Features(), Outputs: b.outputs, Task: mlapi.Regressor,
	}
	if b.objective.classifies() {
		info.Task, info.Scores = mlapi.Scorer, mlapi.Probability
	}
	if b.objective.name == "" || b.objective.name == "custom" {
		info.Notes = append(info.Notes, "The objective is not one of LightGBM's own, so the numbers answered are its raw scores.")
	}
	if len(b.categories) > 0 && b.coded == nil {
		info.Notes = append(info.Notes, "The file does not say which columns its categories belong to, so category columns take codes.")
	}
	return b.Regressor(info, use)
}

// Regressor returns a model with the caller's info that answers what
// Booster.predict does: info.Task is Regressor or Scorer, and info.Outputs is
// Outputs.
func (b *Booster) Regressor(info *mlapi.Info, use Use) (mlapi.Model, error) {
	return b.model(info, use, tree.Answer{Width: b.outputs, Link: b.objective.link()})
}

// Classifier returns a model with the caller's info, whose Classes are in the order
// of training, that answers what LGBMClassifier's predict and predict_proba do: the
// first of the most probable classes.
func (b *Booster) Classifier(info *mlapi.Info, use Use) (mlapi.Model, error) {
	link := b.objective.link()
	if b.objective.name != "binary" {
		if !b.objective.classifies() {
			return nil, unsupported("train the classifier with the objective binary, multiclass or multiclassova",
				"a classifier of the objective %s has no probabilities", mlapi.Quote([]byte(b.objective.name)))
		}
		return b.model(info, use, tree.Answer{Width: b.outputs, Link: link})
	}
	return b.model(info, use, tree.Answer{Width: 2, Link: func(dst, margins []float64) {
		link(dst[1:], margins)
		dst[0] = 1 - dst[1]
	}})
}

func (b *Booster) model(info *mlapi.Info, use Use, how tree.Answer) (mlapi.Model, error) {
	sums, err := b.pack(use)
	if err != nil {
		return nil, err
	}
	var codes []tree.Codes
	for _, c := range b.coded {
		if c.Feature >= len(info.Features) {
			continue // NewBoostedModel says what is wrong
		}
		text := info.Features[c.Feature].Type == mlapi.TextFeature
		if text == (c.Texts != nil) && (text || !plainNumbers(c.Numbers)) {
			codes = append(codes, c)
		}
	}
	m, err := tree.NewBoostedModel(info, tree.NewCoded(sums, codes), how)
	if err != nil {
		return nil, &Error{What: "the model does not fit what is said about it", Tree: -1, Cause: err}
	}
	return m, nil
}

// used lays out the trees of the iterations used.
func (b *Booster) used(use Use) (*tree.Boosted, error) {
	trees := b.trees
	if n := use.Iterations; n > 0 && n < b.Iterations() {
		trees = trees[:n*b.outputs]
	}
	packed, err := tree.PackBoosted(trees, tree.BoostOptions{Features: len(b.names), Outputs: b.outputs, Missing: true, TinyZero: true})
	if err != nil {
		return nil, &Error{What: "the trees are not in order", Tree: -1, Cause: err}
	}
	return packed, nil
}

// pack returns the sums that are transformed to predictions.
func (b *Booster) pack(use Use) (tree.Marginal, error) {
	packed, err := b.used(use)
	if err != nil {
		return nil, err
	}
	if b.average && packed.Trees() > 0 {
		return &mean{packed, float64(packed.Trees() / b.outputs)}, nil
	}
	return packed, nil
}

// mean divides the sums by the number of iterations (boosting=rf).
type mean struct {
	*tree.Boosted
	iterations float64
}

// Margins writes the means.
func (m *mean) Margins(ctx context.Context, dst []float64, x *mlapi.Matrix) error {
	if err := m.Boosted.Margins(ctx, dst, x); err != nil {
		return err
	}
	for i := range dst {
		dst[i] /= m.iterations
	}
	return nil
}

// Margins returns the sums of a row before any transformation, as Booster.predict
// gives them with raw_score. Categories are those of pandas where Features is.
func (b *Booster) Margins(use Use) (tree.Marginal, error) {
	used, err := b.used(use)
	if err != nil {
		return nil, err
	}
	return tree.NewCoded(used, b.coded), nil
}
