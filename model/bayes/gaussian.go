package bayes

import (
	"errors"
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Gaussian are the parameters of a classifier whose features are normally
// distributed, each for itself.
type Gaussian struct {
	Means, Variances []float64 // classes x features, row-major
	Priors           []float64 // per class
}

type gaussian struct {
	Gaussian
	prior []float64 // logarithms
	norm  []float64 // per class: minus half of the sum of log(2 pi variance)
}

// NewGaussian returns scikit-learn's GaussianNB.
func NewGaussian(info *mlapi.Info, g Gaussian) (*Classifier, error) {
	classes, features, err := described(info)
	if err != nil {
		return nil, err
	}
	for _, list := range [...][]float64{g.Means, g.Variances} {
		if len(list)%classes != 0 || len(list)/classes != features {
			return nil, fmt.Errorf("%d means and %d variances for %d classes and %d features", len(g.Means), len(g.Variances), classes, features)
		}
	}
	if !vector.Finite(g.Means...) || !vector.Finite(g.Variances...) {
		return nil, errors.New("one of the means and variances is not a finite number")
	}
	r := &gaussian{Gaussian: g, norm: make([]float64, classes)}
	if r.prior, err = logPriors(g.Priors, classes); err != nil {
		return nil, err
	}
	for at, v := range g.Variances {
		if v <= 0 {
			return nil, errors.New("a variance is not above 0")
		}
		r.norm[at/features] += math.Log(2 * math.Pi * v)
	}
	for k := range r.norm {
		r.norm[k] *= -0.5
	}
	return newClassifier(info, r, true, 0), nil
}

func (g *gaussian) joint(dst []float64, s vector.Sample, _ []float64, _ int) error {
	n := len(s.Values)
	for k := range dst {
		means, variances := g.Means[k*n:(k+1)*n], g.Variances[k*n:(k+1)*n]
		sum := 0.0
		for j, v := range s.Values {
			d := v - means[j]
			sum += d * d / variances[j]
		}
		dst[k] = g.prior[k] + (g.norm[k] - 0.5*sum)
	}
	return nil
}

// Quadratic are the parameters of quadratic discriminant analysis, per class.
type Quadratic struct {
	Means     []float64   // classes x features, row-major
	Rotations [][]float64 // features x rank, row-major: the axes of its samples
	Scalings  [][]float64 // rank: the variance along each axis
	Priors    []float64
}

type quadratic struct {
	means []float64
	axes  [][]float64 // per class rank x features: the axes divided by their deviations
	norm  []float64   // per class: the sum of the logarithms of the variances
	prior []float64   // logarithms
}

// NewQuadratic returns scikit-learn's QuadraticDiscriminantAnalysis.
func NewQuadratic(info *mlapi.Info, q Quadratic) (*Classifier, error) {
	classes, features, err := described(info)
	if err != nil {
		return nil, err
	}
	if len(q.Means)%classes != 0 || len(q.Means)/classes != features || len(q.Rotations) != classes || len(q.Scalings) != classes {
		return nil, fmt.Errorf("%d means, %d rotations and %d scalings for %d classes and %d features", len(q.Means), len(q.Rotations), len(q.Scalings), classes, features)
	}
	if !vector.Finite(q.Means...) {
		return nil, errors.New("one of the means is not a finite number")
	}
	r := &quadratic{means: q.Means, axes: make([][]float64, classes), norm: make([]float64, classes)}
	if r.prior, err = logPriors(q.Priors, classes); err != nil {
		return nil, err
	}
	for k := range classes {
		if r.axes[k], r.norm[k], err = axes(q.Rotations[k], q.Scalings[k], features); err != nil {
			return nil, err
		}
	}
	return newClassifier(info, r, true, features), nil
}

// axes returns the axes of one class, each divided by its deviation, and the sum of
// the logarithms of the variances.
func axes(rotation, scaling []float64, features int) (list []float64, norm float64, err error) {
	rank := len(scaling)
	if rank < 1 || len(rotation)%rank != 0 || len(rotation)/rank != features {
		return nil, 0, fmt.Errorf("%d values of a rotation for %d features and %d variances", len(rotation), features, rank)
	}
	if !vector.Finite(rotation...) || !vector.Finite(scaling...) {
		return nil, 0, errors.New("one of the rotations and scalings is not a finite number")
	}
	list = make([]float64, len(rotation))
	for a, v := range scaling {
		if v <= 0 {
			return nil, 0, errors.New("a scaling is not above 0")
		}
		norm += math.Log(v)
		for j := range features {
			list[a*features+j] = rotation[j*rank+a] / math.Sqrt(v)
		}
	}
	return list, norm, nil
}

// joint follows sklearn/discriminant_analysis.py: _decision_function.
func (q *quadratic) joint(dst []float64, s vector.Sample, room []float64, _ int) error {
	n := len(s.Values)
	for k := range dst {
		for j, v := range s.Values {
			room[j] = v - q.means[k*n+j]
		}
		sum := 0.0
		for axis := q.axes[k]; len(axis) > 0; axis = axis[n:] {
			d := 0.0
			for j, v := range room {
				d += v * axis[j]
			}
			sum += d * d
		}
		dst[k] = -0.5*(sum+q.norm[k]) + q.prior[k]
	}
	return nil
}
