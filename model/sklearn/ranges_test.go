package sklearn_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
)

// Near 0 the transform of Yeo and Johnson is the value itself. Up to scikit-learn 1.8 it
// was computed with powers, of which few digits are left there.
func TestYeoJohnsonNearZeroIsThatOfTheRelease(t *testing.T) {
	const tiny = 1e-12
	for release, exact := range map[string]bool{"0.20.4": false, "1.5.2": false, "1.9.1": true} {
		m, err := open("testdata/zoo/" + release + "/scale_power_not_standardized.joblib")
		if err != nil {
			t.Fatal(err)
		}
		var x mlapi.Matrix
		x.Resize(1, len(m.Info().Features))
		for k := range x.Data {
			x.Data[k] = tiny
		}
		scores := mlapi.Scores{Info: m.Info()}
		if err := m.Predict(context.Background(), &scores, &x); err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for _, v := range scores.Values {
			worst = max(worst, math.Abs(v-tiny)/tiny)
		}
		if (worst < 1e-9) != exact {
			t.Errorf("%s: %v, off by %v of it", release, scores.Values, worst)
		}
	}
}
