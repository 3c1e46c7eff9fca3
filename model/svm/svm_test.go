package svm_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/svm"
	"example.com/mlapi/model/vector"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var near = cmpopts.EquateApprox(1e-14, 1e-15)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func classes(width, n int, scores mlapi.ScoreKind) *mlapi.Info {
	info := &mlapi.Info{Estimator: "SVC", Task: mlapi.Classifier, Features: make([]mlapi.Feature, width), Scores: scores}
	for k := range n {
		info.Classes = append(info.Classes, mlapi.IntLabel(int64(k)))
	}
	return info
}

func regression(width, outputs int) *mlapi.Info {
	return &mlapi.Info{Estimator: "SVR", Task: mlapi.Regressor, Features: make([]mlapi.Feature, width), Outputs: outputs}
}

func outliers(width int) *mlapi.Info {
	return &mlapi.Info{Estimator: "OneClassSVM", Task: mlapi.OutlierDetector, Features: make([]mlapi.Feature, width), Scores: mlapi.Anomaly,
		Classes: []mlapi.Label{mlapi.IntLabel(-1), mlapi.IntLabel(1)}}
}

func predict(t *testing.T, model mlapi.Model, m *mlapi.Matrix) *mlapi.Scores {
	t.Helper()
	dst := &mlapi.Scores{Want: mlapi.WantScores, Info: model.Info()}
	if err := model.Predict(context.Background(), dst, m); err != nil {
		t.Fatal(err)
	}
	return dst
}

var (
	rowsDense  = vector.Samples{Width: 2, Values: []float64{1, 2, 0, 3}}
	rowsSparse = vector.Samples{Width: 2, Values: []float64{2, 1, 3}, Columns: []int32{1, 0, 1}, Starts: []int{0, 2, 3}}
)

// TestKernels compares 0.5 k(x, (1,2)) - k(x, (0,3)) + 0.25 with what the kernels'
// definitions give for x = (2, 1).
func TestKernels(t *testing.T) {
	e, sqrt := math.Exp, math.Sqrt
	x, zero := []float64{2, 1}, []float64{0, 0}
	for _, test := range []struct {
		name   string
		kernel svm.Kernel
		want   float64
		zero   float64 // for x = (0, 0)
	}{
		{"linear", svm.Kernel{Kind: svm.Linear}, 0.5*4 - 3, 0},
		{"poly", svm.Kernel{Kind: svm.Poly, Gamma: 0.5, Coef0: 1, Degree: 3}, 0.5*27 - 2.5*2.5*2.5, 0.5 - 1},
		{"poly of a broken degree", svm.Kernel{Kind: svm.Poly, Gamma: 1, Coef0: 1, Degree: 0.5}, 0.5*sqrt(5) - 2, 0.5 - 1},
		{"rbf", svm.Kernel{Kind: svm.RBF, Gamma: 0.5}, 0.5*e(-1) - e(-4), 0.5*e(-2.5) - e(-4.5)},
		{"sigmoid", svm.Kernel{Kind: svm.Sigmoid, Gamma: 0.1, Coef0: -0.2}, 0.5*math.Tanh(0.2) - math.Tanh(0.1), -0.5 * math.Tanh(-0.2)},
		{"laplacian", svm.Kernel{Kind: svm.Laplacian, Gamma: 0.5}, 0.5*e(-1) - e(-2), 0.5*e(-1.5) - e(-1.5)},
		{"cosine", svm.Kernel{Kind: svm.Cosine}, 0.5*4/5 - 3/(3*sqrt(5)), 0},
		{"additive chi2", svm.Kernel{Kind: svm.AdditiveChi2}, 0.5*-(1./3+1./3) + (2 + 1), 0.5*-3 + 3},
		{"chi2", svm.Kernel{Kind: svm.Chi2, Gamma: 0.5}, 0.5*e(-1./3) - e(-1.5), 0.5*e(-1.5) - e(-1.5)},
	} {
		for _, vectors := range []vector.Samples{rowsDense, rowsSparse} {
			model := must[*svm.Regressor](t)(svm.NewRegressor(regression(2, 1), svm.Machine{
				Kernel: test.kernel, Vectors: vectors, Coef: []float64{0.5, -1}, Intercept: []float64{0.25}}))
			m := mlapitest.Matrix(0, 2, append(append([]float64{}, x...), zero...)...)
			for _, m := range []*mlapi.Matrix{m, mlapitest.Sparse(m), m} {
				got := predict(t, model, m)
				if d := cmp.Diff([]float64{test.want + 0.25, test.zero + 0.25}, got.Values, near); d != "" {
					t.Errorf("%s, sparse vectors %v, sparse rows %v: %s", test.name, vectors.Starts != nil, m.Sparse(), d)
				}
			}
		}
	}
}

