package mlapitest_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
)

// stump is a classifier by the sign of the first feature; its fields change what it
// does.
type stump struct {
	info   *mlapi.Info
	before func(dst *mlapi.Scores, m *mlapi.Matrix) error
	after  func(dst *mlapi.Scores, m *mlapi.Matrix)
}

func (s *stump) Info() *mlapi.Info { return s.info }

func (s *stump) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	if s.before != nil {
		if err := s.before(dst, m); err != nil {
			return err
		}
	}
	width := 0
	if dst.Want == mlapi.WantScores {
		width = 2
	}
	dst.Resize(m.Samples(), true, width)
	for i := range m.Samples() {
		p := 1.0
		if m.Row(i)[0] > 0 {
			p = 0.25
		}
		dst.Class[i] = int32(1 - math.Round(p))
		copy(dst.Row(i), []float64{p, 1 - p})
	}
	if s.after != nil {
		s.after(dst, m)
	}
	return nil
}

// constant is a regressor of so many outputs.
type constant struct {
	info   *mlapi.Info
	values []float64
	bare   bool
}

func (c *constant) Info() *mlapi.Info { return c.info }

func (c *constant) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), c.bare, len(c.values))
	for i := range m.Samples() {
		copy(dst.Row(i), c.values)
	}
	return nil
}

// several is a classifier of two outputs: the sign of the first feature, and the
// opposite.
type several struct {
	info  *mlapi.Info
	after func(dst *mlapi.Scores)
}

func (s *several) Info() *mlapi.Info { return s.info }

func (s *several) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.ResizeOutputs(m.Samples(), 2)
	for i := range m.Samples() {
		class := int32(0)
		if m.Row(i)[0] > 0 {
			class = 1
		}
		dst.Class[2*i], dst.Class[2*i+1] = class, 1-class
	}
	if s.after != nil {
		s.after(dst)
	}
	return nil
}

// reader is a regressor that answers the length of a text, -1 where it is missing.
type reader struct {
	info   *mlapi.Info
	most   int  // 0, or the longest text it can take
	strict bool // a missing text is more than it can take
}

func (r *reader) Info() *mlapi.Info { return r.info }

func (r *reader) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, 1)
	for i := range m.Samples() {
		cell := m.Row(i)[1]
		if math.IsNaN(cell) {
			dst.Row(i)[0] = -1
			if r.strict {
				return errors.New("no text")
			}
			continue
		}
		text := m.Texts[int(cell)]
		if r.most > 0 && len(text) > r.most {
			panic("a long text")
		}
		dst.Row(i)[0] = float64(len(text))
	}
	return nil
}

func readerInfo() *mlapi.Info {
	info := regressorInfo(1)
	info.Features[1].Type = mlapi.TextFeature
	return info
}

var readerSamples = [][]float64{{0, 0}, {0, 1}, {0, math.NaN()}}

// fickle is a stump whose Info is never the same.
type fickle struct{ stump }

func (f *fickle) Info() *mlapi.Info { return stumpInfo() }

func stumpInfo() *mlapi.Info {
	return &mlapi.Info{
		Estimator: "Stump", Task: mlapi.Classifier, Scores: mlapi.Probability,
		Features: []mlapi.Feature{{Name: "x0"}, {Name: "x1"}},
		Classes:  []mlapi.Label{mlapi.TextLabel("no"), mlapi.TextLabel("yes")},
	}
}

func regressorInfo(outputs int) *mlapi.Info {
	return &mlapi.Info{Estimator: "Constant", Task: mlapi.Regressor, Outputs: outputs, Features: []mlapi.Feature{{Name: "x0"}, {Name: "x1"}}}
}

func transformerInfo(outputs int) *mlapi.Info {
	info := regressorInfo(outputs)
	info.Task = mlapi.Transformer
	return info
}

func changed(info *mlapi.Info, change func(*mlapi.Info)) *mlapi.Info {
	change(info)
	return info
}

var stumpSamples = [][]float64{{-1, 0}, {1, 0}, {2, 5}}

