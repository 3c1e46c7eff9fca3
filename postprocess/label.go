package postprocess

import (
	"context"
	"fmt"

	"example.com/mlapi"
)

// Label answers the class that a classifier or an outlier detector gives, as it was
// trained: a number, a text or a boolean; of an outlier detector -1 (outlier) or 1.
// Of a classifier of several outputs it answers a class of each.
// Scores are not looked at. A model without classes is an Internal error.
type Label struct{}

var _ mlapi.Postprocessor = Label{}

// Fits returns an error unless the model gives classes.
func (Label) Fits(info *mlapi.Info) error {
	if len(info.Classes) == 0 {
		return fmt.Errorf("label answers classes, and %s (%s) gives none", info.Estimator, info.Task)
	}
	return nil
}

// Postprocess fills dst with the classes of s.
func (Label) Postprocess(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
	if err := first(dst, "label"); err != nil {
		return err
	}
	return answerLabels(dst, s)
}

// answerLabels fills dst with the classes of s.
func answerLabels(dst *mlapi.Result, s *mlapi.Scores) error {
	if err := needClasses(s); err != nil {
		return err
	}
	dst.Classes = s.Info.Classes
	dst.Outputs = max(s.Info.Outputs, 1)
	dst.Class = append(dst.Class[:0], s.Class...)
	return nil
}

// needClasses returns an error unless a model gives one of its classes per sample.
func needClasses(s *mlapi.Scores) error {
	classes := len(s.Info.Classes)
	if classes == 0 {
		return mlapi.Internalf("postprocess: %s (%s) has no labels to answer", s.Info.Estimator, s.Info.Task)
	}
	if len(s.Class) != s.Samples()*max(s.Info.Outputs, 1) {
		return mlapi.Internalf("postprocess: the model gave %d classes for %d samples", len(s.Class), s.Samples())
	}
	for i, class := range s.Class {
		if class < 0 || int(class) >= classes {
			return mlapi.Internalf("postprocess: the model gave class %d of %d for sample %d", class, classes, i)
		}
	}
	return nil
}