func TestKernelRidge(t *testing.T) {
	model := must[*svm.Regressor](t)(svm.NewKernelRidge(regression(2, 2), svm.Kernel{Kind: svm.Poly, Gamma: 1, Degree: 2}, rowsDense, []float64{1, 2, 0, -1}))
	got := predict(t, model, mlapitest.Matrix(0, 2, 1, 1, 0, 1))
	if d := cmp.Diff([]float64{9, 18 - 9, 4, 8 - 9}, got.Values); d != "" || got.Width != 2 {
		t.Error(got.Width, d)
	}
}

// TestFoldedWeights: as many vectors as features or more are added up to weights, which
// must not change the answers, unless almost all of them cancels out.
func TestFoldedWeights(t *testing.T) {
	const huge = 1 << 40
	model := must[*svm.Regressor](t)(svm.NewRegressor(regression(1, 1), svm.Machine{
		Kernel:  svm.Kernel{Kind: svm.Linear},
		Vectors: vector.Samples{Width: 1, Values: []float64{1, 1 + 0x1p-50, 3}}, Coef: []float64{huge, -huge, 0}, Intercept: []float64{0}}))
	// In libsvm's order each product is rounded; in one weight the digits are others.
	x := 1.0 / 3
	want := huge*x - huge*((1+0x1p-50)*x)
	if got := predict(t, model, mlapitest.Matrix(0, 1, x)).Values[0]; got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// three is a machine of three classes on a line: at 0, 1 and 2, one vector each.
func three() svm.Machine {
	return svm.Machine{
		Kernel:  svm.Kernel{Kind: svm.Linear},
		Vectors: vector.Samples{Width: 1, Values: []float64{0, 1, 2}},
		Counts:  []int{1, 1, 1},
		// Pairs (0,1): -x+0.5; (0,2): -2x*0.5+1; (1,2): x*1 - 2x*1 + 1.5.
		Coef:      []float64{1, -1, -0.5, 1, 1, -1},
		Intercept: []float64{0.5, 1, 1.5},
	}
}

func TestVotes(t *testing.T) {
	model := must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 3, mlapi.Decision), three(), svm.Decisions{Pairs: true}))
	got := predict(t, model, mlapitest.Matrix(0, 1, 0, 0.75, 3, 0.5))
	// At 0.5 the first pair stands at 0, which libsvm counts for its second class.
	want := []float64{0.5, 1, 1.5, -0.25, 0.25, 0.75, -2.5, -2, -1.5, 0, 0.5, 1}
	if d := cmp.Diff([]int32{0, 1, 2, 1}, got.Class) + cmp.Diff(want, got.Values, near); d != "" || got.Width != 3 {
		t.Error(got.Width, d)
	}
}

func TestDecisionPerClass(t *testing.T) {
	model := must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 3, mlapi.Decision), three(), svm.Decisions{}))
	share := func(c float64) float64 { return c / (3 * (math.Abs(c) + 1)) }
	got := predict(t, model, mlapitest.Matrix(0, 1, 0, 0.5))
	want := []float64{
		2 + share(1.5), 1 + share(-0.5+1.5), 0 + share(-1-1.5),
		2 + share(0.5), 1 + share(1), 0 + share(-1.5), // where a pair stands at 0 its first class has the vote
	}
	if d := cmp.Diff(want, got.Values, near); d != "" {
		t.Error(d)
	}
	old := must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 3, mlapi.Decision), three(), svm.Decisions{Scaled: true}))
	got = predict(t, old, mlapitest.Matrix(0, 1, 0))
	scale := (0.5 - 0x1p-52) / 2.5
	if d := cmp.Diff([]float64{2 + 1.5*scale, 1 + 1*scale, -2.5 * scale}, got.Values, near); d != "" {
		t.Error(d)
	}
}

func TestBreakTies(t *testing.T) {
	for _, breaks := range []bool{false, true} {
		model := must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 3, mlapi.Decision), three(), svm.Decisions{BreakTies: breaks}))
		got := predict(t, model, mlapitest.Matrix(0, 1, 0.5)) // libsvm: class 1; decision values: class 0
		want := int32(1)
		if breaks {
			want = 0
		}
		if got.Class[0] != want {
			t.Errorf("break ties %v: class %d, want %d", breaks, got.Class[0], want)
		}
	}
}

