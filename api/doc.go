// Package api is the server's HTTP: it routes requests, checks them in a fixed
// order, asks the authoriser and the pipeline, and writes what they answer.
//
//	handler, err := api.New(api.Config{
//		Auth: service, AuthEnabled: true, AuthRoute: "auth",
//		Pipeline: pipeline, APIEnabled: true, APIRoute: "api",
//		MaxBodyBytes: 64 << 20, MaxRows: 1_000_000,
//		Logger: logger,
//	})
//	...
//	err = api.NewServer(handler, logger).Serve(listener)
//
// The routes stand in one table, in routes.go. Handlers return a value or an
// error; write.go alone writes answers, and one table there says which status an
// error has.
//
// # Order of checks
//
// Of several things wrong with a request the first of these is answered: unknown
// path (404), missing or repeated slash (308), OPTIONS (200), wrong method (405),
// token (401, before the body is read), content type, ?output= and body (400 or
// 413).
//
// # Answers
//
//   - Pages (the health checks, GET of the model) are HTML where Accept ranks
//     text/html above JSON, otherwise JSON.
//   - Errors are HTML by the same rule, otherwise application/problem+json
//     (RFC 9457) with title, status, detail, code, and row and column, from 0,
//     where known.
//   - Tokens and predictions are application/json whatever Accept says.
//
// Every answer carries X-Request-ID, which the server makes; one that a client
// sends is ignored. The log has it under each request.
//
// # Predictions
//
// POST to the model takes rows as lists, as objects by feature name or as a table
// (see package jsonrows) and answers a list with one prediction per row: a label as
// trained or a number; a list of these where the model has several outputs; of a
// transformer always a list, of the features it makes, with null for one that is
// missing. ?output=scores answers an object instead, ?output=all the same with the
// predictions:
//
//	{"kind":"probability","classes":["normal","attack"],"scores":[[0.93,0.07]]}
//
// Scores are always a list per row, also where there is one column: an outlier
// detector's anomaly score, or the decision value of a model of two classes
// (positive means the second class). Classes are the model's own, and absent where
// it has none.
//
// Numbers are the shortest decimal that reads back to the same float64, so a
// regressor's 3.0 is 3; negative zero is -0.0, because many readers make an integer
// of -0. NaN and the infinities, which JSON cannot spell, are never written: such a
// prediction is an error ("not_finite") that names the row.
//
// # Limits
//
// Bodies are limited to 64 KiB before authorisation and to MaxBodyBytes after, and
// answers, which are held until the last row was read, to twice MaxBodyBytes or
// 64 MiB, whichever is more: beyond that the request is refused (413,
// "answer_too_large") and fewer rows must be sent at once. Rows go through the model
// in blocks, so few at a time that it gives no more than a million numbers for them.
// There are 5 s for a request's header. Deadlines roll: a body may take as long as
// it needs, but 30 s without a byte end it (408), and so do 30 s in which the
// client takes nothing of the answer.
package api
