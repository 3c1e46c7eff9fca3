package app

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"example.com/mlapi"
	"example.com/mlapi/config"
	"example.com/mlapi/postprocess"
	"example.com/mlapi/preprocess"
	"example.com/mlapi/resources"
)

// openPipeline loads the model and the encodings and chooses the parts around
// them.
func (a *App) openPipeline(cfg *config.Config, s *parts) error {
	m, err := openModel(cfg.API.Model, s.formats)
	if err != nil {
		return err
	}
	if cfg.API.Model == "" && cfg.API.Encodings != "" {
		a.warnings = append(a.warnings, "API_CATEGORICAL_ENCODING_FILEPATH is set and API_MODEL_FILEPATH is not: the encodings are used with the sample model")
	}
	before, err := a.choosePreprocessors(cfg, s, m.Info().Features)
	if err != nil {
		return err
	}
	after, err := a.choosePostprocessors(cfg, s, m.Info())
	if err != nil {
		return err
	}
	for _, note := range m.Info().Notes {
		a.warnings = append(a.warnings, "the model file: "+note)
	}
	a.pipeline = &mlapi.Pipeline{Preprocess: before, Model: m, Postprocess: after}
	return nil
}

// choosePreprocessors returns the preprocessors that the configuration names;
// without any, the one for the encodings where there are some, otherwise the one
// that takes each value as the model's feature wants it.
func (a *App) choosePreprocessors(cfg *config.Config, s *parts, features []mlapi.Feature) ([]mlapi.Preprocessor, error) {
	encode, err := a.openEncodings(cfg, features)
	if err != nil {
		return nil, err
	}
	names := cfg.API.Preprocess
	switch {
	case len(names) == 0 && encode != nil:
		names = []string{categorical}
	case len(names) == 0:
		names = []string{numeric}
	}
	table := s.preprocessors
	if _, taken := table[numeric]; !taken {
		table = withPart(table, numeric, mlapi.Preprocessor(preprocess.NewNumeric(features)))
	}
	if _, taken := table[categorical]; !taken {
		if encode == nil && slices.Contains(names, categorical) {
			return nil, misuse("API_PREPROCESS: %q needs encodings, and there are none", categorical).
				hint("name them with API_CATEGORICAL_ENCODING_FILEPATH, or leave API_PREPROCESS out")
		}
		if encode != nil {
			table = withPart(table, categorical, mlapi.Preprocessor(encode))
		}
	}
	chosen, err := choose("API_PREPROCESS", names, table)
	if err != nil {
		return nil, err
	}
	return chosen, firstOnly("API_PREPROCESS", names, chosen, beginsRows)
}

// openEncodings reads the encoding CSV: the configured one, or the sample's where
// the model is the sample. It returns nil where there is none.
func (a *App) openEncodings(cfg *config.Config, features []mlapi.Feature) (*preprocess.Categorical, error) {
	const key = "API_CATEGORICAL_ENCODING_FILEPATH"
	name, r := cfg.API.Encodings, io.Reader(nil)
	switch {
	case name != "":
		f, err := openRegular(name)
		if err != nil {
			return nil, misuse("%s: the encoding file %s cannot be read: %v", key, name, plain(err)).
				hint("name a CSV file with the columns column, category and encoding")
		}
		defer f.Close()
		r = f
	case cfg.API.Model == "":
		name, r = resources.EncodingsName, bytes.NewReader(resources.Encodings)
	default:
		return nil, nil
	}
	encodings, err := preprocess.ReadEncodings(r)
	if err != nil {
		return nil, invalidSetting(key, fmt.Errorf("%s: %w", name, err))
	}
	for _, text := range encodings.Warnings() {
		a.warnings = append(a.warnings, name+": "+text)
	}
	if err := encodings.Check(features); err != nil {
		return nil, invalidSetting(key, fmt.Errorf("%s: %w", name, err))
	}
	unknown := cfg.API.UnknownCategory
	if unknown == config.ErrorCategory {
		unknown = ""
	}
	encode, err := preprocess.NewCategorical(encodings, features, unknown)
	if err != nil {
		return nil, invalidSetting("API_UNKNOWN_CATEGORY", fmt.Errorf("%q: %w", unknown, err))
	}
	return encode, nil
}

// choosePostprocessors returns the postprocessors that the configuration names;
// without any, the one for the model's kind.
func (a *App) choosePostprocessors(cfg *config.Config, s *parts, info *mlapi.Info) ([]mlapi.Postprocessor, error) {
	names := cfg.API.Postprocess
	if len(names) == 0 {
		var explicit *bool
		if cfg.API.ConvertClassScores != config.Unset {
			on := cfg.API.ConvertClassScores == config.True
			explicit = &on
		}
		var warnings []string
		names, warnings = postprocess.Default(info, explicit, cfg.API.ConvertAnomalyScores)
		a.warnings = append(a.warnings, warnings...)
	}
	chosen, err := choose("API_POSTPROCESS", names, s.postprocessors)
	if err != nil {
		return nil, err
	}
	if err := firstOnly("API_POSTPROCESS", names, chosen, beginsResult); err != nil {
		return nil, err
	}
	return chosen, fit("API_POSTPROCESS", chosen, info)
}
