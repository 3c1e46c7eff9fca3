package transform

import (
	"context"

	"example.com/mlapi"
)

// Measure gives the distances of a sample from some points.
type Measure interface {
	// Clusters returns the number of points, Features the width of a sample.
	Clusters() int
	Features() int
	// Distances writes the distance from each point to dst.
	Distances(dst, row []float64)
}

// Distances makes features of the distances from some points (the transform of
// scikit-learn's KMeans).
type Distances struct {
	numeric
	measure Measure
}

// NewDistances returns a transformer to the distances that m gives.
func NewDistances(m Measure) *Distances {
	return &Distances{numeric{m.Features(), m.Clusters()}, m}
}

// Transform measures every sample. A missing or infinite value is an Invalid
// *mlapi.Error.
func (d *Distances) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, false); err != nil {
		return err
	}
	return eachRow(dst, src, d.measure.Clusters(), func(_ int, to, from []float64) error {
		d.measure.Distances(to, from)
		return nil
	})
}
