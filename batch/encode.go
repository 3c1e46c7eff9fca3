package batch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

// kept is a value of the input that is copied: a field of CSV, or JSON as written.
type kept struct {
	field field
	json  []byte
}

// encoder writes answers. It is for one goroutine.
type encoder struct {
	want      Output
	json      bool
	delimiter byte
	headless  bool
	keep      []string // names of the kept columns
	info      *mlapi.Info
	kept      []kept // memory

	labels [][]byte // of classes, as written
	of     []mlapi.Label
}

func newEncoder(j *Job, l *layout) *encoder {
	e := &encoder{
		want: j.Want, delimiter: cmp.Or(l.split.delimiter, ','), headless: j.Header == HeaderNo,
		json: j.To == NDJSON || j.To == Auto && l.split.json,
		info: j.Pipeline.Model.Info(), kept: make([]kept, 0, len(j.Keep)),
		keep: j.Keep,
	}
	if l.columns != nil && l.columns.names != nil {
		e.keep = nil
		for _, at := range l.columns.keep {
			e.keep = append(e.keep, l.columns.names[at])
		}
	}
	return e
}

// expected returns how many predictions a row has, before there are any.
func (e *encoder) expected() int { return max(e.info.Outputs, 1) }

// header appends the names of the columns of the output: so many predictions and, where
// they are asked for, scores a row.
func (e *encoder) header(b []byte, outputs, width int) []byte {
	if e.json || e.headless {
		return b
	}
	from := len(b)
	for _, name := range e.keep {
		b = append(e.text(b, []byte(name), false), e.delimiter)
	}
	if e.want != Scores {
		for k := range outputs {
			b = append(b, "prediction"...)
			if outputs > 1 {
				b = strconv.AppendInt(append(b, '_'), int64(k), 10)
			}
			b = append(b, e.delimiter)
		}
	}
	if e.want != Label {
		kind := e.info.Scores.String()
		switch {
		case e.perClass(width):
			for _, class := range e.info.Classes {
				b = append(e.text(b, []byte(kind+"_"+class.String()), false), e.delimiter)
			}
		case width == 1:
			b = append(append(b, kind...), e.delimiter)
		default: // raw scores, or decisions between pairs of classes
			for k := range width {
				b = append(strconv.AppendInt(append(append(b, kind...), '_'), int64(k), 10), e.delimiter)
			}
		}
	}
	if len(b) > from {
		b[len(b)-1] = '\n'
	}
	return b
}

// width returns how many scores a row has, as mlapi.ScoreKind says.
func (e *encoder) width() int {
	const binary = 2
	if e.info.Task == mlapi.Scorer {
		return e.expected()
	}
	if e.info.Scores == mlapi.Anomaly || e.info.Scores == mlapi.Decision && len(e.info.Classes) == binary {
		return 1
	}
	return len(e.info.Classes)
}

// perClass reports whether scores, so many a row, are one for each class.
func (e *encoder) perClass(width int) bool {
	return e.info.Scores != mlapi.Anomaly && width > 1 && width == len(e.info.Classes)
}

// perPair reports whether the scores are one for each pair of classes, as a support vector
// machine with decision_function_shape="ovo" decides between them.
func (e *encoder) perPair(width int) bool {
	n := len(e.info.Classes)
	return e.info.Task == mlapi.Classifier && e.info.Scores == mlapi.Decision && width > 1 && width == n*(n-1)/2
}

// check returns an error where the pipeline's answers cannot be written.
func (e *encoder) check(ws *mlapi.Workspace) error {
	if e.want == Label {
		return nil
	}
	if s := &ws.Scores; s.Samples() != ws.Rows.Len() || s.Width != e.width() && !e.perPair(s.Width) {
		return mlapi.Internalf("%s gave scores of %d samples x %d for %d rows", e.info.Estimator, s.Samples(), s.Width, ws.Rows.Len())
	}
	return nil
}

// row appends the answer of row i of the block.
func (e *encoder) row(b []byte, kept []kept, ws *mlapi.Workspace, i int) ([]byte, error) {
	if e.json {
		return e.object(b, kept, ws, i)
	}
	from := len(b)
	for _, k := range kept {
		b = append(e.copy(b, k), e.delimiter)
	}
	var err error
	if e.want != Scores {
		if b, err = e.predictions(b, &ws.Result, i, e.delimiter); err != nil {
			return b, err
		}
		b = append(b, e.delimiter)
	}
	if e.want != Label {
		for _, v := range ws.Scores.Row(i) {
			if !finite(v) {
				return b, notFinite(i)
			}
			b = append(jsonrows.AppendNumber(b, v), e.delimiter)
		}
	}
	if len(b) == from {
		return b, mlapi.Internalf("nothing to answer")
	}
	b[len(b)-1] = '\n'
	return b, nil
}

