package xgboost

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"example.com/mlapi"
	"example.com/mlapi/model/tree"
	"example.com/mlapi/model/vector"
)

// Booster is a model as it stands in a file. It is immutable and safe for concurrent
// use.
type Booster struct {
	version    [3]int // of the XGBoost that wrote it; 0 where the file does not say
	objective  objective
	features   int
	outputs    int
	base       []float64 // the margins that rows start from
	names      []string  // of the features; none or all
	types      []string  // of the features: "float", "c", ...; none or all
	attributes map[string]string

	list     []tree.BoostedTree
	rounds   []int64 // where the trees of each iteration begin, and the end of the last
	parallel int     // trees of one output in an iteration
	layered  bool    // the file says what an iteration is
	coded    []tree.Codes

	weights []float32 // of gblinear, which has no trees
}

// Use says how a booster is used where that is not in its file.
type Use struct {
	// Iterations is how many iterations predict, 0 meaning all: one more than the best
	// iteration of a wrapper that was stopped early.
	Iterations int
	// Trees is the same as a number of trees per output, which XGBoost before 1.4 calls
	// best_ntree_limit. Iterations counts where both are set.
	Trees int
	// Missing is a value that means missing beside NaN, the wrappers' parameter; nil for
	// none.
	Missing *float64
}

// Objective returns the objective's name, such as "binary:logistic".
func (b *Booster) Objective() string { return string(b.objective) }

// Outputs returns how many values a prediction has: the number of classes of
// multi:softprob, the number of targets, otherwise 1.
func (b *Booster) Outputs() int { return b.outputs }

// Iterations returns the number of iterations; 0 for gblinear.
func (b *Booster) Iterations() int { return max(len(b.rounds)-1, 0) }

// Attribute returns what the training noted under a name, and whether it did.
func (b *Booster) Attribute(name string) (string, bool) {
	v, ok := b.attributes[name]
	return v, ok
}

// Best returns the Use of a model that was stopped early, as the scikit-learn wrappers
// predict with it: the iterations, or trees, up to the best. All of them predict where
// nothing is noted.
func (b *Booster) Best() Use {
	// Up to 1.5 a file does not say how many trees a forest's iteration has.
	if n, err := strconv.Atoi(b.attributes["best_ntree_limit"]); err == nil && n > 0 && !b.layered {
		return Use{Trees: n}
	}
	if n, err := strconv.Atoi(b.attributes["best_iteration"]); err == nil && n >= 0 && n < b.Iterations() {
		return Use{Iterations: n + 1}
	}
	return Use{}
}

// Writer returns what wrote the model, as far as it says so.
func (b *Booster) Writer() string {
	if b.version == [3]int{} {
		return "XGBoost before 1.0"
	}
	return fmt.Sprintf("XGBoost %d.%d.%d", b.version[0], b.version[1], b.version[2])
}

// Features returns the features in column order, with the texts of those that are
// text categories.
func (b *Booster) Features() []mlapi.Feature {
	features := make([]mlapi.Feature, b.features)
	for i := range features {
		if len(b.names) > 0 {
			features[i].Name = b.names[i]
		} else {
			features[i].Name = "x" + strconv.Itoa(i)
		}
	}
	for _, c := range b.coded {
		if c.Texts != nil {
			features[c.Feature].Type, features[c.Feature].Categories = mlapi.TextFeature, slices.Clone(c.Texts)
		}
	}
	return features
}

// Regressor returns a model with the caller's info that answers what Booster.predict
// does, probabilities of classes included: info.Task is Regressor or Scorer, and
// info.Outputs is Outputs.
func (b *Booster) Regressor(info *mlapi.Info, use Use) (mlapi.Model, error) {
	return b.model(info, use, tree.Answer{Width: b.outputs, Link: b.objective.link()})
}

