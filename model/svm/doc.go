// Package svm predicts with kernel machines: support vector machines for classes,
// numbers and outliers, and kernel ridge regression.
//
// All of them compare a sample with stored vectors and add up what the [Kernel]
// gives, each vector with its own coefficients. A reader puts these together:
//
//	m, err := svm.NewClassifier(info, svm.Machine{
//		Kernel:    svm.Kernel{Kind: svm.RBF, Gamma: 0.5},
//		Vectors:   vector.Samples{Width: 2, Values: []float64{0, 0, 1, 1}},
//		Counts:    []int{1, 1},           // vectors of each class
//		Coef:      []float64{1, -1},      // (classes-1) x vectors, as libsvm has them
//		Intercept: []float64{0.25},       // one per pair of classes
//	}, svm.Decisions{})
//
// Labels are those of libsvm: a vote of all pairs of classes, not the greatest
// decision value. Probabilities are Platt's, coupled over the pairs by the same
// iteration as libsvm's, which stops short of the exact answer.
//
// Vectors may be sparse, and so may samples: a text model compares as many values as
// a vector has. A machine with a linear kernel is turned into plain weights where
// those take less memory than its vectors.
package svm
