package lightgbm

import (
	"bytes"
	"io"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

const formatName = "lightgbm"

// Format is the text format of LightGBM's boosters.
func Format() model.Format {
	return model.Format{Name: formatName, Detect: Detect, Read: read, Inspect: inspect}
}

// Detect reports whether a text that begins with head is of this format, whatever
// its version is.
func Detect(head []byte) bool {
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	return string(bytes.TrimSuffix(line, []byte("\r"))) == firstLine &&
		(bytes.HasPrefix(rest, []byte("version=")) || bytes.HasPrefix(rest, []byte("num_class=")))
}

// read reads a file to its end.
func read(src *model.Source, limits model.Limits) (mlapi.Model, error) {
	data, err := io.ReadAll(src)
	if err != nil {
		return nil, err
	}
	b, err := Parse(data, limits)
	if err != nil {
		return nil, err
	}
	return b.Model(Use{})
}
