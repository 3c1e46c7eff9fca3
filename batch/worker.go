package batch

import (
	"bytes"
	"context"
	"errors"
	"math"
	"unicode/utf8"

	"example.com/mlapi"
	"example.com/mlapi/api/jsonrows"
)

const (
	mostRows  = 1024    // rows that go through the pipeline at once
	mostCells = 1 << 19 // or values of theirs
	mostOut   = 1 << 20 // bytes of answers before they are handed on
	mostText  = mostRecord
)

// record is a row of the input as written, with its line end.
type record struct {
	raw    []byte
	line   int
	broken string // what is wrong with it as a record
}

// worker scores blocks.
type worker struct {
	*engine
	encoder *encoder
	lines   *ndjson
	decoder jsonrows.Decoder
	source  bytes.Reader
	ws      mlapi.Workspace
	atOnce  int // rows

	records []record
	fields  []field
	scratch []byte

	block   *block
	rows    int64
	outputs int
	width   int // of the scores
	bad     []badRecord
}

// errStop ends the work on a block: a bad row, and nowhere to put it.
var errStop = errors.New("stop")

func newWorker(e *engine) (*worker, error) {
	w := &worker{engine: e, encoder: newEncoder(e.job, e.layout)}
	info := e.job.Pipeline.Model.Info()
	wide := max(len(info.Features), len(info.Classes), info.Outputs, 1)
	w.atOnce = min(max(mostCells/wide, 1), mostRows)
	if !e.layout.split.json {
		return w, nil
	}
	var err error
	w.lines, err = e.job.newNDJSON(e.features)
	return w, err
}

// run scores blocks until there are no more.
func (w *worker) run(ctx context.Context) {
	for {
		select {
		case b, open := <-w.work:
			if !open {
				return
			}
			w.score(ctx, b)
		case <-ctx.Done():
			return
		}
	}
}

// score scores one block.
func (w *worker) score(ctx context.Context, b *block) {
	w.block, w.rows, w.bad = b, 0, w.bad[:0]
	b.out = b.out[:0]
	err := w.split()
	for from := 0; from < len(w.records) && err == nil; from += w.atOnce {
		if err = w.some(ctx, w.records[from:min(from+w.atOnce, len(w.records))]); err == nil && len(b.out) >= mostOut {
			err = w.handOn(ctx)
		}
	}
	if errors.Is(err, errStop) {
		err = nil
	}
	select {
	case b.pieces <- w.piece(err):
		close(b.pieces)
	case <-ctx.Done():
	}
}

// piece returns what was made since the last one.
func (w *worker) piece(err error) piece {
	p := piece{out: w.block.out, rows: w.rows, outputs: w.outputs, width: w.width, bad: w.bad, err: err}
	w.bad = nil // the writer's now
	return p
}

