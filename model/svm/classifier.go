package svm

import (
	"context"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Decisions says how a classifier answers. Its zero value: decision values per class
// (one in all of two classes), in the form since scikit-learn 0.21.
type Decisions struct {
	// ProbA and ProbB are Platt's parameters, one each per pair of classes; where they
	// are set, the scores are probabilities.
	ProbA, ProbB []float64
	// Pairs: the decision values are those of all pairs of classes.
	Pairs bool
	// Scaled: decision values per class have the form up to scikit-learn 0.20, of a row
	// that is asked alone: there the confidences were scaled by the greatest of a call.
	Scaled bool
	// BreakTies: the label is the class of the greatest decision value.
	BreakTies bool
}

// Classifier lets all pairs of classes vote.
type Classifier struct {
	info    *mlapi.Info
	e       *expansion
	how     Decisions
	classes int
}

// NewClassifier returns a classifier (scikit-learn's SVC and NuSVC). info.Scores is
// Probability where how has Platt's parameters, otherwise Decision.
func NewClassifier(info *mlapi.Info, m Machine, how Decisions) (*Classifier, error) {
	classes, n := len(info.Classes), m.Vectors.Len()
	pairs := classes * (classes - 1) / 2
	switch {
	case classes < 2 || len(m.Counts) != classes:
		return nil, fmt.Errorf("%d classes, of which %d have vectors", classes, len(m.Counts))
	case len(m.Intercept) != pairs || len(m.Coef)%(classes-1) != 0 || len(m.Coef)/(classes-1) != n:
		return nil, fmt.Errorf("%d intercepts and %d coefficients for %d vectors of %d classes", len(m.Intercept), len(m.Coef), n, classes)
	case len(info.Features) != m.Vectors.Width:
		return nil, fmt.Errorf("%d features are described, the vectors have %d", len(info.Features), m.Vectors.Width)
	case how.ProbA != nil && (len(how.ProbA) != pairs || len(how.ProbB) != pairs):
		return nil, fmt.Errorf("%d and %d parameters of probabilities for %d pairs of classes", len(how.ProbA), len(how.ProbB), pairs)
	case (how.ProbA != nil) != (info.Scores == mlapi.Probability):
		return nil, fmt.Errorf("it gives no scores of the kind %s", info.Scores)
	}
	for i := range how.ProbA {
		if a, b := how.ProbA[i], how.ProbB[i]; a-a != 0 || b-b != 0 {
			return nil, fmt.Errorf("a parameter of the probabilities is not a finite number")
		}
	}
	groups, err := m.groups(classes)
	if err != nil {
		return nil, err
	}
	e, err := newExpansion(m.Kernel, m.Vectors, groups, m.Intercept, classes*(classes+2))
	if err != nil {
		return nil, err
	}
	return &Classifier{info, e, how, classes}, nil
}

// groups returns the vectors of each class with what they count in each pair that
// the class is in.
func (m *Machine) groups(classes int) ([]group, error) {
	n, from := m.Vectors.Len(), 0
	groups := make([]group, classes)
	for c, count := range m.Counts {
		if count < 0 || count > n-from {
			return nil, fmt.Errorf("the classes have more than %d vectors", n)
		}
		g := group{from: from, to: from + count, coef: make([]float64, 0, count*(classes-1))}
		for other := range classes {
			if other != c {
				g.sums = append(g.sums, pair(min(c, other), max(c, other), classes))
			}
		}
		for i := g.from; i < g.to; i++ {
			for t := range classes - 1 {
				g.coef = append(g.coef, m.Coef[t*n+i])
			}
		}
		groups[c], from = g, g.to
	}
	if from != n {
		return nil, fmt.Errorf("the classes have %d of %d vectors", from, n)
	}
	return groups, nil
}

// pair returns the number of the pair of classes i < j.
func pair(i, j, classes int) int32 {
	return int32(i*classes - i*(i+1)/2 + j - i - 1)
}

// Info describes the model.
func (c *Classifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or infinite
// value, or values so large that a sum overflows, are an Invalid *mlapi.Error.
func (c *Classifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores
	width := 0
	if scores {
		width = c.width()
	}
	dst.Resize(m.Samples(), true, width)
	return c.e.each(ctx, m, func(i int, r *room) {
		var into []float64
		if scores {
			into = dst.Row(i)
		}
		dst.Class[i] = c.answer(into, r)
	})
}

// width returns how many scores a sample has.
func (c *Classifier) width() int {
	switch {
	case c.how.ProbA != nil:
		return c.classes
	case c.classes == 2:
		return 1
	case c.how.Pairs:
		return len(c.e.intercept)
	}
	return c.classes
}

// answer returns the class for the sums of the pairs and writes the scores to dst,
// unless it is nil. A sum is positive where the first class of its pair wins.
func (c *Classifier) answer(dst []float64, r *room) int32 {
	votes := r.more[:c.classes]
	class := c.vote(votes, r.sums)
	if c.how.BreakTies && !c.how.Pairs && c.classes > 2 {
		decision := r.more[c.classes : 2*c.classes]
		c.perClass(decision, votes, r.sums)
		class = vector.ArgMax(decision)
	}
	switch {
	case dst == nil:
	case c.how.ProbA != nil:
		c.probabilities(dst, r)
	case c.classes == 2:
		// sklearn/svm/_base.py: _decision_function turns the sign of two classes.
		dst[0] = -r.sums[0]
	case c.how.Pairs:
		copy(dst, r.sums)
	default:
		c.perClass(dst, votes, r.sums)
	}
	return class
}

// vote counts the pairs that each class wins, as libsvm's svm_predict_values does, and
// returns the first class with the most.
func (c *Classifier) vote(votes, sums []float64) int32 {
	clear(votes)
	p := 0
	for i := range c.classes {
		for j := i + 1; j < c.classes; j++ {
			if sums[p] > 0 {
				votes[i]++
			} else {
				votes[j]++
			}
			p++
		}
	}
	return vector.ArgMax(votes)
}

// perClass writes a decision value per class (sklearn/utils/multiclass.py:
// _ovr_decision_function): its votes, and a share below 1/3 of its confidence. A pair
// that stands at 0 is a vote for the first class there, unlike in libsvm.
func (c *Classifier) perClass(dst, votes, sums []float64) {
	clear(dst)
	clear(votes)
	p := 0
	for i := range c.classes {
		for j := i + 1; j < c.classes; j++ {
			// There the confidence is -sum, and sum < 0 is a vote for j.
			dst[i] += sums[p]
			dst[j] -= sums[p]
			if sums[p] < 0 {
				votes[j]++
			} else {
				votes[i]++
			}
			p++
		}
	}
	if c.how.Scaled {
		scale(dst, votes)
		return
	}
	for k, v := range dst {
		dst[k] = votes[k] + v/(3*(math.Abs(v)+1))
	}
}

// scale adds the confidences in dst, scaled to below a half, to the votes.
func scale(dst, votes []float64) {
	const most = 0.5 - 0x1p-52
	least, greatest := dst[0], dst[0]
	for _, v := range dst {
		least, greatest = min(least, v), max(greatest, v)
	}
	factor := 0.0
	if least != greatest {
		factor = most / max(math.Abs(least), math.Abs(greatest))
	}
	for k, v := range dst {
		dst[k] = votes[k] + v*factor
	}
}
