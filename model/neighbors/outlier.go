package neighbors

import (
	"context"
	"fmt"

	"example.com/mlapi"
)

// OutlierDetector compares how dense it is around a sample with how dense it is around
// its neighbours.
type OutlierDetector struct {
	info      *mlapi.Info
	index     *Index
	neighbors int
	density   []float64 // around each point
	reach     []float64 // from each point to its last neighbour
	offset    float64
}

// NewOutlierDetector returns scikit-learn's LocalOutlierFactor with novelty=True. density
// is the local reachability density of each point (_lrd), reach the distance of the last
// of its neighbours, and the anomaly score what is left of the negated factor less offset.
func NewOutlierDetector(info *mlapi.Info, x *Index, neighbors int, density, reach []float64, offset float64) (*OutlierDetector, error) {
	if neighbors < 1 {
		return nil, fmt.Errorf("%d neighbours are asked for", neighbors)
	}
	if err := (Vote{Neighbors: neighbors}).check(x); err != nil {
		return nil, err
	}
	if len(info.Features) != x.Width() || len(density) != x.Len() || len(reach) != x.Len() {
		return nil, fmt.Errorf("%d densities and %d distances for %d samples", len(density), len(reach), x.Len())
	}
	for _, list := range [...][]float64{density, reach, {offset}} {
		for _, v := range list {
			if v-v != 0 {
				return nil, fmt.Errorf("a density or a distance is %v", v)
			}
		}
	}
	return &OutlierDetector{info, x, neighbors, density, reach, offset}, nil
}

// Info describes the model.
func (o *OutlierDetector) Info() *mlapi.Info { return o.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (o *OutlierDetector) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := dst.Want == mlapi.WantScores
	width := 0
	if scores {
		width = 1
	}
	dst.Resize(m.Samples(), true, width)
	vote := Vote{Neighbors: o.neighbors}
	return o.index.each(ctx, m, func(s *search, i int, row []float64) error {
		if err := vote.find(o.index, s, row, m, i); err != nil {
			return err
		}
		score := o.score(s)
		dst.Class[i] = 1
		if score < 0 {
			dst.Class[i] = 0
		}
		if scores {
			dst.Values[i] = score
		}
		return nil
	})
}

// score follows sklearn/neighbors/_lof.py: score_samples.
func (o *OutlierDetector) score(s *search) float64 {
	reach, ratio, n := 0.0, 0.0, float64(o.neighbors)
	for k, p := range s.points {
		reach += max(s.reduced[k], o.reach[p])
	}
	density := 1 / (reach/n + 1e-10)
	for _, p := range s.points {
		ratio += o.density[p] / density
	}
	return -ratio/n - o.offset
}
