package postprocess

import (
	"context"
	"fmt"
	"math"

	"example.com/mlapi"
)

// None answers the model's numbers as they are, Info.Outputs per sample: those of a
// regressor, a scorer's raw scores, or the features that a transformer makes. A
// model that gives classes is an Internal error, and so is a number that is not
// finite, except that a transformer hands missing values (NaN) on.
type None struct{}

var _ mlapi.Postprocessor = None{}

// Fits returns an error unless the model gives numbers.
func (None) Fits(info *mlapi.Info) error {
	if !givesNumbers(info) {
		return fmt.Errorf("none answers numbers, and %s (%s) gives classes", info.Estimator, info.Task)
	}
	return nil
}

// Postprocess fills dst with the numbers of s.
func (None) Postprocess(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
	if err := first(dst, "none"); err != nil {
		return err
	}
	if err := needNumbers(s); err != nil {
		return err
	}
	for k, v := range s.Values {
		if math.IsInf(v, 0) || math.IsNaN(v) && s.Info.Task != mlapi.Transformer {
			return mlapi.Internalf("postprocess: the model gave %v for sample %d", v, k/s.Width)
		}
	}
	dst.Outputs = s.Width
	dst.Numbers = append(dst.Numbers[:0], s.Values...)
	return nil
}

// first returns an error where an earlier part has answered already: the order of
// the parts is wrong, which must not pass for an answer.
func first(dst *mlapi.Result, name string) error {
	if dst.Samples() != 0 {
		return mlapi.Internalf("postprocess: %s answers by itself and so must stand first in API_POSTPROCESS", name)
	}
	return nil
}

// givesNumbers reports whether a model answers numbers and no classes.
func givesNumbers(info *mlapi.Info) bool {
	return info.Task == mlapi.Regressor || info.Task == mlapi.Scorer || info.Task == mlapi.Transformer
}

// needNumbers returns an error where a model gives classes, or no numbers.
func needNumbers(s *mlapi.Scores) error {
	if !givesNumbers(s.Info) {
		return mlapi.Internalf("postprocess: %s (%s) gives classes, not numbers", s.Info.Estimator, s.Info.Task)
	}
	if s.Width < 1 || len(s.Values) != s.Samples()*s.Width {
		return mlapi.Internalf("postprocess: the model gave %d values, %d wide, for %d samples", len(s.Values), s.Width, s.Samples())
	}
	return nil
}