func TestTwoClasses(t *testing.T) {
	machine := svm.Machine{
		Kernel: svm.Kernel{Kind: svm.Linear}, Vectors: vector.Samples{Width: 1, Values: []float64{1, -1}},
		Counts: []int{1, 1}, Coef: []float64{1, -1}, Intercept: []float64{0},
	}
	for _, pairs := range []bool{false, true} {
		model := must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 2, mlapi.Decision), machine, svm.Decisions{Pairs: pairs}))
		got := predict(t, model, mlapitest.Matrix(0, 1, 1, 0, -1))
		if d := cmp.Diff([]float64{-2, 0, 2}, got.Values) + cmp.Diff([]int32{0, 1, 1}, got.Class); d != "" || got.Width != 1 {
			t.Error(got.Width, d)
		}
	}
}

// TestProbabilitiesOfTwo: of two classes too the coupling stops short of the answer,
// which is Platt's sigmoid; the models of the zoo tell the digits.
func TestProbabilitiesOfTwo(t *testing.T) {
	machine := svm.Machine{
		Kernel: svm.Kernel{Kind: svm.Linear}, Vectors: vector.Samples{Width: 1, Values: []float64{1, -1}},
		Counts: []int{1, 1}, Coef: []float64{1, -1}, Intercept: []float64{0},
	}
	model := must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 2, mlapi.Probability), machine, svm.Decisions{ProbA: []float64{-1.5}, ProbB: []float64{0.25}}))
	xs := []float64{1, -0.5, 0, 1e6, -1e6}
	got := predict(t, model, mlapitest.Matrix(0, 1, xs...))
	if got.Width != 2 {
		t.Fatalf("%d values", got.Width)
	}
	for i, x := range xs {
		want := 1 / (1 + math.Exp(-1.5*2*x+0.25))
		p := got.Row(i)
		if math.Abs(p[0]-want) > 2e-4 || math.Abs(p[0]+p[1]-1) > 1e-12 || p[0] <= 0 || p[1] <= 0 {
			t.Errorf("at %v: %v, want about %v", x, p, want)
		}
	}
}

// TestCoupling compares the coupling of three classes with its optimum: pairs that
// agree with one distribution give that distribution.
func TestCoupling(t *testing.T) {
	logit := func(p, q float64) float64 { return math.Log(q / p) } // b that gives p/(p+q)
	p := []float64{0.5, 0.3, 0.2}
	model := must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 3, mlapi.Probability), three(), svm.Decisions{
		ProbA: []float64{0, 0, 0}, ProbB: []float64{logit(p[0], p[1]), logit(p[0], p[2]), logit(p[1], p[2])}}))
	got := predict(t, model, mlapitest.Matrix(0, 1, 0)).Values
	sum := 0.0
	for k := range p {
		sum += got[k]
		// libsvm stops where the error is below 0.005/3.
		if math.Abs(got[k]-p[k]) > 0.01 {
			t.Errorf("class %d has %v, want about %v", k, got[k], p[k])
		}
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the sum is %v", sum)
	}
}

func TestOutliers(t *testing.T) {
	model := must[*svm.OutlierDetector](t)(svm.NewOutlierDetector(outliers(1), svm.Machine{
		Kernel: svm.Kernel{Kind: svm.Linear}, Vectors: vector.Samples{Width: 1, Values: []float64{2}}, Coef: []float64{1}, Intercept: []float64{-1}}))
	got := predict(t, model, mlapitest.Matrix(0, 1, 0, 0.5, 1))
	if d := cmp.Diff([]float64{-1, 0, 1}, got.Values) + cmp.Diff([]int32{0, 0, 1}, got.Class); d != "" {
		t.Error(d)
	}
}

// TestWithoutVectors: a regressor whose every residual is small enough keeps none.
func TestWithoutVectors(t *testing.T) {
	for _, kind := range []svm.Kind{svm.Linear, svm.RBF} {
		model := must[*svm.Regressor](t)(svm.NewRegressor(regression(2, 1), svm.Machine{
			Kernel: svm.Kernel{Kind: kind}, Vectors: vector.Samples{Width: 2}, Intercept: []float64{7}}))
		if got := predict(t, model, mlapitest.Matrix(0, 2, 1, 1)).Values[0]; got != 7 {
			t.Errorf("%v, want 7", got)
		}
	}
}

