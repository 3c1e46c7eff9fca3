package api

import (
	"net/http"
	"net/url"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

const (
	mostColumns = 65_536   // cells in a row
	mostText    = 16 << 20 // bytes of one text
	blockRows   = 1024
	blockBytes  = 1 << 20
	mostKept    = 4 << 20 // bytes of a work that goes back to the pool
)

// output is what a caller wants to read of the predictions.
type output uint8

const (
	outputLabel output = iota
	outputScores
	outputAll
)

// work is the memory of one request for predictions, reused by the next.
type work struct {
	workspace   mlapi.Workspace
	decoder     jsonrows.Decoder
	predictions []byte // a JSON list as far as it has got
	scores      []byte // likewise
	labels      labels
	largest     int // bytes of the largest block of rows
}

// predict answers a prediction for each row of the body.
func (s *server) predict(x *exchange) (answer, error) {
	if err := jsonBody(x.r.Header["Content-Type"], x.r.Header["Content-Encoding"]); err != nil {
		return answer{}, err
	}
	info := s.config.Pipeline.Model.Info()
	out, err := outputOf(x.r.URL.RawQuery, info)
	if err != nil {
		return answer{}, err
	}
	if err := x.body.allow(x.r, s.config.MaxBodyBytes); err != nil {
		return answer{}, err
	}
	x.work = s.works.Get().(*work)
	w := x.work
	w.predictions, w.scores, w.largest = append(w.predictions[:0], '['), append(w.scores[:0], '['), 0
	w.decoder.Reset(&x.body, s.names, jsonrows.Limits{
		Rows: s.config.MaxRows, Columns: mostColumns, Text: mostText,
		BlockRows: blockRows, BlockBytes: blockBytes,
	})
	for more := true; more; {
		more, err = s.predictBlock(x, w, out)
		x.rows = w.decoder.Rows()
		if err != nil {
			return answer{}, err
		}
	}
	return answer{status: http.StatusOK, json: w.answer(out, s.config.Pipeline)}, nil
}

// predictBlock takes the next block of rows through the pipeline.
func (s *server) predictBlock(x *exchange, w *work, out output) (more bool, err error) {
	ws := &w.workspace
	more, err = w.decoder.Next(&ws.Rows)
	w.largest = max(w.largest, ws.Rows.Size())
	if err != nil {
		return false, err
	}
	if more {
		x.body.rest() // the model may take its time
	}
	want := mlapi.WantPredictions
	if out != outputLabel {
		want = mlapi.WantScores
	}
	if err := s.config.Pipeline.Run(x.ctx, ws, want); err != nil {
		return false, err
	}
	if out != outputScores {
		if err := w.addPredictions(); err != nil {
			return false, err
		}
	}
	if out != outputLabel {
		if err := w.addScores(); err != nil {
			return false, err
		}
	}
	return more, nil
}

// addPredictions appends the block's predictions, each with a comma behind.
func (w *work) addPredictions() error {
	result := &w.workspace.Result
	if result.Classes != nil {
		w.labels.prepare(result.Classes)
		for _, class := range result.Class {
			var ok bool
			if w.predictions, ok = w.labels.append(w.predictions, class); !ok {
				return mlapi.Internalf("class %d of %d", class, len(result.Classes))
			}
			w.predictions = append(w.predictions, ',')
		}
		return nil
	}
	for i := range result.Samples() {
		ok := true
		if result.Outputs == 1 {
			if ok = finite(result.Numbers[i]); ok {
				w.predictions = appendNumber(w.predictions, result.Numbers[i])
			}
		} else {
			w.predictions, ok = appendNumbers(w.predictions, result.Numbers[i*result.Outputs:(i+1)*result.Outputs])
		}
		if !ok {
			return w.notFinite(i)
		}
		w.predictions = append(w.predictions, ',')
	}
	return nil
}

// addScores appends the block's scores, a list per row with a comma behind.
func (w *work) addScores() error {
	scores := &w.workspace.Scores
	if scores.Samples() != w.workspace.Rows.Len() || scores.Width == 0 {
		return mlapi.Internalf("%s gave scores of %d samples x %d for %d rows", scores.Info.Estimator, scores.Samples(), scores.Width, w.workspace.Rows.Len())
	}
	for i := range scores.Samples() {
		var ok bool
		if w.scores, ok = appendNumbers(w.scores, scores.Row(i)); !ok {
			return w.notFinite(i)
		}
		w.scores = append(w.scores, ',')
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
func (w *work) answer(out output, p *mlapi.Pipeline) []byte {
	closed := func(b []byte) []byte {
		b[len(b)-1] = ']'
		return b
	}
	if out == outputLabel {
		return append(closed(w.predictions), '\n')
	}
	info := p.Model.Info()
	classes := info.Classes // which the scores' columns stand for
	if info.Scores == mlapi.Anomaly {
		classes = p.Classes() // no column stands for a class: those of the predictions
	}
	b := append([]byte(`{"kind":`), quote(info.Scores.String())...)
	if len(classes) > 0 {
		b = append(append(b, `,"classes":`...), classesJSON(classes)...)
	}
	b = append(append(b, `,"scores":`...), closed(w.scores)...)
	if out == outputAll {
		b = append(append(b, `,"predictions":`...), closed(w.predictions)...)
	}
	return append(b, "}\n"...)
}

// outputOf reads ?output= and refuses what the model cannot give. Other keys mean
// nothing; of one sent twice the first counts.
func outputOf(query string, info *mlapi.Info) (output, error) {
	if query == "" {
		return outputLabel, nil
	}
	values, _ := url.ParseQuery(query) // what is malformed is no key of ours
	if !values.Has("output") {
		return outputLabel, nil
	}
	out := outputLabel
	switch word := values.Get("output"); word {
	case "label":
		return outputLabel, nil
	case "scores":
		out = outputScores
	case "all":
		out = outputAll
	default:
		return 0, mlapi.Invalidf("unknown_output", "The output %s is unknown; it is label, scores or all.", mlapi.Quote([]byte(word)))
	}
	if info.Scores == mlapi.NoScores {
		return 0, mlapi.Invalidf("no_scores", "The model, %s, gives no scores; only the output label is there.", info.Estimator)
	}
	return out, nil
}

// giveBack returns what the exchange borrowed, unless it has grown so large that
// it would better be freed.
func (s *server) giveBack(x *exchange) {
	w := x.work
	if w == nil {
		return
	}
	x.work = nil
	w.decoder.Reset(nil, nil, jsonrows.Limits{})
	m := &w.workspace.Matrix
	size := w.largest + w.decoder.Size() + 8*cap(m.Data) + 16*cap(m.Texts) +
		8*cap(w.workspace.Scores.Values) + cap(w.predictions) + cap(w.scores)
	if size <= mostKept {
		s.works.Put(w)
	}
}
