// Package mlapi is the vocabulary of a prediction server: the types that a
// request's data passes through on its way to an answer, and the interfaces of
// the parts that move it along.
//
//	request -> auth -> Rows -> Preprocess -> Matrix -> Predict -> Scores -> Postprocess -> Result -> response
//
// Each stage has a type of its own, so a wrong order or a forgotten stage does
// not compile:
//
//   - [Rows] are the decoded samples as sent: shape checked, no meaning yet.
//   - a [Preprocessor] turns Rows into a [Matrix] of samples x features.
//   - a [Model] turns the Matrix into [Scores]: a class index per sample,
//     probabilities, decision values or numbers.
//   - a [Postprocessor] turns Scores into a [Result]: what is answered.
//
// A [Pipeline] holds one of each kind or several in order. The caller owns all
// buffers in a [Workspace] and reuses them, so that a warm pipeline allocates
// nothing per request:
//
//	p := mlapi.Pipeline{
//		Preprocess:  []mlapi.Preprocessor{preprocess.Numeric{}},
//		Model:       m, // from model.Open
//		Postprocess: []mlapi.Postprocessor{postprocess.Label{}},
//	}
//	var ws mlapi.Workspace
//	ws.Rows.Reset(0)
//	ws.Rows.AppendNumber(1.5)
//	ws.Rows.AppendText([]byte("3"))
//	err := ws.Rows.EndRow()
//	...
//	err = p.Run(ctx, &ws)
//	fmt.Println(ws.Result.Classes[ws.Result.Class[0]])
//
// The package imports the standard library only and knows neither HTTP nor any
// model format. Anything that can go wrong for a person is an [Error]: a kind,
// a stable code word, a public text and, where known, the row and column.
package mlapi
