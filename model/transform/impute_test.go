package transform_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/mlapitest"
	"example.com/mlapi/model/transform"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var nothing = transform.Missing{Value: math.NaN()}

// adder is a regressor that answers the sum of its features.
type adder struct{ info *mlapi.Info }

func newAdder(features, outputs int) adder {
	return adder{&mlapi.Info{Estimator: "Adder", Task: mlapi.Regressor, Features: make([]mlapi.Feature, features), Outputs: outputs}}
}

func (s adder) Info() *mlapi.Info { return s.info }

func (s adder) Predict(_ context.Context, dst *mlapi.Scores, m *mlapi.Matrix) error {
	dst.Resize(m.Samples(), false, 1)
	for i := range m.Samples() {
		dst.Values[i] = 0
		for _, v := range m.Row(i) {
			dst.Values[i] += v
		}
		if dst.Values[i] > 1000 {
			return mlapi.Cellf("value_too_large", m.Number(i), 0, "it is too large.")
		}
	}
	return nil
}

// firstOf takes the first of the least, in order.
func firstOf(order []int32, values []float64, k int) {
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case values[a] < values[b] || values[b] != values[b] && values[a] == values[a]:
			return -1
		case values[b] < values[a] || values[a] != values[a] && values[b] == values[b]:
			return 1
		}
		return 0
	})
}

func TestImputers(t *testing.T) {
	nan := math.NaN()
	imputer := must[*transform.Imputer](t)
	iterative := must[*transform.Iterative](t)
	donors := must[*transform.Donors](t)
	plain := imputer(transform.NewImputer([]transform.Filling{{Value: 5}, {Value: 6}}, nothing, nil))
	samples := []float64{0, 1, 10, 2, 20, nan, nan, nan} // of two columns
	tests := []struct {
		name     string
		step     transform.Transformer
		width    int
		in, want []float64
	}{
		{"values", plain, 2, []float64{1, nan, nan, 2}, []float64{1, 6, 5, 2}},
		{"a number", imputer(transform.NewImputer([]transform.Filling{{Value: 5}, {Value: 6}}, transform.Missing{Value: -1}, nil)), 2, []float64{-1, 3, 4, -1}, []float64{5, 3, 4, 6}},
		{"a column less", imputer(transform.NewImputer([]transform.Filling{{Drop: true, Value: nan}, {Value: 6}}, nothing, nil)), 2, []float64{1, nan, nan, 2}, []float64{6, 2}},
		{"told", imputer(transform.NewImputer([]transform.Filling{{Drop: true, Value: nan}, {Value: 6}}, nothing, []int32{0, 1})), 2, []float64{1, nan, nan, 2}, []float64{6, 0, 1, 2, 1, 0}},
		{"left missing", imputer(transform.NewImputer([]transform.Filling{{Value: nan}}, nothing, nil)), 1, []float64{nan}, []float64{nan}},
		// The first column becomes twice the second and then the second the first, held
		// below 7: 5, 6 -> 12, 6 -> 12, 7 where both are missing.
		{"guesses", iterative(transform.NewIterative(plain, []transform.Guess{
			{Column: 0, From: []int32{1, 1}, Model: newAdder(2, 1), Low: math.Inf(-1), High: math.Inf(1)},
			{Column: 1, From: []int32{0}, Model: newAdder(1, 1), Low: 0, High: 7},
		}, []int32{1})), 2, []float64{1, 2, nan, 3, -4, nan, nan, nan}, []float64{1, 2, 0, 6, 3, 0, -4, 0, 1, 12, 7, 1}},
		// Without a value of the first column in common the mean of the second is taken.
		{"donors", donors(transform.NewDonors(2, samples, []int32{0, 1}, nothing, 2, false, nil, firstOf)), 2,
			[]float64{9, nan, nan, 1, nan, nan, 3, 4}, []float64{9, 1.5, 5, 1, 10, 1.5, 3, 4}},
		{"donors by distance", donors(transform.NewDonors(2, samples, []int32{0, 1}, nothing, 2, true, []int32{1}, firstOf)), 2,
			[]float64{9, nan, 10, nan, nan, 1}, []float64{9, (2 + 1./9) / (1 + 1./9), 1, 10, 2, 1, 0, 1, 0}},
		{"donors of nothing", donors(transform.NewDonors(2, []float64{1, nan, 2, nan}, []int32{0, 1}, nothing, 1, false, nil, firstOf)), 2,
			[]float64{nan, nan, 2, 8}, []float64{1.5, 0, 2, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := apply(test.step, mlapitest.Matrix(0, test.width, test.in...))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got.Data, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-12, 0)); d != "" {
				t.Error(d)
			}
			if in, out := test.step.Width(); in != test.width || out != got.Width() {
				t.Errorf("it says %d to %d columns and makes %d of %d", in, out, got.Width(), test.width)
			}
			if _, err := apply(test.step, mlapitest.Matrix(0, test.width, append(slices.Repeat([]float64{1}, test.width-1), math.Inf(1))...)); err == nil {
				t.Error("an infinity is accepted")
			}
		})
	}
}

