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
	blockValues = 1 << 20 // numbers that a model gives for the rows of one block
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
	scores      []byte // the beginning of an object, and a list likewise
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
	w.predictions, w.scores, w.largest = append(w.predictions[:0], '['), w.scores[:0], 0
	if out != outputLabel {
		w.scores = append(w.scores, s.form.head...)
	}
	w.decoder.Reset(&x.body, s.names, jsonrows.Limits{
		Rows: s.config.MaxRows, Columns: mostColumns, Text: mostText,
		BlockRows: s.form.blockRows, BlockBytes: blockBytes,
	})
	for more := true; more; {
		more, err = s.predictBlock(x, w, out)
		x.rows = w.decoder.Rows()
		if err != nil {
			return answer{}, err
		}
	}
	return answer{status: http.StatusOK, json: w.answer(out)}, nil
}

// predictBlock takes the next block of rows through the pipeline.
func (s *server) predictBlock(x *exchange, w *work, out output) (more bool, err error) {
	ws := &w.workspace
	more, err = w.decoder.Next(&ws.Rows)
	w.largest = max(w.largest, ws.Rows.Size())
	if err != nil {
		return false, s.config.Pipeline.Locate(err)
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
		if err := w.addPredictions(&s.form); err != nil {
			return false, err
		}
	}
	if out != outputLabel {
		if err := w.addScores(&s.form); err != nil {
			return false, err
		}
	}
	return more, nil
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
	if info.Scores == mlapi.NoScores || info.Task == mlapi.Classifier && info.Outputs > 1 {
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
	if w.size() <= mostKept {
		w.workspace.Matrix.Reset(0) // forgets the texts
		s.works.Put(w)
	}
}

// size returns about how many bytes of memory w keeps.
func (w *work) size() int {
	scores, result := &w.workspace.Scores, &w.workspace.Result
	return w.largest + w.decoder.Size() + w.workspace.Matrix.Size() +
		8*cap(scores.Values) + 4*cap(scores.Class) + 8*cap(result.Numbers) + 4*cap(result.Class) +
		cap(w.predictions) + cap(w.scores)
}
