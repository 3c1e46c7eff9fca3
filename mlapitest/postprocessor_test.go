package mlapitest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
)

// plain is a sound part: labels where there are classes, else the numbers.
func plain(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
	for _, v := range s.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return mlapi.Internalf("a score is %v", v)
		}
	}
	if s.Info.Task == mlapi.Regressor {
		dst.Outputs, dst.Numbers = s.Width, append(dst.Numbers, s.Values...)
		return nil
	}
	for _, c := range s.Class {
		if int(c) >= len(s.Info.Classes) || c < 0 {
			return mlapi.Internalf("class %d", c)
		}
	}
	dst.Classes, dst.Class = s.Info.Classes, append(dst.Class, s.Class...)
	dst.Outputs = s.Info.Outputs
	return nil
}

// then is plain with something done after it.
func then(f func(dst *mlapi.Result, s *mlapi.Scores)) mlapi.PostprocessFunc {
	return func(ctx context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
		if err := plain(ctx, dst, s); err != nil {
			return err
		}
		f(dst, s)
		return nil
	}
}

func TestPostprocessorReports(t *testing.T) {
	labels := mlapitest.ScoresCase{Info: stumpInfo(), Class: []int32{0, 1, 1}, Values: [][]float64{{1, 0}, {0.25, 0.75}, {0, 1}}}
	numbers := mlapitest.ScoresCase{Info: regressorInfo(2), Values: [][]float64{{1, 2}, {3, 4}}}
	outputs := mlapitest.ScoresCase{Info: changed(stumpInfo(), func(i *mlapi.Info) { i.Outputs = 2 }), Class: []int32{0, 1, 1, 1}}
	features := mlapitest.ScoresCase{Info: transformerInfo(2), Values: [][]float64{{1, math.NaN()}}}
	wanting := func(c mlapitest.ScoresCase, want ...any) mlapitest.ScoresCase {
		c.Want = want
		return c
	}
	refused := func(c mlapitest.ScoresCase) mlapitest.ScoresCase {
		c.Code = "internal"
		return c
	}
	unchecked := func(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
		dst.Outputs, dst.Numbers = s.Width, append(dst.Numbers, s.Values...)
		return nil
	}
	var once sync.Once
	var kept *mlapi.Scores
	var inside atomic.Int32

	for name, c := range map[string]struct {
		part mlapi.PostprocessFunc
		c    mlapitest.ScoresCase
		want string
	}{
		"sound":                      {plain, wanting(labels, "no", "yes", "yes"), ""},
		"sound numbers":              {plain, wanting(numbers, []float64{1, 2}, []float64{3, 4}), ""},
		"sound outputs":              {plain, wanting(outputs, []any{"no", "yes"}, []any{"yes", "yes"}), ""},
		"wrong output":               {plain, wanting(outputs, []any{"no", "no"}, []any{"yes", "yes"}), "row 0, column 1"},
		"an output too few":          {then(func(dst *mlapi.Result, _ *mlapi.Scores) { dst.Class = append(dst.Class, 1) }), outputs, "5 classes, 2 per sample"},
		"sound features":             {unchecked, wanting(features, []float64{1, math.NaN()}), "is answered with +Inf"},
		"wrong label":                {plain, wanting(labels, "no", "no", "yes"), "the answer: row 1"},
		"wrong number":               {plain, wanting(numbers, []float64{1, 2}, []float64{3, 5}), "row 1, column 1"},
		"accepts":                    {plain, refused(labels), "accepted; want"},
		"nothing accepted":           {func(context.Context, *mlapi.Result, *mlapi.Scores) error { return mlapi.Internalf("no") }, refused(labels), "nothing to check"},
		"refuses":                    {func(context.Context, *mlapi.Result, *mlapi.Scores) error { return mlapi.Internalf("no") }, labels, "internal"},
		"a sample too few":           {then(func(dst *mlapi.Result, _ *mlapi.Scores) { dst.Class = dst.Class[1:] }), labels, "2 answers for 3 samples"},
		"class out of range":         {then(func(dst *mlapi.Result, _ *mlapi.Scores) { dst.Class[0] = 9 }), labels, "class 9 of 2"},
		"ragged numbers":             {then(func(dst *mlapi.Result, _ *mlapi.Scores) { dst.Numbers = append(dst.Numbers, 1) }), numbers, "5 numbers, 2 per sample"},
		"changes the scores":         {then(func(_ *mlapi.Result, s *mlapi.Scores) { s.Values[0]++ }), numbers, "changed the scores"},
		"changes the class":          {then(func(_ *mlapi.Result, s *mlapi.Scores) { s.Class[0] = 1 }), labels, "changed the scores"},
		"answers the scores' memory": {then(func(dst *mlapi.Result, s *mlapi.Scores) { dst.Class = s.Class }), labels, "after the scores were used again"},
		"appends to what is left": {then(func(dst *mlapi.Result, s *mlapi.Scores) {
			dst.Class = dst.Class[:0]
			dst.Class = append(dst.Class[:1], s.Class[1:]...)
			dst.Class[0] |= used(dst.Class)
		}), labels, "dirty results"},
		"not a number": {unchecked, numbers, "is answered with NaN"},
		"an unchecked class": {func(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
			dst.Classes, dst.Class = s.Info.Classes, append(dst.Class, s.Class...)
			return nil
		}, labels, "class -1 of 2"},
		"panics": {func(_ context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
			dst.Outputs = 1
			for _, c := range s.Class {
				dst.Numbers = append(dst.Numbers, []float64{3, 4}[c])
			}
			return nil
		}, labels, "panic"},
		"another error": {func(ctx context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
			if err := plain(ctx, dst, s); err != nil {
				return errors.New("no")
			}
			return nil
		}, labels, "error of type"},
		"an error without text": {func(ctx context.Context, dst *mlapi.Result, s *mlapi.Scores) error {
			if err := plain(ctx, dst, s); err != nil {
				return fmt.Errorf("wrapped: %w", &mlapi.Error{})
			}
			return nil
		}, labels, "without code or detail"},
		"looks at other rows": {then(func(dst *mlapi.Result, _ *mlapi.Scores) {
			for i := range dst.Class {
				dst.Class[i] = dst.Class[0]
			}
		}), labels, "samples one by one"},
		"keeps the scores": {then(func(dst *mlapi.Result, s *mlapi.Scores) {
			once.Do(func() { kept = s })
			if kept != s && kept.Values[0] < -1e70 {
				dst.Numbers[0] = 0
			}
		}), numbers, "nothing kept"},
		"one at a time": {then(func(dst *mlapi.Result, _ *mlapi.Scores) {
			dst.Numbers[0] += float64(inside.Add(1) - 1)
			time.Sleep(time.Millisecond)
			inside.Add(-1)
		}), numbers, "many goroutines"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			mlapitest.Postprocessor(r, c.part, c.c)
			wantReport(t, r, c.want)
		})
	}
}

// used returns 1 where the memory behind class was used before.
func used(class []int32) int32 {
	for _, c := range class[len(class):cap(class)] {
		if c != 0 {
			return 1
		}
	}
	return 0
}
