package mlapitest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"example.com/mlapi"
)

// ScoresCase are a model's scores and what a postprocessor is to answer.
type ScoresCase struct {
	Name string
	Info *mlapi.Info
	// Class has a class per sample, as in mlapi.Scores; empty where the model gives
	// numbers.
	Class []int32
	// Values has the values of each sample, all as many; empty where there are none.
	Values [][]float64
	// Want has an answer per sample: a label as mlapi.Label.Value gives it (an int
	// stands for an int64), a float64, or a []float64 where there are several. Nil
	// takes any that keeps the contract.
	Want []any
	// Code is the code of the error wanted; "" means that the scores are accepted.
	Code string
}

// Postprocessor checks p against the contract of [mlapi.Postprocessor]. At least one
// case must be accepted.
func Postprocessor(t testing.TB, p mlapi.Postprocessor, cases ...ScoresCase) {
	t.Helper()
	accepted := 0
	for n, c := range cases {
		name := caseName(c.Name, n)
		s := &scoresSuite{part: p, c: c}
		if c.Code != "" {
			run(t, name, []check{{"the error", s.refused}})
			continue
		}
		accepted++
		want, err := s.once(c.Class, c.Values)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s.want = want
		run(t, name, []check{
			{"the answer", s.answer},
			{"a dirty result", s.dirty},
			{"nothing kept of the arguments", s.kept},
			{"samples one by one", s.oneByOne},
			{"many goroutines", func() error { return concurrently(s.again) }},
			{"hostile scores", s.hostile},
		})
		var scores mlapi.Scores
		var dst mlapi.Result
		s.fill(&scores, c.Class, c.Values)
		logAllocations(t, name, func() error { return s.into(&dst, &scores) })
	}
	if accepted == 0 {
		t.Errorf("no case that is accepted: there is nothing to check")
	}
}

// scoresSuite checks a postprocessor with one case.
type scoresSuite struct {
	part mlapi.Postprocessor
	c    ScoresCase
	want [][]any // what the part answered the first time
}

// samples returns the number of samples of such scores.
func samples(class []int32, values [][]float64) int { return max(len(class), len(values)) }

// fill makes scores hold class and values.
func (s *scoresSuite) fill(scores *mlapi.Scores, class []int32, values [][]float64) {
	width := 0
	if len(values) > 0 {
		width = len(values[0])
	}
	scores.Info = s.c.Info
	if width > 0 && len(class) > 0 {
		scores.Want = mlapi.WantScores
	}
	scores.Resize(samples(class, values), len(class) > 0, width)
	copy(scores.Class, class)
	for i, row := range values {
		copy(scores.Row(i), row)
	}
}

// into runs the part as a pipeline does.
func (s *scoresSuite) into(dst *mlapi.Result, scores *mlapi.Scores) error {
	*dst = mlapi.Result{Class: dst.Class[:0], Numbers: dst.Numbers[:0]}
	return caught(func() error { return s.part.Postprocess(context.Background(), dst, scores) })
}

// once runs the part with fresh memory, which it overwrites afterwards, and looks
// whether it changed the scores.
func (s *scoresSuite) once(class []int32, values [][]float64) ([][]any, error) {
	var scores mlapi.Scores
	var dst mlapi.Result
	s.fill(&scores, class, values)
	defer spoilScores(&scores)
	defer spoilResult(&dst)
	sent := slices.Clone(scores.Values)
	err := s.into(&dst, &scores)
	if !slices.EqualFunc(scores.Values, sent, same) || !slices.Equal(scores.Class, class) {
		return nil, fmt.Errorf("the part changed the scores, which may be answered too")
	}
	if err != nil {
		return nil, err
	}
	return answers(&dst, samples(class, values))
}

// answers copies what dst holds, once its shape is found right.
func answers(dst *mlapi.Result, samples int) ([][]any, error) {
	if dst.Samples() != samples {
		return nil, fmt.Errorf("%d answers for %d samples", dst.Samples(), samples)
	}
	values := make([][]any, samples)
	if dst.Classes != nil {
		for i, c := range dst.Class {
			if c < 0 || int(c) >= len(dst.Classes) {
				return nil, fmt.Errorf("sample %d is answered with class %d of %d", i, c, len(dst.Classes))
			}
			values[i] = []any{dst.Classes[c].Value()}
		}
		return values, nil
	}
	if len(dst.Numbers) != samples*dst.Outputs {
		return nil, fmt.Errorf("%d numbers, %d per sample, for %d samples", len(dst.Numbers), dst.Outputs, samples)
	}
	for k, v := range dst.Numbers {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("sample %d is answered with %v, which JSON cannot write", k/dst.Outputs, v)
		}
		values[k/dst.Outputs] = append(values[k/dst.Outputs], v)
	}
	return values, nil
}

