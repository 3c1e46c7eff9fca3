package app

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"

	"example.com/mlapi"
	"example.com/mlapi/config"
	"example.com/mlapi/resources"
)

const (
	// exampleFile holds rows that fit the model that was last served from a data folder.
	exampleFile = "example.json"
	mostExample = 1000 // bytes of it that a person reads
)

// exampleRows returns one row that fits the model: the sample's own, or zeros and
// first categories; "" where a row is too long to be read.
func exampleRows(cfg *config.Config, pipeline *mlapi.Pipeline) string {
	if cfg.API.Model == "" {
		return resources.ExampleRows
	}
	return listOf(pipeline.Features())
}

// knownExample is exampleRows for commands that load no model: that of the model last
// served from the data folder, or of the sample; "" where it is not known.
func knownExample(cfg *config.Config) string {
	text, err := readRegular(filepath.Join(cfg.Server.Data, exampleFile), 2*mostExample)
	switch {
	case err == nil && json.Valid(text):
		return strings.TrimSpace(string(text))
	case err != nil && cfg.API.Model == "": // no server was started yet
		return resources.ExampleRows
	}
	return ""
}

// listOf returns a list of one row, as a list.
func listOf(features []mlapi.Feature) string {
	var cells []string
	for _, f := range features {
		cells = append(cells, exampleCell(f))
	}
	return short("[[" + strings.Join(cells, ",") + "]]")
}

// objectOf returns a list of one row, as an object by feature name; "" where features
// have no names, or it is too long.
func objectOf(features []mlapi.Feature) string {
	var members []string
	for i, f := range features {
		if f.Name == fmt.Sprintf("x%d", i) {
			return ""
		}
		members = append(members, jsonText(f.Name)+":"+exampleCell(f))
	}
	return short("[{" + strings.Join(members, ",") + "}]")
}

func short(text string) string {
	if len(text) > mostExample {
		return ""
	}
	return text
}

// exampleCell returns a value that the feature takes.
func exampleCell(f mlapi.Feature) string {
	if f.Type != mlapi.TextFeature && f.Type != mlapi.CategoryFeature {
		return "0"
	}
	for _, name := range f.Categories {
		if name != "" {
			return jsonText(name)
		}
	}
	return `"some text"`
}

// jsonText returns a text as JSON that can do nothing to a terminal: what is not
// printable is escaped.
func jsonText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case strconv.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
