// Package pickle reads Python pickles, and the joblib files made of them, as
// data. It is a pickle machine of its own for protocols 0 to 5 that never calls,
// imports or looks up anything: what a file would have Python call becomes an
// [Object] that says what was asked for.
//
// A pickle is a program. Python runs it with every class and function of the
// interpreter within reach, so that a model file can do whatever its author
// likes. Here a file can name only what the caller's allow list names exactly;
// the first name outside it ends the reading with a [RefusedError]:
//
//	known := map[pickle.Global]bool{
//		{Module: "sklearn.linear_model._base", Name: "LinearRegression"}: true,
//	}
//	d, err := pickle.Read(file, pickle.Options{Allow: func(g pickle.Global) bool { return known[g] }, Limits: limits})
//	...
//	o, ok := d.Value.(*pickle.Object)      // an instance of an allowed class
//	coef, ok := o.Attr("coef_")            // an attribute, as data
//	a, ok := coef.(*pickle.Array)          // a numpy array
//	weights, err := a.Float64s()           // its elements, row-major
//
// What belongs to Python itself and to numpy is interpreted here and needs no
// place on the list: containers, bytes, arrays, scalars and dtypes become
// [List], [Tuple], [Set], [Dict], []byte, [Array] and [Dtype].
//
// # joblib
//
// joblib (since 0.10) writes an ordinary pickle in which every array is a
// NumpyArrayWrapper. The bytes of the array follow the opcode that completes the
// wrapper, outside the opcodes; an array of Python objects follows as a pickle of
// its own. joblib up to 0.9 wrote every array into a file beside the pickle; Read reads
// them through [Options].Sibling. All give an Array. Whole-file compression is not its
// business: package model undoes it.
//
// # What surrounds a model
//
// Random states, masked and sparse arrays, compiled patterns, dates, paths, partials and
// frozen distributions become Objects that mean nothing, and the names of types and of
// plain numpy functions may be named, but never called; none of them needs a place on the
// list. [Pandas] is a list of the classes of pandas for those who want them: [Strings],
// [Floats] and [Elements] take an index, a series or a categorical like a list or an array.
// [CSR] reads and checks a sparse matrix.
//
// # Scanning
//
// [Scan] reads the most hostile file to its end and reports every name in it, how it is
// called, what Read makes of it, and what else is wrong.
//
// # Limits
//
// Every file is taken to be hostile. [Limits] bound the bytes read, the opcodes run, the
// memo, the nesting of the result and, by an account of what every value allocates, the
// memory: nothing is given back to the account, so it bounds all that is ever allocated.
// Sizes that the file states are held against the limits before anything is allocated.
// The values are shared as in the file (a list may be in many places, or in itself), so a
// walk over them needs a limit of its own.
//
// # Python 2
//
// A str of Python 2 is text with one byte for each character, read as Python 3
// does with encoding="latin1".
package pickle
