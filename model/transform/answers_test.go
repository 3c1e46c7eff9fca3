package transform_test

import (
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/transform"
	"github.com/google/go-cmp/cmp"
)

func TestAnswers(t *testing.T) {
	step := must[*transform.Answers](t)(transform.NewAnswers(newAdder(2, 1), []float64{10}))
	got, err := apply(step, mlapitest.Matrix(0, 2, 1, 2, 3, 4))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{13, 17}, got.Data); d != "" {
		t.Error(d)
	}
	_, err = apply(step, mlapitest.Matrix(5, 2, 1, 2, 3000, 4))
	wantPlace(t, err, "value_too_large", 6, 0)
	classifier := newAdder(1, 1)
	classifier.info.Task = mlapi.Classifier
	for name, err := range map[string]error{
		"no model":     of(transform.NewAnswers(nil, []float64{1})),
		"a number too": of(transform.NewAnswers(newAdder(1, 1), []float64{1, 2})),
		"no numbers":   of(transform.NewAnswers(newAdder(1, 0), nil)),
		"a classifier": of(transform.NewAnswers(classifier, []float64{1})),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func of(_ any, err error) error { return err }
