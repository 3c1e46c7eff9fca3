package mlapitest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"example.com/mlapi"
)

// SamplesCase is a block of samples and what a model is to predict of them.
type SamplesCase struct {
	Name string
	// Samples are the rows of the matrix; in a text feature's column, indexes into
	// Texts.
	Samples [][]float64
	Texts   []string
	// Want has a prediction per sample: of a model with classes a label as
	// mlapi.Label.Value gives it, otherwise a float64, or a []float64 where Outputs is
	// not 1. Nil takes any that keeps the contract.
	Want []any
	// Code is the code of the error wanted; "" means that the samples are accepted.
	Code string
}

// Model checks m against the contract of [mlapi.Model]. At least one case must be
// accepted.
func Model(t testing.TB, m mlapi.Model, cases ...SamplesCase) {
	t.Helper()
	if err := checkInfo(m); err != nil {
		t.Errorf("the model's Info: %v", err)
		return
	}
	accepted := 0
	for n, c := range cases {
		name := caseName(c.Name, n)
		s := &samplesSuite{model: m, c: c}
		if c.Code != "" {
			run(t, name, []check{{"the error", s.refused}})
			continue
		}
		accepted++
		for _, want := range []mlapi.Want{mlapi.WantPredictions, mlapi.WantScores} {
			s.checkWant(t, name, want)
		}
	}
	if accepted == 0 {
		t.Errorf("no case that is accepted: there is nothing to check")
	}
}

// checkInfo returns an error where what the model says of itself contradicts itself.
func checkInfo(m mlapi.Model) error {
	info := m.Info()
	if info == nil || info != m.Info() {
		return fmt.Errorf("not always the same pointer, or nil")
	}
	if info.Estimator == "" || len(info.Features) == 0 {
		return fmt.Errorf("no estimator or no features: %+v", *info)
	}
	minusOne, one := mlapi.IntLabel(-1), mlapi.IntLabel(1)
	switch info.Task {
	case mlapi.Classifier:
		for i, c := range info.Classes {
			if slices.Contains(info.Classes[:i], c) {
				return fmt.Errorf("class %v occurs twice", c)
			}
		}
		if len(info.Classes) == 0 {
			return fmt.Errorf("a classifier without classes")
		}
	case mlapi.OutlierDetector:
		if !slices.Equal(info.Classes, []mlapi.Label{minusOne, one}) {
			return fmt.Errorf("an outlier detector with classes %v, want [-1 1]", info.Classes)
		}
	case mlapi.Regressor, mlapi.Scorer:
		if info.Outputs < 1 {
			return fmt.Errorf("a %s with %d outputs", info.Task, info.Outputs)
		}
	default:
		return fmt.Errorf("no task")
	}
	return nil
}

// samplesSuite checks a model with one case.
type samplesSuite struct {
	model mlapi.Model
	c     SamplesCase
	score mlapi.Want
	want  [][]any // what the model gave the first time
}

func (s *samplesSuite) checkWant(t testing.TB, name string, score mlapi.Want) {
	t.Helper()
	if score == mlapi.WantScores {
		name += " with scores"
	}
	s.score = score
	want, err := s.once(0, s.c.Samples)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	s.want = want
	run(t, name, []check{
		{"the answer", s.answer},
		{"a block later in the request", func() error { return s.repeat(1000) }},
		{"dirty scores", s.dirty},
		{"nothing kept of the arguments", s.kept},
		{"samples one by one", s.oneByOne},
		{"many goroutines", func() error { return concurrently(s.again) }},
		{"hostile values", s.hostile},
	})
	var m mlapi.Matrix
	var dst mlapi.Scores
	s.fill(&m, 0, s.c.Samples)
	logAllocations(t, name, func() error { return s.into(&dst, &m) })
}

// fill makes m hold samples, beginning at row number first of the request.
func (s *samplesSuite) fill(m *mlapi.Matrix, first int, samples [][]float64) {
	m.Reset(first)
	m.Resize(len(samples), len(s.model.Info().Features))
	m.Texts = append(m.Texts, s.c.Texts...)
	for i, sample := range samples {
		if copy(m.Row(i), sample) != m.Width() || len(sample) != m.Width() {
			panic(fmt.Sprintf("mlapitest: a sample of %d values for a model of %d features", len(sample), m.Width()))
		}
	}
}

