package xgboost

import (
	"io"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

const formatName = "xgboost"

// Format is every format of XGBoost that is read: JSON, UBJSON and the old binary.
func Format() model.Format {
	return model.Format{Name: formatName, Detect: Detect, Read: read, Inspect: inspect}
}

// Detect reports whether a file that begins with head is of one of these formats.
func Detect(head []byte) bool { return kindOf(head) != unknownFile }

// read reads a file to its end.
func read(src *model.Source, limits model.Limits) (mlapi.Model, error) {
	data, err := io.ReadAll(src)
	if err != nil {
		return nil, err
	}
	b, err := Parse(data, limits)
	if err != nil {
		return nil, err
	}
	return b.Model()
}

// Model returns the model of a file by itself: a Classifier where XGBClassifier wrote
// it, a Scorer where the objective knows classes, otherwise a Regressor.
func (b *Booster) Model() (mlapi.Model, error) {
	info := &mlapi.Info{
		Estimator: "Booster", Format: formatName, Writer: b.Writer(), Features: b.Features(), Outputs: b.outputs, Task: mlapi.Regressor,
	}
	for i, kind := range b.types {
		if kind == "c" && len(b.coded) == 0 {
			info.Notes = append(info.Notes, "The file does not hold the categories of its columns, such as "+
				mlapi.Quote([]byte(info.Features[i].Name))+": they take codes.")
			break
		}
	}
	w, wrapped := b.wrapper()
	if !wrapped {
		b.classify(info)
		return b.Regressor(info, Use{})
	}
	use := b.Best()
	use.Missing = w.missing
	if w.trees > 0 {
		use = Use{Trees: w.trees, Missing: w.missing}
	}
	if info.Estimator = w.name; w.classes != nil && b.classes() == len(w.classes) {
		info.Task, info.Scores, info.Classes, info.Outputs = mlapi.Classifier, mlapi.Probability, w.classes, 0
		return b.Classifier(info, use)
	}
	b.classify(info)
	return b.Regressor(info, use)
}

// classify makes info that of a Scorer where predictions are scores of classes.
func (b *Booster) classify(info *mlapi.Info) {
	switch {
	case b.outputs > 1 && !b.objective.multiclass():
		if b.objective.task() != regresses {
			info.Notes = append(info.Notes, "The model has several labels; a score is answered for each.")
		}
	case b.objective.task() == classifies:
		info.Task, info.Scores = mlapi.Scorer, mlapi.Probability
	case b.objective.task() == decides:
		info.Task, info.Scores = mlapi.Scorer, mlapi.Decision
	}
}

// classes returns how many classes a classifier has, 0 where it can be none.
func (b *Booster) classes() int {
	switch {
	case b.objective.multiclass():
		return b.outputs
	case b.outputs == 1 && b.objective.task() != regresses:
		return 2
	}
	return 0
}

// wrapper is what a scikit-learn wrapper notes in a file that it writes.
type wrapper struct {
	name    string // its class
	classes []mlapi.Label
	trees   int // best_ntree_limit
	missing *float64
}

// wrapper reads the note of a scikit-learn wrapper: much up to 1.7, only its type since
// 2.0. Classes that it does not name are 0, 1, ...: the wrapper takes no others.
func (b *Booster) wrapper() (wrapper, bool) {
	text, ok := b.attributes["scikit_learn"]
	if !ok {
		return wrapper{}, false
	}
	note, err := parseJSON([]byte(text), newBudget(model.DefaultLimits(int64(len(text)))))
	if err != nil {
		return wrapper{}, false
	}
	w := wrapper{name: "XGBModel"}
	if v, ok := note["missing"].(float64); ok && !math.IsNaN(v) {
		w.missing = &v
	}
	if n, ok := note["best_ntree_limit"].(float64); ok && n >= 1 && n <= math.MaxInt32 {
		w.trees = int(n)
	}
	switch kind := note.text("_estimator_type"); {
	case note.text("type") != "":
		w.name = note.text("type")
	case kind == "classifier":
		w.name = "XGBClassifier"
	case kind == "regressor":
		w.name = "XGBRegressor"
	case kind == "ranker":
		w.name = "XGBRanker"
	}
	if w.name == "XGBClassifier" || w.name == "XGBRFClassifier" {
		w.classes = b.labels(note)
	}
	return w, true
}

// labels returns the classes that a note names, or 0, 1, ...
func (b *Booster) labels(note object) []mlapi.Label {
	var labels []mlapi.Label
	switch list := note["classes_"].(type) {
	case []float64:
		for _, v := range list {
			labels = append(labels, numberLabel(v))
		}
	case []any:
		for _, v := range list {
			if s, ok := v.(string); ok {
				labels = append(labels, mlapi.TextLabel(s))
			}
		}
	}
	if len(labels) == b.classes() {
		return labels
	}
	labels = labels[:0]
	for i := range b.classes() {
		labels = append(labels, mlapi.IntLabel(int64(i)))
	}
	return labels
}

func numberLabel(v float64) mlapi.Label {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return mlapi.IntLabel(int64(v))
	}
	return mlapi.FloatLabel(v)
}
