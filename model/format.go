package model

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/mlapi"
)

// HeadLength is how many bytes of a file Detect is shown, at most.
const HeadLength = 4096

// Format is one kind of model file.
type Format struct {
	Name string // "joblib", "onnx", ...; shown to people
	// Detect reports whether a file that begins with head, after decompression, is
	// of this format. head has HeadLength bytes, or the whole of a smaller file.
	Detect func(head []byte) bool
	// Read reads the file to its end and returns its model.
	Read func(src *Source, limits Limits) (mlapi.Model, error)
	// Parts says that a part of a file can be asked for (Source.Part).
	Parts bool
	// Inspect tells what the file is, also where it cannot be served; it may run to the
	// file's end or not. nil, or an error, tells no more than the format's name.
	Inspect func(src *Source, limits Limits) (*Report, error)
}

// Open opens the model file at path with the first of formats that recognises it.
// A path inside the file may follow behind a #, as in "bundle.pkl#$.pipeline". Its
// error is always an *Error.
func Open(path string, formats []Format) (mlapi.Model, error) {
	m, err := open(path, formats)
	if err != nil {
		return nil, explain(path, err)
	}
	return m, nil
}

func open(path string, formats []Format) (mlapi.Model, error) {
	name, part := splitPart(path)
	// Asked before opening: opening a pipe would wait for its other end.
	info, err := os.Stat(name)
	if err != nil {
		return nil, almostPart(path, unreadable(err))
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{Kind: Unreadable, What: "this is no regular file", Hint: "give the path of a model file"}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close() // only read: nothing can be lost by closing
	return read(&Source{Name: name, Part: part, Size: info.Size(), folder: filepath.Dir(name)}, f, formats)
}

// splitPart splits what stands behind "#$" from a path, unless there is a file that
// is called so.
func splitPart(path string) (name, part string) {
	i := strings.Index(path, "#$")
	if i < 0 {
		return path, ""
	}
	if _, err := os.Lstat(path); err == nil {
		return path, ""
	}
	return path[:i], path[i+1:]
}

// almostPart returns e, about a file that is not there, with the hint at what was
// probably meant where a path inside a file lacks its dollar sign.
func almostPart(path string, e *Error) *Error {
	name, part, found := strings.Cut(path, "#")
	if info, err := os.Stat(name); !found || err != nil || !info.Mode().IsRegular() {
		return e
	}
	if !strings.HasPrefix(part, ".") && !strings.HasPrefix(part, "[") {
		part = "." + part
	}
	e.Hint = "a path into a file begins with a dollar sign: '" + name + "#$" + part + "'"
	return e
}

// OpenReader is Open for a file that is not on disk, such as an embedded one. The
// size in bytes sets the limits, so it must be known, not claimed by the file.
func OpenReader(name string, r io.Reader, size int64, formats []Format) (mlapi.Model, error) {
	m, err := read(&Source{Name: name, Size: size}, r, formats)
	if err != nil {
		return nil, explain(name, err)
	}
	return m, nil
}

// read reads the model of the file that src describes and r holds.
func read(src *Source, r io.Reader, formats []Format) (m mlapi.Model, err error) {
	// A reader that panics has a fault, which one file must not turn into the end of
	// a server that runs.
	defer func() {
		if fault := recover(); fault != nil {
			m, err = nil, &Error{
				Kind:  Fault,
				What:  "the reader of this format failed on the file",
				Hint:  "this is a fault of mlapi: please report it together with the file",
				Cause: fmt.Errorf("panic: %v", fault),
			}
		}
	}()
	limits := DefaultLimits(src.Size)
	if err := src.open(r, limits); err != nil {
		return nil, err
	}
	head, err := src.Peek(HeadLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	limits = limits.beside(src.Compression, src.Size)
	for _, f := range formats {
		if !f.Detect(head) {
			continue
		}
		if src.Part != "" && !f.Parts {
			return nil, &Error{
				Kind: Unsupported, What: "a file of the format " + f.Name + " has no parts to choose from",
				Hint: "leave out what stands behind the #",
			}
		}
		m, err := f.Read(src, limits)
		if err != nil {
			return nil, err
		}
		if err := src.end(); err != nil {
			return nil, err
		}
		return m, nil
	}
	return nil, unknown(head, formats)
}

func unreadable(err error) *Error {
	e := &Error{Kind: Unreadable, What: "the file cannot be read", Hint: "give the path of a model file", Cause: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.What = "there is no such file"
		e.Hint = "give the path of a model file; a relative path counts from the folder the server is started in"
	case errors.Is(err, fs.ErrPermission):
		e.What = "the file may not be read"
		e.Hint = "let the user that runs the server read it"
	}
	return e
}

// unknown returns the error for a file that no format recognises, with the best
// hint at what it may be.
func unknown(head []byte, formats []Format) *Error {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name
	}
	e := &Error{
		Kind: Unsupported,
		What: "the file is in no known model format",
		Hint: "formats that can be read: " + strings.Join(names, ", "),
	}
	switch text := string(head); {
	case text == "":
		e.Kind, e.What = Broken, "the file is empty"
	case strings.HasPrefix(text, "\x93NUMPY"):
		e.What = "the file holds one numpy array, no model"
		e.Hint = "if it belongs to a joblib file before 0.10, give the path of that: the file whose name has no _01.npy at its end"
	case strings.HasPrefix(text, "PK\x03\x04"):
		e.What = "the file is a zip archive, no model file"
	case strings.HasPrefix(text, "\x89HDF\r\n"):
		e.What = "the file is in the HDF5 format (Keras), which is not served"
	case strings.HasPrefix(text, "CBM1"), strings.HasPrefix(text, "{") && catboost(text):
		e.What = "the file is a model of CatBoost, which is not served"
		e.Hint = "train with XGBoost, LightGBM or scikit-learn's HistGradientBoosting, which are served"
	}
	return e
}

// catboost reports whether text begins a model that CatBoost wrote as JSON: an object whose
// first member is one of its own.
func catboost(text string) bool {
	rest := strings.TrimLeft(text[1:], " \t\r\n")
	for _, name := range []string{"features_info", "model_info", "oblivious_trees", "ctr_data", "scale_and_bias", "trees"} {
		if strings.HasPrefix(rest, `"`+name+`"`) {
			return true
		}
	}
	return false
}
