package sklearn

import (
	"fmt"

	"example.com/mlapi"
	"example.com/mlapi/model/neural"
	"example.com/mlapi/model/pickle"
)

func neuralClasses() []class {
	modules := []string{"sklearn.neural_network.multilayer_perceptron", "sklearn.neural_network._multilayer_perceptron"}
	return []class{
		{name: "MLPClassifier", modules: modules, model: mlpClassifier},
		{name: "MLPRegressor", modules: modules, model: mlpRegressor},
	}
}

func mlpClassifier(a *attrs) mlapi.Model {
	info := a.classifier(mlapi.Probability)
	net := a.network()
	if a.err != nil {
		return nil
	}
	info.Features = a.features(net.Inputs())
	binarizer := a.inside("_label_binarizer", a.value("_label_binarizer"), "LabelBinarizer")
	if n := net.Outputs(); a.err == nil && n > 1 && binarizer.text("y_type_") == "multilabel-indicator" {
		info.Outputs, info.Scores = n, mlapi.NoScores
		info.Classes = []mlapi.Label{mlapi.IntLabel(0), mlapi.IntLabel(1)}
	}
	if a.err != nil {
		return nil
	}
	m, err := neural.NewClassifier(info, net)
	a.wrap(err)
	return m
}

func mlpRegressor(a *attrs) mlapi.Model {
	net := a.network()
	if a.err != nil {
		return nil
	}
	info := a.regressor(net.Inputs(), net.Outputs())
	if a.err != nil {
		return nil
	}
	m, err := neural.NewRegressor(info, net)
	a.wrap(err)
	return m
}

// network reads the weights of a multi-layer perceptron: coefs_ and intercepts_, an
// array per layer (sklearn/neural_network/_multilayer_perceptron.py).
func (a *attrs) network() *neural.Network {
	coefs, intercepts := a.list("coefs_"), a.list("intercepts_")
	if a.err == nil && len(coefs) != len(intercepts) {
		a.broken("%d layers have weights and %d have biases", len(coefs), len(intercepts))
	}
	layers := make([]neural.Layer, 0, len(coefs))
	for i := range coefs {
		weights, shape := a.floatsOf(fmt.Sprintf("coefs_[%d]", i), coefs[i])
		bias, _ := a.floatsOf(fmt.Sprintf("intercepts_[%d]", i), intercepts[i])
		if a.err != nil {
			return nil
		}
		if len(shape) != 2 {
			a.broken("coefs_[%d] has the shape %v", i, shape)
			return nil
		}
		layers = append(layers, neural.Layer{In: shape[0], Out: shape[1], Weights: weights, Bias: bias})
	}
	hidden, output := a.activation("activation"), a.activation("out_activation_")
	if a.err != nil {
		return nil
	}
	net, err := neural.New(layers, hidden, output)
	a.wrap(err)
	return net
}

// activation reads the name of an activation.
func (a *attrs) activation(name string) neural.Activation {
	switch word := a.text(name); word {
	case "identity":
		return neural.Identity
	case "logistic":
		return neural.Logistic
	case "tanh":
		return neural.Tanh
	case "relu":
		return neural.ReLU
	case "softmax":
		return neural.Softmax
	case "exp":
		return neural.Exp
	default:
		a.unsupported(hintServed, "%s=%q is unknown", name, word)
	}
	return 0
}

// floatsOf returns the elements of a value that is an array of numbers, row-major, and
// its shape.
func (a *attrs) floatsOf(what string, v pickle.Value) (values []float64, shape []int) {
	if a.err != nil {
		return nil, nil
	}
	array, ok := v.(*pickle.Array)
	if !ok {
		a.broken("%s is not an array", what)
		return nil, nil
	}
	if !a.charge(8 * int64(elements(array))) {
		return nil, nil
	}
	values, err := array.Float64s()
	if err != nil {
		a.broken("%s: %v", what, err)
		return nil, nil
	}
	return values, array.Shape
}
