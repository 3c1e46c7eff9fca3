package neighbors

import (
	"context"
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Output is what is known of one output of a classifier.
type Output struct {
	Labels  []int64 // of each point: a place in Classes
	Classes []int32 // places in Info.Classes
	// Outlier is the place in Info.Classes of the answer for a sample without neighbours;
	// -1 where there is none, which makes it an error.
	Outlier int32
}

// Classifier answers the class that most neighbours have.
type Classifier struct {
	info    *mlapi.Info
	index   *Index
	vote    Vote
	outputs []Output
	most    int // classes of an output
}

// NewClassifier returns a classifier of one or more outputs (scikit-learn's
// KNeighborsClassifier and RadiusNeighborsClassifier). Of several classes with as many
// votes the first is chosen. Scores are the shares of the votes; of several outputs
// there are none.
func NewClassifier(info *mlapi.Info, x *Index, v Vote, outputs []Output) (*Classifier, error) {
	if err := v.check(x); err != nil {
		return nil, err
	}
	if len(info.Features) != x.Width() || len(outputs) != max(1, info.Outputs) {
		return nil, fmt.Errorf("%d features and %d outputs are described, there are %d and %d", len(info.Features), info.Outputs, x.Width(), len(outputs))
	}
	c := &Classifier{info: info, index: x, vote: v, outputs: outputs}
	for i, o := range outputs {
		if len(o.Labels) != x.Len() || len(o.Classes) == 0 {
			return nil, fmt.Errorf("output %d has %d labels of %d classes for %d samples", i, len(o.Labels), len(o.Classes), x.Len())
		}
		for _, l := range o.Labels {
			if l < 0 || l >= int64(len(o.Classes)) {
				return nil, fmt.Errorf("output %d has the label %d of %d", i, l, len(o.Classes))
			}
		}
		for _, k := range append([]int32{max(o.Outlier, 0)}, o.Classes...) {
			if k < 0 || int(k) >= len(info.Classes) {
				return nil, fmt.Errorf("output %d has a class that is not described", i)
			}
		}
		c.most = max(c.most, len(o.Classes))
	}
	if info.Scores != mlapi.NoScores && (info.Scores != mlapi.Probability || len(outputs) > 1 || len(outputs[0].Classes) != len(info.Classes)) {
		return nil, fmt.Errorf("there are no scores of the kind %s", info.Scores)
	}
	return c, nil
}

// Info describes the model.
func (c *Classifier) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m. A missing or infinite
// value is an Invalid *mlapi.Error.
func (c *Classifier) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores && c.info.Scores == mlapi.Probability
	switch {
	case len(c.outputs) > 1:
		dst.ResizeOutputs(m.Samples(), len(c.outputs))
	case scores:
		dst.Resize(m.Samples(), true, c.most)
	default:
		dst.Resize(m.Samples(), true, 0)
	}
	return c.index.each(ctx, m, func(s *search, i int, row []float64) error {
		if err := c.vote.find(c.index, s, row, m, i); err != nil {
			return err
		}
		s.votes, s.sums = vector.Resize(s.votes, c.most), vector.Resize(s.sums, 8*c.most)
		for k := range c.outputs {
			class := c.choose(s, &c.outputs[k])
			if class < 0 {
				return noNeighbors(m, i, row)
			}
			dst.Class[i*len(c.outputs)+k] = class
		}
		if scores {
			c.shares(dst.Row(i), s)
		}
		return nil
	})
}

// choose returns the class with the most votes, -1 where nobody votes and no class is
// for that.
func (c *Classifier) choose(s *search, o *Output) int32 {
	if len(s.points) == 0 {
		return o.Outlier
	}
	votes := s.votes[:len(o.Classes)]
	pairwise(votes, s.sums[:8*len(votes)], s.weights, func(k int) int32 { return int32(o.Labels[s.points[k]]) })
	best := 0
	for k, v := range votes {
		if v > votes[best] {
			best = k
		}
	}
	return o.Classes[best]
}

// shares writes the share of the votes that each class has.
func (c *Classifier) shares(dst []float64, s *search) {
	clear(dst)
	labels := c.outputs[0].Labels
	for k, w := range s.weights {
		dst[labels[s.points[k]]] += w
	}
	sum := 0.0
	for _, v := range dst {
		sum += v
	}
	if sum == 0 {
		// Nobody votes: the class for that is certain.
		dst[c.outputs[0].Outlier] = 1
		return
	}
	for k := range dst {
		dst[k] /= sum
	}
}
