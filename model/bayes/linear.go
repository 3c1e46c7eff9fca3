package bayes

import (
	"errors"
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Linear are the parameters of a classifier whose logarithm of the likelihood is a
// weighted sum.
type Linear struct {
	Coef      []float64 // classes x features, row-major: what one more of a feature adds
	Intercept []float64 // per class: what it has without any; minus infinity is impossible
	// Binarize: a feature counts as 1 where it is above Threshold, otherwise as 0.
	Binarize  bool
	Threshold float64
}

// linear is Linear as it is used.
type linear struct {
	Linear
	coef []float64 // features x classes
}

// NewLinear returns a classifier by weighted sums (scikit-learn's MultinomialNB,
// ComplementNB and BernoulliNB).
func NewLinear(info *mlapi.Info, l Linear) (*Classifier, error) {
	classes, features, err := described(info)
	if err != nil {
		return nil, err
	}
	if len(l.Coef)%classes != 0 || len(l.Coef)/classes != features {
		return nil, fmt.Errorf("%d coefficients for %d classes and %d features", len(l.Coef), classes, features)
	}
	if err := logShares(l.Intercept, classes); err != nil {
		return nil, err
	}
	if !vector.Finite(l.Coef...) || !vector.Finite(l.Threshold) {
		return nil, errors.New("one of the coefficients and the threshold is not a finite number")
	}
	r := &linear{Linear: l, coef: make([]float64, len(l.Coef))}
	for at, v := range l.Coef {
		r.coef[at%features*classes+at/features] = v
	}
	r.Coef = nil
	// Where 0 is above the threshold, what a sparse sample does not store counts too.
	return newClassifier(info, r, l.Binarize && l.Threshold < 0, 0), nil
}

func (l *linear) joint(dst []float64, s vector.Sample, _ []float64, _ int) error {
	clear(dst)
	for j, v := range s.Values {
		if l.Binarize {
			if v > l.Threshold {
				v = 1
			} else {
				v = 0
			}
		}
		if v == 0 {
			continue
		}
		j = s.Column(j)
		for k, c := range l.coef[j*len(dst) : (j+1)*len(dst)] {
			dst[k] += v * c
		}
	}
	for k, c := range l.Intercept {
		dst[k] += c
	}
	return nil
}
