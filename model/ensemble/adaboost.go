package ensemble

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Boost says how an AdaBoost adds up what its members answer.
type Boost struct {
	// Real adds the logarithms of the members' probabilities (SAMME.R), otherwise
	// each member adds its weight to the class that it predicts (SAMME).
	Real bool
	// Weights are the weights of the members; with Real only their sum counts.
	Weights []float64
	// Against says that a member of weight w also subtracts w/(classes-1) from every
	// other class (scikit-learn since 1.6).
	Against bool
	// OwnProbabilities says that the members' probabilities are added, weighted, where
	// probabilities are asked for without Real (scikit-learn before 0.21).
	OwnProbabilities bool
}

// AdaBoost is a classifier boosted by SAMME or SAMME.R.
type AdaBoost struct {
	info    *mlapi.Info
	members []mlapi.Model
	how     Boost
	total   float64
	labels  *table // the class that each member predicts, or with Real its probabilities
	own     *table // its probabilities, with OwnProbabilities
}

// NewAdaBoost returns a classifier of members that have the classes of info, in the
// same order (scikit-learn's AdaBoostClassifier). info.Scores is mlapi.Probability
// or mlapi.Decision.
func NewAdaBoost(info *mlapi.Info, members []mlapi.Model, how Boost) (*AdaBoost, error) {
	a := &AdaBoost{info: info, members: members, how: how}
	if len(how.Weights) < len(members) || len(info.Classes) < 2 {
		return nil, fmt.Errorf("%d weights for %d members of %d classes", len(how.Weights), len(members), len(info.Classes))
	}
	for _, w := range how.Weights {
		a.total += w
	}
	if err := finite("a weight", how.Weights); err != nil || a.total == 0 {
		return nil, errors.New("the weights add up to nothing")
	}
	var labels, own []Column
	for i, m := range members {
		if len(m.Info().Classes) != len(info.Classes) || m.Info().Task != mlapi.Classifier {
			return nil, fmt.Errorf("member %d has %d classes, want %d", i, len(m.Info().Classes), len(info.Classes))
		}
		if how.Real || how.OwnProbabilities {
			if m.Info().Scores != mlapi.Probability {
				return nil, fmt.Errorf("member %d gives no probabilities", i)
			}
			own = append(own, Column{Model: m})
		}
		labels = append(labels, Column{Model: m, Take: Label, Labels: indexes(len(info.Classes))})
	}
	if how.Real {
		labels = own
	}
	var err error
	if a.labels, err = newTable(len(info.Features), labels); err == nil && own != nil {
		a.own, err = newTable(len(info.Features), own)
	}
	return a, err
}

// indexes returns 0, 1, ... n-1.
func indexes(n int) []float64 {
	list := make([]float64, n)
	for k := range list {
		list[k] = float64(k)
	}
	return list
}

// Info describes the model.
func (a *AdaBoost) Info() *mlapi.Info { return a.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (a *AdaBoost) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	scores := shape(dst, m.Samples(), valuesOf(a))
	classes := len(a.info.Classes)
	err := a.labels.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		w.spare = vector.Resize(w.spare, classes)
		for i := range part.Samples() {
			sums := w.spare
			a.add(sums, a.labels.row(w, i))
			dst.Class[first+i] = a.class(sums)
			if scores {
				a.values(dst.Row(first+i), sums)
			}
		}
		return nil
	})
	if err != nil || !scores || !a.how.OwnProbabilities || a.how.Real || a.info.Scores != mlapi.Probability {
		return err
	}
	return a.own.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		for i := range part.Samples() {
			a.average(dst.Row(first+i), a.own.row(w, i))
		}
		return nil
	})
}

// add writes the sums by class to sums, divided by the weights.
func (a *AdaBoost) add(sums, row []float64) {
	clear(sums)
	classes := len(sums)
	if a.how.Real {
		for ; len(row) > 0; row = row[classes:] {
			addReal(sums, row[:classes])
		}
	} else {
		for i, c := range row {
			w := a.how.Weights[i]
			if a.how.Against {
				rest := -1 / float64(classes-1) * w
				for k := range sums {
					if k != int(c) {
						sums[k] += rest
					}
				}
			}
			sums[int(c)] += w
		}
	}
	for k := range sums {
		sums[k] /= a.total
	}
}

// addReal adds the real-valued vote of one member's probabilities (Zhu et al.,
// Multi-class AdaBoost, 2009, algorithm 4).
func addReal(sums, probabilities []float64) {
	const least = 0x1p-52
	classes := float64(len(sums))
	mean := 0.0
	for _, p := range probabilities {
		mean += math.Log(max(p, least))
	}
	for k, p := range probabilities {
		sums[k] += (classes - 1) * (math.Log(max(p, least)) - float64((1/classes)*mean))
	}
}

// class returns the class that sums speak for.
func (a *AdaBoost) class(sums []float64) int32 {
	if len(sums) == 2 {
		return choose([]float64{sums[1] - sums[0]})
	}
	return vector.ArgMax(sums)
}

// values writes the scores to dst.
func (a *AdaBoost) values(dst, sums []float64) {
	switch {
	case a.info.Scores == mlapi.Decision && len(sums) == 2:
		dst[0] = sums[1] - sums[0]
		return
	case a.info.Scores == mlapi.Decision:
		copy(dst, sums)
		return
	case len(sums) == 2:
		d := sums[1] - sums[0]
		dst[0], dst[1] = -d/2, d/2
	default:
		for k, v := range sums {
			dst[k] = v / float64(len(sums)-1)
		}
	}
	vector.Softmax(dst)
}

// average writes probabilities made of the members' own to dst.
func (a *AdaBoost) average(dst, row []float64) {
	clear(dst)
	classes := len(dst)
	for i := 0; i < len(a.members); i++ {
		for k, p := range row[i*classes : (i+1)*classes] {
			dst[k] += float64(p * a.how.Weights[i])
		}
	}
	sum := 0.0
	for k, v := range dst {
		dst[k] = math.Exp(1 / float64(classes-1) * (v / a.total))
		sum += dst[k]
	}
	for k := range dst {
		dst[k] /= sum
	}
}
