package neighbors

import (
	"errors"
	"fmt"
	"math"

	"example.com/mlapi/model/vector"
)

// Metric measures how far two samples are apart. The zero value measures nothing and is
// refused.
type Metric struct {
	kind metricKind
	// power is the p of trees' bounds: the reduced distance is a sum of differences to
	// that power, or the greatest where it is infinite. 0 of other metrics.
	power   float64
	reduced func(a, b []float64) float64 // in the order of the distance and cheaper
}

// metricKind says how a reduced distance becomes a distance.
type metricKind uint8

const (
	plain     metricKind = iota + 1 // it is one
	euclidean                       // its root
	squared                         // as euclidean, but the square is the distance
	powered                         // its power-th root
	cosine                          // it is one, of samples divided by their lengths
	haversine                       // of the half angle's squared sine
)

// MetricOptions are parameters of metrics.
type MetricOptions struct {
	P         float64   // of minkowski: the power
	Weights   []float64 // of minkowski: factors of the powered differences, or nil
	Variances []float64 // of seuclidean
	OfSums    bool      // of braycurtis: the differences are divided by the absolute sums, as scipy has it, not by the sum of absolute values
}

// NewMetric returns the metric that scikit-learn and scipy know by name. An unknown name
// or a parameter out of range is an error.
func NewMetric(name string, o MetricOptions) (Metric, error) {
	switch name {
	case "minkowski", "p":
		return newMinkowski(o)
	case "euclidean", "l2":
		return Metric{kind: euclidean, power: 2, reduced: squares}, nil
	case "sqeuclidean":
		return Metric{kind: squared, reduced: squares}, nil
	case "manhattan", "cityblock", "l1":
		return Metric{kind: plain, power: 1, reduced: differences}, nil
	case "chebyshev", "infinity":
		return Metric{kind: plain, power: math.Inf(1), reduced: greatest}, nil
	case "seuclidean":
		if err := positive("variance", o.Variances, false); err != nil {
			return Metric{}, err
		}
		return Metric{kind: euclidean, reduced: scaledSquares(o.Variances)}, nil
	case "canberra":
		return Metric{kind: plain, reduced: canberra}, nil
	case "braycurtis":
		if o.OfSums {
			return Metric{kind: plain, reduced: brayCurtisOfSums}, nil
		}
		return Metric{kind: plain, reduced: brayCurtis}, nil
	case "hamming":
		return Metric{kind: plain, reduced: hamming}, nil
	case "cosine":
		return Metric{kind: cosine, reduced: cosines}, nil
	case "correlation":
		return Metric{kind: plain, reduced: correlation}, nil
	case "haversine":
		return Metric{kind: haversine, reduced: halfAngles}, nil
	}
	if of, ok := ofTruths[name]; ok {
		return Metric{kind: plain, reduced: of.distance}, nil
	}
	return Metric{}, fmt.Errorf("the metric %q is not known", name)
}

func newMinkowski(o MetricOptions) (Metric, error) {
	if !(o.P > 0) {
		return Metric{}, fmt.Errorf("the power %v of a distance is not above 0", o.P)
	}
	if o.Weights != nil {
		if err := positive("weight", o.Weights, true); err != nil {
			return Metric{}, err
		}
		if math.IsInf(o.P, 1) {
			return Metric{}, errors.New("the greatest difference has weights")
		}
		return Metric{kind: powered, power: o.P, reduced: weightedPowers(o.P, o.Weights)}, nil
	}
	switch o.P {
	case 1:
		return NewMetric("manhattan", o)
	case 2:
		return NewMetric("euclidean", o)
	case math.Inf(1):
		return NewMetric("chebyshev", o)
	}
	return Metric{kind: powered, power: o.P, reduced: powers(o.P)}, nil
}

func positive(what string, list []float64, zero bool) error {
	if len(list) == 0 {
		return fmt.Errorf("there is no %s", what)
	}
	for _, v := range list {
		if !(v > 0 || zero && v == 0) || math.IsInf(v, 0) {
			return fmt.Errorf("the %s %v is out of range", what, v)
		}
	}
	return nil
}

// distance returns the distance that a reduced one stands for.
func (m *Metric) distance(reduced float64) float64 {
	switch m.kind {
	case euclidean:
		return math.Sqrt(reduced)
	case powered:
		return math.Pow(reduced, 1/m.power)
	case haversine:
		return 2 * math.Asin(math.Sqrt(reduced))
	}
	return reduced
}