// object appends the answer of row i as a JSON object.
func (e *encoder) object(b []byte, kept []kept, ws *mlapi.Workspace, i int) ([]byte, error) {
	b = append(b, '{')
	for k, v := range kept {
		b = append(append(b, quote(e.keep[k])...), ':')
		switch {
		case v.json != nil:
			b = append(b, v.json...)
		case len(v.field.text) == 0 && !v.field.quoted:
			b = append(b, "null"...)
		default:
			b = append(b, quote(string(v.field.text))...)
		}
		b = append(b, ',')
	}
	var err error
	if e.want != Scores {
		b = append(b, `"prediction":`...)
		many := ws.Result.Outputs > 1
		if many {
			b = append(b, '[')
		}
		if b, err = e.predictions(b, &ws.Result, i, ','); err != nil {
			return b, err
		}
		if many {
			b = append(b, ']')
		}
		b = append(b, ',')
	}
	if e.want != Label {
		if b, err = e.scoresObject(b, ws.Scores.Row(i), i); err != nil {
			return b, err
		}
		b = append(b, ',')
	}
	b[len(b)-1] = '}'
	return append(b, '\n'), nil
}

// scoresObject appends the scores of a row: a number, one by class, or a list where
// there are several that are not of the classes.
func (e *encoder) scoresObject(b []byte, scores []float64, i int) ([]byte, error) {
	b = append(append(b, quote(e.info.Scores.String())...), ':')
	each := e.perClass(len(scores))
	list := !each && len(scores) > 1
	switch {
	case each:
		b = append(b, '{')
	case list:
		b = append(b, '[')
	}
	for k, v := range scores {
		if !finite(v) {
			return b, notFinite(i)
		}
		if each {
			b = append(append(b, quote(e.info.Classes[k].String())...), ':')
		}
		b = append(jsonrows.AppendNumber(b, v), ',')
	}
	switch {
	case each:
		b[len(b)-1] = '}'
	case list:
		b[len(b)-1] = ']'
	default:
		b = b[:len(b)-1]
	}
	return b, nil
}

// predictions appends the predictions of row i.
func (e *encoder) predictions(b []byte, r *mlapi.Result, i int, between byte) ([]byte, error) {
	outputs := max(r.Outputs, 1)
	if r.Classes != nil {
		e.prepare(r.Classes)
	}
	for k := i * outputs; k < (i+1)*outputs; k++ {
		if k > i*outputs {
			b = append(b, between)
		}
		switch {
		case r.Classes == nil && !finite(r.Numbers[k]):
			return b, notFinite(i)
		case r.Classes == nil:
			b = jsonrows.AppendNumber(b, r.Numbers[k])
		case r.Class[k] < 0 || int(r.Class[k]) >= len(e.labels):
			return b, mlapi.Internalf("class %d of %d", r.Class[k], len(e.labels))
		default:
			b = append(b, e.labels[r.Class[k]]...)
		}
	}
	return b, nil
}

// prepare makes the texts of labels, for as long as the classes stay the same.
func (e *encoder) prepare(classes []mlapi.Label) {
	if len(e.of) == len(classes) && len(classes) > 0 && &e.of[0] == &classes[0] {
		return
	}
	e.of, e.labels = classes, e.labels[:0]
	for _, class := range classes {
		e.labels = append(e.labels, e.label(class))
	}
}

// label returns a class as it is written.
func (e *encoder) label(l mlapi.Label) []byte {
	switch v := l.Value().(type) {
	case string:
		if e.json {
			return quote(v)
		}
		return e.text(nil, []byte(v), v == "")
	case float64:
		if finite(v) {
			return jsonrows.AppendNumber(nil, v)
		}
		if e.json {
			return []byte("null") // a class of NaN has no JSON
		}
		return nil
	}
	return []byte(l.String())
}

// copy appends a kept value as a field of CSV.
func (e *encoder) copy(b []byte, k kept) []byte {
	switch {
	case k.json == nil:
		return e.text(b, k.field.text, k.field.quoted && len(k.field.text) == 0)
	case string(k.json) == "null":
		return b
	case k.json[0] == '"':
		var text string
		if json.Unmarshal(k.json, &text) == nil {
			return e.text(b, []byte(text), text == "")
		}
	}
	return e.text(b, k.json, false)
}

// text appends a field of CSV, between quotes where it needs them.
func (e *encoder) text(b, text []byte, quoted bool) []byte {
	special := bytes.IndexByte(text, e.delimiter) >= 0 || bytes.ContainsAny(text, "\"\r\n")
	if !special && !quoted && (len(text) == 0 || text[0] != ' ' && text[len(text)-1] != ' ') {
		return append(b, text...)
	}
	b = append(b, '"')
	for _, c := range text {
		if c == '"' {
			b = append(b, c)
		}
		b = append(b, c)
	}
	return append(b, '"')
}

// quote returns text as a JSON string.
func quote(text string) []byte {
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	if err := w.Encode(text); err != nil {
		return []byte(`""`) // a string always encodes
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func finite(v float64) bool { return v-v == 0 }

func notFinite(i int) error {
	return mlapi.Invalidf("not_finite", "what the model makes of the row is no finite number").At(i, -1)
}