// handOn gives the writer what there is and waits until it is written.
func (w *worker) handOn(ctx context.Context) error {
	w.block.pieces <- w.piece(nil)
	select {
	case <-w.block.taken:
		w.block.out, w.rows = w.block.out[:0], 0
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// split finds the records of the block.
func (w *worker) split() error {
	w.records = w.records[:0]
	data, line := w.block.data, w.block.line
	checked := utf8.Valid(data)
	for len(data) > 0 {
		size, found := w.layout.split.record(data, true)
		r := record{raw: data[:size], line: line}
		switch {
		case len(trimLine(r.raw)) == 0 || w.lines != nil && len(bytes.TrimSpace(r.raw)) == 0:
			data, line = data[size:], line+1
			continue
		case size > mostRecord:
			return &InputError{Line: line, Text: "the line is longer than 16 MiB", Todo: "is this a file of rows? one row stands in one line"}
		case found == brokenQuote:
			r.broken = `the quotes are wrong: a field that begins with a quote must end with one, and quotes in it must be doubled`
		case !checked && !utf8.Valid(r.raw):
			r.broken = "the text is not UTF-8"
		}
		w.records = append(w.records, r)
		data, line = data[size:], line+bytes.Count(r.raw, []byte("\n"))
	}
	return nil
}

// some takes records through the pipeline together; where that fails, half of them at
// a time, until the bad ones are found. The rows before a bad one are answered first.
func (w *worker) some(ctx context.Context, records []record) error {
	err := w.together(ctx, records)
	if err == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	e := mlapi.AsError(err)
	if e.Kind != mlapi.Invalid && e.Kind != mlapi.TooLarge {
		return err
	}
	if len(records) > 1 {
		half := len(records) / 2
		if err := w.some(ctx, records[:half]); err != nil {
			return err
		}
		return w.some(ctx, records[half:])
	}
	return w.refuse(records[0], e)
}

// refuse puts a record to the bad ones.
func (w *worker) refuse(r record, e *mlapi.Error) error {
	found := &RowError{Line: r.line, List: w.layout.split.list, Reason: reason(e), Cause: e}
	if column, known := e.Column(); known {
		found.Column = w.layout.columns.name(column, w.features)
	}
	w.bad = append(w.bad, badRecord{r.raw, found})
	if w.job.Bad == nil {
		return errStop
	}
	return nil
}

// together takes records through the pipeline and appends their answers. After an
// error nothing is appended.
func (w *worker) together(ctx context.Context, records []record) error {
	w.ws.Rows.Reset(0)
	if err := w.fill(records); err != nil {
		return err
	}
	want := mlapi.WantPredictions
	if w.job.Want != Label {
		want = mlapi.WantScores
	}
	if err := w.job.Pipeline.Run(ctx, &w.ws, want); err != nil {
		return err
	}
	if err := w.encoder.check(&w.ws); err != nil {
		return err
	}
	from := len(w.block.out)
	for i, r := range records {
		if err := w.answer(i, r); err != nil {
			w.block.out = w.block.out[:from]
			return err
		}
	}
	w.rows += int64(len(records))
	w.outputs, w.width = max(w.ws.Result.Outputs, 1), w.ws.Scores.Width
	return nil
}

// fill decodes records.
func (w *worker) fill(records []record) error {
	if w.lines != nil {
		return w.fillJSON(records)
	}
	for i, r := range records {
		if r.broken != "" {
			return mlapi.Invalidf("bad_record", "%s", r.broken)
		}
		w.fields, w.scratch = splitFields(w.fields[:0], w.scratch[:0], trimLine(r.raw), w.layout.split.delimiter)
		c := w.layout.columns
		if len(w.fields) != c.width {
			return mlapi.Invalidf("ragged_rows", "there are %d columns instead of %d", len(w.fields), c.width).At(i, -1)
		}
		for feature, at := range c.sources {
			if c.types == nil {
				appendUnknown(&w.ws.Rows, w.fields[at])
			} else {
				appendCell(&w.ws.Rows, w.fields[at], c.types[feature])
			}
		}
		if err := w.ws.Rows.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) fillJSON(records []record) error {
	w.lines.begin()
	for _, r := range records {
		if r.broken != "" {
			return mlapi.Invalidf("bad_record", "%s", r.broken)
		}
		if err := w.lines.add(r.raw); err != nil {
			return err
		}
	}
	w.source.Reset(w.lines.text())
	w.decoder.Reset(&w.source, nil, jsonrows.Limits{
		Rows: math.MaxInt, Columns: mostCells, Text: mostText, BlockRows: len(records) + 1, BlockBytes: math.MaxInt,
	})
	if _, err := w.decoder.Next(&w.ws.Rows); err != nil {
		return err
	}
	if w.ws.Rows.Len() != len(records) {
		return mlapi.Invalidf("not_a_row", "the line is not one row")
	}
	return nil
}

// answer appends the answer of record i.
func (w *worker) answer(i int, r record) error {
	kept, err := w.kept(r)
	if err != nil {
		return err
	}
	w.block.out, err = w.encoder.row(w.block.out, kept, &w.ws, i)
	return err
}

// kept returns the columns of a record that are copied.
func (w *worker) kept(r record) ([]kept, error) {
	if len(w.job.Keep) == 0 {
		return nil, nil
	}
	list := w.encoder.kept[:0]
	if w.lines == nil {
		w.fields, w.scratch = splitFields(w.fields[:0], w.scratch[:0], trimLine(r.raw), w.layout.split.delimiter)
		for _, at := range w.layout.columns.keep {
			list = append(list, kept{field: w.fields[at]})
		}
		return list, nil
	}
	var err error
	if w.lines.member, err = members(w.lines.member[:0], bytes.TrimSpace(r.raw)); err != nil {
		return nil, err
	}
	for _, name := range w.job.Keep {
		list = append(list, kept{json: w.lines.find(name)})
	}
	return list, nil
}
