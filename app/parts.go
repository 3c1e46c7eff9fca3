package app

import (
	"log/slog"
	"maps"
	"slices"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/model"
	"example.com/mlapi/model/lightgbm"
	"example.com/mlapi/model/sklearn"
	"example.com/mlapi/model/skops"
	"example.com/mlapi/model/xgboost"
	"example.com/mlapi/postprocess"
	"example.com/mlapi/preprocess"
)

// Option adds a part of one's own to the command or to New.
type Option func(*parts)

// Preprocess registers a preprocessor under a name that API_PREPROCESS can select.
// A name of ours is replaced.
func Preprocess(name string, p mlapi.Preprocessor) Option {
	return func(s *parts) { s.preprocessors[name] = p }
}

// Postprocess registers a postprocessor under a name that API_POSTPROCESS can
// select. A name of ours is replaced.
func Postprocess(name string, p mlapi.Postprocessor) Option {
	return func(s *parts) { s.postprocessors[name] = p }
}

// Format registers a model file format. It is asked before ours.
func Format(f model.Format) Option {
	return func(s *parts) { s.formats = append([]model.Format{f}, s.formats...) }
}

// parts are what the configuration chooses from.
type parts struct {
	logger         *slog.Logger
	formats        []model.Format
	preprocessors  map[string]mlapi.Preprocessor
	postprocessors map[string]mlapi.Postprocessor
}

// The names of the preprocessors that are made of the model's features and of the
// encodings, and so are not in the table.
const (
	numeric     = "numeric"
	categorical = "categorical"
)

func newParts(options []Option) *parts {
	s := &parts{
		logger: slog.New(slog.DiscardHandler),
		formats: []model.Format{
			sklearn.Format(),
			skops.Format(),
			xgboost.Format(),
			lightgbm.Format(),
		},
		preprocessors: map[string]mlapi.Preprocessor{},
		postprocessors: map[string]mlapi.Postprocessor{
			"label":   postprocess.Label{},
			"class":   postprocess.Class{},
			"anomaly": postprocess.Anomaly{},
			"none":    postprocess.None{},
		},
	}
	for _, option := range options {
		option(s)
	}
	return s
}

// choose returns the named parts of a table, in order.
func choose[P any](key string, names []string, table map[string]P) ([]P, error) {
	var chosen []P
	for _, name := range names {
		p, ok := table[name]
		if !ok {
			return nil, misuse("%s: %q is not the name of a part", key, name).
				hint("there are: %s", strings.Join(slices.Sorted(maps.Keys(table)), ", "))
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// firstOnly refuses a chain in which a part that begins from nothing comes after
// another, whose work it would throw away.
func firstOnly[P any](key string, names []string, chosen []P, begins func(P) bool) error {
	for i, p := range chosen {
		switch {
		case i == 0 || !begins(p):
		case begins(chosen[0]):
			return misuse("%s: %q and %q cannot both be used, each begins anew", key, names[0], names[i]).
				hint("keep one of them, at the first place")
		default:
			return misuse("%s: %q begins anew and so must come first", key, names[i]).
				hint("put %q before %q", names[i], names[0])
		}
	}
	return nil
}

// fitter is a part that knows which models it can follow.
type fitter interface{ Fits(info *mlapi.Info) error }

// fit refuses parts that would fail at every request.
func fit(key string, chosen []mlapi.Postprocessor, info *mlapi.Info) error {
	for _, p := range chosen {
		if f, ok := p.(fitter); ok {
			if err := f.Fits(info); err != nil {
				return misuse("%s: %v", key, err).hint("leave %s out: the part is then chosen by the model's kind", key)
			}
		}
	}
	return nil
}

func beginsRows(p mlapi.Preprocessor) bool {
	switch p.(type) {
	case preprocess.Numeric, *preprocess.Categorical:
		return true
	}
	return false
}

func beginsResult(p mlapi.Postprocessor) bool {
	switch p.(type) {
	case postprocess.Label, postprocess.Class, postprocess.Anomaly, postprocess.None:
		return true
	}
	return false
}

// withPart returns a copy of table that has one more part.
func withPart[P any](table map[string]P, name string, part P) map[string]P {
	table = maps.Clone(table)
	table[name] = part
	return table
}
