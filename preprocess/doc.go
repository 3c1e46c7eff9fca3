// Package preprocess holds the parts that an operator configures before the
// model: they turn the rows as sent into the matrix that it takes.
//
//   - [Numeric] takes every cell as the model's feature wants it: numbers, and texts
//     where the model reads texts.
//   - [Categorical] also takes the names of categories, by the table of an encoding
//     CSV, and gives the model their numbers.
//
// An encoding CSV has a header with the columns column (the position of the
// feature in a row, from 0), category and encoding, in any order, and often name
// (the feature's name):
//
//	column,name,category,encoding
//	0,protocol,TCP,0
//	0,protocol,UDP,1
//	1,state,SF,0
//	1,state,S0,1
//
// It is read once, at start, and checked against the model:
//
//	enc, err := preprocess.ReadEncodings(file)
//	...
//	features := model.Info().Features
//	err = enc.Check(features)
//	...
//	part, err := preprocess.NewCategorical(enc, features, "") // unknown names are refused
//	...
//	p := mlapi.Pipeline{Preprocess: []mlapi.Preprocessor{part}, ...}
//
// After that the row ["TCP", 1] and the row [0, "S0"] are the same sample.
//
// A part of one's own is any [mlapi.Preprocessor]; package mlapitest checks it.
package preprocess
