// Package postprocess holds the parts that an operator configures after the model:
// they turn its scores into what is answered.
//
//	part     answers
//	Label    the class of a classifier or outlier detector, as it was trained; of
//	         several outputs the class of each
//	Class    a class made of scores: the largest of several, or one above 0.5
//	Anomaly  1 for an outlier (negative), 0 for all else
//	None     the numbers as they are: of a regressor, a scorer, a transformer
//
// Which of them a model gets where nothing else is configured, [Default] decides by
// the model's kind, once and at start: never by what else is in a batch.
//
//	names, warnings := postprocess.Default(model.Info(), nil, false)
//	// of a classifier: ["label"]
//
//	p := mlapi.Pipeline{..., Postprocess: []mlapi.Postprocessor{postprocess.Label{}}}
//
// Each part answers by itself and so stands first in its pipeline; a part of one's
// own may follow and change the result in place. Package mlapitest checks it.
//
// Classes that the model has no labels for are answered as the numbers 0, 1, 2, ...
// A score that is no number is a fault of the model and an Internal error: nothing
// is made up for it.
package postprocess
