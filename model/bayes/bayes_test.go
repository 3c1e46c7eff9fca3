package bayes_test

import (
	"context"
	"math"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/bayes"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	near = cmpopts.EquateApprox(1e-13, 1e-15)
	log  = math.Log
)

func info(features, classes int, scores mlapi.ScoreKind) *mlapi.Info {
	i := &mlapi.Info{Estimator: "Bayes", Task: mlapi.Classifier, Features: make([]mlapi.Feature, features), Scores: scores}
	for k := range classes {
		i.Classes = append(i.Classes, mlapi.IntLabel(int64(k)))
	}
	return i
}

func must(t *testing.T) func(*bayes.Classifier, error) *bayes.Classifier {
	return func(c *bayes.Classifier, err error) *bayes.Classifier {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// shares returns the likelihoods divided by their sum.
func shares(likelihoods ...float64) []float64 {
	sum := 0.0
	for _, l := range likelihoods {
		sum += l
	}
	for k := range likelihoods {
		likelihoods[k] /= sum
	}
	return likelihoods
}

// check compares the classes and values for dense and sparse rows.
func check(t *testing.T, model mlapi.Model, m *mlapi.Matrix, classes []int32, values []float64) {
	t.Helper()
	for _, m := range []*mlapi.Matrix{m, mlapitest.Sparse(m)} {
		dst := mlapi.Scores{Want: mlapi.WantScores, Info: model.Info()}
		if err := model.Predict(context.Background(), &dst, m); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(classes, dst.Class) + cmp.Diff(values, dst.Values, near); d != "" {
			t.Errorf("sparse %v: %s", m.Sparse(), d)
		}
	}
}

func linear() bayes.Linear {
	return bayes.Linear{Coef: []float64{log(0.75), log(0.25), log(0.5), log(0.5)}, Intercept: []float64{log(0.4), log(0.6)}}
}

func TestLinear(t *testing.T) {
	model := must(t)(bayes.NewLinear(info(2, 2, mlapi.Probability), linear()))
	check(t, model, mlapitest.Matrix(0, 2, 2, 1, 0, 3, 0, 0), []int32{1, 1, 1}, append(append(
		shares(0.4*0.75*0.75*0.25, 0.6*0.125), shares(0.4/64, 0.6/8)...), 0.4, 0.6))
}

func TestBinarize(t *testing.T) {
	l := linear()
	l.Binarize, l.Threshold = true, 1
	model := must(t)(bayes.NewLinear(info(2, 2, mlapi.Probability), l))
	check(t, model, mlapitest.Matrix(0, 2, 7, 1, 0, 0), []int32{0, 1}, append(shares(0.4*0.75, 0.6*0.5), 0.4, 0.6))
	l.Threshold = -1 // a zero counts, stored or not
	model = must(t)(bayes.NewLinear(info(2, 2, mlapi.Probability), l))
	check(t, model, mlapitest.Matrix(0, 2, 0, -1), []int32{0}, shares(0.4*0.75, 0.6*0.5))
}

func TestImpossibleClass(t *testing.T) {
	l := linear()
	l.Intercept[1] = math.Inf(-1)
	model := must(t)(bayes.NewLinear(info(2, 2, mlapi.Probability), l))
	check(t, model, mlapitest.Matrix(0, 2, 0, 9), []int32{0}, []float64{1, 0})
}

func TestGaussian(t *testing.T) {
	density := func(x, mean, variance float64) float64 {
		return math.Exp(-(x-mean)*(x-mean)/(2*variance)) / math.Sqrt(2*math.Pi*variance)
	}
	model := must(t)(bayes.NewGaussian(info(2, 2, mlapi.Probability), bayes.Gaussian{
		Means: []float64{0, 1, 2, -1}, Variances: []float64{1, 2, 0.5, 3}, Priors: []float64{0.25, 0.75}}))
	check(t, model, mlapitest.Matrix(0, 2, 1, 0, 0, 2), []int32{1, 0}, append(
		shares(0.25*density(1, 0, 1)*density(0, 1, 2), 0.75*density(1, 2, 0.5)*density(0, -1, 3)),
		shares(0.25*density(0, 0, 1)*density(2, 1, 2), 0.75*density(0, 2, 0.5)*density(2, -1, 3))...))
}

func quadratic() bayes.Quadratic {
	return bayes.Quadratic{
		Means:     []float64{0, 0, 1, 1},
		Rotations: [][]float64{{0, 1, 1, 0}, {0.6, 0.8}}, // the second class lies on a line
		Scalings:  [][]float64{{4, 1}, {0.25}},
		Priors:    []float64{0.5, 0.5},
	}
}

func TestQuadratic(t *testing.T) {
	// For (1, 2): the axes of class 0 are (0,1) and (1,0).
	zero := -0.5*(4./4+1+log(4)) + log(0.5)
	one := -0.5*(0.8*0.8/0.25+log(0.25)) + log(0.5)
	model := must(t)(bayes.NewQuadratic(info(2, 2, mlapi.Probability), quadratic()))
	check(t, model, mlapitest.Matrix(0, 2, 1, 2), []int32{1}, shares(math.Exp(zero), math.Exp(one)))
	model = must(t)(bayes.NewQuadratic(info(2, 2, mlapi.Decision), quadratic()))
	check(t, model, mlapitest.Matrix(0, 2, 1, 2), []int32{1}, []float64{one - zero})
	q := quadratic()
	q.Means, q.Rotations = append(q.Means, 5, 5), append(q.Rotations, q.Rotations[1])
	q.Scalings, q.Priors = append(q.Scalings, []float64{1}), []float64{0.5, 0.5, 0}
	model = must(t)(bayes.NewQuadratic(info(2, 3, mlapi.Decision), q))
	check(t, model, mlapitest.Matrix(0, 2, 1, 2), []int32{1}, []float64{zero, one, math.Inf(-1)})
}

func categorical() bayes.Categorical {
	return bayes.Categorical{
		Tables:    [][]float64{{log(0.5), log(0.5), log(0.9), log(0.1)}, {log(0.2), log(0.3), log(0.5), log(0.6), log(0.3), log(0.1)}},
		Intercept: []float64{log(0.5), log(0.5)},
	}
}

func TestCategorical(t *testing.T) {
	model := must(t)(bayes.NewCategorical(info(2, 2, mlapi.Probability), categorical()))
	check(t, model, mlapitest.Matrix(0, 2, 1, 2, 0, 0, 0.9, -0.5), []int32{0, 1, 1}, append(append(
		shares(0.5*0.5, 0.1*0.1), shares(0.5*0.2, 0.9*0.6)...), shares(0.5*0.2, 0.9*0.6)...))
	for _, bad := range []float64{2, -1, 1e300} {
		e := mlapi.AsError(model.Predict(context.Background(), new(mlapi.Scores), mlapitest.Matrix(3, 2, 0, 0, bad, 0)))
		if e == nil || e.Code != "unknown_category" {
			t.Fatalf("%v: error is %v", bad, e)
		}
		row, _ := e.Row()
		column, _ := e.Column()
		if row != 4 || column != 0 {
			t.Errorf("row %d, column %d, want 4, 0", row, column)
		}
	}
}

func TestOneClass(t *testing.T) {
	model := must(t)(bayes.NewLinear(info(2, 1, mlapi.Probability), bayes.Linear{Coef: []float64{-1, -1}, Intercept: []float64{0}}))
	check(t, model, mlapitest.Matrix(0, 2, 1, 1), []int32{0}, []float64{1})
}

func models(t *testing.T) map[string]mlapi.Model {
	return map[string]mlapi.Model{
		"linear":      must(t)(bayes.NewLinear(info(2, 2, mlapi.Probability), linear())),
		"gaussian":    must(t)(bayes.NewGaussian(info(2, 1, mlapi.Probability), bayes.Gaussian{Means: []float64{0, 0}, Variances: []float64{1, 1}, Priors: []float64{1}})),
		"quadratic":   must(t)(bayes.NewQuadratic(info(2, 2, mlapi.Probability), quadratic())),
		"categorical": must(t)(bayes.NewCategorical(info(2, 2, mlapi.Probability), categorical())),
	}
}

func TestContract(t *testing.T) {
	for name, model := range models(t) {
		mlapitest.Model(t, model,
			mlapitest.SamplesCase{Name: name, Samples: [][]float64{{0, 1}, {1, 0}, {0, 0}}},
			mlapitest.SamplesCase{Name: name, Samples: [][]float64{{0, 1}, {1, math.NaN()}}, Code: "missing_value"},
			mlapitest.SamplesCase{Name: name, Samples: [][]float64{{0, math.Inf(-1)}}, Code: "value_too_large"},
		)
	}
}

// TestNoClassPossible: a value so large that every likelihood is 0 has no answer.
func TestNoClassPossible(t *testing.T) {
	for _, name := range []string{"gaussian", "quadratic"} {
		for _, m := range []*mlapi.Matrix{mlapitest.Matrix(0, 2, 0, 1e200), mlapitest.Sparse(mlapitest.Matrix(0, 2, 0, 1e200))} {
			e := mlapi.AsError(models(t)[name].Predict(context.Background(), new(mlapi.Scores), m))
			if column, _ := e.Column(); e == nil || e.Code != "value_too_large" || column != 1 {
				t.Errorf("%s: error is %v", name, e)
			}
		}
	}
}

func TestPredictStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := models(t)["linear"].Predict(ctx, new(mlapi.Scores), mlapitest.Matrix(0, 2, 1, 1)); err == nil {
		t.Error("not cancelled")
	}
}

func TestBadParametersAreRefused(t *testing.T) {
	nan, low := math.NaN(), math.Inf(-1)
	lin := func(change func(l *bayes.Linear)) error {
		l := linear()
		change(&l)
		_, err := bayes.NewLinear(info(2, 2, mlapi.Probability), l)
		return err
	}
	gauss := func(change func(g *bayes.Gaussian)) error {
		g := bayes.Gaussian{Means: []float64{0, 1, 2, -1}, Variances: []float64{1, 2, 0.5, 3}, Priors: []float64{0.25, 0.75}}
		change(&g)
		_, err := bayes.NewGaussian(info(2, 2, mlapi.Probability), g)
		return err
	}
	quad := func(change func(q *bayes.Quadratic)) error {
		q := quadratic()
		change(&q)
		_, err := bayes.NewQuadratic(info(2, 2, mlapi.Probability), q)
		return err
	}
	cat := func(change func(c *bayes.Categorical)) error {
		c := categorical()
		change(&c)
		_, err := bayes.NewCategorical(info(2, 2, mlapi.Probability), c)
		return err
	}
	described := func(i *mlapi.Info) error { _, err := bayes.NewLinear(i, linear()); return err }
	for name, err := range map[string]error{
		"linear: NaN coefficient":      lin(func(l *bayes.Linear) { l.Coef[0] = nan }),
		"linear: infinite coefficient": lin(func(l *bayes.Linear) { l.Coef[0] = low }),
		"linear: too few coefficients": lin(func(l *bayes.Linear) { l.Coef = l.Coef[:2] }),
		"linear: broken coefficients":  lin(func(l *bayes.Linear) { l.Coef = l.Coef[:3] }),
		"linear: NaN share":            lin(func(l *bayes.Linear) { l.Intercept[0] = nan }),
		"linear: infinite share":       lin(func(l *bayes.Linear) { l.Intercept[0] = math.Inf(1) }),
		"linear: nothing possible":     lin(func(l *bayes.Linear) { l.Intercept = []float64{low, low} }),
		"linear: too few shares":       lin(func(l *bayes.Linear) { l.Intercept = l.Intercept[:1] }),
		"linear: NaN threshold":        lin(func(l *bayes.Linear) { l.Threshold = nan }),
		"gaussian: no variance":        gauss(func(g *bayes.Gaussian) { g.Variances[3] = 0 }),
		"gaussian: NaN mean":           gauss(func(g *bayes.Gaussian) { g.Means[3] = nan }),
		"gaussian: too few variances":  gauss(func(g *bayes.Gaussian) { g.Variances = g.Variances[:2] }),
		"gaussian: negative share":     gauss(func(g *bayes.Gaussian) { g.Priors[0] = -1 }),
		"gaussian: nothing possible":   gauss(func(g *bayes.Gaussian) { g.Priors = []float64{0, 0} }),
		"gaussian: too many shares":    gauss(func(g *bayes.Gaussian) { g.Priors = append(g.Priors, 1) }),
		"quadratic: no variance":       quad(func(q *bayes.Quadratic) { q.Scalings[1][0] = 0 }),
		"quadratic: no axes":           quad(func(q *bayes.Quadratic) { q.Scalings[1] = nil }),
		"quadratic: NaN rotation":      quad(func(q *bayes.Quadratic) { q.Rotations[0][0] = nan }),
		"quadratic: NaN mean":          quad(func(q *bayes.Quadratic) { q.Means[0] = nan }),
		"quadratic: short rotation":    quad(func(q *bayes.Quadratic) { q.Rotations[0] = q.Rotations[0][:2] }),
		"quadratic: one rotation":      quad(func(q *bayes.Quadratic) { q.Rotations = q.Rotations[:1] }),
		"quadratic: one scaling":       quad(func(q *bayes.Quadratic) { q.Scalings = q.Scalings[:1] }),
		"quadratic: too few means":     quad(func(q *bayes.Quadratic) { q.Means = q.Means[:2] }),
		"quadratic: too few shares":    quad(func(q *bayes.Quadratic) { q.Priors = q.Priors[:1] }),
		"categorical: one table":       cat(func(c *bayes.Categorical) { c.Tables = c.Tables[:1] }),
		"categorical: empty table":     cat(func(c *bayes.Categorical) { c.Tables[0] = nil }),
		"categorical: broken table":    cat(func(c *bayes.Categorical) { c.Tables[0] = c.Tables[0][:3] }),
		"categorical: NaN":             cat(func(c *bayes.Categorical) { c.Tables[0][0] = nan }),
		"categorical: too few shares":  cat(func(c *bayes.Categorical) { c.Intercept = nil }),
		"no classes":                   described(info(2, 0, mlapi.Probability)),
		"no features":                  described(info(0, 2, mlapi.Probability)),
		"no scores":                    described(info(2, 2, mlapi.NoScores)),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := lin(func(*bayes.Linear) {}); err != nil {
		t.Error(err)
	}
	if err := gauss(func(*bayes.Gaussian) {}); err != nil {
		t.Error(err)
	}
}

// BenchmarkSparse is a text of 100 words in a model of 100,000 and 20 classes.
func BenchmarkSparse(b *testing.B) {
	const width, classes, words = 100000, 20, 100
	model, err := bayes.NewLinear(info(width, classes, mlapi.Probability), bayes.Linear{Coef: make([]float64, width*classes), Intercept: make([]float64, classes)})
	if err != nil {
		b.Fatal(err)
	}
	m := new(mlapi.Matrix)
	m.ResizeSparse(width)
	for i := range 100 {
		for w := range words {
			m.Append(w*1000+i*7, 1)
		}
		m.EndSample()
	}
	dst := mlapi.Scores{Want: mlapi.WantScores, Info: model.Info()}
	for b.Loop() {
		if err := model.Predict(context.Background(), &dst, m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "rows/s")
}