// into runs the model as a pipeline does.
func (s *samplesSuite) into(dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Want, dst.Info = s.score, s.model.Info()
	return caught(func() error { return s.model.Predict(context.Background(), dst, m) })
}

// once runs the model on samples with fresh memory, which it overwrites afterwards.
func (s *samplesSuite) once(first int, samples [][]float64) ([][]any, error) {
	var m mlapi.Matrix
	var dst mlapi.Scores
	s.fill(&m, first, samples)
	defer spoil(&m)
	defer spoilScores(&dst)
	if err := s.into(&dst, &m); err != nil {
		return nil, err
	}
	return s.values(&dst, len(samples))
}

// values copies what dst holds, class and values of a sample in one row, once its
// shape is found right.
func (s *samplesSuite) values(dst *mlapi.Scores, samples int) ([][]any, error) {
	info := s.model.Info()
	if dst.Info != info || dst.Want != s.score {
		return nil, fmt.Errorf("the model changed Info or Want, which the caller sets")
	}
	classes, widths := s.shape(info)
	if dst.Samples() != samples {
		return nil, fmt.Errorf("scores of %d samples, want %d", dst.Samples(), samples)
	}
	if got, want := len(dst.Class), samples; classes && got != want || !classes && got != 0 {
		return nil, fmt.Errorf("%d classes for %d samples of a %s", got, want, info.Task)
	}
	if !slices.Contains(widths, dst.Width) || len(dst.Values) != samples*dst.Width {
		return nil, fmt.Errorf("%d values, %d per sample, for %d samples; want one of %v per sample", len(dst.Values), dst.Width, samples, widths)
	}
	values := make([][]any, samples)
	for i := range values {
		if classes {
			if c := dst.Class[i]; c < 0 || int(c) >= len(info.Classes) {
				return nil, fmt.Errorf("sample %d has class %d of %d", i, c, len(info.Classes))
			}
			values[i] = append(values[i], info.Classes[dst.Class[i]].Value())
		}
		if err := checkScores(info, dst.Row(i)); err != nil {
			return nil, fmt.Errorf("sample %d: %w", i, err)
		}
		for _, v := range dst.Row(i) {
			values[i] = append(values[i], v)
		}
	}
	return values, nil
}

// shape returns what the table of mlapi.Scores says: whether there are classes, and
// how many values per sample there may be.
func (s *samplesSuite) shape(info *mlapi.Info) (classes bool, widths []int) {
	if info.Task == mlapi.Regressor || info.Task == mlapi.Scorer {
		return false, []int{info.Outputs}
	}
	if s.score == mlapi.WantPredictions {
		return true, []int{0, len(info.Classes), 1} // scores that come for nothing are no fault
	}
	switch info.Scores {
	case mlapi.Probability:
		return true, []int{len(info.Classes)}
	case mlapi.Decision:
		if len(info.Classes) == 2 {
			return true, []int{1, 2}
		}
		return true, []int{len(info.Classes)}
	case mlapi.Anomaly:
		return true, []int{1}
	}
	return true, []int{0}
}

// checkScores returns an error where one sample's values cannot be what they are
// said to be.
func checkScores(info *mlapi.Info, values []float64) error {
	sum := 0.0
	for _, v := range values {
		if math.IsNaN(v) {
			return fmt.Errorf("a score that is no number: %v", values)
		}
		sum += v
	}
	if info.Task != mlapi.Classifier || info.Scores != mlapi.Probability || len(values) == 0 {
		return nil
	}
	const tolerance = 1e-6
	if math.Abs(sum-1) > tolerance || slices.Min(values) < 0 || slices.Max(values) > 1+tolerance {
		return fmt.Errorf("these are no probabilities: %v", values)
	}
	return nil
}

func (s *samplesSuite) refused() error {
	for _, first := range []int{0, 1000} {
		_, err := s.once(first, s.c.Samples)
		if err := checkCode(err, s.c.Code); err != nil {
			return err
		}
		if row, known := mlapi.AsError(err).Row(); known && (row < first || row >= first+len(s.c.Samples)) {
			return fmt.Errorf("the error names row %d of a block of %d samples that begins at row %d: %v", row, len(s.c.Samples), first, err)
		}
	}
	return nil
}

