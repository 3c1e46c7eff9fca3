// Package lightgbm reads the text files of LightGBM's boosters: what
// Booster.save_model and model_to_string write, in the versions v2 to v4.
//
// [Format] serves such a file by itself; [Parse] reads the text where it lies inside
// something else, as in a pickled LGBMClassifier, and leaves it to the caller what
// the answers are called:
//
//	b, err := lightgbm.Parse(text, limits)
//	...
//	m, err := b.Classifier(&mlapi.Info{Task: mlapi.Classifier, Classes: labels, ...}, lightgbm.Use{})
//
// # What a file by itself answers
//
// A file does not say what its classes are called. So a booster trained with
// binary, multiclass or multiclassova is a Scorer, whose scores are probabilities;
// any other objective makes a Regressor, with the objective's transformation applied
// (exp for poisson, gamma and tweedie). The margins of an objective of one's own
// (custom) are answered as they are.
//
// # Exactness
//
// Trees are compared and added as float64 in file order, so raw scores equal
// LightGBM's bit for bit. Probabilities may differ in the last bit: Go's exp is not
// the C library's.
//
// # Categories
//
// A file trained with pandas ends with the categories of its category columns. Where
// it is plain which columns these are, they take the categories as they were in
// pandas (texts or numbers), and one that was not there is a missing value, as in
// LightGBM. Otherwise category columns take codes.
//
// # Trust
//
// Every number that is used is checked: counts against what is there, children,
// features and bitsets by tree.PackBoosted. Nothing is allocated by a count that the
// file states.
package lightgbm
