package skops

import (
	"bytes"
	"errors"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/sklearn"
)

// Format returns the format of files that skops.io.dump writes. The errors of its
// Read are an *Error about the archive, otherwise those of package sklearn.
func Format() model.Format {
	return model.Format{Name: "skops", Detect: detect, Read: read, Parts: true, Inspect: inspect}
}

// detect recognises every zip archive: the schema that tells skops from others is
// its last entry.
func detect(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

func read(src *model.Source, limits model.Limits) (mlapi.Model, error) {
	a, err := openArchive(src, limits)
	if err != nil {
		return nil, err
	}
	if a.entries[schemaName] == nil {
		return nil, &Error{
			What: "the file is a zip archive, no model file: it has no " + schemaName,
			hint: "save the model with skops.io.dump, or with joblib.dump", unsupported: true,
		}
	}
	schema, err := a.schema(limits)
	if err != nil {
		return nil, err
	}
	top, ok := schema.(object)
	if !ok || top.text("__loader__") == "" {
		return nil, &Error{What: "the schema of the archive is not one of skops", hint: "save the model with skops.io.dump", unsupported: true}
	}
	l := &loader{archive: a, allow: sklearn.Allow(), limits: limits, memory: limits.Memory, arrays: make(map[string]*pickle.Array)}
	v, err := l.node(top, 0)
	var known *Error
	if err != nil && !errors.As(err, &known) {
		err = sklearn.Explain(err)
	}
	if err != nil {
		return nil, err
	}
	return sklearn.Build(v, "skops", src.Part, limits, limits.Memory-l.memory)
}