// reduce is the inverse of distance.
func (m *Metric) reduce(distance float64) float64 {
	switch m.kind {
	case euclidean:
		return distance * distance
	case powered:
		return math.Pow(distance, m.power)
	case haversine:
		s := math.Sin(distance / 2)
		return s * s
	}
	return distance
}

func squares(a, b []float64) float64 {
	sum := 0.0
	b = b[:len(a)]
	for i, v := range a {
		d := v - b[i]
		sum += float64(d * d)
	}
	return sum
}

func differences(a, b []float64) float64 {
	sum := 0.0
	b = b[:len(a)]
	for i, v := range a {
		sum += math.Abs(v - b[i])
	}
	return sum
}

func greatest(a, b []float64) float64 {
	most := 0.0
	b = b[:len(a)]
	for i, v := range a {
		most = max(most, math.Abs(v-b[i]))
	}
	return most
}

func powers(p float64) func(a, b []float64) float64 {
	return func(a, b []float64) float64 {
		sum := 0.0
		for i, v := range a {
			sum += math.Pow(math.Abs(v-b[i]), p)
		}
		return sum
	}
}

func weightedPowers(p float64, weights []float64) func(a, b []float64) float64 {
	return func(a, b []float64) float64 {
		sum := 0.0
		for i, v := range a {
			sum += float64(weights[i] * math.Pow(math.Abs(v-b[i]), p))
		}
		return sum
	}
}

func scaledSquares(variances []float64) func(a, b []float64) float64 {
	return func(a, b []float64) float64 {
		sum := 0.0
		for i, v := range a {
			d := v - b[i]
			sum += d * d / variances[i]
		}
		return sum
	}
}

func canberra(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		if both := math.Abs(v) + math.Abs(b[i]); both > 0 {
			sum += math.Abs(v-b[i]) / both
		}
	}
	return sum
}

func brayCurtis(a, b []float64) float64 {
	above, below := 0.0, 0.0
	for i, v := range a {
		above += math.Abs(v - b[i])
		below += math.Abs(v) + math.Abs(b[i])
	}
	return share(above, below)
}

func brayCurtisOfSums(a, b []float64) float64 {
	above, below := 0.0, 0.0
	for i, v := range a {
		above += math.Abs(v - b[i])
		below += math.Abs(v + b[i])
	}
	return share(above, below)
}

func hamming(a, b []float64) float64 {
	n := 0
	for i, v := range a {
		if v != b[i] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

// cosines takes samples that are divided by their lengths.
func cosines(a, b []float64) float64 { return min(max(1-vector.Dot(a, b), 0), 2) }

func correlation(a, b []float64) float64 {
	meanA, meanB := 0.0, 0.0
	for i, v := range a {
		meanA += v
		meanB += b[i]
	}
	meanA /= float64(len(a))
	meanB /= float64(len(a))
	var ab, aa, bb float64
	for i, v := range a {
		x, y := v-meanA, b[i]-meanB
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return math.MaxFloat64 // a sample without spread correlates with nothing
	}
	return 1 - ab/math.Sqrt(aa*bb)
}

// halfAngles takes latitudes and longitudes, two features in radians.
func halfAngles(a, b []float64) float64 {
	s, t := math.Sin((a[0]-b[0])/2), math.Sin((a[1]-b[1])/2)
	return s*s + math.Cos(a[0])*math.Cos(b[0])*t*t
}

// truths computes a distance from how many of n features are true (not 0) of both, and
// of only one of two samples.
type truths func(both, one, n float64) float64

// ofTruths are the metrics of features that are true or false.
var ofTruths = map[string]truths{
	"jaccard": func(both, one, _ float64) float64 { return share(one, both+one) },
	"dice":    func(both, one, _ float64) float64 { return share(one, 2*both+one) },
	"matching": func(_, one, n float64) float64 {
		return one / n
	},
	"kulsinski":      func(both, one, n float64) float64 { return (one - both + n) / (one + n) },
	"rogerstanimoto": func(_, one, n float64) float64 { return 2 * one / (n + one) },
	"russellrao":     func(both, _, n float64) float64 { return (n - both) / n },
	"sokalmichener":  func(_, one, n float64) float64 { return 2 * one / (n + one) },
	"sokalsneath":    func(both, one, _ float64) float64 { return share(one, both/2+one) },
}

// share returns a/b, and 0 of nothing.
func share(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func (t truths) distance(a, b []float64) float64 {
	both, one := 0.0, 0.0
	for i, v := range a {
		switch is, other := v != 0, b[i] != 0; {
		case is && other:
			both++
		case is != other:
			one++
		}
	}
	return t(both, one, float64(len(a)))
}
