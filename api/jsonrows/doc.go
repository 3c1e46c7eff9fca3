// Package jsonrows decodes rows as JSON from a stream into mlapi.Rows, a block of
// rows at a time, without allocating per row or cell.
//
// A body of any size takes one buffer and one block of memory:
//
//	names := jsonrows.NewNames(pipeline.Features()) // once
//	...
//	d := jsonrows.New(body, names, jsonrows.Limits{
//		Rows: 1_000_000, Columns: 65_536, Text: 1 << 20,
//		BlockRows: 1024, BlockBytes: 1 << 20,
//	})
//	var rows mlapi.Rows
//	for more := true; more; {
//		var err error
//		if more, err = d.Next(&rows); err != nil {
//			return err // an *mlapi.Error with row and column, or the stream's own error
//		}
//		use(&rows)
//	}
//
// The last block is handed out only after the end of the stream was seen, so
// whoever keeps its answer back until Next reports no more has seen it all.
//
// # The forms of a body
//
//	[[3, "male"], [4, null]]                                lists, in the model's order
//	[{"sex": "male", "age": 3}, {"sex": null, "age": 4}]    objects by feature name
//	{"columns": ["sex", "age"], "data": [["male", 3]]}      a table
//
// The three mean the same; a missing value is null. Objects may have their members
// in any order, each row in its own; rows in the order of the one before are read
// fastest. A table names its columns in any order, and before its data, so that no
// row must wait for them; of its members "index" is read and means nothing. So
// what pandas writes with to_json(orient="values"), "records" or "split" are rows.
//
// Names are compared as they are, case included. Every feature must be there, once,
// and nothing else: what is missing, unknown or there twice is refused. Rows hold
// the values in the model's order, and errors count columns in that order too,
// whatever the body's is. Where two features of a model have the same name, only
// lists are taken.
//
// # What is accepted
//
// RFC 8259 to the letter, and beyond it what the bodies of the template's users
// contain: a byte order mark at the beginning, line comments (// to the end of
// the line) wherever white space may stand, and the bare words NaN, Infinity and
// -Infinity where a number may stand, which are given on as such. Nothing else:
// no trailing commas, block comments, +1, .5, 02, hexadecimal, single quotes, raw
// control characters or invalid UTF-8. RFC 8259 leaves five things open, and here
// they are closed:
//
//   - An escaped surrogate without its partner ("\ud800") is refused, as it names
//     no character (RFC 7493, section 2.1).
//   - A number beyond the range of float64 (1e400) is refused, not made infinite.
//     One too small for it is 0.
//   - A number of more than 4,096 bytes is refused.
//   - Rows, columns and texts beyond the Limits are refused.
//   - A member that occurs twice in an object is refused (RFC 7493, section 2.3);
//     the index of a table, which is passed over, is not looked at so closely.
//
// Numbers are rounded exactly as strconv.ParseFloat does; [AppendNumber] writes them
// so that they read back.
//
// # Errors
//
// All are *mlapi.Error. The codes are stable:
//
//	code                 kind      meaning
//	not_json             Invalid   a syntax error; the detail names the byte, from 0
//	not_a_list_of_lists  Invalid   JSON, but none of the three forms, or not throughout
//	not_a_table          Invalid   a table without data or columns, or with something else
//	missing_feature      Invalid   a feature that an object or the columns lack
//	unknown_feature      Invalid   a name that no feature has
//	repeated_feature     Invalid   a name twice
//	ambiguous_feature    Invalid   names, where two features of the model have the same
//	empty                Invalid   no rows
//	empty_row            Invalid   a row without values
//	ragged_rows          Invalid   a row of another width than those before, or the columns
//	nested_value         Invalid   a list or an object in a cell
//	number_out_of_range  Invalid   a number beyond float64
//	number_too_long      Invalid   a number of more than 4,096 bytes
//	text_too_long        Invalid   a text beyond Limits.Text
//	too_many_columns     Invalid   a row beyond Limits.Columns
//	too_many_rows        TooLarge  more rows than Limits.Rows
//
// An error of the stream itself, other than io.EOF, is returned as it is.
package jsonrows
