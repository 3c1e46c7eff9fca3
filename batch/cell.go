package batch

import (
	"bytes"
	"math"
	"strconv"
	"unsafe"

	"example.com/mlapi"
)

// appendCell appends a field of a CSV record as a column of type t takes it.
func appendCell(rows *mlapi.Rows, f field, t mlapi.FeatureType) {
	if t == mlapi.NumberFeature {
		appendNumber(rows, f.text)
		return
	}
	if len(f.text) == 0 && !f.quoted {
		rows.AppendNull()
		return
	}
	rows.AppendText(f.text)
}

// appendNumber appends a cell of a column of numbers. What it does not know it leaves
// as text to the preprocessor, which says what is wrong with it.
func appendNumber(rows *mlapi.Rows, text []byte) {
	if v, ok := number(text); ok {
		rows.AppendNumber(v)
		return
	}
	switch string(bytes.TrimSpace(text)) {
	case "", "NaN", "nan", "NA", "null", "NULL", "None":
		rows.AppendNull()
	case "true", "True", "TRUE":
		rows.AppendBool(true)
	case "false", "False", "FALSE":
		rows.AppendBool(false)
	default:
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