// TestImputedTexts fills in a text that no sample has, and one that a sample has.
func TestImputedTexts(t *testing.T) {
	columns := []transform.Filling{{Text: "none", IsText: true}, {Text: "red", IsText: true}, {Value: 7}}
	step := must[*transform.Imputer](t)(transform.NewImputer(columns, nothing, nil))
	in := mlapitest.Matrix(0, 3, math.NaN(), math.NaN(), math.NaN(), 0, 1, 2, math.NaN(), 0, 1)
	in.Data[3], in.Data[4], in.Data[7] = in.Text([]byte("blue")), in.Text([]byte("red")), in.Text([]byte("blue"))
	got, err := apply(step, in)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range 3 {
		for _, v := range got.Row(i)[:2] {
			texts = append(texts, got.Texts[int(v)])
		}
	}
	if d := cmp.Diff([]string{"none", "red", "blue", "red", "none", "blue"}, texts); d != "" {
		t.Error(d)
	}
	if len(in.Texts) != 2 || got.Row(0)[2] != 7 {
		t.Errorf("the texts of the input are %q and the number is %v", in.Texts, got.Row(0)[2])
	}
	next := []transform.Column{{Kind: transform.Text, Categories: []string{"red"}}, {Kind: transform.Text}, {}}
	if d := cmp.Diff(next, step.Columns(next)); d != "" {
		t.Error(d)
	}
	marked := must[*transform.Imputer](t)(transform.NewImputer(columns[:1], transform.Missing{Text: "?", IsText: true}, []int32{0}))
	in = mlapitest.Matrix(0, 1, 0, 0, math.NaN())
	in.Data[0], in.Data[1] = in.Text([]byte("?")), in.Text([]byte("x"))
	if got, err = apply(marked, in); err != nil {
		t.Fatal(err)
	}
	if got.Texts[int(got.Data[0])] != "none" || got.Data[2] != in.Data[1] || got.Data[1] != 1 || got.Data[3] != 0 || got.Data[4] == got.Data[4] {
		t.Errorf("%v of %q", got.Data, got.Texts)
	}
	if d := cmp.Diff([]string{"a", "?"}, marked.Columns([]transform.Column{{Kind: transform.Text, Categories: []string{"a"}}, {}})[0].Categories); d != "" {
		t.Error(d)
	}
}

func TestIndicator(t *testing.T) {
	step := must[*transform.Indicator](t)(transform.NewIndicator(3, []int32{2, 0}, nothing, true))
	got, err := apply(step, mlapitest.Matrix(0, 3, math.NaN(), 1, 2, 3, 4, math.NaN()))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{0, 1, 1, 0}, got.Data); d != "" {
		t.Error(d)
	}
	if step.Origin(0) != 2 || step.Columns(nil)[1].Kind != transform.Any {
		t.Error("it does not know where its features come from, or what they are")
	}
	_, err = apply(step, mlapitest.Matrix(5, 3, 1, math.NaN(), 2))
	wantPlace(t, err, "missing_value", 5, 1)
	lax := must[*transform.Indicator](t)(transform.NewIndicator(3, []int32{2}, nothing, false))
	if _, err := apply(lax, mlapitest.Matrix(5, 3, 1, math.NaN(), 2)); err != nil {
		t.Error(err)
	}
	zero := must[*transform.Indicator](t)(transform.NewIndicator(1, []int32{0}, transform.Missing{Value: 0}, false))
	_, err = apply(zero, mlapitest.Matrix(0, 1, math.NaN()))
	wantPlace(t, err, "missing_value", 0, 0)
}

// TestIndicatorOfNothing: where in training nothing was missing it makes nothing, but
// still refuses what is missing now; what stands beside it is served.
func TestIndicatorOfNothing(t *testing.T) {
	step := must[*transform.Indicator](t)(transform.NewIndicator(2, nil, nothing, true))
	plain := transform.Passthrough{Features: 2}
	for _, mode := range []transform.Stacking{transform.StackAsGiven, transform.StackSparse} {
		union := must[*transform.Columns](t)(transform.NewColumns(2, []transform.Block{{Transformer: step, Weight: 1}, {Transformer: plain, Weight: 1}}, mode))
		if _, out := union.Width(); out != 2 {
			t.Errorf("%d features are made, want 2", out)
		}
		got, err := apply(union, mlapitest.Matrix(0, 2, 1, 2, 3, 4))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]float64{3, 4}, got.DenseRow(1, make([]float64, 2))); d != "" {
			t.Error(d)
		}
		_, err = apply(union, mlapitest.Matrix(5, 2, 1, math.NaN()))
		wantPlace(t, err, "missing_value", 5, 1)
	}
	if _, err := transform.NewColumns(2, []transform.Block{{Transformer: step, Weight: 1}}, transform.StackAsGiven); err == nil {
		t.Error("parts that make nothing at all are taken")
	}
	if _, err := transform.NewChain(0, []transform.Transformer{step, plain}); err == nil {
		t.Error("a step that makes nothing of what the next one takes is taken")
	}
}

