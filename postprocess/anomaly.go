package postprocess

import (
	"context"
	"fmt"
	"math"
	"slices"

	"example.com/mlapi"
)

// Anomaly answers 1 for an outlier and 0 for all else.
//
//   - Of an outlier detector the class -1 is the outlier.
//   - Of a regressor or scorer with one number per sample a negative one is the
//     outlier, as in scikit-learn's decision_function.
//
// A classifier, a transformer, and more than one number per sample, are Internal
// errors, and so is a score that is no number.
type Anomaly struct{}

var (
	_ mlapi.Postprocessor = Anomaly{}
	_ mlapi.Labeller      = Anomaly{}
)

// Fits returns an error unless the model detects outliers or gives one number per
// sample.
func (Anomaly) Fits(info *mlapi.Info) error {
	switch {
	case info.Task == mlapi.OutlierDetector:
		return nil
	case info.Task == mlapi.Classifier:
		return fmt.Errorf("anomaly answers outliers, and %s (%s) gives classes", info.Estimator, info.Task)
	case info.Task == mlapi.Transformer:
		return fmt.Errorf("anomaly answers outliers, and %s (%s) makes features", info.Estimator, info.Task)
	case info.Outputs != 1:
		return fmt.Errorf("anomaly takes one number per row, and %s gives %d", info.Estimator, info.Outputs)
	}
	return nil
}

// Labels returns 0 and 1, whatever the model's classes are.
func (Anomaly) Labels([]mlapi.Label) []mlapi.Label {
	return []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1)}
}

// Postprocess fills dst with 1 and 0.
func (Anomaly) Postprocess(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
	if err := first(dst, "anomaly"); err != nil {
		return err
	}
	if s.Info.Task == mlapi.OutlierDetector {
		return answerOutliers(dst, s)
	}
	if err := needNumbers(s); err != nil {
		return err
	}
	if s.Info.Task == mlapi.Transformer {
		return mlapi.Internalf("postprocess: %s makes features, of which none is an outlier", s.Info.Estimator)
	}
	if s.Width != 1 {
		return mlapi.Internalf("postprocess: anomaly takes one number per sample, %s gives %d", s.Info.Estimator, s.Width)
	}
	dst.Outputs, dst.Numbers = 1, dst.Numbers[:0]
	for i, v := range s.Values {
		if math.IsNaN(v) {
			return mlapi.Internalf("postprocess: the model gave a score that is no number for sample %d", i)
		}
		dst.Numbers = append(dst.Numbers, flag(v < 0))
	}
	return nil
}

// answerOutliers fills dst by the classes of an outlier detector.
func answerOutliers(dst *mlapi.Result, s *mlapi.Scores) error {
	if err := needClasses(s); err != nil {
		return err
	}
	outlier := slices.Index(s.Info.Classes, mlapi.IntLabel(-1))
	if outlier < 0 {
		return mlapi.Internalf("postprocess: %s is an outlier detector of the classes %v, without -1", s.Info.Estimator, s.Info.Classes)
	}
	dst.Outputs, dst.Numbers = 1, dst.Numbers[:0]
	for _, class := range s.Class {
		dst.Numbers = append(dst.Numbers, flag(int(class) == outlier))
	}
	return nil
}

func flag(outlier bool) float64 {
	if outlier {
		return 1
	}
	return 0
}
