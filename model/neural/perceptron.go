// Package neural predicts with multi-layer perceptrons.
//
// A reader gives the layers as they are stored, weights of inputs x outputs:
//
//	net, err := neural.New(layers, neural.ReLU, neural.Softmax)
//	m, err := neural.NewClassifier(info, net)
//
// Every layer is an affine map followed by an activation. Sums are float64 in
// another order than a BLAS library's, so values agree with scikit-learn to about
// 1e-14 of the largest term.
package neural

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"example.com/mlapi"
	"example.com/mlapi/model/vector"
)

// Layer is an affine map: Weights has In x Out values, row-major, Bias Out.
type Layer struct {
	In, Out int
	Weights []float64
	Bias    []float64
}

// Activation is the function applied to what an affine map gives.
type Activation uint8

const (
	Identity Activation = iota + 1 // x
	Logistic                       // 1 / (1 + exp(-x))
	Tanh                           // tanh(x)
	ReLU                           // max(0, x)
	Softmax                        // exp(x) divided by the sum over the outputs
	Exp                            // exp(x)
)

// apply replaces the values of one sample. Softmax subtracts the greatest first, as
// scikit-learn does (sklearn/neural_network/_base.py).
func (a Activation) apply(values []float64) {
	switch a {
	case Logistic:
		for k, v := range values {
			values[k] = vector.Sigmoid(v)
		}
	case Tanh:
		for k, v := range values {
			values[k] = math.Tanh(v)
		}
	case ReLU:
		for k, v := range values {
			values[k] = max(0, v)
		}
	case Exp:
		for k, v := range values {
			values[k] = math.Exp(v)
		}
	case Softmax:
		vector.Softmax(values)
	}
}

// Network is a multi-layer perceptron.
type Network struct {
	layers         []Layer
	hidden, output Activation
	widest         int
	scratch        sync.Pool // of *scratch
}

// scratch is the memory for one block of samples.
type scratch struct {
	input []float64 // one sample, where the matrix is sparse
	a, b  []float64 // blockRows x widest
}

// blockRows is how many samples go through a layer at once, while its weights are
// in the cache; between two blocks the context is looked at.
const blockRows = 64

// New returns the network of layers, the first of which takes the features.
func New(layers []Layer, hidden, output Activation) (*Network, error) {
	if len(layers) == 0 {
		return nil, errors.New("there are no layers")
	}
	if hidden < Identity || hidden > ReLU || output < Identity || output > Exp {
		return nil, errors.New("an activation is unknown")
	}
	n := &Network{layers: layers, hidden: hidden, output: output}
	for i, l := range layers {
		switch {
		case l.In < 1 || l.Out < 1 || len(l.Bias) != l.Out || len(l.Weights)/l.Out != l.In || len(l.Weights)%l.Out != 0:
			return nil, fmt.Errorf("layer %d has %d weights and %d biases for %d inputs and %d outputs", i, len(l.Weights), len(l.Bias), l.In, l.Out)
		case i > 0 && l.In != layers[i-1].Out:
			return nil, fmt.Errorf("layer %d takes %d inputs and is given %d", i, l.In, layers[i-1].Out)
		}
		if !vector.Finite(l.Weights...) || !vector.Finite(l.Bias...) {
			return nil, fmt.Errorf("layer %d has a weight that is not a finite number", i)
		}
		n.widest = max(n.widest, l.Out)
	}
	n.scratch.New = func() any {
		return &scratch{
			input: make([]float64, n.Inputs()),
			a:     make([]float64, blockRows*n.widest), b: make([]float64, blockRows*n.widest),
		}
	}
	return n, nil
}

// Inputs returns the number of features.
func (n *Network) Inputs() int { return n.layers[0].In }

// Outputs returns the number of values per sample.
func (n *Network) Outputs() int { return n.layers[len(n.layers)-1].Out }

// each calls do with the outputs of every sample of m.
func (n *Network) each(ctx context.Context, m *mlapi.Matrix, do func(i int, outputs []float64)) error {
	s := n.scratch.Get().(*scratch)
	defer n.scratch.Put(s)
	for first := 0; first < m.Samples(); first += blockRows {
		if err := mlapi.Cancelled(ctx); err != nil {
			return err
		}
		rows := min(blockRows, m.Samples()-first)
		out, err := n.block(s, m, first, rows)
		if err != nil {
			return err
		}
		width := n.Outputs()
		for i := range rows {
			outputs := out[i*width : (i+1)*width]
			if !vector.Finite(outputs...) {
				sample := vector.Of(m, first+i)
				return sample.TooLarge(m.Number(first + i))
			}
			do(first+i, outputs)
		}
	}
	return nil
}

// block sends rows samples from first on through all layers.
func (n *Network) block(s *scratch, m *mlapi.Matrix, first, rows int) ([]float64, error) {
	in, out := s.b, s.a
	for k := range n.layers {
		l := &n.layers[k]
		for i := range rows {
			to := out[i*l.Out : (i+1)*l.Out]
			var from []float64
			if k > 0 {
				from = in[i*l.In : (i+1)*l.In]
			} else {
				from = m.DenseRow(first+i, s.input)
				sample := vector.Sample{Values: from}
				if err := sample.Check(m.Number(first + i)); err != nil {
					return nil, err
				}
			}
			l.affine(to, from)
			if k < len(n.layers)-1 {
				n.hidden.apply(to)
			} else {
				n.output.apply(to)
			}
		}
		in, out = out, in
	}
	return in, nil
}

// affine writes bias + from x weights to to.
func (l *Layer) affine(to, from []float64) {
	copy(to, l.Bias)
	w := l.Weights
	i := 0
	for ; i+4 <= len(from); i += 4 {
		a, b, c, d := from[i], from[i+1], from[i+2], from[i+3]
		if a == 0 && b == 0 && c == 0 && d == 0 {
			continue // frequent behind ReLU, and in sparse input
		}
		wa, wb, wc, wd := w[i*l.Out:], w[(i+1)*l.Out:], w[(i+2)*l.Out:], w[(i+3)*l.Out:]
		wa, wb, wc, wd = wa[:len(to)], wb[:len(to)], wc[:len(to)], wd[:len(to)]
		for k := range to {
			to[k] += a*wa[k] + b*wb[k] + (c*wc[k] + d*wd[k])
		}
	}
	for ; i < len(from); i++ {
		a, wa := from[i], w[i*l.Out:][:len(to)]
		for k := range to {
			to[k] += a * wa[k]
		}
	}
}
