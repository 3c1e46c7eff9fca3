package sklearn

import (
	"slices"
	"strings"
	"unicode"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
)

// target takes from steps the transformer of the target, as in {"model": m, "sc_X": scaler,
// "sc_y": scaler}: whoever fitted one trained the model on what it made, so that what the
// model predicts has to be turned back. Its name says so, it takes as many columns as
// the model predicts, and there is only one. It returns the other steps too.
func (b *bundle) target(steps []mlapi.Model, last mlapi.Model) (*entry, []mlapi.Model) {
	if last == nil || last.Info().Task != mlapi.Regressor || b.predictors[0].a.class.name == "TransformedTargetRegressor" {
		return nil, steps
	}
	at := -1
	for i, m := range b.transformers {
		if !ofTarget(m.key) {
			continue
		}
		if info := steps[i].Info(); at >= 0 || !invertible(m.a.class.name) || len(info.Features) != last.Info().Outputs {
			return nil, steps
		}
		at = i
	}
	if at < 0 {
		return nil, steps
	}
	found := b.transformers[at]
	b.transformers = slices.Delete(slices.Clone(b.transformers), at, at+1)
	return &found, slices.Delete(slices.Clone(steps), at, at+1)
}

// invertible reports whether attrs.inverse has the inverse of a class.
func invertible(class string) bool {
	switch class {
	case "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "PowerTransformer", "QuantileTransformer":
		return true
	}
	return false
}

// ofTarget reports whether a key, such as sc_y, scalerY or target_scaler, says that what
// lies there belongs to the target.
func ofTarget(key string) bool {
	before := ' '
	spaced := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return ' '
		}
		return r
	}, key)
	var words strings.Builder
	for _, r := range spaced {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			words.WriteByte(' ') // scalerY
		}
		words.WriteRune(unicode.ToLower(r))
		before = r
	}
	return slices.ContainsFunc(strings.Fields(words.String()), func(word string) bool {
		switch word {
		case "y", "target", "targets", "output", "outputs", "label", "labels":
			return true
		}
		return false
	})
}

// undo returns m with the transformer of the target invertible behind it.
func (b *bundle) undo(m mlapi.Model, target *entry) (mlapi.Model, error) {
	if target == nil {
		return m, nil
	}
	info := *m.Info()
	steps := target.a.inverse(info.Outputs)
	if target.a.err != nil {
		return nil, target.a.err
	}
	info.Notes = append(slices.Clone(info.Notes), "predictions are turned back by "+target.path+" ("+target.a.class.name+".inverse_transform)")
	whole, err := ensemble.NewTarget(&info, m, steps)
	if err != nil {
		return nil, b.unclear(target.path + ": " + err.Error())
	}
	b.uses[target.path] = "turns predictions back into the units of the target"
	return whole, nil
}
