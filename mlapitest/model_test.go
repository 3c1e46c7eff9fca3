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
		"sound":                {&stump{info: stumpInfo()}, mlapitest.SamplesCase{Want: []any{"no", "yes", "yes"}}, ""},
		"sound, refuses":       {&stump{info: stumpInfo(), before: refuse(inRequest, asIs)}, mlapitest.SamplesCase{}, ""},
		"sound regressor":      {&constant{info: regressorInfo(1), values: []float64{2.5}}, mlapitest.SamplesCase{Want: []any{2.5, 2.5, 2.5}}, ""},
		"sound outputs":        {&constant{info: regressorInfo(2), values: []float64{1, 2}}, mlapitest.SamplesCase{Samples: [][]float64{{0, 0}}, Want: []any{[]float64{1, 2}}}, ""},
		"another Info":         {&fickle{stump{info: stumpInfo()}}, mlapitest.SamplesCase{}, "same pointer"},
		"no Info":              {&stump{}, mlapitest.SamplesCase{}, "or nil"},
		"no features":          {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Features = nil })}, mlapitest.SamplesCase{}, "no features"},
		"no task":              {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Task = 0 })}, mlapitest.SamplesCase{}, "no task"},
		"no classes":           {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Classes = nil })}, mlapitest.SamplesCase{}, "without classes"},
		"a class twice":        {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Classes[1] = i.Classes[0] })}, mlapitest.SamplesCase{}, "occurs twice"},
		"classes of outliers":  {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Task = mlapi.OutlierDetector })}, mlapitest.SamplesCase{}, "want [-1 1]"},
		"no outputs":           {&constant{info: regressorInfo(0)}, mlapitest.SamplesCase{}, "0 outputs"},
		"wrong label":          {&stump{info: stumpInfo()}, mlapitest.SamplesCase{Want: []any{"no", "no", "yes"}}, "the answer: row 1"},
		"wrong number":         {&constant{info: regressorInfo(1), values: []float64{2.5}}, mlapitest.SamplesCase{Want: []any{2.5, 2.5, 2.0}}, "the answer: row 2"},
		"accepts":              {&stump{info: stumpInfo()}, mlapitest.SamplesCase{Code: "missing_value"}, "accepted; want"},
		"nothing accepted":     {&stump{info: stumpInfo(), before: refuse(inRequest, asIs)}, mlapitest.SamplesCase{Samples: [][]float64{{0, math.NaN()}}, Code: "missing_value"}, "nothing to check"},
		"row of the block":     {&stump{info: stumpInfo(), before: refuse(inBlock, asIs)}, mlapitest.SamplesCase{}, "names row 0"},
		"row, refused":         {&stump{info: stumpInfo(), before: refuse(inBlock, asIs)}, mlapitest.SamplesCase{Samples: [][]float64{{0, math.NaN()}}, Code: "missing_value"}, "begins at row 1000"},
		"blames the server":    {&stump{info: stumpInfo(), before: refuse(inRequest, func(e *mlapi.Error) error { return errors.New(e.Detail) })}, mlapitest.SamplesCase{}, "error of type"},
		"panics":               {&stump{info: stumpInfo(), before: refuse(inRequest, func(e *mlapi.Error) error { panic(e) })}, mlapitest.SamplesCase{}, "panic"},
		"classes of numbers":   {&constant{info: regressorInfo(1), values: []float64{1}, bare: true}, mlapitest.SamplesCase{}, "3 classes"},
		"width of numbers":     {&constant{info: regressorInfo(2), values: []float64{1}}, mlapitest.SamplesCase{}, "want one of [2]"},
		"not a number":         {&constant{info: regressorInfo(1), values: []float64{math.NaN()}}, mlapitest.SamplesCase{}, "no number"},
		"a sample too few":     {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, m *mlapi.Matrix) { dst.Resize(m.Samples()-1, true, 0) }}, mlapitest.SamplesCase{}, "scores of 2 samples"},
		"class out of range":   {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, _ *mlapi.Matrix) { dst.Class[0] = 2 }}, mlapitest.SamplesCase{}, "class 2 of 2"},
		"no scores":            {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, m *mlapi.Matrix) { dst.Values, dst.Width = nil, 0 }}, mlapitest.SamplesCase{}, "with scores: 0 values"},
		"no probabilities":     {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, _ *mlapi.Matrix) { scale(dst.Values, 2) }}, mlapitest.SamplesCase{}, "no probabilities"},
		"one anomaly score":    {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Scores = mlapi.Anomaly })}, mlapitest.SamplesCase{}, "want one of [1]"},
		"as many decisions":    {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Scores = mlapi.Decision; i.Classes = append(i.Classes, mlapi.IntLabel(3)) })}, mlapitest.SamplesCase{}, "want one of [3]"},
		"scores, said none":    {&stump{info: changed(stumpInfo(), func(i *mlapi.Info) { i.Scores = mlapi.NoScores })}, mlapitest.SamplesCase{}, "want one of [0]"},
		"changes Want":         {&stump{info: stumpInfo(), after: func(dst *mlapi.Scores, _ *mlapi.Matrix) { dst.Want = 7 }}, mlapitest.SamplesCase{}, "changed Info or Want"},
		"adds to what is left": {&stump{info: stumpInfo(), before: addsUp}, mlapitest.SamplesCase{}, "dirty scores"},
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
