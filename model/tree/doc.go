// Package tree predicts with decision trees and sums of decision trees: single
// trees, random forests, extra trees, isolation forests and boosted trees.
//
// A reader of some file format fills one [Tree] per tree, in file order, and hands
// them to [Pack], which checks every reference in them and lays them out for
// speed. The [Ensemble] it returns knows how to add up the leaves that a row falls
// into; [NewDecisionTreeClassifier], [NewForestClassifier], [NewRegressor] and
// [NewIsolationForest] make mlapi.Models of it, which differ in what they do with
// the sums:
//
//	e, err := tree.Pack(trees, tree.Options{Features: 4, Width: 3})
//	...
//	m, err := tree.NewForestClassifier(info, e)
//
// Boosted trees (XGBoost, LightGBM, gradient boosting of scikit-learn) go another
// way, because their comparisons, missing values, categories and sums differ: fill
// one [BoostedTree] per tree, hand them to [PackBoosted], and make a model of the
// [Boosted] with [NewBoostedModel] and a link function.
//
// # Exactness
//
// Answers equal scikit-learn's bit for bit. Its trees compare a feature rounded to
// float32 with a float64 threshold, x <= t; comparing with the threshold rounded
// down to float32 gives the same answer for every float32 x, so that is what is
// stored. Leaf values are added as float64 in the order of the trees and the sum
// is divided by their number, as scikit-learn does.
//
// # Layout
//
// A node takes 12 bytes: threshold, feature, left child. The right child follows
// the left one. A leaf is its own left child and has the threshold +Inf, so a walk
// of as many steps as the deepest tree has levels ends in the right leaf of every
// tree, and a step is a comparison and an addition without a branch. The processor
// has eight walks under way at once: eight rows in one tree for a batch, eight
// trees for a single row. Leaf vectors that are equal are stored once. Rows with a
// missing value take a slower walk that asks each node where missing values go.
//
// # Trust
//
// Nothing that a file says about its own trees is believed: a child comes after
// its parent and inside the tree, no node has two parents, a feature is one the
// model has, a threshold is a number. A tree that passed Pack cannot make a
// prediction loop or read outside its memory.
package tree