func (s *samplesSuite) answer() error {
	if s.c.Want == nil {
		return nil
	}
	got := s.want
	if len(s.model.Info().Classes) > 0 && s.model.Info().Task != mlapi.Scorer {
		got = make([][]any, len(s.want))
		for i := range got {
			got[i] = s.want[i][:1]
		}
	}
	return compare(got, predictions(s.c.Want))
}

// predictions writes each prediction as a row.
func predictions(want []any) [][]any {
	rows := make([][]any, len(want))
	for i, w := range want {
		switch v := w.(type) {
		case []float64:
			for _, number := range v {
				rows[i] = append(rows[i], number)
			}
		case int:
			rows[i] = []any{int64(v)}
		default:
			rows[i] = []any{v}
		}
	}
	return rows
}

func (s *samplesSuite) again() error { return s.repeat(0) }

// repeat runs the model on the case's samples as rows first and following.
func (s *samplesSuite) repeat(first int) error {
	got, err := s.once(first, s.c.Samples)
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// dirty gives the model scores that were used before.
func (s *samplesSuite) dirty() error {
	var m mlapi.Matrix
	var dst mlapi.Scores
	dst.Resize(len(s.c.Samples)+3, true, len(s.want[0])+3)
	spoilScores(&dst)
	s.fill(&m, 0, s.c.Samples)
	if err := s.into(&dst, &m); err != nil {
		return err
	}
	got, err := s.values(&dst, len(s.c.Samples))
	if err != nil {
		return err
	}
	return compare(got, s.want)
}

// kept overwrites the arguments after a call, and looks whether that call's answer
// or the next one changes.
func (s *samplesSuite) kept() error {
	var m mlapi.Matrix
	var dst mlapi.Scores
	s.fill(&m, 0, s.c.Samples)
	if err := s.into(&dst, &m); err != nil {
		return err
	}
	spoil(&m)
	got, err := s.values(&dst, len(s.c.Samples))
	if err != nil {
		return fmt.Errorf("after the matrix was reused: %w", err)
	}
	if err := compare(got, s.want); err != nil {
		return fmt.Errorf("after the matrix was reused: %w", err)
	}
	spoilScores(&dst)
	if err := s.again(); err != nil {
		return fmt.Errorf("after the scores were reused: %w", err)
	}
	return nil
}

func (s *samplesSuite) oneByOne() error {
	for i, sample := range s.c.Samples {
		got, err := s.once(i, [][]float64{sample})
		if err != nil {
			return fmt.Errorf("sample %d alone: %w", i, err)
		}
		if err := compare(got, s.want[i:i+1]); err != nil {
			return fmt.Errorf("sample %d alone: %w", i, err)
		}
	}
	return nil
}

// hostile puts each hostile value into each of the first number columns.
func (s *samplesSuite) hostile() error {
	const row, columns = 1000, 16
	for j := range min(len(s.c.Samples[0]), columns) {
		if s.model.Info().Features[j].Type == mlapi.TextFeature {
			continue // its cells are indexes, which the caller has made
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
			math.SmallestNonzeroFloat64, math.Copysign(0, -1), 1e39, -1e39, 1e308, 1 << 53} {
			sample := slices.Clone(s.c.Samples[0])
			sample[j] = bad
			if err := s.hostileSample(row, sample); err != nil {
				return fmt.Errorf("feature %d is %v: %w", j, bad, err)
			}
		}
	}
	return nil
}

// hostileSample runs the model on one sample that may be refused, by the rules.
func (s *samplesSuite) hostileSample(row int, sample []float64) error {
	var m mlapi.Matrix
	var dst mlapi.Scores
	s.fill(&m, row, [][]float64{sample})
	if err := s.into(&dst, &m); err != nil {
		return checkInput(err, row, len(sample))
	}
	_, err := s.values(&dst, 1)
	return err
}

// spoilScores overwrites what dst holds.
func spoilScores(dst *mlapi.Scores) {
	for k := range dst.Class {
		dst.Class[k] = math.MinInt32
	}
	for k := range dst.Values {
		dst.Values[k] = poison
	}
}