// Classifier returns a model with the caller's info, whose Classes are in the order
// of training, that answers what XGBClassifier's predict and predict_proba do: the
// class above 0.5, or the first of the most probable classes.
func (b *Booster) Classifier(info *mlapi.Info, use Use) (mlapi.Model, error) {
	link := b.objective.link()
	switch {
	case b.objective.multiclass():
		how := tree.Answer{Width: b.outputs, Link: link}
		if b.objective == "multi:softmax" {
			how.Class = func(_, margins []float64) int32 { return vector.ArgMax(margins) }
		}
		return b.model(info, use, how)
	case b.outputs > 1:
		return nil, unsupported("train one model for each label", "a classifier of %d labels at once is not served", b.outputs)
	case b.objective.task() == regresses && b.objective != "reg:logistic":
		return nil, unsupported("train the classifier with the objective binary:logistic or multi:softprob",
			"a classifier of the objective %s has no probabilities", b.objective)
	}
	return b.model(info, use, tree.Answer{
		Width: 2,
		Link: func(dst, margins []float64) {
			dst[1] = margins[0]
			if link != nil {
				link(dst[1:], margins)
			}
			dst[0] = float64(1 - float32(dst[1]))
		},
		Class: func(values, _ []float64) int32 {
			if values[1] > 0.5 {
				return 1
			}
			return 0
		},
	})
}

func (b *Booster) model(info *mlapi.Info, use Use, how tree.Answer) (mlapi.Model, error) {
	sums, err := b.pack(use)
	if err != nil {
		return nil, err
	}
	var codes []tree.Codes
	for _, c := range b.coded {
		if c.Feature < len(info.Features) && (info.Features[c.Feature].Type == mlapi.TextFeature) == (c.Texts != nil) {
			codes = append(codes, c)
		}
	}
	m, err := tree.NewBoostedModel(info, tree.NewCoded(sums, codes), how)
	if err != nil {
		return nil, &Error{What: "the model does not fit what is said about it", Cause: err}
	}
	return m, nil
}

// pack lays out what is used.
func (b *Booster) pack(use Use) (tree.Marginal, error) {
	if b.weights != nil {
		return &linear{features: b.features, outputs: b.outputs, weights: b.weights, base: b.base, sentinel: use.Missing}, nil
	}
	trees := b.list
	switch {
	case use.Iterations > 0 && use.Iterations < b.Iterations():
		trees = trees[:b.rounds[use.Iterations]]
	case use.Iterations <= 0 && use.Trees > 0 && use.Trees < len(trees):
		trees = trees[:min(use.Trees*b.outputs, len(trees))]
	}
	o := tree.BoostOptions{
		Features: b.features, Outputs: b.outputs, Compare: tree.Float32Below, Missing: true, Sentinel: use.Missing,
		AbsentMissing: true, Float32Sums: true, Base: b.base,
	}
	last := b.before(1, 3)
	if last {
		o.Base = nil
	}
	packed, err := tree.PackBoosted(trees, o)
	if err != nil {
		return nil, &Error{What: "the trees are not in order", Cause: err}
	}
	if last {
		return &baseLast{packed, b.base}, nil
	}
	return packed, nil
}

// baseLast are sums to which the base is added when all trees are, as XGBoost before
// 1.3 did.
type baseLast struct {
	*tree.Boosted
	base []float64
}

// Margins writes the sums.
func (s *baseLast) Margins(ctx context.Context, dst []float64, m *mlapi.Matrix) error {
	if err := s.Boosted.Margins(ctx, dst, m); err != nil {
		return err
	}
	for at := 0; at < len(dst); at += len(s.base) {
		for k, v := range s.base {
			dst[at+k] = float64(float32(v) + float32(dst[at+k]))
		}
	}
	return nil
}

// before reports whether an XGBoost before that version wrote the file.
func (b *Booster) before(major, minor int) bool {
	return b.version[0] < major || b.version[0] == major && b.version[1] < minor
}

func isUnsupported(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.unsupported
}

// Margins returns the sums of a row before any transformation, as Booster.predict
// gives them with output_margin. Categories are coded as Features says.
func (b *Booster) Margins(use Use) (tree.Marginal, error) {
	sums, err := b.pack(use)
	if err != nil {
		return nil, err
	}
	return tree.NewCoded(sums, b.coded), nil
}
