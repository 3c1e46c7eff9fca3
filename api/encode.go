package api

import (
	"math"
	"strconv"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

// appendNumbers appends a list of numbers and tells whether all could be: those that
// are finite, and with missing set also NaN, as null.
func appendNumbers(b []byte, values []float64, missing bool) ([]byte, bool) {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case finite(v):
			b = jsonrows.AppendNumber(b, v)
		case missing && math.IsNaN(v):
			b = append(b, "null"...)
		default:
			return b, false
		}
	}
	return append(b, ']'), true
}

func finite(v float64) bool { return v-v == 0 }

// appendLabel appends a class as it was trained.
func appendLabel(b []byte, l mlapi.Label) []byte {
	switch v := l.Value().(type) {
	case int64:
		return strconv.AppendInt(b, v, 10)
	case bool:
		return strconv.AppendBool(b, v)
	case string:
		return append(b, quote(v)...)
	case float64:
		if finite(v) {
			return jsonrows.AppendNumber(b, v)
		}
	}
	return append(b, "null"...) // a class of NaN has no JSON
}

// labels are classes as JSON, made once for as long as the classes stay the same.
type labels struct {
	of   []mlapi.Label // what text was made of; held, so that its memory is not another's
	text []byte
	ends []int
}

// prepare makes l the labels of classes.
func (l *labels) prepare(classes []mlapi.Label) {
	if len(l.of) == len(classes) && len(classes) > 0 && &l.of[0] == &classes[0] {
		return
	}
	l.of, l.text, l.ends = classes, l.text[:0], l.ends[:0]
	for _, class := range classes {
		l.text = appendLabel(l.text, class)
		l.ends = append(l.ends, len(l.text))
	}
}

// append appends the label of a class, if there is one of that number.
func (l *labels) append(b []byte, class int32) ([]byte, bool) {
	if class < 0 || int(class) >= len(l.ends) {
		return b, false
	}
	from := 0
	if class > 0 {
		from = l.ends[class-1]
	}
	return append(b, l.text[from:l.ends[class]]...), true
}
