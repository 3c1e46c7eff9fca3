package neighbors

import (
	"errors"
	"math"

	"example.com/mlapi/model/vector"
)

// check returns an error unless there are samples to compare with, and none that
// contradicts itself.
func check(points *vector.Samples) error {
	if points.Len() < 1 || points.Len() > math.MaxInt32 {
		return errors.New("there are no samples to compare with")
	}
	return points.Check()
}

// normaliseAll divides every sample by its length.
func normaliseAll(points *vector.Samples) {
	for i := range points.Len() {
		_, values := points.Entries(i)
		normalise(values, values)
	}
}

// normalise writes values divided by their length to dst; of length 0 as they are.
func normalise(dst, values []float64) {
	length := math.Sqrt(vector.Dot(values, values))
	if length == 0 {
		length = 1
	}
	for k, v := range values {
		dst[k] = v / length
	}
}