func models(t *testing.T) map[string]mlapi.Model {
	rbf := three()
	rbf.Kernel = svm.Kernel{Kind: svm.RBF, Gamma: 0.5}
	one := svm.Machine{Kernel: rbf.Kernel, Vectors: rowsSparse, Coef: []float64{1, -1}, Intercept: []float64{0.5}}
	return map[string]mlapi.Model{
		"classifier": must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 3, mlapi.Decision), rbf, svm.Decisions{})),
		"probable": must[*svm.Classifier](t)(svm.NewClassifier(classes(1, 3, mlapi.Probability), three(),
			svm.Decisions{ProbA: []float64{-1, -1, -1}, ProbB: []float64{0, 0, 0}})),
		"regressor": must[*svm.Regressor](t)(svm.NewRegressor(regression(2, 1), one)),
		"outliers":  must[*svm.OutlierDetector](t)(svm.NewOutlierDetector(outliers(2), one)),
	}
}

func TestContract(t *testing.T) {
	for name, model := range models(t) {
		width := len(model.Info().Features)
		good, bad := [][]float64{make([]float64, width), make([]float64, width)}, make([]float64, width)
		good[1][0], bad[width-1] = 1.5, math.NaN()
		mlapitest.Model(t, model,
			mlapitest.SamplesCase{Name: name, Samples: good},
			mlapitest.SamplesCase{Name: name, Samples: [][]float64{good[0], bad}, Code: "missing_value"},
		)
	}
}

func TestNegativeValues(t *testing.T) {
	model := must[*svm.Regressor](t)(svm.NewKernelRidge(regression(2, 1), svm.Kernel{Kind: svm.Chi2, Gamma: 1}, rowsDense, []float64{1, 1}))
	for _, m := range []*mlapi.Matrix{mlapitest.Matrix(4, 2, 1, 1, 0, -1), mlapitest.Sparse(mlapitest.Matrix(4, 2, 1, 1, 0, -1))} {
		e := mlapi.AsError(model.Predict(context.Background(), new(mlapi.Scores), m))
		if e == nil || e.Code != "negative_value" {
			t.Fatalf("error is %v", e)
		}
		row, _ := e.Row()
		column, _ := e.Column()
		if row != 5 || column != 1 {
			t.Errorf("row %d, column %d, want 5, 1", row, column)
		}
	}
}

func TestPredictStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, model := range models(t) {
		if err := model.Predict(ctx, new(mlapi.Scores), mlapitest.Matrix(0, len(model.Info().Features), 1, 1)); err == nil {
			t.Errorf("%s: not cancelled", name)
		}
	}
}

// TestManyFeatures: more features than are taken at once, and not a multiple of those.
func TestManyFeatures(t *testing.T) {
	const width = 11
	x, y := make([]float64, width), make([]float64, width)
	dot, distance := 0.0, 0.0
	for j := range width {
		x[j], y[j] = float64(j)/8, float64(j*j%7)/4
		dot += x[j] * y[j]
		distance += (x[j] - y[j]) * (x[j] - y[j])
	}
	for kind, want := range map[svm.Kind]float64{svm.Poly: dot * dot, svm.RBF: math.Exp(-0.5 * distance)} {
		k := svm.Kernel{Kind: kind, Gamma: 0.5, Degree: 2}
		if kind == svm.Poly {
			k.Gamma = 1
		}
		model := must[*svm.Regressor](t)(svm.NewKernelRidge(regression(width, 1), k, vector.Samples{Width: width, Values: y}, []float64{1}))
		if d := cmp.Diff([]float64{want}, predict(t, model, mlapitest.Matrix(0, width, x...)).Values, near); d != "" {
			t.Error(d)
		}
	}
}

func BenchmarkClassifier(b *testing.B) {
	const width, n = 20, 500
	machine := svm.Machine{Kernel: svm.Kernel{Kind: svm.RBF, Gamma: 0.05}, Counts: []int{n / 2, n / 2}, Intercept: []float64{0.1},
		Coef: make([]float64, n), Vectors: vector.Samples{Width: width, Values: make([]float64, n*width)}}
	for i := range machine.Vectors.Values {
		machine.Vectors.Values[i] = float64(i*7919%101)/50 - 1
	}
	model, err := svm.NewClassifier(classes(width, 2, mlapi.Decision), machine, svm.Decisions{})
	if err != nil {
		b.Fatal(err)
	}
	m := mlapitest.Matrix(0, width, machine.Vectors.Values[:100*width]...)
	dst := mlapi.Scores{Want: mlapi.WantScores, Info: model.Info()}
	for b.Loop() {
		if err := model.Predict(context.Background(), &dst, m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "rows/s")
}
