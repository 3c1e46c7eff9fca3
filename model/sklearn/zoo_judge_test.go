package sklearn_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/preprocess"
)

// zooResult is how a served model compares.
type zooResult struct {
	values  int     // compared
	largest float64 // difference, as difference returns it
}

// tolerance is how far a value may be off, as difference returns it; toleranceSingle
// that of an estimator that computes in float32.
const tolerance, toleranceSingle = 1e-9, 1e-6

// least is the size that a difference is relative to where the value is smaller: what
// cancels out leaves an error of the size of the terms. Of float32 it is 1.
const least = 1e-4

// difference returns how far got is from want, relative to the size of want.
func difference(got, want float64) float64 { return relative(got, want, least) }

// relative is difference with another size for values that are smaller. Missing
// values are equal.
func relative(got, want, floor float64) float64 {
	if got == want || math.IsNaN(got) && math.IsNaN(want) {
		return 0
	}
	d := math.Abs(got-want) / max(math.Abs(want), floor)
	if math.IsNaN(d) {
		return math.Inf(1)
	}
	return d
}

// judge opens a model of a folder and compares all its answers.
func judge(folder string, c *zooCase, tables map[string]zooTable) (zooResult, error) {
	m, err := open(filepath.Join(folder, filepath.Dir(c.name), c.File))
	if err != nil {
		return zooResult{}, err
	}
	j := &zooJudge{c: c, m: m, info: m.Info()}
	if err := j.checkInfo(); err != nil {
		return j.zooResult, err
	}
	for i := range c.Blocks {
		rows, err := c.Blocks[i].rowsOf(tables)
		if err == nil {
			err = j.compare(&c.Blocks[i], rows)
		}
		if err != nil {
			return j.zooResult, fmt.Errorf("rows of %s: %w", c.Blocks[i].Rows, err)
		}
	}
	for i := range c.Refuse {
		rows, err := c.Refuse[i].rowsOf(tables)
		if err != nil {
			return j.zooResult, err
		}
		for k, row := range rows {
			if err := j.refuses(row); err != nil {
				return j.zooResult, fmt.Errorf("row %d of %s: %v: %w", c.Refuse[i].Index[k], c.Refuse[i].Rows, row, err)
			}
		}
	}
	return j.zooResult, nil
}

// zooJudge compares the answers of one model.
type zooJudge struct {
	zooResult
	c    *zooCase
	m    mlapi.Model
	info *mlapi.Info
}

func (j *zooJudge) checkInfo() error {
	if j.info.Estimator != j.c.Estimator {
		return fmt.Errorf("the estimator is %s, want %s", j.info.Estimator, j.c.Estimator)
	}
	if !j.writer() {
		return fmt.Errorf("the writer is %q, want scikit-learn %s or %s", j.info.Writer, j.c.Sklearn, j.c.Library)
	}
	if (j.c.Blocks[0].Transform != nil) != (j.info.Task == mlapi.Transformer) {
		return fmt.Errorf("the task is %v", j.info.Task)
	}
	if err := j.checkFeatures(); err != nil {
		return err
	}
	if j.c.Classes == nil || j.info.Task != mlapi.Classifier {
		return nil
	}
	if len(j.c.Classes) != len(j.info.Classes) {
		return fmt.Errorf("the classes are %v, want %v", j.info.Classes, j.c.Classes)
	}
	for i, want := range j.c.Classes {
		found := same(j.info.Classes[i], want)
		for k := 0; k < len(j.info.Classes) && j.c.Outputs > 1; k++ { // their order is ours
			found = found || same(j.info.Classes[k], want)
		}
		if !found {
			return fmt.Errorf("the classes are %v, want %v", j.info.Classes, j.c.Classes)
		}
	}
	return nil
}

// writer reports whether the model says who wrote it. XGBoost says its version since
// 1.0, LightGBM that of its format: it wrote 3 in its releases 2.3 to 3.3.
func (j *zooJudge) writer() bool {
	name, version, other := strings.Cut(j.c.Library, " ")
	switch {
	case !other:
		return j.info.Writer == "scikit-learn "+j.c.Sklearn
	case name == "LightGBM":
		format := "3"
		if compareVersions(version, "4") >= 0 {
			format = "4"
		}
		return j.info.Writer == name+" "+format
	case compareVersions(version, "1.0") < 0:
		return j.info.Writer == name+" before 1.0"
	}
	return j.info.Writer == j.c.Library
}

