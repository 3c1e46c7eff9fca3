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
	// Texts, which differ from each other, or NaN for a missing text.
	Samples [][]float64
	Texts   []string
	// Want has a prediction per sample: of a model with classes a label as
	// mlapi.Label.Value gives it (an int stands for an int64), otherwise a float64; a
	// []any of labels or a []float64 where there are several outputs. Nil takes any
	// that keeps the contract.
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
	sound := 0
	for n, c := range cases {
		name := caseName(c.Name, n)
		if c.Code != "" {
			s := newSamplesSuite(m, c, mlapi.WantPredictions)
			run(t, name, []check{{"the error", func() error { return s.refused(c.Code) }}})
			continue
		}
		sound++
		newSamplesSuite(m, c, mlapi.WantPredictions).check(t, name)
		newSamplesSuite(m, c, mlapi.WantScores).check(t, name+" with scores")
	}
	accepted(t, sound)
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
		return checkClassifier(info)
	case mlapi.OutlierDetector:
		if !slices.Equal(info.Classes, []mlapi.Label{minusOne, one}) {
			return fmt.Errorf("an outlier detector with classes %v, want [-1 1]", info.Classes)
		}
	case mlapi.Regressor, mlapi.Scorer, mlapi.Transformer:
		if info.Outputs < 1 {
			return fmt.Errorf("a %s with %d outputs", info.Task, info.Outputs)
		}
		if info.Task == mlapi.Transformer && (len(info.Classes) > 0 || info.Scores != mlapi.NoScores) {
			return fmt.Errorf("a transformer with classes %v and scores (%s), want neither", info.Classes, info.Scores)
		}
	default:
		return fmt.Errorf("no task")
	}
	return nil
}

// checkClassifier is checkInfo of a classifier.
func checkClassifier(info *mlapi.Info) error {
	for i, c := range info.Classes {
		if slices.Contains(info.Classes[:i], c) {
			return fmt.Errorf("class %v occurs twice", c)
		}
	}
	switch {
	case len(info.Classes) == 0:
		return fmt.Errorf("a classifier without classes")
	case info.Outputs < 0:
		return fmt.Errorf("a classifier with %d outputs", info.Outputs)
	case info.Outputs > 1 && info.Scores != mlapi.NoScores:
		return fmt.Errorf("a classifier of %d outputs with scores (%s), which only one output has", info.Outputs, info.Scores)
	}
	return nil
}

// samplesCase is a model and a case of it.
type samplesCase struct {
	SamplesCase
	model mlapi.Model
	score mlapi.Want
}

func newSamplesSuite(m mlapi.Model, c SamplesCase, score mlapi.Want) *suite {
	r := &samplesCase{SamplesCase: c, model: m, score: score}
	return &suite{
		samples: len(c.Samples), sample: "sample", given: "matrices", got: "scores", firsts: []int{0, 1000},
		call: r.call, wanted: predictions(c.Want),
		shown: func(got []any) []any {
			if n := r.classes(); n > 0 {
				return got[:n]
			}
			return got
		},
		hostile: check{"hostile values", r.hostile},
	}
}

// classes returns how many classes a sample is answered with.
func (r *samplesCase) classes() int {
	switch info := r.model.Info(); info.Task {
	case mlapi.Classifier:
		return max(info.Outputs, 1)
	case mlapi.OutlierDetector:
		return 1
	}
	return 0
}

func (r *samplesCase) call() *call {
	m, dst := new(mlapi.Matrix), new(mlapi.Scores)
	n := 0
	return &call{
		fill: func(first, from, to int) {
			n = to - from
			r.fill(m, first, r.Samples[from:to], r.Texts)
		},
		run:    func() error { return r.into(dst, m) },
		values: func() ([][]any, error) { return r.values(dst, n) },
		soil: func() {
			info := r.model.Info()
			dst.Resize(len(r.Samples)*max(info.Outputs, 1)+3, true, max(info.Outputs, len(info.Classes))+3)
			spoilScores(dst)
		},
		spoil:   func() { spoil(m) },
		respoil: func() { spoilScores(dst) },
	}
}

// fill makes m hold samples, beginning at row number first of the request.
func (r *samplesCase) fill(m *mlapi.Matrix, first int, samples [][]float64, texts []string) {
	m.Reset(first)
	m.Resize(len(samples), len(r.model.Info().Features))
	for k, text := range texts {
		if m.Text([]byte(text)) != float64(k) {
			panic(fmt.Sprintf("mlapitest: the text %q is there twice", text))
		}
	}
	for i, sample := range samples {
		if copy(m.Row(i), sample) != m.Width() || len(sample) != m.Width() {
			panic(fmt.Sprintf("mlapitest: a sample of %d values for a model of %d features", len(sample), m.Width()))
		}
	}
}

