// Package ensemble predicts with models that are made of other models: averages
// and votes, stacks, chains, calibrated classifiers, one classifier for each class
// or output, changed thresholds and targets.
//
// A reader builds the members first, each an mlapi.Model of its own, and says what
// of their answers counts:
//
//	members := []ensemble.Member{{Model: forest, Weight: 1}, {Model: logistic, Weight: 2}}
//	m, err := ensemble.NewAverage(info, members)
//
// or, where answers become the columns of a table, as [Column]s:
//
//	base := []ensemble.Column{{Model: forest, Take: ensemble.ButFirst}}
//	m, err := ensemble.NewStack(info, base, true, final)
//
// Info of the whole says what is answered; members are asked for their scores only
// where they are needed, and get the same rows as the whole, or a choice of their
// columns. Where the labels come from other scores than those that are answered
// (scikit-learn's OneVsRestClassifier chooses by decision values and answers
// probabilities), [NewPair] puts two models together.
//
// # Exactness
//
// Sums are taken in the order of the members, from zero, and divided at the end, as
// numpy does along the first axis. The first of equal greatest values is chosen,
// unless a model says otherwise.
//
// # Concurrency and memory
//
// All models are immutable and safe for concurrent use; what they need while they
// predict is pooled. A dense block of many rows is answered in parts, so that the
// answers of all members to one part fit into little memory.
package ensemble