// checkFeatures checks the names of the columns, which scikit-learn stores since 1.0.
func (j *zooJudge) checkFeatures() error {
	if len(j.c.Columns) == 0 || compareVersions(j.c.Sklearn, "1.0") < 0 || j.c.Blocks[0].Rows == "records" {
		return nil
	}
	names := make([]string, len(j.info.Features))
	for i, f := range j.info.Features {
		names[i] = f.Name
	}
	if !slices.Equal(names, j.c.Columns) {
		return fmt.Errorf("the features are %q, want %q", names, j.c.Columns)
	}
	return nil
}

// predict asks for the scores of rows, and for the predictions alone, of all and of
// the first row alone: they must be the same.
func (j *zooJudge) predict(rows [][]any) (*mlapi.Scores, error) {
	var m, one mlapi.Matrix
	if err := j.fill(&m, rows); err != nil {
		return nil, err
	}
	scores := &mlapi.Scores{Want: mlapi.WantScores, Info: j.info}
	if err := j.m.Predict(context.Background(), scores, &m); err != nil {
		return nil, err
	}
	alone := &mlapi.Scores{Info: j.info}
	if err := j.m.Predict(context.Background(), alone, &m); err != nil {
		return nil, fmt.Errorf("without scores: %w", err)
	}
	if err := sameAnswers(scores, alone, len(rows)); err != nil {
		return nil, fmt.Errorf("without scores: %w", err)
	}
	alone = &mlapi.Scores{Info: j.info, Want: mlapi.WantScores}
	one.Slice(&m, 0, 1)
	if err := j.m.Predict(context.Background(), alone, &one); err != nil {
		return nil, fmt.Errorf("row 0 alone: %w", err)
	}
	if err := sameAnswers(scores, alone, 1); err != nil {
		return nil, fmt.Errorf("row 0 alone: %w", err)
	}
	return scores, nil
}

// sameAnswers compares the classes of the first n samples, and the values where
// both have them.
func sameAnswers(a, b *mlapi.Scores, n int) error {
	if a.Samples() < n || b.Samples() < n {
		return fmt.Errorf("%d and %d answers for %d rows", a.Samples(), b.Samples(), n)
	}
	for i := range len(b.Class) / b.Samples() * n {
		if a.Class[i] != b.Class[i] {
			return fmt.Errorf("class %d at %d, not %d", b.Class[i], i, a.Class[i])
		}
	}
	if a.Width != b.Width {
		return nil
	}
	for i := range n * a.Width {
		if difference(a.Values[i], b.Values[i]) > 1e-12 {
			return fmt.Errorf("value %v at %d, not %v", b.Values[i], i, a.Values[i])
		}
	}
	return nil
}

func (j *zooJudge) compare(b *zooBlock, rows [][]any) error {
	scores, err := j.predict(rows)
	if err != nil {
		return err
	}
	for i := range rows {
		switch j.info.Task {
		case mlapi.Transformer:
			err = j.row(scores.Row(i), numbers(b.Transform[i]))
		case mlapi.Regressor, mlapi.Scorer:
			err = j.row(scores.Row(i), numbersOf(b.Predict[i]))
		default:
			if err = j.scores(b, i, scores); err == nil {
				err = j.labels(b, i, scores)
			}
		}
		if err != nil {
			return fmt.Errorf("row %d: %v: %w", i, rows[i], err)
		}
	}
	return nil
}

// row compares the values of one row.
func (j *zooJudge) row(got, want []float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d values, want %d", len(got), len(want))
	}
	most, floor := max(tolerance, j.c.tolerance), least
	if j.c.Float32 {
		most, floor = toleranceSingle, 1
	}
	for k := range want {
		d := relative(got[k], want[k], floor)
		if d > most || j.c.Exact && d != 0 {
			return fmt.Errorf("value %d is %v, want %v (difference %.2g)", k, got[k], want[k], d)
		}
		j.values++
		j.largest = max(j.largest, d)
	}
	return nil
}

