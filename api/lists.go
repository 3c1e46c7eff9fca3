package api

import (
	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

// leastAnswer is the least that an answer may always take, in bytes.
const leastAnswer = 64 << 20

// listForm is what is known of the answers of a model before any request.
type listForm struct {
	head       []byte // of an answer with scores, up to the first of them
	nested     bool   // a prediction is a list also where it has one number
	blockRows  int    // rows that go through the pipeline at once
	mostAnswer int    // bytes of an answer
}

// newListForm returns the form of the answers of p to bodies of at most maxBody
// bytes.
func newListForm(p *mlapi.Pipeline, maxBody int64) listForm {
	info := p.Model.Info()
	classes := info.Classes // which the scores' columns stand for
	if info.Scores == mlapi.Anomaly {
		classes = p.Classes() // no column stands for a class: those of the predictions
	}
	head := append([]byte(`{"kind":`), quote(info.Scores.String())...)
	if len(classes) > 0 {
		head = append(append(head, `,"classes":`...), classesJSON(classes)...)
	}
	f := listForm{
		head:       append(head, `,"scores":[`...),
		nested:     info.Task == mlapi.Transformer,
		blockRows:  max(1, min(blockRows, blockValues/max(1, info.Outputs, len(info.Classes)))),
		mostAnswer: leastAnswer,
	}
	if maxBody > leastAnswer/2 {
		f.mostAnswer = int(2 * min(maxBody, 1<<60))
	}
	return f
}

// tooLarge returns an error where w's answer has grown beyond what it may take.
func (f *listForm) tooLarge(w *work) error {
	if len(w.predictions)+len(w.scores) <= f.mostAnswer {
		return nil
	}
	e := mlapi.Invalidf("answer_too_large", "The answer is larger than the server gives to one request (%d bytes): send fewer rows in each request.", f.mostAnswer)
	e.Kind = mlapi.TooLarge
	return e
}

// addPredictions appends the block's predictions, each with a comma behind.
func (w *work) addPredictions(f *listForm) error {
	result := &w.workspace.Result
	if result.Classes != nil {
		return w.addClasses(f)
	}
	for i := range result.Samples() {
		ok := true
		if result.Outputs == 1 && !f.nested {
			if ok = finite(result.Numbers[i]); ok {
				w.predictions = jsonrows.AppendNumber(w.predictions, result.Numbers[i])
			}
		} else {
			w.predictions, ok = appendNumbers(w.predictions, result.Numbers[i*result.Outputs:(i+1)*result.Outputs], f.nested)
		}
		if !ok {
			return w.notFinite(i)
		}
		w.predictions = append(w.predictions, ',')
		if err := f.tooLarge(w); err != nil {
			return err
		}
	}
	return nil
}

// addClasses is addPredictions of classes: one for each row, or a list of them.
func (w *work) addClasses(f *listForm) error {
	result := &w.workspace.Result
	w.labels.prepare(result.Classes)
	outputs := max(result.Outputs, 1)
	for k, class := range result.Class {
		if outputs > 1 && k%outputs == 0 {
			w.predictions = append(w.predictions, '[')
		}
		var ok bool
		if w.predictions, ok = w.labels.append(w.predictions, class); !ok {
			return mlapi.Internalf("class %d of %d", class, len(result.Classes))
		}
		if outputs > 1 && k%outputs == outputs-1 {
			w.predictions = append(w.predictions, ']')
		}
		w.predictions = append(w.predictions, ',')
		if err := f.tooLarge(w); err != nil {
			return err
		}
	}
	return nil
}

// addScores appends the block's scores, a list per row with a comma behind.
func (w *work) addScores(f *listForm) error {
	scores := &w.workspace.Scores
	if scores.Samples() != w.workspace.Rows.Len() || scores.Width == 0 {
		return mlapi.Internalf("%s gave scores of %d samples x %d for %d rows", scores.Info.Estimator, scores.Samples(), scores.Width, w.workspace.Rows.Len())
	}
	for i := range scores.Samples() {
		var ok bool
		if w.scores, ok = appendNumbers(w.scores, scores.Row(i), false); !ok {
			return w.notFinite(i)
		}
		w.scores = append(w.scores, ',')
		if err := f.tooLarge(w); err != nil {
			return err
		}
	}
	return nil
}

// notFinite blames the row: a model of finite numbers gives others only where the
// row's are so large that it overflows.
func (w *work) notFinite(i int) error {
	row := w.workspace.Rows.Number(i)
	return mlapi.Invalidf("not_finite", "Row %d: what the model makes of it is no finite number.", row).At(row, -1)
}

// answer puts the whole answer together. Lists have a comma behind each element,
// the last of which makes room for the closing bracket.
func (w *work) answer(out output) []byte {
	closed := func(b []byte) []byte {
		b[len(b)-1] = ']'
		return b
	}
	if out == outputLabel {
		w.predictions = append(closed(w.predictions), '\n')
		return w.predictions
	}
	w.scores = closed(w.scores)
	if out == outputAll {
		w.scores = append(append(w.scores, `,"predictions":`...), closed(w.predictions)...)
	}
	w.scores = append(w.scores, "}\n"...)
	return w.scores
}