// into runs the model as a pipeline does.
func (r *samplesCase) into(dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Want, dst.Info = r.score, r.model.Info()
	return caught(func() error { return r.model.Predict(context.Background(), dst, m) })
}

// values copies what dst holds, classes and values of a sample in one row, once its
// shape is found right.
func (r *samplesCase) values(dst *mlapi.Scores, samples int) ([][]any, error) {
	info := r.model.Info()
	if dst.Info != info || dst.Want != r.score {
		return nil, fmt.Errorf("the model changed Info or Want, which the caller sets")
	}
	if dst.Samples() != samples {
		return nil, fmt.Errorf("scores of %d samples, want %d", dst.Samples(), samples)
	}
	classes := r.classes()
	if len(dst.Class) != samples*classes {
		return nil, fmt.Errorf("%d classes for %d samples of a %s, want %d for each", len(dst.Class), samples, info.Task, classes)
	}
	if widths := r.widths(info); !slices.Contains(widths, dst.Width) || len(dst.Values) != samples*dst.Width {
		return nil, fmt.Errorf("%d values, %d per sample, for %d samples; want one of %v per sample", len(dst.Values), dst.Width, samples, widths)
	}
	values := make([][]any, samples)
	for i := range values {
		for _, c := range dst.Class[i*classes : (i+1)*classes] {
			if c < 0 || int(c) >= len(info.Classes) {
				return nil, fmt.Errorf("sample %d has class %d of %d", i, c, len(info.Classes))
			}
			values[i] = append(values[i], info.Classes[c].Value())
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

// widths returns what the table of mlapi.Scores says: how many values per sample
// there may be.
func (r *samplesCase) widths(info *mlapi.Info) []int {
	switch {
	case r.classes() == 0:
		return []int{info.Outputs}
	case r.classes() > 1:
		return []int{0}
	case r.score == mlapi.WantPredictions:
		return []int{0, len(info.Classes), 1} // scores that come for nothing are no fault
	}
	switch info.Scores {
	case mlapi.Probability:
		return []int{len(info.Classes)}
	case mlapi.Decision:
		if len(info.Classes) == 2 {
			return []int{1, 2}
		}
		return []int{len(info.Classes)}
	case mlapi.Anomaly:
		return []int{1}
	}
	return []int{0}
}

// checkScores returns an error where one sample's values cannot be what they are
// said to be.
func checkScores(info *mlapi.Info, values []float64) error {
	sum := 0.0
	for _, v := range values {
		switch {
		case info.Task == mlapi.Transformer && math.IsInf(v, 0):
			return fmt.Errorf("an infinite feature: refuse the sample as too large: %v", values)
		case info.Task != mlapi.Transformer && math.IsNaN(v):
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

// hostile puts each hostile value into each of the first columns: numbers, or texts
// where the feature is text.
func (r *samplesCase) hostile() error {
	const columns = 16
	numbers := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.Copysign(0, -1), 1e39, -1e39, 1e308, 1 << 53}
	for j := range min(len(r.Samples[0]), columns) {
		if r.model.Info().Features[j].Type == mlapi.TextFeature {
			if err := r.hostileTexts(j); err != nil {
				return err
			}
			continue
		}
		for _, bad := range numbers {
			if err := r.hostileSample(j, bad, r.Texts); err != nil {
				return fmt.Errorf("feature %d is %v: %w", j, bad, err)
			}
		}
	}
	return nil
}

// hostileTexts gives the text feature j each hostile text, and none.
func (r *samplesCase) hostileTexts(j int) error {
	if err := r.hostileSample(j, math.NaN(), r.Texts); err != nil {
		return fmt.Errorf("feature %d, a text, is missing: %w", j, err)
	}
	for _, bad := range hostileTexts() {
		texts := r.Texts
		place := slices.Index(texts, bad)
		if place < 0 {
			place, texts = len(texts), append(slices.Clone(texts), bad)
		}
		if err := r.hostileSample(j, float64(place), texts); err != nil {
			return fmt.Errorf("feature %d is the text %s: %w", j, shorten(bad), err)
		}
	}
	return nil
}

// hostileSample runs the model on the first sample with another value of a feature,
// which may be refused, by the rules.
func (r *samplesCase) hostileSample(feature int, value float64, texts []string) error {
	const row = 1000
	sample := slices.Clone(r.Samples[0])
	sample[feature] = value
	var m mlapi.Matrix
	var dst mlapi.Scores
	r.fill(&m, row, [][]float64{sample}, texts)
	if err := r.into(&dst, &m); err != nil {
		return checkInput(err, row, len(sample))
	}
	_, err := r.values(&dst, 1)
	return err
}
