package postprocess

import (
	"context"
	"fmt"
	"math"

	"example.com/mlapi"
)

// None answers the model's numbers as they are, Info.Outputs per sample: those of a
// regressor, or a scorer's raw scores. A number that is not finite is an Internal
// error, and so is a model that gives classes.
type None struct{}

var _ mlapi.Postprocessor = None{}

// Fits returns an error unless the model gives numbers.
func (None) Fits(info *mlapi.Info) error {
	if info.Task != mlapi.Regressor && info.Task != mlapi.Scorer {
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
		if math.IsNaN(v) || math.IsInf(v, 0) {
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

// needNumbers returns an error where a model gives classes, or no numbers.
func needNumbers(s *mlapi.Scores) error {
	if s.Info.Task != mlapi.Regressor && s.Info.Task != mlapi.Scorer {
		return mlapi.Internalf("postprocess: %s (%s) gives classes, not numbers", s.Info.Estimator, s.Info.Task)
	}
	if s.Width < 1 || len(s.Values) != s.Samples()*s.Width {
		return mlapi.Internalf("postprocess: the model gave %d values, %d wide, for %d samples", len(s.Values), s.Width, s.Samples())
	}
	return nil
}