func (s *scoresSuite) refused() error {
	_, err := s.once(s.c.Class, s.c.Values)
	return checkCode(err, s.c.Code)
}

func (s *scoresSuite) answer() error {
	if s.c.Want == nil {
		return nil
	}
	return compare(s.want, predictions(s.c.Want))
}

func (s *scoresSuite) again() error {
	got, err := s.once(s.c.Class, s.c.Values)
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// dirty gives the part a result that was used before.
func (s *scoresSuite) dirty() error {
	var scores mlapi.Scores
	dst := mlapi.Result{
		Class:   slices.Repeat([]int32{math.MinInt32}, len(s.want)+3),
		Numbers: slices.Repeat([]float64{poison}, len(s.want)+3),
	}
	s.fill(&scores, s.c.Class, s.c.Values)
	if err := s.into(&dst, &scores); err != nil {
		return err
	}
	got, err := answers(&dst, len(s.want))
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// kept overwrites the arguments after a call, and looks whether that call's answer
// or the next one changes.
func (s *scoresSuite) kept() error {
	var scores mlapi.Scores
	var dst mlapi.Result
	s.fill(&scores, s.c.Class, s.c.Values)
	if err := s.into(&dst, &scores); err != nil {
		return err
	}
	spoilScores(&scores)
	got, err := answers(&dst, len(s.want))
	if err != nil {
		return fmt.Errorf("after the scores were reused: %w", err)
	}
	if err := compare(got, s.want); err != nil {
		return fmt.Errorf("after the scores were reused: %w", err)
	}
	spoilResult(&dst)
	if err := s.again(); err != nil {
		return fmt.Errorf("after the result was reused: %w", err)
	}
	return nil
}

func (s *scoresSuite) oneByOne() error {
	for i := range s.want {
		var class []int32
		var values [][]float64
		if len(s.c.Class) > 0 {
			class = s.c.Class[i : i+1]
		}
		if len(s.c.Values) > 0 {
			values = s.c.Values[i : i+1]
		}
		got, err := s.once(class, values)
		if err == nil {
			err = compare(got, s.want[i:i+1])
		}
		if err != nil {
			return fmt.Errorf("sample %d alone: %w", i, err)
		}
	}
	return nil
}

// hostile gives the part scores that a broken model would: they may be refused, but
// neither panic nor give an answer that cannot be written.
func (s *scoresSuite) hostile() error {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.Copysign(0, -1)} {
		for i, row := range s.c.Values {
			for j := range row {
				values := slices.Clone(s.c.Values)
				values[i] = slices.Clone(row)
				values[i][j] = bad
				if err := s.survives(s.c.Class, values); err != nil {
					return fmt.Errorf("value %d of sample %d is %v: %w", j, i, bad, err)
				}
			}
		}
	}
	for _, bad := range []int32{-1, math.MinInt32, math.MaxInt32} {
		for i := range s.c.Class {
			class := slices.Clone(s.c.Class)
			class[i] = bad
			if err := s.survives(class, s.c.Values); err != nil {
				return fmt.Errorf("the class of sample %d is %d: %w", i, bad, err)
			}
		}
	}
	return nil
}

// survives runs the part on scores that it may refuse, by the rules.
func (s *scoresSuite) survives(class []int32, values [][]float64) error {
	var scores mlapi.Scores
	var dst mlapi.Result
	s.fill(&scores, class, values)
	if err := s.into(&dst, &scores); err != nil {
		return checkCode(err, mlapi.AsError(err).Code)
	}
	_, err := answers(&dst, samples(class, values))
	return err
}

// spoilResult overwrites what dst holds of the caller's.
func spoilResult(dst *mlapi.Result) {
	for k := range dst.Class {
		dst.Class[k] = math.MinInt32
	}
	for k := range dst.Numbers {
		dst.Numbers[k] = poison
	}
}
