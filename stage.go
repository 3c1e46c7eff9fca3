package mlapi

import "context"

// Preprocessor turns the rows as sent into the matrix that the model takes.
//
// Preprocessors run in the configured order. The first gets an empty matrix,
// gives it a shape (Matrix.Resize) of rows.Len() samples and fills it; those
// after it change in place what is there. Wrong input is an Invalid *Error with
// row and column; any other error is a fault of the server.
//
// Preprocess is called by many goroutines at once, each with its own dst and
// rows, and must keep neither.
type Preprocessor interface {
	Preprocess(ctx context.Context, dst *Matrix, rows *Rows) error
}

// PreprocessFunc makes a Preprocessor of a function.
type PreprocessFunc func(ctx context.Context, dst *Matrix, rows *Rows) error

// Preprocess calls f.
func (f PreprocessFunc) Preprocess(ctx context.Context, dst *Matrix, rows *Rows) error {
	return f(ctx, dst, rows)
}

// Describer is a Preprocessor that changes what callers may send: it is given the
// features that the next stage takes and returns those that it takes itself. The
// slice it is given must not be changed.
type Describer interface {
	Describe(features []Feature) []Feature
}

// Model predicts. Predict fills dst, whose Want and Info are set, for every sample
// of m as [Scores] describes. The pipeline has checked that m is as wide as
// Info().Features is long; a value the model cannot take is an Invalid *Error
// with row (Matrix.Number) and column.
//
// Predict is called by many goroutines at once, each with its own dst and m, and
// must keep neither. Info always returns the same pointer.
type Model interface {
	Info() *Info
	Predict(ctx context.Context, dst *Scores, m *Matrix) error
}

// Postprocessor turns scores into what is answered.
//
// Postprocessors run in the configured order. The first gets an empty result and
// fills it with one prediction per sample; those after it change it in place. The
// slices of dst are the caller's and reused (append to dst.Class[:0]); Classes
// may be set to a slice of the postprocessor's own.
//
// Postprocess is called by many goroutines at once, each with its own dst and s,
// and must keep neither.
type Postprocessor interface {
	Postprocess(ctx context.Context, dst *Result, s *Scores) error
}

// PostprocessFunc makes a Postprocessor of a function.
type PostprocessFunc func(ctx context.Context, dst *Result, s *Scores) error

// Postprocess calls f.
func (f PostprocessFunc) Postprocess(ctx context.Context, dst *Result, s *Scores) error {
	return f(ctx, dst, s)
}

// Labeller is a Postprocessor that answers other classes than those of the stage
// before it: it is given those and returns its own, nil where it answers numbers.
// The slice it is given must not be changed.
type Labeller interface {
	Labels(classes []Label) []Label
}
