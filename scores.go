package mlapi

// Want says which scores a caller asks a Model for. Some cost much more than the
// label alone (the Platt probabilities of a support vector machine).
type Want uint8

const (
	// WantPredictions asks for what the model predicts: Class, or the numbers of a
	// Regressor or Scorer in Values. It is the zero value.
	WantPredictions Want = iota
	// WantScores asks for the predictions and, of a Classifier or OutlierDetector,
	// also the values of Info.Scores in Values.
	WantScores
)

// Scores are what a model gives for the samples of a Matrix.
//
//	task             Class               Values
//	Classifier       index into Classes  WantScores: probabilities or decision values
//	  of k outputs   k indexes           none
//	OutlierDetector  0 (-1) or 1 (1)     WantScores: anomaly scores
//	Regressor        empty               the predicted numbers, samples x Outputs
//	Scorer           empty               the raw scores, samples x Outputs
//	Transformer      empty               the features made, samples x Outputs
//
// The zero value is empty. It is the caller's and is reused.
type Scores struct {
	Want   Want  // set by the caller before Predict
	Info   *Info // of the model that gave the scores; set by the caller before Predict
	Class  []int32
	Values []float64 // row-major, samples x Width
	Width  int       // values per sample; 0 where there are none

	samples int
}

// Resize gives s the shape of samples answers: Class has samples elements where
// classes is true, Values samples x width. What they hold is unspecified: whoever
// resizes writes every value.
func (s *Scores) Resize(samples int, classes bool, width int) {
	s.samples, s.Width = samples, width
	n := 0
	if classes {
		n = samples
	}
	s.Class = resized(s.Class, n)
	s.Values = resized(s.Values, samples*width)
}

// ResizeOutputs gives s the shape of samples answers of a classifier of several
// outputs: Class has samples x outputs elements, Values none.
func (s *Scores) ResizeOutputs(samples, outputs int) {
	s.Resize(samples*outputs, true, 0)
	s.samples = samples
}

// ResizeLike gives s the shape of samples answers of the kind that part holds.
func (s *Scores) ResizeLike(part *Scores, samples int) {
	classes := 0
	if part.samples > 0 {
		classes = len(part.Class) / part.samples
	}
	s.samples, s.Width = samples, part.Width
	s.Class = resized(s.Class, samples*classes)
	s.Values = resized(s.Values, samples*part.Width)
}

// resized returns list with n elements of no certain value, in its own memory where
// that is enough.
func resized[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	return list[:n]
}

// CopyAt copies the answers of part, of some of the samples, to those of s from
// sample first on. Both are of one shape, as ResizeLike gives it.
func (s *Scores) CopyAt(first int, part *Scores) {
	if part.samples > 0 {
		copy(s.Class[first*(len(part.Class)/part.samples):], part.Class)
	}
	copy(s.Values[first*s.Width:], part.Values)
}

// Samples returns the number of samples.
func (s *Scores) Samples() int { return s.samples }

// Row returns the values of sample i.
func (s *Scores) Row(i int) []float64 { return s.Values[i*s.Width : (i+1)*s.Width : (i+1)*s.Width] }

// Result is what is answered for the samples of one block: a prediction each, of
// Outputs classes (indexes into Classes; 0 means 1) or Outputs numbers.
//
// The zero value is empty. It is the caller's and is reused.
type Result struct {
	Classes []Label   // what Class indexes; nil where the predictions are numbers
	Class   []int32   // samples x Outputs, where Classes is not nil
	Numbers []float64 // samples x Outputs, where Classes is nil
	Outputs int       // classes or numbers per sample; 1 is answered as a flat list
}

// Samples returns the number of predictions.
func (r *Result) Samples() int {
	if r.Classes != nil {
		return len(r.Class) / max(r.Outputs, 1)
	}
	if r.Outputs == 0 {
		return 0
	}
	return len(r.Numbers) / r.Outputs
}
