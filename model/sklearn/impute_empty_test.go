package sklearn

import (
	"errors"
	"strings"
	"testing"

	"example.com/mlapi/model"
	"example.com/mlapi/model/pickle"
)

// TestIndicatorThatTellsOfNothing: fitted where nothing was missing it makes no
// features. That is no fault of the file, but by itself it can answer nothing.
func TestIndicatorThatTellsOfNothing(t *testing.T) {
	const path = "zoo/1.5.2/impute_missing_indicator"
	none := &pickle.Array{Dtype: pickle.Dtype{Kind: 'i', Size: 8}, Shape: []int{0}}
	alone := document(t, path)
	set(alone, "features_", none)
	_, err := newReader(model.DefaultLimits(1 << 20)).model(alone)
	var e *Error
	if !errors.As(err, &e) || !e.Unsupported() || !strings.Contains(err.Error(), "makes no features") || e.Hint() == "" {
		t.Errorf("alone: error is %v", err)
	}
	full := document(t, path)
	m, err := newReader(model.DefaultLimits(1 << 20)).model(unionOf(alone, full))
	if err != nil {
		t.Fatalf("beside another: %v", err)
	}
	whole, err := newReader(model.DefaultLimits(1 << 20)).model(full)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Info().Outputs, whole.Info().Outputs; got != want {
		t.Errorf("%d features are made, want the %d of the other", got, want)
	}
}

// unionOf is a FeatureUnion of transformers, as scikit-learn 1.5 keeps it.
func unionOf(parts ...*pickle.Object) *pickle.Object {
	list := new(pickle.List)
	for i, p := range parts {
		list.Items = append(list.Items, &pickle.Tuple{Items: []pickle.Value{string(rune('a' + i)), p}})
	}
	var state pickle.Dict
	state.Set("transformer_list", list)
	state.Set("transformer_weights", nil)
	state.Set("_sklearn_version", "1.5.2")
	return &pickle.Object{Class: pickle.Global{Module: "sklearn.pipeline", Name: "FeatureUnion"}, State: &state}
}
