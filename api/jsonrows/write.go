package jsonrows

import (
	"math"
	"strconv"
)

// AppendNumber appends the shortest JSON number that a Decoder reads back as v, which
// must be finite, to b. The sign of zero is kept.
func AppendNumber(b []byte, v float64) []byte {
	if v == 0 {
		if math.Signbit(v) {
			return append(b, "-0.0"...)
		}
		return append(b, '0')
	}
	format := byte('f')
	if abs := math.Abs(v); abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	return strconv.AppendFloat(b, v, format, -1, 64)
}
