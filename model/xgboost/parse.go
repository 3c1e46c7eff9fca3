package xgboost

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
)

const (
	mostOutputs  = 1 << 16
	featureBytes = 96 // what a feature costs in memory, about
)

// Parse reads a model: a file, or the handle of a pickled Booster. Its error is an
// *Error.
func Parse(data []byte, limits model.Limits) (*Booster, error) {
	if int64(len(data)) > limits.Bytes {
		return nil, broken("the model is longer than %d bytes", limits.Bytes)
	}
	budget := newBudget(limits)
	var o object
	var err error
	switch kindOf(data) {
	case jsonFile:
		o, err = parseJSON(data, budget)
	case ubjsonFile:
		o, err = parseUBJSON(data, budget)
	case binaryFile:
		return parseBinary(data, budget)
	case snapshotFile:
		return parseSnapshot(data, budget)
	default:
		return nil, unsupported(hintConvert, "it is no model of XGBoost that can be read: neither JSON nor UBJSON nor the binary format of 0.6 to 2.0")
	}
	if err != nil {
		return nil, err
	}
	if o.has("Model") { // a snapshot for pickles: the model and the training's configuration
		if o, err = o.object("Model"); err != nil {
			return nil, err
		}
	}
	return fromDocument(o, budget)
}

// fileKind is what a file is by its first bytes.
type fileKind uint8

const (
	unknownFile fileKind = iota
	jsonFile
	ubjsonFile
	binaryFile
	snapshotFile // of a pickle by 1.0 to 1.2
)

// kindOf tells what data, or a file that begins with it, is.
func kindOf(data []byte) fileKind {
	text := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case bytes.HasPrefix(data, []byte("{L\x00\x00\x00\x00\x00\x00\x00")), bytes.HasPrefix(data, []byte("{i\x07learner{")):
		if key := data[min(len(data), 10):]; hasAnyPrefix(key, "learner", "Config", "Model", "version") {
			return ubjsonFile
		}
	case len(text) > 0 && text[0] == '{':
		if rest := bytes.TrimLeft(text[1:], " \t\r\n"); hasAnyPrefix(rest, `"learner"`, `"Config"`, `"Model"`, `"version"`) &&
			bytes.Contains(text[:min(len(text), model.HeadLength)], []byte(`"learner"`)) {
			return jsonFile
		}
	case bytes.HasPrefix(data, []byte(snapshotMagic)):
		return snapshotFile
	case looksBinary(data):
		return binaryFile
	}
	return unknownFile
}

func hasAnyPrefix(b []byte, prefixes ...string) bool {
	for _, p := range prefixes {
		if bytes.HasPrefix(b, []byte(p)) {
			return true
		}
	}
	return false
}

// fromDocument makes a Booster of a JSON or UBJSON document.
func fromDocument(o object, budget *budget) (*Booster, error) {
	b := &Booster{}
	learner, err := o.object("learner")
	if err != nil {
		return nil, err
	}
	version, err := o.ints("version")
	if err != nil {
		return nil, err
	}
	for i, n := range version[:min(len(version), len(b.version))] {
		b.version[i] = int(n)
	}
	if b.attributes, err = attributes(learner); err != nil {
		return nil, err
	}
	if err := b.parameters(learner, budget); err != nil {
		return nil, err
	}
	if err := b.describe(learner); err != nil {
		return nil, err
	}
	booster, err := learner.object("gradient_booster")
	if err != nil {
		return nil, err
	}
	if err := b.booster(booster, budget); err != nil {
		return nil, err
	}
	return b, nil
}

func attributes(learner object) (map[string]string, error) {
	list := make(map[string]string)
	if !learner.has("attributes") {
		return list, nil
	}
	o, err := learner.object("attributes")
	if err != nil {
		return nil, err
	}
	for key := range o {
		list[key] = o.text(key)
	}
	return list, nil
}

// parameters reads what the learner says of itself: the objective, the numbers of
// features and outputs, and the base score.
func (b *Booster) parameters(learner object, budget *budget) error {
	objective, err := learner.object("objective")
	if err != nil {
		return err
	}
	if err := b.setObjective(objective.text("name")); err != nil {
		return err
	}
	p, err := learner.object("learner_model_param")
	if err != nil {
		return err
	}
	if b.features, err = p.count("num_feature", 0); err != nil {
		return err
	}
	classes, err := p.count("num_class", 0)
	if err != nil {
		return err
	}
	targets, err := p.count("num_target", 1)
	if err != nil {
		return err
	}
	if err := b.size(classes, targets, budget); err != nil {
		return err
	}
	base, err := parseBase(p.text("base_score"))
	if err != nil {
		return err
	}
	if len(base) == 1 {
		for len(base) < b.outputs {
			base = append(base, base[0])
		}
	}
	if len(base) != b.outputs {
		return broken("%d base scores for %d outputs", len(base), b.outputs)
	}
	b.base = b.objective.margins(base, b.before(1, 3) || b.version == [3]int{1, 3, 0})
	for _, v := range b.base {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return broken("the base score %s is out of the range of %s", mlapi.Quote([]byte(p.text("base_score"))), b.objective)
		}
	}
	return nil
}

// setObjective takes the objective's name.
func (b *Booster) setObjective(name string) error {
	if b.objective = objective(name); b.objective.task() == unknownTask {
		return unsupported(hintTrain, "the objective %s is not known", mlapi.Quote([]byte(name)))
	}
	return nil
}

// size takes the numbers of classes and targets, b.features being set.
func (b *Booster) size(classes, targets int, budget *budget) error {
	b.outputs = max(classes, targets, 1)
	switch {
	case b.features < 1:
		return unsupported("train the model before it is saved", "it has no features: it was saved before it was trained")
	case b.outputs > mostOutputs:
		return broken("%d classes and %d targets are too many", classes, targets)
	case b.objective.multiclass() && classes != b.outputs:
		return broken("the objective %s with %d classes and %d targets", b.objective, classes, targets)
	}
	return budget.pay(featureBytes * int64(b.features))
}

// parseBase reads a base score: "5E-1", or "[5E-1,2.5E-1]" since 3.1.
func parseBase(text string) ([]float64, error) {
	var base []float64
	for word := range strings.SplitSeq(strings.Trim(text, "[]"), ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(word), 32)
		if err != nil {
			return nil, broken("the base score is %s", mlapi.Quote([]byte(text)))
		}
		base = append(base, v)
	}
	return base, nil
}

// describe reads the names and types of the features.
func (b *Booster) describe(learner object) (err error) {
	if b.names, err = learner.texts("feature_names"); err != nil {
		return err
	}
	if b.types, err = learner.texts("feature_types"); err != nil {
		return err
	}
	if len(b.names) != 0 && len(b.names) != b.features || len(b.types) != 0 && len(b.types) != b.features {
		return broken("%d features have %d names and %d types", b.features, len(b.names), len(b.types))
	}
	return nil
}

// booster reads the trees or weights.
func (b *Booster) booster(o object, budget *budget) error {
	switch name := o.text("name"); name {
	case "gbtree":
		return b.trees(o, budget)
	case "dart":
		inner, err := o.object("gbtree")
		if err != nil {
			return err
		}
		if err := b.trees(inner, budget); err != nil {
			return err
		}
		if !o.has("weight_drop") {
			return nil
		}
		return b.drop(o)
	case "gblinear":
		m, err := o.object("model")
		if err != nil {
			return err
		}
		weights, err := m.numbers("weights")
		if err != nil {
			return err
		}
		return b.setWeights(weights)
	default:
		return unsupported(hintTrain, "the booster %s is not known", mlapi.Quote([]byte(name)))
	}
}
