package transform

import (
	"context"
	"errors"

	"example.com/mlapi"
)

// Polynomial makes products of features (scikit-learn's PolynomialFeatures).
type Polynomial struct {
	numeric
	factors []int32 // of all terms, in the order in which they are multiplied
	ends    []int   // of the factors of each term
}

// NewPolynomial returns a transformer to products of features. Each of terms lists the
// features of one product, in the order in which they are multiplied and a feature as
// often as its power says; none for the constant 1.
func NewPolynomial(features int, terms [][]int32) (*Polynomial, error) {
	if features < 1 || len(terms) == 0 {
		return nil, errors.New("there are no features or no terms")
	}
	p := &Polynomial{numeric: numeric{features, len(terms)}}
	for _, list := range terms {
		for _, f := range list {
			if f < 0 || int(f) >= features {
				return nil, errors.New("a term has a feature that there is not")
			}
		}
		p.factors = append(p.factors, list...)
		p.ends = append(p.ends, len(p.factors))
	}
	return p, nil
}

// Transform multiplies. A missing or infinite value is an Invalid *mlapi.Error.
func (p *Polynomial) Transform(_ context.Context, dst, src *mlapi.Matrix) error {
	if err := finite(src, false); err != nil {
		return err
	}
	return eachRow(dst, src, p.out, func(_ int, to, from []float64) error {
		start := 0
		for k, end := range p.ends {
			product := 1.0
			for _, f := range p.factors[start:end] {
				product *= from[f]
			}
			to[k], start = product, end
		}
		return nil
	})
}
