package postprocess

import (
	"context"
	"fmt"
	"math"

	"example.com/mlapi"
)

// Class answers a class made of scores.
//
//   - Of a scorer with several columns the largest score is the class, the first of
//     equal ones; it is answered as label where the model knows one per column,
//     otherwise as the column's number, from 0.
//   - Of a scorer with a single column a score above 0.5 is class 1, others class 0;
//     as label where the model knows two.
//   - Of a regressor a number strictly between 0 and 1 becomes 1 above 0.5 and else
//     0, and other numbers stay: the way of programs that train a regressor on
//     classes.
//   - A classifier or outlier detector has decided already: its label is answered,
//     or its labels where it has several outputs.
//
// A score that is no number is an Internal error, and so is a transformer, which
// scores nothing.
type Class struct{}

var _ mlapi.Postprocessor = Class{}

// threshold is the score above which a single column means class 1.
const threshold = 0.5

// Fits returns an error where the model is a transformer.
func (Class) Fits(info *mlapi.Info) error {
	if info.Task == mlapi.Transformer {
		return fmt.Errorf("class answers classes, and %s (%s) makes features", info.Estimator, info.Task)
	}
	return nil
}

// Postprocess fills dst with the classes of s.
func (Class) Postprocess(ctx context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
	if err := first(dst, "class"); err != nil {
		return err
	}
	switch s.Info.Task {
	case mlapi.Scorer:
		return answerLargest(dst, s)
	case mlapi.Regressor:
		return answerRounded(ctx, dst, s)
	}
	return answerLabels(dst, s)
}

// answerLargest fills dst with the class of the largest score of each sample.
func answerLargest(dst *mlapi.Result, s *mlapi.Scores) error {
	if err := needNumbers(s); err != nil {
		return err
	}
	classes := s.Info.Classes
	labelled := len(classes) == max(s.Width, 2)
	if labelled {
		dst.Classes = classes
	}
	dst.Outputs = 1
	dst.Class, dst.Numbers = dst.Class[:0], dst.Numbers[:0]
	for i := range s.Samples() {
		class, ok := largest(s.Row(i))
		if !ok {
			return mlapi.Internalf("postprocess: the model gave a score that is no number for sample %d", i)
		}
		if labelled {
			dst.Class = append(dst.Class, int32(class))
		} else {
			dst.Numbers = append(dst.Numbers, float64(class))
		}
	}
	return nil
}

// largest returns the class of one sample's scores, or false where one is NaN.
func largest(scores []float64) (class int, ok bool) {
	for j, v := range scores {
		if math.IsNaN(v) {
			return 0, false
		}
		if v > scores[class] {
			class = j
		}
	}
	if len(scores) == 1 && scores[0] > threshold {
		class = 1
	}
	return class, true
}

// answerRounded fills dst with the numbers of s, those between 0 and 1 as class.
func answerRounded(ctx context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
	if err := (None{}).Postprocess(ctx, dst, s); err != nil {
		return err
	}
	for k, v := range dst.Numbers {
		switch {
		case v > threshold && v < 1:
			dst.Numbers[k] = 1
		case v > 0 && v <= threshold:
			dst.Numbers[k] = 0
		}
	}
	return nil
}
