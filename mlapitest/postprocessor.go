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
	// Class has a class per sample, or as many as Info.Outputs says, as in
	// mlapi.Scores; empty where the model gives numbers.
	Class []int32
	// Values has the values of each sample, all as many; empty where there are none.
	Values [][]float64
	// Want has an answer per sample: a label as mlapi.Label.Value gives it (an int
	// stands for an int64), a float64, or a []any or []float64 where there are several.
	// Nil takes any that keeps the contract.
	Want []any
	// Code is the code of the error wanted; "" means that the scores are accepted.
	Code string
}

// Postprocessor checks p against the contract of [mlapi.Postprocessor]. At least one
// case must be accepted.
func Postprocessor(t testing.TB, p mlapi.Postprocessor, cases ...ScoresCase) {
	t.Helper()
	sound := 0
	for n, c := range cases {
		name := caseName(c.Name, n)
		r := &scoresCase{part: p, ScoresCase: c}
		s := &suite{
			samples: r.samples(), sample: "sample", given: "scores", got: "results", firsts: []int{0},
			call: r.call, wanted: predictions(c.Want), shown: whole,
			hostile: check{"hostile scores", r.hostile},
		}
		if c.Code != "" {
			run(t, name, []check{{"the error", func() error { return s.refused(c.Code) }}})
			continue
		}
		sound++
		s.check(t, name)
	}
	accepted(t, sound)
}

// predictions writes each prediction as a row.
func predictions(want []any) [][]any {
	var rows [][]any
	for _, w := range want {
		var row []any
		switch v := w.(type) {
		case []float64:
			for _, number := range v {
				row = append(row, number)
			}
		case []any:
			for _, label := range v {
				row = append(row, valueOf(label))
			}
		default:
			row = []any{valueOf(v)}
		}
		rows = append(rows, row)
	}
	return rows
}

// valueOf returns an int as the int64 that labels hold.
func valueOf(label any) any {
	if v, ok := label.(int); ok {
		return int64(v)
	}
	return label
}

// scoresCase is a postprocessor and a case of it.
type scoresCase struct {
	ScoresCase
	part mlapi.Postprocessor
}

// outputs returns how many classes a sample has.
func (r *scoresCase) outputs() int { return max(r.Info.Outputs, 1) }

// samples returns the number of samples of the case.
func (r *scoresCase) samples() int { return max(len(r.Class)/r.outputs(), len(r.Values)) }

func (r *scoresCase) call() *call {
	scores, dst := new(mlapi.Scores), new(mlapi.Result)
	n := 0
	var class []int32
	var values []float64
	return &call{
		fill: func(_, from, to int) {
			n = to - from
			c, v := r.Class, r.Values
			if len(c) > 0 {
				c = c[from*r.outputs() : to*r.outputs()]
			}
			if len(v) > 0 {
				v = v[from:to]
			}
			r.fill(scores, c, v)
			class, values = slices.Clone(scores.Class), slices.Clone(scores.Values)
		},
		run: func() error { return r.into(dst, scores) },
		same: func() error {
			if !slices.EqualFunc(scores.Values, values, same) || !slices.Equal(scores.Class, class) {
				return fmt.Errorf("the part changed the scores, which may be answered too")
			}
			return nil
		},
		values: func() ([][]any, error) { return r.answers(dst, n) },
		soil: func() {
			dst.Class = slices.Repeat([]int32{math.MinInt32}, len(r.Class)+3)
			dst.Numbers = slices.Repeat([]float64{poison}, r.samples()+3)
		},
		spoil:   func() { spoilScores(scores) },
		respoil: func() { spoilResult(dst) },
	}
}

// fill makes scores hold class and values.
func (r *scoresCase) fill(scores *mlapi.Scores, class []int32, values [][]float64) {
	width := 0
	if len(values) > 0 {
		width = len(values[0])
	}
	scores.Info = r.Info
	if width > 0 && len(class) > 0 {
		scores.Want = mlapi.WantScores
	}
	if r.outputs() > 1 && len(class) > 0 {
		scores.ResizeOutputs(len(class)/r.outputs(), r.outputs())
	} else {
		scores.Resize(max(len(class), len(values)), len(class) > 0, width)
	}
	copy(scores.Class, class)
	for i, row := range values {
		copy(scores.Row(i), row)
	}
}

// into runs the part as a pipeline does.
func (r *scoresCase) into(dst *mlapi.Result, scores *mlapi.Scores) error {
	*dst = mlapi.Result{Class: dst.Class[:0], Numbers: dst.Numbers[:0]}
	return caught(func() error { return r.part.Postprocess(context.Background(), dst, scores) })
}

// answers copies what dst holds, once its shape is found right.
func (r *scoresCase) answers(dst *mlapi.Result, samples int) ([][]any, error) {
	if dst.Samples() != samples {
		return nil, fmt.Errorf("%d answers for %d samples", dst.Samples(), samples)
	}
	values := make([][]any, samples)
	outputs := max(dst.Outputs, 1)
	if dst.Classes != nil {
		if len(dst.Class) != samples*outputs {
			return nil, fmt.Errorf("%d classes, %d per sample, for %d samples", len(dst.Class), outputs, samples)
		}
		for k, c := range dst.Class {
			if c < 0 || int(c) >= len(dst.Classes) {
				return nil, fmt.Errorf("sample %d is answered with class %d of %d", k/outputs, c, len(dst.Classes))
			}
			values[k/outputs] = append(values[k/outputs], dst.Classes[c].Value())
		}
		return values, nil
	}
	if len(dst.Numbers) != samples*dst.Outputs {
		return nil, fmt.Errorf("%d numbers, %d per sample, for %d samples", len(dst.Numbers), dst.Outputs, samples)
	}
	for k, v := range dst.Numbers {
		if math.IsInf(v, 0) || math.IsNaN(v) && r.Info.Task != mlapi.Transformer {
			return nil, fmt.Errorf("sample %d is answered with %v, which JSON cannot write", k/dst.Outputs, v)
		}
		values[k/dst.Outputs] = append(values[k/dst.Outputs], v)
	}
	return values, nil
}

// hostile gives the part scores that a broken model would: they may be refused, but
// neither panic nor give an answer that cannot be written.
func (r *scoresCase) hostile() error {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.Copysign(0, -1)} {
		for i, row := range r.Values {
			for j := range row {
				values := slices.Clone(r.Values)
				values[i] = slices.Clone(row)
				values[i][j] = bad
				if err := r.survives(r.Class, values); err != nil {
					return fmt.Errorf("value %d of sample %d is %v: %w", j, i, bad, err)
				}
			}
		}
	}
	for _, bad := range []int32{-1, math.MinInt32, math.MaxInt32} {
		for i := range r.Class {
			class := slices.Clone(r.Class)
			class[i] = bad
			if err := r.survives(class, r.Values); err != nil {
				return fmt.Errorf("the class of sample %d is %d: %w", i/r.outputs(), bad, err)
			}
		}
	}
	return nil
}

// survives runs the part on scores that it may refuse, by the rules.
func (r *scoresCase) survives(class []int32, values [][]float64) error {
	var scores mlapi.Scores
	var dst mlapi.Result
	r.fill(&scores, class, values)
	if err := r.into(&dst, &scores); err != nil {
		return checkCode(err, mlapi.AsError(err).Code)
	}
	_, err := r.answers(&dst, scores.Samples())
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

// spoilResult overwrites what dst holds of the caller's.
func spoilResult(dst *mlapi.Result) {
	for k := range dst.Class {
		dst.Class[k] = math.MinInt32
	}
	for k := range dst.Numbers {
		dst.Numbers[k] = poison
	}
}
