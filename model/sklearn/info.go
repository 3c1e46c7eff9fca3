package sklearn

import (
	"fmt"
	"math"

	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
	"example.com/mlapi/model/transform"
)

// describe returns what is known of every estimator.
func (a *attrs) describe(task mlapi.Task) *mlapi.Info {
	return &mlapi.Info{
		Estimator: a.class.name,
		Format:    a.r.format,
		Writer:    "scikit-learn " + a.written,
		Task:      task,
	}
}

// classifier describes a classifier but for its features.
func (a *attrs) classifier(scores mlapi.ScoreKind) *mlapi.Info {
	info := a.describe(mlapi.Classifier)
	info.Scores = scores
	info.Classes = a.classes("classes_")
	return info
}

// regressor describes a regressor of so many features and outputs.
func (a *attrs) regressor(features, outputs int) *mlapi.Info {
	info := a.describe(mlapi.Regressor)
	info.Outputs = outputs
	info.Features = a.features(features)
	return info
}

// featureCount returns the first of the named attributes that there is.
func (a *attrs) featureCount(names ...string) int {
	for _, name := range names {
		if a.has(name) {
			n := a.int(name)
			if a.err == nil && n < 1 {
				a.broken("attribute %s is %d", name, n)
			}
			return n
		}
	}
	a.value(names[0]) // remembers that it is missing
	return 0
}

// features returns the names that the model was trained with, or x0, x1, ... It
// remembers an error where the estimator says that it takes another number.
func (a *attrs) features(n int) []mlapi.Feature {
	if a.err != nil {
		return nil
	}
	for _, name := range [...]string{"n_features_in_", "n_features_"} {
		if a.has(name) && a.int(name) != n {
			a.broken("attribute %s is %d, but the model takes %d features", name, a.int(name), n)
			return nil
		}
	}
	names := a.featureNames()
	if a.err == nil && names != nil && len(names) != n {
		a.broken("attribute feature_names_in_ is not a name for each of %d features", n)
	}
	if a.err != nil {
		return nil
	}
	if names == nil {
		return a.unnamedFeatures(n)
	}
	if !a.charge(96 * int64(n)) {
		return nil
	}
	return transform.Features(n, names, nil)
}

// classes returns the labels in an array, as they were trained.
func (a *attrs) classes(name string) []mlapi.Label {
	v := a.value(name)
	if a.err != nil {
		return nil
	}
	if _, several := v.(*pickle.List); several {
		a.unsupported(hintOutput, "it has several outputs, which is not served")
		return nil
	}
	array := a.array(name)
	if a.err != nil {
		return nil
	}
	if !a.charge(48 * int64(elements(array))) {
		return nil
	}
	labels, err := labels(array)
	switch {
	case err != nil:
		a.unsupported(hintServed, "attribute %s: %v", name, err)
	case len(labels) == 0 || len(array.Shape) != 1:
		a.broken("attribute %s has the shape %v", name, array.Shape)
	}
	return labels
}

// labels turns the elements of an array into labels of its type.
func labels(array *pickle.Array) ([]mlapi.Label, error) {
	switch array.Dtype.Kind {
	case 'i', 'u':
		return labelsOf(array.Int64s, mlapi.IntLabel)
	case 'b':
		return labelsOf(array.Int64s, func(v int64) mlapi.Label { return mlapi.BoolLabel(v != 0) })
	case 'f':
		list, err := labelsOf(array.Float64s, mlapi.FloatLabel)
		for _, l := range list {
			if f, _ := l.Value().(float64); math.IsNaN(f) || math.IsInf(f, 0) {
				return nil, fmt.Errorf("the class %v is no number", f)
			}
		}
		return list, err
	case 'U', 'S':
		return labelsOf(array.Strings, mlapi.TextLabel)
	case 'O':
		list := make([]mlapi.Label, len(array.Objects))
		for i, v := range array.Objects {
			var err error
			if list[i], err = label(v); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("classes of numpy type %q are not served", array.Dtype.Kind)
}

func labelsOf[T any](values func() ([]T, error), label func(T) mlapi.Label) ([]mlapi.Label, error) {
	list, err := values()
	labels := make([]mlapi.Label, len(list))
	for i, v := range list {
		labels[i] = label(v)
	}
	return labels, err
}

// label turns one element of an array of objects into a label.
func label(v pickle.Value) (mlapi.Label, error) {
	switch v := v.(type) {
	case string:
		return mlapi.TextLabel(v), nil
	case bool:
		return mlapi.BoolLabel(v), nil
	case int64:
		return mlapi.IntLabel(v), nil
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return mlapi.FloatLabel(v), nil
		}
	case *pickle.Array:
		if len(v.Shape) == 0 && v.Dtype.Kind != 'O' {
			if list, err := labels(v); err == nil && len(list) == 1 {
				return list[0], nil
			}
		}
	}
	return mlapi.Label{}, fmt.Errorf("a class is neither text, number nor boolean")
}
