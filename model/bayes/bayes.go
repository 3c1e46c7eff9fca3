// Package bayes predicts with classifiers that know how each class makes its
// samples: naive Bayes of all kinds, and quadratic discriminant analysis.
//
// A reader gives the parameters as they are stored, one row per class:
//
//	m, err := bayes.NewGaussian(info, bayes.Gaussian{
//		Means:     []float64{0, 0, 3, 3}, // classes x features
//		Variances: []float64{1, 1, 1, 2},
//		Priors:    []float64{0.5, 0.5},
//	})
//
// [NewLinear] serves the kinds whose logarithm of the likelihood is a weighted sum of
// the features: multinomial, complement and Bernoulli. A sparse matrix costs as much
// there as it has values, however many columns it has.
//
// The class is the first of those with the greatest joint likelihood; probabilities
// are those likelihoods divided by their sum.
package bayes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// blockRows is how many samples are answered between two looks at the context.
const blockRows = 256

// Classifier chooses the class with the greatest joint likelihood.
type Classifier struct {
	info    *mlapi.Info
	rule    rule
	dense   bool // the rule wants all features of a sparse sample
	scratch sync.Pool
}

// rule writes the logarithm of the joint likelihood of each class and the sample to
// dst. room is for what it calculates on the way, number that of the row in the
// request.
type rule interface {
	joint(dst []float64, s vector.Sample, room []float64, number int) error
}

// room is the memory of one goroutine.
type room struct{ joint, dense, more []float64 }

// newClassifier returns a classifier by a rule that needs room for so many values.
func newClassifier(info *mlapi.Info, r rule, dense bool, more int) *Classifier {
	c := &Classifier{info: info, rule: r, dense: dense}
	c.scratch.New = func() any {
		return &room{joint: make([]float64, len(info.Classes)), more: make([]float64, more)}
	}
	return c
}

// Info describes the model.
func (c *Classifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or infinite
// value, and one that makes every class impossible, are an Invalid *mlapi.Error.
func (c *Classifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores
	width := 0
	switch {
	case !scores:
	case c.info.Scores == mlapi.Decision && len(c.info.Classes) == 2:
		width = 1
	default:
		width = len(c.info.Classes)
	}
	dst.Resize(m.Samples(), true, width)
	r := c.scratch.Get().(*room)
	defer c.scratch.Put(r)
	return vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
		class, err := c.one(m, i, s, r)
		if err != nil {
			return err
		}
		dst.Class[i] = class
		if scores {
			c.scores(dst.Row(i), r.joint)
		}
		return nil
	})
}

// one fills r.joint for s, sample i of m, and returns its class.
func (c *Classifier) one(m *mlapi.Matrix, i int, s vector.Sample, r *room) (int32, error) {
	if s.Sparse && c.dense {
		if r.dense == nil {
			r.dense = make([]float64, m.Width())
		}
		s = vector.Sample{Values: m.DenseRow(i, r.dense)}
	}
	if err := c.rule.joint(r.joint, s, r.more, m.Number(i)); err != nil {
		return 0, err
	}
	for _, v := range r.joint {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			return 0, s.TooLarge(m.Number(i))
		}
	}
	best := vector.ArgMax(r.joint)
	if math.IsInf(r.joint[best], -1) {
		return 0, s.TooLarge(m.Number(i))
	}
	return best, nil
}

// scores writes the probabilities, or the decision values, to dst.
func (c *Classifier) scores(dst, joint []float64) {
	switch {
	case c.info.Scores == mlapi.Decision && len(dst) == 1:
		dst[0] = joint[1] - joint[0]
		return
	case c.info.Scores == mlapi.Decision:
		copy(dst, joint)
		return
	}
	// sklearn/naive_bayes.py: predict_log_proba subtracts logsumexp.
	most := math.Inf(-1)
	for _, v := range joint {
		most = max(most, v)
	}
	sum := 0.0
	for _, v := range joint {
		sum += math.Exp(v - most)
	}
	all := math.Log(sum) + most
	for k, v := range joint {
		dst[k] = math.Exp(v - all)
	}
}

// described returns the classes and features of info, or an error where it has none
// or other scores than these classifiers give.
func described(info *mlapi.Info) (classes, features int, err error) {
	classes, features = len(info.Classes), len(info.Features)
	if classes < 1 || features < 1 {
		return 0, 0, fmt.Errorf("%d classes and %d features", classes, features)
	}
	if info.Scores != mlapi.Probability && info.Scores != mlapi.Decision {
		return 0, 0, fmt.Errorf("it gives no scores of the kind %s", info.Scores)
	}
	return classes, features, nil
}

// logPriors returns the logarithms of the shares of the classes, of which one at
// least is not 0.
func logPriors(priors []float64, classes int) ([]float64, error) {
	if len(priors) != classes {
		return nil, fmt.Errorf("%d shares of %d classes", len(priors), classes)
	}
	logs, sum := make([]float64, classes), 0.0
	for k, p := range priors {
		if p-p != 0 || p < 0 {
			return nil, errors.New("the share of a class is no number from 0 on")
		}
		logs[k] = math.Log(p)
		sum += p
	}
	if sum == 0 {
		return nil, errors.New("all classes have the share 0")
	}
	return logs, nil
}

// logShares checks logarithms of the shares of the classes: minus infinity is a
// share of 0.
func logShares(logs []float64, classes int) error {
	if len(logs) != classes {
		return fmt.Errorf("%d shares of %d classes", len(logs), classes)
	}
	possible := false
	for _, v := range logs {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			return errors.New("the share of a class is no number")
		}
		possible = possible || v-v == 0
	}
	if !possible {
		return errors.New("all classes have the share 0")
	}
	return nil
}
