package linear

import (
	"context"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
)

// Link says how the decision values of a classifier become probabilities.
type Link uint8

const (
	// Sigmoid: each value d alone gives 1/(1+exp(-d)); those of more than two
	// classes are then divided by their sum (one against the rest).
	Sigmoid Link = iota + 1
	// Softmax: exp(d) divided by the sum of all. Of two classes with one decision
	// value d between them, the values are -d and d.
	Softmax
)

// Classifier chooses the class with the greatest decision value.
type Classifier struct {
	info    *mlapi.Info
	weights Weights
	link    Link
	scratch sync.Pool // of *[]float64, a decision value per output
}

// NewClassifier returns a classifier (scikit-learn's LogisticRegression). Two
// classes have one decision value, the second class being chosen where it is
// positive; more classes have one each, the first of the greatest being chosen.
func NewClassifier(info *mlapi.Info, w Weights, link Link) (*Classifier, error) {
	outputs := len(info.Classes)
	if outputs == 2 {
		outputs = 1
	}
	if len(info.Classes) < 2 {
		return nil, fmt.Errorf("%d classes, want at least 2", len(info.Classes))
	}
	if link != Sigmoid && link != Softmax {
		return nil, fmt.Errorf("unknown link %d", link)
	}
	if err := w.check(len(info.Features), outputs); err != nil {
		return nil, err
	}
	c := &Classifier{info: info, weights: w, link: link}
	c.scratch.New = func() any { d := make([]float64, outputs); return &d }
	return c, nil
}

// Info describes the model.
func (c *Classifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or
// infinite value, or values so large that a sum overflows, are an Invalid
// *mlapi.Error.
func (c *Classifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores
	width := 0
	if scores {
		width = len(c.info.Classes)
	}
	dst.Resize(m.Samples(), true, width)
	scratch := c.scratch.Get().(*[]float64)
	defer c.scratch.Put(scratch)
	decision := *scratch
	return each(ctx, m, func(i int, row []float64) bool {
		if !c.weights.apply(decision, row) {
			return false
		}
		dst.Class[i] = choose(decision)
		if scores {
			c.probabilities(dst.Row(i), decision)
		}
		return true
	})
}

// choose returns the class that the decision values speak for.
func choose(decision []float64) int32 {
	if len(decision) == 1 {
		if decision[0] > 0 {
			return 1
		}
		return 0
	}
	best := 0
	for k, d := range decision {
		if d > decision[best] {
			best = k
		}
	}
	return int32(best)
}

// probabilities writes a probability per class to dst.
func (c *Classifier) probabilities(dst, decision []float64) {
	switch {
	case c.link == Sigmoid && len(decision) == 1:
		p := sigmoid(decision[0])
		dst[0], dst[1] = 1-p, p
	case c.link == Sigmoid:
		for k, d := range decision {
			dst[k] = sigmoid(d)
		}
		normalise(dst)
	case len(decision) == 1:
		dst[0], dst[1] = -decision[0], decision[0]
		softmax(dst)
	default:
		copy(dst, decision)
		softmax(dst)
	}
}

func sigmoid(d float64) float64 {
	if d < 0 {
		e := math.Exp(d) // exp(-d) would overflow where the answer is merely small
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-d))
}

// softmax replaces values by their exponentials divided by the sum of those.
func softmax(values []float64) {
	greatest := math.Inf(-1)
	for _, v := range values {
		greatest = max(greatest, v)
	}
	for k, v := range values {
		values[k] = math.Exp(v - greatest)
	}
	normalise(values)
}

// normalise divides values by their sum. All zero, they become equal shares, as in
// scikit-learn since 1.9.
func normalise(values []float64) {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	for k := range values {
		if sum == 0 {
			values[k] = 1 / float64(len(values))
		} else {
			values[k] /= sum
		}
	}
}
