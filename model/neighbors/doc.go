// Package neighbors predicts from the training samples that are nearest to a sample.
//
// A reader gives the training samples, how distances are measured and, where the file
// has one, the tree that they were sorted into:
//
//	metric, err := neighbors.NewMetric("minkowski", neighbors.MetricOptions{P: 2})
//	index, err := neighbors.NewIndex(points, metric, tree, false)
//	m, err := neighbors.NewClassifier(info, index, neighbors.Vote{Neighbors: 5}, outputs)
//
// [NewRegressor] averages instead, [NewRadiusClassifier] and [NewRadiusRegressor] take
// all samples within a distance, [NewOutlierDetector] compares densities, and
// [NewCentroids] knows one point per class.
//
// # Equal distances
//
// Where several samples are equally far and not all of them are among the nearest k,
// scikit-learn takes those that it meets first: in the order of its tree's leaves, and
// within a leaf or without a tree in the order of training. This package walks the
// stored tree in the same order, so it takes the same ones. Without a tree that holds
// for scikit-learn since 1.1 run on one thread; releases before partition the distances
// in an order that no file tells, and a sample whose k-th neighbour is tied may be
// answered otherwise.
//
// Distances are float64. With a tree they are sums of differences, bit for bit those of
// scikit-learn; without, Euclidean ones are made from inner products as scikit-learn
// makes them, and agree to rounding.
package neighbors
