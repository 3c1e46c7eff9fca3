package neural_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/neural"
)

// two is a network of 2 inputs, 3 hidden units and the given outputs, with weights that
// can be computed by hand: the hidden units are x+y, x-y and x+1.
func two(t *testing.T, hidden, output neural.Activation, last neural.Layer) *neural.Network {
	t.Helper()
	n, err := neural.New([]neural.Layer{
		{In: 2, Out: 3, Weights: []float64{1, 1, 1, 1, -1, 0}, Bias: []float64{0, 0, 1}}, last,
	}, hidden, output)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sum(outputs int) neural.Layer {
	l := neural.Layer{In: 3, Out: outputs, Weights: make([]float64, 3*outputs), Bias: make([]float64, outputs)}
	for i := range l.Weights {
		l.Weights[i] = float64(1 + i%outputs)
	}
	return l
}

func info(task mlapi.Task, classes, outputs int) *mlapi.Info {
	i := &mlapi.Info{Estimator: "MLP", Task: task, Features: []mlapi.Feature{{Name: "x"}, {Name: "y"}}, Outputs: outputs}
	for c := range classes {
		i.Classes = append(i.Classes, mlapi.IntLabel(int64(c)))
	}
	if classes > 0 && outputs < 2 {
		i.Scores = mlapi.Probability
	}
	return i
}

func TestRegressor(t *testing.T) {
	for name, c := range map[string]struct {
		hidden, output neural.Activation
		want           float64 // of x = 2, y = 3: hidden 5, -1, 3
	}{
		"identity": {neural.Identity, neural.Identity, 7},
		"relu":     {neural.ReLU, neural.Identity, 8},
		"tanh":     {neural.Tanh, neural.Identity, math.Tanh(5) + math.Tanh(-1) + math.Tanh(3)},
		"logistic": {neural.Logistic, neural.Identity, 1/(1+math.Exp(-5)) + 1/(1+math.Exp(1)) + 1/(1+math.Exp(-3))},
		"exp":      {neural.ReLU, neural.Exp, math.Exp(8)},
	} {
		m, err := neural.NewRegressor(info(mlapi.Regressor, 0, 1), two(t, c.hidden, c.output, sum(1)))
		if err != nil {
			t.Fatal(err)
		}
		x := new(mlapi.Matrix)
		x.Resize(1, 2)
		copy(x.Data, []float64{2, 3})
		var s mlapi.Scores
		if err := m.Predict(context.Background(), &s, x); err != nil {
			t.Fatal(err)
		}
		if math.Abs(s.Values[0]-c.want) > 1e-12*c.want {
			t.Errorf("%s: %v, want %v", name, s.Values[0], c.want)
		}
	}
}

func TestConformance(t *testing.T) {
	cases := []mlapitest.SamplesCase{
		{Name: "three", Samples: [][]float64{{2, 3}, {-4, 1}, {0, 0}}},
		{Name: "missing", Samples: [][]float64{{2, 3}, {1, math.NaN()}}, Code: "missing_value"},
		{Name: "infinite", Samples: [][]float64{{math.Inf(1), 0}}, Code: "value_too_large"},
	}
	for name, c := range map[string]struct {
		info *mlapi.Info
		net  *neural.Network
	}{
		"binary": {info(mlapi.Classifier, 2, 0), two(t, neural.Tanh, neural.Logistic, sum(1))},
		"three":  {info(mlapi.Classifier, 3, 0), two(t, neural.ReLU, neural.Softmax, sum(3))},
		"labels": {info(mlapi.Classifier, 2, 3), two(t, neural.ReLU, neural.Logistic, sum(3))},
	} {
		m, err := neural.NewClassifier(c.info, c.net)
		if err != nil {
			t.Fatal(name, err)
		}
		mlapitest.Model(t, m, cases...)
	}
	m, err := neural.NewRegressor(info(mlapi.Regressor, 0, 2), two(t, neural.ReLU, neural.Identity, sum(2)))
	if err != nil {
		t.Fatal(err)
	}
	overflow := mlapitest.SamplesCase{Name: "overflow", Samples: [][]float64{{1e308, 1e308}}, Code: "value_too_large"}
	mlapitest.Model(t, m, append(cases, overflow)...)
}

func TestBadNetworks(t *testing.T) {
	good := neural.Layer{In: 1, Out: 1, Weights: []float64{1}, Bias: []float64{1}}
	for name, layers := range map[string][]neural.Layer{
		"none":         nil,
		"no weights":   {{In: 1, Out: 1, Bias: []float64{1}}},
		"no bias":      {{In: 1, Out: 1, Weights: []float64{1}}},
		"no outputs":   {{In: 1}},
		"not fitting":  {good, {In: 2, Out: 1, Weights: []float64{1, 1}, Bias: []float64{1}}},
		"no number":    {{In: 1, Out: 1, Weights: []float64{math.NaN()}, Bias: []float64{1}}},
		"endless bias": {{In: 1, Out: 1, Weights: []float64{1}, Bias: []float64{math.Inf(1)}}},
	} {
		if _, err := neural.New(layers, neural.ReLU, neural.Identity); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := neural.New([]neural.Layer{good}, neural.Softmax, neural.Identity); err == nil {
		t.Error("softmax between layers: accepted")
	}
	net := two(t, neural.ReLU, neural.Softmax, sum(3))
	for name, i := range map[string]*mlapi.Info{
		"two classes":  info(mlapi.Classifier, 2, 0),
		"four labels":  info(mlapi.Classifier, 2, 4),
		"three labels": info(mlapi.Classifier, 3, 3),
		"one feature":  {Classes: info(mlapi.Classifier, 3, 0).Classes, Features: make([]mlapi.Feature, 1)},
	} {
		if _, err := neural.NewClassifier(i, net); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := neural.NewRegressor(info(mlapi.Regressor, 0, 2), net); err == nil {
		t.Error("three outputs for two: accepted")
	}
}
