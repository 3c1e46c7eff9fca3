// Package cluster predicts the cluster that a sample belongs to.
//
// A reader gives the centres as they are stored, clusters x features:
//
//	c, err := cluster.New(centers, features)
//	m, err := cluster.NewClassifier(info, c)
//
// [NewMixture] makes a model of Gaussian distributions instead, which also tells how
// likely each is.
package cluster

import (
	"context"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Centers are the centres of clusters.
type Centers struct {
	features int
	values   []float64 // clusters x features
	norms    []float64 // squared length of each
	scratch  sync.Pool // of *[]float64, one sample
}

// blockRows is how many samples are answered between two looks at the context.
const blockRows = 256

// New returns the centres, row-major.
func New(values []float64, features int) (*Centers, error) {
	if features < 1 || len(values) == 0 || len(values)%features != 0 {
		return nil, fmt.Errorf("%d values for centres of %d features", len(values), features)
	}
	c := &Centers{features: features, values: values, norms: make([]float64, len(values)/features)}
	for i, v := range values {
		if v-v != 0 {
			return nil, fmt.Errorf("a centre has a value that is no finite number")
		}
		c.norms[i/features] += v * v
	}
	c.scratch.New = func() any { row := make([]float64, features); return &row }
	return c, nil
}

// Clusters returns the number of clusters.
func (c *Centers) Clusters() int { return len(c.norms) }

// Features returns the number of features.
func (c *Centers) Features() int { return c.features }

// Each calls do with every sample of m, dense and checked to be finite.
func (c *Centers) Each(ctx context.Context, m *mlapi.Matrix, do func(i int, row []float64) error) error {
	scratch := c.scratch.Get().(*[]float64)
	defer c.scratch.Put(scratch)
	return vector.EachDense(ctx, m, blockRows, *scratch, do)
}

// Nearest returns the cluster whose centre is nearest, the first of equally near ones.
// The sample's own length does not matter: as scikit-learn it compares the centre's
// squared length less twice the inner product (sklearn/cluster/_k_means_lloyd.pyx).
func (c *Centers) Nearest(row []float64) int32 {
	best, least := 0, math.Inf(1)
	for k, norm := range c.norms {
		if d := norm - 2*vector.Dot(row, c.values[k*c.features:]); d < least {
			best, least = k, d
		}
	}
	return int32(best)
}

// Distances writes the distance from each centre to dst: the root of the sum of both
// squared lengths less twice the inner product, as scikit-learn's euclidean_distances
// computes it.
func (c *Centers) Distances(dst, row []float64) {
	length := vector.Dot(row, row)
	for k, norm := range c.norms {
		dst[k] = math.Sqrt(max(0, length-2*vector.Dot(row, c.values[k*c.features:])+norm))
	}
}

// Classifier answers the number of the nearest centre's cluster.
type Classifier struct {
	info    *mlapi.Info
	centers *Centers
	groups  []int32 // the cluster of each centre; nil: each is one
}

// NewClassifier returns a model of the clusters (scikit-learn's KMeans, MeanShift and
// AffinityPropagation). info.Classes
// has one for each; there are no scores.
func NewClassifier(info *mlapi.Info, c *Centers) (*Classifier, error) {
	if len(info.Classes) != c.Clusters() || len(info.Features) != c.features {
		return nil, fmt.Errorf("%d classes and %d features are described, there are %d centres of %d", len(info.Classes), len(info.Features), c.Clusters(), c.features)
	}
	return &Classifier{info: info, centers: c}, nil
}

// NewGroups returns a model of clusters that have several centres (scikit-learn's Birch):
// groups has for each centre a place in info.Classes. There are no scores.
func NewGroups(info *mlapi.Info, c *Centers, groups []int32) (*Classifier, error) {
	if len(groups) != c.Clusters() || len(info.Features) != c.features {
		return nil, fmt.Errorf("%d groups and %d features are described, there are %d centres of %d", len(groups), len(info.Features), c.Clusters(), c.features)
	}
	for _, g := range groups {
		if g < 0 || int(g) >= len(info.Classes) {
			return nil, fmt.Errorf("a centre is in group %d of %d", g, len(info.Classes))
		}
	}
	return &Classifier{info, c, groups}, nil
}

// Info describes the model.
func (m *Classifier) Info() *mlapi.Info { return m.info }

// Predict fills dst as mlapi.Model says. It does not change x. A missing or infinite
// value is an Invalid *mlapi.Error.
func (m *Classifier) Predict(ctx context.Context, dst *mlapi.Scores, x *mlapi.Matrix) error {
	dst.Resize(x.Samples(), true, 0)
	return m.centers.Each(ctx, x, func(i int, row []float64) error {
		if dst.Class[i] = m.centers.Nearest(row); m.groups != nil {
			dst.Class[i] = m.groups[dst.Class[i]]
		}
		return nil
	})
}
