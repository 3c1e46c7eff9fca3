// Package model opens model files: it finds out what a file is by its content,
// undoes whole-file compression, keeps every file within limits and hands it to
// the reader of its format.
//
// The formats are values given by the caller; this package knows none of them and
// imports none of its children:
//
//	m, err := model.Open("model.joblib", []model.Format{sklearn.Format()})
//	if e := new(model.Error); errors.As(err, &e) {
//		fmt.Fprintln(os.Stderr, "error:", e)
//		fmt.Fprintln(os.Stderr, "hint:", e.Hint)
//	}
//
// The result is an mlapi.Model, whatever the format was.
//
// # Writing a format
//
// A [Format] is a name, a look at the first bytes and a reader:
//
//	var format = model.Format{
//		Name:   "mine",
//		Detect: func(head []byte) bool { return bytes.HasPrefix(head, []byte("MINE")) },
//		Read: func(src *model.Source, limits model.Limits) (mlapi.Model, error) {
//			...
//		},
//	}
//
// Read gets the decompressed stream and takes it to its end; anything left over is
// an error. A file is never trusted: its names, sizes and counts are held against
// [Limits] before memory or time is spent on them. Errors of a reader become an
// [Error] with the path: one that has a method Hint() string gives the hint, one
// whose method Unsupported() bool returns true the kind Unsupported; all others
// mean a broken file.
//
// # Compression
//
// zlib, gzip, bzip2, xz, lzma and lz4 (frames) are recognised by their first bytes,
// never by the name of the file. The memory that a file's header asks for (the
// dictionaries of xz and lzma) is bounded, and so is the decompressed size.
package model
