package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Component is one Gaussian distribution of a mixture: the logarithm of its density at x
// is Constant less half the squared length of (x - Mean) times Root.
type Component struct {
	Mean     []float64
	Root     []float64 // of the precision: features x features, or one for each feature
	Constant float64
}

// Mixture answers which of several Gaussian distributions a sample is most likely of.
type Mixture struct {
	info       *mlapi.Info
	features   int
	components []Component
	centers    [][]float64 // of each, Mean times Root
	room       sync.Pool   // of *[]float64: a sample, a product and a value per component
}

// NewMixture returns a model of the components (scikit-learn's GaussianMixture and
// BayesianGaussianMixture): info.Classes has one for each, and the scores are
// probabilities.
func NewMixture(info *mlapi.Info, components []Component) (*Mixture, error) {
	features := len(info.Features)
	if features < 1 || len(components) == 0 || len(components) != len(info.Classes) || info.Scores != mlapi.Probability {
		return nil, fmt.Errorf("%d classes of %d features are described, there are %d components", len(info.Classes), features, len(components))
	}
	m := &Mixture{info: info, features: features, components: components}
	for i, c := range components {
		if len(c.Mean) != features || len(c.Root) != features && len(c.Root) != features*features {
			return nil, fmt.Errorf("component %d has %d means and %d precisions of %d features", i, len(c.Mean), len(c.Root), features)
		}
		for _, list := range [...][]float64{c.Mean, c.Root, {c.Constant}} {
			for _, v := range list {
				if v-v != 0 {
					return nil, errors.New("a number of a component is not finite")
				}
			}
		}
		center := make([]float64, features)
		c.multiply(center, c.Mean)
		m.centers = append(m.centers, center)
	}
	m.room.New = func() any { list := make([]float64, 2*features+len(components)); return &list }
	return m, nil
}

// multiply writes x times Root to dst.
func (c *Component) multiply(dst, x []float64) {
	if len(c.Root) == len(x) {
		for j, v := range x {
			dst[j] = v * c.Root[j]
		}
		return
	}
	clear(dst)
	for i, v := range x {
		for j, r := range c.Root[i*len(x) : (i+1)*len(x)] {
			dst[j] += v * r
		}
	}
}

// Info describes the model.
func (m *Mixture) Info() *mlapi.Info { return m.info }

// Predict fills dst as mlapi.Model says. It does not change x. A missing or infinite
// value is an Invalid *mlapi.Error.
func (m *Mixture) Predict(ctx context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	width := 0
	if dst.Want == mlapi.WantScores {
		width = len(m.components)
	}
	dst.Resize(x.Samples(), true, width)
	room := m.room.Get().(*[]float64)
	defer m.room.Put(room)
	scratch, product, logs := (*room)[:m.features], (*room)[m.features:2*m.features], (*room)[2*m.features:]
	return vector.EachDense(ctx, x, blockRows, scratch, func(i int, row []float64) error {
		best := m.logarithms(logs, product, row)
		if math.IsInf(logs[best], 0) || logs[best] != logs[best] {
			return mlapi.ValueTooLarge(x.Number(i), vector.Largest(row))
		}
		if dst.Class[i] = int32(best); width > 0 {
			share(dst.Row(i), logs, logs[best])
		}
		return nil
	})
}

// logarithms writes those of the densities at row to logs, and returns the first of the
// greatest.
func (m *Mixture) logarithms(logs, product, row []float64) int {
	best := 0
	for k := range m.components {
		c := &m.components[k]
		c.multiply(product, row)
		sum := 0.0
		for j, v := range product {
			d := v - m.centers[k][j]
			sum += d * d
		}
		if logs[k] = c.Constant - sum/2; logs[k] > logs[best] {
			best = k
		}
	}
	return best
}

// share writes the exponentials of logs divided by their sum to dst; greatest is one of
// them.
func share(dst, logs []float64, greatest float64) {
	sum := 0.0
	for k, v := range logs {
		dst[k] = math.Exp(v - greatest)
		sum += dst[k]
	}
	for k := range dst {
		dst[k] /= sum
	}
}
