// Package xgboost reads the model files of XGBoost: JSON, UBJSON and the binary
// format of before 2.1, whether Booster.save_model wrote them, a scikit-learn wrapper
// did, or they lie inside a pickle.
//
// [Format] serves such a file by itself; [Parse] reads the bytes where they lie inside
// something else (the handle of a pickled Booster) and leaves it to the caller what
// the answers are called:
//
//	b, err := xgboost.Parse(handle, limits)
//	...
//	m, err := b.Classifier(&mlapi.Info{Task: mlapi.Classifier, Classes: labels, ...}, xgboost.Use{Iterations: best})
//
// # What a file by itself answers
//
// A booster trained with binary:logistic or multi:softprob is a Scorer, whose scores
// are probabilities; regression and ranking make a Regressor, with the objective's
// transformation applied. A file that XGBClassifier.save_model wrote says what its
// classes are and is a Classifier.
//
// All trees predict, as in Booster.predict. The wrappers use those up to the best
// iteration instead, so files that they wrote are served that way; [Booster.Best]
// tells it to whoever reads a pickled wrapper.
//
// # Exactness
//
// Features and thresholds are compared, and leaves added, as float32 in the order of
// the trees, beginning with the base score: margins equal those of XGBoost 1.3 and
// later bit for bit. (Those before added the base score last.) Probabilities are
// computed as float32 too.
//
// # Missing values and categories
//
// NaN is missing, and so is Use.Missing. What a sparse row does not store is missing.
// Since 3.1 a file has the categories of its category columns: they take texts or
// numbers as they were in the data frame, and one that was not there is refused, as
// by XGBoost. Older files take codes.
//
// # Trust
//
// Nothing is allocated by a count that the file states, memory is counted against the
// limits while the file is read, and trees are checked by tree.PackBoosted.
package xgboost