func TestModelReports(t *testing.T) {
	refuse := func(row func(m *mlapi.Matrix, i int) int, err func(e *mlapi.Error) error) func(*mlapi.Scores, *mlapi.Matrix) error {
		return func(_ *mlapi.Scores, m *mlapi.Matrix) error {
			for i := range m.Samples() {
				if v := m.Row(i)[1]; math.IsNaN(v) {
					return err(mlapi.Invalidf("missing_value", "A value is missing.").At(row(m, i), 1))
				}
			}
			return nil
		}
	}
	inRequest := func(m *mlapi.Matrix, i int) int { return m.Number(i) }
	inBlock := func(_ *mlapi.Matrix, i int) int { return i }
	asIs := func(e *mlapi.Error) error { return e }
	var once sync.Once
	var kept *mlapi.Matrix
	var inside atomic.Int32

	for name, c := range map[string]struct {
		model mlapi.Model
		c     mlapitest.SamplesCase
		want  string
	}{
		"sound":           {&stump{info: stumpInfo()}, mlapitest.SamplesCase{Want: []any{"no", "yes", "yes"}}, ""},
		"sound, refuses":  {&stump{info: stumpInfo(), before: refuse(inRequest, asIs)}, mlapitest.SamplesCase{}, ""},
		"sound regressor": {&constant{info: regressorInfo(1), values: []float64{2.5}}, mlapitest.SamplesCase{Want: []any{2.5, 2.5, 2.5}}, ""},
		"sound outputs":   {&constant{info: regressorInfo(2), values: []float64{1, 2}}, mlapitest.SamplesCase{Samples: [][]float64{{0, 0}}, Want: []any{[]float64{1, 2}}}, ""},
		"sound, several outputs": {&several{changed(stumpInfo(), func(i *mlapi.Info) { i.Outputs, i.Scores = 2, mlapi.NoScores }), nil},
			mlapitest.SamplesCase{Want: []any{[]any{"no", "yes"}, []any{"yes", "no"}, []any{"yes", "no"}}}, ""},
		"several outputs, wrong": {&several{changed(stumpInfo(), func(i *mlapi.Info) { i.Outputs, i.Scores = 2, mlapi.NoScores }), nil},
			mlapitest.SamplesCase{Want: []any{[]any{"no", "yes"}, []any{"yes", "yes"}, []any{"yes", "no"}}}, "the answer: row 1, column 1"},
		"several outputs, too few": {&several{changed(stumpInfo(), func(i *mlapi.Info) { i.Outputs, i.Scores = 2, mlapi.NoScores }),
			func(dst *mlapi.Scores) { dst.Resize(dst.Samples(), true, 0) }}, mlapitest.SamplesCase{}, "3 classes for 3 samples of a classifier, want 2 for each"},
		"several outputs with values": {&several{changed(stumpInfo(), func(i *mlapi.Info) { i.Outputs, i.Scores = 2, mlapi.NoScores }),
			func(dst *mlapi.Scores) { dst.Width, dst.Values = 1, []float64{1, 2, 3} }}, mlapitest.SamplesCase{}, "want one of [0]"},
		"several outputs with scores": {&several{changed(stumpInfo(), func(i *mlapi.Info) { i.Outputs = 2 }), nil}, mlapitest.SamplesCase{}, "which only one output has"},
		"negative outputs":            {&several{changed(stumpInfo(), func(i *mlapi.Info) { i.Outputs = -1 }), nil}, mlapitest.SamplesCase{}, "-1 outputs"},
		"sound transformer":           {&constant{info: transformerInfo(2), values: []float64{1, math.NaN()}}, mlapitest.SamplesCase{Samples: [][]float64{{0, 0}}, Want: []any{[]float64{1, math.NaN()}}}, ""},
		"infinite feature":            {&constant{info: transformerInfo(2), values: []float64{1, math.Inf(1)}}, mlapitest.SamplesCase{}, "infinite feature"},
		"transformer of nothing":      {&constant{info: transformerInfo(0)}, mlapitest.SamplesCase{}, "0 outputs"},
		"transformer with classes":    {&constant{info: changed(transformerInfo(1), func(i *mlapi.Info) { i.Classes = stumpInfo().Classes })}, mlapitest.SamplesCase{}, "want neither"},
		"transformer with scores":     {&constant{info: changed(transformerInfo(1), func(i *mlapi.Info) { i.Scores = mlapi.Decision })}, mlapitest.SamplesCase{}, "want neither"},
		"sound texts":                 {&reader{info: readerInfo()}, mlapitest.SamplesCase{Samples: readerSamples, Texts: []string{"a", "bcd"}, Want: []any{1.0, 3.0, -1.0}}, ""},
		"texts, panics at hostile":    {&reader{info: readerInfo(), most: 100}, mlapitest.SamplesCase{Samples: readerSamples, Texts: []string{"a", "bcd"}}, "is the text \"99999"},
		"texts, fails for none":       {&reader{info: readerInfo(), strict: true}, mlapitest.SamplesCase{Samples: readerSamples[:2], Texts: []string{"a", "bcd"}}, "a text, is missing"},
		"another Info":                {&fickle{stump{info: stumpInfo()}}, mlapitest.SamplesCase{}, "same pointer"},
		"no Info":                     {&stump{}, mlapitest.SamplesCase{}, "or nil"},
		"no features":                 {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Features = nil })}, mlapitest.SamplesCase{}, "no features"},
		"no task":                     {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Task = 0 })}, mlapitest.SamplesCase{}, "no task"},
		"no classes":                  {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Classes = nil })}, mlapitest.SamplesCase{}, "without classes"},
		"a class twice":               {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Classes[1] = i.Classes[0] })}, mlapitest.SamplesCase{}, "occurs twice"},
		"classes of outliers":         {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Task = mlapi.OutlierDetector })}, mlapitest.SamplesCase{}, "want [-1 1]"},
		"no outputs":                  {&constant{info: regressorInfo(0)}, mlapitest.SamplesCase{}, "0 outputs"},
		"wrong label":                 {&stump{info: stumpInfo()}, mlapitest.SamplesCase{Want: []any{"no", "no", "yes"}}, "the answer: row 1"},
		"wrong number":                {&constant{info: regressorInfo(1), values: []float64{2.5}}, mlapitest.SamplesCase{Want: []any{2.5, 2.5, 2.0}}, "the answer: row 2"},
		"accepts":                     {&stump{info: stumpInfo()}, mlapitest.SamplesCase{Code: "missing_value"}, "accepted; want"},
		"nothing accepted":            {&stump{info: stumpInfo(), before: refuse(inRequest, asIs)}, mlapitest.SamplesCase{Samples: [][]float64{{0, math.NaN()}}, Code: "missing_value"}, "nothing to check"},
		"row of the block":            {&stump{info: stumpInfo(), before: refuse(inBlock, asIs)}, mlapitest.SamplesCase{}, "names row 0"},
		"row, refused":                {&stump{info: stumpInfo(), before: refuse(inBlock, asIs)}, mlapitest.SamplesCase{Samples: [][]float64{{0, math.NaN()}}, Code: "missing_value"}, "begins at row 1000"},
		"blames the server":           {&stump{info: stumpInfo(), before: refuse(inRequest, func(e *mlapi.Error) error { return errors.New(e.Detail) })}, mlapitest.SamplesCase{}, "error of type"},
		"panics":                      {&stump{info: stumpInfo(), before: refuse(inRequest, func(e *mlapi.Error) error { panic(e) })}, mlapitest.SamplesCase{}, "panic"},
		"classes of numbers":          {&constant{info: regressorInfo(1), values: []float64{1}, bare: true}, mlapitest.SamplesCase{}, "3 classes"},
		"width of numbers":            {&constant{info: regressorInfo(2), values: []float64{1}}, mlapitest.SamplesCase{}, "want one of [2]"},
		"not a number":                {&constant{info: regressorInfo(1), values: []float64{math.NaN()}}, mlapitest.SamplesCase{}, "no number"},
		"a sample too few":            {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, m *mlapi.Matrix) { dst.Resize(m.Samples()-1, true, 0) }}, mlapitest.SamplesCase{}, "scores of 2 samples"},
		"class out of range":          {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, _ *mlapi.Matrix) { dst.Class[0] = 2 }}, mlapitest.SamplesCase{}, "class 2 of 2"},
		"no scores":                   {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, m *mlapi.Matrix) { dst.Values, dst.Width = nil, 0 }}, mlapitest.SamplesCase{}, "with scores: refused: 0 values"},
		"no probabilities":            {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, _ *mlapi.Matrix) { scale(dst.Values, 2) }}, mlapitest.SamplesCase{}, "no probabilities"},
		"one anomaly score":           {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Scores = mlapi.Anomaly })}, mlapitest.SamplesCase{}, "want one of [1]"},
		"as many decisions":           {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Scores = mlapi.Decision; i.Classes = append(i.Classes, mlapi.IntLabel(3)) })}, mlapitest.SamplesCase{}, "want one of [3]"},
		"scores, said none":           {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Scores = mlapi.NoScores })}, mlapitest.SamplesCase{}, "want one of [0]"},
		"changes Want":                {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, _ *mlapi.Matrix) { dst.Want = 7 }}, mlapitest.SamplesCase{}, "changed Info or Want"},
		"adds to what is left":        {&stump{info: stumpInfo(), before: addsUp}, mlapitest.SamplesCase{}, "dirty scores"},
		"looks at other rows": {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, m *mlapi.Matrix) {
			for i := range dst.Class {
				dst.Class[i] = dst.Class[0]
			}
		}}, mlapitest.SamplesCase{}, "samples one by one"},
		"looks at the row's number": {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, m *mlapi.Matrix) {
			if m.Number(0) >= 1000 {
				dst.Class[0] = 1
			}
		}}, mlapitest.SamplesCase{}, "a block later in the request"},
		"keeps the matrix": {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, m *mlapi.Matrix) {
			once.Do(func() { kept = m })
			if kept != m && kept.Row(0)[0] < -1e70 {
				dst.Class[0] = 1
			}
		}}, mlapitest.SamplesCase{}, "nothing kept"},
		"one at a time": {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, _ *mlapi.Matrix) {
			dst.Class[0] = (inside.Add(1) - 1) % 2
			time.Sleep(time.Millisecond)
			inside.Add(-1)
		}}, mlapitest.SamplesCase{}, "many goroutines"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.c.Samples == nil {
				c.c.Samples = stumpSamples
			}
			r := &recorder{TB: t}
			mlapitest.Model(r, c.model, c.c)
			wantReport(t, r, c.want)
		})
	}
}

// addsUp is a fault for whoever gets used memory: it believes that scores are zero.
func addsUp(dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), true, 0)
	for _, c := range dst.Class {
		if c != 0 {
			return mlapi.Internalf("class %d is there already", c)
		}
	}
	return nil
}

func scale(values []float64, by float64) {
	for i := range values {
		values[i] *= by
	}
}
