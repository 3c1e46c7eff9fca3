package mlapi

import (
	"context"
	"errors"
	"strconv"
)

// Pipeline is the way of the data: rows through the preprocessors, the model and
// the postprocessors. It is put together at start, is never changed and is safe
// for concurrent use.
type Pipeline struct {
	Preprocess  []Preprocessor
	Model       Model
	Postprocess []Postprocessor
}

// Workspace is the memory of one request's way through a Pipeline, one block of
// rows at a time. The zero value is ready for use. Reuse it: a warm workspace
// makes Run free of allocations.
type Workspace struct {
	Rows   Rows
	Matrix Matrix
	Scores Scores
	Result Result
}

// Features returns what callers send: the model's features as the preprocessors
// describe them.
func (p *Pipeline) Features() []Feature {
	features := p.Model.Info().Features
	for i := len(p.Preprocess) - 1; i >= 0; i-- {
		if d, ok := p.Preprocess[i].(Describer); ok {
			features = d.Describe(features)
		}
	}
	return features
}

// Classes returns what predictions can be: the model's classes as the
// postprocessors turn them into others; nil where predictions are numbers.
func (p *Pipeline) Classes() []Label {
	classes := p.Model.Info().Classes
	for _, part := range p.Postprocess {
		if l, ok := part.(Labeller); ok {
			classes = l.Labels(classes)
		}
	}
	return classes
}

// Locate returns err with the feature's name in its text where it is an *Error, of
// Cellf, about a value in a column of the request. All others are returned as they
// are, and so are those of features without names (x0, x1, ...).
func (p *Pipeline) Locate(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	column, known := e.Column()
	if !known {
		return err
	}
	features := p.Features()
	if column >= len(features) || features[column].Name == "x"+strconv.Itoa(column) {
		return err
	}
	return e.InColumn(column, features[column].Name)
}

// locate is Locate of an error whose column is one of the matrix. Where the matrix
// is as wide as the rows its columns are theirs, otherwise nobody knows which.
func (p *Pipeline) locate(ws *Workspace, err error) error {
	if ws.Matrix.Width() == ws.Rows.Width() {
		return p.Locate(err)
	}
	var e *Error
	if errors.As(err, &e) {
		return e.InColumn(-1, "")
	}
	return err
}

// wrongWidth returns an error where rows have another width than callers are told
// to send, or nil where that is unknown because a part does not describe itself.
func (p *Pipeline) wrongWidth(rows *Rows) error {
	for _, part := range p.Preprocess {
		if _, ok := part.(Describer); !ok {
			return nil
		}
	}
	if want := len(p.Features()); rows.Width() != want {
		return wrongFeatureCount(rows.Width(), want)
	}
	return nil
}

func wrongFeatureCount(got, want int) error {
	return Invalidf("wrong_feature_count", "The rows have %d values each; the model takes %d features.", got, want)
}

// Run takes the rows of ws through every stage; want says which scores to leave
// in ws.Scores beside the predictions in ws.Result. Wrong input is an Invalid
// *Error; a part that broke its contract is an Internal one.
func (p *Pipeline) Run(ctx context.Context, ws *Workspace, want Want) error {
	if err := Cancelled(ctx); err != nil {
		return err
	}
	info := p.Model.Info()
	ws.Matrix.Reset(ws.Rows.Number(0))
	for i, part := range p.Preprocess {
		if err := part.Preprocess(ctx, &ws.Matrix, &ws.Rows); err != nil {
			if wrong := p.wrongWidth(&ws.Rows); wrong != nil {
				return wrong // the reason behind whatever the part stumbled over
			}
			return p.locate(ws, err)
		}
		if ws.Matrix.Samples() != ws.Rows.Len() {
			return Internalf("preprocessor %d (%T) made %d samples of %d rows", i, part, ws.Matrix.Samples(), ws.Rows.Len())
		}
	}
	if got, want := ws.Matrix.Width(), len(info.Features); got != want {
		return wrongFeatureCount(got, want)
	}
	ws.Scores.Want, ws.Scores.Info = want, info
	if err := p.Model.Predict(ctx, &ws.Scores, &ws.Matrix); err != nil {
		return p.locate(ws, err)
	}
	ws.Result = Result{Class: ws.Result.Class[:0], Numbers: ws.Result.Numbers[:0]}
	for _, part := range p.Postprocess {
		if err := part.Postprocess(ctx, &ws.Result, &ws.Scores); err != nil {
			return err
		}
	}
	if got := ws.Result.Samples(); got != ws.Rows.Len() {
		return Internalf("the postprocessors made %d predictions of %d rows", got, ws.Rows.Len())
	}
	return nil
}
