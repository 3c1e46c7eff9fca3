package neighbors

import (
	"context"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Centroids answers the class whose centre is nearest.
type Centroids struct {
	info  *mlapi.Info
	index *Index
	scale []float64 // of the features; nil where priors are all the same
	prior []float64 // twice the logarithm, of each class
	room  sync.Pool // of *[]float64: a sample, and a value per class
}

// NewCentroids returns scikit-learn's NearestCentroid: x has one point for each class,
// and of equally near ones the first is answered. There are no scores.
func NewCentroids(info *mlapi.Info, x *Index) (*Centroids, error) {
	if len(info.Classes) != x.Len() || len(info.Features) != x.Width() {
		return nil, fmt.Errorf("%d classes and %d features are described, there are %d centres of %d", len(info.Classes), len(info.Features), x.Len(), x.Width())
	}
	return &Centroids{info: info, index: x, room: sync.Pool{New: func() any {
		list := make([]float64, x.Width()+x.Len())
		return &list
	}}}, nil
}

// Discriminate makes the model weigh distances, of features divided by scale, against
// the classes' shares: probabilities come of it. Of equal shares labels do not change.
func (c *Centroids) Discriminate(scale, shares []float64) error {
	if len(scale) != c.index.Width() || len(shares) != c.index.Len() || c.info.Scores != mlapi.Probability {
		return fmt.Errorf("%d scales and %d shares for %d classes", len(scale), len(shares), c.index.Len())
	}
	c.scale, c.prior = make([]float64, len(scale)), make([]float64, len(shares))
	for i, v := range scale {
		if c.scale[i] = v; v == 0 {
			c.scale[i] = 1
		}
		if v-v != 0 || v < 0 {
			return fmt.Errorf("the scale of feature %d is %v", i, v)
		}
	}
	for k, p := range shares {
		if !(p > 0 && p <= 1) {
			return fmt.Errorf("the share of class %d is %v", k, p)
		}
		c.prior[k] = 2 * math.Log(p)
	}
	return nil
}

// Info describes the model.
func (c *Centroids) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *Centroids) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores && c.prior != nil
	width := 0
	if scores {
		width = c.index.Len()
	}
	dst.Resize(m.Samples(), true, width)
	room := c.room.Get().(*[]float64)
	defer c.room.Put(room)
	scratch, decision := (*room)[:c.index.Width()], (*room)[c.index.Width():]
	even := c.even()
	return vector.EachDense(ctx, m, blockRows, scratch, func(i int, row []float64) error {
		if even {
			if dst.Class[i] = c.nearest(row); dst.Class[i] < 0 {
				return tooLarge(m, i, row)
			}
		}
		if c.prior == nil {
			return nil
		}
		c.decide(decision, row)
		best := vector.ArgMax(decision)
		if math.IsInf(decision[best], 0) {
			return tooLarge(m, i, row)
		}
		if !even {
			dst.Class[i] = best
		}
		if scores {
			to := dst.Row(i)
			copy(to, decision)
			vector.Softmax(to)
		}
		return nil
	})
}

// even reports whether all classes have the same share, as numpy.isclose does.
func (c *Centroids) even() bool {
	for _, p := range c.prior {
		share := 1 / float64(len(c.prior))
		if math.Abs(math.Exp(p/2)-share) > 1e-8+1e-5*share {
			return false
		}
	}
	return true
}

// nearest returns the class of the nearest centre, -1 where all distances overflow.
func (c *Centroids) nearest(row []float64) int32 {
	best, least := -1, math.Inf(1)
	if c.index.metric.kind == cosine {
		for i := range c.index.Len() {
			if d := -vector.Dot(row, c.index.points.Row(i)); d < least {
				best, least = i, d
			}
		}
		return int32(best)
	}
	for i := range c.index.Len() {
		if d := c.index.metric.reduced(row, c.index.points.Row(i)); d < least {
			best, least = i, d
		}
	}
	return int32(best)
}

// decide follows sklearn/neighbors/_nearest_centroid.py: _decision_function.
func (c *Centroids) decide(dst, row []float64) {
	for k := range dst {
		sum := 0.0
		for j, v := range c.index.points.Row(k) {
			d := (row[j] - v) / c.scale[j]
			sum += d * d
		}
		dst[k] = c.prior[k] - sum
	}
}
