package linear

import (
	"context"
	"fmt"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
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
	// ModifiedHuber: each value d alone gives (d+1)/2, between 0 and 1; those of more
	// than two classes are then divided by their sum.
	ModifiedHuber
	// Identity: there are no probabilities; the scores are the decision values.
	Identity
)

// Classifier chooses the class with the greatest decision value.
type Classifier struct {
	info    *mlapi.Info
	weights packed
	link    Link
	scratch scratch
}

// NewClassifier returns a classifier (scikit-learn's LogisticRegression,
// RidgeClassifier, SGDClassifier, LinearSVC and other linear ones). Two classes have
// one decision value, the second class being chosen where it is positive; more
// classes have one each, the first of the greatest being chosen. info.Scores is
// Decision where the link is Identity, otherwise Probability.
func NewClassifier(info *mlapi.Info, w Weights, link Link) (*Classifier, error) {
	outputs := len(info.Classes)
	if outputs == 2 {
		outputs = 1
	}
	if len(info.Classes) < 2 {
		return nil, fmt.Errorf("%d classes, want at least 2", len(info.Classes))
	}
	if link < Sigmoid || link > Identity {
		return nil, fmt.Errorf("unknown link %d", link)
	}
	if (link == Identity) != (info.Scores == mlapi.Decision) {
		return nil, fmt.Errorf("the link %d gives no scores of the kind %s", link, info.Scores)
	}
	p, err := w.pack(len(info.Features), outputs)
	if err != nil {
		return nil, err
	}
	return &Classifier{info: info, weights: p, link: link, scratch: newScratch(outputs)}, nil
}

// scratch keeps room for so many decision values, for one goroutine at a time.
type scratch struct{ pool *sync.Pool }

func newScratch(n int) scratch {
	return scratch{&sync.Pool{New: func() any { d := make([]float64, n); return &d }}}
}

// Info describes the model.
func (c *Classifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or
// infinite value, or values so large that a sum overflows, are an Invalid
// *mlapi.Error.
func (c *Classifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores
	width := 0
	switch {
	case scores && c.link == Identity:
		width = c.weights.outputs()
	case scores:
		width = len(c.info.Classes)
	}
	dst.Resize(m.Samples(), true, width)
	room := c.scratch.pool.Get().(*[]float64)
	defer c.scratch.pool.Put(room)
	decision := *room
	return vector.Each(ctx, m, blockRows, func(i int, s vector.Sample) error {
		if !c.weights.apply(decision, s) {
			return s.TooLarge(m.Number(i))
		}
		dst.Class[i] = choose(decision)
		if scores {
			c.scores(dst.Row(i), decision)
		}
		return nil
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
	return vector.ArgMax(decision)
}

// scores writes a probability per class, or the decision values, to dst.
func (c *Classifier) scores(dst, decision []float64) {
	if len(decision) == 1 && c.link != Identity {
		d := decision[0]
		switch c.link {
		case Sigmoid:
			p := vector.Sigmoid(d)
			dst[0], dst[1] = 1-p, p
		case ModifiedHuber:
			p := hinge(d)
			dst[0], dst[1] = 1-p, p
		default:
			dst[0], dst[1] = -d, d
			vector.Softmax(dst)
		}
		return
	}
	copy(dst, decision)
	switch c.link {
	case Sigmoid:
		for k, d := range decision {
			dst[k] = vector.Sigmoid(d)
		}
		vector.Normalise(dst)
	case ModifiedHuber:
		for k, d := range decision {
			dst[k] = hinge(d)
		}
		vector.Normalise(dst)
	case Softmax:
		vector.Softmax(dst)
	}
}

// hinge returns the probability that ModifiedHuber gives.
func hinge(d float64) float64 { return (min(max(d, -1), 1) + 1) / 2 }
