package mlapi

import (
	"math"
	"strconv"
)

// Task is what a model does.
type Task uint8

const (
	// Classifier gives one of Info.Classes per sample, or several where Info.Outputs
	// is more than 1.
	Classifier Task = iota + 1
	// Regressor gives Info.Outputs numbers per sample.
	Regressor
	// OutlierDetector gives one of two classes per sample, -1 (outlier) and 1.
	OutlierDetector
	// Scorer gives raw scores without a decision: a booster's output, a network's
	// probabilities. Postprocessing makes classes of them.
	Scorer
	// Transformer gives Info.Outputs features per sample: a fitted part of a model that
	// predicts nothing by itself, such as a scaler or a vectoriser.
	Transformer
)

// String returns the task's name.
func (t Task) String() string {
	switch t {
	case Classifier:
		return "classifier"
	case Regressor:
		return "regressor"
	case OutlierDetector:
		return "outlier detector"
	case Scorer:
		return "scorer"
	case Transformer:
		return "transformer"
	}
	return "unknown"
}

// ScoreKind is the meaning of a model's scores.
type ScoreKind uint8

const (
	// NoScores: the model gives labels or numbers only.
	NoScores ScoreKind = iota
	// Probability: one value per class, 0 to 1, summing to 1.
	Probability
	// Decision: signed distances; one value per class, or one in all where there
	// are two classes (positive means the second).
	Decision
	// Anomaly: one value per sample; the lower, the more abnormal, and negative
	// means outlier (scikit-learn's decision_function).
	Anomaly
)

// String returns the word that stands in answers.
func (k ScoreKind) String() string {
	switch k {
	case Probability:
		return "probability"
	case Decision:
		return "decision"
	case Anomaly:
		return "anomaly"
	}
	return "none"
}

// FeatureType says what a feature takes.
type FeatureType uint8

const (
	// NumberFeature takes numbers. It is the zero value.
	NumberFeature FeatureType = iota
	// CategoryFeature takes the name of a category, or its number.
	CategoryFeature
	// TextFeature takes text.
	TextFeature
	// AnyFeature takes anything, for nothing looks at it: a column that a fitted pipeline
	// drops.
	AnyFeature
)

// String returns the word that stands in answers.
func (t FeatureType) String() string {
	switch t {
	case CategoryFeature:
		return "category"
	case TextFeature:
		return "text"
	case AnyFeature:
		return "any"
	}
	return "number"
}

// Feature describes one column of the rows.
type Feature struct {
	Name       string // as stored in the model or the encoding CSV; "x0", "x1", ... where unnamed
	Type       FeatureType
	Categories []string // of a CategoryFeature, in order of their numbers; of a TextFeature the texts that are known, nil where any is
}

// Info describes a model. It is fixed at load and must not be changed.
type Info struct {
	Estimator string    // class name of the last estimator: "RandomForestClassifier"
	Format    string    // the file's format: "joblib", "pickle", ...
	Writer    string    // what wrote the file, where it says so: "scikit-learn 1.5.2"
	Task      Task      //
	Features  []Feature // in column order
	Classes   []Label   // of a Classifier in the model's order (of several outputs those of all); -1 and 1 of an OutlierDetector; else empty
	Outputs   int       // values per sample of a Regressor, Scorer or Transformer; labels per sample of a Classifier, 0 meaning 1
	Scores    ScoreKind // what Scores.Values mean where scores were asked for
	Notes     []string  // what the person who serves the file should know, a sentence each
}

// Label is a class as it was trained: a whole number, a float, a boolean or a
// text. Labels are comparable with ==.
type Label struct {
	kind labelKind
	bits uint64
	text string
}

type labelKind uint8

const (
	intLabel labelKind = iota
	floatLabel
	boolLabel
	textLabel
)

// IntLabel returns the label of a class trained as a whole number.
func IntLabel(v int64) Label { return Label{kind: intLabel, bits: uint64(v)} }

// FloatLabel returns the label of a class trained as a float.
func FloatLabel(v float64) Label { return Label{kind: floatLabel, bits: math.Float64bits(v)} }

// BoolLabel returns the label of a class trained as a boolean.
func BoolLabel(v bool) Label {
	l := Label{kind: boolLabel}
	if v {
		l.bits = 1
	}
	return l
}

// TextLabel returns the label of a class trained as a text.
func TextLabel(v string) Label { return Label{kind: textLabel, text: v} }

// Value returns the label as an int64, float64, bool or string.
func (l Label) Value() any {
	switch l.kind {
	case floatLabel:
		return math.Float64frombits(l.bits)
	case boolLabel:
		return l.bits == 1
	case textLabel:
		return l.text
	}
	return int64(l.bits)
}

// String returns the label in plain text: 1, 0.5, true, normal.
func (l Label) String() string {
	switch v := l.Value().(type) {
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}
