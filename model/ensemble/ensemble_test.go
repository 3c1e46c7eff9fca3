package ensemble_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/linear"
	"example.com/mlapi/model/tree"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// features are those of all models here: two numbers.
func features(n int) []mlapi.Feature {
	list := make([]mlapi.Feature, n)
	for i := range list {
		list[i].Name = string(rune('a' + i))
	}
	return list
}

// classifier describes one of the classes 0, 1, ... n-1.
func classifier(n int, scores mlapi.ScoreKind) *mlapi.Info {
	info := &mlapi.Info{Estimator: "Test", Task: mlapi.Classifier, Features: features(2), Scores: scores}
	for i := range n {
		info.Classes = append(info.Classes, mlapi.IntLabel(int64(i)))
	}
	return info
}

// labels describes a classifier of n labels that are there or not.
func labels(n int) *mlapi.Info {
	info := classifier(2, mlapi.NoScores)
	info.Outputs = n
	return info
}

func regressor(outputs int) *mlapi.Info {
	return &mlapi.Info{Estimator: "Test", Task: mlapi.Regressor, Features: features(2), Outputs: outputs}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// line is the regressor a*x0 + b*x1 + c.
func line(a, b, c float64) mlapi.Model {
	return must(linear.NewRegressor(regressor(1), linear.Weights{Coef: []float64{a, b}, Intercept: []float64{c}}))
}

// side is the classifier of the sign of a*x0 + b*x1 + c, which is its score.
func side(a, b, c float64) mlapi.Model {
	return must(linear.NewClassifier(classifier(2, mlapi.Decision), linear.Weights{Coef: []float64{a, b}, Intercept: []float64{c}}, linear.Identity))
}

// shares is a classifier that always answers these probabilities.
func shares(p ...float64) mlapi.Model {
	best := 0
	for k := range p {
		if p[k] > p[best] {
			best = k
		}
	}
	return must(ensemble.NewConstant(classifier(len(p), mlapi.Probability), []int32{int32(best)}, p))
}

func predict(t *testing.T, m mlapi.Model, x *mlapi.Matrix) *mlapi.Scores {
	t.Helper()
	s := &mlapi.Scores{Want: mlapi.WantScores, Info: m.Info()}
	if err := m.Predict(context.Background(), s, x); err != nil {
		t.Fatal(err)
	}
	return s
}

// points are rows that all tests ask.
var points = [][]float64{{1, 0}, {0, 1}, {-1, 2}, {3, -4}, {0, 0}}

func TestAnswers(t *testing.T) {
	column := func(m mlapi.Model) ensemble.Column { return ensemble.Column{Model: m, Take: ensemble.Last} }
	label := func(m mlapi.Model, numbers ...float64) ensemble.Column {
		return ensemble.Column{Model: m, Take: ensemble.Label, Labels: numbers}
	}
	sides := []ensemble.Column{column(side(1, 0, 0)), column(side(0, 1, 0)), column(side(-1, -1, 0))}
	e := math.Exp
	for name, c := range map[string]struct {
		model  mlapi.Model
		class  []int32
		values []float64
	}{
		"average of probabilities": {
			must(ensemble.NewAverage(classifier(2, mlapi.Probability), []ensemble.Member{{Model: shares(0.25, 0.75), Weight: 3}, {Model: shares(1, 0), Weight: 1}})),
			[]int32{1, 1, 1, 1, 1}, []float64{0.4375, 0.5625, 0.4375, 0.5625, 0.4375, 0.5625, 0.4375, 0.5625, 0.4375, 0.5625},
		},
		"average of decision values": {
			must(ensemble.NewAverage(classifier(2, mlapi.Decision), []ensemble.Member{{Model: side(1, 0, 0), Weight: 1}, {Model: side(0, 1, 1), Weight: 1}})),
			[]int32{1, 1, 1, 0, 1}, []float64{1, 1, 1, 0, 0.5},
		},
		"votes for some of the classes": {
			must(ensemble.NewAverage(classifier(3, mlapi.Probability), []ensemble.Member{
				{Model: side(1, 0, 0), Weight: 1, Votes: true, Classes: []int32{2, 1}}, {Model: shares(0.5, 0.5), Weight: 1, Classes: []int32{0, 2}},
			})),
			[]int32{1, 2, 2, 1, 2},
			[]float64{0.25, 0.5, 0.25, 0.25, 0, 0.75, 0.25, 0, 0.75, 0.25, 0.5, 0.25, 0.25, 0, 0.75},
		},
		"average of numbers, features exchanged": {
			must(ensemble.NewAverage(regressor(1), []ensemble.Member{{Model: line(1, 0, 0), Weight: 1}, {Model: line(1, 0, 0), Weight: 1, Features: []int32{1, 1}}})),
			nil, []float64{0.5, 0.5, 0.5, -0.5, 0},
		},
		"votes": {
			must(ensemble.NewVote(classifier(3, mlapi.NoScores), []ensemble.Column{label(side(1, 0, 0), 0, 2), label(side(0, 1, 0), 1, 0), label(shares(0, 1), 0, 1)}, []float64{1, 1, 1})),
			[]int32{1, 0, 0, 1, 1}, nil,
		},
		"weighted votes": {
			must(ensemble.NewVote(classifier(3, mlapi.NoScores), []ensemble.Column{label(side(1, 0, 0), 0, 2), label(side(0, 1, 0), 1, 0), label(shares(0, 1), 0, 1)}, []float64{5, 1, 1})),
			[]int32{2, 0, 0, 2, 0}, nil,
		},
		"median": {
			must(ensemble.NewMedian(regressor(1), []ensemble.Column{{Model: line(1, 0, 0)}, {Model: line(0, 1, 0)}, {Model: line(0, 0, 0.5)}}, []float64{1, 1, 1})),
			nil, []float64{0.5, 0.5, 0.5, 0.5, 0},
		},
		"weighted median": {
			must(ensemble.NewMedian(regressor(1), []ensemble.Column{{Model: line(1, 0, 0)}, {Model: line(0, 1, 0)}, {Model: line(0, 0, 0.5)}}, []float64{5, 1, 1})),
			nil, []float64{1, 0, -1, 3, 0},
		},
		"boosting by votes": {
			must(ensemble.NewAdaBoost(classifier(2, mlapi.Decision), []mlapi.Model{side(1, 0, 0), side(0, 1, 0)}, ensemble.Boost{Weights: []float64{1, 3}})),
			[]int32{0, 1, 1, 0, 0}, []float64{-0.5, 0.5, 0.5, -0.5, -1},
		},
		"boosting by votes against": {
			must(ensemble.NewAdaBoost(classifier(3, mlapi.Decision), []mlapi.Model{shares(0, 1, 0), shares(0, 0, 1)}, ensemble.Boost{Weights: []float64{1, 3}, Against: true})),
			[]int32{2, 2, 2, 2, 2}, repeat(5, -0.5, -0.125, 0.625),
		},
		"boosting by probabilities": {
			must(ensemble.NewAdaBoost(classifier(2, mlapi.Decision), []mlapi.Model{shares(0.2, 0.8)}, ensemble.Boost{Real: true, Weights: []float64{1}})),
			[]int32{1, 1, 1, 1, 1}, repeat(5, math.Log(0.8)-math.Log(0.2)),
		},
		"probabilities of boosting": {
			must(ensemble.NewAdaBoost(classifier(2, mlapi.Probability), []mlapi.Model{side(1, 0, 0)}, ensemble.Boost{Weights: []float64{2}})),
			[]int32{1, 0, 0, 1, 0}, []float64{1 / (1 + e(1)), 1 / (1 + e(-1)), 1 / (1 + e(-1)), 1 / (1 + e(1)), 1 / (1 + e(-1)), 1 / (1 + e(1)), 1 / (1 + e(1)), 1 / (1 + e(-1)), 1 / (1 + e(-1)), 1 / (1 + e(1))},
		},
		"the members' own probabilities": {
			must(ensemble.NewAdaBoost(classifier(2, mlapi.Probability), []mlapi.Model{shares(0.2, 0.8)}, ensemble.Boost{Weights: []float64{2}, OwnProbabilities: true})),
			[]int32{1, 1, 1, 1, 1}, repeat(5, e(0.2)/(e(0.2)+e(0.8)), e(0.8)/(e(0.2)+e(0.8))),
		},
		"stack": {
			must(ensemble.NewStack(regressor(1), []ensemble.Column{{Model: line(1, 0, 0)}, {Model: shares(0.25, 0.75), Take: ensemble.ButFirst}}, false, line(10, 1, 0))),
			nil, []float64{10.75, 0.75, -9.25, 30.75, 0.75},
		},
		"stack of numbers for classes, and constants": {
			must(ensemble.NewStack(regressor(1), []ensemble.Column{label(side(1, 0, 0), -1, 7), {Constant: 3}}, false, line(1, 1, 0))),
			nil, []float64{10, 2, 2, 10, 2},
		},
		"one against the rest": {
			must(ensemble.NewOneVsRest(classifier(3, mlapi.Decision), sides, ensemble.Rest{})),
			[]int32{0, 1, 1, 0, 0}, []float64{1, 0, -1, 0, 1, -1, -1, 2, -1, 3, -4, 1, 0, 0, 0},
		},
		"one against the rest, the last of equals": {
			must(ensemble.NewOneVsRest(classifier(3, mlapi.NoScores), sides, ensemble.Rest{LastOfEqual: true})),
			[]int32{0, 1, 1, 0, 2}, nil,
		},
		"one against the rest, of two": {
			must(ensemble.NewOneVsRest(classifier(2, mlapi.Probability), []ensemble.Column{column(shares(0.25, 0.75))}, ensemble.Rest{Threshold: 0.75})),
			[]int32{0, 0, 0, 0, 0}, repeat(5, 0.25, 0.75),
		},
		"one against the rest, shares": {
			must(ensemble.NewOneVsRest(classifier(3, mlapi.Probability), []ensemble.Column{column(shares(0.5, 0.5)), column(shares(0.75, 0.25)), {Take: ensemble.Last, Constant: 0.25}}, ensemble.Rest{})),
			[]int32{0, 0, 0, 0, 0}, repeat(5, 0.5, 0.25, 0.25),
		},
		"one against the rest, labels": {
			must(ensemble.NewOneVsRest(labels(3), sides, ensemble.Rest{Labels: true, Threshold: 0.5})),
			[]int32{1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0}, nil,
		},
		"one against one": {
			must(ensemble.NewOneVsOne(classifier(3, mlapi.Decision), []mlapi.Model{side(1, 0, 0), side(0, 1, 0), side(1, 1, 1)}, 0)),
			[]int32{2, 2, 2, 1, 0},
			[]float64{
				1 - 1./6, 1 + (-1.)/6, 1 + 2./9,
				1 - 1./6, 0 - 2./9, 2 + 3./12,
				1 - 1./6, 0 - 3./12, 2 + 4./15,
				1 + 1./6, 2 + 3./12, 0 - 4./15,
				2, 0 - 1./6, 1 + 1./6,
			},
		},
		"one against one, of two": {
			must(ensemble.NewOneVsOne(classifier(2, mlapi.Decision), []mlapi.Model{side(1, 0, 0)}, 0)),
			[]int32{1, 0, 0, 1, 0}, []float64{1 + 1./6, 0, -1. / 6, 1 + 3./12, 0},
		},
		"one against one, the greater of two": {
			must(ensemble.NewOneVsOne(classifier(2, mlapi.Decision), []mlapi.Model{line(1, 0, 0)}, math.NaN())),
			[]int32{1, 0, 0, 0, 0}, []float64{1 + 1./6, 0, -1. / 6, 3. / 12, 0},
		},
		"codes": {
			must(ensemble.NewCodes(classifier(3, mlapi.NoScores), []ensemble.Column{column(side(1, 0, 0)), column(side(0, 1, 0))}, []float64{1, -1, -1, 1, -1, -1})),
			[]int32{0, 1, 1, 0, 0}, nil,
		},
		"outputs": {
			must(ensemble.NewOutputs(labels(2), []ensemble.Output{{Model: side(1, 0, 0), Classes: []int32{0, 1}}, {Model: side(0, 1, 0), Classes: []int32{1, 0}}})),
			[]int32{1, 1, 0, 0, 0, 0, 1, 1, 0, 1}, nil,
		},
		"outputs of numbers": {
			must(ensemble.NewOutputs(regressor(2), []ensemble.Output{{Model: line(1, 0, 0)}, {Model: line(0, 1, 0)}})),
			nil, []float64{1, 0, 0, 1, -1, 2, 3, -4, 0, 0},
		},
		"chain": {
			must(ensemble.NewChain(regressor(2), []ensemble.Link{
				{Output: ensemble.Output{Model: line(1, 0, 0)}, Feed: ensemble.Column{Model: line(1, 0, 0)}, At: 1},
				{Output: ensemble.Output{Model: wide(0, 1, 10)}, Feed: ensemble.Column{Model: wide(0, 1, 10)}, At: 0},
			})),
			nil, []float64{10, 1, 1, 0, -8, -1, 26, 3, 0, 0},
		},
		"shares": {
			must(ensemble.NewShares(labels(2), must(linear.NewRegressor(regressor(4), linear.Weights{Coef: []float64{1, 0, 0, 1, 0, 1, 0, 0}, Intercept: []float64{0, 0, 0, 0.5}})),
				[][]int32{{0, 1}, {1, 0}}, 2)),
			[]int32{0, 0, 1, 1, 1, 1, 0, 0, 0, 0}, nil,
		},
		"target": {
			must(ensemble.NewTarget(regressor(1), line(1, 0, 0), []ensemble.Transformer{must(ensemble.Unscale([]float64{2}, []float64{10}, 1)), ensemble.Inverse(func(_ int, v float64) float64 { return -v })})),
			nil, []float64{-12, -10, -8, -16, -10},
		},
		"threshold": {
			must(ensemble.NewThreshold(classifier(2, mlapi.Decision), side(1, 0, 0), 1, 1)),
			[]int32{1, 0, 0, 1, 0}, []float64{1, 0, -1, 3, 0},
		},
		"threshold of the first class": {
			must(ensemble.NewThreshold(classifier(2, mlapi.Decision), side(1, 0, 0), 1, 0)),
			[]int32{1, 1, 0, 1, 1}, []float64{1, 0, -1, 3, 0},
		},
		"threshold of the first probability": {
			must(ensemble.NewThreshold(classifier(2, mlapi.Probability), shares(0.25, 0.75), 0.25, 0)),
			[]int32{0, 0, 0, 0, 0}, repeat(5, 0.25, 0.75),
		},
		"pair": {
			must(ensemble.NewPair(classifier(2, mlapi.Probability), side(1, 0, 0), shares(0.25, 0.75))),
			[]int32{1, 0, 0, 1, 0}, repeat(5, 0.25, 0.75),
		},
		"finite": {ensemble.NewFinite(line(1, 0, 0)), nil, []float64{1, 0, -1, 3, 0}},
		"constant labels": {
			must(ensemble.NewConstant(labels(2), []int32{1, 0}, nil)), []int32{1, 0, 1, 0, 1, 0, 1, 0, 1, 0}, nil,
		},
		"calibrated": {
			must(ensemble.NewCalibrated(classifier(2, mlapi.Probability), []ensemble.CalibratedMember{
				{Scores: column(side(1, 0, 0)), Classes: []int32{1}, Calibrators: []ensemble.Calibrator{must(ensemble.Sigmoid(-1, 0))}},
				{Scores: column(side(1, 0, 0)), Classes: []int32{1}, Calibrators: []ensemble.Calibrator{func(float64) float64 { return 1 }}},
			})),
			[]int32{1, 1, 1, 1, 1},
			[]float64{
				0.5 / (1 + e(1)), (1 + 1/(1+e(-1))) / 2, 0.25, 0.75, 0.5 / (1 + e(-1)), (1 + 1/(1+e(1))) / 2,
				0.5 / (1 + e(3)), (1 + 1/(1+e(-3))) / 2, 0.25, 0.75,
			},
		},
		"calibrated to nothing": {
			must(ensemble.NewCalibrated(classifier(3, mlapi.Probability), []ensemble.CalibratedMember{
				{Scores: ensemble.Column{Model: shares(0.5, 0.5, 0)}, Classes: []int32{0, 1, 2}, Calibrators: []ensemble.Calibrator{zero, zero, zero}},
			})),
			[]int32{0, 0, 0, 0, 0}, repeat(5, 1./3, 1./3, 1./3),
		},
		"calibrated by temperature": {
			must(ensemble.NewCalibrated(classifier(2, mlapi.Probability), []ensemble.CalibratedMember{{Scores: column(side(1, 0, 0)), Temperature: 0.5}})),
			[]int32{1, 0, 0, 1, 0},
			[]float64{1 / (1 + e(1)), 1 / (1 + e(-1)), 0.5, 0.5, 1 / (1 + e(-1)), 1 / (1 + e(1)), 1 / (1 + e(3)), 1 / (1 + e(-3)), 0.5, 0.5},
		},
		"boosted": {
			must(ensemble.NewBoosting(classifier(2, mlapi.Probability), stump(), ensemble.Gradient{Link: ensemble.Expit(1), Class: ensemble.Choose})),
			[]int32{1, 0, 0, 1, 0},
			[]float64{1 / (1 + e(1)), 1 / (1 + e(-1)), 1 / (1 + e(-1)), 1 / (1 + e(1)), 1 / (1 + e(-1)), 1 / (1 + e(1)), 1 / (1 + e(1)), 1 / (1 + e(-1)), 1 / (1 + e(-1)), 1 / (1 + e(1))},
		},
		"boosted from a model": {
			must(ensemble.NewBoosting(regressor(1), stump(), ensemble.Gradient{Start: line(0, 1, 0), StartLink: func(dst, answer []float64) { dst[0] = 10 * answer[0] }})),
			nil, []float64{1, 9, 19, -39, -1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := mlapitest.Matrix(0, 2)
			x.Resize(len(points), 2)
			for i, p := range points {
				copy(x.Row(i), p)
			}
			near := cmpopts.EquateApprox(1e-12, 1e-15)
			for _, m := range []*mlapi.Matrix{x, mlapitest.Sparse(x)} {
				s := predict(t, c.model, m)
				if !cmp.Equal(s.Class, c.class, cmpopts.EquateEmpty()) {
					t.Errorf("classes (sparse %v) %v, want %v", m.Sparse(), s.Class, c.class)
				}
				if !cmp.Equal(s.Values, c.values, near, cmpopts.EquateEmpty()) {
					t.Errorf("values (sparse %v) %v, want %v", m.Sparse(), s.Values, c.values)
				}
			}
			mlapitest.Model(t, c.model, mlapitest.SamplesCase{Name: "points", Samples: points})
		})
	}
}

func zero(float64) float64 { return 0 }

// wide is the regressor a*x0 + b*x1 + c*x2.
func wide(a, b, c float64) mlapi.Model {
	info := regressor(1)
	info.Features = features(3)
	return must(linear.NewRegressor(info, linear.Weights{Coef: []float64{a, b, c}, Intercept: []float64{0}}))
}

// stump gives 1 where x0 is above 0.5, otherwise -1.
func stump() *tree.Boosted {
	return must(tree.PackBoosted([]tree.BoostedTree{{Tree: tree.Tree{
		Left: []int64{1, -1, -1}, Right: []int64{2, -1, -1}, Feature: []int64{0, 0, 0}, Threshold: []float64{0.5, 0, 0}, Values: []float64{0, -1, 1},
	}}}, tree.BoostOptions{Features: 2, Outputs: 1}))
}

func repeat(n int, values ...float64) []float64 {
	var list []float64
	for range n {
		list = append(list, values...)
	}
	return list
}

// TestManyRows: a block is answered in parts, and nothing differs.
func TestManyRows(t *testing.T) {
	const rows = 50000
	x := mlapitest.Matrix(0, 2)
	x.Resize(rows, 2)
	for i := range x.Data {
		x.Data[i] = float64(i%7) - 3
	}
	columns := []ensemble.Column{{Model: line(1, 0, 0)}, {Model: line(0, 1, 0)}, {Model: line(1, 1, 0)}, {Model: line(1, -1, 0)}}
	pairs := []mlapi.Model{side(1, 0, 0), side(0, 1, 0), side(1, 1, 1)}
	chain := []ensemble.Link{
		{Output: ensemble.Output{Model: line(1, 0, 0)}, Feed: ensemble.Column{Model: line(1, 0, 0)}},
		{Output: ensemble.Output{Model: wide(0, 1, 10)}, Feed: ensemble.Column{Model: wide(0, 1, 10)}, At: 1},
	}
	for name, m := range map[string]mlapi.Model{
		"median":          must(ensemble.NewMedian(regressor(1), columns, []float64{1, 2, 3, 4})),
		"stack":           must(ensemble.NewStack(regressor(1), columns[:1], false, must(linear.NewRegressor(oneFeature(), linear.Weights{Coef: []float64{2}, Intercept: []float64{0}})))),
		"one against one": must(ensemble.NewOneVsOne(classifier(3, mlapi.Decision), pairs, 0)),
		"chain":           must(ensemble.NewChain(regressor(2), chain)),
	} {
		all := predict(t, m, x)
		one := new(mlapi.Matrix)
		for _, i := range []int{0, 1, 16383, 16384, 21845, 32768, 43690, rows - 1} {
			one.Slice(x, i, i+1)
			s := predict(t, m, one)
			per := len(all.Class) / rows
			if !cmp.Equal(s.Class, all.Class[i*per:(i+1)*per], cmpopts.EquateEmpty()) || !cmp.Equal(s.Values, all.Row(i), cmpopts.EquateEmpty()) {
				t.Errorf("%s: row %d alone is %v %v, among others %v", name, i, s.Class, s.Values, all.Row(i))
			}
		}
	}
}

func oneFeature() *mlapi.Info {
	info := regressor(1)
	info.Features = features(1)
	return info
}

// TestInvalid: errors are the caller's and name the column of the whole.
func TestInvalid(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	picked := must(ensemble.NewAverage(regressor(1), []ensemble.Member{{Model: line(1, 1, 0), Weight: 1, Features: []int32{1, 0}}}))
	passed := must(ensemble.NewStack(regressor(1), []ensemble.Column{{Model: shares(0.5, 0.5), Take: ensemble.ButFirst}}, true, wide(1, 1, 1)))
	grown := must(ensemble.NewStack(regressor(1), []ensemble.Column{{Model: line(0, 1e300, 0)}}, false, must(linear.NewRegressor(oneFeature(), linear.Weights{Coef: []float64{1e300}, Intercept: []float64{0}}))))
	target := must(ensemble.NewTarget(regressor(1), line(0, 1, 0), []ensemble.Transformer{ensemble.Inverse(func(_ int, v float64) float64 { return math.Exp(v) })}))
	for name, c := range map[string]struct {
		model  mlapi.Model
		second float64
		code   string
		column int
	}{
		"a picked column":      {picked, nan, "missing_value", 1},
		"a column passed on":   {passed, nan, "missing_value", 1},
		"a sum too large":      {grown, 10, "value_too_large", 1},
		"a target too large":   {target, 1000, "value_too_large", 1},
		"missing, refused":     {ensemble.NewFinite(shares(1, 0)), nan, "missing_value", 1},
		"infinite, refused":    {ensemble.NewFinite(shares(1, 0)), inf, "value_too_large", 1},
		"a sum of numbers":     {must(ensemble.NewAverage(regressor(1), []ensemble.Member{{Model: line(0, 1e300, 0), Weight: 1e300}})), 1e9, "value_too_large", 1},
		"the model it starts":  {must(ensemble.NewBoosting(regressor(1), stump(), ensemble.Gradient{Start: line(0, 1, 0), StartLink: func(dst, a []float64) { dst[0] = a[0] }})), nan, "missing_value", 1},
		"infinite, in a chain": {ensemble.NewFinite(picked), inf, "value_too_large", 1},
	} {
		x := mlapitest.Matrix(0, 2, 0, 0, 1, c.second)
		for _, m := range []*mlapi.Matrix{x, mlapitest.Sparse(x)} {
			err := c.model.Predict(context.Background(), &mlapi.Scores{Info: c.model.Info()}, m)
			var e *mlapi.Error
			if !errors.As(err, &e) || e.Kind != mlapi.Invalid || e.Code != c.code {
				t.Errorf("%s: %v, want the code %s", name, err, c.code)
				continue
			}
			row, _ := e.Row()
			column, _ := e.Column()
			if row != 1 || column != c.column {
				t.Errorf("%s: row %d, column %d, want 1 and %d", name, row, column, c.column)
			}
		}
	}
}

// TestCancelled: a request that is gone is not answered.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, m := range map[string]mlapi.Model{
		"constant": shares(1, 0),
		"vote":     must(ensemble.NewVote(classifier(2, mlapi.NoScores), []ensemble.Column{{Model: shares(1, 0), Take: ensemble.Label, Labels: []float64{0, 1}}}, []float64{1})),
	} {
		err := m.Predict(ctx, &mlapi.Scores{Info: m.Info()}, mlapitest.Matrix(0, 2, 1, 2))
		if e := mlapi.AsError(err); e == nil || e.Kind != mlapi.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInverses(t *testing.T) {
	for name, c := range map[string]struct {
		inverse  ensemble.Inverse
		in, want float64
	}{
		"scale alone":         {must(ensemble.Unscale([]float64{3}, nil, 1)), 2, 6},
		"shift alone":         {must(ensemble.Unscale(nil, []float64{3}, 1)), 2, 5},
		"range":               {must(ensemble.Unrange([]float64{4}, []float64{-1}, 1)), 3, 1},
		"box-cox":             {must(ensemble.Unpower([]float64{0.5}, true, 1)), 2, 4},
		"box-cox 0":           {must(ensemble.Unpower([]float64{0}, true, 1)), 1, math.E},
		"yeo-johnson":         {must(ensemble.Unpower([]float64{0.5}, false, 1)), 2, 3},
		"yeo-johnson 0":       {must(ensemble.Unpower([]float64{0}, false, 1)), 1, math.E - 1},
		"yeo-johnson below 0": {must(ensemble.Unpower([]float64{1.5}, false, 1)), -2, -3},
		"yeo-johnson 2":       {must(ensemble.Unpower([]float64{2}, false, 1)), -1, 1 - math.E},
		"quantiles":           {must(ensemble.Unrank([]float64{0, 0.5, 1}, [][]float64{{0, 10, 30}}, false, 1)), 0.75, 20},
		"quantiles, below":    {must(ensemble.Unrank([]float64{0, 0.5, 1}, [][]float64{{0, 10, 30}}, false, 1)), -3, 0},
		"quantiles, above":    {must(ensemble.Unrank([]float64{0, 0.5, 1}, [][]float64{{0, 10, 30}}, false, 1)), 3, 30},
		"normal quantiles":    {must(ensemble.Unrank([]float64{0, 0.5, 1}, [][]float64{{0, 10, 30}}, true, 1)), 0, 10},
		"normal, far below":   {must(ensemble.Unrank([]float64{0, 0.5, 1}, [][]float64{{5, 10, 30}}, true, 1)), -9, 5},
		"normal, far above":   {must(ensemble.Unrank([]float64{0, 0.5, 1}, [][]float64{{5, 10, 30}}, true, 1)), 9, 30},
	} {
		if got := c.inverse(0, c.in); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := must(ensemble.Unrank([]float64{0, 1}, [][]float64{{0, 1}}, false, 1))(0, math.NaN()); !math.IsNaN(got) {
		t.Errorf("a quantile of NaN is %v", got)
	}
}

func TestChoices(t *testing.T) {
	for name, c := range map[string]struct {
		choose func([]float64) int32
		in     []float64
		want   int32
	}{
		"above 0":              {ensemble.Choose, []float64{0}, 0},
		"from 0":               {ensemble.ChooseFrom, []float64{0}, 1},
		"below 0":              {ensemble.ChooseFrom, []float64{-1}, 0},
		"the first":            {ensemble.ChooseFrom, []float64{1, 3, 3}, 1},
		"by probability":       {ensemble.ChooseProbable(1), []float64{0.1}, 1},
		"too near to tell":     {ensemble.ChooseProbable(1), []float64{1e-17}, 0},
		"by probability, more": {ensemble.ChooseProbable(1), []float64{1, 3, 3}, 1},
	} {
		if got := c.choose(c.in); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