// wantPlace checks that err is an invalid one of a code at a row and column.
func wantPlace(t *testing.T, err error, code string, row, column int) {
	t.Helper()
	var e *mlapi.Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %v", err)
	}
	r, _ := e.Row()
	c, _ := e.Column()
	if e.Code != code || r != row || c != column {
		t.Errorf("%v at row %d, column %d, want %s at %d, %d", err, r, c, code, row, column)
	}
}

func TestImputedSparse(t *testing.T) {
	step := must[*transform.Imputer](t)(transform.NewImputer([]transform.Filling{{Value: 5}, {Value: 6}, {Value: 7}}, nothing, nil))
	in := new(mlapi.Matrix)
	in.ResizeSparse(3)
	in.Append(0, 1)
	in.Append(2, math.NaN())
	in.EndSample()
	got, err := apply(step, in)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{1, 0, 7}, got.DenseRow(0, make([]float64, 3))); d != "" || !got.Sparse() {
		t.Error("sparse:", got.Sparse(), d)
	}
}

// TestGuessOverflow checks that a model's error names the row of the request, not the one
// among those that are filled in.
func TestGuessOverflow(t *testing.T) {
	plain := must[*transform.Imputer](t)(transform.NewImputer([]transform.Filling{{Value: 5}, {Value: 6}}, nothing, nil))
	step := must[*transform.Iterative](t)(transform.NewIterative(plain, []transform.Guess{{Column: 0, From: []int32{1}, Model: newAdder(1, 1)}}, nil))
	_, err := apply(step, mlapitest.Matrix(10, 2, 1, 2, math.NaN(), 1, math.NaN(), 5000))
	wantPlace(t, err, "value_too_large", 12, -1)
}

func TestBadImputers(t *testing.T) {
	plain := must[*transform.Imputer](t)(transform.NewImputer([]transform.Filling{{Value: 5}, {Value: 6}}, nothing, nil))
	telling := must[*transform.Imputer](t)(transform.NewImputer([]transform.Filling{{Value: 5}}, nothing, []int32{0}))
	guess := func(change func(*transform.Guess)) error {
		g := transform.Guess{Column: 0, From: []int32{1}, Model: newAdder(1, 1)}
		change(&g)
		_, err := transform.NewIterative(plain, []transform.Guess{g}, nil)
		return err
	}
	if err := guess(func(*transform.Guess) {}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"no column":           of(transform.NewImputer([]transform.Filling{{Drop: true}}, nothing, nil)),
		"told of another":     of(transform.NewImputer([]transform.Filling{{}}, nothing, []int32{1})),
		"told of nothing":     of(transform.NewIndicator(0, nil, nothing, false)),
		"told of none":        of(transform.NewIndicator(1, []int32{-1}, nothing, false)),
		"no first":            of(transform.NewIterative(nil, nil, nil)),
		"first tells":         of(transform.NewIterative(telling, nil, nil)),
		"guess of another":    of(transform.NewIterative(plain, nil, []int32{2})),
		"no such column":      guess(func(g *transform.Guess) { g.Column = 2 }),
		"a negative column":   guess(func(g *transform.Guess) { g.Column = -1 }),
		"from no column":      guess(func(g *transform.Guess) { g.From = []int32{2} }),
		"no model":            guess(func(g *transform.Guess) { g.Model = nil }),
		"two numbers":         guess(func(g *transform.Guess) { g.Model = newAdder(1, 2) }),
		"another width":       guess(func(g *transform.Guess) { g.Model = newAdder(2, 1) }),
		"no bound":            guess(func(g *transform.Guess) { g.Low = math.NaN() }),
		"no upper bound":      guess(func(g *transform.Guess) { g.High = math.NaN() }),
		"half a donor":        of(transform.NewDonors(2, []float64{1}, []int32{0}, nothing, 1, false, nil, firstOf)),
		"no donors":           of(transform.NewDonors(2, nil, []int32{0}, nothing, 1, false, nil, firstOf)),
		"of no donor":         of(transform.NewDonors(1, []float64{1}, []int32{0}, nothing, 0, false, nil, firstOf)),
		"an infinite donor":   of(transform.NewDonors(1, []float64{math.Inf(1)}, []int32{0}, nothing, 1, false, nil, firstOf)),
		"donors of nothing":   of(transform.NewDonors(1, []float64{1}, nil, nothing, 1, false, nil, firstOf)),
		"donors of another":   of(transform.NewDonors(1, []float64{1}, []int32{1}, nothing, 1, false, nil, firstOf)),
		"donors tell another": of(transform.NewDonors(1, []float64{1}, []int32{0}, nothing, 1, false, []int32{1}, firstOf)),
		"donors of texts":     of(transform.NewDonors(1, []float64{1}, []int32{0}, transform.Missing{IsText: true}, 1, false, nil, firstOf)),
		"no order":            of(transform.NewDonors(1, []float64{1}, []int32{0}, nothing, 1, false, nil, nil)),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
