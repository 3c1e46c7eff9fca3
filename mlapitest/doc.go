// Package mlapitest checks parts of a pipeline against the contracts of package
// mlapi, as testing/slogtest does for log handlers. A test of one's own part gives
// it cases and lets the suite do the rest:
//
//	func TestCelsius(t *testing.T) {
//		mlapitest.Preprocessor(t, mlapi.PreprocessFunc(celsius),
//			mlapitest.RowsCase{Rows: [][]any{{212.0}, {"32"}}, Want: [][]float64{{100}, {0}}},
//			mlapitest.RowsCase{Rows: [][]any{{"warm"}}, Code: "not_a_number"},
//		)
//	}
//
// Beside the wanted answers the suites check what a part promises by being one:
//
//   - the shape of what it fills, whatever was in that memory before;
//   - that it keeps nothing of what it is given: buffers are reused by the caller;
//   - that many goroutines at once get the same answers (run the tests with -race);
//   - that a row's answer does not depend on the rows beside it;
//   - that errors are of type *mlapi.Error, and those of input Invalid, with the row
//     counted over the whole request and with the column;
//   - that hostile values (NaN, infinities, huge and broken texts) never make it
//     panic, nor reach an error's text unescaped.
//
// The suites log how often a warm call allocates; the built-in parts do not.
//
// A part that needs another in front of it is checked behind it: a PreprocessFunc
// or PostprocessFunc that calls both is a part as well.
package mlapitest
