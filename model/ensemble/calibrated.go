package ensemble

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Calibrator turns one score into a probability.
type Calibrator func(score float64) float64

// Sigmoid returns the calibrator 1/(1+exp(a*score+b)) (Platt scaling).
func Sigmoid(a, b float64) (Calibrator, error) {
	if err := finite("a calibrator", []float64{a, b}); err != nil {
		return nil, err
	}
	return func(score float64) float64 { return vector.Sigmoid(-(float64(a*score) + b)) }, nil
}

// CalibratedMember is a classifier and what makes probabilities of its scores.
type CalibratedMember struct {
	Scores Column // its scores: of two classes one column
	// Calibrators make a probability of each column, or, with Temperature, there is
	// none.
	Calibrators []Calibrator
	// Classes are the classes of the whole that the columns are for; of two classes
	// there is one column, for the second.
	Classes []int32
	// Temperature multiplies the logits of all columns before the softmax, instead of
	// the calibrators; 0 where there is none.
	Temperature float64
	// Logarithms says that the columns are probabilities, whose logarithms are the
	// logits.
	Logarithms bool
}

// Calibrated is the mean of calibrated classifiers.
type Calibrated struct {
	info    *mlapi.Info
	members []CalibratedMember
	scores  *table
}

// NewCalibrated returns a classifier whose probabilities are the mean of those of
// its members, each made of the scores by calibrators and then divided by their sum
// (scikit-learn's CalibratedClassifierCV).
func NewCalibrated(info *mlapi.Info, members []CalibratedMember) (*Calibrated, error) {
	columns := make([]Column, len(members))
	for i := range members {
		p := &members[i]
		columns[i] = p.Scores
		if err := p.check(info); err != nil {
			return nil, fmt.Errorf("member %d: %w", i, err)
		}
	}
	t, err := newTable(len(info.Features), columns)
	if err != nil {
		return nil, err
	}
	return &Calibrated{info, members, t}, nil
}

func (p *CalibratedMember) check(info *mlapi.Info) error {
	width := 0
	if err := p.Scores.check(len(info.Features)); err != nil {
		return err
	}
	width = p.Scores.width()
	if p.Temperature != 0 {
		if math.IsNaN(p.Temperature) || math.IsInf(p.Temperature, 0) {
			return errors.New("the temperature is not a finite number")
		}
		if width != len(info.Classes) && (width != 1 || len(info.Classes) != 2) {
			return fmt.Errorf("%d scores for %d classes", width, len(info.Classes))
		}
		return nil
	}
	if len(p.Calibrators) != width || len(p.Classes) != width || len(info.Classes) == 2 && width != 1 {
		return fmt.Errorf("%d scores, %d calibrators and %d of %d classes", width, len(p.Calibrators), len(p.Classes), len(info.Classes))
	}
	for k, c := range p.Classes {
		if c < 0 || int(c) >= len(info.Classes) || p.Calibrators[k] == nil {
			return fmt.Errorf("class %d of %d, or no calibrator", c, len(info.Classes))
		}
	}
	return nil
}

// Info describes the model.
func (c *Calibrated) Info() *mlapi.Info { return c.info }

// Predict fills dst as mlapi.Model says. It does not change m.
func (c *Calibrated) Predict(ctx context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	classes := len(c.info.Classes)
	scores := shape(dst, m.Samples(), classes)
	return c.scores.each(ctx, m, func(w *work, first int, part *mlapi.Matrix) error {
		w.spare = vector.Resize(w.spare, 2*classes)
		mean, one := w.spare[:classes], w.spare[classes:]
		for i := range part.Samples() {
			clear(mean)
			row := c.scores.row(w, i)
			for k := range c.members {
				p := &c.members[k]
				width := p.Scores.width()
				p.probabilities(one, row[:width])
				row = row[width:]
				for j, v := range one {
					mean[j] += v
				}
			}
			for j := range mean {
				mean[j] /= float64(len(c.members))
			}
			dst.Class[first+i] = vector.ArgMax(mean)
			if scores {
				copy(dst.Row(first+i), mean)
			}
		}
		return nil
	})
}

// probabilities writes those of one member to dst.
func (p *CalibratedMember) probabilities(dst, scores []float64) {
	clear(dst)
	if p.Temperature != 0 {
		p.scaled(dst, scores)
		return
	}
	for k, s := range scores {
		dst[p.Classes[k]] = p.Calibrators[k](s)
	}
	if len(dst) == 2 {
		dst[0] = 1 - dst[1]
	} else {
		vector.Normalise(dst)
	}
}

// scaled is the softmax of the logits times the temperature (scikit-learn's
// _TemperatureScaling and _convert_to_logits).
func (p *CalibratedMember) scaled(dst, scores []float64) {
	const least = 1e-12
	if len(scores) == 1 && p.Logarithms {
		dst[0], dst[1] = 1-scores[0], scores[0]
	} else if len(scores) == 1 {
		dst[0], dst[1] = -scores[0], scores[0]
	} else {
		copy(dst, scores)
	}
	for k, v := range dst {
		if p.Logarithms {
			v = math.Log(v + least)
		}
		dst[k] = p.Temperature * v
	}
	vector.Softmax(dst)
}
