package batch

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"example.com/mlapi"
)

// gapWords are the texts that pandas.read_csv takes for a missing value: whoever
// trained the model had its columns read so.
var gapWords = [...]string{
	"", "NaN", "nan", "-NaN", "-nan", "NA", "N/A", "n/a", "<NA>", "NULL", "null", "None",
	"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN",
}

// cellType is how the cells of a feature's column are read.
type cellType struct {
	feature mlapi.FeatureType
	gaps    []string // texts that stand for a missing value
}

// newCellType returns how the cells of a column that becomes f are read. Of a feature
// that takes any text, each is one.
func newCellType(f mlapi.Feature) cellType {
	t := cellType{feature: f.Type}
	if f.Type != mlapi.NumberFeature && f.Categories == nil {
		return t
	}
	for _, word := range gapWords {
		known := func(name string) bool {
			return name == word || f.Type == mlapi.CategoryFeature && strings.EqualFold(name, word)
		}
		if !slices.ContainsFunc(f.Categories, known) {
			t.gaps = append(t.gaps, word)
		}
	}
	return t
}

// appendCell appends a field of a CSV record as a column of type t takes it.
func appendCell(rows *mlapi.Rows, f field, t cellType) {
	switch {
	case t.feature == mlapi.NumberFeature:
		appendNumber(rows, f.text)
	case len(f.text) == 0 && !f.quoted, t.isGap(f.text):
		rows.AppendNull()
	default:
		rows.AppendText(f.text)
	}
}

// isGap reports whether a text stands for a missing value.
func (t cellType) isGap(text []byte) bool {
	const longest = 9 // of gapWords
	return len(text) <= longest && slices.Contains(t.gaps, string(text))
}

// appendNumber appends a cell of a column of numbers. What it does not know it leaves
// as text to the preprocessor, which says what is wrong with it.
func appendNumber(rows *mlapi.Rows, text []byte) {
	if v, ok := number(text); ok {
		rows.AppendNumber(v)
		return
	}
	switch word := string(bytes.TrimSpace(text)); word {
	case "true", "True", "TRUE":
		rows.AppendBool(true)
	case "false", "False", "FALSE":
		rows.AppendBool(false)
	default:
		if slices.Contains(gapWords[:], word) {
			rows.AppendNull()
			return
		}
		rows.AppendText(text)
	}
}

// appendUnknown appends a cell of a column of which nothing is known.
func appendUnknown(rows *mlapi.Rows, f field) {
	if f.quoted || len(f.text) > 0 {
		if v, ok := number(f.text); ok && !f.quoted {
			rows.AppendNumber(v)
			return
		}
		rows.AppendText(f.text)
		return
	}
	rows.AppendNull()
}

// number reads a finite plain decimal number, as mlapi.Rows.Float reads texts.
func number(text []byte) (float64, bool) {
	const longest = 4096
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	if len(text) == 0 || len(text) > longest {
		return 0, false
	}
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	// The text is not kept: no copy is needed.
	v, err := strconv.ParseFloat(unsafe.String(&text[0], len(text)), 64)
	return v, err == nil && !math.IsInf(v, 0)
}
