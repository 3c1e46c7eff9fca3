package bayes

import (
	"errors"
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Categorical are the parameters of a classifier whose features are numbers of
// categories.
type Categorical struct {
	// Tables has for each feature classes x categories, row-major: the logarithm of
	// the probability of the category.
	Tables    [][]float64
	Intercept []float64 // per class: the logarithm of its share
}

type categorical struct {
	tables    [][]float64 // per feature categories x classes
	intercept []float64
}

// NewCategorical returns scikit-learn's CategoricalNB. A value is cut to a whole
// number; a category that the model was not trained with is an Invalid *mlapi.Error
// of the code "unknown_category".
func NewCategorical(info *mlapi.Info, c Categorical) (*Classifier, error) {
	classes, features, err := described(info)
	if err != nil {
		return nil, err
	}
	if len(c.Tables) != features {
		return nil, fmt.Errorf("%d tables for %d features", len(c.Tables), features)
	}
	if err := logShares(c.Intercept, classes); err != nil {
		return nil, err
	}
	r := &categorical{tables: make([][]float64, features), intercept: c.Intercept}
	for j, t := range c.Tables {
		categories := len(t) / classes
		if len(t) == 0 || len(t)%classes != 0 {
			return nil, fmt.Errorf("feature %d has %d values for %d classes", j, len(t), classes)
		}
		if !vector.Finite(t...) {
			return nil, errors.New("one of the probabilities is not a finite number")
		}
		r.tables[j] = make([]float64, len(t))
		for at, v := range t {
			r.tables[j][at%categories*classes+at/categories] = v
		}
	}
	return newClassifier(info, r, true, 0), nil
}

func (c *categorical) joint(dst []float64, s vector.Sample, _ []float64, number int) error {
	clear(dst)
	for j, v := range s.Values {
		table := c.tables[j]
		if v <= -1 || v >= float64(len(table)/len(dst)) {
			return mlapi.Cellf("unknown_category", number, j, "the value is none of the categories 0 to %d that this model knows.", len(table)/len(dst)-1)
		}
		at := int(v) * len(dst)
		for k, p := range table[at : at+len(dst)] {
			dst[k] += p
		}
	}
	for k, p := range c.intercept {
		dst[k] += p
	}
	return nil
}