// scores compares the probabilities or decision values of row i.
func (j *zooJudge) scores(b *zooBlock, i int, s *mlapi.Scores) error {
	switch {
	case b.Proba != nil && j.info.Scores != mlapi.Probability:
		return fmt.Errorf("the scores are %v, want probabilities", j.info.Scores)
	case b.Decision != nil && j.info.Scores != mlapi.Decision && j.info.Scores != mlapi.Anomaly:
		return fmt.Errorf("the scores are %v, want decision values", j.info.Scores)
	case b.Proba != nil:
		want := numbersOf(b.Proba[i])
		if len(want) == 1 && len(j.info.Classes) == 2 {
			want = []float64{1 - want[0], want[0]}
		}
		return j.row(s.Row(i), want)
	case b.Decision != nil:
		return j.row(s.Row(i), numbersOf(b.Decision[i]))
	}
	return nil
}

// labels compares the labels of row i: one per output.
func (j *zooJudge) labels(b *zooBlock, i int, s *mlapi.Scores) error {
	want, ok := b.Predict[i].([]any)
	if !ok {
		want = []any{b.Predict[i]}
	}
	n := len(want)
	if len(s.Class) != s.Samples()*n {
		return fmt.Errorf("%d labels of %d rows with %d outputs", len(s.Class), s.Samples(), n)
	}
	for k, w := range want {
		if got := j.info.Classes[s.Class[i*n+k]]; !same(got, w) {
			return fmt.Errorf("output %d: predicted %v, want %v (scores %v)", k, got, w, s.Row(i))
		}
		j.values++
	}
	return nil
}

// refuses checks that a row, between two others that it stands beside in a request,
// is the caller's fault and named.
func (j *zooJudge) refuses(row []any) error {
	var m mlapi.Matrix
	err := j.fill(&m, [][]any{row})
	if err == nil {
		err = j.m.Predict(context.Background(), &mlapi.Scores{Info: j.info}, &m)
	}
	var e *mlapi.Error
	if !errors.As(err, &e) || e.Kind != mlapi.Invalid {
		return fmt.Errorf("error is %v, want an invalid one", err)
	}
	if at, known := e.Row(); !known || at != 0 {
		return fmt.Errorf("the error %v names row %d (%v), want 0", e, at, known)
	}
	if at, known := e.Column(); known && at >= len(row) {
		return fmt.Errorf("the error %v names column %d of %d", e, at, len(row))
	}
	return nil
}

func numbers(cells []*float64) []float64 {
	out := make([]float64, len(cells))
	for i, v := range cells {
		if out[i] = math.NaN(); v != nil {
			out[i] = *v
		}
	}
	return out
}

// numbersOf returns a number, or a list of them, as a list.
func numbersOf(v any) []float64 {
	switch v := v.(type) {
	case float64:
		return []float64{v}
	case []any:
		out := make([]float64, len(v))
		for i := range v {
			out[i], _ = v[i].(float64)
		}
		return out
	}
	return nil
}

// fill makes the matrix of rows the way the server does, its columns in the order of
// the features: by name where the model says names that the rows have, else by position.
func (j *zooJudge) fill(m *mlapi.Matrix, rows [][]any) error {
	features := j.info.Features
	var sent mlapi.Rows
	sent.Reset(0)
	for _, row := range rows {
		for k := range features {
			from := slices.Index(j.c.Columns, features[k].Name)
			if from < 0 {
				if from = k; len(row) != len(features) {
					return fmt.Errorf("rows of %d cells for %d features", len(row), len(features))
				}
			}
			switch v := row[from].(type) {
			case float64:
				sent.AppendNumber(v)
			case string:
				sent.AppendText([]byte(v))
			default:
				sent.AppendNull()
			}
		}
		if err := sent.EndRow(); err != nil {
			return err
		}
	}
	m.Reset(0)
	return preprocess.NewNumeric(features).Preprocess(context.Background(), m, &sent)
}
