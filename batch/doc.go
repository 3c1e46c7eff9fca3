// Package batch scores files and streams of rows through a Pipeline, the same way
// that the server answers requests, but with neither an end nor a network in sight:
// CSV or NDJSON in, CSV or NDJSON out, one answer a row, in order.
//
//	job := batch.Job{
//		Pipeline: p, Input: os.Stdin, Output: os.Stdout,
//		Bad: side, Report: func(e *batch.RowError) { fmt.Fprintln(os.Stderr, e) },
//	}
//	sum, err := job.Run(ctx)
//
// # Input
//
// What the input is, is told by its first byte that is no white space: a bracket or a
// brace begins NDJSON, all else CSV.
//
// CSV is read as RFC 4180 says, with LF or CRLF, and leniently where that does no
// harm: a quote inside a field that does not begin with one is an ordinary
// character. A missing value is what pandas.read_csv takes for one: an empty cell,
// quoted or not, NaN, NA, null, None and their like; but a feature that has such a text
// for a category keeps it, and of a feature that takes any text only the unquoted empty
// cell is missing. In a column of numbers true and false in the usual spellings are 1
// and 0. Lines without anything are skipped.
//
// NDJSON has a list of values, or an object by feature name, in every line. Values
// are read by package jsonrows, as the server reads them. A JSON list of such rows, on
// one line or many, is taken too, row by row while it comes in.
//
// Columns are matched by name where there are names on both sides, otherwise by
// position; see [Job.Keep] and [Job.Drop]. Columns that are no features are left out.
//
// # Bad rows
//
// A row that cannot be answered ends the job with a [*RowError], after all answers
// before it have been written. With Job.Bad set its lines go there as they are and
// the job goes on. A record with broken quotes is bad with its first line only, so
// that one stray quote does not swallow the rest of a file.
//
// # Memory and time
//
// The reader cuts the input into blocks of whole records, workers parse and score
// them in parallel, and one writer puts the answers into order. There are only so
// many blocks, so memory does not grow with the input. A block is handed on as soon
// as a read brought a whole record: whoever writes a line into a pipe gets its
// answer before the next.
package batch
