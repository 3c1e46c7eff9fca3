package svm_test

import (
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/svm"
	"example.com/mlapi/model/vector"
)

// TestBadMachinesAreRefused spoils one thing of a good machine at a time.
func TestBadMachinesAreRefused(t *testing.T) {
	nan := math.NaN()
	for name, spoil := range map[string]func(m *svm.Machine){
		"no kernel":           func(m *svm.Machine) { m.Kernel.Kind = 0 },
		"unknown kernel":      func(m *svm.Machine) { m.Kernel.Kind = 99 },
		"NaN gamma":           func(m *svm.Machine) { m.Kernel.Gamma = nan },
		"no features":         func(m *svm.Machine) { m.Vectors.Width = 0 },
		"other features":      func(m *svm.Machine) { m.Vectors = vector.Samples{Width: 3, Values: make([]float64, 9)} },
		"NaN vector":          func(m *svm.Machine) { m.Vectors.Values[1] = nan },
		"NaN coefficient":     func(m *svm.Machine) { m.Coef[2] = nan },
		"infinite intercept":  func(m *svm.Machine) { m.Intercept[0] = math.Inf(1) },
		"too few intercepts":  func(m *svm.Machine) { m.Intercept = m.Intercept[:2] },
		"too few coefs":       func(m *svm.Machine) { m.Coef = m.Coef[:4] },
		"broken coefs":        func(m *svm.Machine) { m.Coef = m.Coef[:5] },
		"counts of two":       func(m *svm.Machine) { m.Counts = m.Counts[:2] },
		"counts too large":    func(m *svm.Machine) { m.Counts[1] = 2 },
		"counts too small":    func(m *svm.Machine) { m.Counts[2] = 0 },
		"counts below 0":      func(m *svm.Machine) { m.Counts = []int{2, 2, -1} },
		"counts overflow":     func(m *svm.Machine) { m.Counts = []int{math.MaxInt, 1, 3} },
		"ragged vectors":      func(m *svm.Machine) { m.Vectors = vector.Samples{Width: 2, Values: make([]float64, 7)} },
		"sparse column":       func(m *svm.Machine) { m.Vectors.Columns[0] = 2 },
		"sparse column below": func(m *svm.Machine) { m.Vectors.Columns[0] = -1 },
		"sparse column twice": func(m *svm.Machine) { m.Vectors.Columns[0] = m.Vectors.Columns[1] },
		"sparse start":        func(m *svm.Machine) { m.Vectors.Starts[0] = 1 },
		"sparse end":          func(m *svm.Machine) { m.Vectors.Starts[3] = 3 },
		"sparse order":        func(m *svm.Machine) { m.Vectors.Starts[1], m.Vectors.Starts[2] = 3, 2 },
		"sparse columns":      func(m *svm.Machine) { m.Vectors.Columns = m.Vectors.Columns[:3] },
	} {
		m := svm.Machine{
			Kernel: svm.Kernel{Kind: svm.RBF, Gamma: 1}, Counts: []int{1, 1, 1},
			Vectors: vector.Samples{Width: 2, Values: []float64{1, 2, 3, 4}, Columns: []int32{0, 1, 0, 1}, Starts: []int{0, 2, 3, 4}},
			Coef:    make([]float64, 6), Intercept: make([]float64, 3),
		}
		info := classes(2, 3, mlapi.Decision)
		if _, err := svm.NewClassifier(info, m, svm.Decisions{}); err != nil {
			t.Fatal(err)
		}
		spoil(&m)
		if _, err := svm.NewClassifier(info, m, svm.Decisions{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestBadDescriptionsAreRefused(t *testing.T) {
	one := svm.Machine{Kernel: svm.Kernel{Kind: svm.RBF}, Vectors: rowsDense, Coef: []float64{1, 1}, Intercept: []float64{0}}
	two := one
	two.Counts = []int{1, 1}
	short := one
	short.Coef = one.Coef[:1]
	classifier := func(info *mlapi.Info, how svm.Decisions) error {
		_, err := svm.NewClassifier(info, two, how)
		return err
	}
	regressor := func(info *mlapi.Info, m svm.Machine) error { _, err := svm.NewRegressor(info, m); return err }
	detector := func(info *mlapi.Info) error { _, err := svm.NewOutlierDetector(info, one); return err }
	ridge := func(info *mlapi.Info, coef []float64) error {
		_, err := svm.NewKernelRidge(info, one.Kernel, rowsDense, coef)
		return err
	}
	platt := svm.Decisions{ProbA: []float64{1}, ProbB: []float64{0}}
	for name, err := range map[string]error{
		"classifier": classifier(classes(2, 2, mlapi.Decision), svm.Decisions{}), "probable": classifier(classes(2, 2, mlapi.Probability), platt),
		"regressor": regressor(regression(2, 1), one), "detector": detector(outliers(2)), "ridge": ridge(regression(2, 2), make([]float64, 4)),
	} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	for name, err := range map[string]error{
		"one class":                 classifier(classes(2, 1, mlapi.Decision), svm.Decisions{}),
		"three features":            classifier(classes(3, 2, mlapi.Decision), svm.Decisions{}),
		"no probabilities":          classifier(classes(2, 2, mlapi.Probability), svm.Decisions{}),
		"probabilities too":         classifier(classes(2, 2, mlapi.Decision), platt),
		"half of the parameters":    classifier(classes(2, 2, mlapi.Probability), svm.Decisions{ProbA: []float64{1}}),
		"a parameter too many":      classifier(classes(2, 2, mlapi.Probability), svm.Decisions{ProbA: []float64{1, 1}, ProbB: []float64{1}}),
		"NaN parameter":             classifier(classes(2, 2, mlapi.Probability), svm.Decisions{ProbA: []float64{math.NaN()}, ProbB: []float64{1}}),
		"regressor of two":          regressor(regression(2, 2), one),
		"regressor of other width":  regressor(regression(1, 1), one),
		"regressor short of coefs":  regressor(regression(2, 1), short),
		"detector of other width":   detector(outliers(3)),
		"detector of three classes": detector(classes(2, 3, mlapi.Anomaly)),
		"ridge short of coefs":      ridge(regression(2, 2), make([]float64, 3)),
		"ridge without outputs":     ridge(regression(2, 0), nil),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
