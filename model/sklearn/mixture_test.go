package sklearn

import (
	"math"
	"testing"
)

// TestDigamma compares with scipy.special.digamma.
func TestDigamma(t *testing.T) {
	for x, want := range map[float64]float64{
		1: -0.5772156649015329, 0.5: -1.9635100260214235, 1e-3: -1000.5755719318103, 2.5: 0.7031566406452432, 11.9: 2.4339335368825377, 40: 3.6763273740348428, 1e6: 13.81551005796419,
	} {
		if got := digamma(x); math.Abs(got-want) > 1e-13*math.Abs(want) {
			t.Errorf("digamma(%v) is %v, want %v", x, got, want)
		}
	}
	for _, x := range []float64{0, -1.5, math.NaN()} {
		if got := digamma(x); got == got {
			t.Errorf("digamma(%v) is %v", x, got)
		}
	}
}
